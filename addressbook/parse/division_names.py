"""Every way to write the name of a division, ready to be found at any place of a text. Built once per gazetteer."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from addressbook.divisions import DivisionName, Gazetteer, community_forms
from addressbook.normalise import normal_name
from addressbook.parse.costs import rows

LEVEL_OF_LENGTH = {2: "province", 4: "city", 6: "county", 9: "town", 12: "community"}
DEVZONE = re.compile("(?:开发区|高新区|园区?|产业集聚区|工业区|保税区|度假区)(?:管委会|管理委员会)?$")
OTHER_SUFFIXES = {
    "town": ("街道", "镇", "乡"),
    "county": ("县", "市", "区", "新区"),
    "city": ("州",),
    "province": ("省",),
}
"""A town becomes a subdistrict and keeps its stem: 闻堰镇 is 闻堰街道 today. People say 海宁县 for 海宁市, 景宁县 for
景宁畲族自治县."""
SHORTEST = 2
NEW_AREA = "新区"
"""A district of Tangshan was called no more than that; so is the end of every second zone of the country."""
UNTELLING = re.compile("城?[东西南北中城郊]?区")
"""西区, 城区, 城东区: more often a part of a place than the district of that name."""
SPELT_WRONGLY = frozenset({"province", "city", "county"})
MUNICIPALITIES = frozenset({"11", "12", "31", "50"})
"""Provinces by code that every address calls a city: 北京市, 天津市, 上海市, 重庆市."""
COUNTIES_REMEMBERED = 3_000
VILLAGES_REMEMBERED = 50_000


class Meaning(NamedTuple):
    """What a name may mean at one level: `prefixes` are codes without trailing zeros (2, 4, 6, 9 or 12 digits)."""

    label: str
    quality: str
    prefixes: tuple[str, ...]


VillageTable = dict[str, tuple[str, list[str]]]
"""The best quality that a name of a village has, and the codes of those that have it so."""
LONGEST_VILLAGE = 9


def prefix_of(code: str) -> str:
    """The significant digits of a code: 330109000000 → 330109. As `divisions.significant`, without its checks.

    >>> prefix_of("330000000000"), prefix_of("330109001000"), prefix_of("460000000000"), prefix_of("330109001001")
    ('33', '330109001', '46', '330109001001')
    """
    digits = len(code.rstrip("0"))
    return code[: 2 if digits <= 2 else 4 if digits <= 4 else 6 if digits <= 6 else 9 if digits <= 9 else 12]


class DivisionNames:
    """All spellings of provinces to towns together, of villages county by county when first asked."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self.villages = lru_cache(maxsize=COUNTIES_REMEMBERED)(self._villages)
        self.community_name = lru_cache(maxsize=VILLAGES_REMEMBERED)(self._community_name)

    def names(self) -> dict[str, tuple[Meaning, ...]]:
        """What every name may mean. Seconds of work: `lexicon.divisions_of` keeps what is made of it."""
        return _Spellings(self.gazetteer).names

    def _community_name(self, prefix: str) -> str:
        """The one way to write a village: 群益村 for 群益村委会; "" for an unknown code."""
        division = self.gazetteer.get(prefix)
        return normal_name(_written(division.name)) if division is not None else ""

    def _villages(self, county: str) -> VillageTable:
        """The villages and communities of a county (6 digits): 群益村, 群益 and 群益社区 alike."""
        forms: dict[str, list[tuple[str, str]]] = {"full": [], "former": [], "short": []}
        for division in self.gazetteer.villages_of(county):
            for form, quality in village_forms(normal_name(division.name)):
                forms[quality].append((form, division.code))
        for name, code in self.gazetteer.former_villages(county):
            forms["former"] += [(form, code) for form, _ in village_forms(normal_name(name))[:2]]
        # Today's own names go before names made from them, so what is first said of a form is its best.
        table: VillageTable = {}
        for quality, said in forms.items():
            for form, code in said:
                best, codes = table.setdefault(form, (quality, []))
                if best == quality and code not in codes:
                    codes.append(code)
        return table


