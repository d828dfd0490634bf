"""The access log: lines are appended by whoever reads persons, sealed by one sealer at a time, searched, removed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, delete, func, insert, select, text

from addressbook.store.engine import driver_of, translated, write_through
from addressbook.store.reading import Row, read
from addressbook.store.steps import NOTHING, Ask, asked, done
from addressbook.store.tables import ACCESS_ANCHOR, ACCESS_LOG

SEAL_LOCK = 7_301_111
_SEAL = """
    UPDATE access_log l SET position = s.position, hash = s.hash
    FROM unnest(%s::bigint[], %s::bigint[], %s::bytea[]) AS s (entry_id, position, hash) WHERE l.entry_id = s.entry_id
"""
_WHOLE_UNTIL = text(
    "SELECT CASE WHEN count(position) FILTER (WHERE at >= :before) = 0 THEN max(position)"
    " ELSE min(position) FILTER (WHERE at >= :before) - 1 END FROM access_log WHERE position IS NOT NULL"
)


class Line(NamedTuple):
    """A line as it is stored; `position` and `hash` are None until it is sealed."""

    entry_id: int
    at: datetime
    key_id: int
    reader: str
    route: str
    purpose: str
    subject: str
    fields: str
    persons: int
    subjects: list[UUID]
    request_id: str
    position: int | None
    hash: bytes | None


class Anchor(NamedTuple):
    """Where lines were removed: the chain goes on after `position`, from `hash`; `mac` is of all the others."""

    position: int
    hash: bytes
    lines: int
    actor: str
    at: datetime
    mac: bytes


_COLUMNS = [ACCESS_LOG.c[name] for name in Line._fields]


def access_added(*, in_full: bool = False, **entry: Any) -> Ask:
    """The head of a statement that appends a line to the access log: another stands behind it. Nobody is waited for.

    `in_full`: on disk once the transaction is committed.
    """
    return Ask(("access_added",), {"in_full": in_full, **entry})


def opening(elements: Ask, **entry: Any) -> Ask:
    """What `elements` reads by key, with the sealed values of persons that are opened, and the lines about them all."""
    return Ask(("elements_opened",), {}).behind(elements.behind(Ask(("opened_logged",), entry)))


def add_access(connection: Connection, head: Ask) -> None:
    """Append the line that `access_added` gave, and nothing else."""
    done(connection, asked(NOTHING.behind(head)))


def is_sealing(connection: Connection, *, wait: bool) -> bool:
    """Whether this transaction is the one that seals; until its end no other is. False where one is and none waits."""
    kind = "pg_advisory_xact_lock" if wait else "pg_try_advisory_xact_lock"
    with translated():
        got = connection.execute(select(getattr(func, kind)(SEAL_LOCK))).scalar()
    return wait or bool(got)


def unsealed(connection: Connection, most: int) -> list[Line]:
    """Lines that were committed and are not sealed yet, in the order in which they were begun."""
    wanted = select(*_COLUMNS).where(ACCESS_LOG.c.position.is_(None)).order_by(ACCESS_LOG.c.entry_id).limit(most)
    with translated():
        return [Line(*row) for row in connection.execute(wanted)]


def count_unsealed(connection: Connection) -> int:
    """How many lines are not sealed yet."""
    wanted = select(func.count()).select_from(ACCESS_LOG).where(ACCESS_LOG.c.position.is_(None))
    with translated():
        return int(connection.execute(wanted).scalar_one())


def chain_end(connection: Connection) -> tuple[int, bytes]:
    """Position and hash of the last line of the chain, whether it is still there or was removed; 0 before the first."""
    wanted = select(ACCESS_LOG.c.position, ACCESS_LOG.c.hash).where(ACCESS_LOG.c.position.is_not(None))
    with translated():
        last = connection.execute(wanted.order_by(ACCESS_LOG.c.position.desc()).limit(1)).one_or_none()
    if last is not None:
        return last.position, last.hash
    anchors = read_anchors(connection)
    return (anchors[-1].position, anchors[-1].hash) if anchors else (0, b"")


def store_seals(connection: Connection, seals: Sequence[tuple[int, int, bytes]]) -> None:
    """Entry number, position and hash of lines that are sealed now. On disk once the transaction is committed."""
    write_through(connection)
    with translated():
        driver_of(connection).execute(_SEAL, [list(column) for column in zip(*seals, strict=True)])


def sealed_after(connection: Connection, position: int, most: int) -> list[Line]:
    """The next lines of the chain."""
    wanted = select(*_COLUMNS).where(ACCESS_LOG.c.position > position).order_by(ACCESS_LOG.c.position).limit(most)
    with translated():
        return [Line(*row) for row in connection.execute(wanted)]


def hash_at(connection: Connection, position: int) -> bytes | None:
    """The hash of the line at a position; None where no line is."""
    wanted = select(ACCESS_LOG.c.hash).where(ACCESS_LOG.c.position == position)
    with translated():
        found: bytes | None = connection.execute(wanted).scalar()
    return found


def first_position(connection: Connection) -> int | None:
    """The lowest position that a line has."""
    with translated():
        found: int | None = connection.execute(select(func.min(ACCESS_LOG.c.position))).scalar()
    return found


def read_anchors(connection: Connection) -> list[Anchor]:
    """Every anchor, by position."""
    columns = [ACCESS_ANCHOR.c[name] for name in Anchor._fields]
    with translated():
        return [Anchor(*row) for row in connection.execute(select(*columns).order_by(ACCESS_ANCHOR.c.position))]


def whole_until(connection: Connection, before: datetime) -> Line | None:
    """The last line of the chain up to which every line is older than that; None where the first is not."""
    with translated():
        position = connection.execute(_WHOLE_UNTIL, {"before": before}).scalar()
        found = connection.execute(select(*_COLUMNS).where(ACCESS_LOG.c.position == position)).one_or_none()
    return None if found is None else Line(*found)


def count_until(connection: Connection, position: int) -> int:
    """How many sealed lines there are up to a position."""
    wanted = select(func.count()).select_from(ACCESS_LOG).where(ACCESS_LOG.c.position <= position)
    with translated():
        return int(connection.execute(wanted).scalar_one())


def remove_until(connection: Connection, anchor: Anchor) -> int:
    """Keep the anchor, then remove what it covers; returns how many lines. The database refuses what is not due."""
    write_through(connection)
    with translated():
        connection.execute(insert(ACCESS_ANCHOR).values(anchor._asdict()))
        return connection.execute(delete(ACCESS_LOG).where(ACCESS_LOG.c.position <= anchor.position)).rowcount


def search_access(connection: Connection, *, even_delayed: bool, **filters: Any) -> list[Row]:
    """Lines of the log, newest first: see store/sql/access_search.sql. `even_delayed`: those not visible yet too."""
    return read(connection, "access_search", all=even_delayed, **filters)
