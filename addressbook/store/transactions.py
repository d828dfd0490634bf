"""Registry transactions: one request, one database transaction, one registry event."""

from __future__ import annotations

import unicodedata
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Connection

from addressbook import identity
from addressbook.errors import InputError, RuleError
from addressbook.masking import mask_numbers
from addressbook.match import tree_plan
from addressbook.model import AddressKind
from addressbook.parse import Parser
from addressbook.registry.drafting import Draft, Tokens
from addressbook.registry.events import EventKind
from addressbook.registry.planning import plan
from addressbook.registry.records import Changes
from addressbook.registry.requests import Request, with_codes_read
from addressbook.store.batches import lock_links, lock_minting, source_of
from addressbook.store.division_reverting import below_of, take_back_change
from addressbook.store.engine import driver_of, write_through
from addressbook.store.gazetteer import gazetteer_of
from addressbook.store.minting import record_event, taken_codes
from addressbook.store.outbox import announce_event
from addressbook.store.registry_reading import SqlRegistryReader
from addressbook.store.registry_reverting import need_revertible, planned, take_back
from addressbook.store.registry_writing import write
from addressbook.store.said_reverting import Said, said_by, take_back_said

SOURCE = "registry"


@dataclass(frozen=True, slots=True)
class Because:
    """Who decided it, why, and on what document; all kept with the event.

    Numbers of persons that somebody wrote into a reason are masked at once: everybody who sees the address reads it.
    """

    actor: str
    reason: str
    document: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "reason", mask_numbers(self.reason))


class Transacted(NamedTuple):
    """What a transaction came to: its event, and the codes it made and changed."""

    event_id: int
    created: list[str]
    changed: list[str]
    questions: int


def transact(connection: Connection, request: Request, because: Because, parser: Parser) -> Transacted:
    """Do what is asked, all of it or none, in the transaction that the connection is in.

    Transactions wait for one another and for the loads that mint or link, so none works on what another changes.
    Raises CodeError, NotFoundError, RuleError or InputError, and then the caller rolls back.
    """
    done = carried_out(connection, request, because, parser)
    announce_event(connection, done.event_id)
    return done


def carried_out(connection: Connection, request: Request, because: Because, parser: Parser) -> Transacted:
    """As `transact`, as a part of something larger, which tells of the event when all of it is done."""
    request = with_codes_read(request)
    source_id = begin(connection, because)
    draft = Draft(
        SqlRegistryReader(connection), gazetteer_of(connection), partial(_minted, connection), partial(_read, parser),
        source_id, datetime.now(UTC).date(),
    )  # fmt: skip
    changes = plan(request, draft)
    event = recorded(connection, request.EVENT, because, effective=changes.effective, request=_as_data(request))
    write(connection, changes, event, source_id)
    return _told(event, changes)


def revert(connection: Connection, event_id: int, because: Because) -> Transacted:
    """Take an event back: addresses, links and texts are what they were before it. Codes it made become void.

    Raises NotFoundError, or RuleError where a later event or load builds on it, or where the review desk has to.
    """
    _need_no_decision(connection, event_id)
    return taken_back(connection, event_id, because)


def taken_back(connection: Connection, event_id: int, because: Because) -> Transacted:
    """The same of an event that is, or is not, a decision of the review desk, which sees to its items itself."""
    source_id = begin(connection, because)
    if (below := below_of(connection, event_id)) is not None:
        need_revertible(connection, event_id)
        event = recorded(connection, EventKind.REVERT, because, request={"event_id": event_id}, reverts=event_id)
        changed = take_back_change(connection, below, event_id, event)
        announce_event(connection, event)
        return Transacted(event, [], changed, 0)
    if (said := said_by(connection, event_id)) is not None:
        return _taken_back_said(connection, said, event_id, because)
    changes = planned(connection, event_id)
    event = recorded(connection, EventKind.REVERT, because, request={"event_id": event_id}, reverts=event_id)
    write(connection, changes, event, source_id)
    take_back(connection, event_id, event)
    announce_event(connection, event)
    return _told(event, changes)


def _taken_back_said(connection: Connection, said: Said, event_id: int, because: Because) -> Transacted:
    """The same of what was said of an address: whoever is told of the address is told what was taken back."""
    need_revertible(connection, event_id)
    request = {**said.request, "event_id": event_id}
    event = recorded(connection, EventKind.REVERT, because, request=request, reverts=event_id)
    take_back_said(connection, said, event_id, event, because.actor)
    announce_event(connection, event)
    return Transacted(event, [], [], 0)


def begin(connection: Connection, because: Because) -> int:
    """Wait until nobody mints or links; returns the source of what transactions make. Raises InputError."""
    if not because.actor.strip() or not because.reason.strip():
        raise InputError("a transaction needs an actor and a reason.", zh="登记操作须注明经办人和理由。")
    for words in (because.actor, because.reason, because.document):
        if any(unicodedata.category(character) == "Cc" and character not in "\t\n\r" for character in words):
            raise InputError(
                "actor, reason and document are text without control characters.",
                zh="经办人、理由和文件不能含有控制字符。",
            )
    write_through(connection)
    lock_minting(connection)
    lock_links(connection)
    return source_of(connection, SOURCE, "addresses")


def _need_no_decision(connection: Connection, event_id: int) -> None:
    found = driver_of(connection).execute(
        "SELECT decision_id FROM review_decision WHERE event_id = %s AND undone_at IS NULL", [event_id]
    )
    decision = found.fetchone()
    if decision is not None:
        raise RuleError(
            "desk", f"event {event_id} is decision {decision[0]} of the review desk.",
            zh=f"事件 {event_id} 是审核台的第 {decision[0]} 号决定。",
            remedy="Undo it there: `addressbook review undo`.",
        )  # fmt: skip


def recorded(connection: Connection, kind: EventKind, because: Because, **more: Any) -> int:
    """The event of a transaction."""
    return record_event(
        connection, kind, actor=because.actor, reason=because.reason, source_document=because.document, batch_id=None,
        **more,
    )  # fmt: skip


def _minted(connection: Connection, kind: AddressKind) -> str:
    while True:
        code = identity.mint(kind)
        if not taken_codes(connection, [code]):
            return code


def _read(parser: Parser, words: str) -> Tokens:
    """The names and numbers that a text has."""
    found = tree_plan(parser.parse(words))
    if found is None:
        return frozenset()
    named = [
        (found.place_kind, found.place),
        (AddressKind.STREET, found.road),
        (AddressKind.DOOR_PLATE, found.plate_no),
    ]
    return frozenset((kind, value) for kind, value in (*named, *found.tail) if value)


def _as_data(request: Request) -> dict[str, Any]:
    """The request as JSON, without what was left out."""
    given = {name: value for name, value in asdict(request).items() if value is not None}
    return {name: str(value) if name == "effective" else value for name, value in given.items()}


def _told(event_id: int, changes: Changes) -> Transacted:
    made, changed = [record.aid for record in changes.created], list(changes.after)
    return Transacted(event_id, made, changed, len(changes.questions))
