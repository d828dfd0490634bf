"""Running a load: the file in chunks, each chunk one transaction, the totals checked and kept."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Connection, Engine

from addressbook.divisions import Gazetteer
from addressbook.errors import DatabaseError
from addressbook.privacy.keys import check_secret
from addressbook.privacy.sealing import Secret
from addressbook.store import batches, loading
from addressbook.store.engine import translated
from addressbook.store.gazetteer import gazetteer_of
from loaders.addresses import AddressLoader
from loaders.bench import Bench
from loaders.collecting import collector_at_rest
from loaders.crew import Crew, own_connection, processors, read_ahead
from loaders.elements import ElementLoader
from loaders.intake import Chunk
from loaders.kinds import KINDS, Draft
from loaders.ledger import DatabaseLedger, Ledger, answer
from loaders.outcomes import RowOutcome, Tally, Totals
from loaders.parcel import packed_chunk, unpacked_chunk
from loaders.preparing import job_of, opened
from loaders.reading import RawRow, Table
from loaders.request import Job, LoadRequest, shown_name

ALONE_ROWS = 500
"""So many rows of an element file are loaded before other processes are started: most files hold no more."""
Progress = Callable[[int, int | None], None]
"""Called after each chunk with the rows read and, where it is known, about how many there are."""


class Loader(Protocol):
    """What turns a chunk of rows into outcomes."""

    def read(self, rows: Sequence[RawRow], ledger: Ledger) -> Chunk[Any]:
        """The rows read and checked; of the ledger only what is settled may be asked."""
        ...

    def admit(self, chunk: Chunk[Any], ledger: Ledger) -> Chunk[Any]:
        """The same with what is stored of them: in the order of the file."""
        ...

    def finish(self, entries: Any) -> list[RowOutcome]:
        """Decide and store the entries of a chunk; the outcome of each, in order. Called inside a transaction."""
        ...

    def close_gone(self) -> int:
        """End what a full snapshot no longer has; returns how many links were closed."""
        ...


@dataclass(slots=True)
class LoadReport:
    """What a load came to; `faults` are the outcomes that were not linked, as many as were asked for."""

    source: str
    batch_id: int
    totals: Totals
    encoding: str
    notes: list[str] = field(default_factory=list)
    faults: list[RowOutcome] = field(default_factory=list)


def run_load(
    engine: Engine,
    secret: Secret,
    request: LoadRequest,
    *,
    gazetteer: Gazetteer | None = None,
    progress: Progress | None = None,
    keep_faults: Callable[[RowOutcome], None] | None = None,
) -> LoadReport:
    """Load a file. Returns the report; `keep_faults` gets every row that was not linked.

    Raises FileError before anything is written when the file cannot be read, BusyError when the source is being
    loaded by somebody else, DatabaseError or DiskFull when the database refuses: whole chunks stay, and the same
    command goes on where it stopped.
    """
    mapping, table = opened(request)
    with translated(), engine.connect() as connection, _source_held(connection, request) as source_id:
        with connection.begin():
            check_secret(connection, secret)
            batch_id = batches.start_batch(connection, source_id, shown_name(request.path), _sha256(request.path))
        bench = _open_bench(connection, secret, gazetteer)
        with connection.begin():
            is_new, known = not loading.has_rows(connection, source_id), loading.rows_known(connection)
        job = job_of(request, source_id, batch_id, mapping, table, is_new=is_new)
        run = _Run(connection, bench, request, table, job, known)
        return run.to_the_end(progress, keep_faults)


@dataclass(slots=True)
class _Run:
    connection: Connection
    bench: Bench
    request: LoadRequest
    table: Table
    job: Job
    known_rows: int
    unknown_rows: int = 0
    totals: Totals = field(default_factory=Totals)

    def to_the_end(self, progress: Progress | None, keep: Callable[[RowOutcome], None] | None) -> LoadReport:
        loader = self._loader()
        try:
            with collector_at_rest():
                for tally in self._tallies(loader):
                    self._count(tally, keep)
                    self._refresh_statistics(tally.written)
                    if progress:
                        progress(self.totals.read, self.table.total)
            self._finish(loader)
        except BaseException:
            self._fail(loader)
            raise
        return LoadReport(self.job.source, self.job.batch_id, self.totals, self.table.encoding, self.table.notes)

    def _tallies(self, loader: Loader) -> Iterator[Tally]:
        """What became of the rows chunk by chunk, in order; where there are several chunks other processes help."""
        size = self.request.chunk_rows
        chunks = _chunks(self.table.rows, min(ALONE_ROWS, size) if isinstance(loader, ElementLoader) else size, size)
        first = list(islice(chunks, 1))
        second = list(islice(chunks, 1)) if processors() > 1 else []
        if second and isinstance(loader, ElementLoader):
            yield from self._alone(loader, self._read(loader, first))
            yield from self._shared(loader, chain(second, chunks))
        elif second:
            yield from self._alone(loader, self._read_ahead(loader, chain(first, second, chunks)))
        else:
            yield from self._alone(loader, self._read(loader, chain(first, chunks)))

    def _alone(self, loader: Loader, read: Iterable[Chunk[Any]]) -> Iterator[Tally]:
        for chunk in read:
            with self.connection.begin():
                chunk = loader.admit(chunk, self._ledger())
                tally = Tally.of(loader.finish(chunk.entries), len(chunk.settled.lines))
            yield tally
            del chunk, tally

    def _read(self, loader: Loader, chunks: Iterable[list[RawRow]]) -> Iterator[Chunk[Any]]:
        for rows in chunks:
            with self.connection.begin():
                chunk = loader.read(rows, self._ledger())
            yield chunk

    def _read_ahead(self, loader: Loader, chunks: Iterable[list[RawRow]]) -> Iterator[Chunk[Any]]:
        parcels = self._parcels(loader, chunks)
        for chunk, notes in read_ahead(parcels, lambda sent: (unpacked_chunk(sent[0]), sent[1])):
            self.table.notes[:] = notes
            yield chunk

    def _parcels(self, loader: Loader, chunks: Iterable[list[RawRow]]) -> Iterator[Any]:
        """In another process: the parent's connection must not be touched."""
        with own_connection(self.connection.engine) as connection:
            ledger = self._ledger(connection)
            for rows in chunks:
                with connection.begin():
                    chunk = loader.read(rows, ledger)
                yield packed_chunk(chunk), self.table.notes

    def _refresh_statistics(self, written: int) -> None:
        """Whenever as much has been written as the planner knows of: else it takes tables that have grown for empty."""
        self.unknown_rows += written
        if self.unknown_rows >= max(self.known_rows, 2 * self.request.chunk_rows):
            with self.connection.begin():
                loading.refresh_statistics(self.connection, addresses=self.request.kind not in KINDS)
            self.known_rows, self.unknown_rows = self.known_rows + self.unknown_rows, 0

    def _shared(self, loader: ElementLoader, chunks: Iterable[list[RawRow]]) -> Iterator[Tally]:
        crew = Crew.start(processors(), partial(_Worker, self.connection.engine, loader), self._answer)
        try:
            for rows in chunks:
                yield from crew.give(rows)
            yield from crew.rest()
        finally:
            crew.stop()

    def _ledger(self, connection: Connection | None = None) -> DatabaseLedger:
        return DatabaseLedger(connection or self.connection, self.job.source_id)

    def _answer(self, question: Sequence[Any]) -> dict[Any, Any] | bytes:
        with self.connection.begin():
            return answer(self._ledger(), question)

    def _loader(self) -> Loader:
        if self.request.kind in KINDS:
            return ElementLoader(self.bench, KINDS[self.request.kind], self.job)
        return AddressLoader(self.bench, self.job, proposing=self.request.kind == "proposals")

    def _count(self, tally: Tally, keep: Callable[[RowOutcome], None] | None) -> None:
        self.totals.add(tally)
        if keep:
            for outcome in tally.told:
                keep(outcome)

    def _finish(self, loader: Loader) -> None:
        self.totals.check()
        self.totals.minted = getattr(loader, "minted", 0)
        with self.connection.begin():
            loading.retire_refusals(self.connection, self.job.source_id)
            if self.request.full_snapshot and self._is_readable():
                self.totals.closed = loader.close_gone()
            batches.end_batch(self.connection, self.job.batch_id, "done", self.totals.counts())

    def _is_readable(self) -> bool:
        """Whether most rows could be read: of a file of which they could not nobody can say what is missing from it."""
        readable = 2 * self.totals.rejected <= self.totals.read
        if not readable:
            self.table.notes.append(
                "过半的行无法读取，未关闭任何记录 — over half of the rows could not be read: nothing was taken for gone"
            )
        return readable

    def _fail(self, loader: Loader) -> None:
        """Say so in the batch, where the database still listens; where it does not, the next load says it."""
        if self.connection.closed or self.connection.invalidated:
            return
        self.totals.minted = getattr(loader, "minted", 0)
        with suppress(DatabaseError), translated(), self.connection.begin():
            batches.end_batch(self.connection, self.job.batch_id, "failed", self.totals.counts())


