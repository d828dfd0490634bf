"""ParsedAddress → the names and typed number path it asks of the registry; used to look up and to mint alike."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from addressbook.match.outside import outside
from addressbook.match.rereading import may_strain, preamble
from addressbook.match.roles import by_context
from addressbook.model import AddressKind, ParsedAddress, PathToken, TreePlan
from addressbook.parse.knowledge import knowledge

TAIL_KINDS: Final = {
    "building": AddressKind.BUILDING, "unit": AddressKind.ENTRANCE, "floor": AddressKind.FLOOR,
    "room": AddressKind.ROOM,
}  # fmt: skip
NUMBERED: Final = ("road_no", "sub_road_no")
TOLD_BY_CODE: Final = ("city", "county")
"""Divisions that must be those of the code the text was given."""
ONCE_ONLY: Final = ("road_no", "building", "room")
ODD: Final = frozenset({"relation", "other"})
BESIDE: Final = frozenset({"redundant", "floor"})
VILLAGE: Final = re.compile(r"(?:村|村委会|村民委员会)$")
ROAD_PART: Final = re.compile(r"(?:[0-9]+(?:弄|巷)|段)$")


def tree_plan(parsed: ParsedAddress, *, around_counts: bool = False) -> TreePlan | None:
    """What to look up or to mint for a parsed address; None when it reaches only a division or nothing at all.

    A village (…村) with nothing or only numbers behind it, and a community (社区) with a house number directly behind
    it, are compounds of their own below their division. `around_counts`: a place before a street and its number is
    the place of the address all the same (南岸明珠市心北路260号3幢).
    """
    read = by_context(parsed)
    at = outline(read.names)
    plan = plan_of(read, at, around_counts=around_counts)
    if plan is not None and at.place >= 0 and (around_counts or not at.around):
        plan.place_kind = _kind_of(plan.place)
    return plan


class Outline:
    """Where the elements of a text lie that matter, as far as their names tell; -1 for those it has not."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.first: dict[str, int] = {name: at for at, name in reversed(list(enumerate(names)))}
        """Where the first element of every name lies."""
        first = self.first
        self.road, self.lane, self.place = first.get("road", -1), first.get("sub_road", -1), first.get("place", -1)
        self.community = first.get("community", -1)
        self.plate = first.get("sub_road_no", first.get("road_no", -1))
        self.around = self.place >= 0 and "road_no" in first and self.place < self.road
        """临江工业园区长风路3333号: what stands before a street and number is around them, not what is there."""
        self.numbered = any(name in first for name in (*NUMBERED, *TAIL_KINDS))
        self.parts: list[int] = [at for at, name in enumerate(names) if name == "sub_place"]
        self.tail: list[tuple[AddressKind, int]] = [
            (kind, first[name]) for name, kind in TAIL_KINDS.items() if name in first
        ]
        self.divisions: list[tuple[str, int]] = [(name, at) for at, name in enumerate(names) if name in TOLD_BY_CODE]
        self.preamble, self.strains = preamble(names), may_strain(names)
        self.floor, self.room = first.get("floor", -1), first.get("room", -1)
        self.listed: int | None = listed_number(names)
        self.beside = before_room(names, self.room)


def listed_number(names: tuple[str, ...]) -> int | None:
    """Where the plate number is that alone may be odd, -1 where nothing may; None where other elements may be odd."""
    if not ODD.isdisjoint(names) or any(names.count(name) > 1 for name in ONCE_ONLY):
        return None
    return names.index("road_no") if "road_no" in names else -1


def before_room(names: tuple[str, ...], room: int) -> list[int]:
    """Where a number before the room may be that of another: 501 601室 has a floor 501, or a number of no account."""
    start = room
    while start > 0 and names[start - 1] in BESIDE:
        start -= 1
    return list(range(start, room)) if room > start > 0 else []


