"""Short names of towns in front of a name that the parser did not know: 北干云树嘉圆, 临浦市收中路."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from addressbook.divisions import Gazetteer
from addressbook.model import Element, Level, ParsedAddress
from addressbook.normalise import normal_name

COUNTY_DIGITS = 6
SUFFIXES = ("街道", "镇", "乡")
NAMES = frozenset({"road", "place", "community"})


class TownWords:
    """The towns of a county by their name with and without 街道 or 镇, remembered."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._known: dict[str, dict[str, str]] = {}

    def taken_off(self, parsed: ParsedAddress) -> Iterator[ParsedAddress]:
        """The text with the town that its first name begins with as an element of its own."""
        code = parsed.division_code
        if code is None or parsed.division_level is not Level.COUNTY or parsed.first("town") is not None:
            return
        at = next((n for n, e in enumerate(parsed.elements) if e.name in NAMES), None)
        if at is None:
            return
        name = parsed.elements[at]
        for word, town in self._towns(code[:COUNTY_DIGITS]).items():
            if name.value.startswith(word) and len(name.value) > len(word) + 1:
                rest = name.value[len(word) :]
                cut = min(name.start + len(word), name.end)
                elements = (
                    *parsed.elements[:at],
                    Element(name.text[: len(word)], "town", name.start, cut, word),
                    Element(name.text[len(word) :], name.name, cut, name.end, rest),
                    *parsed.elements[at + 1 :],
                )
                yield replace(parsed, elements=elements, division_code=town, division_level=Level.TOWN)

    def _towns(self, county: str) -> dict[str, str]:
        found = self._known.get(county)
        if found is None:
            found = self._known[county] = {}
            for division in self._gazetteer.towns_of(county):
                name = normal_name(division.name)
                found[name] = division.code
                for suffix in SUFFIXES:
                    short = name.removesuffix(suffix)
                    if short != name and len(short) > 1:
                        found.setdefault(short, division.code)
        return found
