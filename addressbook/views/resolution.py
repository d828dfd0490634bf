"""A resolution as it is shown: category, levels, code or candidates, and the reasons in both languages."""

from __future__ import annotations

from addressbook.divisions import Gazetteer
from addressbook.match import sentence
from addressbook.match.explain import decision_stages, parse_stages, stage_entry
from addressbook.match.reasons import faults
from addressbook.model import Candidate, Reason, Resolution
from addressbook.store.reading import Row

PLAIN = ("text", "category", "match_level", "coordinate_level", "aid", "division_code", "standard_text", "lon", "lat",
         "score", "anchor", "unresolved_tail")  # fmt: skip


def resolution_entry(resolution: Resolution) -> Row:
    """The answer for one text; `elements` are [text, element name, start, end] in the text as received."""
    return {
        **{name: getattr(resolution, name) for name in PLAIN},
        "elements": [[found.text, found.name, found.start, found.end] for found in resolution.parsed.elements],
        "reasons": [reason_entry(reason) for reason in resolution.reasons],
        "candidates": [_candidate(candidate) for candidate in resolution.candidates],
    }


def explained(resolution: Resolution, gazetteer: Gazetteer) -> list[Row]:
    """Every stage from the text to the answer, by name, as lines to read."""
    stages = [*parse_stages(resolution.parsed, gazetteer), *decision_stages(resolution)]
    return [stage_entry(stage) for stage in stages]


def reason_entry(reason: Reason) -> Row:
    """A reason with its sentence in Chinese and English; with its code, where the table no longer knows the code."""
    zh, en = (sentence(reason, "zh"), sentence(reason, "en")) if reason.code in faults() else (reason.code, reason.code)
    return {"code": reason.code, "element": reason.element, "cost": reason.cost, "zh": zh, "en": en}


def _candidate(candidate: Candidate) -> Row:
    return {
        "aid": candidate.aid,
        "standard_text": candidate.standard_text,
        "score": candidate.score,
        "lon": candidate.lon,
        "lat": candidate.lat,
        "reasons": [reason_entry(reason) for reason in candidate.reasons],
    }
