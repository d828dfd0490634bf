"""Resolving whole tables: Arrow batches through a local pool of processes, order kept, memory bounded.

The gazetteer and the name index are built once and shared with the workers by forking; each worker has a connection of
its own, and looks for changes of the registry before each batch.
"""

from __future__ import annotations

import gc
import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.pool import ApplyResult

import pyarrow as pa
from sqlalchemy import Connection, Engine

from addressbook.match import NameIndex, Resolver
from addressbook.match.arrow import resolve_arrow
from addressbook.store.engine import make_engine, transaction
from addressbook.store.gazetteer import gazetteer_of
from addressbook.store.lookup import SqlPathLookup
from addressbook.store.names import read_changes, read_names
from loaders.collecting import is_left_out_already
from loaders.crew import processors

BATCHES_AHEAD = 2
"""Batches that each worker may be ahead of the one that is waited for."""


@dataclass(slots=True)
class Desk:
    """A resolver over the names of the registry as of an event, with what it takes to follow the registry."""

    url: str
    resolver: Resolver
    newest: int
    column: str
    division: str | None

    @classmethod
    def open(cls, url: str, column: str, division: str | None) -> Desk:
        """Build the index, and what it would otherwise build at the first misspelt name."""
        engine = make_engine(url)
        with transaction(engine) as connection:
            names, newest = read_names(connection)
            gazetteer = gazetteer_of(connection)
        engine.dispose()
        index = NameIndex(names, gazetteer)
        index.prepare()
        return cls(url, Resolver(gazetteer, index), newest, column, division)

    def answer(self, connection: Connection, batch: pa.RecordBatch) -> pa.RecordBatch:
        """The answers to a batch, with the names that the registry has now."""
        changes = read_changes(connection, self.newest)
        self.resolver.index.follow(changes.gone, changes.added)
        self.newest = changes.newest
        return resolve_arrow(self.resolver, SqlPathLookup(connection), batch, self.column, division=self.division)


def resolve_batches(
    url: str, batches: Iterable[pa.RecordBatch], column: str, *, division: str | None = None, workers: int | None = None
) -> Iterator[pa.RecordBatch]:
    """The answers (columns of `match.arrow.SCHEMA`) to the texts in `column`, batch by batch in the order given.

    `workers`: processes to use, as many as there are processors unless told; with one nothing is forked.
    """
    desk, number = Desk.open(url, column, division), workers or processors()
    if number == 1:
        yield from _alone(desk, batches)
        return
    is_ours = not is_left_out_already()
    gc.collect()
    gc.freeze()  # what is shared by forking stays shared as long as no collection touches it
    try:
        with multiprocessing.get_context("fork").Pool(number, _begin, (desk,)) as pool:
            waiting: deque[ApplyResult[pa.RecordBatch]] = deque()
            for batch in batches:
                if len(waiting) == number * BATCHES_AHEAD:
                    yield waiting.popleft().get()
                waiting.append(pool.apply_async(_answer, (batch,)))
            while waiting:
                yield waiting.popleft().get()
    finally:
        if is_ours:
            gc.unfreeze()


def _alone(desk: Desk, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    engine = make_engine(desk.url)
    for batch in batches:
        with transaction(engine) as connection:
            answers = desk.answer(connection, batch)
        yield answers
    engine.dispose()


class _Worker:
    """What a forked worker holds: the desk it inherited and an engine of its own."""

    desk: Desk
    engine: Engine


def _begin(desk: Desk) -> None:
    _Worker.desk = desk
    _Worker.engine = make_engine(desk.url, pool_size=1)


def _answer(batch: pa.RecordBatch) -> pa.RecordBatch:
    with transaction(_Worker.engine) as connection:
        return _Worker.desk.answer(connection, batch)
