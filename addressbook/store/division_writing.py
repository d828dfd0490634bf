"""Divisions, their lines of succession and their outlines, as an event leaves them; and as they were, taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from addressbook.divisions import level_of, parent_code
from addressbook.divisions.comparing import Comparison
from addressbook.divisions.plan import Change, Plan
from addressbook.store.engine import driver_of
from addressbook.store.statements import statement

_SUPERSEDE = """
    UPDATE division SET until_event = %(event)s
    WHERE code = ANY(%(codes)s::text[]) AND valid_to IS NULL AND until_event IS NULL
"""
_UNTIL_THEN = """
    INSERT INTO division (code, valid_from, valid_to, name, level, parent_code, event_id, made_by)
    SELECT code, valid_from, %(day)s, name, level, parent_code, %(event)s, %(event)s
    FROM division WHERE until_event = %(event)s
"""
_BEGIN = """
    INSERT INTO division (code, valid_from, name, level, parent_code, event_id, made_by)
    SELECT q.code, %(day)s, q.name, q.level, q.parent_code, %(event)s, %(event)s
    FROM unnest(%(codes)s::text[], %(names)s::text[], %(levels)s::text[], %(parents)s::text[])
        AS q (code, name, level, parent_code)
"""
_LINES = """
    INSERT INTO division_lineage (old_code, new_code, event_id, effective, relation, place)
    SELECT q.old, q.new, %(event)s, %(day)s, q.relation, q.place
    FROM unnest(%(olds)s::text[], %(news)s::text[], %(relations)s::text[], %(places)s::int[])
        AS q (old, new, relation, place)
"""
_ROOT = """
    INSERT INTO division_root (code, event_id) VALUES (%(below)s, %(event)s)
    ON CONFLICT (code) DO UPDATE SET event_id = excluded.event_id
"""
_TAKE_BACK = """
    UPDATE division SET until_event = %(by)s WHERE made_by = %(event)s AND until_event IS NULL
"""
_AGAIN = """
    INSERT INTO division (code, valid_from, valid_to, name, level, parent_code, event_id, made_by)
    SELECT code, valid_from, valid_to, name, level, parent_code, %(by)s, made_by
    FROM division WHERE until_event = %(event)s
"""
_UNTOLD = "UPDATE division_lineage SET until_event = %(by)s WHERE event_id = %(event)s AND until_event IS NULL"
_KEEP_OUTLINES = """
    INSERT INTO area_version (code, kind, name, level, parent_code, geom, source_id, until_event)
    SELECT q.code, coalesce(v.kind, 'division'), coalesce(v.name, ''), coalesce(v.level, 'none'), v.parent_code, v.geom,
        coalesce(v.source_id, %(source)s), %(event)s
    FROM unnest(%(codes)s::text[]) AS q (code) LEFT JOIN area v ON v.code = q.code
"""
_NO_OUTLINE = """
    DELETE FROM area v USING area_version k WHERE k.until_event = %(event)s AND k.code = v.code
"""
_OUTLINES_AGAIN = """
    INSERT INTO area (code, kind, name, level, parent_code, geom, source_id)
    SELECT code, kind, name, level, parent_code, geom, source_id FROM area_version
    WHERE until_event = %(event)s AND geom IS NOT NULL
"""
_RELATIONS = {
    Change.RENAMED: "renamed", Change.MERGED: "merged", Change.SPLIT: "split", Change.MOVED: "moved",
}  # fmt: skip


def write_divisions(connection: Connection, plan: Plan, event_id: int) -> None:
    """End what ended, begin what began, and note what became of what."""
    old, new = plan.comparison.old, plan.comparison.new
    ended = [code for code in old if new.get(code) != old[code]]
    begun = [code for code in new if old.get(code) != new[code]]
    driver, at = driver_of(connection), {"event": event_id, "day": plan.effective}
    driver.execute(_SUPERSEDE, {**at, "codes": ended})
    driver.execute(_UNTIL_THEN, at)
    driver.execute(_BEGIN, {**at, **_columns(new, begun)})
    driver.execute(_LINES, {**at, **_line_columns(plan)})
    keep_root(connection, plan.below, event_id)


def begin_divisions(connection: Connection, names: Mapping[str, str], event_id: int, day: Any) -> None:
    """Write divisions as in force since `day`, with nothing before them."""
    values = {"event": event_id, "day": day, **_columns(names, list(names))}
    driver_of(connection).execute(_BEGIN, values)


def keep_root(connection: Connection, below: str, event_id: int) -> None:
    """From now on the divisions below are those of this database."""
    driver_of(connection).execute(_ROOT, {"below": below, "event": event_id})


def _columns(names: Mapping[str, str], codes: Sequence[str]) -> dict[str, list[Any]]:
    return {
        "codes": list(codes), "names": [names[code] for code in codes],
        "levels": [level_of(code).value for code in codes], "parents": [parent_code(code) for code in codes],
    }  # fmt: skip


def _line_columns(plan: Plan) -> dict[str, list[Any]]:
    lines = [
        (entry.old.code, heir.code, _RELATIONS[entry.change], place)
        for entry in plan.entries
        if entry.old is not None and entry.change in _RELATIONS
        for place, heir in enumerate(entry.new)
        if not _goes_on(plan.comparison, entry.old.code, heir.code)
    ]
    olds, news, relations, places = ([line[n] for line in lines] for n in range(4))
    return {"olds": olds, "news": news, "relations": relations, "places": places}


def _goes_on(comparison: Comparison, old: str, heir: str) -> bool:
    """A version that does not end needs no line to itself."""
    return old == heir and comparison.old[old] == comparison.new[old]


def write_outlines(connection: Connection, plan: Plan, outlines: Mapping[str, str], event_id: int, source: int) -> None:
    """The outlines given, and those of divisions that only have another code now; what they replace is kept."""
    new = plan.comparison.new
    moved = {
        entry.new[0].code: entry.old.code
        for entry in plan.entries
        if entry.old is not None and entry.change in (Change.MOVED, Change.RENAMED)
    }
    driver = driver_of(connection)
    given = [code for code in outlines if code in new]
    copied = [code for code in moved if code not in outlines]
    at = {"event": event_id, "source": source}
    driver.execute(_KEEP_OUTLINES, {**at, "codes": [*given, *copied]})
    columns = {**at, **_columns(new, given), "outlines": [outlines[code] for code in given]}
    driver.execute(statement("division_outlines"), columns)
    driver.execute(
        statement("division_outlines_copied"),
        {**at, **_columns(new, copied), "olds": [moved[code] for code in copied]},
    )


def take_back_divisions(connection: Connection, below: str, event_id: int, by_event: int) -> None:
    """What the event ended is in force again, what it began never was; outlines are those of before."""
    driver, at = driver_of(connection), {"event": event_id, "by": by_event}
    for asked in (_TAKE_BACK, _AGAIN, _UNTOLD, _NO_OUTLINE, _OUTLINES_AGAIN):
        driver.execute(asked, at)
    keep_root(connection, below, by_event)
