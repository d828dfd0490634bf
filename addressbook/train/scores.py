"""Exact spans, right and wrong: micro-F1 by groups of elements."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from addressbook.train.tuner import Span

GROUPS = {
    "province/city/county": ("province", "city", "county"),
    "town": ("town",), "community": ("community",), "road": ("road",), "road_no": ("road_no",), "place": ("place",),
    "sub_place": ("sub_place",), "building..room": ("building", "unit", "floor", "room"),
    "identity elements": ("province", "city", "county", "devzone", "town", "community", "road", "road_no", "place",
                          "building", "unit", "floor", "room"),
}  # fmt: skip


class Score(NamedTuple):
    """Micro-F1 with what it is made of."""

    f1: float
    precision: float
    recall: float
    spans: int


def score(wanted: Sequence[set[Span]], found: Sequence[set[Span]], names: Sequence[str]) -> Score:
    """Of the spans with one of the names, how many were found with their exact ends and name."""
    count: Counter[str] = Counter()
    for expected, got in zip(wanted, found, strict=True):
        expected, got = ({span for span in spans if span[2] in names} for spans in (expected, got))
        count.update(right=len(expected & got), expected=len(expected), got=len(got))
    precision, recall = count["right"] / max(1, count["got"]), count["right"] / max(1, count["expected"])
    return Score(2 * precision * recall / max(1e-9, precision + recall), precision, recall, count["expected"])
