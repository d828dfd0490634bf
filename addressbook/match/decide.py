"""The decision: category, level and reasons of one case. Where a number contradicts, nothing is linked."""

from __future__ import annotations

import re

from addressbook.match.cases import Base, Case
from addressbook.match.divisions import DivisionWords
from addressbook.match.names import says_another_town
from addressbook.match.reasons import reason, score_of
from addressbook.match.standard import tail_text
from addressbook.model import (
    LEVEL_OF_KIND,
    AddressKind,
    AddressState,
    Candidate,
    Category,
    FoundAddress,
    Level,
    ParsedAddress,
    PathToken,
    Reason,
    Resolution,
)  # fmt: skip
from addressbook.parse.knowledge import knowledge

MOST_CANDIDATES = 5
LIVE = (AddressState.CURRENT, AddressState.PROVISIONAL)
UNKNOWN = {
    AddressKind.COMPOUND: "sub_place_unknown", AddressKind.PLACE: "sub_place_unknown",
    AddressKind.DOOR_PLATE: "plate_unknown", AddressKind.BUILDING: "building_unknown",
    AddressKind.ENTRANCE: "unit_unknown", AddressKind.FLOOR: "floor_unknown", AddressKind.ROOM: "room_unknown",
}  # fmt: skip
INSIDE = ("内", "院内")
NUMBERS = ("road_no", "sub_road_no", "building", "unit", "floor", "room")
ENTRANCE_IN_PATH = re.compile(r"(?:^|/)E([^/]+)")


class Decider:
    """Turns a case with its look-ups into a Resolution."""

    def __init__(self, words: DivisionWords) -> None:
        self.words = words

    def decide(self, case: Case) -> Resolution:
        """The answer; D when nothing can be defended."""
        if case.plan is None:
            return self._division_only(case.parsed)
        notes = self._notes(case)
        complete = [base for base in case.bases if base.complete]
        if complete:
            return self._complete(case, complete, notes)
        loose = {hit.aid: (base, hit) for base in case.bases for hit in base.loose}
        if loose:
            return self._loose(case, loose, notes)
        return self._incomplete(case, notes)

    def _division_only(self, parsed: ParsedAddress) -> Resolution:
        code, level = parsed.division_code, parsed.division_level
        if code is None or not self.words.names_any(parsed):
            return Resolution(parsed.text, parsed, Category.D, reasons=(reason("nothing", "text"),))
        if any(e.name in (*NUMBERS, "sub_place", "other") for e in parsed.elements):
            return self._only_division(parsed, (reason("no_name", "place"),))
        why = reason("division_only", level.value, found=self.words.full_name(code))
        return Resolution(
            parsed.text, parsed, Category.A, match_level=level, division_code=code,
            standard_text=self.words.full_name(code), score=1.0, reasons=(why,),
        )  # fmt: skip

    def _only_division(self, parsed: ParsedAddress, reasons: tuple[Reason, ...]) -> Resolution:
        """C with the division when one below the county is known, D otherwise."""
        known = self.words.below_county(parsed)
        return Resolution(
            parsed.text, parsed, Category.C if known else Category.D,
            match_level=parsed.division_level if known else Level.NONE, division_code=parsed.division_code,
            score=score_of(reasons), reasons=reasons,
        )  # fmt: skip

    def _notes(self, case: Case) -> list[Reason]:
        """What is odd about the text itself, whatever the registry holds."""
        parsed, plan = case.parsed, case.plan
        assert plan is not None  # noqa: S101 - decide() has dealt with texts without a plan
        notes = [
            reason("relative", "relation", expected=e.text)
            for e in parsed.elements if e.name == "relation" and e.value not in INSIDE
        ][:1]  # fmt: skip
        for name in ("road_no", "building", "room"):
            values = {e.value for e in parsed.elements if e.name == name}
            if len(values) > 1:
                notes.append(reason("several_addresses", name, expected="、".join(sorted(values))))
                break
        number = parsed.first("road_no")
        if number is not None and "," in number.value:
            notes.append(reason("list_first", "road_no", expected=number.text))
        if parsed.elements and parsed.elements[-1].name == "other":
            notes.append(reason("too_long", "text"))
        return notes

    def _complete(self, case: Case, complete: list[Base], notes: list[Reason]) -> Resolution:
        hits = {hit.aid: (base, hit) for base in reversed(complete) for hit in base.found[-1]}
        disagreement = _disagreement(case)
        if disagreement is not None:
            return _unsure(case, [*notes, disagreement], _all_hits(case), anchor=None)
        if len(hits) > 1:
            found = [hit for _, hit in hits.values()]
            return _unsure(case, [*notes, _differing(found)], found, anchor=None)
        base, hit = next(iter(hits.values()))
        return _answer(case, hit, [*notes, *_name_faults(case, base, hit)])

    def _loose(self, case: Case, loose: dict[str, tuple[Base, FoundAddress]], notes: list[Reason]) -> Resolution:
        """The room exists, but not under the entrance or floor as the text has it."""
        disagreement = _disagreement(case)
        found = [hit for _, hit in loose.values()]
        anchor = _anchor(case)
        if disagreement is not None:
            return _unsure(case, [*notes, disagreement], found, anchor=None)
        unit = next((t.value for t in case.plan.tail if t.kind is AddressKind.ENTRANCE), "") if case.plan else ""
        if len(found) > 1:
            code = "unit_unknown" if unit else "several_units"
            why = reason(
                code, "unit", unit and f"{unit}单元", "、".join(h.standard_text for h in found[:MOST_CANDIDATES])
            )
            return _unsure(case, [*notes, why], found, anchor)
        base, hit = next(iter(loose.values()))
        why, safe = _entrance_fault(unit, base, hit)
        if not safe:
            return _unsure(case, [*notes, why], found, anchor)
        return _answer(case, hit, [*notes, why, *_name_faults(case, base, hit)])

    def _incomplete(self, case: Case, notes: list[Reason]) -> Resolution:
        parsed, plan = case.parsed, case.plan
        assert plan is not None  # noqa: S101 - decide() has dealt with texts without a plan
        disagreement = _disagreement(case)
        if disagreement is not None:
            return _unsure(case, [*notes, disagreement], _all_hits(case), anchor=None)
        anchor = _anchor(case)
        if anchor is None and not case.roads:
            name = plan.place or plan.road
            where = self.words.full_name(parsed.division_code)
            return self._only_division(parsed, (*notes, reason("name_unknown", "place", name, where)))
        return _unsure(case, [*notes, _first_unknown(case)], _all_hits(case)[:MOST_CANDIDATES], anchor)


