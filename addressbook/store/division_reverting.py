"""Taking a change of divisions back: set by set, as it was done."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import Connection

from addressbook.divisions import code_range, level_of, significant
from addressbook.errors import RuleError
from addressbook.model import Level
from addressbook.store.counting import RollupKey, add_to_rollup
from addressbook.store.division_rezoning import CHUNK, division_deltas, keep_rows, return_reviews
from addressbook.store.division_writing import take_back_divisions
from addressbook.store.engine import driver_of, take_your_time
from addressbook.store.registry_links import rezone_links
from addressbook.store.registry_reverting import built_on
from addressbook.store.registry_writing import UNDATED, keep_versions
from addressbook.store.statements import statement

_BELOW = "SELECT request ->> 'below' FROM registry_event WHERE event_id = %s AND kind = 'divisions'"
_LATER = """
    SELECT e.event_id, e.request ->> 'below' FROM registry_event e
    WHERE e.event_id > %(event)s AND e.kind IN ('divisions', 'divisions_begin')
        AND NOT EXISTS (SELECT FROM registry_event r WHERE r.reverts = e.event_id)
"""
_CHANGED_LATER = """
    SELECT coalesce(a.state_event_id, a.event_id), a.standard_text FROM address_version v
    JOIN address a ON a.site_id = v.site_id AND a.aid = v.aid
    WHERE v.until_event = %(event)s AND NOT v.is_slice AND coalesce(a.state_event_id, a.event_id) <> %(event)s
    LIMIT 1
"""
_BORN_LATER = """
    SELECT coalesce(a.state_event_id, a.event_id), a.standard_text
    FROM unnest(%(lows)s::text[], %(highs)s::text[]) AS begun (low, high)
    JOIN address a ON a.division_code >= begun.low COLLATE "C" AND a.division_code <= begun.high COLLATE "C"
    WHERE coalesce(a.state_event_id, a.event_id) > %(event)s AND a.state IN ('provisional', 'current')
    LIMIT 1
"""
_LINKED_LATER = """
    SELECT l.received_text FROM link l
    WHERE l.site_id = ANY(%(sites)s::bigint[]) AND l.aid IS NULL AND l.closed_at IS NULL
        AND l.opened_event IS DISTINCT FROM %(event)s
    LIMIT 1
"""
_ASKED_LATER = """
    SELECT i.received_text FROM review_item i
    WHERE i.state <> 'withdrawn' AND i.division_code = ANY(%(new)s::text[]) AND NOT EXISTS (
        SELECT FROM review_division k WHERE k.event_id = %(event)s AND k.review_id = i.review_id)
    LIMIT 1
"""
_BEGUN = "SELECT code FROM division WHERE made_by = %(event)s AND valid_to IS NULL AND until_event IS NULL"
_ENDED = "SELECT code FROM division WHERE until_event = %(event)s"
_CHANGED = "SELECT aid FROM address_version WHERE until_event = %(event)s AND NOT is_slice"
_SLICES = (
    "UPDATE address_version SET until_event = %(by)s WHERE event_id = %(event)s AND is_slice AND until_event IS NULL"
)
_CLOSE = """
    UPDATE link l SET closed_at = (SELECT at FROM registry_event WHERE event_id = %(by)s), closed_event = %(by)s
    WHERE l.opened_event = %(event)s AND l.aid IS NULL AND l.closed_at IS NULL
    RETURNING l.division_code, l.element_kind, l.role, l.category, l.month, -1
"""


def below_of(connection: Connection, event_id: int) -> str | None:
    """The division at and below which that event changed divisions; None where it did something else."""
    found = driver_of(connection).execute(_BELOW, [event_id]).fetchone()
    return str(found[0]) if found else None


def take_back_change(connection: Connection, below: str, event_id: int, by_event: int) -> list[str]:
    """Divisions, addresses, links and counts are what they were; returns the addresses that this changed.

    Raises RuleError where something later builds on it.
    """
    driver, at = driver_of(connection), {"event": event_id, "by": by_event}
    take_your_time(connection)
    _need_nothing_later(connection, below, event_id)
    aids = [row[0] for row in driver.execute(_CHANGED, at)]
    deltas: Counter[RollupKey] = Counter()
    for start in range(0, len(aids), CHUNK):
        deltas.update(_restore(connection, aids[start : start + CHUNK], at))
    driver.execute(_SLICES, at)
    rows = [*driver.execute(_CLOSE, at)]
    opened = [*driver.execute(statement("division_links_back"), at)]
    keep_rows(connection, opened)
    deltas.update(division_deltas([*rows, *(row[:6] for row in opened)]))
    return_reviews(connection, event_id)
    add_to_rollup(connection, deltas)
    take_back_divisions(connection, below, event_id, by_event)
    return aids


def _restore(connection: Connection, aids: list[str], at: dict[str, int]) -> Counter[RollupKey]:
    driver = driver_of(connection)
    keep_versions(connection, aids, at["by"], None)
    deltas: Counter[RollupKey] = Counter()
    codes: dict[str, str] = {}
    for aid, kind, before, after in driver.execute(statement("division_restore"), {**at, "aids": aids}):
        deltas[RollupKey(after, "address", "", kind, UNDATED, 1)] -= 1
        deltas[RollupKey(before, "address", "", kind, UNDATED, 1)] += 1
        if before != after:
            codes[aid] = before
    deltas.update(rezone_links(connection, codes))
    return deltas


def _need_nothing_later(connection: Connection, below: str, event_id: int) -> None:
    driver = driver_of(connection)
    values: dict[str, Any] = {"event": event_id}
    for later, other in driver.execute(_LATER, values):
        if significant(below).startswith(significant(other)) or significant(other).startswith(significant(below)):
            raise built_on(later, "区划变更 a change of divisions")
    ended = {row[0] for row in driver.execute(_ENDED, values)}
    begun = [row[0] for row in driver.execute(_BEGUN, values)]
    new = [code for code in begun if code not in ended]
    # The text of an address has the name of its town, not that of its community.
    said = [code for code in begun if code not in ended or level_of(code) is not Level.COMMUNITY]
    ranges = [code_range(code) for code in said]
    values |= {"lows": [low for low, _ in ranges], "highs": [high for _, high in ranges]}
    values |= {"sites": [-int(code) for code in new]}
    for asked in (_CHANGED_LATER, _BORN_LATER):
        found = driver.execute(asked, values).fetchone()
        if found is not None:
            raise built_on(*found)
    values |= {"new": new}
    for asked in (_LINKED_LATER, _ASKED_LATER):
        if driver.execute(asked, values).fetchone() is not None:
            raise RuleError(
                "linked", "a later load has linked to, or asked about, what lies in a division that the event made.",
                zh="之后载入的数据已关联到该事件新设的区划，或有其中的待审记录。",
            )  # fmt: skip
