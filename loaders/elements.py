"""Loading elements: a chunk of rows is read, resolved, decided and written, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from operator import attrgetter

from sqlalchemy import Connection

from addressbook.store import loading
from addressbook.store.batches import lock_links
from addressbook.store.counting import add_to_rollup
from addressbook.store.loading import OpenLink
from addressbook.store.outbox import announce_links
from loaders.bench import Bench
from loaders.fields import Fields
from loaders.intake import Chunk, Intake
from loaders.kinds import Draft, Kind
from loaders.ledger import Ledger
from loaders.outcomes import RowOutcome
from loaders.placing import ElementEntry, Placed, Placer, check_placeable
from loaders.reading.rows import RawRow
from loaders.received import open_columns
from loaders.request import Job
from loaders.writing import Writer, closed_end, outcome_of, uncount


class ElementLoader:
    """Loads one kind from one source: `admit` in the order of the file, `finish` inside a transaction."""

    def __init__(self, bench: Bench, kind: Kind, job: Job) -> None:
        self._bench, self._kind, self._job = bench, kind, job
        self._intake = Intake(
            bench, job.source, job.mapping, open_columns(job.mapping, kind.personal), job.coordinate_system,
            _reader(kind, bench, job.source), job.reading,
            check=partial(check_placeable, bench.boundaries), private=bool(kind.personal), is_new=job.is_new,
            own=attrgetter("own"),
        )  # fmt: skip
        self._placer = Placer(bench, job.source_id, job.batch_id, job.division, job.unresolved)
        self._writer = Writer(bench, kind, job.source_id, job.batch_id, job.division or "")

    def on(self, connection: Connection) -> ElementLoader:
        """The same loader on another connection, for a worker process."""
        return ElementLoader(replace(self._bench, connection=connection), self._kind, self._job)

    def read(self, rows: Sequence[RawRow], ledger: Ledger) -> Chunk[Draft]:
        """The rows read and checked, but for those that are linked as they were received."""
        return self._intake.read_chunk(rows, ledger)

    def admit(self, chunk: Chunk[Draft], ledger: Ledger) -> Chunk[Draft]:
        """The same with what is stored of them: in the order of the file."""
        return self._intake.admit(chunk, ledger)

    def finish(self, entries: list[ElementEntry]) -> list[RowOutcome]:
        """Resolve, decide and write a chunk: several processes can do this at once.

        Each chunk is resolved by the names that the registry has now; until it is written no transaction changes them.
        """
        lock_links(self._bench.connection, shared=True)
        self._bench.need_same_divisions()
        self._bench.refresh()
        placed = {id(item.entry): item for item in self._placer.place([e for e in entries if not e.settled])}
        changed = [item for item in placed.values() if _differs(item)]
        self._writer.write(changed)
        written = {id(item.entry) for item in changed}
        return [
            outcome_of(placed[id(entry)], unchanged=id(entry) not in written)
            if id(entry) in placed
            else entry.as_before()
            for entry in entries
        ]

    def close_gone(self, limit: int = 5000) -> int:
        """Date the end of rows that this full snapshot no longer has; returns how many links were closed."""
        connection, closed = self._bench.connection, list[OpenLink]()
        lock_links(connection, shared=True)
        while gone := loading.gone_rows(connection, self._job.source_id, limit):
            links = [link for row_links in loading.open_links(connection, gone).values() for link in row_links]
            loading.close_links(connection, links, self._job.batch_id)
            add_to_rollup(connection, uncount(links))
            loading.settle_reviews(connection, [row.row_key for row in gone])
            loading.mark_gone(connection, [row.row_key for row in gone])
            closed += links
        # Once, at the end: whoever holds the outbox must wait for no counts.
        announce_links(connection, self._job.batch_id, [], map(closed_end, closed))
        return len(closed)


def _reader(kind: Kind, bench: Bench, source: str) -> Callable[[Fields], tuple[str, Draft]]:
    def read(fields: Fields) -> tuple[str, Draft]:
        draft = kind.read(fields, bench.secret, source)
        return draft.source_key, draft

    return read


def _differs(item: Placed) -> bool:
    """Whether there is anything to write: not for a row in review as before, for the same reason."""
    if not item.entry.unchanged or item.entry.stored is None:
        return True
    outcome = outcome_of(item)
    return (outcome.outcome, outcome.reason_code) != (item.entry.stored.outcome, item.entry.stored.reason_code)
