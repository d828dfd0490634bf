"""Other readings of a parsed text, tried when a name in it is unknown: slips that a misspelt name causes."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from itertools import pairwise
from typing import Final

from addressbook.match.names import is_generic
from addressbook.match.roles import SILENT, VILLAGE_SIGNS, dashed_plate, joined
from addressbook.match.towns import TownWords
from addressbook.model import Element, ParsedAddress
from addressbook.normalise import normal_name

DIVISIONS: Final = frozenset({"province", "city", "county", "town"})
BARE_NUMBERS: Final = frozenset({("place", "room", "party"), ("place", "building", "party")})
PHASE_BEFORE: Final = re.compile(r"^[0-9一二三四五六七八九十东西南北中]{1,2}[期区](?=..)")
PLATES: Final = frozenset({"road_no", "sub_road_no"})
Strains = tuple[tuple[str, int, int], ...]
"""What may be doubtful about a reading, and the places of the two elements that show it."""


def rereadings(parsed: ParsedAddress, towns: TownWords, counties: Collection[str]) -> Iterator[ParsedAddress]:
    """The text with some elements read as others: a town taken off a name, then one or two of the changes."""
    for one in (parsed, *towns.taken_off(parsed, counties)):
        if one is not parsed:
            yield one
        for change in CHANGES:
            changed = change(one)
            if changed is not None:
                yield changed
                further = FURTHER[change](changed) if change in FURTHER else None
                if further is not None:
                    yield further


def _place_as_road(parsed: ParsedAddress) -> ParsedAddress | None:
    """人惠127号御景时光: a place before a number is a road without its 路, the next name the place."""
    names = parsed.names
    if "road" in names:
        return None
    spoken = [n for n, name in enumerate(names) if name not in SILENT]
    for at, after in pairwise(spoken):
        if names[at] == "place" and names[after] in PLATES:
            elements = list(parsed.elements)
            elements[at] = elements[at]._replace(name="road")
            _promote(elements, after)
            return parsed.with_elements(tuple(elements))
    return None


def _part_as_road(parsed: ParsedAddress) -> ParsedAddress | None:
    """瑞丰国际中心|萧惠南 3号: the part of a place before a number is a road without its 路."""
    names = parsed.names
    if "road" in names:
        return None
    spoken = [n for n, name in enumerate(names) if name not in SILENT]
    for at, after in pairwise(spoken):
        part = parsed.elements[at]
        if part.name == "sub_place" and names[after] in PLATES and not is_generic(part.value):
            head = PHASE_BEFORE.match(part.value)
            if head is not None:
                return split_road(replace_at(parsed, at, part._replace(name="road")), at, head.end())
            return replace_at(parsed, at, part._replace(name="road"))
    return None


def replace_at(parsed: ParsedAddress, at: int, element: Element) -> ParsedAddress:
    """The text with another element at a position."""
    return parsed.with_elements((*parsed.elements[:at], element, *parsed.elements[at + 1 :]))


def _promote(elements: list[Element], after: int) -> None:
    """The first part of a place becomes the place."""
    for n in range(after + 1, len(elements)):
        if elements[n].name in ("sub_place", "party") and not is_generic(elements[n].value):
            elements[n] = elements[n]._replace(name="place")
            return
        if elements[n].name not in SILENT:
            return


def preamble(names: tuple[str, ...]) -> int:
    """Where what stands before the divisions was read as a place, -1 for nowhere: 送货至浙江省…

    `names` are those of all elements.
    """
    spoken = [at for at, name in enumerate(names) if name not in SILENT]
    begins = len(spoken) > 1 and names[spoken[0]] == "place" and names[spoken[1]] in DIVISIONS
    return spoken[0] if begins else -1


def without_preamble(parsed: ParsedAddress, said: int) -> ParsedAddress:
    """The text with its preamble set aside; the first part of a place is the place then."""
    elements = list(parsed.elements)
    elements[said] = elements[said]._replace(name="redundant")
    part = next((n for n, e in enumerate(elements) if e.name == "sub_place"), None)
    if part is not None and not is_generic(elements[part].value):
        elements[part] = elements[part]._replace(name="place")
    return parsed.with_elements(tuple(elements))


def _road_as_place(parsed: ParsedAddress) -> ParsedAddress | None:
    """庆丰村沙泥弄2组: what ends like a lane is a village here."""
    if "road" not in parsed.names or "place" in parsed.names:
        return None
    at = parsed.names.index("road")
    return replace_at(parsed, at, parsed.element(at)._replace(name="place"))


def _relation_joined(parsed: ParsedAddress) -> ParsedAddress | None:
    """拱涛路|北 18号: the direction belongs to the name before it."""
    for at, (name, direction) in enumerate(pairwise(parsed.elements)):
        if direction.name == "relation" and len(direction.value) == 1 and name.name in ("road", "place", "sub_place"):
            whole = joined(name, direction)._replace(name=name.name)
            return parsed.with_elements((*parsed.elements[:at], whole, *parsed.elements[at + 2 :]))
    return None


def _parts_joined(parsed: ParsedAddress) -> ParsedAddress | None:
    """朝晖馨苑|东宛: the place and its part are one name."""
    for at, (place, part) in enumerate(pairwise(parsed.elements)):
        if place.name == "place" and part.name == "sub_place":
            whole = joined(place, part)._replace(name=place.name)
            return parsed.with_elements((*parsed.elements[:at], whole, *parsed.elements[at + 2 :]))
    return None


def _village_joined(parsed: ParsedAddress) -> ParsedAddress | None:
    """东联|垣澄汽配厂: what is a village without its 村 may be the beginning of the name behind it."""
    for at, (village, place) in enumerate(pairwise(parsed.elements)):
        if _may_begin(village, place):
            whole = joined(village._replace(value=normal_name(village.text)), place)
            return parsed.with_elements((*parsed.elements[:at], whole, *parsed.elements[at + 2 :]))
    return None


def _may_begin(village: Element, place: Element) -> bool:
    return village.name == "community" and place.name == "place" and village.text[-1:] not in VILLAGE_SIGNS


def strained(parsed: ParsedAddress, strains: Strains) -> bool:
    """Whether a reading is doubtful though its names are known.

    A lone direction, a name between place and number, a village without its 村 in front of a place. `strains` are
    those that its names make possible.
    """
    return bool(strains) and any(_STRAINS[name](parsed.element(at), parsed.element(to)) for name, at, to in strains)


def may_strain(names: tuple[str, ...]) -> Strains:
    """Where the elements of these names may be strained: which strain, and the two elements that show it."""
    spoken = [at for at, name in enumerate(names) if name not in SILENT]
    parts = [("part", at, to) for at, to in pairwise(spoken) if names[at] == "sub_place" and names[to] in PLATES]
    villages = [("village", at, at + 1) for at, two in enumerate(pairwise(names)) if two == ("community", "place")]
    directions = [("direction", at, at) for at, name in enumerate(names) if name == "relation"]
    return (*parts, *villages, *directions)


_STRAINS: Final[dict[str, Callable[[Element, Element], bool]]] = {
    "part": lambda part, _: not is_generic(part.value),
    "village": lambda village, place: _may_begin(village, place),
    "direction": lambda direction, _: len(direction.value) == 1,
}


def split_road(parsed: ParsedAddress, at: int, cut: int) -> ParsedAddress:
    """The road at `at` as a name of `cut` characters and a road; the name is a part of the place before it, if any."""
    road = parsed.elements[at]
    middle = min(road.start + cut, road.end)
    part = parsed.first("place") is not None or is_generic(road.value[:cut])
    label = "sub_place" if part else "place"
    place = Element(road.text[:cut], label, road.start, middle, road.value[:cut])
    rest = Element(road.text[cut:], "road", middle, road.end, road.value[cut:])
    return parsed.with_elements((*parsed.elements[:at], place, rest, *parsed.elements[at + 1 :]))


def _direction_before(parsed: ParsedAddress) -> ParsedAddress | None:
    """236号|东|萧朴羽绒厂: the direction belongs to the name after it."""
    for at, (direction, name) in enumerate(pairwise(parsed.elements)):
        if direction.name == "relation" and len(direction.value) == 1 and name.name in ("road", "place", "sub_place"):
            whole = joined(direction, name)
            return parsed.with_elements((*parsed.elements[:at], whole, *parsed.elements[at + 2 :]))
    return None


def _number_as_plate(parsed: ParsedAddress) -> ParsedAddress | None:
    """湘泽315水岸公馆, 萧秀南245#宝瑞大厦: a name, a bare number and another name are road, number and place."""
    spoken = [n for n, e in enumerate(parsed.elements) if e.name not in SILENT]
    for place, number, after in zip(spoken, spoken[1:], spoken[2:], strict=False):
        if tuple(parsed.elements[n].name for n in (place, number, after)) in BARE_NUMBERS:
            elements = list(parsed.elements)
            for n, name in ((place, "road"), (number, "road_no"), (after, "place")):
                elements[n] = elements[n]._replace(name=name)
            return parsed.with_elements(tuple(elements))
    return None


CHANGES: Final = (
    _place_as_road,
    _part_as_road,
    _parts_joined,
    _village_joined,
    _road_as_place,
    _relation_joined,
    _direction_before,
    _number_as_plate,
    dashed_plate,
)
FURTHER: Final = {dashed_plate: _place_as_road, _place_as_road: _parts_joined, _relation_joined: _place_as_road}
"""Changes that make another one possible."""
