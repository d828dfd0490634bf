"""Names that are nearly the one written: what each costs, which of them is safe to take, and by what margin."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache, lru_cache
from typing import Final

from addressbook.match.characters import NEAR_SOUND
from addressbook.match.reasons import faults as fault_table
from addressbook.match.spelling import MISSING, SLIPS, SWAPPED
from addressbook.model import NamedAddress
from addressbook.parse.knowledge import knowledge
from addressbook.resources import data_path

MOST_NEAR: Final = 5
COUNTY_DIGITS: Final = 6
TOWN_DIGITS: Final = 9
ENOUGH_AS_WRITTEN: Final = 2


class NearName:
    """A known name with the faults that make it the written one; no faults: it is the name as written.

    `safe`: all its faults are on the safe list and no other name is nearly as near.
    """

    def __init__(
        self, named: NamedAddress, faults: tuple[str, ...] = (), cost: float = 0.0, *, safe: bool = True
    ) -> None:
        self.named: Final = named
        self.faults: Final = faults
        self.cost: Final = cost
        self.safe: Final = safe

    def doubted(self) -> NearName:
        """The same name, not to be taken by itself."""
        return NearName(self.named, self.faults, self.cost, safe=False)


@cache
def margins() -> dict[str, float]:
    """data/matching/margins.csv: by how much one answer must be better than the next."""
    with data_path("matching", "margins.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: float(row["value"]) for row in csv.DictReader(file)}


def near_names(entries: Sequence[tuple[NamedAddress, tuple[str, ...]]], prefix: str) -> list[NearName]:
    """The nearest names first, each address once; `prefix` are the significant digits of the text's division."""
    county = prefix[:COUNTY_DIGITS]
    best: dict[str, tuple[float, str, NamedAddress, tuple[str, ...]]] = {}
    for named, faults in entries:
        if named.division_code.startswith(county):
            cost = round(_cost_of(faults) + _elsewhere(named.division_code, prefix), 3)
            known = best.get(named.aid)
            if known is None or cost < known[0]:
                best[named.aid] = (cost, named.aid, named, faults)
    ordered = sorted(best.values())[:MOST_NEAR]
    alone = bool(ordered) and (len(ordered) == 1 or ordered[1][0] - ordered[0][0] >= margins()["runner_up"])
    return [
        NearName(named, faults, cost, safe=alone and at == 0 and _is_safe(named, faults, prefix))
        for at, (cost, _, named, faults) in enumerate(ordered)
    ]


def _is_safe(named: NamedAddress, faults: tuple[str, ...], prefix: str) -> bool:
    here = len(prefix) >= TOWN_DIGITS and not _elsewhere(named.division_code, prefix)
    return _on_safe_list(named.name, faults, here=here)


@cache
def _cost_of(faults: tuple[str, ...]) -> float:
    return sum(fault_table()[fault].cost for fault in faults)


def _elsewhere(code: str, prefix: str) -> float:
    """What it costs to lie in another town or village than the text names."""
    if len(prefix) >= TOWN_DIGITS and code[COUNTY_DIGITS:TOWN_DIGITS] not in ("000", prefix[COUNTY_DIGITS:TOWN_DIGITS]):
        return margins()["other_town"]
    if len(prefix) > TOWN_DIGITS and not code.endswith("000") and code != prefix:
        return margins()["other_community"]
    return 0.0


@lru_cache(maxsize=50_000)
def _on_safe_list(name: str, faults: tuple[str, ...], *, here: bool) -> bool:
    """Whether enough of the name is as written: of 祝家村 and 朱家村, 东湾村 and 东汪村 each is a village.

    What counts is what stands before the suffix. `here`: the text names the town that the name lies in, which makes up
    for one character.
    """
    if any(fault_table()[fault].severity == "error" for fault in faults):
        return False
    core = _core_length(name)
    replaced = sum(fault in SLIPS for fault in faults)
    if SWAPPED in faults or MISSING in faults:
        core -= 1
    elif NEAR_SOUND in faults or replaced > 1:
        here = False
    return core - replaced >= ENOUGH_AS_WRITTEN - here or not (replaced or SWAPPED in faults or MISSING in faults)


@cache
def _core_length(name: str) -> int:
    """How many characters stand before the suffix of a name; all of them when it has none."""
    known = knowledge()
    for length in range(min(known.longest_suffix, len(name) - 1), 0, -1):
        if name[-length:] in known.suffixes:
            return len(name) - length
    return len(name)
