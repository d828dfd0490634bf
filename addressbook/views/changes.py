"""The change feed: every change belongs to a numbered transaction (a registry event), and can be followed from any one.

A line tells a mirror what to do (`action`) and a reader what happened (`event`). Versions are kept for ever, and the
feed reaches back to the first transaction; where it is told for some years only (ADDRESSBOOK_CHANGES_YEARS), whoever
begins anew is told what still stood at their start, and nobody can go on from before it.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

from addressbook.errors import NoLongerTold, NotFoundError
from addressbook.store.names import newest_event, newest_event_before
from addressbook.store.reading import Row, read, read_one

CONTENT = ("kind", "state", "name", "standard_text", "path", "parent_aid", "road_aid", "plate_no", "division_code",
           "coordinate_level", "lon", "lat", "valid_from")  # fmt: skip


OF_ALIAS = ("path_site", "road_aid", "plate_no", "valid_from")


class Position(NamedTuple):
    """Behind which line of the feed: of which event, and there behind which key.

    Of whoever builds a copy, `begun` is the transaction up to which what has ended since is left out; 0: nothing is.
    """

    event: int
    key: str
    begun: int = 0


def after(event: int) -> Position:
    """Behind all lines of an event."""
    return Position(event + 1, "")


def told_since(connection: Connection, years: int | None) -> int:
    """The transaction from which on the feed can be followed where it reaches back so many years; 0: from the first."""
    return 0 if years is None else newest_event_before(connection, years)


def need_told(connection: Connection, event: int, years: int | None) -> None:
    """Raise NoLongerTold for a transaction that the feed no longer reaches."""
    since = told_since(connection, years)
    if event < since:
        raise NoLongerTold(
            f"what changed after transaction {event} is no longer told: the feed goes back to transaction {since}.",
            zh=f"事务 {event} 之后的变更已超出保存期限，变更流最早可从事务 {since} 起跟随。",
            remedy=f"Ask for transaction {since} or later; a copy is built anew: since 0, a mirror without its file.",
            earliest=since,
        )


def beginning(connection: Connection, since: int, years: int | None) -> Position:
    """Where to begin behind a transaction; 0 begins anew. Raises NoLongerTold."""
    if since == 0:
        return after(0)._replace(begun=told_since(connection, years))
    need_told(connection, since, years)
    return after(since)


def going_on(connection: Connection, position: Position, years: int | None) -> Position:
    """A position that was left to go on from it later. Raises NoLongerTold.

    One within what was left out is as good as ever: the copy has nothing that could have ended unseen.
    """
    if position.event > position.begun:
        need_told(connection, position.event - (not position.key), years)
        return position._replace(begun=0)
    return position


def changes(connection: Connection, position: Position, limit: int) -> tuple[list[Row], Position, int]:
    """At most `limit` lines behind a position, the position behind them, and the newest transaction there is."""
    newest = newest_event(connection)
    rows = read(connection, "changes_page", **position._asdict(), until=newest, limit=limit)
    if rows:
        last = Position(rows[-1]["event_id"], rows[-1]["key"], position.begun)
        return [feed_line(row) for row in rows], last, newest
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


def need_snapshot(connection: Connection, event: int | None, years: int | None) -> int:
    """The transaction to show all addresses at, the newest where None. Raises NotFoundError, NoLongerTold."""
    newest = newest_event(connection)
    if event is None:
        return newest
    if event > newest:
        raise NotFoundError(f"there is no transaction {event} yet.", zh=f"尚无事务 {event}。")
    need_told(connection, event, years)
    return event


def checksum(connection: Connection, event: int | None, years: int | None = None) -> Row:
    """Numbers and checksum of all addresses and aliases as a transaction left them; the newest where None.

    Raises NotFoundError, NoLongerTold.
    """
    chosen = need_snapshot(connection, event, years)
    return {"transaction": chosen, **(read_one(connection, "checksum", event=chosen) or {})}
