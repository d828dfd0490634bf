"""Two addresses as text: the same, partly the same, or different, and why. No registry, no database.

Two questions, each answered by a sum of points from a readable table (data/matching/compare_costs.csv): is it one
place at all (`place`), and do the two go to the same depth of it (`depth`)? Zero is undecided. What contradicts puts a
limit on the verdict whatever the sums say: two buildings are never the same.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Literal, NamedTuple

from addressbook.match.compare_grounds import Ground, grounds
from addressbook.match.compare_names import stem
from addressbook.match.compare_sides import Side, side_of
from addressbook.match.plan import ONCE_ONLY
from addressbook.model import ParsedAddress, Reason
from addressbook.resources import data_path


class Verdict(StrEnum):
    """完全匹配 the same address; 部分匹配 one place, but one goes deeper or they part below it; 不匹配 two places."""

    SAME = "same"
    PART = "part"
    DIFFERENT = "different"

    @property
    def zh(self) -> str:
        """The verdict in Chinese."""
        return {"same": "完全匹配", "part": "部分匹配", "different": "不匹配"}[self.value]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The verdict, how much speaks for the two being the same address (0..1), and every finding with its cost.

    A reason's cost is what it takes away; a negative one speaks for the two.
    """

    verdict: Verdict
    score: float
    reasons: tuple[Reason, ...]

    def sentences(self, language: Literal["zh", "en"] = "zh") -> list[str]:
        """The findings a clerk wants to read: without the likeness of the wording, which every pair has."""
        told = (compare_sentence(r, language) for r in self.reasons if r.element != "text" or r.code in ALONE)
        return [sentence for sentence in told if sentence]


class Points(NamedTuple):
    """A row of the table; `most` is the best verdict left when the code is found."""

    place: float
    depth: float
    most: Verdict
    zh: str
    en: str


ALONE = frozenset({"exact", "nothing", "division_same", "division_contains", "division_other"})
"""Codes that decide by themselves."""
ORDER = tuple(Verdict)
LIMITED_SCORE = 0.49
"""The most that is left of a score when something contradicts."""


@cache
def points() -> dict[str, Points]:
    """Code → points. Raises NotFoundError when the table is missing."""
    with data_path("matching", "compare_costs.csv").open(encoding="utf-8", newline="") as file:
        return {
            row["code"]: Points(
                float(row["place"]), float(row["depth"]), Verdict(row["most"] or "same"), row["zh"], row["en"]
            )
            for row in csv.DictReader(file)
        }


def compare(a: ParsedAddress, b: ParsedAddress) -> Comparison:
    """Whether two parsed addresses are one; the same whichever comes first, but for who said what in the reasons."""
    one, other = side_of(a), side_of(b)
    alone = _decided_alone(one, other)
    if alone is not None:
        return _comparison([alone])
    return _comparison([Ground("start", "text"), *_several(one), *_several(other), *grounds(one, other)])


def _decided_alone(a: Side, b: Side) -> Ground | None:
    empty = next((side for side in (a, b) if side.only_divisions and not side.division), None)
    if empty is not None:
        return Ground("nothing", "text", empty.parsed.text[:40].strip())
    if a.parsed.normal == b.parsed.normal:
        return Ground("exact", "text", a.parsed.text)
    if a.only_divisions or b.only_divisions:
        return _by_division(a, b)
    return None


def _by_division(a: Side, b: Side) -> Ground | None:
    """At least one text goes no further than a division; None where the other's division is not known."""
    codes = [side.division.rstrip("0") for side in (a, b)]
    shown = a.parsed.text, b.parsed.text
    if not all(codes):
        return None
    if a.only_divisions and b.only_divisions and (codes[0] == codes[1] or _town_renamed(a, b, codes)):
        return Ground("division_same", "text", *shown)
    outer = codes[0] if a.only_divisions else codes[1]
    inner = codes[1] if a.only_divisions else codes[0]
    inside = inner.startswith(outer) or (b.only_divisions and outer.startswith(inner))
    return Ground("division_contains" if inside else "division_other", "text", *shown)


def _town_renamed(a: Side, b: Side, codes: list[str]) -> bool:
    """宁围镇 and 宁围街道 of one county: a town becomes a subdistrict and keeps its stem."""
    towns = [side.parsed.first("town") for side in (a, b)]
    if towns[0] is None or towns[1] is None or not (codes[0].startswith(codes[1]) or codes[1].startswith(codes[0])):
        return False
    return stem(towns[0].value) == stem(towns[1].value)


def _several(side: Side) -> list[Ground]:
    """Two addresses in one text: two plates, or two numbers at two levels. Two buildings alone may be one."""
    values = {name: {e.value for e in side.parsed.elements if e.name == name} for name in ONCE_ONLY}
    several = [name for name in ONCE_ONLY if len(values[name]) > 1]
    if "road_no" in several or len(several) > 1:
        return [Ground("several_addresses", several[0], "、".join(sorted(values[several[0]])))]
    return []


def _comparison(found: list[Ground]) -> Comparison:
    table = points()
    place = sum(table[g.code].place * g.amount for g in found)
    depth = sum(table[g.code].depth * g.amount for g in found)
    free = Verdict.DIFFERENT if place < 0 else Verdict.PART if depth < 0 else Verdict.SAME
    verdict = max(free, *(table[g.code].most for g in found), key=ORDER.index)
    score = _share(place) * _share(depth)
    limited = min(score, LIMITED_SCORE) if verdict is not free else score
    return Comparison(verdict, round(limited, 4), tuple(map(_reason, found)))


def _share(total: float) -> float:
    """Points as a share: 0 points are one half, 3 points about 0.95."""
    return 1 / (1 + math.exp(-total))


def _reason(ground: Ground) -> Reason:
    row = points()[ground.code]
    shown = f"{ground.amount:.0%}" if ground.amount < 1 and not ground.expected else ground.expected
    return Reason(ground.code, ground.element, shown, ground.found, round(-(row.place + row.depth) * ground.amount, 2))


def compare_sentence(given: Reason, language: Literal["zh", "en"] = "zh") -> str:
    """A finding as a sentence; "" for those that only carry points.

    >>> compare_sentence(Reason("building_differs", "building", "3幢", "13幢"))
    '楼幢不同：3幢与13幢'
    """
    row = points()[given.code]
    return (row.zh if language == "zh" else row.en).format(expected=given.expected, found=given.found)


__all__ = ["Comparison", "Verdict", "compare", "compare_sentence"]
