"""Worker processes for large element files: reading stays in one process, placing and writing spread over the others.

Each worker has its own connection and writes each chunk it is given in one transaction, exactly as a single process
would; the order of outcomes is kept. Workers are forked, so that the gazetteer and the name index are shared memory.
They die with their parent, whatever kills it, and an interrupt is the parent's to handle.
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection as Pipe
from multiprocessing.context import ForkProcess
from typing import Any

from addressbook.errors import AddressbookError, DatabaseUnreachable
from loaders.outcomes import RowOutcome
from loaders.placing import ElementEntry

Finish = Callable[[Sequence[ElementEntry]], list[RowOutcome]]
"""What a worker does with a chunk of entries, in a transaction of its own."""

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)


def processors() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(slots=True)
class _Worker:
    process: ForkProcess
    pipe: Pipe


@dataclass(slots=True)
class Crew:
    """Workers in turn: the chunk given to a worker is asked back from it before the next one is given."""

    workers: list[_Worker]
    _given: deque[_Worker] = field(default_factory=deque)

    @classmethod
    def start(cls, number: int, make_finish: Callable[[], Finish]) -> Crew:
        """Fork `number` workers; each calls `make_finish` once, which opens its own connection."""
        return cls([_forked(make_finish) for _ in range(number)])

    def give(self, entries: Sequence[ElementEntry]) -> Iterator[list[RowOutcome]]:
        """Hand a chunk to the next worker; yields the outcomes of the chunk that worker had, when it had one."""
        worker = self.workers[0]
        self.workers.append(self.workers.pop(0))
        if self._given and self._given[0] is worker:
            yield self._back()
        worker.pipe.send(entries)
        self._given.append(worker)

    def rest(self) -> Iterator[list[RowOutcome]]:
        """The outcomes of the chunks still out, in order."""
        while self._given:
            yield self._back()

    def _back(self) -> list[RowOutcome]:
        worker = self._given.popleft()
        try:
            answer = worker.pipe.recv()
        except EOFError:
            raise DatabaseUnreachable(
                "a loading process was killed; its chunk is not stored.",
                zh="一个载入进程被终止，其分块未写入。",
                remedy="Run the same command again: it goes on where it stopped.",
            ) from None
        if isinstance(answer, BaseException):
            raise answer
        return list(answer)

    def stop(self) -> None:
        """End the workers: one that is writing finishes or, killed, leaves nothing of its chunk."""
        for worker in self.workers:
            worker.pipe.close()
            worker.process.terminate()
        for worker in self.workers:
            worker.process.join()


def _forked(make_finish: Callable[[], Finish]) -> _Worker:
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs, make_finish, os.getpid()), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _work(pipe: Pipe, make_finish: Callable[[], Finish], parent: int) -> None:
    _die_with(parent)
    finish = make_finish()
    while True:
        try:
            entries = pipe.recv()
        except EOFError:
            os._exit(0)
        pipe.send(_answer(finish, entries))


def _answer(finish: Finish, entries: Sequence[ElementEntry]) -> Any:
    try:
        return finish(entries)
    except AddressbookError as fault:
        return fault
    except Exception as fault:  # noqa: BLE001 - a process boundary: the parent raises it
        return RuntimeError(f"{type(fault).__name__}: {fault}")


def _die_with(parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    except (AttributeError, OSError):
        return  # not Linux: the closed pipe ends the worker
    if os.getppid() != parent:
        os._exit(1)
