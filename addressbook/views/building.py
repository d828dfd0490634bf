"""楼盘表: a building as units × floors × rooms, with who and what is in each, and who has it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from addressbook.model import AddressKind, ElementKind
from addressbook.privacy.policy import Reader
from addressbook.store.reading import Row
from addressbook.views.house_words import MIXED, Tenure, tenure_among
from addressbook.views.occupied import Occupied

MOST_ROOMS = 2000
UNKNOWN = "unknown"
"""Of a room without a house record, or with one whose word nobody knows."""
TENURES = (*(tenure.value for tenure in Tenure), MIXED, UNKNOWN)
_TRAILING_ROOM = re.compile(r"^(-?\d+)\d\d$")


def building_table(view: Row, places: Mapping[str, Occupied], reader: Reader) -> Row | None:
    """The table of a building or entrance; None for any other address, or one with nothing below it.

    Units and floors that the registry has are in it without a room as well. A floor that it does not have is read from
    the room's number (1203 → 12) and marked as inferred. What house records say (tenure, rent) is null where this
    reader sees no houses, persons where it sees none.
    """
    if not view["parts"]:
        return None
    rooms = [part for part in view["parts"] if part["kind"] == AddressKind.ROOM]
    units = _registered(view["parts"])
    inferred = False
    for room in rooms[:MOST_ROOMS]:
        unit, floor, number, guessed = place_of(room["path"])
        inferred = inferred or guessed
        entry = {"aid": room["aid"], "name": room["name"], "room": number, **_inside(places.get(room["aid"]), reader)}
        units.setdefault(unit, {}).setdefault(floor, []).append(entry)
    shown = [_unit(name, units[name], reader) for name in sorted(units, key=natural)]
    return {
        "rooms": len(rooms),
        "truncated": len(rooms) > MOST_ROOMS,
        "floors_inferred": inferred,
        "totals": _totals([room for unit in shown for floor in unit["floors"] for room in floor["rooms"]], reader),
        "units": shown,
    }


def _registered(parts: list[Row]) -> dict[str, dict[str, list[Row]]]:
    """unit → floor → no rooms yet, of the units and floors that are addresses."""
    units: dict[str, dict[str, list[Row]]] = {}
    for part in parts:
        if part["kind"] in (AddressKind.ENTRANCE, AddressKind.FLOOR):
            unit, floor, _, _ = place_of(part["path"])
            floors = units.setdefault(unit, {})
            if part["kind"] == AddressKind.FLOOR:
                floors.setdefault(floor, [])
    return units


def place_of(path: str) -> tuple[str, str, str, bool]:
    """Unit, floor and room of a room's path, "" where unknown; and whether the floor was read from the room number.

    >>> place_of("B3/E1/H1203"), place_of("B3/F2/H05")
    (('1', '12', '1203', True), ('', '2', '05', False))
    """
    tokens = {token[0]: token[1:] for token in path.split("/") if token}
    room, floor = tokens.get("H", ""), tokens.get("F", "")
    guess = _TRAILING_ROOM.match(room)
    if floor or guess is None:
        return tokens.get("E", ""), floor, room, False
    return tokens.get("E", ""), guess[1], room, True


def natural(text: str) -> tuple[Any, ...]:
    """A key that sorts 2 before 10, and -1 before 1.

    >>> sorted(["10", "2", "-1", "A"], key=natural)
    ['-1', '2', '10', 'A']
    """
    return (0, int(text), "") if re.fullmatch(r"-?\d+", text) else (1, 0, text)


def _unit(name: str, floors: dict[str, list[Row]], reader: Reader) -> Row:
    order = sorted(floors, key=natural, reverse=True)
    return {
        "unit": name,
        "totals": _totals([room for rooms in floors.values() for room in rooms], reader),
        "floors": [
            {"floor": floor, "rooms": sorted(floors[floor], key=lambda room: natural(room["room"]))} for floor in order
        ],
    }


def _inside(place: Occupied | None, reader: Reader) -> Row:
    """Who and what is in a room, who has it and for how much a month, as far as this reader may see."""
    found = place.elements if place else {}
    houses = place.houses if place else []
    rents = [house["monthly_rent_yuan"] for house in houses if house["monthly_rent_yuan"] is not None]
    return {
        "persons": found.get("person", 0) if reader.sees_persons else None,
        "houses": found.get("house", 0),
        "enterprises": found.get("enterprise", 0),
        "tenure": tenure_among(houses),
        "monthly_rent_yuan": sum(rents) if rents else None,
    }


def _totals(rooms: list[Row], reader: Reader) -> Row:
    """Rooms by what is in them and by who has them; null where this reader may not see it."""
    sees_houses = ElementKind.HOUSE in reader.listed
    tenures = Counter(room["tenure"] or UNKNOWN for room in rooms)
    return {
        "rooms": len(rooms),
        "with_persons": sum(room["persons"] > 0 for room in rooms) if reader.sees_persons else None,
        "with_enterprises": sum(room["enterprises"] > 0 for room in rooms),
        "tenures": {name: tenures[name] for name in TENURES} if sees_houses else None,
    }
