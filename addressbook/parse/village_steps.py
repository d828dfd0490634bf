"""Villages and communities: known once the county is, so they are looked up while the lattice is walked."""

from __future__ import annotations

from collections.abc import Iterator

from addressbook.parse.division_names import LONGEST_VILLAGE, DivisionNames
from addressbook.parse.reading import RANK, Prefixes, State

VILLAGE_RANK = RANK["community"]
PRICE = {"full": "village_known", "former": "village_other_suffix", "short": "village_short"}


def village_steps(
    divisions: DivisionNames, cost: dict[str, float], text: str, state: State, hint: Prefixes
) -> Iterator[State]:
    """The villages of the county named so far (or given as context) that begin where `state` ends."""
    counties = {code[:6] for code in state.codes or hint if len(code) >= 6}
    if len(counties) != 1 or state.rank > VILLAGE_RANK or state.label == "community":
        return
    table = divisions.villages(counties.pop())
    start = state.end
    for end in range(min(start + LONGEST_VILLAGE, len(text)), start + 1, -1):
        meanings = table.get(text[start:end])
        if meanings is None:
            continue
        best = [m for m in meanings if m.quality == meanings[0].quality]
        within = [m for m in best if m.prefix.startswith(state.codes)] if state.codes else best
        price = cost[PRICE[best[0].quality]] + (0.0 if within else cost["village_elsewhere"])
        codes = tuple(m.prefix for m in within) or state.codes
        yield State(state.cost + price, "community", VILLAGE_RANK, codes, start, end, state)
