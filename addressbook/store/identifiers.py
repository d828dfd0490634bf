"""The dated bridge between codes of ours and codes of others: given, ended, looked up both ways.

Nothing that was recorded is written over: a row stands from the event that recorded it until the one that superseded
it, so that what was known before stays known, and an event is taken back to the letter (store/said_reverting.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, text

from addressbook.errors import NotFoundError, RuleError
from addressbook.registry.events import EventKind
from addressbook.registry.rules import need_been, need_come
from addressbook.registry.schemes import SHAPED, checked, cleaned, squeezed
from addressbook.store.batches import lock_minting, source_of
from addressbook.store.engine import write_through
from addressbook.store.minting import record_event
from addressbook.store.outbox import announce_event
from addressbook.store.reading import Row, read
from addressbook.store.registry_reading import SqlRegistryReader
from addressbook.store.transactions import SOURCE, Because

MOST = 1000
_GIVE = text(
    """
    INSERT INTO external_identifier (site_id, aid, scheme, value, source_id, valid_from, event_id)
    VALUES (:site_id, :aid, :scheme, :value, :source_id, :valid_from, :event_id)
    """
)
_SUPERSEDE = text(
    """
    UPDATE external_identifier SET until_event = :event_id
    WHERE site_id = (SELECT site_id FROM aid_directory WHERE aid = :aid) AND identifier_id = :identifier_id
    """
)
_END = text(
    """
    INSERT INTO external_identifier (site_id, aid, scheme, value, source_id, valid_from, valid_to, event_id)
    SELECT site_id, aid, scheme, value, source_id, valid_from, :valid_to, :event_id FROM external_identifier
    WHERE site_id = (SELECT site_id FROM aid_directory WHERE aid = :aid) AND identifier_id = :identifier_id
    """
)


def give(connection: Connection, aid: str, scheme: str, value: str, since: date | None, because: Because) -> int:
    """From that day on the address has that outside code; returns the registry event.

    Without a day: since whoever had it before has it no longer, or always. An address can have a code for several
    periods. Given once more with another day, the day is corrected; the event keeps the former one. Raises FieldError
    for a code that none of its scheme can be, NotFoundError for an address that never was, RuleError for a day to come,
    for an address that is void or rejected and where it is so already, and InputError where an address has the code
    then: end it there first.
    """
    scheme, value = checked(scheme, value)
    today = datetime.now(UTC).date()
    if since is not None:
        need_come(since, today)
    write_through(connection)
    lock_minting(connection)
    address = SqlRegistryReader(connection).address(aid)
    need_been(address)
    periods = find(connection, scheme=scheme, value=value)
    own = _open_of(periods, aid)
    since = _free_since(periods, aid, since, today)
    code = {"aid": aid, "scheme": scheme, "value": value, "valid_from": since}
    event = _recorded(connection, EventKind.IDENTIFIER, because, **code, **_former(own, since))
    if own is not None:
        connection.execute(_SUPERSEDE, {**_key(own), "event_id": event})
    source_id = source_of(connection, SOURCE, "addresses")
    connection.execute(_GIVE, {**code, "site_id": address.site_id, "source_id": source_id, "event_id": event})
    return event


def _open_of(periods: Sequence[Row], aid: str) -> Row | None:
    return next((row for row in periods if row["aid"] == aid and row["valid_to"] is None), None)


def _key(row: Row) -> dict[str, Any]:
    return {"aid": row["aid"], "identifier_id": row["identifier_id"]}


def _former(own: Row | None, since: date | None) -> dict[str, Any]:
    """What the event keeps of the day that it corrects. Raises RuleError where that is the day already."""
    if own is None:
        return {}
    if own["valid_from"] == since:
        raise RuleError(
            "unchanged",
            f"{own['standard_text']} has {own['scheme']} {own['value']} already, since {since or 'always'}.",
            zh=f"{own['standard_text']} 已有 {own['scheme']} {own['value']}，起始日期 {since or '不限'}，无需变更。",
            remedy="To correct the day, give it with another one.",
        )  # fmt: skip
    return {"former": {"valid_from": _as_word(own["valid_from"])}}


def _free_since(periods: Sequence[Row], aid: str, since: date | None, today: date) -> date | None:
    """That day; without one what is known of it, else the day on which the last period ended, which is none to come.

    Raises RuleError where another address has the code, or had it until later.
    """
    own = _open_of(periods, aid)
    ended = [row["valid_to"] for row in periods if row["valid_to"] is not None]
    if since is None:
        since = own["valid_from"] if own is not None else max(ended, default=None)
    for row in periods:
        is_open, is_own = row["valid_to"] is None, row["aid"] == aid
        if (is_open and not is_own) or (not is_open and row["valid_to"] > min(since or today, today)):
            raise _had_by(row)
    return since


def _had_by(row: Row) -> RuleError:
    until, until_zh = (f" until {row['valid_to']}", f"，至 {row['valid_to']}") if row["valid_to"] else ("", "")
    return RuleError(
        "held",
        f"{row['scheme']} {row['value']} belongs to {row['standard_text']}{until}.",
        zh=f"{row['scheme']} {row['value']} 已属于 {row['standard_text']}{until_zh}。",
        remedy="End it there first." if row["valid_to"] is None else "Give a later day that has come.",
    )


def end(connection: Connection, aid: str, scheme: str, value: str, day: date, because: Because) -> int:
    """The address has that outside code until that day; returns the registry event.

    Raises NotFoundError where it has not, and RuleError for a day to come.
    """
    need_come(day, datetime.now(UTC).date())
    write_through(connection)
    lock_minting(connection)
    scheme, value = cleaned(scheme, value)
    own = _open_of(find(connection, scheme=scheme, value=value), aid)
    if own is None or (own["valid_from"] is not None and own["valid_from"] > day):
        raise NotFoundError(
            f"{aid} has no code {value} of {scheme} on {day}.", zh=f"{aid} 在 {day} 没有有效的 {scheme} {value}。"
        )
    event = _recorded(
        connection, EventKind.IDENTIFIER_ENDED, because, aid=aid, scheme=scheme, value=value, valid_to=day
    )
    connection.execute(_SUPERSEDE, {**_key(own), "event_id": event})
    connection.execute(_END, {**_key(own), "valid_to": day, "event_id": event})
    return event


def find(
    connection: Connection, *, scheme: str | None = None, value: str | None = None, aid: str | None = None
) -> list[Row]:  # fmt: skip
    """The outside codes that fit, those in force first, each with its address and the codes that stand there `today`.

    They are looked for as they are kept, however they were typed. At most MOST. Of an address also those of the codes
    that were merged into it or were its duplicates.
    """
    scheme, value = cleaned(scheme, value)
    forms = {"value": value, "squeezed": squeezed(value) if value is not None else None, "shaped": SHAPED}
    return read(connection, "identifier_page", scheme=scheme, aid=aid, limit=MOST, **forms)


def _recorded(connection: Connection, kind: EventKind, because: Because, **said: Any) -> int:
    event = record_event(
        connection, kind, actor=because.actor, reason=because.reason, source_document=because.document, batch_id=None,
        request={name: _as_word(value) for name, value in said.items() if value is not None},
    )  # fmt: skip
    announce_event(connection, event)
    return event


def _as_word(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
