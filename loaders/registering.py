"""Writing a chunk of an address list: what was minted, what was confirmed, the rows, the doubts and the counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from addressbook.masking import masked
from addressbook.match import sentence
from addressbook.model import AddressState, Category, NamedAddress, Resolution, TreePlan
from addressbook.normalise import normal_name
from addressbook.registry import Grown, Node
from addressbook.registry.events import EventKind
from addressbook.registry.review import refusal, text_key
from addressbook.registry.tree import NAMED_KINDS
from addressbook.store import loading, minting
from addressbook.store.copying import Block, copy_in, sending
from addressbook.store.counting import RollupKey, add_to_rollup
from addressbook.store.minting import Alias, Confirmation, OutsideCode
from addressbook.store.outbox import announce_event
from addressbook.store.review_rulings import Ruling
from addressbook.store.squares import divisions_changed
from loaders.bench import Bench
from loaders.intake import Entry
from loaders.outcomes import Outcome, RowOutcome, rejected
from loaders.points import Boundaries
from loaders.request import Job
from loaders.writing import REVIEW_COLUMNS, masked_reasons, quoted, send_rows, update_rows

if TYPE_CHECKING:
    from loaders.addresses import AddressDraft

UNDATED = date(1, 1, 1)
_GROWN_REASONS = {
    "several_candidates": ("several addresses fit equally.", "有多个同样可能的地址。"),
    "plate_and_place_disagree": ("the plate belongs to another place.", "该门牌属于另一地点。"),
    "several_units": ("several rooms of this number exist in the building.", "该楼幢内有多个同号房间。"),
    "division_missing": ("no county is known for the address.", "无法确定地址所在的区县。"),
    "not_found": ("no address could be recognised.", "没有可识别的地址。"),
}


@dataclass(slots=True)
class Registered:
    """A row of an address list with what it came to; `said_division` is the code of the division that it names.

    `ruling`: what a clerk has decided of this very text.
    """

    entry: Entry[AddressDraft]
    plan: TreePlan | None = None
    said_division: str | None = None
    resolution: Resolution | None = None
    grown: Grown | None = None
    flag: str = ""
    ruling: Ruling | None = None
    _end: RowOutcome | None = None

    @property
    def draft(self) -> AddressDraft:
        """What was read; only asked of rows that were not refused."""
        if self.entry.draft is None:
            raise ValueError("a refused row has no draft")
        return self.entry.draft

    @property
    def place(self) -> tuple[int, str] | None:
        """(site, AID) of the address the row means."""
        if self.ruling is not None:
            return (self.ruling.site_id, self.ruling.aid) if self.ruling.aid else None
        if self.grown is not None:
            return (self.grown.node.site_id, self.grown.node.aid) if self.grown.node else None
        found = self.resolution
        if found is None or found.aid is None or found.site_id is None:
            return None
        return found.site_id, found.aid

    @property
    def division_code(self) -> str | None:
        """The division of that address, or the one that is all the row reaches."""
        if self.ruling is not None:
            return self.ruling.division_code or None
        if self.grown is not None and self.grown.node is not None:
            return self.grown.node.division_code
        if self.resolution is not None:
            return self.resolution.division_code
        return self.said_division

    @property
    def reaches_only_division(self) -> bool:
        """Whether the row names a division and nothing below it: that is no address, and no fault."""
        found = self.resolution
        if found is None:
            return self.plan is None and self.said_division is not None
        return found.category is Category.A and found.aid is None and found.division_code is not None

    def reason(self) -> tuple[str, str, str]:
        """(code, English, Chinese) of why there is no address."""
        if self.grown is not None and self.grown.reason_code:
            return (self.grown.reason_code, *_GROWN_REASONS[self.grown.reason_code])
        found = self.resolution
        told = quoted(found.reasons, masked(self.draft.text)) if found else []
        costly = [reason for reason in told if reason.cost]
        if not costly or (found and found.category is Category.D and costly[0].code != "outside"):
            return ("not_found", *_GROWN_REASONS["not_found"])
        en = " ".join(sentence(reason, "en") for reason in costly)
        return costly[0].code, en, " ".join(sentence(reason, "zh") for reason in costly)

    def outcome(self) -> RowOutcome:
        """How the row ends; asked when nothing about it can change any more."""
        if self._end is None:
            self._end = self._outcome().at(self.entry.row)
        return self._end

    def _outcome(self) -> RowOutcome:
        line, key = self.entry.row.line, self.entry.source_key
        if self.entry.fault is not None:
            return rejected(line, key, self.entry.fault)
        if self.ruling is not None and self.ruling.aid is None:
            return rejected(line, key, refusal(self.ruling.verdict))
        if self.place is not None:
            return RowOutcome(line, key, Outcome.LINKED, self.flag)
        if self.reaches_only_division:
            return RowOutcome(line, key, Outcome.LINKED, "division_only")
        code, en, zh = self.reason()
        return RowOutcome(line, key, Outcome.REVIEW, code, "address", zh, en)


def flag_far_points(items: Sequence[Registered], boundaries: Boundaries) -> None:
    """Drop the points that lie far outside the division that their row's text names, and flag the rows."""
    pointed = [(item, item.said_division, item.entry.point) for item in items if item.said_division]
    placed = [(item, code, point) for item, code, point in pointed if code and point]
    far = boundaries.all_far_from([code for _, code, _ in placed], [point for _, _, point in placed])
    for (item, _, _), is_far in zip(placed, far, strict=True):
        if is_far:
            item.flag, item.entry.point = "point_outside_division", None


