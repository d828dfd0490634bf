"""Housing estates and office towers: a compound with its plate, phases, buildings, units, floors and rooms."""

from __future__ import annotations

from dataclasses import dataclass

from loaders.sample.drawing import Draw
from loaders.sample.sites import AddressRow, Site
from loaders.sample.tables import words

MAX_ROWS = 6000


@dataclass(frozen=True, slots=True)
class BuildingShape:
    """How many units a building has (0: none), floors, and flats on each floor of a unit (0: a house without rooms)."""

    units: int
    floors: int
    flats: int


@dataclass(frozen=True, slots=True)
class Stem:
    """What all addresses of an estate share: text after the town, and columns."""

    text: str
    road: str
    road_no: str
    place: str


def build_estate(site: Site, name: str, alias: str, *, plates: list[str], scale: float) -> Site:
    """Fill a site with a housing estate at the given plates of its first road; no plates: known by name only.

    `scale` from 0 to 1 makes the estates of small samples small, so that they still hold every kind of address.
    """
    draw = site.draw
    site.place, site.alias = name, alias
    site.building_suffix = draw.pick(("幢", "幢", "幢", "号楼", "栋"))
    road = site.roads[0].name if plates else ""
    stem = Stem(f"{road}{plates[0]}号{name}" if plates else name, road, plates[0] if plates else "", name)
    site.add(name, site.point(), place=name, alias=alias)
    for number in plates:
        plate = site.add(f"{road}{number}号", site.point(), road=road, road_no=number, place=name)
        site.outdoors.append(plate)
    shape = _estate_shape(draw)
    phases = _phases(draw) if draw.chance(0.3) else ("",)
    restart = draw.chance(0.5)
    count = max(2, int(draw.between(4, 26) * scale))
    for at, phase in enumerate(phases):
        first = 1 if restart else at * count + 1
        _add_phase(site, stem, phase, [str(n) for n in range(first, first + count)], shape)
    return site


def _phases(draw: Draw) -> tuple[str, ...]:
    if draw.chance(0.5):
        return words("quarters")
    return words("phases")[: draw.between(2, 3)]


def _estate_shape(draw: Draw) -> BuildingShape:
    """Slabs with several units, towers without units, terraced houses without rooms."""
    kind = draw.random()
    if kind < 0.65:
        return BuildingShape(draw.between(1, 4), draw.pick((5, 6, 6, 11, 18)), draw.pick((2, 2, 2, 3, 4)))
    if kind < 0.9:
        return BuildingShape(0, draw.pick((6, 11, 17, 26)), draw.pick((2, 4, 6)))
    return BuildingShape(draw.pick((0, 4)), 3, 0)


def _add_phase(site: Site, stem: Stem, phase: str, numbers: list[str], shape: BuildingShape) -> None:
    if phase:
        columns = {"road": stem.road, "road_no": stem.road_no, "place": stem.place, "sub_place": phase}
        site.add(stem.text + phase, site.point(), **columns)
    for number in numbers:
        if len(site.rows) > MAX_ROWS:
            return
        add_building(site, stem, phase, number, shape)


def add_building(site: Site, stem: Stem, phase: str, number: str, shape: BuildingShape) -> None:
    """Append a building, its units and its rooms; a house without rooms is lived in itself."""
    text = f"{stem.text}{phase}{number}{site.building_suffix}"
    point = site.point()
    columns = {"road": stem.road, "road_no": stem.road_no, "place": stem.place, "sub_place": phase, "building": number}
    building = site.add(text, point, **columns)
    site.outdoors.append(building)
    if not shape.flats and not shape.units:
        site.homes.append(building)
    if not shape.units:
        _add_rooms(site, building, "", shape)
    for unit in range(1, shape.units + 1):
        index = site.add(f"{text}{unit}单元", point, **columns, unit=str(unit))
        site.outdoors.append(index)
        if not shape.flats:
            site.homes.append(index)
        _add_rooms(site, index, str(unit), shape)


def _add_rooms(site: Site, parent: int, unit: str, shape: BuildingShape) -> None:
    """The hot loop: nine rows of ten are made here."""
    above = site.rows[parent]
    head, tail = above[2:10], ("", *above[14:])
    text, first = above.address, len(site.rows)
    numbers = [f"{floor}{flat:02d}" for floor in range(1, shape.floors + 1) for flat in range(1, shape.flats + 1)]
    site.rows += [
        AddressRow(f"DZ{key:09d}", f"{text}{room}室", *head, unit, "", room, *tail)
        for room, key in zip(numbers, site.keys, strict=False)
    ]
    site.homes += range(first, len(site.rows))


def build_office(site: Site, name: str, *, plate: str, scale: float) -> Site:
    """Fill a site with an office building at a plate of its first road: one tower, or towers A and B on a compound."""
    draw, road = site.draw, site.roads[0].name
    site.place, site.building_suffix = name, "座"
    site.add(name, site.point(), place=name)
    site.outdoors.append(site.add(f"{road}{plate}号", site.point(), road=road, road_no=plate, place=name))
    stem = Stem(f"{road}{plate}号{name}", road, plate, name)
    floors, rooms = max(3, int(draw.between(8, 25) * scale)), draw.between(4, 12)
    for tower in ("A", "B") if draw.chance(0.4) else ("",):
        _add_tower(site, stem, tower, floors, rooms)
    return site


def _add_tower(site: Site, stem: Stem, tower: str, floors: int, rooms: int) -> None:
    point = site.point(0.0003)
    text = f"{stem.text}{tower}座" if tower else stem.text
    columns = {"road": stem.road, "road_no": stem.road_no, "place": stem.place, "building": tower}
    if tower:
        site.outdoors.append(site.add(text, point, **columns))
    site.outdoors.append(site.add(f"{text}负1层", point, **columns, floor="-1"))
    for floor in range(1, floors + 1):
        level = site.add(f"{text}{floor}层", point, **columns, floor=str(floor))
        site.works.append(level)
        for number in range(1, rooms + 1):
            room = f"{floor}{number:02d}"
            site.works.append(site.add(f"{text}{floor}层{room}室", point, **columns, floor=str(floor), room=room))
