"""Short names of towns in front of a name that the parser did not know: 北干云树嘉圆, 临浦市收中路."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from addressbook.divisions import Gazetteer
from addressbook.model import Element, Level, ParsedAddress
from addressbook.normalise import normal_name

COUNTY_DIGITS: Final = 6
CODE_DIGITS: Final = 12
SUFFIXES: Final = ("街道", "镇", "乡")
NAMES: Final = frozenset({"road", "place", "community"})


class TownWords:
    """The towns of a county by their name with and without 街道 or 镇, remembered."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._known: dict[str, dict[str, str]] = {}

    def taken_off(self, parsed: ParsedAddress, counties: Collection[str] = ()) -> Iterator[ParsedAddress]:
        """The text with the county and town that its first name begins with as an element of their own.

        `counties` are tried where the text names no division at all.
        """
        if parsed.first("town") is not None or parsed.division_level not in (Level.NONE, Level.COUNTY):
            return
        at = next((n for n, e in enumerate(parsed.elements) if e.name in NAMES), None)
        if at is None:
            return
        code = parsed.division_code
        for county in (code[:COUNTY_DIGITS],) if code is not None else counties:
            words = self._towns(county) if code is not None else self._all(county)
            for word, town in words.items():
                if parsed.elements[at].value.startswith(word):
                    yield from _cut(parsed, at, word, town)

    def _all(self, county: str) -> dict[str, str]:
        """The county, its towns, and both together, with and without their last word."""
        found = self._known.get("+" + county)
        if found is None:
            towns, own = self._towns(county), self._gazetteer.get(county)
            name = normal_name(own.name) if own is not None else ""
            heads = [head for head in (name, name[:-1]) if len(head) > 1]
            found = self._known["+" + county] = {head + word: town for head in heads for word, town in towns.items()}
            found |= towns | {head: county.ljust(CODE_DIGITS, "0") for head in heads}
        return found

    def _towns(self, county: str) -> dict[str, str]:
        found = self._known.get(county)
        if found is None:
            found = self._known[county] = {}
            of_today = [(division.name, division.code) for division in self._gazetteer.towns_of(county)]
            for town, code in (*of_today, *self._gazetteer.former_towns(county)):
                name = normal_name(town)
                found.setdefault(name, code)
                for suffix in SUFFIXES:
                    short = name.removesuffix(suffix)
                    if short != name and len(short) > 1:
                        found.setdefault(short, code)
        return found


def _cut(parsed: ParsedAddress, at: int, word: str, code: str) -> Iterator[ParsedAddress]:
    """The name at `at` without the word in front of it, when enough is left of it."""
    name, length = parsed.elements[at], len(word)
    level = Level.COUNTY if code.endswith("000000") else Level.TOWN
    middle = min(name.start + length, name.end)
    head = Element(name.text[:length], "town", name.start, middle, word)
    rest = Element(name.text[length:], name.name, middle, name.end, name.value[length:])
    behind = parsed.elements[at + 1 :]
    if not rest.value and name.name == "place" and behind and behind[0].name == "sub_place":
        # 萧山区河庄虚构家园, whose town lies in another county by now: what was read below it is the place.
        place = Element(behind[0].text, "place", behind[0].start, behind[0].end, behind[0].value)
        elements = (*parsed.elements[:at], head, place, *behind[1:])
        yield ParsedAddress(parsed.text, parsed.normal, elements, code, level)
    if len(rest.value) == 1 or (not rest.value and name.name != "community"):
        return
    elements = (*parsed.elements[:at], head, *([rest] if rest.value else []), *parsed.elements[at + 1 :])
    yield ParsedAddress(parsed.text, parsed.normal, elements, code, level)
