"""The names that suggestions come from: of the registry's streets, compounds and places, and of divisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from addressbook.divisions import Gazetteer
from addressbook.divisions.names import is_artificial
from addressbook.model import Division, NamedAddress
from addressbook.normalise import normal_name
from addressbook.search.divisions import COUNTY_DIGITS, DivisionShelf, divisions_around
from addressbook.search.finding import How, found
from addressbook.search.shelf import Shelf

MOST_NEW_NAMES: Final = 500
"""Names that came since the shelf was filled; beyond these it is filled anew."""
MOST_HOLDERS: Final = 20
"""Of one name, 建设路 or 新村, however many have it."""
FAR: Final = 4.5
"""What a division outside the registry's own counties is put behind: its name begins so, but theirs hold it."""

Letters = frozenset[str]
ALL: Final[Letters] = frozenset()


class Hit(NamedTuple):
    """An address or a division whose name was found; `size` compares those found alike, larger first."""

    how: How
    name: str
    holder: NamedAddress | Division
    size: float

    @property
    def code(self) -> str:
        """The AID, or the code of the division."""
        return self.holder.code if isinstance(self.holder, Division) else self.holder.aid

    @property
    def order(self) -> tuple[float, float, int]:
        """Surest first, then largest, then shortest name; a division far away after all that is here but its own."""
        far = FAR if self.size < 0 and self.how is not How.EXACT else 0.0
        return self.how.rank + far, -self.size, len(self.name)


class SearchNames:
    """Names in memory. One thread at a time may change them, while others read: each reads the old or the new."""

    def __init__(self, names: Iterable[NamedAddress], gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self._addresses: dict[str, tuple[NamedAddress, ...]] = {}
        self._keys: dict[str, tuple[str, ...]] = {}
        self._sizes: Mapping[str, int] = {}
        self._new: list[str] = []
        self._shelves: tuple[Shelf, ...] = ()
        self._divisions: DivisionShelf | None = None
        for name in names:
            self._add(name)

    @property
    def prepared(self) -> bool:
        """Whether it can be searched."""
        return self._divisions is not None

    def prepare(self, sizes: Mapping[str, int]) -> None:
        """Make it searchable, which takes a second; `sizes`: how many addresses lie in, or on, each AID."""
        self._sizes = sizes
        self._fill()
        self._divisions = divisions_around(self.gazetteer, self._counties())

    def follow(self, gone: Iterable[tuple[str, str | None]], added: Sequence[NamedAddress]) -> None:
        """Catch up with the registry: forget what is gone (None: an address with all its names), then add."""
        for aid, name in gone:
            self._remove(aid, None if name is None else normal_name(name))
        for named in added:
            if not named.is_alias:
                self._remove(named.aid, None)
        new = [key for named in added if (key := self._add(named))]
        if self._divisions is None or not added:
            return
        if not self._counties() <= self._divisions.counties:
            self._divisions = divisions_around(self.gazetteer, self._counties())
        self._new = list(dict.fromkeys([*self._new, *new]))
        if len(self._new) > MOST_NEW_NAMES:
            self._fill()
        elif new:
            self._shelves = (self._shelves[0], Shelf(self._new))

    def find(
        self, typed: str, most: int, *, addresses: bool, divisions: bool, within: str = "", letters: Letters = ALL
    ) -> list[Hit]:  # fmt: skip
        """What is called like `typed`, a normal name, in the divisions whose codes begin with `within`; best first.

        Of addresses only those of some `letters`. `most` is how many names of those wanted are looked for.
        """
        if not typed:
            return []
        for slips in (False, True):  # nobody who typed a name rightly wants those that are nearly it
            hits = self._found_addresses(typed, most, (within, letters), slips) if addresses else []
            hits += self._found_divisions(typed, most, within, slips) if divisions else []
            if hits:
                break
        return _each_once(hits)

    def behind_divisions(self, name: str) -> tuple[str, str]:
        """The leading digits of the division that a text begins with, and what stands behind it.

        ("", the text) where it names none. A short form counts around the registry's own counties: 萧山市心北路.
        """
        return self._divisions.leading(name) if self._divisions else ("", name)

    def where(self, code: str) -> str:
        """The names of the divisions that what lies in `code` lies in, widest first; artificial levels left out."""
        codes = dict.fromkeys(code[:digits].ljust(12, "0") for digits in (2, 4, 6, 9, 12))
        found = [self.gazetteer.get(c) if c[9:] == "000" else self._community(c) for c in codes]
        return " ".join([division.name for division in found if division and not is_artificial(division.name)])

    def _community(self, code: str) -> Division | None:
        """Without reading a county's file where it is one of those known by name."""
        return self._divisions.community(code) if self._divisions else None

    def _counties(self) -> frozenset[str]:
        return frozenset(named.division_code[:COUNTY_DIGITS] for held in self._addresses.values() for named in held)

    def _found_addresses(self, typed: str, most: int, wanted: tuple[str, Letters], slips: bool) -> list[Hit]:
        keeps = (lambda name: bool(_wanted(self._addresses.get(name, ()), *wanted))) if any(wanted) else None
        shelves = [shelf.only(keeps) for shelf in self._shelves]
        names = [pair for shelf in shelves for pair in found(shelf, typed, most, slips=slips)]
        return [
            Hit(how, name, holder, self._size(holder))
            for how, name in dict.fromkeys(names)
            for holder in _wanted(self._addresses.get(name, ()), *wanted)
        ]

    def _found_divisions(self, typed: str, most: int, within: str, slips: bool) -> list[Hit]:
        if self._divisions is None:
            return []
        return [
            Hit(how, name, division, self._divisions.size(division))
            for how, name, division in self._divisions.find(typed, most, within=within, slips=slips)
        ]

    def _add(self, named: NamedAddress) -> str:
        """The key when it is a name that nobody had."""
        key = normal_name(named.name)
        held = self._addresses.get(key, ())
        if not key or any(known.aid == named.aid for known in held):
            return ""
        self._addresses[key] = (*held, named)
        self._keys[named.aid] = (*self._keys.get(named.aid, ()), key)
        return "" if held else key

    def _remove(self, aid: str, key: str | None) -> None:
        keys = self._keys.pop(aid, ())
        kept = () if key is None else tuple(known for known in keys if known != key)
        for gone in set(keys) - set(kept):
            self._addresses[gone] = tuple(named for named in self._addresses[gone] if named.aid != aid)
        if kept:
            self._keys[aid] = kept

    def _fill(self) -> None:
        names = [key for key, held in self._addresses.items() if held]
        largest = {key: max(self._size(named) for named in self._addresses[key]) for key in names}
        self._new = []
        self._shelves = (Shelf(sorted(names, key=largest.__getitem__, reverse=True)), Shelf(()))

    def _size(self, named: NamedAddress) -> float:
        return self._sizes.get(named.aid, 0) + (0.0 if named.is_alias else 0.5)


def _each_once(hits: list[Hit]) -> list[Hit]:
    best: dict[str, Hit] = {}
    for hit in sorted(hits, key=lambda hit: hit.order):
        best.setdefault(hit.code, hit)
    return list(best.values())


def _wanted(holders: Iterable[NamedAddress], within: str, letters: Letters) -> list[NamedAddress]:
    inside = [held for held in holders if held.division_code.startswith(within)]
    return [held for held in inside if not letters or held.kind.value in letters][:MOST_HOLDERS]
