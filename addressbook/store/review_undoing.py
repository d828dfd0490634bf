"""Undoing a decision of the review desk: items, rows, links, counts and texts are what they were before it."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

from addressbook.errors import NotFoundError, RuleError
from addressbook.registry.events import EventKind
from addressbook.registry.review import Verdict, built_on
from addressbook.store.aliases import AliasKey, links_made
from addressbook.store.engine import driver_of
from addressbook.store.minting import record_event
from addressbook.store.outbox import announce_event
from addressbook.store.registry_names import end_aliases
from addressbook.store.review_links import unlink_decided
from addressbook.store.review_rows import restore_rows, rows_as_left
from addressbook.store.transactions import Because, begin, taken_back

_DECISION = """
    SELECT decision_id, verdict, event_id, alias_aid, alias_name, undone_by FROM review_decision
    WHERE decision_id = %s FOR UPDATE
"""
# One that a transaction had moved, and that was given back when this was reverted, stands as the decision left it.
_MOVED_ON = """
    SELECT count(*) FROM (
        SELECT FROM link WHERE opened_event = %s GROUP BY row_key, role HAVING count(*) = count(closed_at)) AS moved
"""
_ASKED_AGAIN = """
    SELECT o.review_id FROM review_item i JOIN review_item o ON o.row_key = i.row_key AND o.review_id <> i.review_id
    WHERE i.decision_id = %(decision)s AND (
        (o.state = 'open' AND o.role = i.role) OR (o.state = 'settled' AND o.decision_id > %(decision)s))
    LIMIT 1
"""
_REOPEN = """
    UPDATE review_item SET state = 'open', settled_at = NULL, decision_id = NULL, row_was = NULL
    WHERE decision_id = %s AND state = 'settled'
"""
_PUT_BACK = """
    UPDATE review_item i SET put_off_until = d.put_off_was, put_off_by = d.put_off_by_was FROM review_decision d
    WHERE d.decision_id = %s AND i.put_off_by = d.decision_id
"""
_PUT_OFF_AGAIN = """
    SELECT i.put_off_by FROM review_decision d JOIN review_item i USING (review_id)
    WHERE d.decision_id = %s AND i.put_off_by > d.decision_id
"""
_UNDONE = """
    UPDATE review_decision SET undone_at = clock_timestamp(), undone_by = %s, undone_event = %s WHERE decision_id = %s
"""
_IN_FORCE = """
    SELECT l.site_id FROM address_alias l JOIN aid_directory d ON d.aid = l.aid AND d.site_id = l.site_id
    WHERE d.aid = %s AND l.name = %s AND l.event_id = %s AND l.valid_to IS NULL
"""


# What followed an address that ended has its other texts too.
_PASSED_ON = "SELECT event_id FROM address_succession WHERE aid = %s AND until_event IS NULL ORDER BY event_id LIMIT 1"


class Undone(NamedTuple):
    """What undoing came to: how many items are open again, and the event that keeps it."""

    decision_id: int
    items: int
    event_id: int | None


class _Decision(NamedTuple):
    decision_id: int
    verdict: Verdict
    event_id: int | None
    alias_aid: str | None
    alias_name: str | None
    undone_by: str | None


def undo(connection: Connection, decision_id: int, because: Because) -> Undone:
    """Undo a decision, all of it or nothing. Codes that it made become void; an alias that it taught ends.

    Raises NotFoundError, or RuleError where it was undone already or something later builds on it.
    """
    begin(connection, because)
    decision = _standing(connection, decision_id)
    event = None
    if decision.verdict is Verdict.LATER:
        _need_last_put_off(connection, decision_id)
    else:
        _need_newest(connection, decision)
        event = _take_back(connection, decision, because)
        restore_rows(connection, decision_id)
    reopened = driver_of(connection).execute(_PUT_BACK if event is None else _REOPEN, [decision_id]).rowcount
    driver_of(connection).execute(_UNDONE, [because.actor, event, decision_id])
    if event is not None and decision.verdict is not Verdict.REGISTERED:
        announce_event(connection, event)
    return Undone(decision_id, reopened, event)


def _standing(connection: Connection, decision_id: int) -> _Decision:
    row = driver_of(connection).execute(_DECISION, [decision_id]).fetchone()
    if row is None:
        raise NotFoundError(f"there is no decision {decision_id}.", zh=f"没有第 {decision_id} 号决定。")
    decision = _Decision(*row)._replace(verdict=Verdict(row[1]))
    if decision.undone_by is not None:
        raise RuleError(
            "undone", f"{decision.undone_by} undid decision {decision_id} already.",
            zh=f"第 {decision_id} 号决定已由 {decision.undone_by} 撤销。",
        )  # fmt: skip
    return decision


def _need_last_put_off(connection: Connection, decision_id: int) -> None:
    found = driver_of(connection).execute(_PUT_OFF_AGAIN, [decision_id]).fetchone()
    if found is not None:
        raise built_on(decision_id, f"decision {found[0]} put it off again", f"第 {found[0]} 号决定又将其缓办")


def _need_newest(connection: Connection, decision: _Decision) -> None:
    """Raise RuleError where a load, a transaction or another decision has gone on from what was decided."""
    driver, number = driver_of(connection), decision.decision_id
    if driver.execute(_MOVED_ON, [decision.event_id]).fetchall()[0][0]:
        raise built_on(number, "a later load or transaction has moved a link of it", "之后的载入或登记操作已变更其关联")
    again = driver.execute(_ASKED_AGAIN, {"decision": number}).fetchone()
    if again is not None:
        raise built_on(
            number, f"item {again[0]} of the same row came later", f"同一行之后又有审核项 {again[0]}",
            "Undo what was decided of that one first.",
        )  # fmt: skip
    if not rows_as_left(connection, number):
        raise built_on(number, "a later load has changed or ended a row of it", "之后的载入已变更或关闭其中的行")
    _need_alias_unused(connection, decision)


def _need_alias_unused(connection: Connection, decision: _Decision) -> None:
    aid, name = decision.alias_aid or "", decision.alias_name or ""
    alias = driver_of(connection).execute(_IN_FORCE, [aid, name, decision.event_id]).fetchone()
    if alias is None:
        return
    passed_on = driver_of(connection).execute(_PASSED_ON, [aid]).fetchone()
    if passed_on is not None:
        event = passed_on[0]
        raise built_on(
            decision.decision_id, f"event {event} has passed the alias {name} on",
            f"事件 {event} 已将别名“{name}”转给后继地址", f"Revert event {event} first.",
        )  # fmt: skip
    (made,) = links_made(connection, [AliasKey(alias[0], aid, name)], 1)
    if made.total:
        raise built_on(
            decision.decision_id, f"loads have made {made.total} links by the alias {name}",
            f"之后的载入已凭别名“{name}”建立 {made.total} 条关联",
            "Withdraw that alias first (`addressbook alias withdraw`): it lists them.",
        )  # fmt: skip


def _take_back(connection: Connection, decision: _Decision, because: Because) -> int:
    event = decision.event_id or 0
    if decision.verdict is Verdict.REGISTERED:
        return taken_back(connection, event, because).event_id
    by_event = record_event(
        connection, EventKind.REVERT, actor=because.actor, reason=because.reason, source_document=because.document,
        batch_id=None, request={"event_id": event}, reverts=event,
    )  # fmt: skip
    unlink_decided(connection, event, by_event)
    end_aliases(connection, event, by_event)
    return by_event
