"""Names that are nearly the one written: what each costs, which of them is safe to take, and by what margin."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from addressbook.match.reasons import faults as fault_table
from addressbook.match.spelling import MISSING, omitted_suffixes, without_suffix
from addressbook.model import NamedAddress
from addressbook.resources import data_path

MOST_NEAR = 5
COUNTY_DIGITS, TOWN_DIGITS = 6, 9
SHORTEST_WITHOUT_ONE = 3


class NearName(NamedTuple):
    """A known name with the faults that make it the written one; no faults: it is the name as written.

    `safe`: all its faults are on the safe list and no other name is nearly as near.
    """

    named: NamedAddress
    faults: tuple[str, ...] = ()
    cost: float = 0.0
    safe: bool = True


@cache
def margins() -> dict[str, float]:
    """data/matching/margins.csv: by how much one answer must be better than the next."""
    with data_path("matching", "margins.csv").open(encoding="utf-8", newline="") as file:
        return {row["name"]: float(row["value"]) for row in csv.DictReader(file)}


def near_names(entries: Sequence[tuple[NamedAddress, tuple[str, ...]]], prefix: str) -> list[NearName]:
    """The nearest names first, each address once; `prefix` are the significant digits of the text's division."""
    county = prefix[:COUNTY_DIGITS]
    best: dict[str, NearName] = {}
    for named, faults in entries:
        if not named.division_code.startswith(county):
            continue
        cost = sum(fault_table()[fault].cost for fault in faults) + _elsewhere(named.division_code, prefix)
        known = best.get(named.aid)
        if known is None or cost < known.cost:
            here = len(prefix) >= TOWN_DIGITS and not _elsewhere(named.division_code, prefix)
            best[named.aid] = NearName(named, faults, round(cost, 3), _on_safe_list(named.name, faults, here=here))
    ordered = sorted(best.values(), key=lambda near: (near.cost, near.named.aid))[:MOST_NEAR]
    if len(ordered) > 1 and ordered[1].cost - ordered[0].cost < margins()["runner_up"]:
        return [near._replace(safe=False) for near in ordered]
    return [near._replace(safe=near.safe and at == 0) for at, near in enumerate(ordered)]


def _elsewhere(code: str, prefix: str) -> float:
    """What it costs to lie in another town or village than the text names."""
    if len(prefix) >= TOWN_DIGITS and code[COUNTY_DIGITS:TOWN_DIGITS] not in ("000", prefix[COUNTY_DIGITS:TOWN_DIGITS]):
        return margins()["other_town"]
    if len(prefix) > TOWN_DIGITS and not code.endswith("000") and code != prefix:
        return margins()["other_community"]
    return 0.0


def _on_safe_list(name: str, faults: tuple[str, ...], *, here: bool) -> bool:
    """All faults are warnings, and of a short name no character is guessed unless the text names its town."""
    if any(fault_table()[fault].severity == "error" for fault in faults):
        return False
    stem = without_suffix(name) if any(name.endswith(suffix) for suffix in omitted_suffixes()) else name
    return MISSING not in faults or len(stem or name) > SHORTEST_WITHOUT_ONE - here
