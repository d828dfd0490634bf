"""Writing a chunk of placed elements: elements, links, review items, rows and counts, set by set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Connection

from addressbook.links import LINK_COLUMNS, Link
from addressbook.links.changes import LinkEnd
from addressbook.links.record import reasons_as_data
from addressbook.masking import NOBODY, Masked, Own, masked
from addressbook.match import sentence
from addressbook.model import ElementKind, Reason
from addressbook.registry.review import text_key
from addressbook.search.firms import firm_sounds
from addressbook.store import loading
from addressbook.store.copying import Block, block_of, copy_block, copy_in
from addressbook.store.counting import RollupKey, add_to_rollup
from addressbook.store.loading import OpenLink
from addressbook.store.outbox import announce_links
from addressbook.store.subjects import hold_back, lock_subjects
from loaders.bench import Bench
from loaders.intake import Entry
from loaders.kinds import Kind
from loaders.outcomes import Outcome, RowOutcome, rejected
from loaders.placing import Doubt, ElementEntry, Placed

RowValues = tuple[Entry[Any], tuple[Any, ...]]
"""A row with its values of ROW_COLUMNS."""
_RECEIVED, _FLAGS, _REASONS = map(LINK_COLUMNS.index, ("received_text", "flags", "reasons"))
_COMMON = ("element_key", "source_id", "source_key", "category")
ROW_COLUMNS = (
    "row_key", "source_id", "source_key", "batch_id", "line", "digest", "outcome", "reason_code", "field", "message",
    "received", "received_sealed", "element_kind", "element_key", "site_id", "aid", "division_code",
)  # fmt: skip
REVIEW_COLUMNS = (
    "row_key", "source_id", "element_kind", "category", "reason_code", "received_text", "division_code", "anchor_aid",
    "unresolved_tail", "candidates", "reasons", "state", "batch_id", "role", "element_key", "element_category", "month",
    "valid_from", "flags", "score", "text_key", "context",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes for one source and batch, inside the caller's transaction."""

    bench: Bench
    kind: Kind
    source_id: int
    batch_id: int
    context: str

    def write(self, items: list[Placed]) -> None:
        """Store a chunk: every set in one statement."""
        if items:
            if self._is_of_persons:
                lock_subjects(self.bench.connection, alone=False)
            self._write_elements([item.entry for item in items if item.links or item.doubts or item.refusals])
            opened, closed, kept = self._write_links(items)
            self._write_reviews(items)
            rows = [(item.entry, self._row_values(item)) for item in items]
            update_rows(self.bench.connection, send_rows(rows, partial(copy_block, self.bench.connection)))
            self._hold_back(items)
            # Last, because other processes wait for the counts that this transaction touches.
            add_to_rollup(self.bench.connection, _deltas(opened, closed))
            ends = (map(_opened_end, opened), map(closed_end, closed), map(closed_end, kept))
            announce_links(self.bench.connection, self.batch_id, *ends)

    def _write_elements(self, entries: list[ElementEntry]) -> None:
        # Of two rows about one element the later one counts, as it would had they come in two files.
        rows = {entry.draft.element.key: entry for entry in entries if entry.draft}
        if rows:
            first = next(iter(rows.values()))
            columns = (*_COMMON, *self._own(first), "attributes", "batch_id")
            values = (self._element_values(entry) for entry in rows.values())
            loading.upsert(self.bench.connection, self.kind.element_kind.value, columns, values)

    @property
    def _is_of_persons(self) -> bool:
        return self.kind.element_kind is ElementKind.PERSON

    def _hold_back(self, items: list[Placed]) -> None:
        """Whom the registry was told to restrict or to erase no load brings back."""
        if self._is_of_persons:
            drafts = {item.entry.draft.element.key for item in items if item.entry.draft}
            hold_back(self.bench.connection, list(drafts), [item.entry.row_key for item in items])

    def _own(self, entry: ElementEntry) -> dict[str, Any]:
        if entry.draft is None:
            return {}
        columns = entry.draft.element.columns
        if self.kind.element_kind is ElementKind.ENTERPRISE:
            return columns | firm_sounds(columns["name"], self.bench.gazetteer)._asdict()
        if self.kind.element_kind is not ElementKind.THING:
            return columns
        point = entry.point
        return {**columns, "geom": f"SRID=4326;POINT({point[0]:.7f} {point[1]:.7f})" if point else None}

    def _element_values(self, entry: ElementEntry) -> tuple[Any, ...]:
        draft = entry.draft
        if draft is None:
            raise ValueError("a refused row has no element")
        common = (draft.element.key, self.source_id, entry.source_key, draft.element.category)
        return (*common, *self._own(entry).values(), "{}", self.batch_id)

    def _write_links(self, items: list[Placed]) -> tuple[list[Link], list[OpenLink], list[OpenLink]]:
        """Store what changes of links; returns those opened, those closed, and those that stay as they are."""
        stored = [item.entry.stored for item in items if item.entry.stored]
        standing = loading.open_links(self.bench.connection, stored)
        opened: list[Link] = []
        closed: list[OpenLink] = []
        kept: list[OpenLink] = []
        for item in items:
            new, old, same = _changes(item, standing.get(item.entry.row_key, []))
            opened += new
            closed += old
            kept += same
        if closed:
            loading.close_links(self.bench.connection, closed, self.batch_id)
        owns = {item.entry.row_key: _own(item.entry) for item in items}
        values = (_link_values(link, owns[link.subject.row_key]) for link in opened)
        copy_in(self.bench.connection, "link", LINK_COLUMNS, values)
        return opened, closed, kept

    def _write_reviews(self, items: list[Placed]) -> None:
        known = [item.entry.row_key for item in items if item.entry.stored]
        if known:
            loading.settle_reviews(self.bench.connection, known)
        rows = (self._review_values(item.entry, doubt) for item in items for doubt in item.doubts)
        copy_in(self.bench.connection, "review_item", REVIEW_COLUMNS, rows)

    def _review_values(self, entry: ElementEntry, doubt: Doubt) -> tuple[Any, ...]:
        found, subject = doubt.resolution, doubt.subject
        words = masked(found.text, _own(entry))
        candidates = [
            {"aid": c.aid, "text": c.standard_text, "score": c.score, "reasons": masked_reasons(c.reasons, words)}
            for c in found.candidates
        ]
        return (
            entry.row_key, self.source_id, self.kind.element_kind.value, found.category.value,
            doubt.decision.reason_code, words.text, found.division_code, found.anchor,
            words.quote(found.unresolved_tail),
            loading.json(candidates), loading.json(masked_reasons(found.reasons, words)), "open", self.batch_id,
            doubt.role.value, subject.element_key, subject.category, subject.month, subject.valid_from,
            loading.words(doubt.flags), found.score, text_key(words.text, entry.row_key), self.context,
        )  # fmt: skip

    def _row_values(self, item: Placed) -> tuple[Any, ...]:
        entry, outcome = item.entry, outcome_of(item)
        decision = item.links[0].decision if item.links else None
        return (
            entry.row_key, self.source_id, entry.source_key, self.batch_id, entry.row.line, entry.digest,
            outcome.outcome.value, outcome.reason_code, outcome.field, outcome.zh, entry.row.shown,
            entry.row.sealed(self.bench.secret, entry.row_key),
            self.kind.element_kind.value, _element_key(item),
            decision.site_id if decision else None, decision.aid if decision else None,
            decision.division_code if decision else None,
        )  # fmt: skip


