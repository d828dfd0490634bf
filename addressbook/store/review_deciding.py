"""Deciding on the review desk: one judgement settles an item and its twins, as one registry event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from addressbook.errors import NotFoundError, RuleError
from addressbook.identity import printed
from addressbook.match import tree_plan
from addressbook.match.learning import Lesson
from addressbook.model import LEVEL_OF_KIND
from addressbook.parse import Parser
from addressbook.registry import review, rules
from addressbook.registry.events import EventKind
from addressbook.registry.records import AddressRecord
from addressbook.registry.requests import Register
from addressbook.registry.review import Judgement, Scored, Verdict
from addressbook.store.aliases import write_alias
from addressbook.store.engine import driver_of
from addressbook.store.minting import record_event
from addressbook.store.outbox import announce_event
from addressbook.store.registry_reading import SqlRegistryReader
from addressbook.store.review_links import link_decided
from addressbook.store.review_rows import Goal, settle_rows
from addressbook.store.review_rulings import places_today
from addressbook.store.review_tools import Tools
from addressbook.store.transactions import Because, begin, carried_out

_ITEM = """
    SELECT review_id, state, element_kind, role, event_id, received_text, text_key, context, anchor_aid, candidates,
        put_off_until, put_off_by, (SELECT actor FROM review_decision d WHERE d.decision_id = i.decision_id),
        (SELECT min(t.claimed_by) FROM review_item t
            WHERE t.state = 'open' AND t.claimed_by <> '' AND t.claimed_by <> %(actor)s
                AND t.claimed_until > statement_timestamp() AND (
                    t.review_id = i.review_id OR (t.text_key = i.text_key AND t.context = i.context)))
    FROM review_item i WHERE review_id = %(review)s FOR UPDATE
"""
# An item that does not say which link waits has no key of its text either, and is nobody's twin.
_AND_TWINS = """
    state = 'open' AND (review_id = %(review)s
        OR (text_key = %(text_key)s::uuid AND context = %(context)s AND text_key IS NOT NULL))
"""
_PUT_OFF = """
    UPDATE review_item SET put_off_until = coalesce(%(until)s::timestamptz, statement_timestamp()), claimed_by = '',
        claimed_until = NULL, put_off_by = %(decision)s WHERE
"""
_SETTLE = """
    UPDATE review_item SET state = 'settled', settled_at = statement_timestamp(), claimed_by = '',
        claimed_until = NULL, decision_id = %(decision)s WHERE
"""
_DECIDE = """
    INSERT INTO review_decision (review_id, verdict, actor, reason, aid, rank, items, event_id, alias_aid, alias_name,
        put_off_was, put_off_by_was, decided_at)
    VALUES (%(review)s, %(verdict)s, %(actor)s, %(reason)s, %(aid)s, %(rank)s, 0, %(event)s, %(alias_aid)s,
        %(alias_name)s, %(put_off_was)s, %(put_off_by_was)s,
        clock_timestamp())
    RETURNING decision_id
"""
_OTHERWISE = """
    SELECT EXISTS (SELECT FROM review_decision d JOIN review_item i USING (review_id)
        WHERE i.text_key = %s AND d.undone_at IS NULL AND d.verdict <> 'later' AND d.aid IS DISTINCT FROM %s)
