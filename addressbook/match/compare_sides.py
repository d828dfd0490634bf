"""One of two addresses that are compared: its divisions, roads, names and typed numbers, each kind by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from addressbook.model import Element, ParsedAddress
from addressbook.parse.knowledge import knowledge

NUMBER_LEVELS = ("building", "unit", "floor", "room")
NAMED = ("place", "sub_place", "party", "community", "devzone")
ROADS = ("road", "sub_road")
PLATES = ("road_no", "sub_road_no")
UNCOMPARED = frozenset({"redundant", "other", "country"})
DIVISIONS = ("province", "city", "county", "town")
ABOVE_THE_BODY = frozenset({*DIVISIONS, *UNCOMPARED, "relation"})
# A gate is at its place and not the place: 南门, 西北1门, 东门店.
GATE = re.compile("^[东南西北正侧大后前]{0,3}[0-9A-Z一二三四五六七八九]{0,3}号?门(?:口|店)?$")
GATE_IN_BRACKETS = re.compile("[(（]([东南西北正侧大后前]{0,3}[0-9A-Za-z一二三四五六七八九]{0,3}号?门(?:口|店)?)[)）]")
# Parts that have no name of their own: 一期, 东区, C区, 12组, 三排.
PART = re.compile("^第?([0-9A-Z一二三四五六七八九十东南西北中]{1,4})([期区组队排标段])$")
PART_BEHIND = re.compile("^(.{2,}?)(第?[0-9A-Z一二三四五六七八九十东南西北中]{1,2}[期区])$")
LANE = re.compile("^([0-9]+)(弄|巷)$")
LANE_BEHIND = re.compile("^(.*[^0-9])([0-9]+)(弄|巷)$")
# Branches and offices are called alike in every town: 南京分公司, 售楼处.
ANYONES = re.compile("^.{0,3}(?:分公司|总公司|售楼处|营销中心|营业部|停车场|分店)$")
SECTION = "段"
AND = re.compile("^[与和]")
SHORTEST_NAME = 2
DIGIT_OF = {c: str(n) for n, c in enumerate("一二三四五六七八九十", 1)}


@dataclass(frozen=True, slots=True)
class Side:
    """What one text says. `numbers` by level; `parts` as (unit, number); names and roads in reading order."""

    parsed: ParsedAddress
    roads: tuple[str, ...]
    lanes: frozenset[str]
    names: tuple[str, ...]
    head: str
    parts: frozenset[tuple[str, str]]
    gates: tuple[str, ...]
    plates: frozenset[str]
    houses: frozenset[str]
    numbers: dict[str, frozenset[str]]
    relations: tuple[str, ...]

    @property
    def name_text(self) -> str:
        """All names in one."""
        return "".join(self.names)

    @property
    def body(self) -> str:
        """What is said below the division, without noise and positions."""
        return "".join(e.value for e in self.parsed.elements if e.name not in ABOVE_THE_BODY)

    @property
    def only_divisions(self) -> bool:
        """True where the text goes no further than a division."""
        return not (self.roads or self.names or self.plates or self.houses or any(self.numbers.values()))

    @property
    def division(self) -> str:
        """The code of the division the text itself names; "" where it names none, wherever it is taken to be."""
        named = any(element.name in (*DIVISIONS, "community") for element in self.parsed.elements)
        return (self.parsed.division_code or "") if named else ""

    @property
    def buildings(self) -> frozenset[str]:
        """Numbers of buildings; of an estate that only has house numbers (花园38号) those."""
        return self.numbers["building"] or self.houses


def side_of(parsed: ParsedAddress) -> Side:
    """The parts of a parsed address by what they are compared with."""
    gates = list(GATE_IN_BRACKETS.finditer(parsed.text))
    elements = [e for e in parsed.elements if e.name not in UNCOMPARED and not _within(e, gates)]
    words = [word for element in elements if element.name in NAMED for word in _split(element.value)]
    names = [w for w in words if _is_name(w)]
    roads = [road for element in elements if element.name in ROADS for road in _roads(AND.sub("", element.value))]
    plates, houses = _plates(elements)
    return Side(
        parsed=parsed,
        roads=tuple(dict.fromkeys(road for road in roads if not LANE.match(road))),
        lanes=frozenset(match[1] for road in roads if (match := LANE.match(road))),
        names=tuple(dict.fromkeys(names)),
        head=_head(elements, parsed.text) or (names[-1] if names else ""),
        parts=frozenset(_part(match) for word in words if (match := PART.match(word))),
        gates=(*(match[1] for match in gates), *(word for word in words if GATE.match(word))),
        plates=plates,
        houses=houses,
        numbers={name: frozenset(_values(elements, name)) for name in NUMBER_LEVELS},
        relations=tuple(e.value for e in elements if e.name == "relation"),
    )


def _is_name(word: str) -> bool:
    """Something with a name of its own: no gate, no part of an estate, no bare word such as 新村."""
    if len(word) < SHORTEST_NAME or GATE.match(word) or PART.match(word) or ANYONES.match(word):
        return False
    return word not in knowledge().suffixes


def _head(elements: list[Element], text: str) -> str:
    """The last name outside brackets, what the text is about: 李宁 of 李宁(新郑店)."""
    outside = [e for e in elements if e.name in NAMED and text[max(0, e.start - 1) : e.start] not in ("(", "（")]
    words = [word for element in outside for word in _split(element.value) if _is_name(word)]
    return words[-1] if words else ""


def _within(element: Element, spans: list[re.Match[str]]) -> bool:
    return any(span.start() <= element.start and element.end <= span.end() for span in spans)


def _split(name: str) -> Iterator[str]:
    """卫东花园一期 is an estate and a part of it."""
    match = PART_BEHIND.match(name)
    yield from match.groups() if match else (name,)


def _roads(road: str) -> Iterator[str]:
    match = LANE_BEHIND.match(road)
    yield from (match[1], match[2] + match[3]) if match else (road,)


def _part(match: re.Match[str]) -> tuple[str, str]:
    number = match[1].removeprefix("第")
    return match[2], DIGIT_OF.get(number, number)


def _values(elements: list[Element], name: str) -> Iterator[str]:
    for element in elements:
        if element.name == name:
            yield from (value for value in element.value.split(",") if value)


def _plates(elements: list[Element]) -> tuple[frozenset[str], frozenset[str]]:
    """Numbers behind a road, and numbers behind a name: 市心北路260号 and 群益村34号."""
    plates: set[str] = set()
    houses: set[str] = set()
    behind_road = False
    for element in elements:
        if element.name in ROADS or (element.name in NAMED and not element.value.endswith(SECTION)):
            behind_road = element.name in ROADS
        elif element.name in PLATES:
            (plates if behind_road else houses).update(v for v in element.value.split(",") if v)
    return frozenset(plates), frozenset(houses)


__all__ = ["DIVISIONS", "NUMBER_LEVELS", "Side", "side_of"]
