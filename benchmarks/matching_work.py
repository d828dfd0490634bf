"""Asking the matcher, with the processor time it takes here and in the database."""

from __future__ import annotations

import os
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import NamedTuple

from addressbook.match import NameIndex
from addressbook.match.resolver import collecting_later
from addressbook.model import Resolution
from addressbook.store.engine import driver_of
from addressbook.store.lookup import SqlPathLookup
from addressbook.store.names import read_names
from benchmarks.dirty import Query
from benchmarks.matching_world import Filled

WARM_UP, WARM_UP_SEED = 2000, 987
TICKS = os.sysconf("SC_CLK_TCK")


class Answer(NamedTuple):
    """What the report needs of an answer: strings only, so that no collection has to walk all the answers so far."""

    category: str
    aid: str | None
    first: str | None
    codes: str
    standard_text: str

    @classmethod
    def of(cls, found: Resolution) -> Answer:
        """The first is the address linked, or the best candidate."""
        first = found.aid or (found.candidates[0].aid if found.candidates else None)
        codes = ",".join(reason.code for reason in found.reasons)
        return cls(found.category.value, found.aid, first, codes, found.standard_text)


@dataclass(frozen=True, slots=True)
class Answered:
    """The answers in order, and the processor seconds they took."""

    answers: list[Answer]
    parse_seconds: float
    match_seconds: float
    database_seconds: float

    @property
    def rate(self) -> float:
        """Queries a second of one core, the database's work included."""
        return len(self.answers) / (self.parse_seconds + self.match_seconds + self.database_seconds)


def answer(here: Filled, queries: Sequence[Query], batch: int) -> Answered:
    """Resolve the queries in batches; before them others, for which the villages of their counties are read once."""
    *_, whole = answering(here, queries, batch)
    return whole


def answering(here: Filled, queries: Sequence[Query], batch: int) -> Iterator[Answered]:
    """The same; after each batch what came of all so far, so that two registries can be asked in turn."""
    resolver, lookup = here.resolver, SqlPathLookup(here.connection)
    resolver.resolve_batch([query.text for query in here.queries(WARM_UP, WARM_UP_SEED)], lookup)
    answers: list[Answer] = []
    parse_seconds = match_seconds = 0.0
    database = _database_seconds(here)
    for start in range(0, len(queries), batch):
        texts = [query.text for query in queries[start : start + batch]]
        begun = time.process_time()
        with collecting_later(len(texts)):  # as resolve_batch does, which tells no two times apart
            parsed = resolver.parse_batch(texts)
            middle = time.process_time()
            found = resolver.resolve_parsed(parsed, lookup)
        parse_seconds += middle - begun
        match_seconds += time.process_time() - middle
        answers += map(Answer.of, found)
        yield Answered(answers, parse_seconds, match_seconds, _database_seconds(here) - database)


def _database_seconds(here: Filled) -> float:
    """Processor time so far of the server process behind this connection."""
    pid = driver_of(here.connection).info.backend_pid
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def median_latency_ms(here: Filled, queries: Sequence[Query]) -> float:
    """Milliseconds of one query by itself, the database's round trips included; wall time."""
    lookup = SqlPathLookup(here.connection)
    times = []
    for query in queries:
        begun = time.perf_counter()
        here.resolver.resolve_batch([query.text], lookup)
        times.append(time.perf_counter() - begun)
    return median(times) * 1000


def index_memory_mb(here: Filled) -> float:
    """What the name index holds, everything it has built so far included."""
    tracemalloc.start()
    names, _ = read_names(here.connection)
    index = NameIndex(names, here.gazetteer)
    index.prepare()
    del names
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return used / 1e6
