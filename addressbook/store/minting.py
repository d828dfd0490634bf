"""Writing what the registry mints or confirms: addresses, their directory entry, aliases and outside codes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, insert, text

from addressbook.registry.events import EventKind
from addressbook.store.copying import Block, block_of
from addressbook.store.engine import driver_of
from addressbook.store.statements import statement
from addressbook.store.tables import REGISTRY_EVENT

ADDRESS_COLUMNS = (
    "site_id", "aid", "kind", "parent_aid", "road_aid", "plate_no", "name", "path", "loose_path", "standard_text",
    "division_code", "geom", "coordinate_level", "state", "source_id", "event_id",
)  # fmt: skip


class Confirmation(NamedTuple):
    """A known address met again: it becomes current, and takes a point that is at least as precise as its own."""

    site_id: int
    aid: str
    state: str
    lon: float | None
    lat: float | None


class Alias(NamedTuple):
    """Another name of an address; `path` where it is another number within the site."""

    site_id: int
    aid: str
    name: str
    path: str | None


class OutsideCode(NamedTuple):
    """A code that another registry gives to an address."""

    site_id: int
    aid: str
    scheme: str
    value: str


def record_event(
    connection: Connection, kind: EventKind, *, actor: str, reason: str, source_document: str, batch_id: int | None,
    **more: Any,
) -> int:  # fmt: skip
    """A new registry event. The caller holds the minting lock, so that ids and times are in the order of commits.

    `more`: effective, request (a JSON value), reverts.
    """
    event = {
        "kind": kind.value, "actor": actor, "reason": reason, "source_document": source_document, "batch_id": batch_id,
    }  # fmt: skip
    added = insert(REGISTRY_EVENT).values(**event, **more, at=func.clock_timestamp())
    return int(connection.execute(added.returning(REGISTRY_EVENT.c.event_id)).scalar_one())


def withdraw_event(connection: Connection, event_id: int) -> None:
    """Take back an event that turned out to change nothing, in the transaction that wrote it."""
    connection.execute(text("DELETE FROM registry_event WHERE event_id = :event"), {"event": event_id})


def taken_codes(connection: Connection, codes: Sequence[str]) -> set[str]:
    """Those of the codes that were issued before, whatever became of them."""
    listed = f"{{{','.join(codes)}}}"  # the driver's own conversion takes ten times as long
    found = driver_of(connection).execute("SELECT aid FROM aid_directory WHERE aid = ANY(%s::text[])", [listed])
    return {row[0] for row in found}


def address_blocks(rows: Sequence[Sequence[Any]], columns: Sequence[str] = ADDRESS_COLUMNS) -> list[Block]:
    """Minted addresses (values of the columns) with their directory entries, ready to be sent."""
    return [
        block_of("aid_directory", ("aid", "site_id"), [(row[1], row[0]) for row in rows]),
        block_of("address", columns, rows),
    ]


def confirm(connection: Connection, rows: Iterable[Confirmation], source_id: int, event_id: int) -> int:
    """Confirm provisional addresses and correct points; returns how many addresses changed.

    A point is taken where there was none of its own, or where the same source gave the old one. What they were
    before is kept as a version.
    """
    columns = [list(column) for column in zip(*rows, strict=True)]
    if not columns:
        return 0
    cursor = driver_of(connection).execute(
        statement("confirm_addresses"),
        {**dict(zip(Confirmation._fields, columns, strict=True)), "event": event_id, "source": source_id},
    )
    return cursor.rowcount


def insert_aliases(connection: Connection, rows: Iterable[Alias], origin: str, source_id: int, event_id: int) -> int:
    """Add aliases that are not there yet; returns how many."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    cursor = driver_of(connection).execute(
        "INSERT INTO address_alias (site_id, aid, name, path, path_site_id, origin, source_id, event_id, known_from)"
        " SELECT site_id, aid, name, path, CASE WHEN path IS NOT NULL THEN site_id END, %s, %s, %s, %s"
        " FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS q (site_id, aid, name, path)"
        # One that was withdrawn is not brought back by a list that still has it.
        " WHERE NOT EXISTS (SELECT FROM address_alias l"
        " WHERE l.site_id = q.site_id AND l.aid = q.aid AND l.name = q.name)"
        " ON CONFLICT (site_id, aid, name) WHERE valid_to IS NULL DO NOTHING",
        [origin, source_id, event_id, event_id, *columns],
    )
    return cursor.rowcount


def insert_outside_codes(connection: Connection, rows: Iterable[OutsideCode], source_id: int, event_id: int) -> int:
    """Add outside codes that are not there yet; returns how many. One that a person ended is not brought back."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    cursor = driver_of(connection).execute(
        "INSERT INTO external_identifier (site_id, aid, scheme, value, source_id, event_id)"
        " SELECT site_id, aid, scheme, value, %s, %s FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[])"
        " AS q (site_id, aid, scheme, value) WHERE NOT EXISTS (SELECT FROM external_identifier e WHERE"
        " e.site_id = q.site_id AND e.aid = q.aid AND e.scheme = q.scheme AND e.value = q.value"
        " AND e.until_event IS NULL)"
        " ON CONFLICT (site_id, aid, scheme, value) WHERE valid_to IS NULL AND until_event IS NULL DO NOTHING",
        [source_id, event_id, *columns],
    )
    return cursor.rowcount
