"""Reads of which one needs what another found, told as steps: for a thread with a transaction and for the event loop.

A function of steps yields what it asks and is sent the rows; what it returns is the answer:

    def view(aid: str) -> Steps[Row]:
        rows = yield address_view_asked(aid, …)
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from typing import Any, NamedTuple, TypeVar

from psycopg import RawCursor
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult
from psycopg.rows import dict_row
from sqlalchemy import Connection

from addressbook.store.engine import driver_of, translated
from addressbook.store.statements import numbered

Rows = list[dict[str, Any]]
Answer = TypeVar("Answer")


class Ask(NamedTuple):
    """One statement, of one or more files of store/sql one after another, and what is bound to it."""

    names: tuple[str, ...]
    parameters: dict[str, Any]

    def behind(self, other: Ask) -> Ask:
        """Both in one statement, where `other` is the head of one (WITH …)."""
        return Ask(other.names + self.names, other.parameters | self.parameters)

    def numbered(self) -> tuple[bytes, list[Any]]:
        """The statement with numbered parameters, and these in order: to number them anew each time takes long."""
        told, names = numbered(self.names)
        return told, [self.parameters[name] for name in names]


NOTHING = Ask(("nothing",), {})
"""What stands behind a head that is all there is to do."""
Steps = Generator[Ask, Rows, Answer]


def array(words: Iterable[str]) -> str:
    """Keys, kinds or the like as PostgreSQL writes an array of them: the driver would look at each of them anew.

    For what needs no quotes; the statement says the type, as in %(keys)s::uuid[].
    """
    return "{" + ",".join(words) + "}"


def asked(ask: Ask) -> Steps[Rows]:
    """A single step: its rows."""
    return (yield ask)


def gives_rows(result: PGresult | None) -> bool:
    """Whether a statement gives rows, be it none. The driver's `description` would describe each of their columns."""
    return result is not None and result.status == ExecStatus.TUPLES_OK


def done(connection: Connection, steps: Steps[Answer]) -> Answer:
    """The answer of these steps, asked one after another in this transaction. Raises DatabaseError and its kin."""
    with translated(), RawCursor(driver_of(connection), row_factory=dict_row) as cursor:
        try:
            ask = next(steps)
            while True:
                cursor.execute(*ask.numbered())
                ask = steps.send(cursor.fetchall() if gives_rows(cursor.pgresult) else [])
        except StopIteration as ended:
            answer: Answer = ended.value
            return answer
