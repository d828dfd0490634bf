"""Every way to write the name of a division, ready to be found at any place of a text. Built once per gazetteer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from addressbook.divisions import DivisionName, Gazetteer, community_forms
from addressbook.normalise import normal_name

LEVEL_OF_LENGTH = {2: "province", 4: "city", 6: "county", 9: "town", 12: "community"}
DEVZONE = re.compile("(?:开发区|高新区|园区?|产业集聚区|工业区|保税区|度假区)(?:管委会|管理委员会)?$")
COUNTIES_REMEMBERED = 512


class Spelling(NamedTuple):
    """One meaning of a spelled name: `prefix` is the code without its trailing zeros (2, 4, 6, 9 or 12 digits)."""

    prefix: str
    label: str
    quality: str


def prefix_of(code: str) -> str:
    """The significant digits of a code: 330109000000 → 330109. As `divisions.significant`, without its checks.

    >>> prefix_of("330000000000"), prefix_of("330109001000"), prefix_of("460000000000"), prefix_of("330109001001")
    ('33', '330109001', '46', '330109001001')
    """
    digits = len(code.rstrip("0"))
    return code[: 2 if digits <= 2 else 4 if digits <= 4 else 6 if digits <= 6 else 9 if digits <= 9 else 12]


class NameTable:
    """Names under the lengths that go with their first two characters: one probe says that nothing begins here."""

    def __init__(self) -> None:
        self.names: dict[str, tuple[Spelling, ...]] = {}
        self.lengths: dict[str, tuple[int, ...]] = {}

    def add(self, name: str, spelling: Spelling) -> None:
        """Add one meaning of a name; the first quality given for a code stays."""
        known = self.names.get(name, ())
        if all(spelling.prefix != other.prefix for other in known):
            self.names[name] = (*known, spelling)
        lengths = self.lengths.get(name[:2], ())
        if len(name) not in lengths:
            self.lengths[name[:2]] = tuple(sorted((*lengths, len(name)), reverse=True))

    def starting(self, text: str, start: int) -> Iterator[tuple[int, tuple[Spelling, ...]]]:
        """(end, meanings) of every name that begins at `start`, the longest first."""
        for length in self.lengths.get(text[start : start + 2], ()):
            found = self.names.get(text[start : start + length])
            if found is not None and start + length <= len(text):
                yield start + length, found


class DivisionNames:
    """All spellings of provinces to towns at once, of villages county by county when first asked."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self.table = NameTable()
        for entry in gazetteer.name_set():
            self._add(entry)
        self.villages = lru_cache(maxsize=COUNTIES_REMEMBERED)(self._villages)

    def _add(self, entry: DivisionName) -> None:
        name, prefix = normal_name(entry.name), prefix_of(entry.code)
        quality = "short" if entry.short else "former" if entry.former else "full"
        spelling = Spelling(prefix, label_of(prefix, name), quality)
        self.table.add(name, spelling)
        if name.endswith("街道"):
            self.table.add(name + "办事处", spelling)

    def community_name(self, prefix: str) -> str:
        """The one way to write a village: 群益村 for 群益村委会; "" for an unknown code."""
        division = self.gazetteer.get(prefix)
        return normal_name(_written(division.name)) if division is not None else ""

    def _villages(self, county: str) -> NameTable:
        """The villages and communities of a county (6 digits): 群益村, 群益 and 群益社区 alike."""
        table = NameTable()
        rows = [(d.code, [normal_name(f) for f in community_forms(d.name)]) for d in self.gazetteer.villages_of(county)]
        for code, forms in rows:
            for form in forms:
                if form.endswith(("村", "社区", "会")):
                    table.add(form, Spelling(code, "community", "full"))
        for code, forms in rows:
            stem = short_village(forms[-1])
            for form in (stem, stem + "村", stem + "社区", stem + "居委会"):
                if len(form) > 1:
                    table.add(form, Spelling(code, "community", "short" if form == stem else "former"))
        return table


def _written(name: str) -> str:
    forms = community_forms(name)
    return forms[1] if len(forms) > 1 and name.endswith("会") else name


def short_village(name: str) -> str:
    """群益村 → 群益, 陈公桥社区 → 陈公桥; a stem of one character stays whole."""
    stem = name.removesuffix("社区").removesuffix("村")
    return stem if len(stem) > 1 else name


def label_of(prefix: str, name: str) -> str:
    """The element name of a division: by the length of its code; development zones have their own."""
    if len(prefix) >= 9 and DEVZONE.search(name):
        return "devzone"
    return LEVEL_OF_LENGTH[len(prefix)]
