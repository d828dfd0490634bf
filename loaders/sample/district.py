"""The district the sample lies in: real division names, invented outlines, and roads with their next free numbers."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from addressbook.divisions import Gazetteer
from loaders.sample.drawing import Draw
from loaders.sample.geography import Cell, Geography, draw_geography
from loaders.sample.naming import Names

COUNTY = "330109000000"
FORMER_COUNTY_NAME = "萧山市"
_FIRST_SPECIAL_TOWN = 400
"""Town codes from 400 on are development zones and farms without outlines of their own."""
_ROADS_OPEN_PER_TOWN = 4
_LAST_ROAD_NUMBER = 990
_VILLAGES_THAT_ARE_PLACES = 2
"""Of five."""
_COMMITTEE = re.compile(r"(?:(村)(?:民委员会|委会)|(社区)?(?:居民委员会|居委会))$")


@dataclass(slots=True)
class Road:
    """A street with the next number nobody has; `key` is the source key of its row, "" until it is written."""

    name: str
    key: str = ""
    next_number: int = 1

    def take(self, draw: Draw) -> int:
        """The next free number, with the gaps real streets have."""
        self.next_number += draw.between(1, 7)
        return self.next_number


@dataclass(slots=True)
class Town:
    """A town with the roads that still have room for numbers."""

    code: str
    name: str
    roads: list[Road] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Community:
    """A village or residents' community; `spoken` is the name people write (新联村 for 新联村委会)."""

    code: str
    name: str
    spoken: str
    town: Town
    cell: Cell
    is_village: bool
    is_place: bool
    """Its own name serves as an address (新联村5组12号): then "only the village" is an address too, not a division."""


class District:
    """萧山区 with its towns and communities; roads are opened as they are needed and closed when full."""

    def __init__(self, gazetteer: Gazetteer, names: Names, draw: Draw) -> None:
        county = gazetteer.get(COUNTY)
        if county is None:
            raise LookupError(f"the gazetteer lacks {COUNTY}")  # pragma: no cover - shipped data
        self.county = county.name
        self.province, self.city = (division.name for division in gazetteer.ancestors(COUNTY))
        self.prefix = self.province + self.city + self.county
        self.other_counties = tuple(d.name for d in gazetteer.children(COUNTY[:4]) if d.code != COUNTY)
        self._names, self._draw = names, draw
        towns = [(d.code, d.name) for d in gazetteer.towns_of(COUNTY[:6]) if int(d.code[6:9]) < _FIRST_SPECIAL_TOWN]
        below = {code: [(d.code, d.name) for d in gazetteer.villages_of(code)] for code, _ in towns}
        towns = [town for town in towns if below[town[0]]]
        self.geography: Geography = draw_geography((COUNTY, self.county, f"{COUNTY[:4]}00000000"), towns, below)
        self.communities = _communities(towns, below, self.geography)
        self.villages = tuple(c for c in self.communities if c.is_village)
        self.built_up = tuple(c for c in self.communities if not c.is_village) or self.communities

    def road_in(self, town: Town) -> Road:
        """A road of the town with room for at least one more number."""
        town.roads = [road for road in town.roads if road.next_number < _LAST_ROAD_NUMBER]
        if not town.roads or (len(town.roads) < _ROADS_OPEN_PER_TOWN and self._draw.chance(0.3)):
            town.roads += [Road(name) for name in self._names.roads()]
        return self._draw.pick(town.roads)


def spoken_name(name: str) -> str:
    """A community's name without its committee.

    >>> [spoken_name(name) for name in ("新联村委会", "高桥社区居委会", "傅楼村", "南门江居民委员会")]
    ['新联村', '高桥社区', '傅楼村', '南门江社区']
    """
    return _COMMITTEE.sub(lambda found: found.group(1) or "社区", name)


def _communities(
    towns: list[tuple[str, str]], below: dict[str, list[tuple[str, str]]], geography: Geography
) -> tuple[Community, ...]:
    spoken = Counter(spoken_name(name) for places in below.values() for _, name in places)
    made: list[Community] = []
    for town_code, town_name in towns:
        town = Town(town_code, town_name)
        made += [_community(code, name, town, geography.cells[code], spoken) for code, name in below[town_code]]
    return tuple(made)


def _community(code: str, name: str, town: Town, cell: Cell, spoken: Counter[str]) -> Community:
    short = spoken_name(name)
    village = short.endswith("村")
    is_place = village and spoken[short] == 1 and int(code) % 5 < _VILLAGES_THAT_ARE_PLACES
    return Community(code, name, short, town, cell, village, is_place)