class _Spellings:
    """Collects the names of provinces to towns: those that are or were in force first, then what is made of them."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.names: dict[str, tuple[Meaning, ...]] = {}
        self._slips = [(row["right"], row["wrong"]) for row in rows("division_slips.csv")]
        entries = list(gazetteer.name_set())
        for entry in entries:
            self._add_entry(entry)
        for row in rows("division_aliases.csv"):
            if gazetteer.get(row["code"]) is not None:
                prefix = prefix_of(row["code"])
                self._add(row["name"], label_of(prefix, row["name"]), "former", prefix)
        for entry in entries:
            if entry.short:
                self._add_other_suffixes(entry)
        for name, meanings in self.names.items():
            self.names[name] = tuple(_with_bearers(meaning, meanings) for meaning in meanings)

    def _add_entry(self, entry: DivisionName) -> None:
        name, prefix = normal_name(entry.name), prefix_of(entry.code)
        quality = "short" if entry.short else "former" if entry.former else "full"
        label = label_of(prefix, name) if LEVEL_OF_LENGTH[len(prefix)] == entry.level.value else entry.level.value
        if quality == "short" and name[0].isdigit():
            return  # 七号镇 without its suffix is 7号, a number
        if (UNTELLING.fullmatch(name) and label == "city") or name == NEW_AREA:
            return
        if UNTELLING.fullmatch(name) and label == "county":
            quality = "short"
        self._add(name, label, quality, prefix)
        self._add_slips(name, label, prefix)
        if name.endswith("街道"):
            self._add(name + "办事处", label, quality, prefix)

    def _add_slips(self, name: str, label: str, prefix: str) -> None:
        if label in SPELT_WRONGLY:
            for right, wrong in self._slips:
                if right in name:
                    self._add(name.replace(right, wrong), label, "former", prefix)

    def _add_other_suffixes(self, entry: DivisionName) -> None:
        name, prefix = normal_name(entry.name), prefix_of(entry.code)
        label = label_of(prefix, name)
        for suffix in OTHER_SUFFIXES.get(label, ()):
            self._add(name + suffix, label, "suffix" if label in ("town", "county") else "former", prefix)
            if label == "city":
                self._add_slips(name + suffix, label, prefix)

    def _add(self, name: str, label: str, quality: str, prefix: str) -> None:
        _add_meaning(self.names, name, label, quality, prefix)


def _with_bearers(meaning: Meaning, meanings: tuple[Meaning, ...]) -> Meaning:
    """A former name that others bear today (南山区) tells where it was only where none of them can be meant."""
    if meaning.quality != "former":
        return meaning
    bearers = [p for m in meanings if m.quality == "full" and m.label == meaning.label for p in m.prefixes]
    return meaning._replace(prefixes=(*meaning.prefixes, *bearers)) if bearers else meaning


def _add_meaning(table: dict[str, tuple[Meaning, ...]], name: str, label: str, quality: str, prefix: str) -> None:
    """Add a code to the meanings of a name; a code that a better quality has already is not added again."""
    known = table.get(name, ())
    if any(prefix in meaning.prefixes for meaning in known):
        return
    for at, meaning in enumerate(known):
        if meaning.label == label and meaning.quality == quality:
            more = meaning._replace(prefixes=(*meaning.prefixes, prefix))
            table[name] = (*known[:at], more, *known[at + 1 :])
            return
    table[name] = (*known, Meaning(label, quality, (prefix,)))


def village_forms(name: str) -> list[tuple[str, str]]:
    """The ways to write a village: as registered, with the other suffix (a village that became a community), without.

    >>> village_forms("群益村委会")
    [('群益村', 'full'), ('群益村委会', 'full'), ('群益社区', 'former'), ('群益', 'short')]
    """
    written = _written(name)
    stem = short_village(written)
    other = stem + ("社区" if written.endswith("村") else "村")
    forms = {written: "full", name: "full", other: "former", stem: "short"}
    if written.endswith("社区"):
        forms[stem + "居委会"] = "full"
    return list(forms.items())


def _written(name: str) -> str:
    forms = community_forms(name)
    return forms[1] if len(forms) > 1 and name.endswith("会") else name


def short_village(name: str) -> str:
    """群益村 → 群益, 陈公桥社区 → 陈公桥; a stem of one character stays whole."""
    stem = name.removesuffix("社区").removesuffix("村")
    return stem if len(stem) > 1 else name


def label_of(prefix: str, name: str) -> str:
    """The element name of a division: by the length of its code; development zones have their own."""
    if prefix in MUNICIPALITIES:
        return "city"
    if len(prefix) >= 9 and DEVZONE.search(name):
        return "devzone"
    return LEVEL_OF_LENGTH[len(prefix)]


@lru_cache(maxsize=4)
def division_names(gazetteer: Gazetteer) -> DivisionNames:
    """The names of a gazetteer, shared by all parsers."""
    return DivisionNames(gazetteer)
