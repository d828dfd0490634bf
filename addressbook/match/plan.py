"""ParsedAddress → the names and typed number path it asks of the registry; used to look up and to mint alike."""

from __future__ import annotations

import re
from functools import lru_cache

from addressbook.match.roles import by_context
from addressbook.model import AddressKind, Element, ParsedAddress, PathToken, TreePlan
from addressbook.parse.knowledge import knowledge

TAIL_KINDS = {
    "building": AddressKind.BUILDING, "unit": AddressKind.ENTRANCE, "floor": AddressKind.FLOOR,
    "room": AddressKind.ROOM,
}  # fmt: skip
NUMBERED = ("road_no", "sub_road_no")
VILLAGE = re.compile(r"(?:村|村委会|村民委员会)$")
ROAD_PART = re.compile(r"(?:[0-9]+(?:弄|巷)|段)$")


def tree_plan(parsed: ParsedAddress, *, around_counts: bool = False) -> TreePlan | None:
    """What to look up or to mint for a parsed address; None when it reaches only a division or nothing at all.

    A village (…村) with nothing or only numbers behind it, and a community (社区) with a house number directly behind
    it, are compounds of their own below their division. `around_counts`: a place before a street and its number is
    the place of the address all the same (南岸明珠市心北路260号3幢).
    """
    read = by_context(parsed)
    return plan_of(read, first_of_each(read), around_counts=around_counts)


def first_of_each(parsed: ParsedAddress) -> dict[str, Element]:
    """The first element of every name."""
    return {element.name: element for element in reversed(parsed.elements)}


def plan_of(parsed: ParsedAddress, by_name: dict[str, Element], *, around_counts: bool = False) -> TreePlan | None:
    """As `tree_plan`, with the first element of every name at hand."""
    plan = TreePlan(parsed.division_code or "", road=_road(by_name))
    plate = _plate(by_name)
    place = by_name.get("place")
    if place is not None and (around_counts or not _is_around(place, by_name)):
        plan.place, plan.place_kind = place.value, _kind_of(place.value)
    elif not plan.road and "community" in by_name and _stands_for_itself(by_name):
        plan.place = by_name["community"].value
    if not plan.road and not plan.place:
        return None
    if plan.road:
        plan.plate_no = plate
    plan.tail = _tail(parsed, by_name, "" if plan.road else plate)
    return plan


def place_around(by_name: dict[str, Element]) -> Element | None:
    """The place that stands before a street and its number, if there is one."""
    place = by_name.get("place")
    return place if place is not None and _is_around(place, by_name) else None


def _is_around(place: Element, by_name: dict[str, Element]) -> bool:
    """临江工业园区长风路3333号: what stands before a street and number is around them, not what is there."""
    road = by_name.get("road")
    return road is not None and "road_no" in by_name and place.end <= road.start


def _road(by_name: dict[str, Element]) -> str:
    """The road with its lane (水心路39弄) or section; a second road at a crossing is not part of it."""
    road, lane = by_name.get("road"), by_name.get("sub_road")
    if lane is None:
        return road.value if road else ""
    if road is None:
        return lane.value
    together = lane.start == road.end and ROAD_PART.search(lane.value)
    return road.value + lane.value if together else road.value


def _plate(by_name: dict[str, Element]) -> str:
    """The plate number; of a list (845,847) the first."""
    number = by_name.get("sub_road_no") or by_name.get("road_no")
    return number.value.partition(",")[0] if number else ""


def _stands_for_itself(by_name: dict[str, Element]) -> bool:
    return bool(VILLAGE.search(by_name["community"].value)) or any(n in by_name for n in (*NUMBERED, *TAIL_KINDS))


def _tail(parsed: ParsedAddress, by_name: dict[str, Element], plate: str) -> list[PathToken]:
    tail: list[PathToken] = []
    if "sub_place" in by_name:
        tail = [PathToken(_sub_kind(e.value), e.value) for e in parsed.elements if e.name == "sub_place" and e.value]
    if plate:
        tail.append(PathToken(AddressKind.DOOR_PLATE, plate))
    for name, kind in TAIL_KINDS.items():
        element = by_name.get(name)
        if element is not None and element.value and not (name == "floor" and _said_by_room(element, by_name)):
            tail.append(PathToken(kind, element.value))
    return tail


# Lists repeat their estates: the longest known suffix of a name is looked for once.
@lru_cache(maxsize=50_000)
def _kind_of(place: str) -> AddressKind:
    return knowledge().kind_of(place)


def _sub_kind(value: str) -> AddressKind:
    kind = _kind_of(value)
    return kind if kind is AddressKind.PLACE else AddressKind.COMPOUND


def _said_by_room(floor: Element, by_name: dict[str, Element]) -> bool:
    """3层302室: the room number begins with the floor, so the floor adds nothing to the path."""
    room = by_name.get("room")
    if room is None:
        return False
    start, number = room.value[: len(floor.value)], room.value[len(floor.value) :]
    return start == floor.value and number[:2].isdecimal() and len(number) > 1 and not number[2:3].isdecimal()
