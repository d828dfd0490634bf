"""The first steps of every load, for a chunk of rows: fingerprint, what is settled already, key, duplicates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar
from uuid import UUID

from addressbook.errors import FieldError
from addressbook.masking import NOBODY, Own
from addressbook.privacy.sealing import key_of
from addressbook.registry.review import refusal_called
from addressbook.store.loading import StoredRow
from addressbook.store.reloading import UNREAD
from loaders.bench import Bench
from loaders.fields import LONGEST_CHARACTERS, Fields, too_long
from loaders.ledger import KEY_BYTES, Ledger, packed_keys, unpacked_keys
from loaders.mapping import ColumnMapping
from loaders.outcomes import Outcome, RowOutcome, duplicate_key, rejected, row_fault
from loaders.points import Point, read_points
from loaders.reading.rows import RawRow
from loaders.received import Received, kept, received, refused

D = TypeVar("D")


@dataclass(slots=True)
class Entry(Generic[D]):
    """A row on its way: its keys, what was read from it, its fault if it has one, and what is stored of it."""

    row: Received
    source_key: str
    row_key: UUID
    digest: UUID
    draft: D | None
    point: Point | None = None
    fault: FieldError | None = None
    stored: StoredRow | None = None
    stands_for: UUID | None = None
    """Of a refused row: the key of the row it would have been, which is in the file although it cannot be read."""

    @property
    def settled(self) -> bool:
        """Whether nothing is left to do. A row in review is looked at again: the registry may know it by now."""
        return self.unchanged and self.stored is not None and self.stored.outcome != Outcome.REVIEW

    @property
    def unchanged(self) -> bool:
        """Whether the row is stored just as it was received."""
        return self.stored is not None and self.stored.digest == self.digest and not self.stored.gone

    def as_before(self) -> RowOutcome:
        """The outcome of a row for which nothing needs to be written."""
        stored = self.stored
        if stored is None:
            raise ValueError("nothing is stored of this row")
        if self.fault is not None:
            return rejected(self.row.line, self.source_key, self.fault, unchanged=True).at(self.row)
        decided = refusal_called(stored.reason_code)
        if decided is not None:
            return rejected(self.row.line, self.source_key, decided, unchanged=True).at(self.row)
        outcome = Outcome(stored.outcome)
        return RowOutcome(self.row.line, self.source_key, outcome, stored.reason_code, unchanged=True).at(self.row)


class Settled(NamedTuple):
    """Rows that are linked as they were received, with nothing to tell of them: their keys in a row, their lines.

    Of most rows of a file that is loaded again nothing else is asked.
    """

    keys: bytes = b""
    lines: Sequence[int] = ()

    def parted(self, some: Collection[UUID]) -> tuple[Settled, list[tuple[UUID, int]]]:
        """All others, and those with these keys."""
        each = list(zip(unpacked_keys(self.keys), self.lines, strict=True))
        others = [(key, line) for key, line in each if key not in some]
        theirs = [(key, line) for key, line in each if key in some]
        return Settled(packed_keys([key for key, _ in others]), [line for _, line in others]), theirs


class Chunk(NamedTuple, Generic[D]):
    """A chunk of rows read: those that are settled, and an entry for each of the others, in order."""

    entries: list[Entry[D]]
    settled: Settled = Settled()


def _nobody(_draft: object) -> Own:
    return NOBODY


@dataclass(frozen=True, slots=True)
class Intake(Generic[D]):
    """How rows of one source become entries. `read` gives (source key, draft) and raises FieldError.

    `shown` are the columns that may be kept readable. `reading` names the options a row is read with: read
    differently, an equal row is another one. `check` raises FieldError for a draft that, with its point, cannot be
    placed; of `private` rows no cell is quoted. Of a source that `is_new` only what this run has stored is asked for.
    What a draft says of its `own` person is masked in every cell that is kept readable.
    """

    bench: Bench
    source: str
    mapping: ColumnMapping
    shown: frozenset[str]
    coordinate_system: str
    read: Callable[[Fields], tuple[str, D]]
    reading: str
    twins_are_faults: bool = True
    check: Callable[[D, Point | None], None] | None = None
    private: bool = False
    is_new: bool = False
    own: Callable[[D], Own] = _nobody

    def read_chunk(self, rows: Sequence[RawRow], ledger: Ledger) -> Chunk[D]:
        """The rows read; one that is linked as it was received is not read again."""
        digests = [self._digest(row) for row in rows]
        found = [None] * len(rows) if self.is_new else _plain(rows, digests, ledger)
        others = [(row, digest) for row, digest, key in zip(rows, digests, found, strict=True) if key is None]
        entries = self._entries(others, ledger)
        keys = {key for key in found if key}
        if keys and any(entry.row_key.bytes in keys for entry in entries):
            # Two rows of one key, of which one is as before: which of them counts is told row by row.
            return Chunk(self._entries(list(zip(rows, digests, strict=True)), ledger))
        lines = [row.line for row, key in zip(rows, found, strict=True) if key]
        return Chunk(entries, Settled(b"".join([key for key in found if key]), lines))

    def _entries(self, received_rows: Sequence[tuple[RawRow, bytes]], ledger: Ledger) -> list[Entry[D]]:
        """An entry for each row with its digest, in order."""
        rows, digests = [row for row, _ in received_rows], [key_of(digest) for _, digest in received_rows]
        settled = {} if self.is_new else ledger.settled(digests)
        # What makes a row as a whole unreadable is not in its digest.
        known = [None if row.fault else settled.get(digest) for row, digest in zip(rows, digests, strict=True)]
        fresh = self._read([row for row, stored in zip(rows, known, strict=True) if stored is None])
        return [
            _settled_entry(row, digest, stored) if stored else self._entry(*next(fresh), digest)
            for row, digest, stored in zip(rows, digests, known, strict=True)
        ]

    def admit(self, chunk: Chunk[D], ledger: Ledger) -> Chunk[D]:
        """The same chunk with duplicates of this run marked and stored rows attached."""
        again = ledger.note_settled(*chunk.settled)
        settled, twins = chunk.settled.parted(again) if again else (chunk.settled, [])
        entries = sorted(chunk.entries + self._as_entries(twins, ledger), key=_line) if twins else chunk.entries
        seen = self._mark_duplicates(entries, ledger)
        open_ones = [entry for entry in entries if entry.stored is None and (entry.row_key in seen or not self.is_new)]
        stored = ledger.stored([entry.row_key for entry in open_ones])
        for entry in open_ones:
            entry.stored = stored.get(entry.row_key)
        return Chunk(entries, settled)

    def _as_entries(self, twins: Sequence[tuple[UUID, int]], ledger: Ledger) -> list[Entry[D]]:
        """Settled rows that came before in this run, with their lines, as entries: with their cells, as kept."""
        keys = [key for key, _ in twins]
        stored, cells = ledger.stored(keys), ledger.kept_cells(keys) if self.twins_are_faults else {}
        entries = []
        for key, line in twins:
            row = kept(line, key, *cells.get(key, ({}, None)), self.bench.secret)
            known = stored[key]._replace(outcome=Outcome.LINKED.value, gone=False)  # as it was when it was asked for
            entries.append(Entry[D](row, known.source_key, key, known.digest, None, stored=known))
        return entries

    def _read(self, rows: Sequence[RawRow]) -> Iterator[tuple[Fields, Point | FieldError | None]]:
        read = [Fields(row, self.mapping, private=self.private) for row in rows]
        return zip(read, read_points(read, self.coordinate_system), strict=True)

    def _entry(self, fields: Fields, point: Point | FieldError | None, digest: UUID) -> Entry[D]:
        row = fields.row
        try:
            if row.fault:
                raise row_fault(row.fault)
            source_key, draft = self.read(fields)
            if len(source_key) > LONGEST_CHARACTERS:
                raise too_long("source_key")
            if isinstance(point, FieldError):
                raise point
            if self.check:
                self.check(draft, point)
        except FieldError as fault:
            return self._refused(refused(row), fields.shown_key(), digest, fault)
        key = source_key or digest.hex
        row_key = self.bench.secret.row_key(self.source, key)
        return Entry(received(row, self.shown, self.own(draft)), key, row_key, digest, draft, point)

    def _refused(self, row: Received, source_key: str, digest: UUID, fault: FieldError) -> Entry[D]:
        # A refused row has a key of its own: what an earlier, better version of the row has stored stays as it is.
        # The zero byte, which no key holds, keeps it apart from a row that happens to be called like that.
        key = f"{source_key}#{row.sheet}{'!' if row.sheet else ''}{row.line}"
        row_key = self.bench.secret.row_key(self.source, f"\0{key}")
        plain = self.bench.secret.row_key(self.source, source_key) if source_key else None
        return Entry(row, key, row_key, digest, None, None, fault, stands_for=plain)

    def _digest(self, row: RawRow) -> bytes:
        parts = "\x1e".join(map("\x1f".join, row.values.items()))
        whole = f"{parts}\x1e{row.point}\x1e{self.reading}" if parts else f"{row.point}\x1e{self.reading}"
        return self.bench.secret.digest_bytes(whole.encode("utf-8", "replace"))

    def _mark_duplicates(self, entries: list[Entry[D]], ledger: Ledger) -> Collection[UUID]:
        """Refuse what came before in this run; returns the keys of what came in an earlier chunk."""
        here: dict[UUID, int] = {}
        whole = [entry for entry in entries if entry.fault is None]
        lines = {entry.row_key: entry.row.line for entry in reversed(whole)}
        earlier = ledger.note(lines)
        for entry in whole if earlier or len(lines) < len(whole) else ():
            line = earlier.get(entry.row_key) or here.get(entry.row_key)
            if line and self.twins_are_faults:
                self._refuse_twin(entry, line)
            here.setdefault(entry.row_key, entry.row.line)
        refused_ones = [entry for entry in entries if entry.fault is not None]
        ledger.note({entry.row_key: entry.row.line for entry in refused_ones})
        # Seen, but not read: neither gone, nor the earlier of two twins.
        ledger.note({entry.stands_for: UNREAD for entry in refused_ones if entry.stands_for})
        return earlier

    def _refuse_twin(self, entry: Entry[D], line: int) -> None:
        key = "" if self.private else entry.source_key
        fault = duplicate_key(line, sheets=bool(entry.row.sheet))
        twin = self._refused(entry.row.all_hidden(), key, entry.digest, fault)
        entry.row, entry.source_key, entry.row_key = twin.row, twin.source_key, twin.row_key
        entry.fault, entry.draft, entry.stored = twin.fault, None, None


def _settled_entry(row: RawRow, digest: UUID, stored: StoredRow) -> Entry[D]:
    # Should it turn out a twin, it is refused: hence the cells, which else nobody asks for.
    return Entry(refused(row), stored.source_key, stored.row_key, digest, None, stored=stored)


def _plain(rows: Sequence[RawRow], digests: Sequence[bytes], ledger: Ledger) -> list[bytes | None]:
    """The key of each row that is linked as it was received, with nothing to tell; None for any other.

    Of rows that are equal each is another, and so is one of several sheets: where it stands is to be told.
    """
    found = ledger.plain(b"".join(digests))
    keys = {
        found[at : at + KEY_BYTES]: found[at + KEY_BYTES : at + 2 * KEY_BYTES]
        for at in range(0, len(found), 2 * KEY_BYTES)
    }
    if len(set(digests)) < len(digests):
        for digest, number in Counter(digests).items():
            if number > 1:
                keys.pop(digest, None)
    # What makes a row as a whole unreadable is not in its digest.
    return [None if row.fault or row.sheet else keys.get(digest) for row, digest in zip(rows, digests, strict=True)]


def _line(entry: Entry[Any]) -> int:
    return entry.row.line
