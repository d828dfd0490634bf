"""The names of divisions: of the whole country down to towns, and of the communities around what the registry has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

from addressbook.divisions import Gazetteer
from addressbook.divisions.codes import significant
from addressbook.model import Division, Level
from addressbook.normalise import normal_name
from addressbook.search.finding import How, found
from addressbook.search.shelf import Shelf

COUNTY_DIGITS: Final = 6
LONGEST_NAME: Final = 12
KEPT: Final = 4
_SIZE: Final = {Level.PROVINCE: 6, Level.CITY: 5, Level.COUNTY: 4, Level.TOWN: 3, Level.COMMUNITY: 2}
Holders = dict[str, tuple[Division, ...]]


class DivisionShelf:
    """Divisions by name, those around some counties first; of those also the communities. Never changes."""

    def __init__(self, gazetteer: Gazetteer, counties: frozenset[str]) -> None:
        self.counties = counties
        self._above = {county[:digits] for county in counties for digits in (2, 4)}
        self._full, self._short, country = _country(gazetteer)
        villages = [v for county in sorted(counties) if gazetteer.get(county) for v in gazetteer.villages_of(county)]
        self._communities = {village.code: village for village in villages}
        self._villages = _by_name((village.name, village) for village in villages)
        here = {name for name, held in self._full.items() if any(map(self._is_near, held))}
        self._shelves = (Shelf([*sorted(here), *self._villages]), country)

    def find(self, typed: str, most: int, *, within: str, slips: bool) -> Iterator[tuple[How, str, Division]]:
        """Each division of a name that is found, of those whose codes begin with `within`; see `finding.found`."""
        keeps = (lambda name: bool(self._inside(name, within))) if within else None
        shelves = [shelf.only(keeps) for shelf in self._shelves]
        for how, name in dict.fromkeys(pair for s in shelves for pair in found(s, typed, most, slips=slips)):
            for division in self._inside(name, within):
                yield how, name, division

    def _inside(self, name: str, within: str) -> list[Division]:
        held = (*self._full.get(name, ()), *self._villages.get(name, ()))
        return [division for division in held if division.code.startswith(within)]

    def size(self, division: Division) -> float:
        """Larger for larger ones; negative far from the registry's own counties."""
        size = _SIZE.get(division.level, 1)
        return 10.0**size if self._is_near(division) else size / 10 - 1

    def community(self, code: str) -> Division | None:
        """The community of that code in one of the counties."""
        return self._communities.get(code)

    def leading(self, name: str) -> tuple[str, str]:
        """The leading digits of the division around the counties that a text begins with, and the rest."""
        within, rest = "", name
        while True:
            longest = min(len(rest) - 1, LONGEST_NAME)
            length = next((n for n in range(longest, 1, -1) if self._called(rest[:n], within)), 0)
            if not length:
                return within, rest
            within, rest = self._called(rest[:length], within), rest[length:]

    def _called(self, name: str, within: str) -> str:
        for division in (*self._full.get(name, ()), *self._short.get(name, ()), *self._villages.get(name, ())):
            code = significant(division.code)
            if code.startswith(within) and code != within and self._is_near(division):
                return code
        return ""

    def _is_near(self, division: Division) -> bool:
        return division.code[:COUNTY_DIGITS] in self.counties or significant(division.code) in self._above


@lru_cache(maxsize=KEPT)
def divisions_around(gazetteer: Gazetteer, counties: frozenset[str]) -> DivisionShelf:
    """The divisions, those of some counties (6 digits) nearest; made once for the same ones."""
    return DivisionShelf(gazetteer, counties)


@lru_cache(maxsize=KEPT)
def _country(gazetteer: Gazetteer) -> tuple[Holders, Holders, Shelf]:
    """Provinces to towns by full name and by short name, and the full names as a shelf, large divisions first."""
    entries = [entry for entry in gazetteer.name_set() if not entry.former]
    holders = [(entry, division) for entry in entries if (division := gazetteer.get(entry.code))]
    full = _by_name((entry.name, division) for entry, division in holders if not entry.short)
    largest = {name: max(_SIZE.get(division.level, 1) for division in held) for name, held in full.items()}
    shelf = Shelf(sorted(full, key=largest.__getitem__, reverse=True))
    return full, _by_name((entry.name, division) for entry, division in holders if entry.short), shelf


def _by_name(divisions: Iterable[tuple[str, Division]]) -> Holders:
    held: defaultdict[str, list[Division]] = defaultdict(list)
    for name, division in divisions:
        held[normal_name(name)].append(division)
    return {name: tuple(divisions) for name, divisions in held.items()}
