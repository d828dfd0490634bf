"""Worker processes for large files.

Of an element file one process reads the file, others check, place and write its rows: each worker has its own
connection and writes each chunk it is given in one transaction, exactly as a single process would. What must be done
in the order of the file, noting its rows in the ledger, the parent does when a worker asks; the order of chunks is
kept. Of an address list, of which only one process at a time may mint, another reads ahead. Workers are forked, so
that the gazetteer and the name index are shared memory. They die with their parent, whatever kills it, and an
interrupt is the parent's to handle.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection as Pipe
from multiprocessing.context import ForkProcess
from operator import attrgetter
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection as DatabaseConnection, Engine

from addressbook.errors import AddressbookError, DatabaseUnreachable
from addressbook.processes import end_with
from addressbook.store.engine import translated
from loaders.ledger import Ledger, RemoteLedger
from loaders.outcomes import Tally
from loaders.reading import RawRow


class Work(Protocol):
    """What a worker does with a chunk of rows."""

    def admit(self, rows: Sequence[RawRow], ledger: Ledger) -> Any:
        """Read the rows and note them in the ledger: in the order of the file."""
        ...

    def finish(self, entries: Any) -> Tally:
        """The rest, in a transaction of its own and in any order."""
        ...


S = TypeVar("S")
T = TypeVar("T")
Answer = Callable[[Sequence[Any]], dict[Any, Any] | bytes]
"""The parent's answer to a question about the ledger."""

_ADMITTED = "admitted"
_AS_TUPLE = attrgetter("line", "values", "fault", "point", "geometry", "sheet")


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
    answer: Answer
    _given: deque[_Worker] = field(default_factory=deque)

    @classmethod
    def start(cls, number: int, make_work: Callable[[], Work], answer: Answer) -> Crew:
        """Fork `number` workers; each calls `make_work` once, which opens its own connection."""
        return cls([_forked(_work, make_work) for _ in range(number)], answer)

    def give(self, rows: Sequence[RawRow]) -> Iterator[Tally]:
        """Hand a chunk to the next worker; yields the tally of the chunk that worker had, when it had one."""
        worker = self.workers[0]
        self.workers.append(self.workers.pop(0))
        if self._given and self._given[0] is worker:
            yield self._back()
        _sent(worker, [_AS_TUPLE(row) for row in rows])
        while (question := _received(worker)) != _ADMITTED:
            _sent(worker, self.answer(question))
        self._given.append(worker)

    def rest(self) -> Iterator[Tally]:
        """The tallies of the chunks still out, in order."""
        while self._given:
            yield self._back()

    def _back(self) -> Tally:
        tally: Tally = _received(self._given.popleft())
        return tally

    def stop(self) -> None:
        """End the workers: one that is writing finishes or, killed, leaves nothing of its chunk."""
        _end(self.workers)


def read_ahead(items: Iterator[S], unpack: Callable[[S], T]) -> Iterator[T]:
    """The items, made by another process while the last one is worked on here; what else it changes is not seen.

    A thread takes and unpacks the next one while this process waits for the database.
    """
    reader = _forked(_send_all, items)
    try:
        with ThreadPoolExecutor(1) as thread:
            coming = thread.submit(_unpacked, reader, unpack)
            while item := coming.result():
                coming = thread.submit(_unpacked, reader, unpack)
                yield item[0]
                del item
    finally:
        _end([reader])


def _unpacked(reader: _Worker, unpack: Callable[[S], T]) -> tuple[T] | None:
    message = _received(reader)
    return message and (unpack(message[0]),)


@contextmanager
def own_connection(engine: Engine) -> Iterator[DatabaseConnection]:
    """In another process: a connection of its own. The parent's must never be touched."""
    engine.dispose(close=False)
    with translated(), engine.connect() as connection:
        yield connection


def _end(workers: Sequence[_Worker]) -> None:
    for worker in workers:
        worker.pipe.close()
        worker.process.terminate()
    for worker in workers:
        worker.process.join()


def _sent(worker: _Worker, message: Any) -> None:
    try:
        worker.pipe.send(message)
    except OSError:
        raise _killed() from None


def _received(worker: _Worker) -> Any:
    """What the worker sends next; raises what it raised."""
    try:
        message = worker.pipe.recv()
    except (EOFError, OSError):  # reset, where it had not read what was sent
        raise _killed() from None
    if isinstance(message, BaseException):
        raise message
    return message


def _killed() -> DatabaseUnreachable:
    return DatabaseUnreachable(
        "a loading process was killed; its chunk is not stored.",
        zh="一个载入进程被终止，其分块未写入。",
        remedy="Run the same command again: it goes on where it stopped.",
    )


def _forked(target: Callable[[Pipe, Any], None], given: Any) -> _Worker:
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run, args=(target, theirs, given, os.getpid()), daemon=True)
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _run(target: Callable[[Pipe, Any], None], pipe: Pipe, given: Any, parent: int) -> None:
    _die_with(parent)
    try:
        target(pipe, given)
    except (EOFError, BrokenPipeError):
        os._exit(0)  # the parent has ended


def _send_all(pipe: Pipe, items: Iterator[Any]) -> None:
    """Each item as a tuple of one, None behind the last, or what making them raised."""
    try:
        for item in items:
            pipe.send((item,))
        pipe.send(None)
    except AddressbookError as fault:
        pipe.send(fault)


def _work(pipe: Pipe, make_work: Callable[[], Work]) -> None:
    work = make_work()
    while True:
        rows = [RawRow(*values) for values in pipe.recv()]
        pipe.send(_done(work, rows, pipe))


def _done(work: Work, rows: Sequence[RawRow], pipe: Pipe) -> Any:
    try:
        entries = work.admit(rows, RemoteLedger(pipe))
        pipe.send(_ADMITTED)
        return work.finish(entries)
    except (EOFError, BrokenPipeError):
        raise
    except AddressbookError as fault:
        return fault
    except Exception as fault:  # noqa: BLE001 - a process boundary: the parent raises it
        return RuntimeError(f"{type(fault).__name__}: {fault}")


def _die_with(parent: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    end_with(parent)  # elsewhere than on Linux the closed pipe ends the worker
