"""A site: an estate, a natural village, a row of shops … with the rows of its addresses, parents first."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from loaders.sample.district import Community, Road
from loaders.sample.drawing import Draw

Identity = tuple[str, str, str, str, str, str, str, str]
_BUILDING_SPREAD_DEGREES = 0.0015


class AddressRow(NamedTuple):
    """One line of addresses.csv; longitude and latitude are degrees WGS-84 as text."""

    source_key: str
    address: str
    county: str
    town: str
    community: str
    road: str
    road_no: str
    place: str
    sub_place: str
    building: str
    unit: str
    floor: str
    room: str
    alias: str
    lon: str
    lat: str

    @property
    def is_plate_of_compound(self) -> bool:
        """A door plate on a road that belongs to a named compound: its text does not name the compound."""
        return not self.room and bool(self.road_no and self.road and self.place) and not any(self[8:12])

    @property
    def identity(self) -> Identity:
        """What tells it from every other address of its site. A plate on the road says nothing about a building."""
        numbered = not (self.road and self.place) or self.is_plate_of_compound
        place = "" if self.is_plate_of_compound else self.place
        road, number = (self.road, self.road_no) if numbered else ("", "")
        return (road, place, self.sub_place, number, self.building, self.unit, self.floor, self.room)


class Site:
    """The addresses of one place in one community, and which of them people live, work or put things at."""

    def __init__(self, community: Community, county: str, prefix: str, keys: Iterator[int], draw: Draw) -> None:
        self.community = community
        self.county = county
        self.rows: list[AddressRow] = []
        self.homes: list[int] = []
        self.works: list[int] = []
        self.outdoors: list[int] = []
        self.place = ""
        self.alias = ""
        self.building_suffix = "幢"
        self.roads: list[Road] = []
        self.writes_community = community.is_village
        self.head = prefix + community.town.name
        self.keys = keys
        self.draw = draw
        self.centre = community.cell.point(draw)
        self._by_identity: dict[Identity, str] | None = None

    def key(self) -> str:
        """The next source key."""
        return f"DZ{next(self.keys):09d}"

    def point(self, radius: float = _BUILDING_SPREAD_DEGREES) -> tuple[str, str]:
        """A point of the site as text: longitude, latitude to 1e-6 degree."""
        lon, lat = self.community.cell.near(self.centre, self.draw, radius)
        return f"{lon:.6f}", f"{lat:.6f}"

    def add(self, text: str, point: tuple[str, str], **columns: str) -> int:
        """Append a row whose text is the site's head and `text`; its position is returned."""
        home = self.community
        head = (self.key(), self.head + text, self.county, home.town.name, home.spoken)
        self.rows.append(AddressRow._make((*head, *{**_BLANK, **columns}.values(), *point)))
        return len(self.rows) - 1

    def write_road(self, road: Road) -> None:
        """Append the street's own row the first time the street is used."""
        if road not in self.roads:
            self.roads.append(road)
        if not road.key:
            index = self.add(road.name, self.point(), road=road.name)
            road.key = self.rows[index].source_key
            self.outdoors.append(index)

    def cut(self, count: int) -> None:
        """Keep the first `count` rows; parents come first, so no row loses its parent."""
        del self.rows[count:]
        for pool in (self.homes, self.works, self.outdoors):
            pool[:] = [index for index in pool if index < count]

    def key_of(self, identity: Identity) -> str | None:
        """The source key of an address of this site, or None when there is none."""
        if self._by_identity is None:
            self._by_identity = {row.identity: row.source_key for row in self.rows}
        return self._by_identity.get(identity)

    def parent_key(self, row: AddressRow) -> str:
        """The source key of the deepest address of this site above `row`, or "" when there is none."""
        steps = list(row.identity)
        for at in reversed(range(1, len(steps))):
            if steps[at]:
                steps[at] = ""
                found = self.key_of((*steps,))  # type: ignore[arg-type]
                if found is not None:
                    return found
        return next((road.key for road in self.roads if road.name == row.road), "")


_BLANK = dict.fromkeys(("road", "road_no", "place", "sub_place", "building", "unit", "floor", "room", "alias"), "")
