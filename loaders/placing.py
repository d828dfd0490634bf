"""Where a row's element belongs: its addresses resolved in one batch, each decided to a link or a doubt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from addressbook.errors import FieldError
from addressbook.links import Decision, Link, Unresolved, decide
from addressbook.links.policy import division_site
from addressbook.links.record import Subject
from addressbook.masking import NOBODY, mask_text
from addressbook.model import Category, ElementKind, Level, ParsedAddress, Reason, Resolution, Role
from addressbook.registry.review import refusal, text_key
from addressbook.store.lookup import SqlPathLookup
from addressbook.store.review_rulings import Ruling, RulingKey, standing_rulings
from loaders.bench import Bench
from loaders.intake import Entry
from loaders.kinds import Draft, Placement
from loaders.outcomes import RowOutcome
from loaders.points import Boundaries, Boundary, Point, outside_areas

ElementEntry = Entry[Draft]

REVIEWED = "reviewed"
"""The flag of a link that a clerk decided."""
_ROLE_BY_POINT = {
    ElementKind.PERSON: Role.RESIDENCE,
    ElementKind.HOUSE: Role.LOCATED_AT,
    ElementKind.ENTERPRISE: Role.REGISTERED,
    ElementKind.EVENT: Role.OCCURRED_AT,
    ElementKind.THING: Role.LOCATED_AT,
}


class Doubt(NamedTuple):
    """A placement that waits for a person, as the role that its link would have."""

    decision: Decision
    resolution: Resolution
    role: Role
    subject: Subject
    flags: tuple[str, ...]


@dataclass(slots=True)
class Placed:
    """An entry with what was decided for each of its placements.

    Links, doubts for the review desk, and refusals where a clerk said before that the text leads nowhere.
    """

    entry: ElementEntry
    links: list[Link] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    refusals: list[FieldError] = field(default_factory=list)
    end: RowOutcome | None = None
    """How the row ends, once it was asked."""


@dataclass(frozen=True, slots=True)
class Placer:
    """Resolves and decides for one source and batch."""

    bench: Bench
    source_id: int
    batch_id: int
    division: str | None
    unresolved: Unresolved

    def place(self, entries: Sequence[ElementEntry]) -> list[Placed]:
        """A decision for every placement of every entry, all resolved in one batch."""
        drafts = [entry.draft for entry in entries if entry.draft]
        texts = list({text for draft in drafts for place in draft.placements for text in place.texts})
        lookup = SqlPathLookup(self.bench.connection)
        found = self.bench.resolver.resolve_batch(texts, lookup, division=self.division)
        answers = dict(zip(texts, found, strict=True))
        known = [entry.row_key for entry in entries if entry.draft and entry.stored]
        rulings = standing_rulings(self.bench.connection, known)
        return [self._decided(entry, answers, rulings) for entry in entries]

    def _decided(
        self, entry: ElementEntry, answers: dict[str, Resolution], rulings: dict[RulingKey, Ruling]
    ) -> Placed:  # fmt: skip
        item = Placed(entry)
        if entry.draft is None:
            return item
        for placement in entry.draft.placements:
            ruled = _ruled(entry, placement, rulings) if rulings else None
            if ruled is None:
                self._decide_one(item, entry.draft, placement, answers)
            else:
                self._follow(item, entry.draft, placement.role, ruled[1], answers[ruled[0]])
        if not entry.draft.placements:
            self._place_by_point(item, entry.draft)
        return item

    def _decide_one(self, item: Placed, draft: Draft, place: Placement, answers: dict[str, Resolution]) -> None:
        resolution = max((answers[text] for text in place.texts), key=_depth)
        decision = decide(resolution, self.unresolved)
        if not decision.linked:
            subject = self._subject(item.entry, draft)
            item.doubts.append(Doubt(decision, resolution, place.role, subject, tuple(draft.flags)))
            return
        flags = list(draft.flags)
        if item.entry.point and self.bench.boundaries.far_from(decision.division_code, item.entry.point):
            flags.append("point_outside_division")
            item.entry.point = None
        item.links.append(Link(self._subject(item.entry, draft), place.role, decision, resolution, tuple(flags)))

    def _follow(self, item: Placed, draft: Draft, role: Role, ruling: Ruling, found: Resolution) -> None:
        """Do what a clerk decided of this very text."""
        division = ruling.division_code
        if ruling.aid is not None:
            decision = Decision(True, ruling.site_id, ruling.aid, division, (REVIEWED,))
        elif division:
            decision = Decision(True, division_site(division), None, division, ("division_only", REVIEWED))
        else:
            item.refusals.append(refusal(ruling.verdict))
            return
        item.links.append(Link(self._subject(item.entry, draft), role, decision, found, tuple(draft.flags)))

    def _place_by_point(self, item: Placed, draft: Draft) -> None:
        """A row without an address is counted where its point lies."""
        entry = item.entry
        boundary = _boundary(self.bench.boundaries, entry.point)
        flags = ("division_only", "located_by_point")
        decision = Decision(True, division_site(boundary.code), None, boundary.code, flags)
        role = _ROLE_BY_POINT[draft.element.kind]
        item.links.append(Link(self._subject(entry, draft), role, decision, _by_point(boundary.code, boundary.level)))

    def _subject(self, entry: ElementEntry, draft: Draft) -> Subject:
        element = draft.element
        return Subject(
            element.kind.value, element.key, element.category, draft.month, self.source_id, entry.row_key,
            self.batch_id, draft.valid_from,
        )  # fmt: skip


def _ruled(
    entry: ElementEntry, place: Placement, rulings: dict[RulingKey, Ruling]
) -> tuple[str, Ruling] | None:  # fmt: skip
    """What a clerk decided of this row in this role, with the text that he decided it of."""
    own = entry.draft.own if entry.draft else NOBODY
    for text in place.texts:
        ruling = rulings.get((entry.row_key, place.role.value, text_key(mask_text(text, own), entry.row_key)))
        if ruling is not None:
            return text, ruling
    return None


def check_placeable(boundaries: Boundaries, draft: Draft, point: Point | None) -> None:
    """Raise FieldError for a row with neither an address nor a point within a loaded area."""
    if not draft.placements:
        _boundary(boundaries, point)


def _boundary(boundaries: Boundaries, point: Point | None) -> Boundary:
    boundary = boundaries.containing(point) if point else None
    if boundary is None:
        raise outside_areas(point) if point else _no_address()
    return boundary


def _depth(resolution: Resolution) -> tuple[bool, int]:
    """The better of several answers: sure before unsure, then the deeper."""
    return resolution.category in (Category.A, Category.B), resolution.match_level.rank


def _by_point(code: str, level: Level) -> Resolution:
    return Resolution(
        "",
        ParsedAddress("", "", ()),
        Category.A,
        match_level=level,
        coordinate_level=Level.POINT,
        division_code=code,
        score=1.0,
        reasons=(Reason("located_by_point", "division", found=code),),
    )


def _no_address() -> FieldError:
    return FieldError(
        "address_missing",
        "address",
        "the row has neither an address nor a point.",
        zh="该行既没有地址也没有坐标。",
        remedy="Fill in the address.",
    )
