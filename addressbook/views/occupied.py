"""What lies at each address of a view: how many persons and enterprises, and its house records."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate

from addressbook.model import AddressKind, ElementKind, Role
from addressbook.store.reading import Row

MOST_HOUSES = 5000
"""House records read for one view; a building has hardly more."""


@dataclass(slots=True)
class Occupied:
    """One address: distinct elements at it, by kind; who lives there, and which firms are registered there.

    `living`: how many live at it or below it. `undivided`: nothing lies below it, so that it is one home, or none.
    """

    aid: str
    name: str
    kind: str
    path: str
    undivided: bool = False
    elements: dict[str, int] = field(default_factory=dict)
    residents: int = 0
    living: int = 0
    registered: int = 0
    houses: list[Row] = field(default_factory=list)


def house_links(row: Row) -> list[Row]:
    """The houses of a view's addresses, as links whose elements are to be read."""
    keys = [key for found in row["occupancy"] or [] for key in found["keys"] or []]
    return [{"element_kind": ElementKind.HOUSE.value, "element_key": key} for key in keys[:MOST_HOUSES]]


def occupied(row: Row, elements: Mapping[str, Row]) -> dict[str, Occupied]:
    """What lies at the addresses of a view, by code; houses are those among `elements`.

    A view of a building or less looks at all that lies below it, any other at its own address alone.
    """
    places: dict[str, Occupied] = {}
    for found in row["occupancy"] or []:
        place = places.setdefault(found["aid"], _place(found, row))
        place.elements[found["kind"]] = found["elements"]
        if found["kind"] == ElementKind.PERSON:
            place.residents = found["here"]
        elif found["kind"] == ElementKind.ENTERPRISE:
            place.registered = found["here"]
        else:
            place.houses = [elements[key] for key in found["keys"] or [] if key in elements]
    residents = _Residents(places.values())
    for place in places.values():
        place.living = _living_in(row) if place.aid == row["aid"] else residents.at_or_below(place.path)
    return places


def _place(found: Row, row: Row) -> Occupied:
    whole = found["aid"] == row["aid"] and not row["children_total"]
    is_one = whole or found["at_kind"] == AddressKind.ROOM
    return Occupied(found["aid"], found["place"], found["at_kind"], found["path"], is_one)


class _Residents:
    """How many live at an address or below it, of those that a view looks at."""

    def __init__(self, places: Iterable[Occupied]) -> None:
        ordered = sorted((place.path, place.residents) for place in places)
        self._paths = [path for path, _ in ordered]
        self._sums = [0, *accumulate(residents for _, residents in ordered)]

    def at_or_below(self, path: str) -> int:
        """What lies below begins with the path and a slash; "0" is what follows "/"."""
        return self._between(path, f"{path}\0") + self._between(f"{path}/", f"{path}0")

    def _between(self, low: str, high: str) -> int:
        return self._sums[bisect_left(self._paths, high)] - self._sums[bisect_left(self._paths, low)]


def _living_in(row: Row) -> int:
    """All who live at the address asked for or below it, also where only itself is looked at."""
    wanted = (ElementKind.PERSON, Role.RESIDENCE)
    return sum(int(found["links"]) for found in row["counts"] or [] if (found["element_kind"], found["role"]) == wanted)