def masked_reasons(reasons: Iterable[Reason], text: Masked) -> list[dict[str, Any]]:
    """Reasons as a link or a review item shows them: what they quote of the text is masked as the text is."""
    return reasons_as_data(quoted(reasons, text))


def quoted(reasons: Iterable[Reason], text: Masked) -> list[Reason]:
    """Reasons without what is masked in the text that they quote."""
    return [one._replace(expected=text.quote(one.expected), found=text.quote(one.found)) for one in reasons]


def _own(entry: ElementEntry) -> Own:
    return entry.draft.own if entry.draft else NOBODY


def send_rows(rows: list[RowValues], send: Callable[[Block], None]) -> list[tuple[Any, ...]]:
    """Store what became of new rows, by a plain COPY, the usual case and half the cost; returns the others' values."""
    send(block_of("source_row", ROW_COLUMNS, [values for entry, values in rows if entry.stored is None]))
    return [values for entry, values in rows if entry.stored is not None]


def update_rows(connection: Connection, known: list[tuple[Any, ...]]) -> None:
    """Store what became of rows that were stored before."""
    if known:
        loading.upsert(connection, "source_row", ROW_COLUMNS, known)


def outcome_of(item: Placed, *, unchanged: bool = False) -> RowOutcome:
    """How a placed row ends: rejected with its fault, in review with its first doubt, else linked."""
    if item.end is None:
        item.end = _outcome_of(item).at(item.entry.row)
    return item.end._replace(unchanged=True) if unchanged else item.end


