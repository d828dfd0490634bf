"""Loading addresses: official lists become current addresses, texts from any file become proposals.

Nothing is minted twice: a row that means a known address is linked to it; one that may mean several waits for review.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from addressbook import identity
from addressbook.errors import FieldError
from addressbook.masking import mask_numbers, masked
from addressbook.match import tree_plan
from addressbook.model import AddressKind, AddressState, Category, Resolution, TreePlan
from addressbook.parse import parsed_from_columns
from addressbook.registry import Grower, Grown, Node, Wish, kinds_wanted
from addressbook.registry.review import text_key
from addressbook.registry.schemes import cleaned
from addressbook.store.batches import lock_minting
from addressbook.store.lookup import SqlPathLookup
from addressbook.store.minting import taken_codes
from addressbook.store.review_rulings import note_texts, standing_rulings
from loaders.bench import Bench
from loaders.fields import Fields
from loaders.intake import Chunk, Entry, Intake
from loaders.ledger import Ledger
from loaders.outcomes import RowOutcome
from loaders.reading.rows import RawRow
from loaders.reading.workbook import FORMULA_WITHOUT_VALUE
from loaders.received import open_columns
from loaders.registering import Registered, Registrar, differs, flag_far_points
from loaders.request import Job

DIVISIONS = ("county", "town", "community")
COLUMNS = (*DIVISIONS, "road", "road_no", "place", "sub_place", "building", "unit", "floor", "room")
STRUCTURE = frozenset(COLUMNS).difference(DIVISIONS)
OUTSIDE_CODES = {"house_code": "JGJ/T 246", "estate_unit": "不动产单元代码"}
TELLS_NOTHING_NEW = frozenset({"unit_missing", "unit_unregistered", "floor_unregistered", "list_first", "alias_used"})
"""Faults that two spellings of one registered address may have between them."""
LACKING = frozenset(
    {"plate_unknown", "sub_place_unknown", "building_unknown", "unit_unknown", "unit_contradicts", "floor_unknown",
     "room_unknown", "list_unknown", "name_unknown", "list_first", "town_differs", "county_differs", "road_unknown",
     "place_unknown"}
)  # fmt: skip
"""Reasons that say only that the registry lacks something: what minting is for. Any other doubt is for a person."""

BLOCK_NODES = 1000
"""So many new addresses are sent to the database while more are minted."""


class PlannedColumns(NamedTuple):
    """What columns for road, place, building … ask of the registry, and the division they name."""

    plan: TreePlan | None
    division_code: str | None


@dataclass(slots=True)
class AddressDraft:
    """A row of an address list: its text, or what its columns ask for; its other names and outside codes."""

    text: str
    columns: PlannedColumns | None
    aliases: tuple[str, ...] = ()
    outside_codes: tuple[tuple[str, str], ...] = ()


class AddressLoader:
    """Loads an address list, or proposes addresses; they differ in the state and in how much is taken as given."""

    def __init__(self, bench: Bench, job: Job, *, proposing: bool) -> None:
        self._bench, self._job, self._proposing = bench, job, proposing
        self._registrar = Registrar(bench, job, AddressState.PROVISIONAL if proposing else AddressState.CURRENT)
        self._intake = Intake(
            bench, job.source, job.mapping, open_columns(job.mapping, frozenset()), job.coordinate_system,
            self._draft, job.reading, not proposing, is_new=job.is_new,
        )  # fmt: skip
        self._mint = _Mint(bench)
        self.minted = 0

    def read(self, rows: Sequence[RawRow], ledger: Ledger) -> Chunk[AddressDraft]:
        """The rows read and checked, but for those that are linked as they were received."""
        return self._intake.read_chunk([self._text_only(row) for row in rows] if self._proposing else rows, ledger)

    def admit(self, chunk: Chunk[AddressDraft], ledger: Ledger) -> Chunk[AddressDraft]:
        """The same with what is stored of them: in the order of the file."""
        return self._intake.admit(chunk, ledger)

    def finish(self, entries: list[Entry[AddressDraft]]) -> list[RowOutcome]:
        """Resolve, mint what is lacking, and write a chunk; one load mints at a time."""
        lock_minting(self._bench.connection)
        self._bench.need_same_divisions()
        self._bench.refresh()
        fresh = {entry.row_key: entry for entry in entries if not entry.settled}
        registered = [Registered(entry) for entry in fresh.values()]
        wanting = self._wanting(registered)
        wishes = [self._wish(item) for item in wanting]
        grower = self._grower(wishes)
        self.minted += self._registrar.write(registered, _minted(grower, wishes, wanting))
        outcomes = {item.entry.row_key: _told(item) for item in registered}
        return [self._outcome(entry, outcomes.get(entry.row_key)) for entry in entries]

    def close_gone(self) -> int:
        """Addresses do not end because a list no longer has them: only a registry transaction retires one."""
        return 0

    def _outcome(self, entry: Entry[AddressDraft], outcome: RowOutcome | None) -> RowOutcome:
        if outcome is None:
            return entry.as_before()
        return outcome.at(entry.row)

    # -- reading

    def _text_only(self, row: RawRow) -> RawRow:
        """Of a row that is read only for its address, the address: rows that share it are one."""
        text = Fields(row, self._job.mapping).text("address")
        column = self._job.mapping.columns_of("address")[0]
        telling = ("broken_encoding", f"{FORMULA_WITHOUT_VALUE}:{column}")
        return RawRow(row.line, {column: text}, row.fault if row.fault in telling else "", sheet=row.sheet)

    def _draft(self, fields: Fields) -> tuple[str, AddressDraft]:
        text = fields.text("address")
        columns = {} if self._proposing else fields.steps(COLUMNS)
        if not text and not columns:
            raise FieldError(
                "address_missing", "address", "the address is empty.", zh="地址为空。", remedy="Fill it in."
            )
        planned = None
        if not STRUCTURE.isdisjoint(columns):
            parsed = parsed_from_columns(columns, self._bench.gazetteer, division=self._job.division)
            planned = PlannedColumns(tree_plan(parsed), parsed.division_code)
        elif not self._proposing:
            text = "".join(part for part in map(columns.get, DIVISIONS) if part and part not in text) + text
        codes = tuple([cleaned(scheme, code) for name, scheme in OUTSIDE_CODES.items() if (code := fields.text(name))])
        aliases = tuple(
            [name for part in fields.text("alias").replace(";", "；").split("；") if (name := part.strip())]
        )
        key = mask_numbers(text) if self._proposing else fields.text("source_key")
        return key, AddressDraft(text, planned, aliases, codes)

    # -- resolving and minting

    def _wanting(self, items: list[Registered]) -> list[Registered]:
        """The rows for which something may have to be minted."""
        drafted = [item for item in items if item.entry.draft is not None and item.entry.fault is None]
        self._resolve(drafted)
        self._follow_rulings([item for item in drafted if item.entry.stored])
        flag_far_points(drafted, self._bench.boundaries)
        return [item for item in drafted if self._wants_minting(item)]

    def _grower(self, wishes: Sequence[Wish]) -> Grower:
        """A grower that has all it needs of the database, which is busy while it grows."""
        lookup = SqlPathLookup(self._bench.connection)
        grower = Grower(self._bench.gazetteer, self._bench.index, lookup, self._mint.__call__)
        grower.learn(wishes)
        self._mint.stock_up(wishes)
        return grower

    def _resolve(self, items: list[Registered]) -> None:
        """Texts are resolved first, so that doubts about the text itself are seen; columns say what they mean."""
        texts = []
        for item in items:
            if item.draft.columns is None:
                texts.append(item)
            else:
                item.plan, item.said_division = item.draft.columns
        resolver = self._bench.resolver
        parsed = [resolver.parser.parse(item.draft.text, division=self._job.division) for item in texts]
        answers = resolver.resolve_parsed(parsed, SqlPathLookup(self._bench.connection))
        for item, read, answer in zip(texts, parsed, answers, strict=True):
            item.plan, item.said_division, item.resolution = tree_plan(read), read.division_code, answer

    def _follow_rulings(self, known: list[Registered]) -> None:
        """What a clerk decided of a row's text holds as long as the text is the same."""
        rulings = standing_rulings(self._bench.connection, [item.entry.row_key for item in known])
        if not rulings:
            return
        texts = {item.entry.row_key: text_key(mask_numbers(item.draft.text), item.entry.row_key) for item in known}
        note_texts(self._bench.connection, texts)
        for item in known:
            item.ruling = rulings.get((item.entry.row_key, "", texts[item.entry.row_key]))

    def _wants_minting(self, item: Registered) -> bool:
        found = item.resolution
        return (
            item.ruling is None
            and item.plan is not None
            and (found is None or _lacks_something(found, proposing=self._proposing))
            and not _takes_a_number_apart(item.draft.text, item.plan)
        )

    def _wish(self, item: Registered) -> Wish:
        if item.plan is None:
            raise ValueError("no plan, no wish")
        return Wish(item.plan, item.entry.point, means_plate=item.draft.columns is not None)


