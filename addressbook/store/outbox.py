"""The outbox: one notice for each registry event and each chunk of a load that changes links, in its transaction.

Notices are numbered in the order of commits: the number is drawn under a lock that is held until the transaction ends,
so a reader that has seen a number has seen all below it. While nobody subscribes nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, func, insert, select, text

from addressbook.links.changes import LinkEnd, link_changes
from addressbook.store.engine import driver_of
from addressbook.store.statements import statement
from addressbook.store.tables import OUTBOX, WEBHOOK

OUTBOX_LOCK = 7_301_010


def lock_outbox(connection: Connection) -> None:
    """Let nobody else draw a notice's number until this transaction ends. To be the last lock that it takes."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": OUTBOX_LOCK})


def announce_event(connection: Connection, event_id: int) -> None:
    """Tell of a registry event, at the end of its transaction."""
    if _is_wanted(connection):
        found = driver_of(connection).execute(statement("event_links"), {"event": event_id}).fetchall()
        ends = {is_closed: [LinkEnd(*row[1:]) for row in found if row[0] is is_closed] for is_closed in (True, False)}
        _write(connection, link_changes(opened=ends[False], closed=ends[True]), event_id=event_id)


def announce_links(
    connection: Connection, batch_id: int, opened: Iterable[LinkEnd], closed: Iterable[LinkEnd],
    kept: Iterable[LinkEnd] = (),
) -> None:  # fmt: skip
    """Tell of links that a load opened, closed and kept while it updated their element, at the end of the chunk."""
    if _is_wanted(connection) and (changes := link_changes(opened, closed, kept)):
        _write(connection, changes, batch_id=batch_id)


def newest_notice(connection: Connection) -> int:
    """The number of the newest notice; 0 where there is none."""
    return int(connection.execute(select(func.coalesce(func.max(OUTBOX.c.notice_id), 0))).scalar_one())


def _is_wanted(connection: Connection) -> bool:
    """Whether anybody subscribes; asked under the lock, so that whoever subscribes next is told of what comes next."""
    lock_outbox(connection)
    return connection.execute(select(WEBHOOK.c.webhook_id).limit(1)).first() is not None


def _write(connection: Connection, links: Sequence[dict[str, Any]], **source: int) -> None:
    connection.execute(insert(OUTBOX).values(**source, links=links, at=func.clock_timestamp()))
