"""Elements whose role only the rest of the text tells; the parser reads each by itself."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Final

from addressbook.match.names import generic_words, is_generic
from addressbook.model import Element, Level, ParsedAddress
from addressbook.normalise import normal_name

PLATE_SIGNS: Final = ("号", "號")
DASHES: Final = frozenset("-－—–~～")
DASHED: Final = re.compile("[-－—–~～]")
BUILDING_SIGNS: Final = ("座", "幢", "栋", "棟", "楼", "樓", "#")
ROOM_DIGITS: Final = 3
PLATE_OF_TWO: Final = re.compile("^[0-9]+[-－—][0-9]+[号號]$")
SILENT: Final = frozenset({"redundant", "other"})
NUMBERED: Final = frozenset({"road_no", "sub_road_no"})
VILLAGE_SIGNS: Final = frozenset("村区会")
DIVISIONS: Final = frozenset({"county", "city", "town"})
NO_PLACE: Final = {"position": "relation", "nothing": "redundant"}
"""What words that are no names are in a text, by what they say."""
REMEMBERED: Final = 20_000
BELOW_COUNTY: Final = frozenset({"town", "community", "road", "place"})


class Doubts:
    """What about the elements of a text may have to be settled, as far as their names tell.

    `ranged` is where two numbers with something silent between them may be one, `plate` where the number lies that may
    be one, `place` where the first place is; -1 for none.
    """

    def __init__(self, names: tuple[str, ...]) -> None:
        given = frozenset(names)
        below = next((at for at, name in enumerate(names) if name in BELOW_COUNTY), len(names))
        self.dashed = {"building", "community"} <= given and "place" not in given
        self.ranged: tuple[int, ...] = tuple(
            [
                at
                for at, (dash, other) in enumerate(pairwise(names[1:]))
                if dash in SILENT and other in ("building", "room", "floor")
            ]
        )
        self.below = "floor" in given and "room" not in given and "redundant" in given
        self.plate = -1
        if NUMBERED.isdisjoint(given):
            self.plate = next((names.index(name) for name in ("building", "room") if name in given), -1)
        self.community = "community" in given
        self.estate = not DIVISIONS.isdisjoint(names[below + 1 :])
        self.places = names.count("place") > 1
        self.place = names.index("place") if "place" in given else -1


def by_context(parsed: ParsedAddress) -> ParsedAddress:
    """The same text with such elements named by what they are; characters and values stay.

    三期 is a part of a place although no place is named; 47号 before another building is a plate, and so is the only
    number with 号; a community before a number that no gazetteer knows is a name like others (育德52号众联创业中心).
    """
    doubts = _doubts_about(parsed)
    if doubts.dashed:
        plate = dashed_plate(parsed)
        if plate is not None:
            parsed, doubts = plate, _doubts_about(plate)
    if doubts.ranged:
        whole = _range(parsed, doubts.ranged)
        if whole is not None:
            parsed, doubts = whole, _doubts_about(whole)
    if doubts.below and DASHED.search(parsed.text):
        parsed = _below_ground(parsed) or parsed
    if doubts.estate or doubts.places or (doubts.community and parsed.division_level is not Level.COMMUNITY):
        return _settled(parsed, doubts)
    if doubts.plate >= 0 and _looks_like_a_plate(parsed.element(doubts.plate)):
        return _settled(parsed, doubts)
    if doubts.place >= 0 and is_generic(parsed.value(doubts.place)):
        return _settled(parsed, doubts)
    return parsed


def _doubts_about(parsed: ParsedAddress) -> Doubts:
    """Ten thousand texts have some hundred sequences of names: what each leaves open is found out once."""
    doubts = _DOUBTS.get(parsed.names)
    if doubts is None:
        if len(_DOUBTS) > REMEMBERED:
            _DOUBTS.clear()
        doubts = _DOUBTS[parsed.names] = Doubts(parsed.names)
    return doubts


_DOUBTS: Final[dict[tuple[str, ...], Doubts]] = {}


def _looks_like_a_plate(number: Element) -> bool:
    if number.name == "building":
        return number.text.endswith(PLATE_SIGNS)
    return PLATE_OF_TWO.match(number.text) is not None


def _settled(parsed: ParsedAddress, doubts: Doubts) -> ParsedAddress:
    elements = list(parsed.elements)
    as_parsed = list(parsed.names)
    names = as_parsed.copy()
    if doubts.plate >= 0:
        _number_as_plate(elements, names, doubts.plate)
    if doubts.community and parsed.division_level is not Level.COMMUNITY:
        _unknown_community(elements, names)
    if doubts.estate:
        _part_of_an_estate(elements, names)
    if "place" in names:
        _second_place(elements, names)
        _generic_place(elements, names)
    return parsed.with_elements(tuple(elements)) if names != as_parsed else parsed


def _range(parsed: ParsedAddress, places: tuple[int, ...]) -> ParsedAddress | None:
    """南岸明珠1-10幢, 3幢501-503室, 17号1-2楼: from one number to another; 104-2室: a part of a room."""
    road = "road" in parsed.names
    for at in places:
        if parsed.element(at + 1).text not in DASHES:
            continue
        one, other = parsed.element(at), parsed.element(at + 2)
        if one.text.isdigit() and _one_number(one, other, road=road):
            text, value = parsed.text[one.start : other.end], f"{one.value}-{other.value}"
            whole = Element(text, other.name, one.start, other.end, value)
            return parsed.with_elements((*parsed.elements[:at], whole, *parsed.elements[at + 3 :]))
    return None


def _below_ground(parsed: ParsedAddress) -> ParsedAddress | None:
    """A座-3层 may be 地下3层 where the dash is the only one: among others (3幢-2单元-5层) it only separates."""
    if len(DASHED.findall(parsed.text)) > 1:
        return None
    for at, (dash, floor) in enumerate(pairwise(parsed.elements)):
        if floor.name == "floor" and dash.text in DASHES and floor.value.isdigit():
            whole = Element(dash.text + floor.text, "floor", dash.start, floor.end, f"-{floor.value}")
            return parsed.with_elements((*parsed.elements[:at], whole, *parsed.elements[at + 2 :]))
    return None


def _one_number(one: Element, other: Element, *, road: bool) -> bool:
    if other.name == "building":
        return one.name in NUMBERED and not road
    if other.name == "floor":
        return one.name == "building"
    if other.name != "room" or len(one.text) < ROOM_DIGITS:
        return False
    return len(other.value) < ROOM_DIGITS if one.name == "building" else len(other.value) == len(one.text)


def dashed_plate(parsed: ParsedAddress) -> ParsedAddress | None:
    """萧德16-1号, 群益村1-1号: building and entrance of a place, but the plate of a road or of a village."""
    if not NUMBERED.isdisjoint(parsed.names):
        return None
    for at, (number, dash, last) in enumerate(
        zip(parsed.elements, parsed.elements[1:], parsed.elements[2:], strict=False)
    ):
        plain = number.name == "building" and number.text.isdigit()
        if plain and dash.text in DASHES and last.text.endswith(PLATE_SIGNS):
            text, value = parsed.text[number.start : last.end], f"{number.value}-{last.value}"
            plate = Element(text, "road_no", number.start, last.end, value)
            return parsed.with_elements((*parsed.elements[:at], plate, *parsed.elements[at + 3 :]))
    return None


def _named(elements: list[Element], names: list[str], at: int, name: str) -> None:
    elements[at] = elements[at]._replace(name=name)
    names[at] = name


def _number_as_plate(elements: list[Element], names: list[str], at: int) -> None:
    number = elements[at]
    if _looks_like_a_plate(number):
        _named(elements, names, at, "road_no")
        if number.name == "building" and "unit" in names and "building" not in names:
            _unit_as_building(elements, names, names.index("unit"))


def _unit_as_building(elements: list[Element], names: list[str], at: int) -> None:
    """47号|2座2401号: beside a number that was the building's the next was the entrance's."""
    if elements[at].text.isdigit() or elements[at].text.endswith(BUILDING_SIGNS):
        _named(elements, names, at, "building")


def _unknown_community(elements: list[Element], names: list[str]) -> None:
    """育德|52号: a name like others. 车联|兴屿物流园: the beginning of a name, which must not be lost."""
    at = names.index("community")
    if elements[at].text[-1:] in VILLAGE_SIGNS:
        return
    following = next((name for name in names[at + 1 :] if name != "redundant"), "")
    if following in NUMBERED:
        for place in range(at + 1, len(names)):
            if names[place] == "place":
                _named(elements, names, place, "sub_place")
        _named(elements, names, at, "place")
    elif names[at + 1 : at + 2] in (["place"], ["road"]):
        elements[at : at + 2] = [joined(elements[at], elements[at + 1])]
        names[at : at + 2] = [names[at + 1]]


def joined(first: Element, second: Element) -> Element:
    """Two neighbours as one name, of the second's kind."""
    value = normal_name(first.value + second.value)
    return Element(first.text + second.text, second.name, first.start, second.end, value)