def _answer(case: Case, hit: FoundAddress, reasons: list[Reason]) -> Resolution:
    """A without faults, B with faults of the safe list only, C otherwise."""
    from addressbook.match.reasons import faults

    if hit.state not in LIVE:
        reasons = [*reasons, reason("retired", "state", found=hit.standard_text)]
    severities = {faults()[r.code].severity for r in reasons}
    if "error" in severities:
        return _unsure(case, reasons, [hit], anchor=hit if hit.state in LIVE else None)
    category = Category.B if "warn" in severities else Category.A
    told = tuple(reasons) or (reason("exact", "text"),)
    return Resolution(
        case.parsed.text, case.parsed, category, LEVEL_OF_KIND[hit.kind], hit.coordinate_level, hit.aid, hit.site_id,
        hit.division_code, hit.standard_text, hit.lon, hit.lat, score_of(reasons), hit.aid, hit.site_id, "", told,
        (_candidate(hit, told),),
    )  # fmt: skip


def _unsure(case: Case, reasons: list[Reason], hits: list[FoundAddress], anchor: FoundAddress | None) -> Resolution:
    told = tuple(reasons)
    unique = list({hit.aid: hit for hit in hits}.values())[:MOST_CANDIDATES]
    return Resolution(
        case.parsed.text, case.parsed, Category.C,
        match_level=LEVEL_OF_KIND[anchor.kind] if anchor else case.parsed.division_level,
        coordinate_level=anchor.coordinate_level if anchor else Level.NONE,
        division_code=anchor.division_code if anchor else case.parsed.division_code,
        lon=anchor.lon if anchor else None, lat=anchor.lat if anchor else None, score=score_of(told),
        anchor=anchor.aid if anchor else None, anchor_site_id=anchor.site_id if anchor else None,
        unresolved_tail=_unresolved(case), reasons=told, candidates=tuple(_candidate(hit, told) for hit in unique),
    )  # fmt: skip


def _candidate(hit: FoundAddress, reasons: tuple[Reason, ...]) -> Candidate:
    return Candidate(hit.aid, hit.standard_text, score_of(reasons), reasons, hit.lon, hit.lat)


def _all_hits(case: Case) -> list[FoundAddress]:
    return [hit for base in case.bases if base.depth >= 0 for hit in base.found[base.depth] if hit.state in LIVE]


