"""What is odd about a text, what differs between it and the registry, in terms of the cost table."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from addressbook.match.answers import MOST_CANDIDATES
from addressbook.match.cases import Base, Case
from addressbook.match.plan import ONCE_ONLY, Outline
from addressbook.match.reasons import faults as fault_table, reason
from addressbook.match.standard import tail_text
from addressbook.model import (
    LEVEL_OF_KIND,
    AddressKind,
    FoundAddress,
    Level,
    ParsedAddress,
    PathToken,
    Reason,
    TreePlan,
)
from addressbook.parse.knowledge import knowledge
from addressbook.resources import data_path

UNKNOWN: Final = {
    AddressKind.COMPOUND: "sub_place_unknown",
    AddressKind.PLACE: "sub_place_unknown",
    AddressKind.DOOR_PLATE: "plate_unknown",
    AddressKind.BUILDING: "building_unknown",
    AddressKind.ENTRANCE: "unit_unknown",
    AddressKind.FLOOR: "floor_unknown",
    AddressKind.ROOM: "room_unknown",
}
FLOORLESS: Final = 2
"""Room numbers of no more digits name no floor."""
TENANTS: Final = ("公司", "厂", "店", "部", "行", "商户", "合作社", "集团", "中心", "站")
"""Endings of those who sit in somebody's building: their name says nothing about whose it is."""
INSIDE: Final = ("内", "门口")
NUMBERS: Final = frozenset({"road_no", "sub_road_no", "building", "unit", "floor", "room"})
STOREYS: Final = frozenset("楼层")
UNHEARD: Final = frozenset({"party", "redundant"})
"""Elements that nothing is looked up for."""
_OTHER_NUMBER: Final = re.compile(r"(?:[0-9]{1,4}[A-Z]?|[A-Z][0-9]{0,3})$")
_ROOM_NUMBER: Final = re.compile(r"[0-9]{3,4}[A-Z]?")
_EITHER: Final = re.compile(r"[0-9A-Z]+(?:号楼|号|幢|栋|座|单元|楼|层|室)?或者?[0-9A-Z]+(?:号|幢|栋|座|单元|楼|层|室)")
ABOVE_COUNTY: Final = (Level.NONE, Level.PROVINCE, Level.CITY)
ENTRANCE_IN_PATH: Final = re.compile(r"(?:^|/)E([^/]+)")
FLOOR_IN_PATH: Final = re.compile(r"(?:^|/)F([^/]+)")


@cache
def _other_place() -> re.Pattern[str]:
    """data/matching/parts_of_rooms.csv: words that make another place of the room they follow; or another number.

    A floor is none: people write it beside the room (502室(一楼)) for where to go in.
    """
    with data_path("matching", "parts_of_rooms.csv").open(encoding="utf-8", newline="") as file:
        words = "|".join(re.escape(row["word"]) for row in csv.DictReader(file))
    return re.compile(rf"(?:{words})|之[一二三四五六七八九十0-9]|内?[0-9A-Z]+(?:室|间|幢|栋|号|座)")


def oddities(parsed: ParsedAddress, at: Outline) -> list[Reason]:
    """What is odd about the text itself, whatever the registry holds."""
    names = parsed.names
    behind = _left_behind(parsed) if names and names[-1] in UNHEARD else ""
    notes = [reason("left_behind", "room", expected=behind)] if behind else []
    other = _other_address(parsed, at)
    if other is not None:
        return [*notes, other]
    number = at.listed
    if number is not None and (number < 0 or "," not in parsed.value(number)):
        return notes
    seen: dict[str, str] = {}
    several: dict[str, set[str]] = {}
    for element in parsed.elements:
        name = element.name
        if name in ONCE_ONLY:
            if seen.setdefault(name, element.value) != element.value:
                several.setdefault(name, {seen[name]}).add(element.value)
        elif name == "relation" and not element.value.endswith(INSIDE) and "relative" not in {n.code for n in notes}:
            notes.append(reason("relative", "relation", expected=element.text))
    if several:
        name = next(name for name in ONCE_ONLY if name in several)
        notes.append(reason("several_addresses", name, expected="、".join(sorted(several[name]))))
    if "," in seen.get("road_no", ""):
        notes.append(reason("list_first", "road_no", expected=seen["road_no"]))
    if parsed.elements and parsed.elements[-1].name == "other":
        notes.append(reason("too_long", "text"))
    return notes


