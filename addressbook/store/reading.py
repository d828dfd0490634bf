"""Reads for the views: a named statement, bound parameters, rows as dictionaries. Nothing here decides who may see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from psycopg.rows import dict_row
from sqlalchemy import Connection

from addressbook.store.engine import driver_of, translated
from addressbook.store.squares import TOP
from addressbook.store.statements import statement
from addressbook.store.steps import Ask, Steps, array, asked, done

Row = dict[str, Any]
EVERY_EVENT = 2**62
LATEST = datetime.max.replace(tzinfo=UTC)
"""Later than anything that is known."""
_KINDS = ("person", "house", "enterprise", "event", "thing")


def read(connection: Connection, name: str, /, **parameters: Any) -> list[Row]:
    """The rows of store/sql/<name>.sql. Raises DatabaseError and its kin."""
    with translated(), driver_of(connection).cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement(name), parameters).fetchall()


def read_one(connection: Connection, name: str, /, **parameters: Any) -> Row | None:
    """The first row, or None."""
    rows = read(connection, name, **parameters)
    return rows[0] if rows else None


class AsOf(NamedTuple):
    """The world on a `day`, as the registry knew it after `event` and at `moment`."""

    day: date
    moment: datetime
    event: int


def as_of(connection: Connection, day: date | None, moment: datetime | None) -> AsOf:
    """That day and that moment; now where either is None."""
    found = read_one(connection, "as_of", day=day, moment=moment) or {}
    return AsOf(**found)


def as_of_asked(day: date | None, moment: datetime | None) -> Steps[AsOf]:
    """The same as steps. With a day alone all that is known counts, and nothing has to be asked for that."""
    if day is not None and moment is None:
        return AsOf(day, LATEST, EVERY_EVENT)
    (found,) = yield Ask(("as_of",), {"day": day, "moment": moment})
    return AsOf(**found)


def address_asked(aid: str, then: AsOf | None = None) -> Ask:
    """The bare record of an address, whatever its state, in one row or none; `then`: as it was."""
    return _at_that_time("address_record", then, aid=aid)


def address_view_asked(
    aid: str, kinds: list[str], limit: int, then: AsOf | None = None, everywhere: Sequence[str] = ()
) -> Ask:  # fmt: skip
    """Everything of an address view but the elements, in one row or none: see store/sql/address_view.sql.

    `everywhere`: those of the kinds that a reader who is bound to areas sees outside them too; none for who is not.
    """
    of_the_time, times = _time(then)
    lineage = "address_lineage_then" if then else "address_lineage_now"
    recent = "address_recent_apart" if everywhere else "address_recent"
    given = {"aid": aid, "kinds": array(kinds), "limit": limit, "everywhere": array(everywhere), **times}
    return Ask((of_the_time, "address_hung", lineage, recent, "address_view"), given)


def elements_asked(keys: dict[str, list[str]]) -> Ask:
    """Elements by key, of all kinds in one statement; `keys` holds a list of keys for each kind."""
    return Ask(("elements_by_key",), {kind: array(keys.get(kind, ())) for kind in _KINDS})


def opened_persons_asked(key_id: int, purpose: str, keys: list[str]) -> Ask:
    """Sealed values of those of these persons that the database lets a key open for a purpose."""
    return Ask(("opened_persons",), {"asker": key_id, "stated": purpose, "wanted": keys})


def read_address(connection: Connection, aid: str) -> Row | None:
    """The bare record of an address, whatever its state."""
    rows = done(connection, asked(address_asked(aid)))
    return rows[0] if rows else None


def read_counts_then(connection: Connection, low: str, high: str, then: AsOf) -> list[Row]:
    """The counts of a range of divisions at that time, recounted, and by division: see store/sql/area_then.sql."""
    return done(connection, asked(_at_that_time("area_then", then, low=low, high=high)))


def _at_that_time(name: str, then: AsOf | None, **parameters: Any) -> Ask:
    """A statement that is put behind standing_now.sql or standing_then.sql."""
    of_the_time, times = _time(then)
    return Ask((of_the_time, name), {**parameters, **times})


def _time(then: AsOf | None) -> tuple[str, dict[str, Any]]:
    return ("standing_then", then._asdict()) if then else ("standing_now", {"day": datetime.now(UTC).date()})


def read_addresses(connection: Connection, **filters: Any) -> list[Row]:
    """A page of addresses, ordered by division and code: see store/sql/address_page.sql."""
    return read(connection, "address_page", **filters)


def read_area(connection: Connection, code: str, *, geometry: bool, then: AsOf | None = None) -> Row | None:
    """An area with its ancestors and successors: a division, with or without boundary, or another area."""
    return read_one(connection, "area_record", code=code, geometry=geometry, **_day_and_event(then))


def read_division_counts(connection: Connection, code: str) -> list[Row]:
    """The roll-ups of a division, summed by kind and each of: located, role, category, month; the others are null."""
    return read(connection, "area_rollup", code=code)


def read_spatial_counts(connection: Connection, code: str | None, outline: bytes | None = None) -> list[Row]:
    """What lies inside an area's boundary, or inside an outline (WKB); what has no point is in none.

    Rows of `counts` are whole squares, as area_tile keeps them; the others count by kind, role, category and month, and
    those of the kind `top` the events at an address, its code in place of a role.
    """
    return read(connection, "area_spatial", code=code, outline=outline, top=TOP)


def read_top_addresses(connection: Connection, low: str, high: str) -> dict[str, int]:
    """Address → events, of those of a range of divisions that have most, the first first."""
    return {row["aid"]: row["events"] for row in read(connection, "top_addresses", low=low, high=high, top=TOP)}


def read_area_children(
    connection: Connection, code: str, *, geometry: bool, then: AsOf | None = None
) -> list[Row]:  # fmt: skip
    """The areas and divisions right below, of that time, each with its counts of today by kind."""
    return read(connection, "area_children", code=code, geometry=geometry, **_day_and_event(then))


def _day_and_event(then: AsOf | None) -> dict[str, Any]:
    """The day, and the newest event that counts."""
    return {"day": then.day, "event": then.event} if then else {"day": datetime.now(UTC).date(), "event": EVERY_EVENT}


def read_unplaced(connection: Connection, low: str, high: str, kinds: list[str], after: int, limit: int) -> list[Row]:
    """Open links that reach only a division of the range, by link id."""
    return read(connection, "unplaced", low=low, high=high, kinds=kinds, after=after, limit=limit)