def _part_of_an_estate(elements: list[Element], names: list[str]) -> None:
    """晨晖花城|西区: a county somewhere is called so too, but a county stands before the town."""
    lower = False
    for at, name in enumerate(names):
        if lower and name in DIVISIONS and is_generic(elements[at].value):
            _named(elements, names, at, "sub_place")
        lower = lower or name in BELOW_COUNTY


def _second_place(elements: list[Element], names: list[str]) -> None:
    """朝晖印象|象东苑: what is named after a place is a part of it, or of no account; but never lost."""
    first = names.index("place")
    for at in range(first + 1, len(names)):
        if names[at] == "place":
            _named(elements, names, at, "sub_place")


def _generic_place(elements: list[Element], names: list[str]) -> None:
    """三期|南岸明珠: the part that has a name is the place then. 五七路|口: no place. 西江塘路|小区: one name."""
    at = names.index("place")
    said = generic_words().get(elements[at].value, "")
    if said in NO_PLACE:
        _named(elements, names, at, NO_PLACE[said])
    elif said == "estate" and names[at - 1 : at] == ["road"]:
        elements[at - 1 : at + 1] = [joined(elements[at - 1], elements[at])]
        del names[at - 1]
    elif is_generic(elements[at].value):
        _named(elements, names, at, "sub_place")
        for part in range(len(names)):
            if names[part] == "sub_place" and not is_generic(elements[part].value) and "place" not in names:
                _named(elements, names, part, "place")
