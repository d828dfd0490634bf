"""Exports: all items of a question through a cursor on the server, for as long as somebody waits for them.

A client that goes away ends its query: what it waits for runs in a thread, and the thread's statement is cancelled.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import anyio
from anyio import to_thread
from sqlalchemy import Connection, Engine
from starlette.responses import StreamingResponse
from starlette.types import Send

from addressbook.collections.asked import ItemsQuery
from addressbook.errors import AddressbookError, DatabaseError
from addressbook.privacy.policy import Reader
from addressbook.store.engine import end_running, take_your_time, transaction
from addressbook.store.reading import Row
from addressbook.views.collections import streamed
from addressbook.views.elements import SecretSource

FORMS = {
    "csv": "text/csv; charset=utf-8", "geojson": "application/geo+json", "ndjson": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "gpkg": "application/geopackage+sqlite3", "parquet": "application/vnd.apache.parquet",
}  # fmt: skip
"""Format → media type."""
IN_PIECES = frozenset({"csv", "geojson", "ndjson"})
TRY_AGAIN_S = 0.05


@dataclass(slots=True)
class Stoppable:
    """A transaction whose statement ends as soon as it is told to `stop`, from any thread, at any time."""

    engine: Engine
    stopped: bool = False
    _running: list[Connection] = field(default_factory=list)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A transaction as any other, until then. Raises DatabaseError where it is stopped before it begins."""
        with transaction(self.engine) as connection:
            self._running.append(connection)
            try:
                if self.stopped:
                    raise stopped()
                yield connection
            finally:
                self._running.clear()

    def stop(self) -> None:
        """End the statement that runs; whoever waits for it gets DatabaseError."""
        self.stopped = True
        for connection in list(self._running):
            with suppress(AddressbookError, TypeError):  # it is gone already
                end_running(connection)


def stopped() -> DatabaseError:
    """The fault of what nobody waits for any more."""
    return DatabaseError("nobody waits for it any more.", zh="请求已中止。")


@dataclass(slots=True)
class Export:
    """Rows under way. `stop` may be called from any thread, at any time."""

    engine: Engine
    reader: Reader
    query: ItemsQuery
    secret: SecretSource
    told: Callable[[int], None] = lambda _rows: None
    under_way: Stoppable = field(init=False)

    def __post_init__(self) -> None:
        self.under_way = Stoppable(self.engine)

    def rows(self) -> Iterator[list[Row]]:
        """All rows, some at a time, in one transaction that lasts as long as it is read. Raises DatabaseError."""
        with self.under_way.transaction() as connection:
            take_your_time(connection)
            log = partial(transaction, self.engine)
            for rows in streamed(connection, log, self.reader, self.query, self.secret):
                if self.under_way.stopped:
                    raise stopped()
                self.told(len(rows))
                yield rows

    def stop(self) -> None:
        """End it; whoever reads the rows gets DatabaseError."""
        self.under_way.stop()


class Pieces(StreamingResponse):
    """An answer in pieces. What makes them is closed with it, however it ends, and not when the collector comes by."""

    body_iterator: AsyncGenerator[bytes]

    def __init__(self, pieces: AsyncGenerator[bytes], **kept: Any) -> None:
        super().__init__(pieces, **kept)

    async def stream_response(self, send: Send) -> None:
        """Send them all."""
        try:
            await super().stream_response(send)
        finally:
            with anyio.CancelScope(shield=True):
                await self.body_iterator.aclose()


async def pieces_while_wanted(export: Export, first: bytes, pieces: Iterator[bytes]) -> AsyncGenerator[bytes]:
    """Pieces, each made in a thread; when nobody waits any more the export is stopped and its connection given back."""
    try:
        yield first
        while (piece := await to_thread.run_sync(next, pieces, None, abandon_on_cancel=True)) is not None:
            yield piece
    finally:
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(_finish, export, pieces)


def _finish(export: Export, pieces: Iterator[bytes]) -> None:
    """Close what makes the pieces; while a thread is still in it, end its statement and try again."""
    while True:
        export.stop()
        try:
            pieces.close()  # type: ignore[attr-defined]
        except ValueError:  # it is being run
            time.sleep(TRY_AGAIN_S)
        else:
            return
