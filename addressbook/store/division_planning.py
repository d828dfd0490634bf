"""A plan of division changes: the divisions in force compared with a new list, and counts of what that touches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple

from sqlalchemy import Connection

from addressbook.divisions import level_of, pad
from addressbook.divisions.comparing import Comparison, compare
from addressbook.divisions.listing import Listed, checked_list, checked_successions
from addressbook.divisions.plan import Count, Plan, Settled, entries_of, range_of, touched_codes
from addressbook.errors import NotFoundError, RuleError
from addressbook.store.division_splitting import settle_splits
from addressbook.store.engine import driver_of
from addressbook.store.statements import statement

_IN_FORCE = """
    SELECT code, name FROM division WHERE code >= %(low)s AND code <= %(high)s AND valid_to IS NULL
        AND until_event IS NULL ORDER BY code
"""
_COUNTS = """
    SELECT community_code, coalesce(sum(count) FILTER (WHERE kind = 'address'), 0)::bigint,
        coalesce(sum(count) FILTER (WHERE kind <> 'address'), 0)::bigint
    FROM rollup WHERE community_code >= %(low)s AND community_code <= %(high)s GROUP BY 1
"""
_YOUNGEST = """
    SELECT code, name, valid_from FROM division
    WHERE code >= %(low)s AND code <= %(high)s AND until_event IS NULL AND valid_from >= %(day)s
    ORDER BY valid_from DESC LIMIT 1
"""
_LATER_SLICE = """
    SELECT v.standard_text, v.valid_to FROM address_version v
    WHERE v.is_slice AND v.until_event IS NULL AND v.valid_to > %(day)s AND v.division_code = ANY(%(codes)s::text[])
    LIMIT 1
"""


class Outline(NamedTuple):
    """The new outline of a division: WKT of a MultiPolygon, EPSG:4326."""

    code: str
    wkt: str


@dataclass(frozen=True, slots=True)
class DivisionList:
    """What is handed in: the divisions at and below `below` from `effective` on.

    `successions`: (line, old code, new code), for what the list cannot tell. `outlines` of any of the new divisions
    tell which addresses of a division that is split go where.
    """

    below: str
    effective: date
    rows: Sequence[Listed]
    successions: Sequence[tuple[int, str, str]] = ()
    outlines: Sequence[Outline] = ()


def plan_divisions(connection: Connection, given: DivisionList) -> Plan:
    """What the list comes to; nothing is changed.

    Raises CodeError, FieldError, NotFoundError, or RuleError for a day that is to come, or before an earlier change of
    a division or of an address in one that changes.
    """
    below = pad(given.below)
    old = divisions_in_force(connection, below)
    new = checked_list(given.rows, below, old)
    _need_day(connection, below, given.effective)
    successions = checked_successions(given.successions, old, new)
    shares = _shares(connection, given.outlines) if given.outlines else {}
    comparison = compare(old, new, successions=successions, shares=shares)
    _need_nothing_later(connection, comparison, given.effective)
    return _counted(connection, below, given, comparison)


def divisions_in_force(connection: Connection, below: str) -> dict[str, str]:
    """The divisions of today at and below one, by code. Raises NotFoundError where it is none."""
    found = dict(driver_of(connection).execute(_IN_FORCE, range_of(below)).fetchall())
    if below not in found:
        raise NotFoundError(
            f"no division {below} is in force in this database.", zh=f"数据库中没有现行区划 {below}。",
            remedy="Run `addressbook gazetteer` first, or give another --below.",
        )  # fmt: skip
    return found


def _counted(connection: Connection, below: str, given: DivisionList, comparison: Comparison) -> Plan:
    rows = driver_of(connection).execute(_COUNTS, range_of(below))
    counts = {code: Count(addresses, links) for code, addresses, links in rows}
    split = settle_splits(connection, comparison, dict(given.outlines))
    touched = touched_codes(comparison)
    at = {code: counts.get(code, Count(0, 0)) for code in touched}
    whole = sum(count.addresses for code, count in at.items() if len(touched[code]) == 1)
    total = Count(whole + (split.moving if split else 0), sum(count.links for count in at.values()))
    entries = entries_of(comparison, counts)
    return Plan(below, given.effective, comparison, entries, total, split.numbers if split else Settled(0, 0, 0))


def _need_day(connection: Connection, below: str, day: date) -> None:
    """A change is neither to come nor before what is in force began."""
    if day > datetime.now(UTC).date():
        raise RuleError("future", f"{day} has not come yet.", zh=f"{day} 尚未到来。", remedy="Apply it when it has.")
    row = driver_of(connection).execute(_YOUNGEST, {**range_of(below), "day": day}).fetchone()
    if row is not None:
        code, name, began = row
        raise RuleError(
            "before_birth", f"{name} ({code}) is what it is only since {began}; {day} is not later.",
            zh=f"{name}（{code}）的现状始于 {began}，生效日期 {day} 不晚于它。",
            remedy="Give a later date, or revert the earlier change first.",
        )  # fmt: skip


def _need_nothing_later(connection: Connection, comparison: Comparison, day: date) -> None:
    """What an address was between that day and a later change would have to be told anew."""
    values = {"day": day, "codes": list(touched_codes(comparison))}
    row = driver_of(connection).execute(_LATER_SLICE, values).fetchone()
    if row is not None:
        raise RuleError(
            "before_birth", f"{row[0]} was changed as of {row[1]}, after {day}.",
            zh=f"{row[0]} 已登记自 {row[1]} 起的变更，晚于 {day}。",
            remedy="Give a later date, or revert the earlier change first.",
        )  # fmt: skip


def _shares(connection: Connection, outlines: Sequence[Outline]) -> Mapping[str, Mapping[str, float]]:
    """Old code → new code → the part of the old outline that the new one covers."""
    values = {
        "codes": [outline.code for outline in outlines],
        "levels": [level_of(outline.code).value for outline in outlines],
        "outlines": [outline.wkt for outline in outlines],
    }
    found: dict[str, dict[str, float]] = {}
    for old, new, share in driver_of(connection).execute(statement("division_shares"), values):
        found.setdefault(old, {})[new] = share
    return found
