"""楼盘表: the rooms of a building as units × floors × rooms, with who and what is in each."""

from __future__ import annotations

import re
from typing import Any

from addressbook.privacy.policy import Reader
from addressbook.store.reading import Row

MOST_ROOMS = 2000
_TRAILING_ROOM = re.compile(r"^(-?\d+)\d\d$")


def building_table(view: Row, reader: Reader) -> Row | None:
    """The table of a building or entrance; None for any other address, or one without rooms.

    A floor that the registry does not have is read from the room's number (1203 → 12) and marked as inferred.
    """
    rooms = view["rooms"]
    if not rooms:
        return None
    found = _occupancy(view["occupancy"] or [])
    units: dict[str, dict[str, list[Row]]] = {}
    inferred = False
    for room in rooms[:MOST_ROOMS]:
        unit, floor, number, guessed = place_of(room["path"])
        inferred = inferred or guessed
        entry = {
            "aid": room["aid"],
            "name": room["name"],
            "room": number,
            **_counts(found.get(room["aid"], {}), reader),
        }
        units.setdefault(unit, {}).setdefault(floor, []).append(entry)
    return {
        "rooms": len(rooms),
        "truncated": len(rooms) > MOST_ROOMS,
        "floors_inferred": inferred,
        "units": [_unit(name, units[name]) for name in sorted(units, key=natural)],
    }


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


def _unit(name: str, floors: dict[str, list[Row]]) -> Row:
    order = sorted(floors, key=natural, reverse=True)
    return {
        "unit": name,
        "floors": [
            {"floor": floor, "rooms": sorted(floors[floor], key=lambda room: natural(room["room"]))} for floor in order
        ],
    }


def _occupancy(rows: list[Row]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row["aid"], {})[row["kind"]] = row["elements"]
    return found


def _counts(found: dict[str, int], reader: Reader) -> Row:
    return {
        "persons": found.get("person", 0) if reader.sees_persons else None,
        "houses": found.get("house", 0),
        "enterprises": found.get("enterprise", 0),
    }
