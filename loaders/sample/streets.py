"""Everything that is not an estate: natural villages, shops along a street, factories, named places."""

from __future__ import annotations

from collections.abc import Iterator

from loaders.sample.sites import Site


def build_village(site: Site, name: str, *, scale: float) -> Site:
    """Fill a site with a village's houses, in groups whose house numbers start again, or numbered through.

    `name` is a natural village, or the administrative village itself when people give that as their address.
    """
    draw, community = site.draw, site.community.spoken
    site.place = name
    text = name if name == community else community + name
    site.add(text, site.point(), place=name)
    groups = [f"{n}组" for n in range(1, draw.between(3, 12) + 1)] if draw.chance(0.7) else [""]
    for group in groups:
        if group:
            site.outdoors.append(site.add(text + group, site.point(0.004), place=name, sub_place=group))
        for number in range(1, max(4, int(draw.between(10, 40) * scale)) + 1):
            columns = {"place": name, "sub_place": group, "road_no": str(number)}
            house = site.add(f"{text}{group}{number}号", site.point(0.004), **columns)
            site.homes.append(house)
            if number % 4 == 0:
                site.outdoors.append(house)
    return site


def build_shops(site: Site, *, scale: float) -> Site:
    """Fill a site with shop fronts on its first road: plates 12号, 14号, some divided into 12-1号, 12-2号."""
    draw, road = site.draw, site.roads[0]
    for _ in range(max(8, int(draw.between(20, 80) * scale))):
        plate = str(road.take(draw))
        numbers = [plate, *(f"{plate}-{part}" for part in range(1, draw.between(1, 4)))]
        for number in numbers:
            shop = site.add(f"{road.name}{number}号", site.point(), road=road.name, road_no=number)
            site.works.append(shop)
            site.outdoors.append(shop)
    return site


def build_works(site: Site, names: Iterator[str], *, scale: float) -> Site:
    """Fill a site with factories along its first road: bare plates, and walled works with buildings and floors."""
    draw, road = site.draw, site.roads[0]
    for _ in range(max(3, int(draw.between(4, 15) * scale))):
        plate = str(road.take(draw))
        if draw.chance(0.6):
            site.works.append(site.add(f"{road.name}{plate}号", site.point(), road=road.name, road_no=plate))
        else:
            _add_works(site, road.name, plate, next(names))
    return site


def _add_works(site: Site, road: str, plate: str, name: str) -> None:
    columns = {"road": road, "road_no": plate, "place": name}
    site.add(name, site.point(), place=name)
    site.works.append(site.add(f"{road}{plate}号", site.point(), **columns))
    for building in range(1, site.draw.between(2, 6)):
        text, point = f"{road}{plate}号{name}{building}{site.building_suffix}", site.point()
        hall = site.add(text, point, **columns, building=str(building))
        site.works.append(hall)
        site.outdoors.append(hall)
        for floor in range(1, site.draw.between(1, 5)):
            level = site.add(f"{text}{floor}层", point, **columns, building=str(building), floor=str(floor))
            site.works.append(level)


def build_places(site: Site, names: Iterator[str]) -> Site:
    """Fill a site with a few named places that have no number: parks, schools, bus stops."""
    for _ in range(site.draw.between(2, 5)):
        name = next(names)
        site.outdoors.append(site.add(name, site.point(0.004), place=name))
    return site
