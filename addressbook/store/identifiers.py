"""The dated bridge between codes of ours and codes of others: given, ended, looked up both ways."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime

from sqlalchemy import Connection, text

from addressbook.errors import InputError, NotFoundError
from addressbook.registry.events import EventKind
from addressbook.registry.rules import need_come
from addressbook.registry.schemes import checked
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
    ON CONFLICT (site_id, aid, scheme, value) WHERE valid_to IS NULL DO UPDATE
        SET valid_from = excluded.valid_from, source_id = excluded.source_id, event_id = excluded.event_id
    """
)
_END = text(
    """
    UPDATE external_identifier SET valid_to = :valid_to
    WHERE site_id = (SELECT site_id FROM aid_directory WHERE aid = :aid) AND aid = :aid AND scheme = :scheme
        AND value = :value AND valid_to IS NULL AND (valid_from IS NULL OR valid_from <= :valid_to)
    """
)


def give(connection: Connection, aid: str, scheme: str, value: str, since: date | None, because: Because) -> int:
    """From that day on the address has that outside code; returns the registry event.

    Without a day: since whoever had it before has it no longer, or always. An address can have a code for several
    periods. Raises FieldError for a code that none of its scheme can be, NotFoundError for an address that never was,
    RuleError for a day to come, and InputError where an address has the code then: end it there first.
    """
    scheme, value = checked(scheme, value)
    if since is not None:
        need_come(since, datetime.now(UTC).date())
    write_through(connection)
    lock_minting(connection)
    address = SqlRegistryReader(connection).address(aid)
    since = _free_since(find(connection, scheme=scheme, value=value), aid, since)
    event = _recorded(connection, EventKind.IDENTIFIER, aid, scheme, value, because)
    source = source_of(connection, SOURCE, "addresses")
    given = {"site_id": address.site_id, "aid": aid, "scheme": scheme, "value": value, "valid_from": since}
    connection.execute(_GIVE, {**given, "source_id": source, "event_id": event})
    announce_event(connection, event)
    return event


def _free_since(periods: Sequence[Row], aid: str, since: date | None) -> date | None:
    """That day, or the one on which the last period ended. Raises InputError where a period is open or ended later."""
    ended = [row["valid_to"] for row in periods if row["valid_to"] is not None]
    since = since or max(ended, default=None)
    for row in periods:
        is_open, is_own = row["valid_to"] is None, row["aid"] == aid
        if (is_open and not is_own) or (not is_open and since is not None and row["valid_to"] > since):
            raise _had_by(row)
    return since


def _had_by(row: Row) -> InputError:
    until, until_zh = (f" until {row['valid_to']}", f"，至 {row['valid_to']}") if row["valid_to"] else ("", "")
    return InputError(
        f"{row['scheme']} {row['value']} belongs to {row['standard_text']}{until}.",
        zh=f"{row['scheme']} {row['value']} 已属于 {row['standard_text']}{until_zh}。",
        remedy="End it there first." if row["valid_to"] is None else "Give a later day.",
    )


def end(connection: Connection, aid: str, scheme: str, value: str, day: date, because: Because) -> int:
    """The address has that outside code until that day; returns the registry event. Raises NotFoundError."""
    write_through(connection)
    lock_minting(connection)
    ended = connection.execute(_END, {"aid": aid, "scheme": scheme, "value": value, "valid_to": day})
    if ended.rowcount == 0:
        raise NotFoundError(
            f"{aid} has no code {value} of {scheme} on {day}.", zh=f"{aid} 在 {day} 没有有效的 {scheme} {value}。"
        )
    event = _recorded(connection, EventKind.IDENTIFIER_ENDED, aid, scheme, value, because)
    announce_event(connection, event)
    return event


def find(
    connection: Connection, *, scheme: str | None = None, value: str | None = None, aid: str | None = None
) -> list[Row]:  # fmt: skip
    """The outside codes that fit, those in force first, each with its address and the codes that stand there `today`.

    At most MOST. Of an address also those of the codes that were merged into it or were its duplicates.
    """
    return read(connection, "identifier_page", scheme=scheme, value=value, aid=aid, limit=MOST)


def _recorded(connection: Connection, kind: EventKind, aid: str, scheme: str, value: str, because: Because) -> int:
    return record_event(
        connection, kind, actor=because.actor, reason=because.reason, source_document=because.document, batch_id=None,
        request={"aid": aid, "scheme": scheme, "value": value},
    )  # fmt: skip
