"""The names of the registry in memory: streets, compounds and places with their aliases, by their normal form."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from functools import cache
from typing import Final, Protocol

from addressbook.divisions import Gazetteer
from addressbook.match.nearness import NearName, near_names
from addressbook.match.spelling import Spellings
from addressbook.model import AddressKind, NamedAddress
from addressbook.normalise import normal_name
from addressbook.parse.costs import rows
from addressbook.parse.division_names import prefix_of
from addressbook.parse.lexicon import RegistryNames

ESTATE: Final = "小区"
REMEMBERED: Final = 20_000
_GENERIC: Final = re.compile(r"^(?:[0-9A-Z一二三四五六七八九十东西南北中]{0,3}(?:期|区|组|队|号院?|层|楼|室)|[0-9]+)$")
_GENERIC_ENDS: Final = frozenset("期区组队号院层楼室0123456789")
COUNTY_DIGITS: Final = 6
TOWN_DIGITS: Final = 9
CODE_DIGITS: Final = 12


@cache
def generic_words() -> dict[str, str]:
    """Words that are no names → what they say: position, nothing, estate or part (data/matching/generic_words.csv)."""
    return {row["word"]: row["means"] for row in rows("generic_words.csv")}


def is_generic(name: str) -> bool:
    """Whether a name means something only below another one, and so is no way in: 二期, 东区, 12组, 办公楼."""
    return name in generic_words() or (name[-1:] in _GENERIC_ENDS and _GENERIC.match(name) is not None)


class HasDivision(Protocol):
    """Anything that lies in a division."""

    @property
    def division_code(self) -> str:
        """Its code, 12 digits."""
        ...


class NameIndex:
    """Tens of thousands of names; `version` changes whenever the names do, so that readers know what they remember."""

    def __init__(self, names: Iterable[NamedAddress] = (), gazetteer: Gazetteer | None = None) -> None:
        self._gazetteer = gazetteer
        self.version = 0
        self.counties: set[str] = set()
        self._by_name: dict[str, list[NamedAddress]] = {}
        self._by_aid: dict[str, list[tuple[str, NamedAddress]]] = {}
        self.lexicon = RegistryNames()
        self._county_count: Counter[str] = Counter()
        self._spellings: Spellings | None = None
        self._remembered: dict[str, dict[str, tuple[str, ...]]] = {}
        for name in names:
            self.add(name)

    def lay_in(self, code: str, other: str) -> bool:
        """Whether what lies in one division lay in another before a change of divisions."""
        return self._gazetteer is not None and self._gazetteer.lay_in(code, other)

    def add(self, name: NamedAddress) -> None:
        """Add one name or alias; the same name of the same address twice is one."""
        key = normal_name(name.name)
        entries = self._by_name.setdefault(key, [])
        if not key or any(known.aid == name.aid for known in entries):
            return
        if not entries and self._spellings is not None:
            self._spellings.add(key)
            self._remembered.clear()
        entries.append(name)
        self._by_aid.setdefault(name.aid, []).append((key, name))
        self._county_count[name.division_code[:COUNTY_DIGITS]] += 1
        self.counties.add(name.division_code[:COUNTY_DIGITS])
        if len(entries) == 1:
            self._tell_parser(key)
        self.version += 1

    def prepare(self) -> None:
        """Build what is otherwise built when a name is first met that nobody has: the spellings."""
        if self._spellings is None:
            self._spellings = Spellings()
            for key, entries in self._by_name.items():
                if entries:
                    self._spellings.add(key)

    def remove(self, aid: str, name: str | None = None) -> None:
        """Forget an address and its aliases, or only what is called `name`; what is not known is no error."""
        wanted = normal_name(name) if name is not None else None
        kept: list[tuple[str, NamedAddress]] = []
        for key, named in self._by_aid.pop(aid, ()):
            if wanted not in (None, key):
                kept.append((key, named))
                continue
            self._by_name[key].remove(named)
            self._tell_parser(key)
            county = named.division_code[:COUNTY_DIGITS]
            self._county_count[county] -= 1
            if not self._county_count[county]:
                self.counties.discard(county)
            self.version += 1
        if kept:
            self._by_aid[aid] = kept

    def follow(self, gone: Iterable[tuple[str, str | None]], added: Iterable[NamedAddress]) -> None:
        """Catch up with the registry: forget what is gone, then add; an address that was renamed comes anew."""
        for aid, name in gone:
            self.remove(aid, name)
        for named in added:
            if not named.is_alias and self._is_renamed(named):
                self.remove(named.aid)
            self.add(named)

    def _is_renamed(self, named: NamedAddress) -> bool:
        known = [other for _, other in self._by_aid.get(named.aid, ()) if not other.is_alias]
        return bool(known) and known[0] != named

    def _tell_parser(self, key: str) -> None:
        """The parser reads a name as its first address is. Villages are left to the gazetteer, which knows their codes;
        generic names belong to the text around them.
        """
        entries = self._by_name[key]
        if is_generic(key) or (key.endswith(("村", "社区")) and not key.endswith("新村")):
            return
        road = bool(entries) and entries[0].kind is AddressKind.STREET
        label = ("road" if road else "place") if entries else None
        self.lexicon.note(key, label)
        other = _without_suffix(key) if road else key.removesuffix(ESTATE) if key.endswith(ESTATE) else key + ESTATE
        if len(other) > (2 if road else 1) and not self._by_name.get(other):
            self.lexicon.note(other, label)

    def find(self, name: str, kinds: Collection[AddressKind], division_code: str | None = None) -> list[NamedAddress]:
        """The addresses called `name` in and around a division, best context first.

        Same community before same town before same county. Another town of the county only when it is the only
        candidate there; another county never, unless the text names none and the name is unique.
        """
        found = self._called(name, kinds)
        prefix = prefix_of(division_code) if division_code else ""
        if len(prefix) < COUNTY_DIGITS:
            return _in_one_county([n for n in found if n.division_code.startswith(prefix)])
        return self._near(found, division_code or "")

    def in_town(self, found: list[NamedAddress], division_code: str | None) -> list[NamedAddress]:
        """Those that lie in no other town than the one named; where there are none, those that lay in it once."""
        here = [named for named in found if not says_another_town(named, division_code)]
        return here or [n for n in found if division_code and self.lay_in(n.division_code, division_code)]

    def _near(self, found: list[NamedAddress], code: str) -> list[NamedAddress]:
        county = [named for named in found if named.division_code[:COUNTY_DIGITS] == code[:COUNTY_DIGITS]]
        if not county:
            return self._from_elsewhere(found, code)
        if len(county) == 1:
            return county
        same_town = self.in_town(county, code)
        if not same_town and len({named.aid for named in county}) > 1:
            return []
        return sorted(same_town or county, key=lambda n: (-_closeness(n, code), n.is_alias, n.aid))

    def _from_elsewhere(self, found: list[NamedAddress], code: str) -> list[NamedAddress]:
        """What lay in the county named until its border was moved; and a street that runs on into another one."""
        kept = [
            named
            for named in found
            if self.lay_in(named.division_code, code)
            or (named.kind is AddressKind.STREET and self.lay_in(code, named.division_code))
        ]
        return sorted(kept, key=lambda n: (n.is_alias, n.aid))

    def _called(self, name: str, kinds: Collection[AddressKind]) -> list[NamedAddress]:
        """Each address once, wherever it is; a place's name may stand with or without 小区, a road keeps its 路."""
        key = name if name in self._by_name else normal_name(name)
        found = [n for n in self._by_name.get(key, ()) if n.kind in kinds]
        if AddressKind.COMPOUND not in kinds and AddressKind.PLACE not in kinds:
            return found
        long = key.endswith(ESTATE) and len(key) > len(ESTATE) + 1
        others = self._by_name.get(key.removesuffix(ESTATE) if long else key + ESTATE)
        if others:
            known = {n.aid for n in found}
            found += [n for n in others if n.kind in kinds and n.aid not in known]
        return found

    def near(self, name: str, kinds: Collection[AddressKind], division_code: str | None = None) -> list[NearName]:
        """The addresses whose names are nearly `name`, the likeliest first; other counties than the text's never."""
        around = self._around(name)
        if not around:
            return []
        entries = [
            (named, faults) for known, faults in around.items() for named in self._by_name[known] if named.kind in kinds
        ]
        return near_names(entries, prefix_of(division_code) if division_code else "") if entries else []

    def _around(self, name: str) -> dict[str, tuple[str, ...]]:
        """The known names around a name: asked for once as a street, once as a place, and for every rereading."""
        found = self._remembered.get(name)
        if found is None:
            self.prepare()
            if len(self._remembered) > REMEMBERED:
                self._remembered.clear()
            found = self._spellings.around(normal_name(name)) if self._spellings is not None else {}
            self._remembered[name] = found
        return found


def _without_suffix(road: str) -> str:
    return road[:-2] if road.endswith(("大道", "大街")) else road[:-1]


def _closeness(place: NamedAddress, division_code: str) -> int:
    """How many digits of the code agree as far as both say: 12, 9 or 6; 0 for another county."""
    for digits in (CODE_DIGITS, TOWN_DIGITS, COUNTY_DIGITS):
        here, there = division_code[:digits], place.division_code[:digits]
        if here == there:
            return digits
    return 0


def says_another_town(place: HasDivision, division_code: str | None) -> bool:
    """True when both codes reach a town and the towns differ."""
    if not division_code:
        return False
    here, there = division_code[COUNTY_DIGITS:TOWN_DIGITS], place.division_code[COUNTY_DIGITS:TOWN_DIGITS]
    return here != "000" and there != "000" and here != there


def _in_one_county(found: list[NamedAddress]) -> list[NamedAddress]:
    counties = {n.division_code[:COUNTY_DIGITS] for n in found}
    if len(counties) > 1:
        return []
    return sorted(found, key=lambda n: (n.is_alias, n.aid))
