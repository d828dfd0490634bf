"""The two shapes of an answer: one address (A, B), or candidates with what is certain (C)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final, NamedTuple

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
    PathToken,
    Reason,
    Resolution,
)

MOST_CANDIDATES: Final = 5
LIVE: Final = (AddressState.CURRENT, AddressState.PROVISIONAL)


class Option(NamedTuple):
    """An address that the text may mean, with what speaks against it."""

    hit: FoundAddress
    reasons: tuple[Reason, ...] = ()


def one_answer(case: Case, hit: FoundAddress, reasons: list[Reason]) -> Resolution:
    """A without faults, B with faults of the safe list (severity warn) only, C otherwise."""
    if hit.state not in LIVE:
        reasons = [*reasons, reason("retired", "state", hit.standard_text, "–")]
    severities = {faults()[r.code].severity for r in reasons} if reasons else set()
    if "error" in severities:
        # Of two that a text names neither is certain.
        is_anchor = hit.state in LIVE and all(r.code != "several_addresses" for r in reasons)
        return unsure(case, reasons, [Option(hit, tuple(reasons))], anchor=hit if is_anchor else None)
    category = Category.B if "warn" in severities else Category.A
    told, score = (tuple(reasons), score_of(reasons)) if reasons else _exact()
    aid, site, kind, _, standard, division, _, lon, lat, precision, _ = hit
    only = tuple.__new__(Candidate, (aid, standard, score, told, lon, lat))
    return tuple.__new__(  # most texts end here, and a named tuple takes many times as long by its names
        Resolution,
        (case.parsed.text, case.parsed, category, LEVEL_OF_KIND[kind], precision, aid, site, division, standard,
         lon, lat, score, aid, site, "", told, (only,)),
    )  # fmt: skip


@cache
def _exact() -> tuple[tuple[Reason, ...], float]:
    told = (reason("exact", "text"),)
    return told, score_of(told)


def unsure(case: Case, reasons: list[Reason], options: Iterable[Option], anchor: FoundAddress | None) -> Resolution:
    """C: at most five candidates, the deepest certain address as anchor, and the numbers the registry lacks."""
    unique: dict[str, Option] = {}
    for option in options:
        unique.setdefault(option.hit.aid, option)
    return Resolution(
        text=case.parsed.text,
        parsed=case.parsed,
        category=Category.C,
        match_level=LEVEL_OF_KIND[anchor.kind] if anchor else case.parsed.division_level,
        coordinate_level=anchor.coordinate_level if anchor else Level.NONE,
        division_code=anchor.division_code if anchor else case.parsed.division_code,
        lon=anchor.lon if anchor else None,
        lat=anchor.lat if anchor else None,
        score=score_of(reasons),
        anchor=anchor.aid if anchor else None,
        anchor_site_id=anchor.site_id if anchor else None,
        unresolved_tail=_unresolved(case, anchor),
        reasons=tuple(reasons),
        candidates=_candidates(list(unique.values())[:MOST_CANDIDATES], reasons),
    )


def _candidates(options: Sequence[Option], shared: Sequence[Reason]) -> tuple[Candidate, ...]:
    """Each with its own reasons (those of the answer when it has none) and what tells it from the others."""
    told = [list(option.reasons or shared) for option in options]
    if len(options) > 1:
        for reasons, words in zip(told, _apart([option.hit for option in options]), strict=True):
            reasons.append(reason("candidate_differs", words[0], found=words[1]))
    return tuple(
        Candidate(hit.aid, hit.standard_text, score_of(reasons), tuple(reasons), hit.lon, hit.lat)
        for (hit, _), reasons in zip(options, told, strict=True)
    )


def _apart(hits: Sequence[FoundAddress]) -> list[tuple[str, str]]:
    """(element, text) for each: the first step of the path in which they differ, else the text from there on."""
    if len({hit.site_id for hit in hits}) == 1:
        paths = [hit.path.split("/") for hit in hits]
        depth = next((n for n in range(min(map(len, paths))) if len({path[n] for path in paths}) > 1), -1)
        if depth >= 0:
            return [_step(path[depth]) for path in paths]
    texts = [hit.standard_text for hit in hits]
    low, high = min(texts), max(texts)
    same = next((n for n in range(min(len(low), len(high))) if low[n] != high[n]), min(len(low), len(high)))
    return [("text", text[same:]) for text in texts]


def _step(token: str) -> tuple[str, str]:
    for kind, level in LEVEL_OF_KIND.items():
        if token.startswith(kind.value):
            return level.value, tail_text([PathToken(kind, token[1:])])
    return "text", token


def _unresolved(case: Case, anchor: FoundAddress | None) -> str:
    """The names and numbers of the text that lie below the anchor, as text; all of them when there is no anchor."""
    plan = case.plan
    if plan is None:
        return ""
    plate = f"{plan.plate_no}号" if plan.plate_no else ""
    if anchor is None:
        return f"{plan.road}{plate}{plan.place}{tail_text(plan.tail)}"
    if case.depth < 0:
        return f"{plate}{plan.place}{tail_text(plan.tail)}"
    return ("" if case.places else plan.place) + tail_text(plan.tail[case.depth :])