def _told(item: Registered) -> RowOutcome:
    return item.outcome() if differs(item) else item.outcome()._replace(unchanged=True)


def _minted(grower: Grower, wishes: Sequence[Wish], wanting: Sequence[Registered]) -> Iterator[list[Node]]:
    """Gives the rows what they wish for; yields, some at a time, the addresses that were minted for them."""
    sent = 0
    for number, grown in grower.grow(wishes):
        wanting[number].grown = grown
        if len(grower.created) >= sent + BLOCK_NODES:
            yield grower.created[sent:]
            sent = len(grower.created)
    yield grower.created[sent:]


def _lacks_something(found: Resolution, *, proposing: bool) -> bool:
    codes = {reason.code for reason in found.reasons if reason.cost}
    if found.category is Category.A:
        # A village that is known only as a division has no address yet; a plan says that the text asks for one.
        return found.aid is None
    if found.category is Category.B:
        # An official list that names a place we lack tells something new; any other file merely writes it differently.
        return not proposing and not codes <= TELLS_NOTHING_NEW
    return bool(codes) and codes <= LACKING | TELLS_NOTHING_NEW


def _takes_a_number_apart(text: str, plan: TreePlan) -> bool:
    """Whether pieces of a telephone or identity number were read as a house: 139幢1234-5679室 is no address."""
    shown = masked(text)
    if not shown.numbers:
        return False
    read = [plan.place, plan.plate_no, *(value for _, value in plan.tail)]
    return any(value and shown.quote(value) != value for value in read)


class _Mint:
    """Codes that were never issued, drawn together so that the directory is asked once a chunk."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._drawn: dict[AddressKind, list[str]] = {}

    def __call__(self, kind: AddressKind) -> str:
        return self._drawn[kind].pop()

    def stock_up(self, wishes: Sequence[Wish]) -> None:
        """Have as many codes of each kind as the wishes may take."""
        wanted = Counter(chain.from_iterable([kinds_wanted(wish.plan) for wish in wishes]))
        while lacking := wanted - Counter({kind: len(codes) for kind, codes in self._drawn.items()}):
            drawn = {kind: identity.mint_many(kind, number) for kind, number in lacking.items()}
            taken = taken_codes(self._bench.connection, list(chain.from_iterable(drawn.values())))
            for kind, codes in drawn.items():
                self._drawn.setdefault(kind, []).extend([code for code in codes if code not in taken])


__all__ = ["AddressDraft", "AddressLoader", "Grown", "Node"]
