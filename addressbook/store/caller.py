"""Who waits for answers: once he has left, what runs for him in the database is ended, and nothing more is begun."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Any

from psycopg import Connection as DriverConnection, Error

from addressbook.errors import CallerLeft

CANCEL_S, TRY_AGAIN_S = 5.0, 0.05


class Caller:
    """Whoever sent a request. Threads that work for him and the event loop share it."""

    def __init__(self, *, has_left: bool = False) -> None:
        self.has_left = has_left
        self._running: set[DriverConnection[Any]] = set()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._lock = threading.Lock()

    def leave(self) -> None:
        """He has gone. Called from the event loop, which waits for nothing."""
        self.has_left = True
        for task in self._tasks:
            task.cancel()
        if self._running:
            threading.Thread(target=self._end_running, daemon=True).start()

    def _end_running(self) -> None:
        while self._running:  # between two statements nothing runs that could be ended
            with self._lock:  # on a connection that is given back meanwhile somebody else's would be ended
                for connection in self._running:
                    with suppress(Error):  # it is gone already
                        connection.cancel_safe(timeout=CANCEL_S)
            time.sleep(TRY_AGAIN_S)

    @contextmanager
    def waiting(self, connection: DriverConnection[Any]) -> Iterator[None]:
        """A transaction for him. Raises CallerLeft when he leaves, or has left."""
        with self._lock:
            self._running.add(connection)
        try:
            self._need_here()
            yield
        except Exception:
            if self.has_left:
                raise left() from None
            raise
        finally:
            with self._lock:
                self._running.discard(connection)

    @contextmanager
    def awaiting(self, task: asyncio.Task[Any]) -> Iterator[None]:
        """The same of a task of the event loop."""
        self._need_here()
        self._tasks.add(task)
        try:
            yield
        except asyncio.CancelledError:
            if self.has_left and task.uncancel() == 0:
                raise left() from None
            raise
        finally:
            self._tasks.discard(task)

    def _need_here(self) -> None:
        if self.has_left:
            raise left()


def left() -> CallerLeft:
    """The fault of what nobody waits for any more."""
    return CallerLeft("nobody waits for it any more.", zh="请求已中止。")


CALLER: ContextVar[Caller | None] = ContextVar("caller", default=None)
"""Of the request that is answered; nobody for what the service does by itself, or has to do to its end."""


@contextmanager
def waited_for(connection: DriverConnection[Any]) -> Iterator[None]:
    """A transaction that ends with its caller, where there is one."""
    caller = CALLER.get()
    if caller is None:
        yield
        return
    with caller.waiting(connection):
        yield


@contextmanager
def awaited() -> Iterator[None]:
    """The same of the task that runs."""
    caller, task = CALLER.get(), asyncio.current_task()
    if caller is None or task is None:
        yield
        return
    with caller.awaiting(task):
        yield
