"""The rows of the name index: every street, compound and place that a text can resolve to, with its aliases."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, text

from addressbook.model import AddressKind, NamedAddress

_NAMES = text(
    """
    SELECT aid, site_id, kind, name, division_code, path, false AS is_alias FROM address
    WHERE kind IN ('R', 'C', 'P') AND state IN ('provisional', 'current') AND event_id > :since
    UNION ALL
    SELECT a.aid, a.site_id, a.kind, l.name, a.division_code, a.path, true FROM address_alias l
    JOIN address a ON a.site_id = l.site_id AND a.aid = l.aid
    WHERE a.kind IN ('R', 'C', 'P') AND a.state IN ('provisional', 'current') AND l.valid_to IS NULL
      AND (l.event_id > :since OR a.event_id > :since)
    ORDER BY aid, is_alias, name
    """
)
_GONE = text(
    """
    SELECT aid, NULL AS name FROM address
    WHERE kind IN ('R', 'C', 'P') AND state NOT IN ('provisional', 'current') AND event_id > :since
    UNION ALL
    SELECT l.aid, l.name FROM address_alias l
    WHERE l.valid_to IS NOT NULL AND l.event_id > :since
    ORDER BY aid, name
    """
)
_NEWEST = text("SELECT coalesce(max(event_id), 0) FROM registry_event")
# A day more, for an event bears the time at which its transaction began, and may be numbered after later ones.
_BEFORE = text(
    """
    SELECT event_id FROM registry_event WHERE at < statement_timestamp() - make_interval(years => :years, days => 1)
    ORDER BY at DESC, event_id DESC LIMIT 1
    """
)


class NameChanges(NamedTuple):
    """What became of the names since an event: those added or renamed, and those gone (whole addresses: name None)."""

    added: list[NamedAddress]
    gone: list[tuple[str, str | None]]
    newest: int


def newest_event(connection: Connection) -> int:
    """The id of the newest registry event; events are numbered in commit order because minting is serialised."""
    return int(connection.execute(_NEWEST).scalar_one())


def newest_event_before(connection: Connection, years: int) -> int:
    """The id of the newest registry event that is older than so many years; 0 where there is none."""
    return int(connection.execute(_BEFORE, {"years": years}).scalar() or 0)


def read_names(connection: Connection, since_event: int = 0) -> tuple[list[NamedAddress], int]:
    """The names changed after `since_event` (0: all) and the newest event, for the next call."""
    newest = newest_event(connection)
    rows = connection.execute(_NAMES, {"since": since_event})
    codes: dict[str, str] = {}  # one text for each: comparing two divisions need not look for another one in memory
    names = [
        NamedAddress(
            row.aid, row.site_id, AddressKind(row.kind), row.name,
            codes.setdefault(row.division_code, row.division_code), row.path, row.is_alias,
        )
        for row in rows
    ]  # fmt: skip
    return names, newest


def read_changes(connection: Connection, since_event: int) -> NameChanges:
    """What an index as of `since_event` must forget and add; nothing is read when no event came after."""
    if newest_event(connection) <= since_event:
        return NameChanges([], [], since_event)
    gone = [(row.aid, row.name) for row in connection.execute(_GONE, {"since": since_event})]
    names, newest = read_names(connection, since_event)
    return NameChanges(names, gone, newest)
