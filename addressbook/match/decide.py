"""The decision: category, level and reasons of one case. Where a number contradicts, nothing is linked."""

from __future__ import annotations

from addressbook.match.answers import LIVE, MOST_CANDIDATES, one_answer, unsure
from addressbook.match.cases import Base, Case
from addressbook.match.divisions import DivisionWords
from addressbook.match.faults import (
    differing,
    disagreement,
    entrance_fault,
    first_unknown,
    name_faults,
    oddities,
    several_rooms,
)
from addressbook.match.names import says_another_town
from addressbook.match.reasons import reason, score_of
from addressbook.model import Category, FoundAddress, Level, ParsedAddress, Reason, Resolution, TreePlan

LEFT_OVER = frozenset(
    {"road_no", "sub_road_no", "building", "unit", "floor", "room", "sub_place", "other", "relation", "party"}
)
"""Elements that say a text wants more than the division it names."""


class Decider:
    """Turns a case with its look-ups into a Resolution."""

    def __init__(self, words: DivisionWords) -> None:
        self.words = words

    def decide(self, case: Case) -> Resolution:
        """The answer; D when nothing can be defended."""
        if case.plan is None:
            return self._division_only(case.parsed)
        notes = oddities(case.parsed)
        contradiction = disagreement(case)
        if contradiction is not None:
            return unsure(case, [*notes, contradiction], _deepest_hits(case), anchor=None)
        complete = [base for base in case.bases if base.complete]
        if complete:
            return self._complete(case, complete, notes)
        if any(base.loose for base in case.bases):
            return self._loose(case, notes)
        return self._incomplete(case, case.plan, notes)

    def _division_only(self, parsed: ParsedAddress) -> Resolution:
        code, level = parsed.division_code, parsed.division_level
        if code is None or not self.words.names_any(parsed):
            return Resolution(parsed.text, parsed, Category.D, reasons=(reason("nothing", "text"),))
        if any(e.name in LEFT_OVER for e in parsed.elements):
            return self._below_county(parsed, (reason("no_name", "place"),))
        conflict = self.words.conflict(parsed)
        if conflict is not None and conflict.code != "county_differs":
            return self._below_county(parsed, (conflict,))
        name = self.words.full_name(code)
        why = (reason("division_only", level.value, found=name), *([conflict] if conflict else []))
        return Resolution(
            text=parsed.text,
            parsed=parsed,
            category=Category.B if conflict else Category.A,
            match_level=level,
            division_code=code,
            standard_text=name,
            score=score_of(why),
            reasons=why,
        )

    def _below_county(self, parsed: ParsedAddress, reasons: tuple[Reason, ...]) -> Resolution:
        """C with the division when one below the county is known, D otherwise."""
        known = self.words.below_county(parsed)
        return Resolution(
            text=parsed.text,
            parsed=parsed,
            category=Category.C if known else Category.D,
            match_level=parsed.division_level if known else Level.NONE,
            division_code=parsed.division_code,
            score=score_of(reasons),
            reasons=reasons,
        )

    def _complete(self, case: Case, complete: list[Base], notes: list[Reason]) -> Resolution:
        hits = {hit.aid: (base, hit) for base in reversed(complete) for hit in base.found[-1]}
        if len(hits) > 1:
            code = case.parsed.division_code
            hits = {aid: pair for aid, pair in hits.items() if not says_another_town(pair[1], code)} or hits
        if len(hits) > 1:
            found = [hit for _, hit in hits.values()]
            return unsure(case, [*notes, differing(found)], found, anchor=None)
        base, hit = next(iter(hits.values()))
        return one_answer(case, hit, [*notes, *self._names(case, base, hit)])

    def _loose(self, case: Case, notes: list[Reason]) -> Resolution:
        """The room exists, but not under the entrance or floor as the text has it."""
        hits = {hit.aid: (base, hit) for base in case.bases for hit in base.loose}
        found = [hit for _, hit in hits.values()]
        anchor = _anchor(case)
        if len(found) > 1:
            return unsure(case, [*notes, several_rooms(case, found)], found, anchor)
        base, hit = next(iter(hits.values()))
        fault, safe = entrance_fault(base, hit)
        if not safe:
            return unsure(case, [*notes, fault], found, anchor)
        return one_answer(case, hit, [*notes, fault, *self._names(case, base, hit)])

    def _incomplete(self, case: Case, plan: TreePlan, notes: list[Reason]) -> Resolution:
        anchor = _anchor(case) or self._street(case)
        if anchor is None and _only_a_village(case.parsed, plan):
            return self._division_only(case.parsed)
        if anchor is None and case.depth < 0:
            where = self.words.full_name(case.parsed.division_code)
            why = reason("name_unknown", "place", plan.place or plan.road, where)
            return self._below_county(case.parsed, (*notes, why))
        return unsure(case, [*notes, first_unknown(case)], _deepest_hits(case)[:MOST_CANDIDATES], anchor)

    def _street(self, case: Case) -> FoundAddress | None:
        """The street itself, when its plate is unknown: all that is certain."""
        hits = {h.aid: h for base in case.streets for h in base.found[0] if h.state in LIVE}
        return next(iter(hits.values())) if len(hits) == 1 else None

    def _names(self, case: Case, base: Base, hit: FoundAddress) -> list[Reason]:
        conflict = self.words.conflict(case.parsed)
        return [*name_faults(case, base, hit), *([conflict] if conflict else [])]


def _only_a_village(parsed: ParsedAddress, plan: TreePlan) -> bool:
    """The text reaches a known village and no further: a division, whether or not the village has an address."""
    community = parsed.first("community")
    reached = community is not None and community.value == plan.place and not plan.road and not plan.tail
    return reached and parsed.division_level is Level.COMMUNITY


def _deepest_hits(case: Case) -> list[FoundAddress]:
    """The deepest live hits of every base and of the plates named beside a place."""
    bases = [*case.bases, *case.plates]
    return [hit for base in bases if base.depth >= 0 for hit in base.found[base.depth] if hit.state in LIVE]


def _anchor(case: Case) -> FoundAddress | None:
    """The deepest address that is certain: the only live hit of the deepest base."""
    deepest = case.depth
    if deepest < 0:
        return None
    hits = {h.aid: h for b in case.bases if b.depth == deepest for h in b.found[deepest] if h.state in LIVE}
    return next(iter(hits.values())) if len(hits) == 1 else None