def _other_address(parsed: ParsedAddress, at: Outline) -> Reason | None:
    """That a text names two where one has no element of its own: 501 601室, 1幢或2幢."""
    for place in at.beside:
        number, room = parsed.element(place).text, parsed.value(at.room)
        if _ROOM_NUMBER.fullmatch(number) and number != room:
            return reason("several_addresses", "room", expected=f"{number}、{room}")
    either = _EITHER.search(parsed.normal) if "或" in parsed.normal else None
    return reason("several_addresses", "text", expected=either[0]) if either else None


def _left_behind(parsed: ParsedAddress) -> str:
    """What follows the last number and may tell another place: 501室楼上, 501室之二, 501室A, 501室(现1001室)."""
    behind, after = "", ""
    names = parsed.names
    for at in range(len(names) - 1, -1, -1):
        name = names[at]
        if name not in UNHEARD:
            return behind if name in NUMBERS else ""
        value = parsed.value(at)
        if _other_place().match(value) if name == "party" else _OTHER_NUMBER.match(value) and after not in STOREYS:
            behind = parsed.element(at).text
        after = value
    return ""


def name_faults(case: Case, base: Base, hit: FoundAddress, *, elsewhere: bool) -> list[Reason]:
    """How the names of the text differ from those of the address found; `elsewhere`: never in the town named."""
    plan, parsed = case.plan, case.parsed
    found = spelling_reasons(case, base)
    if base.named.is_alias:
        found.append(reason("alias_used", "place", base.named.name, hit.standard_text))
    elif base.tail and base.found and (not hit.path.endswith(base.path) or _is_elsewhere(base, hit)):
        found.append(reason("alias_used", "number", tail_text(base.tail), hit.standard_text))
    if elsewhere:
        town = parsed.first("town")
        found.append(reason("town_differs", "town", town.text if town else "", hit.standard_text))
    if plan is not None and plan.place and not case.places:
        found.append(_unknown_place(plan, base))
    if case.set_aside:
        found.append(reason("place_around", "place", case.set_aside, hit.standard_text))
    if plan is not None and plan.road and not case.roads:
        # One unknown name is safe; with the other one misspelt there are two doubts.
        found.append(reason("name_unknown" if base.faulty else "road_unknown", "road", plan.road))
    if parsed.division_level in ABOVE_COUNTY:
        found.append(reason("division_dropped", "county", found=base.named.name))
    return found


def _is_elsewhere(base: Base, hit: FoundAddress) -> bool:
    """Whether it lay in the place that the text names, and lies in another now."""
    return not base.plate_no and hit.site_id != base.named.site_id


def spelling_reasons(case: Case, base: Base) -> list[Reason]:
    """The faults in the spelling of the names a base rests on."""
    found: list[Reason] = []
    for near in base.names:
        if not near.faults:
            continue
        road = near.named.kind is AddressKind.STREET
        written = "" if case.plan is None else case.plan.road if road else case.plan.place
        for code in near.faults:
            borne_out = base.confirmed and fault_table()[code].severity == "error"
            told = "name_confirmed" if borne_out else code
            found.append(reason(told, "road" if road else "place", written, near.named.name))
    if base.number_is_building:
        number = base.number_is_building
        found.append(reason("number_is_building", "building", f"{number}号", f"{number}幢"))
    return found


