"""Aliases that people give: dated, with their origin, withdrawn again when they prove wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, text

from addressbook.errors import NotFoundError
from addressbook.match.learning import Lesson
from addressbook.model import AddressKind, AddressState, FoundAddress, Level
from addressbook.registry.events import EventKind
from addressbook.store.batches import lock_minting, source_of
from addressbook.store.engine import write_through
from addressbook.store.minting import record_event
from addressbook.store.outbox import announce_event
from addressbook.store.reading import Row, read

SOURCE, ORIGIN = "review", "review"
MOST_LINKS = 1_000_000
"""As many as a withdrawal may list: all of them."""
_REMEMBER = text(
    """
    INSERT INTO address_alias AS old (site_id, aid, name, path, path_site_id, origin, source_id, event_id, known_from,
        valid_from)
    VALUES (:site_id, :aid, :name, CAST(:path AS text), CASE WHEN CAST(:path AS text) IS NOT NULL THEN :site_id END,
        :origin, :source_id, :event_id, :event_id, CURRENT_DATE)
    ON CONFLICT (site_id, aid, name) WHERE valid_to IS NULL DO UPDATE SET path = excluded.path,
        path_site_id = excluded.path_site_id, origin = excluded.origin, source_id = excluded.source_id,
        event_id = excluded.event_id
    """
)
_WITHDRAW = text(
    """
    UPDATE address_alias SET valid_to = CURRENT_DATE, event_id = :event_id
    WHERE site_id = :site_id AND aid = :aid AND name = :name AND valid_to IS NULL
    """
)
_ALIAS = text(
    "SELECT path FROM address_alias WHERE site_id = :site_id AND aid = :aid AND name = :name AND valid_to IS NULL"
)
_TAKEN = text(
    """
    SELECT EXISTS (SELECT FROM address WHERE site_id = :site_id AND path = :path AND aid <> :aid
            AND state IN ('provisional', 'current'))
        OR EXISTS (SELECT FROM address WHERE site_id = :site_id AND loose_path = :path AND aid <> :aid
            AND state IN ('provisional', 'current'))
        OR EXISTS (SELECT FROM address_alias WHERE site_id = :site_id AND path = :path AND aid <> :aid
            AND valid_to IS NULL)
    """
)
_ADDRESS = text(
    """
    SELECT a.aid, a.site_id, a.kind, a.path, a.standard_text, a.division_code, a.state, a.coordinate_level,
        a.parent_aid, a.road_aid
    FROM address a WHERE a.site_id = (SELECT site_id FROM aid_directory WHERE aid = :aid) AND a.aid = :aid
    """
)
_TOP = text("SELECT aid FROM address WHERE site_id = :site_id AND path = '' ORDER BY state, aid LIMIT 1")
_PLATES_STREET = text(
    "SELECT road_aid FROM address WHERE site_id = :site_id AND road_aid IS NOT NULL ORDER BY aid LIMIT 1"
)


class Linked(NamedTuple):
    """A link that an alias made: what is linked, how, and the text that led to it."""

    element_kind: str
    role: str
    received_text: str
    aid: str
    opened_at: datetime
    element_key: str


class MadeLinks(NamedTuple):
    """The open links that one alias made: how many in all, and the first of them."""

    total: int
    first: list[Linked]


class AliasKey(NamedTuple):
    """What names an alias: its address and its text."""

    site_id: int
    aid: str
    name: str


class Chosen(NamedTuple):
    """An address with what stands around it: the top of its site, and the street of a plate there."""

    address: FoundAddress
    top: FoundAddress
    street: FoundAddress | None


def chosen_address(connection: Connection, aid: str) -> Chosen:
    """The address of that code with its site's top and street. Raises NotFoundError when there is none in use."""
    address = _address(connection, aid)
    if address is None or address.state not in (AddressState.CURRENT, AddressState.PROVISIONAL):
        raise NotFoundError(f"there is no address {aid} in use.", zh=f"没有在用的地址 {aid}。")
    top = _address(connection, connection.execute(_TOP, {"site_id": address.site_id}).scalar_one()) or address
    road_aid = connection.execute(_PLATES_STREET, {"site_id": address.site_id}).scalar()
    return Chosen(address, top, _address(connection, road_aid) if road_aid else None)