def _anchor(case: Case) -> FoundAddress | None:
    """The deepest address that is certain: the only live hit of the deepest base."""
    deepest = max((base.depth for base in case.bases), default=-1)
    if deepest < 0:
        return None
    hits = {h.aid: h for b in case.bases if b.depth == deepest for h in b.found[deepest] if h.state in LIVE}
    return next(iter(hits.values())) if len(hits) == 1 else None


def _unresolved(case: Case) -> str:
    """The numbers of the text that the registry lacks, as text."""
    deepest = max((base.depth for base in case.bases), default=-1)
    tail = case.plan.tail if case.plan else []
    plate = f"{case.plan.plate_no}号" if case.plan and case.plan.plate_no and deepest < 0 else ""
    return plate + tail_text(tail[max(0, deepest) :])


def _disagreement(case: Case) -> Reason | None:
    """The plate and the place are different sites: one of the two is wrong, and nobody can say which."""
    plan = case.plan
    if plan is None or not case.place_bases or not plan.plate_no or not case.roads:
        return None
    plates = [hit for base in case.road_bases if base.found for hit in base.found[0]]
    if not plates:
        return reason("plate_unknown", "road_no", f"{plan.road}{plan.plate_no}号")
    if {p.site_id for p in case.places} & {hit.site_id for hit in plates}:
        return None
    return reason("plate_and_place_disagree", "place", f"{plan.road}{plan.plate_no}号", plan.place)


def _name_faults(case: Case, base: Base, hit: FoundAddress) -> list[Reason]:
    plan = case.plan
    assert plan is not None  # noqa: S101 - decide() has dealt with texts without a plan
    faults = []
    if base.named.is_alias:
        faults.append(reason("alias_used", "place", base.named.name, hit.standard_text))
    if says_another_town(base.named, case.parsed.division_code):
        faults.append(reason("town_differs", "town", _named_town(case.parsed), hit.standard_text))
    if plan.place and not case.places:
        faults.append(_unknown_place(case, base))
    if plan.road and not case.roads:
        faults.append(reason("road_unknown", "road", plan.road))
    if case.parsed.division_level.rank < Level.COUNTY.rank:
        faults.append(reason("division_dropped", "county", found=base.named.name))
    return faults


def _named_town(parsed: ParsedAddress) -> str:
    town = parsed.first("town")
    return town.text if town else ""


def _unknown_place(case: Case, base: Base) -> Reason:
    """A shop at a known plate is safe; an estate that the plate's compound does not answer to is not."""
    plan = case.plan
    assert plan is not None  # noqa: S101 - decide() has dealt with texts without a plan
    plate_in_compound = any(hit.path for hit in base.found[0])
    if knowledge().kind_of(plan.place) is AddressKind.COMPOUND and (plan.tail or plate_in_compound):
        return reason("name_unknown", "place", plan.place, f"{plan.road}{plan.plate_no}号")
    return reason("place_unknown", "place", plan.place)


def _differing(found: list[FoundAddress]) -> Reason:
    told = "、".join(hit.standard_text for hit in found[:MOST_CANDIDATES])
    return reason("several_candidates", "place", found=told)


def _entrance_fault(unit: str, base: Base, hit: FoundAddress) -> tuple[Reason, bool]:
    """Why the room was found only loosely, and whether that is safe."""
    in_path = ENTRANCE_IN_PATH.search(hit.path)
    if unit and in_path and in_path[1] != unit:
        return reason("unit_contradicts", "unit", f"{unit}单元", hit.standard_text), False
    if unit and not in_path:
        return reason("unit_unregistered", "unit", f"{unit}单元", hit.standard_text), True
    if in_path and not unit:
        return reason("unit_missing", "unit", found=hit.standard_text), True
    floors = [token for token in base.tail if token.kind is AddressKind.FLOOR]
    contradicts = bool(floors) and "/F" in f"/{hit.path}" and f"/F{floors[0].value}/" not in f"/{hit.path}/"
    return reason(
        "floor_unknown" if contradicts else "floor_unregistered", "floor", found=hit.standard_text
    ), not contradicts


def _first_unknown(case: Case) -> Reason:
    """The first element of the text that the registry lacks below what it has."""
    plan = case.plan
    assert plan is not None  # noqa: S101 - decide() has dealt with texts without a plan
    deepest = max((base.depth for base in case.bases), default=-1)
    if plan.place and not case.places:
        return reason("name_unknown", "place", plan.place, plan.road)
    if deepest < 0:
        return reason("plate_unknown", "road_no", f"{plan.plate_no}号")
    token: PathToken = plan.tail[min(deepest, len(plan.tail) - 1)]
    return reason(UNKNOWN[token.kind], LEVEL_OF_KIND[token.kind].value, tail_text([token]))
