"""How an address is written: its parts, one fault or none, and what the right answer to the text is.

A fault is a function that changes a Writing and returns True, or returns False where it does not apply. The names,
weights and descriptions are data/sample/faults.csv; the functions are in the faults_* modules.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from loaders.sample.district import District
from loaders.sample.drawing import Draw
from loaders.sample.sites import AddressRow, Site
from loaders.sample.tables import fault_rows

ADDRESS, DIVISION, NONE, AMBIGUOUS, REJECTED = "address", "division", "none", "ambiguous", "rejected"
_TRIES = 4
_SECOND_FAULT_CHANCE = 0.3
SECOND_FAULTS = ("province_city_dropped", "digits_full_width", "spaces_inserted", "room_suffix_dropped")
"""Small faults that come together with another one; the truth names both, joined by +."""


@dataclass(frozen=True, slots=True)
class Truth:
    """The right answer; `expected` is one of the five words above, and with none the key is that of the anchor."""

    address_key: str
    division_code: str
    expected: str
    fault: str


class Writing:
    """The parts of one address as they will be written, from left to right."""

    __slots__ = (
        "after", "building", "city", "community", "county", "district", "division", "draw", "expected", "fixed",
        "floor", "key", "place", "province", "road", "road_no", "room", "row", "site", "sub_place", "town", "unit",
    )  # fmt: skip

    def __init__(self, row: AddressRow, site: Site, district: District, draw: Draw) -> None:
        self.row, self.site, self.district, self.draw = row, site, district, draw
        self.province, self.city, self.county, self.town = district.province, district.city, row.county, row.town
        self.community = row.community if site.writes_community and row.place != row.community else ""
        self.road = row.road
        self.road_no = f"{row.road_no}号" if row.road_no else ""
        self.place = "" if row.is_plate_of_compound else row.place
        self.sub_place = row.sub_place
        self.building = row.building + site.building_suffix if row.building else ""
        self.unit = f"{row.unit}单元" if row.unit else ""
        self.floor = f"{row.floor.replace('-', '负')}层" if row.floor else ""
        self.room = f"{row.room}室" if row.room else ""
        self.after: list[Callable[[str], str]] = []
        self.fixed = False
        self.expected, self.key, self.division = ADDRESS, row.source_key, site.community.code

    @property
    def in_village(self) -> bool:
        """A house in a village: its number belongs to the village, not to a road."""
        return bool(self.row.road_no and not self.row.road)

    def parts(self) -> list[str]:
        """The written parts, those that are empty left out."""
        names = [self.road, self.road_no, self.place, self.sub_place]
        if self.in_village:
            names = [self.place, self.sub_place, self.road_no]
        every = [self.province, self.city, self.county, self.town, self.community, *names]
        return [part for part in (*every, self.building, self.unit, self.floor, self.room) if part]

    def text(self) -> str:
        """The address as written."""
        if self.in_village:
            middle = self.place + self.sub_place + self.road_no
        else:
            middle = self.road + self.road_no + self.place + self.sub_place
        text = (
            f"{self.province}{self.city}{self.county}{self.town}{self.community}{middle}"
            f"{self.building}{self.unit}{self.floor}{self.room}"
        )
        for change in self.after:
            text = change(text)
        return text

    def say_only(self, text: str) -> None:
        """Write nothing but `text`; later changes to the parts would not show."""
        self.fixed = True
        self.after.append(lambda _: text)

    def expect(self, expected: str, key: str = "", division: str = "") -> bool:
        """Set the right answer; returns True so that a fault can end with it."""
        self.expected, self.key, self.division = expected, key, division
        return True


Fault = Callable[[Writing], bool]


@dataclass(slots=True)
class Pen:
    """Writes addresses, each wrong in one of the ways of data/sample/faults.csv as often as its weight says."""

    district: District
    draw: Draw
    faults: dict[str, Fault]
    _urn: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self._urn = [row.name for row in fault_rows() for _ in range(row.weight)]

    def write(self, row: AddressRow, site: Site) -> tuple[str, Truth]:
        """The text of an address as somebody wrote it, and the right answer."""
        first = self.draw.pick(self._urn)
        if first == "clean":
            return self.write_cleanly(row, site)
        writing = Writing(row, site, self.district, self.draw)
        fault = self._first_that_applies(first, writing)
        if self._may_be_worse(fault, writing) and self.draw.chance(_SECOND_FAULT_CHANCE):
            second = self.draw.pick(SECOND_FAULTS)
            if self.faults[second](writing):
                fault = f"{fault}+{second}"
        return writing.text(), Truth(writing.key, writing.division, writing.expected, fault)

    def write_cleanly(self, row: AddressRow, site: Site) -> tuple[str, Truth]:
        """The text without a fault, for rows that are wrong in another field."""
        return row.address, Truth(row.source_key, site.community.code, ADDRESS, "clean")

    @staticmethod
    def _may_be_worse(fault: str, writing: Writing) -> bool:
        return fault not in ("clean", *SECOND_FAULTS) and writing.expected == ADDRESS and not writing.fixed

    def _first_that_applies(self, name: str, writing: Writing) -> str:
        for _ in range(_TRIES):
            if name == "clean" or self.faults[name](writing):
                return name
            name = self.draw.pick(self._urn)
        return "clean"