def _unknown_place(plan: TreePlan, base: Base) -> Reason:
    """A shop at a known plate is safe; an estate that the plate's compound does not answer to is not."""
    plate_in_compound = any(hit.path for hit in base.start)
    inside = bool(plan.tail) and not plan.place.endswith(TENANTS)
    compound = inside or knowledge().kind_of(plan.place) is AddressKind.COMPOUND
    if compound and (plan.tail or plate_in_compound):
        return reason("name_unknown", "place", plan.place, f"{plan.road}{plan.plate_no}号")
    return reason("place_unknown", "place", plan.place)


def unknown_name(case: Case) -> Reason:
    """The name that is only nearly one of the registry, and not safely so."""
    plan = case.plan
    if plan is None:
        return reason("no_name", "place")
    near = [name.named.name for name in (case.places or case.roads) if name.faults]
    return reason("name_unknown", "place", plan.place or plan.road, "、".join(dict.fromkeys(near)))


def differing(found: Sequence[FoundAddress]) -> Reason:
    """Several addresses fit: what they are called."""
    return reason("several_candidates", "place", found=_listed(found))


def several_rooms(case: Case, found: Sequence[FoundAddress]) -> Reason:
    """Several rooms of the building have the number: the entrance is missing, or not among theirs."""
    unit = _token_value(case.plan.tail if case.plan else [], AddressKind.ENTRANCE)
    if unit:
        return reason("unit_unknown", "unit", f"{unit}单元", _listed(found))
    return reason("several_units", "unit", found=_listed(found))


def entrance_fault(base: Base, hit: FoundAddress) -> tuple[Reason, bool]:
    """Why the room was found only whatever its entrance and floor, and whether that is safe."""
    unit, floor = (_token_value(base.tail, kind) for kind in (AddressKind.ENTRANCE, AddressKind.FLOOR))
    entrance, storey = ENTRANCE_IN_PATH.search(hit.path), FLOOR_IN_PATH.search(hit.path)
    if unit and entrance and entrance[1] != unit:
        return reason("unit_contradicts", "unit", f"{unit}单元", hit.standard_text), False
    if floor and storey and storey[1] != floor:
        return reason("floor_unknown", "floor", f"{floor}层", hit.standard_text), False
    if floor and not storey and _is_on_another_floor(base.tail, floor):
        return reason("floor_contradicts", "floor", f"{floor}层", hit.standard_text), False
    if unit and not entrance:
        return reason("unit_unregistered", "unit", f"{unit}单元", hit.standard_text), True
    if entrance and not unit:
        return reason("unit_missing", "unit", found=hit.standard_text), True
    return reason("floor_unregistered", "floor", found=hit.standard_text), True


def _is_on_another_floor(tail: Sequence[PathToken], floor: str) -> bool:
    """1层508室: the number of the room says another floor."""
    room = _token_value(tail, AddressKind.ROOM)
    return room.isdigit() and len(room) > FLOORLESS and room[:-2] != floor


def first_unknown(case: Case, depth: int) -> Reason:
    """The first element of the text that the registry lacks below what it has, which is the path's first `depth`."""
    plan = case.plan
    if plan is None:
        return reason("no_name", "place")
    if plan.place and not case.places:
        return reason("name_unknown", "place", plan.place, plan.road)
    if depth < 0:
        return reason("plate_unknown", "road_no", f"{plan.road}{plan.plate_no}号")
    if not plan.tail:
        return reason("name_unknown", "place", plan.place or plan.road)
    token = plan.tail[min(depth, len(plan.tail) - 1)]
    if "," in token.value:
        return reason("list_unknown", LEVEL_OF_KIND[token.kind].value, tail_text([token]).replace(",", "、"))
    return reason(UNKNOWN[token.kind], LEVEL_OF_KIND[token.kind].value, tail_text([token]))


def _listed(found: Sequence[FoundAddress]) -> str:
    return "、".join(hit.standard_text for hit in found[:MOST_CANDIDATES])


def _token_value(tail: Sequence[PathToken], kind: AddressKind) -> str:
    return next((token.value for token in tail if token.kind is kind), "")