class _Worker:
    """In a worker process: the loader on a connection of its own. The parent's must never be touched."""

    def __init__(self, engine: Engine, loader: ElementLoader) -> None:
        engine.dispose(close=False)
        self._connection = engine.connect()
        self._loader = loader.on(self._connection)

    def admit(self, rows: Sequence[RawRow], ledger: Ledger) -> Chunk[Draft]:
        return self._loader.admit(self._loader.read(rows, ledger), ledger)

    def finish(self, chunk: Chunk[Draft]) -> Tally:
        with translated(), self._connection.begin():
            return Tally.of(self._loader.finish(chunk.entries), len(chunk.settled.lines))


@contextmanager
def _source_held(connection: Connection, request: LoadRequest) -> Iterator[int]:
    """The source's id while no other process loads it; released also when this one dies, with its connection."""
    with connection.begin():
        source_id = batches.source_of(connection, request.source, request.kind)
    with connection.begin():
        batches.lock_source(connection, source_id, request.source)
        loading.begin_run(connection)
    try:
        yield source_id
    finally:
        # Closing the connection would do; giving it back to the pool would not.
        connection.invalidate()


def _open_bench(connection: Connection, secret: Secret, gazetteer: Gazetteer | None) -> Bench:
    with connection.begin():
        return Bench.open(connection, secret, gazetteer or gazetteer_of(connection))


def _chunks(rows: Iterator[RawRow], first: int, others: int) -> Iterator[list[RawRow]]:
    size = first
    while chunk := list(islice(rows, size)):
        yield chunk
        size = others


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
