"""The two shapes of an answer: one address (A, B), or candidates with what is certain (C)."""

from __future__ import annotations

from addressbook.match.cases import Case
from addressbook.match.reasons import faults, reason, score_of
from addressbook.match.standard import tail_text
from addressbook.model import (
    LEVEL_OF_KIND,
    AddressState,
    Candidate,
    Category,
    FoundAddress,
    Level,
    Reason,
    Resolution,
)

MOST_CANDIDATES = 5
LIVE = (AddressState.CURRENT, AddressState.PROVISIONAL)


def one_answer(case: Case, hit: FoundAddress, reasons: list[Reason]) -> Resolution:
    """A without faults, B with faults of the safe list (severity warn) only, C otherwise."""
    if hit.state not in LIVE:
        reasons = [*reasons, reason("retired", "state", found=hit.standard_text)]
    severities = {faults()[r.code].severity for r in reasons}
    if "error" in severities:
        return unsure(case, reasons, [hit], anchor=hit if hit.state in LIVE else None)
    category = Category.B if "warn" in severities else Category.A
    told = tuple(reasons) or (reason("exact", "text"),)
    score = score_of(told)
    return Resolution(
        text=case.parsed.text,
        parsed=case.parsed,
        category=category,
        match_level=LEVEL_OF_KIND[hit.kind],
        coordinate_level=hit.coordinate_level,
        aid=hit.aid,
        site_id=hit.site_id,
        division_code=hit.division_code,
        standard_text=hit.standard_text,
        lon=hit.lon,
        lat=hit.lat,
        score=score,
        anchor=hit.aid,
        anchor_site_id=hit.site_id,
        reasons=told,
        candidates=(Candidate(hit.aid, hit.standard_text, score, told, hit.lon, hit.lat),),
    )


def unsure(case: Case, reasons: list[Reason], hits: list[FoundAddress], anchor: FoundAddress | None) -> Resolution:
    """C: at most five candidates, the deepest certain address as anchor, and the numbers the registry lacks."""
    told, score = tuple(reasons), score_of(reasons)
    unique = list({hit.aid: hit for hit in hits}.values())[:MOST_CANDIDATES]
    return Resolution(
        text=case.parsed.text,
        parsed=case.parsed,
        category=Category.C,
        match_level=LEVEL_OF_KIND[anchor.kind] if anchor else case.parsed.division_level,
        coordinate_level=anchor.coordinate_level if anchor else Level.NONE,
        division_code=anchor.division_code if anchor else case.parsed.division_code,
        lon=anchor.lon if anchor else None,
        lat=anchor.lat if anchor else None,
        score=score,
        anchor=anchor.aid if anchor else None,
        anchor_site_id=anchor.site_id if anchor else None,
        unresolved_tail=_unresolved(case, anchor),
        reasons=told,
        candidates=tuple(Candidate(h.aid, h.standard_text, score, told, h.lon, h.lat) for h in unique),
    )


def _unresolved(case: Case, anchor: FoundAddress | None) -> str:
    """The names and numbers of the text that lie below the anchor, as text; all of them when there is no anchor."""
    plan = case.plan
    if plan is None:
        return ""
    if anchor is None:
        plate = f"{plan.plate_no}号" if plan.plate_no else ""
        return f"{plan.road}{plate}{plan.place}{tail_text(plan.tail)}"
    depth = case.depth
    if depth < 0:
        plate = f"{plan.plate_no}号" if plan.plate_no else ""
        return f"{plate}{plan.place}{tail_text(plan.tail)}"
    return ("" if case.places else plan.place) + tail_text(plan.tail[depth:])
