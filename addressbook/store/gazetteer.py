"""The gazetteer as a registry has it: the shipped one, with the divisions that its own events have changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection

from addressbook.divisions import Gazetteer, KeptDivisions, Line, code_range, pad, significant
from addressbook.errors import CodeError, NotFoundError
from addressbook.model import Division, Level
from addressbook.store.engine import driver_of
from addressbook.store.reading import read_area
from addressbook.store.statements import statement

UNDATED = date(1, 1, 1)
_ROOTS = "SELECT code FROM division_root ORDER BY code"
_NEWEST = "SELECT coalesce(max(event_id), 0) FROM division_root"
_LINES = "SELECT old_code, new_code, effective FROM division_lineage WHERE until_event IS NULL ORDER BY 1, 3, place, 2"
_LEVELS = {level.value: level for level in Level}


def gazetteer_of(connection: Connection) -> Gazetteer:
    """The divisions of today, with every name that the registry knows them by. Raises DatabaseError and its kin."""
    return Gazetteer.keeping(kept_divisions(connection))


def kept_divisions(connection: Connection) -> KeptDivisions:
    """What the registry keeps of divisions in place of the shipped gazetteer; nothing where none was ever changed."""
    driver = driver_of(connection)
    roots = tuple(row[0] for row in driver.execute(_ROOTS))
    if not roots:
        return KeptDivisions((), (), ())
    versions = tuple(
        Division(code, name, _LEVELS[level], parent, None if began == UNDATED else began, ended)
        for code, name, level, parent, began, ended in driver.execute(statement("kept_divisions"), root_ranges(roots))
    )
    return KeptDivisions(roots, versions, tuple(Line(*row) for row in driver.execute(_LINES)))


def root_ranges(roots: Sequence[str]) -> dict[str, list[str]]:
    """The codes at and below some divisions, as the parameters of a statement."""
    ranges = [code_range(root) for root in roots]
    return {"lows": [low for low, _ in ranges], "highs": [high for _, high in ranges]}


def need_division(connection: Connection, code: str) -> str:
    """The 12 digits of a division that is in force or was, by 2, 4, 6, 9 or 12 digits.

    Raises CodeError for what is no code, NotFoundError for one that the registry and the gazetteer do not know.
    """
    full = pad(code)
    if gazetteer_of(connection).get(full) is None:
        found = read_area(connection, full, geometry=False)
        if found is None or found["kind"] != "division":
            remedy = what_became(connection, full) or "Give the code of a division, e.g. 330109."
            shown = significant(full)
            raise NotFoundError(f"there is no division {shown}.", zh=f"没有代码为{shown}的行政区划。", remedy=remedy)
    return full


def what_became(connection: Connection, code: str) -> str:
    """What became of a division that ended before the registry began, as far as the gazetteer knows; "" of others."""
    try:
        heirs = gazetteer_of(connection).successors(code)
    except CodeError:
        heirs = []
    told = "、".join(f"{heir.name} {heir.code}" for heir in heirs)
    return f"It ended; what lay in it lies in {told}." if told else ""


def newest_division_event(connection: Connection) -> int:
    """The newest event that changed divisions; a gazetteer made before it is out of date."""
    found = driver_of(connection).execute(_NEWEST).fetchone()
    return int(found[0]) if found else 0