@dataclass(slots=True)
class Registrar:
    """Writes for one source and batch, inside the caller's transaction; a chunk that changes anything is one event."""

    bench: Bench
    job: Job
    state: AddressState

    def write(self, items: Sequence[Registered], minted: Iterable[list[Node]]) -> int:
        """Store a chunk; returns how many addresses were minted.

        `minted` gives the items their addresses while it yields those that are new: the database stores them meanwhile.
        """
        if not items:
            return 0
        event = self._event()
        created: list[Node] = []
        with sending(self.bench.connection) as send:
            for nodes in minted:
                created += nodes
                self._send_addresses(nodes, event, send)
            changed = [item for item in items if differs(item)]
            known = send_rows([(item.entry, self._row_values(item)) for item in changed], send)
        update_rows(self.bench.connection, known)
        is_event = self._write_registry(items, created, event)
        self._write_reviews(changed)
        if is_event:
            announce_event(self.bench.connection, event)
        return len(created)

    def _send_addresses(self, nodes: Sequence[Node], event: int, send: Callable[[Block], None]) -> None:
        rows = [_address_values(node, self.state, self.job.source_id, event) for node in nodes]
        for block in minting.address_blocks(rows):
            send(block)

    def _write_registry(self, items: Sequence[Registered], created: Sequence[Node], event: int) -> bool:
        """Store what the chunk changes; returns whether it changes anything, else the event is withdrawn."""
        met = [item for item in items if item.place and not (item.grown and item.grown.is_new)]
        changed = minting.confirm(self.bench.connection, self._confirmations(met), self.job.source_id, event)
        changed += self._write_names(items, event)
        if not created and not changed:
            minting.withdraw_event(self.bench.connection, event)
        self.bench.newest_event = max(self.bench.newest_event, event if created or changed else 0)
        counts = Counter(RollupKey(n.division_code, "address", "", n.kind.value, UNDATED, 1) for n in created)
        moved = divisions_changed(self.bench.connection, event) if changed else []
        add_to_rollup(self.bench.connection, counts, moved)
        return bool(created or changed)

    def _event(self) -> int:
        kind = EventKind.PROPOSE if self.state is AddressState.PROVISIONAL else EventKind.REGISTER
        return minting.record_event(
            self.bench.connection, kind, actor="loader", reason=f"load of source {self.job.source}",
            source_document=self.job.source, batch_id=self.job.batch_id,
        )  # fmt: skip

    def _confirmations(self, met: Sequence[Registered]) -> list[Confirmation]:
        rows: dict[str, Confirmation] = {}
        for item in met:
            if item.place is not None:
                site_id, aid = item.place
                rows[aid] = Confirmation(site_id, aid, self.state.value, *(item.entry.point or (None, None)))
        return list(rows.values())

    def _write_names(self, items: Sequence[Registered], event: int) -> int:
        """Aliases and outside codes of the rows' addresses; a new alias of a name is in the index at once."""
        told = [item for item in items if item.entry.draft and (item.draft.aliases or item.draft.outside_codes)]
        placed = [(item, place) for item in told if (place := item.place)]
        aliases = [
            (item, Alias(*place, normal_name(name), None)) for item, place in placed for name in item.draft.aliases
        ]
        codes = [OutsideCode(*place, *code) for item, place in placed for code in item.draft.outside_codes]
        changed = 0
        if codes:
            changed += minting.insert_outside_codes(self.bench.connection, codes, self.job.source_id, event)
        if aliases:
            rows = [alias for _, alias in aliases]
            changed += minting.insert_aliases(self.bench.connection, rows, "registered", self.job.source_id, event)
            self._index_aliases(aliases)
        return changed

    def _index_aliases(self, aliases: Sequence[tuple[Registered, Alias]]) -> None:
        for item, alias in aliases:
            node = item.grown.node if item.grown else None
            if node is not None and node.kind in NAMED_KINDS:
                self.bench.index.add(
                    NamedAddress(alias.aid, alias.site_id, node.kind, alias.name, node.division_code, node.path, True)
                )

    def _write_reviews(self, items: Sequence[Registered]) -> None:
        known = [item.entry.row_key for item in items if item.entry.stored]
        if known:
            loading.settle_reviews(self.bench.connection, known)
        rows = (self._review_values(item) for item in items if item.outcome().outcome is Outcome.REVIEW)
        copy_in(self.bench.connection, "review_item", REVIEW_COLUMNS, rows)

    def _review_values(self, item: Registered) -> tuple[Any, ...]:
        found, code = item.resolution, item.reason()[0]
        candidates = found.candidates if found else ()
        words = masked(item.draft.text)
        listed = [
            {"aid": c.aid, "text": c.standard_text, "score": c.score, "reasons": masked_reasons(c.reasons, words)}
            for c in candidates
        ]
        return (
            item.entry.row_key, self.job.source_id, "address", found.category.value if found else "C", code,
            words.text, item.division_code, found.anchor if found else None,
            words.quote(found.unresolved_tail) if found else "", loading.json(listed),
            loading.json(masked_reasons(found.reasons, words) if found else []), "open", self.job.batch_id,
            "", None, None, None, None, loading.words(()), found.score if found else 0.0,
            text_key(words.text, item.entry.row_key) if words.text else None, self.job.division or "",
        )  # fmt: skip

    def _row_values(self, item: Registered) -> tuple[Any, ...]:
        entry, outcome, place = item.entry, item.outcome(), item.place
        return (
            entry.row_key, self.job.source_id, entry.source_key, self.job.batch_id, entry.row.line, entry.digest,
            outcome.outcome.value, outcome.reason_code, outcome.field, outcome.zh, entry.row.shown,
            entry.row.sealed(self.bench.secret, entry.row_key),
            "address", None, place[0] if place else None, place[1] if place else None, item.division_code,
        )  # fmt: skip


def differs(item: Registered) -> bool:
    """Whether there is anything to write: not for a row in review as before, for the same reason."""
    stored = item.entry.stored
    if stored is None or not item.entry.unchanged:
        return True
    outcome = item.outcome()
    return (outcome.outcome, outcome.reason_code) != (stored.outcome, stored.reason_code)


def _address_values(node: Node, state: AddressState, source_id: int, event: int) -> tuple[Any, ...]:
    point = f"SRID=4326;POINT({node.point[0]:.7f} {node.point[1]:.7f})" if node.point else None
    return (
        node.site_id, node.aid, node.kind.value, node.parent_aid, node.road_aid, node.plate_no, node.name, node.path,
        node.loose_path, node.standard_text, node.division_code, point, node.coordinate_level.value, state.value,
        source_id, event,
    )  # fmt: skip
