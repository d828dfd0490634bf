"""Reasons as data (data/matching/costs.csv) and as sentences for a clerk."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from functools import cache
from typing import Literal, NamedTuple

from addressbook.model import Reason
from addressbook.resources import data_path


class Fault(NamedTuple):
    """One row of the cost table; cost is subtracted from a score of 1."""

    severity: str
    cost: float
    zh: str
    en: str


@cache
def faults() -> dict[str, Fault]:
    """Code → fault. Raises NotFoundError when the table is missing."""
    with data_path("matching", "costs.csv").open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return {row["code"]: Fault(row["severity"], float(row["cost"]), row["zh"], row["en"]) for row in rows}


def reason(code: str, element: str, expected: str = "", found: str = "") -> Reason:
    """A reason with its cost from the table."""
    return Reason(code, element, expected, found, faults()[code].cost)


def sentence(given: Reason, language: Literal["zh", "en"] = "zh") -> str:
    """The reason as a sentence.

    >>> sentence(reason("room_unknown", "room", "502室"), "en")
    'the room 502室 is not in the registry'
    """
    fault = faults()[given.code]
    template = fault.zh if language == "zh" else fault.en
    return template.format(expected=given.expected, found=given.found)


def score_of(reasons: Iterable[Reason]) -> float:
    """1 less the costs of the reasons, between 0 and 1."""
    return round(max(0.0, 1.0 - sum([r.cost for r in reasons])), 3)
