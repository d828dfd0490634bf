"""A session that listens to channels (LISTEN): whether what is remembered may still stand.

What the server has said lies in the socket until somebody looks, and looking takes microseconds: no thread, no task.
"""

from __future__ import annotations

import select
import time
from typing import LiteralString

from psycopg import AsyncConnection, errors as driver
from psycopg.pq import ConnStatus
from psycopg.pq.abc import PGconn
from sqlalchemy import Engine

from addressbook.errors import DatabaseError
from addressbook.store.asking import driver_options
from addressbook.store.engine import translated

AGAIN_S = 5.0
"""So long after it failed nobody tries to listen."""
ACCESS: LiteralString = "LISTEN addressbook_keys; LISTEN addressbook_purposes"
"""What is said when keys (migration 0021) and purposes (0023) change."""


class Hearing:
    """Counts what is said on its channels, from the moment that `begin` has come back."""

    def __init__(self, engine: Engine, listen: LiteralString) -> None:
        self._engine, self._listen = engine, listen
        self._connection: AsyncConnection[tuple[object, ...]] | None = None
        self._count, self._not_before, self._beginning = 0, 0.0, False

    async def begin(self) -> None:
        """Listen, unless that is done, under way, or failed just now. Raises nothing: without it all is looked up."""
        if self._connection is not None or self._beginning or time.monotonic() < self._not_before:
            return
        self._beginning = True
        try:
            with translated():
                self._connection = await self._listening()
            self._count += 1
        except DatabaseError:
            self._not_before = time.monotonic() + AGAIN_S
        finally:
            self._beginning = False

    async def _listening(self) -> AsyncConnection[tuple[object, ...]]:
        fresh = await AsyncConnection.connect(**driver_options(self._engine), autocommit=True)
        try:
            await fresh.execute(self._listen)
        except BaseException:
            await fresh.close()
            raise
        return fresh

    def count(self) -> int | None:
        """A number that grows with all that is said; None where nobody listens, or the server has hung up."""
        connection = self._connection
        if connection is None:
            return None
        try:
            self._count += _said(connection.pgconn)
        except driver.OperationalError:
            self._connection = None
            connection.pgconn.finish()
            return None
        return self._count

    async def close(self) -> None:
        """Listen no longer."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()


def _said(connection: PGconn) -> int:
    """How many notifications have come since the last look. Raises OperationalError at the end of the stream."""
    if connection.status != ConnStatus.OK:
        raise driver.OperationalError("the connection is closed")
    waiting, said = select.poll(), 0
    waiting.register(connection.socket, select.POLLIN)
    while waiting.poll(0):
        connection.consume_input()
        while connection.notifies():
            said += 1
    return said