def outline(names: tuple[str, ...]) -> Outline:
    """Where the elements of these names lie: ten thousand texts have some hundred sequences of names."""
    known = _OUTLINES.get(names)
    if known is None:
        if len(_OUTLINES) > REMEMBERED:
            _OUTLINES.clear()
        known = _OUTLINES[names] = Outline(names)
    return known


_OUTLINES: Final[dict[tuple[str, ...], Outline]] = {}
REMEMBERED: Final = 20_000


def plan_of(parsed: ParsedAddress, at: Outline, *, around_counts: bool = False) -> TreePlan | None:
    """As `tree_plan`, with the outline of the text at hand; what kind of place it is was not found out."""
    if outside(parsed.normal):
        return None
    road, place = _road(parsed, at), ""
    if at.place >= 0 and (around_counts or not at.around):
        place = parsed.value(at.place)
    elif not road and at.community >= 0:
        village = parsed.value(at.community)
        place = village if at.numbered or VILLAGE.search(village) else ""
    if not road and not place:
        return None
    plate = parsed.value(at.plate).partition(",")[0] if at.plate >= 0 else ""  # of a list (845,847) the first
    code = parsed.division_code or ""
    if road:
        return TreePlan(code, road, plate, place, tail=_tail(parsed, at, ""))
    return TreePlan(code, place=place, tail=_tail(parsed, at, plate))


def _road(parsed: ParsedAddress, at: Outline) -> str:
    """The road with its lane (水心路39弄) or section; a second road at a crossing is not part of it."""
    road = parsed.value(at.road) if at.road >= 0 else ""
    if at.lane < 0:
        return road
    lane = parsed.value(at.lane)
    if at.road < 0:
        return lane
    return road + lane if at.lane == at.road + 1 and ROAD_PART.search(lane) else road


def _tail(parsed: ParsedAddress, at: Outline, plate: str) -> list[PathToken]:
    tail: list[PathToken] = []
    for part in at.parts:
        value = parsed.value(part)
        if value:
            tail.append(_token(_sub_kind(value), value))
    if plate:
        tail.append(_token(AddressKind.DOOR_PLATE, plate))
    for kind, place in at.tail:
        value = parsed.value(place)
        said = place == at.floor and at.room >= 0 and _said_by_room(value, parsed.value(at.room))
        if value and not said:
            tail.append(_token(kind, value))
    return tail


def _token(kind: AddressKind, value: str) -> PathToken:
    """A token, made in a third of the time that a named tuple takes by itself."""
    return tuple.__new__(PathToken, (kind, value))


# Lists repeat their estates: the longest known suffix of a name is looked for once.
@lru_cache(maxsize=50_000)
def _kind_of(place: str) -> AddressKind:
    return knowledge().kind_of(place)


def _sub_kind(value: str) -> AddressKind:
    kind = _kind_of(value)
    return kind if kind is AddressKind.PLACE else AddressKind.COMPOUND


def _said_by_room(floor: str, room: str) -> bool:
    """3层302室: the room number begins with the floor, so the floor adds nothing to the path."""
    start, number = room[: len(floor)], room[len(floor) :]
    return start == floor and number[:2].isdecimal() and len(number) > 1 and not number[2:3].isdecimal()


CUT_PART: Final = re.compile(
    r"^(?P<name>.{1,3}?)(?P<part>(?:[0-9]{1,2}|[A-Z一二三四五六七八九十东西南北中])(?:期|区|组|队))$"
)


def cut_parts(part: PathToken) -> list[tuple[str, list[PathToken]]]:
    """朝晖印象|东苑一期, 佳境嘉园|园东区: what of a part may still be the place's name, and the part that is left."""
    found = CUT_PART.match(part.value)
    return [(found["name"], [PathToken(part.kind, found["part"])])] if found else []


def number_may_be_building(tail: list[PathToken]) -> bool:
    """2号1501: a number with 号 below a place, and no building."""
    kinds = [token.kind for token in tail]
    return AddressKind.DOOR_PLATE in kinds and AddressKind.BUILDING not in kinds