"""


class Item(NamedTuple):
    """An item as far as deciding asks; `actor` decided it last, `claimed_by` is another who has it, or a twin of it."""

    review_id: int
    state: str
    element_kind: str
    role: str
    event_id: int | None
    received_text: str
    text_key: UUID | None
    context: str
    anchor_aid: str | None
    candidates: list[dict[str, Any]]
    put_off_until: datetime | None
    put_off_by: int | None
    actor: str | None
    claimed_by: str | None


class Decided(NamedTuple):
    """What a decision came to: how many items it settled, its event, its address, and the alias it taught."""

    decision_id: int
    verdict: Verdict
    items: int
    event_id: int | None
    aid: str | None
    alias: Lesson | None


def decide(
    connection: Connection, review_id: int, judgement: Judgement, because: Because, tools: Tools
) -> Decided:  # fmt: skip
    """Settle an item and its twins, all of it or nothing, in the transaction that the connection is in.

    Raises NotFoundError, CodeError, InputError or RuleError, and then the caller rolls back.
    """
    judgement = judgement.checked()
    begin(connection, because)
    item = open_item(connection, review_id, because.actor)
    if judgement.verdict is Verdict.LATER:
        return _put_off(connection, item, judgement, because)
    need_current(item)
    if judgement.verdict is Verdict.CHOSEN:
        return _choose(connection, item, judgement.aid or "", because, tools)
    if judgement.verdict is Verdict.REGISTERED:
        return _register(connection, item, judgement.register, because, tools)
    event = _event(connection, item, judgement.verdict, None, because)
    return _settled(connection, item, Goal(judgement.verdict), because, event)


def open_item(connection: Connection, review_id: int, actor: str) -> Item:
    """The item, kept from others until the transaction ends. Raises NotFoundError, RuleError (closed, claimed)."""
    row = driver_of(connection).execute(_ITEM, {"review": review_id, "actor": actor}).fetchone()
    if row is None:
        raise NotFoundError(f"there is no review item {review_id}.", zh=f"没有审核项 {review_id}。")
    item = Item(*row)
    if item.state != "open":
        raise review.closed(review_id, item.state, item.actor or "")
    if item.claimed_by is not None:
        raise review.claimed(review_id, item.claimed_by)
    return item


def need_current(item: Item) -> None:
    """Raise RuleError for what an earlier version asked without saying which link it would make."""
    if item.element_kind != "address" and item.event_id is None and not item.role:
        raise review.asked_before(item.review_id)


def suggested(
    connection: Connection, words: str, context: str, anchor_aid: str | None, parser: Parser
) -> Register | None:
    """The one address that the text names and the registry lacks, where it is just one below what is certain."""
    if anchor_aid is None:
        return None
    anchor = SqlRegistryReader(connection).address(anchor_aid)
    plan = tree_plan(parser.parse(words, division=context if context.isdigit() else None))
    return review.suggestion(plan, (anchor.aid, anchor.path)) if anchor.is_live else None


def _choose(connection: Connection, item: Item, aid: str, because: Because, tools: Tools) -> Decided:
    address = SqlRegistryReader(connection).address(aid)
    _need_standing(connection, address)
    lesson = _safe_lesson(connection, item, aid, tools)
    event = _event(connection, item, Verdict.CHOSEN, aid, because)
    if lesson is not None:
        write_alias(connection, lesson, event)
    return _settled(connection, item, _goal(Verdict.CHOSEN, address), because, event, lesson)


def _need_standing(connection: Connection, address: AddressRecord) -> None:
    """Raise RuleError for an address that ended, with what stands there today."""
    if address.is_live:
        return
    today = [place.aid for place in places_today(connection, [address.aid]).values()]
    raise RuleError(
        "live", f"{rules.shown(address)} is {address.state.value}.",
        zh=f"{rules.shown(address)} {rules.STATES_ZH[address.state.value]}。",
        remedy=f"Choose what is there today: {printed(today[0])}." if today else "Look up what followed: /ids/{aid}.",
    )  # fmt: skip


def _register(
    connection: Connection, item: Item, request: Register | None, because: Because, tools: Tools
) -> Decided:  # fmt: skip
    asked = request or suggested(connection, item.received_text, item.context, item.anchor_aid, tools.parser)
    if asked is None:
        raise RuleError(
            "register", f"item {item.review_id} does not tell which one address is to be registered.",
            zh=f"审核项 {item.review_id} 无法确定应登记哪一个地址。",
            remedy="Give kind, name and parent; register what it lies in first.",
        )  # fmt: skip
    done = carried_out(connection, asked, because, tools.parser)
    address = SqlRegistryReader(connection).address(done.created[0])
    return _settled(connection, item, _goal(Verdict.REGISTERED, address), because, done.event_id)


def _goal(verdict: Verdict, address: AddressRecord) -> Goal:
    level = LEVEL_OF_KIND[address.kind].value
    return Goal(
        verdict, address.site_id, address.aid, address.division_code, level, address.coordinate_level.value
    )  # fmt: skip


def _safe_lesson(connection: Connection, item: Item, aid: str, tools: Tools) -> Lesson | None:
    """The alias that the text may become: not where other addresses fit as well, or others decided otherwise."""
    scored = [Scored(candidate["aid"], candidate["score"]) for candidate in item.candidates]
    if not review.stands_alone(scored, aid):
        return None
    found = driver_of(connection).execute(_OTHERWISE, [item.text_key, aid]).fetchone()
    return None if found and found[0] else tools.lesson(connection, aid, item.received_text)


def _event(connection: Connection, item: Item, verdict: Verdict, aid: str | None, because: Because) -> int:
    asked = {"review_id": item.review_id, "verdict": verdict.value, **({"aid": aid} if aid else {})}
    return record_event(
        connection, EventKind.REVIEW, actor=because.actor, reason=because.reason, source_document=because.document,
        batch_id=None, request=asked,
    )  # fmt: skip


def _settled(
    connection: Connection, item: Item, goal: Goal, because: Because, event: int, lesson: Lesson | None = None
) -> Decided:  # fmt: skip
    decision = _recorded(connection, item, goal.verdict, because, aid=goal.aid, event=event, lesson=lesson)
    number = _apply(connection, _SETTLE + _AND_TWINS, item, decision)
    link_decided(connection, decision, event, goal)
    settle_rows(connection, decision, goal)
    announce_event(connection, event)
    return Decided(decision, goal.verdict, number, event, goal.aid, lesson)


def _put_off(connection: Connection, item: Item, judgement: Judgement, because: Because) -> Decided:
    """Behind all that was not put off, or back on a day. Nothing of the registry changes, so it is no event."""
    decision = _recorded(connection, item, Verdict.LATER, because)
    number = _apply(connection, _PUT_OFF + _AND_TWINS, item, decision, until=judgement.until)
    return Decided(decision, Verdict.LATER, number, None, None, None)


def _recorded(
    connection: Connection, item: Item, verdict: Verdict, because: Because, *, aid: str | None = None,
    event: int | None = None, lesson: Lesson | None = None,
) -> int:  # fmt: skip
    codes: Sequence[str] = [candidate["aid"] for candidate in item.candidates]
    values = {
        "review": item.review_id, "verdict": verdict.value, "actor": because.actor, "reason": because.reason,
        "aid": aid, "rank": codes.index(aid) + 1 if aid in codes else None, "event": event,
        "alias_aid": lesson and lesson.aid, "alias_name": lesson and lesson.name, "put_off_was": item.put_off_until,
        "put_off_by_was": item.put_off_by,
    }  # fmt: skip
    return int(driver_of(connection).execute(_DECIDE, values).fetchall()[0][0])


def _apply(connection: Connection, words: Any, item: Item, decision: int, **more: Any) -> int:
    values = {"review": item.review_id, "text_key": item.text_key, "context": item.context, "decision": decision}
    number = driver_of(connection).execute(words, {**values, **more}).rowcount
    driver_of(connection).execute("UPDATE review_decision SET items = %s WHERE decision_id = %s", [number, decision])
    return number