def _outcome_of(item: Placed) -> RowOutcome:
    entry = item.entry
    if entry.fault is not None:
        return rejected(entry.row.line, entry.source_key, entry.fault)
    if item.refusals and not item.links and not item.doubts:
        return rejected(entry.row.line, entry.source_key, item.refusals[0])
    if not item.doubts:
        return RowOutcome(entry.row.line, entry.source_key, Outcome.LINKED)
    found = item.doubts[0].resolution
    told = quoted(found.reasons, masked(found.text, _own(entry)))
    return RowOutcome(
        entry.row.line, entry.source_key, Outcome.REVIEW, item.doubts[0].decision.reason_code, "address",
        _sentences(told, "zh"), _sentences(told, "en"),
    )  # fmt: skip


def _sentences(reasons: list[Reason], language: Literal["zh", "en"]) -> str:
    return " ".join(sentence(reason, language) for reason in reasons if reason.cost)


def _element_key(item: Placed) -> UUID | None:
    return item.entry.draft.element.key if item.entry.draft and (item.links or item.doubts or item.refusals) else None


def _changes(item: Placed, standing: list[OpenLink]) -> tuple[list[Link], list[OpenLink], list[OpenLink]]:
    """The links to open, to close and to keep, so that only what changed changes. A refused row touches nothing."""
    if item.entry.fault is not None:
        return [], [], []
    opened, kept = [], set()
    for link in item.links:
        twin = next((old for old in standing if _says_the_same(link, old)), None)
        if twin is None:
            opened.append(link)
        else:
            kept.add(twin.link_id)
    ended = [old for old in standing if old.link_id not in kept]
    return opened, ended, [old for old in standing if old.link_id in kept]


def _says_the_same(link: Link, old: OpenLink) -> bool:
    same_element = (link.role.value, link.subject.element_key) == (old.role, old.element_key)
    return same_element and link.same_as(old.site_id, old.aid, old.division_code, old.category, old.month)


def _link_values(link: Link, own: Own) -> tuple[Any, ...]:
    values = list(link.values())
    words = masked(values[_RECEIVED], own)
    if words.text != values[_RECEIVED]:  # else there is nothing that a reason could quote
        values[_RECEIVED], values[_REASONS] = words.text, masked_reasons(link.resolution.reasons, words)
    values[_FLAGS] = loading.words(values[_FLAGS])
    values[_REASONS] = loading.json(values[_REASONS])
    return tuple(values)


def _deltas(opened: list[Link], closed: list[OpenLink]) -> Counter[RollupKey]:
    deltas = Counter(map(_counted_link, opened))
    deltas.subtract(Counter(map(counted, closed)))
    return deltas


def _opened_end(link: Link) -> LinkEnd:
    s, d = link.subject, link.decision
    return LinkEnd(s.row_key, link.role.value, s.element_kind, s.element_key, d.aid, d.division_code)


def closed_end(link: OpenLink) -> LinkEnd:
    """A stored link that was closed, as it is told."""
    return LinkEnd(link.row_key, link.role, link.element_kind, link.element_key, link.aid, link.division_code)


def _counted_link(link: Link) -> RollupKey:
    s, d = link.subject, link.decision
    return RollupKey(d.division_code, s.element_kind, link.role.value, s.category, s.month, int(d.aid is not None))


def counted(link: OpenLink) -> RollupKey:
    """What a stored link counts under."""
    located = int(link.aid is not None)
    return RollupKey(link.division_code, link.element_kind, link.role, link.category, link.month, located)


def uncount(links: Iterable[OpenLink]) -> dict[RollupKey, int]:
    """The difference to the counts when these links are closed."""
    return {key: -number for key, number in Counter(map(counted, links)).items()}
