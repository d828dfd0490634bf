"""Short questions asked from the event loop: to hand one to a thread takes longer than its answer does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import dict_row
from sqlalchemy import Engine

from addressbook.store.engine import is_silent, translated
from addressbook.store.reading import Row
from addressbook.store.statements import statement

MOST_CONNECTIONS = 4


class Asking:
    """A few connections beside an engine's pool; each statement is a transaction of its own."""

    def __init__(self, engine: Engine) -> None:
        _, self._how = engine.dialect.create_connect_args(engine.url)
        self._idle: list[AsyncConnection[Row]] = []
        self._free = asyncio.Semaphore(MOST_CONNECTIONS)

    async def read(self, name: str, /, **parameters: Any) -> list[Row]:
        """The rows of store/sql/<name>.sql, where it gives any. Raises DatabaseError and its kin."""
        with translated():
            async with self._connection() as connection:
                cursor = await connection.execute(statement(name), parameters)
                return await cursor.fetchall() if cursor.description else []

    async def close(self) -> None:
        """Close what is idle."""
        while self._idle:
            await self._idle.pop().close()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection[Row]]:
        """A connection, kept for the next question unless this one failed or was given up."""
        async with self._free:
            connection = await self._open_one()
            try:
                yield connection
            except BaseException:
                await connection.close()
                raise
            self._idle.append(connection)

    async def _open_one(self) -> AsyncConnection[Row]:
        while self._idle:
            connection = self._idle.pop()
            if is_silent(connection.pgconn):
                return connection
            await connection.close()
        return await AsyncConnection.connect(**self._how, autocommit=True, prepare_threshold=1, row_factory=dict_row)
