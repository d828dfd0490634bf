"""What the suffix of a name says about the address. Loaded once, on first use."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from addressbook.model import AddressKind
from addressbook.parse.costs import rows


@dataclass(frozen=True, slots=True)
class Knowledge:
    """`suffixes[suffix] = ((label, cost), …)`, kinds by suffix."""

    suffixes: dict[str, tuple[tuple[str, float], ...]]
    kinds: dict[str, AddressKind]
    longest_suffix: int

    def kind_of(self, place: str) -> AddressKind:
        """C for an estate, building or works estate, P for a company, shop, school …: by the longest known suffix."""
        for length in range(min(self.longest_suffix, len(place)), 0, -1):
            kind = self.kinds.get(place[-length:])
            if kind is not None:
                return kind
        return AddressKind.COMPOUND


@cache
def knowledge() -> Knowledge:
    """The shipped tables; raises NotFoundError when the installation lacks one."""
    places, names = rows("place_suffixes.csv"), rows("name_suffixes.csv")
    suffixes: dict[str, tuple[tuple[str, float], ...]] = {}
    for row in (*names, *places):
        suffixes[row["suffix"]] = (*suffixes.get(row["suffix"], ()), (row["label"], float(row["cost"])))
    return Knowledge(
        suffixes=suffixes,
        kinds={row["suffix"]: AddressKind(row["kind"]) for row in places},
        longest_suffix=max(map(len, suffixes)),
    )
