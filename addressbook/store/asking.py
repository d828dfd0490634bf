"""Short questions asked from the event loop: to hand one to a thread takes longer than its answer does."""

from __future__ import annotations

import asyncio
from typing import Any

from psycopg import AsyncConnection, AsyncRawCursor
from psycopg.pq import TransactionStatus
from psycopg.rows import dict_row
from sqlalchemy import Engine

from addressbook.store.caller import awaited
from addressbook.store.engine import is_silent, translated
from addressbook.store.reading import Row
from addressbook.store.steps import Answer, Ask, Steps, asked, gives_rows

MOST_CONNECTIONS = 4


def driver_options(engine: Engine) -> dict[str, Any]:
    """What the driver is given to connect as the engine does."""
    return dict(engine.dialect.create_connect_args(engine.url)[1])


class Asking:
    """A few connections beside an engine's pool; each statement is a transaction of its own."""

    def __init__(self, engine: Engine, most: int = MOST_CONNECTIONS) -> None:
        self._how = driver_options(engine)
        self._idle: list[AsyncRawCursor[Row]] = []
        self._free = asyncio.Semaphore(most)
        self.in_use = 0
        """How many of its connections are asked on."""

    async def read(self, name: str, /, **parameters: Any) -> list[Row]:
        """The rows of store/sql/<name>.sql, where it gives any. Raises DatabaseError and its kin."""
        return await self.done(asked(Ask((name,), parameters)))

    async def done(self, steps: Steps[Answer]) -> Answer:
        """The answer of these steps, asked one after another on one connection. Raises DatabaseError and its kin."""
        with translated():
            async with self._free:
                cursor = await self._open_one()
                self.in_use += 1
                try:
                    with awaited():
                        return await _taken(steps, cursor)
                finally:
                    self.in_use -= 1
                    await self._keep(cursor)

    async def close(self) -> None:
        """Close what is idle."""
        while self._idle:
            await self._idle.pop().connection.close()

    async def _open_one(self) -> AsyncRawCursor[Row]:
        while self._idle:
            cursor = self._idle.pop()
            if is_silent(cursor.connection.pgconn):
                return cursor
            await cursor.connection.close()
        connection = await AsyncConnection.connect(**self._how, autocommit=True, prepare_threshold=1)
        return AsyncRawCursor(connection, row_factory=dict_row)

    async def _keep(self, cursor: AsyncRawCursor[Row]) -> None:
        """For the next question, unless a statement is under way that was given up, or the server is gone."""
        if cursor.connection.info.transaction_status == TransactionStatus.IDLE:
            self._idle.append(cursor)
        else:
            await cursor.connection.close()


async def _taken(steps: Steps[Answer], cursor: AsyncRawCursor[Row]) -> Answer:
    try:
        ask = next(steps)
        while True:
            await cursor.execute(*ask.numbered())
            ask = steps.send(await cursor.fetchall() if gives_rows(cursor.pgresult) else [])
    except StopIteration as ended:
        answer: Answer = ended.value
        return answer
