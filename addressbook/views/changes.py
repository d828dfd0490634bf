"""The change feed: every change belongs to a numbered transaction (a registry event), and can be followed from any one.

A line tells a mirror what to do (`action`) and a reader what happened (`event`). Nothing is ever dropped from the feed:
versions are kept for ever.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

from addressbook.errors import NotFoundError
from addressbook.store.names import newest_event
from addressbook.store.reading import Row, read, read_one

CONTENT = ("kind", "state", "name", "standard_text", "path", "parent_aid", "road_aid", "plate_no", "division_code",
           "coordinate_level", "lon", "lat", "valid_from")  # fmt: skip


OF_ALIAS = ("path_site", "road_aid", "plate_no", "valid_from")


class Position(NamedTuple):
    """Behind which line of the feed: of which event, and there behind which key."""

    event: int
    key: str


def after(event: int) -> Position:
    """Behind all lines of an event."""
    return Position(event + 1, "")


def changes(connection: Connection, position: Position, limit: int) -> tuple[list[Row], Position, int]:
    """At most `limit` lines behind a position, the position behind them, and the newest transaction there is."""
    newest = newest_event(connection)
    rows = read(
        connection, "changes_page", event=position.event, key=position.key, until=newest, limit=limit
    )  # fmt: skip
    if rows:
        return [feed_line(row) for row in rows], Position(rows[-1]["event_id"], rows[-1]["key"]), newest
    return [], max(position, after(newest)), newest


def feed_line(row: Row) -> Row:
    """A change as the feed words it: an address as the event left it, or an alias as it put or ended it."""
    told = {
        "tx": row["event_id"], "action": "put" if row["stands"] else "end", "aid": row["aid"],
        "event": row["event"], "at": row["at"], "effective": row["effective"], "reverts": row["reverts"],
    }  # fmt: skip
    if row["alias"] is None:
        return {**told, "address": {name: row[name] for name in CONTENT}}
    alias = {"name": row["alias"], "path": row["alias_path"]} | {name: row[name] for name in OF_ALIAS}
    return {**told, "alias": alias}


def checksum(connection: Connection, event: int | None) -> Row:
    """Numbers and checksum of all addresses and aliases as a transaction left them; the newest where None.

    Raises NotFoundError.
    """
    newest = newest_event(connection)
    if event is not None and event > newest:
        raise NotFoundError(f"there is no transaction {event} yet.", zh=f"尚无事务 {event}。")
    chosen = newest if event is None else event
    return {"transaction": chosen, **(read_one(connection, "checksum", event=chosen) or {})}