def remember_alias(connection: Connection, lesson: Lesson, *, actor: str, reason: str) -> int:
    """Add the alias from today on; returns the registry event. One that was withdrawn begins anew."""
    write_through(connection)
    lock_minting(connection)
    event = record_event(
        connection, EventKind.ALIAS, actor=actor, reason=reason, source_document=lesson.name, batch_id=None
    )  # fmt: skip
    write_alias(connection, lesson, event)
    announce_event(connection, event)
    return event


def write_alias(connection: Connection, lesson: Lesson, event: int) -> None:
    """Add the alias from today on, as part of that event. The caller holds the minting lock."""
    source = source_of(connection, SOURCE, "addresses")
    values = {"site_id": lesson.site_id, "aid": lesson.aid, "name": lesson.name, "path": lesson.path or None}
    connection.execute(_REMEMBER, {**values, "origin": ORIGIN, "source_id": source, "event_id": event})


def is_in_force(connection: Connection, lesson: Lesson) -> bool:
    """Whether the address has that alias already."""
    key = AliasKey(lesson.site_id, lesson.aid, lesson.name)._asdict()
    return connection.execute(_ALIAS, key).first() is not None


def is_taken(connection: Connection, lesson: Lesson) -> bool:
    """Whether the number that the lesson gives belongs to another address, or is another's alias."""
    values = {"site_id": lesson.site_id, "aid": lesson.aid, "path": lesson.path}
    return bool(connection.execute(_TAKEN, values).scalar_one())


def withdraw_alias(connection: Connection, aid: str, name: str, *, actor: str, reason: str) -> list[Linked]:
    """End the alias today; returns the links it made, which stay until somebody looks at them.

    Raises NotFoundError when the address has no such alias in force.
    """
    write_through(connection)
    lock_minting(connection)
    address = _address(connection, aid)
    alias = AliasKey(address.site_id if address else 0, aid, name)
    key = alias._asdict()
    if connection.execute(_ALIAS, key).first() is None:
        raise NotFoundError(
            f"{aid} has no alias {name!r} in force.",
            zh=f"{aid} 没有在用的别名“{name}”。",
            remedy="`addressbook alias list` shows those it has.",
        )
    event = record_event(
        connection, EventKind.ALIAS_WITHDRAWN, actor=actor, reason=reason, source_document=name, batch_id=None
    )  # fmt: skip
    connection.execute(_WITHDRAW, {**key, "event_id": event})
    announce_event(connection, event)
    (made,) = links_made(connection, [alias], MOST_LINKS)
    return made.first


def links_made(connection: Connection, aliases: Sequence[AliasKey], most: int) -> list[MadeLinks]:
    """For each alias the open links it made, at most `most` of them in single; in the order of the aliases."""
    made = [MadeLinks(0, []) for _ in aliases]
    columns = [list(column) for column in zip(*aliases, strict=True)] or [[], [], []]
    for row in read(
        connection, "alias_links", sites=columns[0], aids=columns[1], names=columns[2], most=most
    ):  # fmt: skip
        place, link = row["n"] - 1, Linked(*(row[field] for field in Linked._fields))
        made[place] = MadeLinks(row["total"], [*made[place].first, link])
    return made


def read_aliases(
    connection: Connection, *, aid: str | None, origin: str | None, after: tuple[int, int], limit: int
) -> list[Row]:
    """A page of aliases after the site and number `after`, withdrawn ones too, each with who decided it and why."""
    site, alias = after
    return read(connection, "alias_page", aid=aid, origin=origin, site=site, alias=alias, limit=limit)


def aliases_of(connection: Connection, aid: str) -> Sequence[tuple[str, str, str, str]]:
    """(name, origin, valid from, valid to) of every alias an address has had."""
    rows = connection.execute(
        text(
            "SELECT name, origin, coalesce(valid_from::text, ''), coalesce(valid_to::text, '') FROM address_alias"
            " WHERE site_id = (SELECT site_id FROM aid_directory WHERE aid = :aid) AND aid = :aid ORDER BY alias_id"
        ),
        {"aid": aid},
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def _address(connection: Connection, aid: str) -> FoundAddress | None:
    row = connection.execute(_ADDRESS, {"aid": aid}).first()
    if row is None:
        return None
    return FoundAddress(
        row.aid, row.site_id, AddressKind(row.kind), row.path, row.standard_text, row.division_code,
        AddressState(row.state), None, None, Level(row.coordinate_level), row.parent_aid,
    )  # fmt: skip
