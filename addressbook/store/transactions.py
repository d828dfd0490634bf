"""Registry transactions: one request, one database transaction, one registry event."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Connection

from addressbook import identity
from addressbook.divisions import Gazetteer
from addressbook.errors import InputError
from addressbook.match import tree_plan
from addressbook.model import AddressKind
from addressbook.parse import Parser
from addressbook.registry.drafting import Draft, Tokens
from addressbook.registry.planning import plan
from addressbook.registry.records import Changes
from addressbook.registry.requests import Request, with_codes_read
from addressbook.store.batches import lock_links, lock_minting, source_of
from addressbook.store.engine import write_through
from addressbook.store.minting import record_event, taken_codes
from addressbook.store.outbox import announce_event
from addressbook.store.registry_reading import SqlRegistryReader
from addressbook.store.registry_reverting import planned, take_back
from addressbook.store.registry_writing import write

SOURCE = "registry"


@dataclass(frozen=True, slots=True)
class Because:
    """Who decided it, why, and on what document; all kept with the event."""

    actor: str
    reason: str
    document: str = ""


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
    request = with_codes_read(request)
    source_id = _begin(connection, because)
    draft = Draft(
        SqlRegistryReader(connection), Gazetteer.shipped(), partial(_minted, connection), partial(_read, parser),
        source_id, datetime.now(UTC).date(),
    )  # fmt: skip
    changes = plan(request, draft)
    event = _recorded(connection, request.EVENT, because, effective=changes.effective, request=_as_data(request))
    write(connection, changes, event, source_id)
    announce_event(connection, event)
    return _told(event, changes)


def revert(connection: Connection, event_id: int, because: Because) -> Transacted:
    """Take an event back: addresses, links and texts are what they were before it. Codes it made become void.

    Raises NotFoundError, or RuleError where a later event or load builds on it.
    """
    source_id = _begin(connection, because)
    changes = planned(connection, event_id)
    event = _recorded(connection, "revert", because, request={"event_id": event_id}, reverts=event_id)
    write(connection, changes, event, source_id)
    take_back(connection, event_id, event)
    announce_event(connection, event)
    return _told(event, changes)


def _begin(connection: Connection, because: Because) -> int:
    if not because.actor.strip() or not because.reason.strip():
        raise InputError("a transaction needs an actor and a reason.", zh="登记操作须注明经办人和理由。")
    write_through(connection)
    lock_minting(connection)
    lock_links(connection)
    return source_of(connection, SOURCE, "addresses")


def _recorded(connection: Connection, kind: str, because: Because, **more: Any) -> int:
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
