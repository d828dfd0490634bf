"""The links that a decision opens, moves or closes, and how they stand again when it is undone."""

from __future__ import annotations

from collections import Counter
from typing import LiteralString

from sqlalchemy import Connection

from addressbook.registry.review import Verdict
from addressbook.store.counting import RollupKey, add_to_rollup
from addressbook.store.engine import driver_of
from addressbook.store.review_rows import Goal
from addressbook.store.statements import statement

_CLOSE = """
    UPDATE link l SET closed_at = (SELECT at FROM registry_event WHERE event_id = %(event)s), closed_event = %(event)s
    FROM review_item i JOIN aid_directory d ON d.aid = i.anchor_aid
    WHERE i.decision_id = %(decision)s AND i.event_id IS NOT NULL AND l.site_id = d.site_id AND l.row_key = i.row_key
        AND i.role IN ('', l.role) AND l.closed_at IS NULL
    RETURNING l.division_code, l.element_kind, l.role, l.category, l.month, (l.aid IS NOT NULL)::int, -1
"""
_UNLINK = """
    UPDATE link l SET closed_at = (SELECT at FROM registry_event WHERE event_id = %(by)s), closed_event = %(by)s
    WHERE l.opened_event = %(event)s AND l.closed_at IS NULL
    RETURNING l.division_code, l.element_kind, l.role, l.category, l.month, (l.aid IS NOT NULL)::int, -1
"""
_KEEPS = frozenset({Verdict.NONE})
"""Of what a registry event asked: the link stays where it was recorded."""


def link_decided(connection: Connection, decision_id: int, event_id: int, goal: Goal) -> None:
    """Open the links that waited, move those that a registry event asked about, and count them."""
    values = {**goal._asdict(), "decision": decision_id, "event": event_id}
    asked = [] if goal.verdict in _KEEPS else [_CLOSE]
    if goal.aid is not None:
        asked.append(statement("review_move_links"))
    if goal.aid is not None or goal.verdict is Verdict.NONE:
        asked.append(statement("review_open_links"))
    _run(connection, asked, values)


def unlink_decided(connection: Connection, event_id: int, by_event: int) -> None:
    """Close the links that a decision opened, and let those stand again that it closed."""
    _run(connection, [_UNLINK, statement("review_reopen_links")], {"event": event_id, "by": by_event})


def _run(connection: Connection, asked: list[LiteralString], values: dict[str, object]) -> None:
    deltas: Counter[RollupKey] = Counter()
    for words in asked:
        for *key, number in driver_of(connection).execute(words, values):
            deltas[RollupKey(*key)] += number
    add_to_rollup(connection, deltas)
