"""The decision: category, level and reasons of one case. Where a number contradicts, nothing is linked."""

from __future__ import annotations

from typing import Final

from addressbook.match.answers import LIVE, Option, one_answer, unsure
from addressbook.match.cases import Base, Case
from addressbook.match.divisions import DivisionWords
from addressbook.match.faults import (
    differing,
    entrance_fault,
    first_unknown,
    name_faults,
    oddities,
    several_rooms,
    spelling_reasons,
    unknown_name,
)
from addressbook.match.names import says_another_town
from addressbook.match.nearness import margins
from addressbook.match.outside import outside
from addressbook.match.reasons import reason, score_of
from addressbook.match.settling import settle_names
from addressbook.model import Category, FoundAddress, Level, ParsedAddress, Reason, Resolution, TreePlan

LEFT_OVER: Final = frozenset(
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
            return self._division_only(case)
        notes = oddities(case.parsed, case.outline)
        contradiction = settle_names(case)
        if contradiction is not None:
            return unsure(case, [*notes, contradiction], _deepest(case), anchor=None)
        complete = [base for base in case.bases if base.found]
        if complete:
            return self._complete(case, complete, notes)
        if any(base.loose for base in case.bases):
            return self._loose(case, notes)
        return self._incomplete(case, case.plan, notes)

    def _division_only(self, case: Case) -> Resolution:
        parsed = case.parsed
        code, level = parsed.division_code, parsed.division_level
        elsewhere = outside(parsed.normal)
        if elsewhere:
            told = reason("outside", "province", expected=elsewhere)
            return Resolution(parsed.text, parsed, Category.D, reasons=(told,))
        if code is None or not self.words.names_any(parsed):
            return Resolution(parsed.text, parsed, Category.D, reasons=(reason("nothing", "text"),))
        if not LEFT_OVER.isdisjoint(parsed.names):
            return self._below_county(parsed, (reason("no_name", "place"),))
        conflict = self.words.conflict(parsed, case.outline)
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
        ways = _ways([(base, hit) for base in complete for hit in base.found])
        if len(ways) > 1:
            ways = self._in_town(ways, case.parsed.division_code)
        base, hit = ways[0]
        if _trusted(base) and (len(ways) == 1 or ways[1][0].cost - base.cost >= margins()["runner_up"]):
            return one_answer(case, hit, [*notes, *self._names(case, base, hit)])
        why = unknown_name(case) if base.faulty else differing([hit for _, hit in ways])
        options = [self._option(case, base, hit) for base, hit in ways]
        return unsure(case, [*notes, why], [*options, *_deepest(case)], anchor=None)

    def _in_town(self, ways: list[tuple[Base, FoundAddress]], code: str | None) -> list[tuple[Base, FoundAddress]]:
        """The ways to what lies in the town named, else to what lay in it once, else all."""
        here = [way for way in ways if not says_another_town(way[1], code)]
        return here or [way for way in ways if self.words.lay_in(way[1].division_code, code)] or ways

    def _option(self, case: Case, base: Base, hit: FoundAddress) -> Option:
        return Option(hit, tuple(self._names(case, base, hit)))

    def _loose(self, case: Case, notes: list[Reason]) -> Resolution:
        """The room exists, but not under the entrance or floor as the text has it."""
        ways = _ways([(base, hit) for base in case.bases for hit in base.loose])
        base, hit = ways[0]
        fault, safe = entrance_fault(base, hit)
        options = [self._option(case, *way) for way in ways]
        if not _trusted(base):
            return unsure(case, [*notes, unknown_name(case)], options, anchor=None)
        anchor = certain(case)
        if len(ways) > 1:
            return unsure(case, [*notes, several_rooms(case, [hit for _, hit in ways])], options, anchor)
        if not safe:
            return unsure(case, [*notes, fault, *spelling_reasons(case, base)], [Option(hit)], anchor)
        return one_answer(case, hit, [*notes, fault, *self._names(case, base, hit)])

    def _incomplete(self, case: Case, plan: TreePlan, notes: list[Reason]) -> Resolution:
        anchor = certain(case) or certain_street(case)
        if anchor is None and _only_a_village(case.parsed, plan):
            return self._division_only(case)
        if anchor is None and not any(base.depth >= 0 for base in case.bases):
            where = self.words.full_name(case.parsed.division_code)
            why = reason("name_unknown", "place", plan.place or plan.road, where)
            return self._below_county(case.parsed, (*notes, why))
        trusted = [base for base in case.bases if _trusted(base)]
        why = first_unknown(case, max(base.depth for base in trusted)) if trusted else unknown_name(case)
        faults = spelling_reasons(case, trusted[0]) if len(trusted) == 1 else []
        return unsure(case, [*notes, why, *faults], _deepest(case), anchor)

    def _names(self, case: Case, base: Base, hit: FoundAddress) -> list[Reason]:
        conflict = self.words.conflict(case.parsed, case.outline, hit.division_code)
        code = case.parsed.division_code
        # The hit, not the name it was reached by: a street crosses towns, its plates do not.
        elsewhere = says_another_town(hit, code) and not self.words.lay_in(hit.division_code, code)
        found = name_faults(case, base, hit, elsewhere=elsewhere)
        return [*found, conflict] if conflict else found


def _only_a_village(parsed: ParsedAddress, plan: TreePlan) -> bool:
    """The text reaches a known village and no further: a division, whether or not the village has an address."""
    community = parsed.first("community")
    reached = community is not None and community.value == plan.place and not plan.road and not plan.tail
    return reached and parsed.division_level is Level.COMMUNITY


Way = tuple[Base, FoundAddress]


def _ways(found: list[Way]) -> list[Way]:
    """Each address once, by the base whose names cost least; the likeliest first."""
    if len(found) == 1:
        return found
    best: dict[str, Way] = {}
    for base, hit in found:
        known = best.get(hit.aid)
        if known is None or base.cost < known[0].cost:
            best[hit.aid] = (base, hit)
    return sorted(best.values(), key=lambda way: way[0].cost)


def _trusted(base: Base) -> bool:
    """Its names are as written, or safely near, or borne out by plate and place together."""
    return base.confirmed or base.safe


def _deepest(case: Case) -> list[Option]:
    """The deepest live addresses of every base, then of the plates named beside a place; the likeliest first."""
    bases = [*sorted(case.bases, key=lambda base: (-base.depth, base.cost)), *case.plates]
    return [
        Option(hit, (first_unknown(case, base.depth), *spelling_reasons(case, base)))
        for base in bases
        for hit in base.deepest
        if hit.state in LIVE
    ]


def certain(case: Case, *, as_written: bool = False) -> FoundAddress | None:
    """The deepest address that is certain: the only live hit of the deepest base whose name is trusted.

    `as_written`: of names not as written only those that plate and place bear out together.
    """
    trusted = [base for base in case.bases if base.confirmed or (not base.faulty if as_written else base.safe)]
    depth = max((base.depth for base in trusted), default=-1)
    hits = {hit.aid: hit for base in trusted if base.depth == depth >= 0 for hit in base.deepest if hit.state in LIVE}
    return next(iter(hits.values())) if len(hits) == 1 else None


def certain_street(case: Case) -> FoundAddress | None:
    """The street itself, when its plate is unknown: all that is certain."""
    hits = {h.aid: h for base in case.streets for h in base.found if h.state in LIVE}
    return next(iter(hits.values())) if len(hits) == 1 else None
