"""What a text means to the matcher, as suggestions tell it: one address, one of several, a part of it, one retired."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from addressbook.match.reasons import faults
from addressbook.model import Candidate, Reason, Resolution
from addressbook.search.finding import How

RETIRED: Final = "retired"
SEVERAL: Final = frozenset({"several_units", "several_candidates"})
WHOLE: Final = SEVERAL | {RETIRED}
"""Reasons of an unsure answer for which all of the text is known: nothing has to be typed behind it."""


class Meant(NamedTuple):
    """An address that a text may mean; `missing` is what of the text is not found there."""

    aid: str
    how: How
    missing: str = ""


class Meaning(NamedTuple):
    """The addresses in order, whether all of the text is known, and what speaks against an answer that is not sure."""

    places: tuple[Meant, ...]
    is_whole: bool
    doubts: tuple[Reason, ...] = ()

    @property
    def rank(self) -> int:
        """Its place in the order of ways; behind names that hold all of the text where only a part of it is known."""
        return min(place.how.rank for place in self.places) if self.is_whole else How.PARTIAL.rank

    @property
    def is_retired(self) -> bool:
        """Whether the text is that of an address which is there no more."""
        return any(doubt.code == RETIRED for doubt in self.doubts)

    @property
    def sure(self) -> list[str]:
        """The one address that the text is; none where it may be several."""
        return [place.aid for place in self.places if place.how is How.EXACT]

    @property
    def heads(self) -> list[str]:
        """What a number behind the text may lie below: not what only a part of it names, nor what is there no more."""
        return [place.aid for place in self.places if place.how in (How.EXACT, How.CANDIDATE)]


def meaning_of(resolution: Resolution) -> Meaning:
    """What the matcher's answer comes to. Of a retired address what is there today comes first."""
    if resolution.aid:
        return Meaning((Meant(resolution.aid, How.EXACT),), is_whole=True)
    codes = {reason.code for reason in resolution.reasons}
    candidates = sorted(resolution.candidates, key=_by_number) if codes & SEVERAL else resolution.candidates
    places = [_meant(candidate, resolution) for candidate in candidates]
    if resolution.anchor and (RETIRED in codes or not places):
        places.insert(0, Meant(resolution.anchor, How.PARTIAL, resolution.unresolved_tail))
    each = {place.aid: place for place in reversed(places)}
    ordered = tuple(each[aid] for aid in dict.fromkeys(place.aid for place in places))
    return Meaning(ordered, bool(codes & WHOLE), tuple(_errors(resolution.reasons)))


def _by_number(candidate: Candidate) -> tuple[float, int, str]:
    return -candidate.score, len(candidate.standard_text), candidate.standard_text


def _meant(candidate: Candidate, resolution: Resolution) -> Meant:
    errors = _errors(candidate.reasons)
    if any(reason.code == RETIRED for reason in errors):
        return Meant(candidate.aid, How.RETIRED)
    missing = "".join([reason.expected for reason in errors if reason.code.endswith("_unknown")])
    if candidate.aid == resolution.anchor:
        missing = resolution.unresolved_tail or missing
    return Meant(candidate.aid, How.PARTIAL if missing else How.CANDIDATE, missing)


def _errors(reasons: Iterable[Reason]) -> list[Reason]:
    return [reason for reason in reasons if reason.code in faults() and faults()[reason.code].severity == "error"]
