"""The readable tables of data/matching as Python: suffixes, words and costs. Loaded once, on first use."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

from addressbook.model import AddressKind
from addressbook.resources import data_path


@dataclass(frozen=True, slots=True)
class Knowledge:
    """`suffixes[suffix] = ((label, cost), …)`, `words[word] = (label, cost)`, `costs[code]`, kinds by suffix."""

    suffixes: dict[str, tuple[tuple[str, float], ...]]
    words: dict[str, tuple[str, float]]
    costs: dict[str, float]
    kinds: dict[str, AddressKind]
    longest_suffix: int

    def kind_of(self, place: str) -> AddressKind:
        """C for an estate, building or works estate, P for a company, shop, school …: by the longest known suffix."""
        for length in range(min(self.longest_suffix, len(place)), 0, -1):
            kind = self.kinds.get(place[-length:])
            if kind is not None:
                return kind
        return AddressKind.COMPOUND

    def knows(self, place: str) -> bool:
        """True when the name ends with a suffix of the table."""
        return any(place.endswith(suffix) for suffix in self.kinds)


@cache
def knowledge() -> Knowledge:
    """The shipped tables; raises NotFoundError when the installation lacks one."""
    places, names = _rows("place_suffixes.csv"), _rows("name_suffixes.csv")
    suffixes: dict[str, tuple[tuple[str, float], ...]] = {}
    for row in (*names, *places):
        suffixes[row["suffix"]] = (*suffixes.get(row["suffix"], ()), (row["label"], float(row["cost"])))
    return Knowledge(
        suffixes=suffixes,
        words={row["word"]: (row["label"], float(row["cost"])) for row in _rows("words.csv")},
        costs={row["code"]: float(row["cost"]) for row in _rows("parse_costs.csv")},
        kinds={row["suffix"]: AddressKind(row["kind"]) for row in places},
        longest_suffix=max(map(len, suffixes)),
    )


@cache
def noise_pattern() -> str:
    """A regular expression for delivery noise: at the start of the text, before its end, or anywhere."""
    anchors = {"start": ("^(?:", ")"), "end": ("(?:", r")(?![^\s,.;!0-9)-])"), "any": ("(?:", ")")}
    rows = _rows("noise.csv")
    return "|".join(f"{anchors[row['place']][0]}{row['pattern']}{anchors[row['place']][1]}" for row in rows)


def _rows(name: str) -> list[dict[str, str]]:
    with data_path("matching", name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
