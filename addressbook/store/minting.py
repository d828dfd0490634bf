"""Writing what the registry mints or confirms: addresses, their directory entry, aliases and outside codes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, insert, text

from addressbook.store.copying import Block, block_of
from addressbook.store.engine import driver_of
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
    connection: Connection, kind: str, *, actor: str, reason: str, source_document: str, batch_id: int | None,
    **more: Any,
) -> int:  # fmt: skip
    """A new registry event. The caller holds the minting lock, so that ids and times are in the order of commits.

    `more`: effective, request (a JSON value), reverts.
    """
    event = {"kind": kind, "actor": actor, "reason": reason, "source_document": source_document, "batch_id": batch_id}
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

    A point is taken where there was none of its own, or where the same source gave the old one. What they were before is
    kept as a version. An address minted in this event is what the event made it: it has no version before.
    """
    columns = [list(column) for column in zip(*rows, strict=True)]
    if not columns:
        return 0
    cursor = driver_of(connection).execute(
        """
        WITH met AS (
            SELECT site_id, aid, state,
                CASE WHEN lon IS NOT NULL THEN ST_SetSRID(ST_MakePoint(lon, lat), 4326) END AS geom,
                CASE left(aid, 1) WHEN 'R' THEN 'road' WHEN 'D' THEN 'door_plate' WHEN 'B' THEN 'building'
                    WHEN 'E' THEN 'entrance' WHEN 'F' THEN 'floor' WHEN 'H' THEN 'room' ELSE 'place' END AS level
            FROM unnest(%(site_id)s::bigint[], %(aid)s::text[], %(state)s::text[], %(lon)s::float8[], %(lat)s::float8[])
                AS q (site_id, aid, state, lon, lat)
        ),
        changing AS MATERIALIZED (
            SELECT a.site_id, a.aid, m.state, m.geom, m.level
            FROM met m JOIN address a ON a.site_id = m.site_id AND a.aid = m.aid
            WHERE (a.state = 'provisional' AND m.state = 'current')
                OR (m.geom IS NOT NULL AND (
                    a.geom IS NULL OR a.coordinate_level <> m.level
                    OR (a.source_id = %(source)s AND NOT ST_DWithin(a.geom, m.geom, 1e-7))))
        ),
        kept AS (
            INSERT INTO address_version (site_id, aid, own_site_id, kind, parent_aid, road_aid, plate_no, name, path,
                loose_path, standard_text, division_code, geom, coordinate_level, state, source_id, event_id, valid_from,
                valid_to, state_event_id, until_event, is_slice)
            SELECT a.site_id, a.aid, a.site_id, a.kind, a.parent_aid, a.road_aid, a.plate_no, a.name, a.path,
                a.loose_path, a.standard_text, a.division_code, a.geom, a.coordinate_level, a.state, a.source_id,
                a.event_id, a.valid_from, a.valid_to, a.state_event_id, %(event)s, false
            FROM address a JOIN changing USING (site_id, aid)
        )
        UPDATE address a SET
            state = CASE WHEN a.state = 'provisional' THEN c.state ELSE a.state END,
            geom = coalesce(c.geom, a.geom),
            coordinate_level = CASE WHEN c.geom IS NULL THEN a.coordinate_level ELSE c.level END,
            event_id = %(event)s, state_event_id = NULL
        FROM changing c
        WHERE a.site_id = c.site_id AND a.aid = c.aid
        """,
        {**dict(zip(Confirmation._fields, columns, strict=True)), "event": event_id, "source": source_id},
    )
    return cursor.rowcount


def insert_aliases(connection: Connection, rows: Iterable[Alias], origin: str, source_id: int, event_id: int) -> int:
    """Add aliases that are not there yet; returns how many."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    cursor = driver_of(connection).execute(
        "INSERT INTO address_alias (site_id, aid, name, path, origin, source_id, event_id, known_from)"
        " SELECT site_id, aid, name, path, %s, %s, %s, %s FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[])"
        " AS q (site_id, aid, name, path) ON CONFLICT (site_id, aid, name) DO NOTHING",
        [origin, source_id, event_id, event_id, *columns],
    )
    return cursor.rowcount


def insert_outside_codes(connection: Connection, rows: Iterable[OutsideCode], source_id: int) -> int:
    """Add outside codes that are not there yet; returns how many."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    cursor = driver_of(connection).execute(
        "INSERT INTO external_identifier (site_id, aid, scheme, value, source_id)"
        " SELECT site_id, aid, scheme, value, %s FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[])"
        " AS q (site_id, aid, scheme, value) ON CONFLICT (site_id, aid, scheme, value) DO NOTHING",
        [source_id, *columns],
    )
    return cursor.rowcount
