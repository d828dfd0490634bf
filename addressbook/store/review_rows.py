"""What a decision makes of the rows that it settles, and how they become again what they were."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from addressbook.registry.review import Verdict, refusal
from addressbook.store.engine import driver_of
from addressbook.store.loading import json


class RowState(NamedTuple):
    """How a row ended, and where it is."""

    row_key: UUID
    outcome: str
    reason_code: str
    field: str
    message: str
    site_id: int | None
    aid: str | None
    division_code: str | None


class Settled(NamedTuple):
    """An item as far as its row is concerned; `event_id` where a registry event had asked."""

    row_key: UUID
    element_kind: str
    element_key: UUID | None
    event_id: int | None
    anchor_aid: str | None
    division_code: str | None


class Goal(NamedTuple):
    """Where a decision leads: an address, or for want of one to the division of each item, or nowhere."""

    verdict: Verdict
    site_id: int | None = None
    aid: str | None = None
    division_code: str | None = None
    match_level: str | None = None
    coordinate_level: str | None = None


_ROWS = """
    SELECT row_key, outcome, reason_code, field, message, site_id, aid, division_code, element_key FROM source_row
    WHERE row_key = ANY(%s)
"""
_SETTLED = """
    SELECT row_key, element_kind, element_key, event_id, anchor_aid, division_code FROM review_item
    WHERE decision_id = %s ORDER BY review_id
"""
_WAITING = """
    SELECT DISTINCT ON (row_key) row_key, reason_code FROM review_item
    WHERE row_key = ANY(%s) AND state = 'open' AND event_id IS NULL ORDER BY row_key, review_id
"""
_LINKED = "SELECT row_key FROM link WHERE element_key = ANY(%s) AND row_key = ANY(%s) AND closed_at IS NULL"
_REMEMBER = """
    UPDATE review_item i SET row_was = q.was
    FROM unnest(%s::uuid[], %s::jsonb[]) AS q (row_key, was) WHERE i.decision_id = %s AND i.row_key = q.row_key
"""
_KEPT = """
    SELECT DISTINCT ON (row_key) row_was FROM review_item
    WHERE decision_id = %s AND row_was IS NOT NULL ORDER BY row_key, review_id
"""
_STANDING = """
    SELECT row_key, outcome, reason_code, aid FROM source_row WHERE row_key = ANY(%s) AND gone_at IS NULL
"""
_WRITE = """
    UPDATE source_row r SET outcome = q.outcome, reason_code = q.reason_code, field = q.field, message = q.message,
        site_id = q.site_id, aid = q.aid, division_code = q.division_code
    FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::text[], %s::text[])
        AS q (row_key, outcome, reason_code, field, message, site_id, aid, division_code)
    WHERE r.row_key = q.row_key
"""


def settle_rows(connection: Connection, decision_id: int, goal: Goal) -> None:
    """Let the rows of a decision end as it says, and keep with its items how they were. Its links are stored by now."""
    driver = driver_of(connection)
    items = {row[0]: Settled(*row) for row in driver.execute(_SETTLED, [decision_id])}
    keys = list(items)
    found = driver.execute(_ROWS, [keys]).fetchall()
    elements = [row[-1] for row in found if row[-1]] + [item.element_key for item in items.values() if item.element_key]
    linked = {row[0] for row in driver.execute(_LINKED, [elements, keys])}
    waiting = {row[0]: row[1] for row in driver.execute(_WAITING, [keys])}
    before = [RowState(*row[:-1]) for row in found]
    after = [_ended(row, items[row.row_key], goal, row.row_key in linked, waiting) for row in before]
    kept = [json({"before": one._asdict(), "after": other._asdict()}) for one, other in zip(before, after, strict=True)]
    driver.execute(_REMEMBER, [[row.row_key for row in before], kept, decision_id])
    write_rows(connection, after)


def restore_rows(connection: Connection, decision_id: int) -> None:
    """Let the rows of a decision be what they were before it."""
    kept = _remembered(connection, decision_id)
    write_rows(connection, [RowState(**row["before"]) for row in kept])


def rows_as_left(connection: Connection, decision_id: int) -> bool:
    """Whether no load has changed or ended the rows since; one that found the same text has not."""
    remembered = _remembered(connection, decision_id)
    if any("outdated" in row for row in remembered):
        return False
    left = {UUID(row["after"]["row_key"]): RowState(**row["after"]) for row in remembered}
    found = driver_of(connection).execute(_STANDING, [list(left)]).fetchall()
    return {row[0]: row[1:] for row in found} == {
        key: (row.outcome, row.reason_code, row.aid) for key, row in left.items()
    }


def _remembered(connection: Connection, decision_id: int) -> list[dict[str, Any]]:
    return [row[0] for row in driver_of(connection).execute(_KEPT, [decision_id])]


def write_rows(connection: Connection, rows: Iterable[RowState]) -> None:
    """Store how rows end."""
    columns: Sequence[Any] = [list(column) for column in zip(*rows, strict=True)]
    if columns:
        driver_of(connection).execute(_WRITE, columns)


def _ended(row: RowState, item: Settled, goal: Goal, is_linked: bool, waiting: dict[UUID, str]) -> RowState:
    is_placed = goal.aid is not None if item.element_kind == "address" else is_linked
    if item.event_id is not None:
        moved = goal.aid is not None and row.aid == item.anchor_aid
        row = _placed(row, goal) if moved else row
        return row if is_placed else _refused(row, goal.verdict)
    if is_placed and row.site_id is None:
        row = _placed(row, goal if goal.aid else _division(item))
    if row.row_key in waiting:
        return row._replace(reason_code=waiting[row.row_key])
    if not is_placed:
        return _refused(row, goal.verdict)
    return row._replace(outcome="linked", reason_code="", field="", message="")


def _division(item: Settled) -> Goal:
    code = item.division_code or ""
    return Goal(Verdict.NONE, -int(code) if code else None, None, code or None)


def _placed(row: RowState, goal: Goal) -> RowState:
    return row._replace(site_id=goal.site_id, aid=goal.aid, division_code=goal.division_code)


def _refused(row: RowState, verdict: Verdict) -> RowState:
    fault = refusal(verdict)
    return row._replace(outcome="rejected", reason_code=fault.code, field=fault.field, message=fault.zh)
