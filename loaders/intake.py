"""The first steps of every load, for a chunk of rows: key, fingerprint, duplicates, and what is stored already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from addressbook.errors import FieldError
from addressbook.privacy.masking import mask_numbers
from addressbook.store.loading import UNREAD, StoredRow
from loaders.bench import Bench
from loaders.fields import LONGEST_CHARACTERS, Fields, too_long
from loaders.ledger import Ledger
from loaders.mapping import ColumnMapping
from loaders.outcomes import Outcome, RowOutcome, duplicate_key, rejected, row_fault
from loaders.points import Point, read_points
from loaders.reading.rows import RawRow

D = TypeVar("D")
FREE_TEXT = frozenset({"remark"})
"""Fields known by name that nothing reads: what people write there is about people."""


@dataclass(slots=True)
class Entry(Generic[D]):
    """A row on its way: its keys, what was read from it, its fault if it has one, and what is stored of it."""

    row: RawRow
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
        outcome = Outcome(stored.outcome)
        return RowOutcome(self.row.line, self.source_key, outcome, stored.reason_code, unchanged=True).at(self.row)


@dataclass(frozen=True, slots=True)
class Intake(Generic[D]):
    """How rows of one source become entries. `read` gives (source key, draft) and raises FieldError.

    `reading` names the options a row is read with: read differently, an equal row is another one. `check` raises
    FieldError for a draft that, with its point, cannot be placed; of `private` rows no cell is quoted.
    """

    bench: Bench
    source: str
    mapping: ColumnMapping
    coordinate_system: str
    read: Callable[[Fields], tuple[str, D]]
    reading: str
    twins_are_faults: bool = True
    check: Callable[[D, Point | None], None] | None = None
    private: bool = False

    def entries(self, rows: Sequence[RawRow]) -> list[Entry[D]]:
        """An entry for each row, in order, read and checked; the database is not asked."""
        read = [Fields(row, self.mapping, private=self.private) for row in rows]
        points = read_points(read, self.coordinate_system)
        return [self._entry(fields, point) for fields, point in zip(read, points, strict=True)]

    def admit(self, entries: list[Entry[D]], ledger: Ledger) -> list[Entry[D]]:
        """The same entries with duplicates of this run marked and stored rows attached."""
        self._mark_duplicates(entries, ledger)
        stored = ledger.stored([entry.row_key for entry in entries])
        for entry in entries:
            entry.stored = stored.get(entry.row_key)
        return entries

    def _entry(self, fields: Fields, point: Point | FieldError | None) -> Entry[D]:
        row = fields.row
        digest = self._digest(row)
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
            return self._refused(row, fields.shown_key(), digest, fault)
        key = source_key or digest.hex
        return Entry(row, key, self.bench.secret.row_key(self.source, key), digest, draft, point)

    def _refused(self, row: RawRow, source_key: str, digest: UUID, fault: FieldError) -> Entry[D]:
        # A refused row has a key of its own: what an earlier, better version of the row has stored stays as it is.
        # The zero byte, which no key holds, keeps it apart from a row that happens to be called like that.
        key = f"{source_key}#{row.sheet}{'!' if row.sheet else ''}{row.line}"
        row_key = self.bench.secret.row_key(self.source, f"\0{key}")
        plain = self.bench.secret.row_key(self.source, source_key) if source_key else None
        return Entry(row, key, row_key, digest, None, None, fault, stands_for=plain)

    def _digest(self, row: RawRow) -> UUID:
        parts = [f"{name}\x1f{value}" for name, value in row.values.items()]
        return self.bench.secret.digest("\x1e".join((*parts, str(row.point), self.reading)).encode("utf-8", "replace"))

    def _mark_duplicates(self, entries: list[Entry[D]], ledger: Ledger) -> None:
        here: dict[UUID, int] = {}
        whole = [entry for entry in entries if entry.fault is None]
        earlier = ledger.note({entry.row_key: entry.row.line for entry in reversed(whole)})
        for entry in whole:
            line = earlier.get(entry.row_key) or here.get(entry.row_key)
            if line and self.twins_are_faults:
                self._refuse_twin(entry, line)
            here.setdefault(entry.row_key, entry.row.line)
        refused = [entry for entry in entries if entry.fault is not None]
        ledger.note({entry.row_key: entry.row.line for entry in refused})
        # Seen, but not read: neither gone, nor the earlier of two twins.
        ledger.note({entry.stands_for: UNREAD for entry in refused if entry.stands_for})

    def _refuse_twin(self, entry: Entry[D], line: int) -> None:
        key = "" if self.private else entry.source_key
        twin = self._refused(entry.row, key, entry.digest, duplicate_key(line, sheets=bool(entry.row.sheet)))
        entry.source_key, entry.row_key, entry.fault, entry.draft = twin.source_key, twin.row_key, twin.fault, None


def open_columns(mapping: ColumnMapping, personal: frozenset[str]) -> frozenset[str]:
    """The columns that may be kept readable: those that a field which is not personal reads.

    Any other column is sealed, whatever the kind: it may hold anything, a landlord's name or a caller's number.
    """
    closed = personal | FREE_TEXT
    hidden = {column for field in closed for column in mapping.columns_of(field)}
    shown = {column for field in mapping.fields if field not in closed for column in mapping.columns_of(field)}
    return frozenset(shown - hidden)


def split_received(values: dict[str, str], shown: frozenset[str]) -> tuple[dict[str, str], dict[str, str]]:
    """The row as received in two parts: what may be read, and what must be sealed.

    A readable cell in which somebody has written a phone or identity number is masked there and sealed as it came.
    """
    readable = {name: mask_numbers(value) for name, value in values.items() if name in shown}
    return readable, {name: value for name, value in values.items() if readable.get(name) != value}
