"""Names that are nearly the one written: what each costs, which of them is safe to take, and by what margin."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
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
            cost = _weighed(faults).costs[_elsewhere(named.division_code, prefix)]
            known = best.get(named.aid)
            if known is None or cost < known[0]:
                best[named.aid] = (cost, named.aid, named, faults)
    ordered = sorted(best.values())[:MOST_NEAR] if len(best) > 1 else list(best.values())
    alone = bool(ordered) and (len(ordered) == 1 or ordered[1][0] - ordered[0][0] >= margins()["runner_up"])
    return [
        NearName(named, faults, cost, safe=alone and at == 0 and _is_safe(named, faults, prefix))
        for at, (cost, _, named, faults) in enumerate(ordered)
    ]


def _is_safe(named: NamedAddress, faults: tuple[str, ...], prefix: str) -> bool:
    here = len(prefix) >= TOWN_DIGITS and not _elsewhere(named.division_code, prefix)
    return _on_safe_list(named.name, _weighed(faults), here=here)


class Weighed:
    """What some faults come to: `costs` for a name that lies where the text says, in another village, another town.

    `replaced` characters are others than those of the name; `shortened`: one more is not to be relied on; `doubtful`:
    naming the town does not make up for it.
    """

    def __init__(self, faults: tuple[str, ...]) -> None:
        cost = sum(fault_table()[fault].cost for fault in faults)
        aside = (0.0, margins()["other_community"], margins()["other_town"])
        self.costs: Final = tuple([round(cost + further, 3) for further in aside])
        self.forbidden: Final = any(fault_table()[fault].severity == "error" for fault in faults)
        self.replaced: Final = sum(fault in SLIPS for fault in faults)
        self.shortened: Final = SWAPPED in faults or MISSING in faults
        self.doubtful: Final = not self.shortened and (NEAR_SOUND in faults or self.replaced > 1)


@cache
def _weighed(faults: tuple[str, ...]) -> Weighed:
    return Weighed(faults)


def _elsewhere(code: str, prefix: str) -> int:
    """Which of the costs is that of lying there: 2 in another town than the text names, 1 in another village."""
    if len(prefix) < TOWN_DIGITS:
        return 0
    town = code[COUNTY_DIGITS:TOWN_DIGITS]
    if town not in ("000", prefix[COUNTY_DIGITS:TOWN_DIGITS]):
        return 2
    return 1 if len(prefix) > TOWN_DIGITS and not code.endswith("000") and code != prefix else 0


def _on_safe_list(name: str, weighed: Weighed, *, here: bool) -> bool:
    """Whether enough of the name is as written: of 祝家村 and 朱家村, 东湾村 and 东汪村 each is a village.

    What counts is what stands before the suffix. `here`: the text names the town that the name lies in, which makes up
    for one character.
    """
    if weighed.forbidden:
        return False
    if not (weighed.replaced or weighed.shortened):
        return True
    enough = ENOUGH_AS_WRITTEN - (here and not weighed.doubtful)
    return _core_length(name) - weighed.replaced - weighed.shortened >= enough


@cache
def _core_length(name: str) -> int:
    """How many characters stand before the suffix of a name; all of them when it has none."""
    known = knowledge()
    for length in range(min(known.longest_suffix, len(name) - 1), 0, -1):
        if name[-length:] in known.suffixes:
            return len(name) - length
    return len(name)
