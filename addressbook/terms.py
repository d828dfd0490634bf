"""The words of the project that are one of a few: kinds, states, roles, levels, categories (DESIGN sections 2, 4)."""

from __future__ import annotations

from enum import StrEnum


class AddressKind(StrEnum):
    """Kind letter of an address: the first character of its AID, for ever."""

    STREET = "R"
    COMPOUND = "C"
    DOOR_PLATE = "D"
    BUILDING = "B"
    ENTRANCE = "E"
    FLOOR = "F"
    ROOM = "H"
    PLACE = "P"


class AddressState(StrEnum):
    """Lifecycle of an address: provisional → current → retired; provisional → rejected; any → void."""

    PROVISIONAL = "provisional"
    CURRENT = "current"
    RETIRED = "retired"
    REJECTED = "rejected"
    VOID = "void"


class ElementKind(StrEnum):
    """人房企事物."""

    PERSON = "person"
    HOUSE = "house"
    ENTERPRISE = "enterprise"
    EVENT = "event"
    THING = "thing"


class Role(StrEnum):
    """What an element does at an address."""

    RESIDENCE = "residence"
    HOUSEHOLD_REGISTRATION = "household_registration"
    REGISTERED = "registered"
    OPERATING = "operating"
    OCCURRED_AT = "occurred_at"
    LOCATED_AT = "located_at"


class Level(StrEnum):
    """How deep a match goes, or how precise a point is; `rank` orders them from country to room."""

    NONE = "none"
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    TOWN = "town"
    COMMUNITY = "community"
    ROAD = "road"
    PLACE = "place"
    DOOR_PLATE = "door_plate"
    BUILDING = "building"
    ENTRANCE = "entrance"
    FLOOR = "floor"
    ROOM = "room"
    POINT = "point"

    @property
    def rank(self) -> int:
        """Position from the shallowest (0, none) to the deepest."""
        return _RANKS[self]


_RANKS = {level: rank for rank, level in enumerate(Level)}

LEVEL_OF_KIND: dict[AddressKind, Level] = {
    AddressKind.STREET: Level.ROAD,
    AddressKind.COMPOUND: Level.PLACE,
    AddressKind.PLACE: Level.PLACE,
    AddressKind.DOOR_PLATE: Level.DOOR_PLATE,
    AddressKind.BUILDING: Level.BUILDING,
    AddressKind.ENTRANCE: Level.ENTRANCE,
    AddressKind.FLOOR: Level.FLOOR,
    AddressKind.ROOM: Level.ROOM,
}


class Category(StrEnum):
    """A exact, B safe, C unsure, D none (DESIGN section 4)."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
