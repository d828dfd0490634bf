"""Vector tiles by layer: who may see which, from which zoom on, and with which properties."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Connection

from addressbook.errors import FieldError, NotFoundError
from addressbook.model import ElementKind, Level
from addressbook.privacy.disclosure import noise_of
from addressbook.privacy.policy import AccessRole, Policy, Reader, check
from addressbook.store.reading import Row
from addressbook.store.tiles import (
    Tile,
    read_tile_areas,
    tile_of_addresses,
    tile_of_areas,
    tile_of_elements,
    tile_of_labels,
    tile_of_points,
)
from addressbook.views.area import child_entry, reader_in
from addressbook.views.area_counts import AllSums
from addressbook.views.elements import SecretSource
from addressbook.views.heat import FINEST, KINDS, HeatGrid
from addressbook.views.protected import People, Protected
from addressbook.views.statistics import Statistic, read_sums, statistics_from, told, words_of

AREAS: Final = "areas"
DEEPEST_ZOOM: Final = 22
_NUMBER: Final = re.compile("[0-9]{1,8}")
PLATES_FROM: Final = 14
CELL, FINE_CELL = 64, 16
"""Of 4096 units a side of a tile: four pixels of 256, and one."""
AREA_LEVELS: Final[tuple[tuple[int, tuple[Level, ...]], ...]] = (
    (0, (Level.PROVINCE, Level.CITY)),
    (6, (Level.CITY, Level.COUNTY)),
    (8, (Level.COUNTY, Level.TOWN)),
    (11, (Level.TOWN, Level.COMMUNITY, Level.NONE)),
)
"""From which zoom on areas of which levels are drawn. Map clients draw a vector tile 512 pixels wide: a district that
fills a telephone's window is drawn of tiles of zoom 8, and is to show its towns there."""
NOISY: Final = frozenset({Level.COUNTY, Level.TOWN, Level.COMMUNITY})
"""Areas of which people are told, with noise, to who may not see persons; a city's take a second to add up."""
VIEWER: Final = Policy(AccessRole.VIEWER)
Grid = Callable[[], HeatGrid]


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of tiles, called as its collection is. Beyond the deepest zoom clients draw those of that larger."""

    name: str
    zh: str
    en: str
    geometry: int
    first_zoom: int
    last_zoom: int
    fields: dict[str, str]
    kind: ElementKind | None = None
    statistics: tuple[Statistic, ...] = ()
    """What is told of each area beside the totals of every kind."""

    def may(self, reader: Reader) -> bool:
        """Whether a reader may see it: areas and heat are counts, addresses and elements are for viewers."""
        if self.kind is not None:
            return self.kind in reader.listed
        return self.name in FOR_ALL or bool(reader.listed)


_COUNTS: Final = dict.fromkeys(KINDS, "Number")
_ELEMENT: Final = {"element_key": "String", "aid": "String", "role": "String", "category": "String", "count": "Number"}
_ADDRESS: Final = dict.fromkeys(("aid", "kind", "name", "text", "division_code", "state"), "String")
_AREA: Final = {
    **dict.fromkeys(("code", "kind", "name", "level", "withheld", "noisy"), "String"),
    **_COUNTS,
    "residents": "Number",
}
_LABEL: Final = dict.fromkeys(("code", "kind", "name", "level"), "String")
FOR_ALL: Final = frozenset({"areas", "labels", "heat"})
LAYERS: Final = {
    layer.name: layer
    for layer in (
        Layer("areas", "区域统计", "Areas with their counts", 2, 0, 16, _AREA),
        Layer("labels", "区域名称", "Where the names of areas stand", 0, 0, 16, _LABEL),
        Layer("heat", "热力网格", "Counts of a grid", 0, 0, FINEST, {**_COUNTS, "withheld": "String"}),
        Layer("addresses", "地址", "Compounds, places, plates, buildings and streets", 0, 10, 18, _ADDRESS),
        Layer("enterprises", "企业", "Enterprises", 0, 14, 18, _ELEMENT, ElementKind.ENTERPRISE),
        Layer("things", "物品设备", "Things", 0, 14, 18, _ELEMENT, ElementKind.THING),
    )
}


def layer_named(name: str, reader: Reader) -> Layer:
    """The layer. Raises NotFoundError where there is none, RoleForbidden where the reader may not see it."""
    found = LAYERS.get(name)
    if found is None:
        known = "、".join(LAYERS)
        raise NotFoundError(
            f"{name[:40]!r} has no tiles.", zh=f"“{name[:40]}”没有瓦片。",
            remedy=f"There are {known}; persons, houses and events are counted in heat and areas.",
        )  # fmt: skip
    if not found.may(reader):
        check(reader.role, VIEWER)
    return found


def telling(layers: Sequence[Layer], words: str | None) -> list[Layer]:
    """The layers, areas with the statistics named. Raises FieldError for unknown names, and without areas."""
    if words is None:
        return list(layers)
    asked = statistics_from(words)
    if not any(layer.name == AREAS for layer in layers):
        raise FieldError(
            "bad_statistics", "statistics", "only areas have statistics.", zh="只有区域图层有统计项。",
            remedy=f"Leave statistics out, or ask for {AREAS}.",
        )  # fmt: skip
    fields = dict.fromkeys((one.name for one in asked), "Number")
    return [
        replace(layer, statistics=asked, fields=layer.fields | fields) if layer.name == AREAS else layer
        for layer in layers
    ]


def tile_named(zoom: str, column: str, row: str) -> Tile:
    """The tile. Raises NotFoundError where the zoom has none there, and where there is no such zoom."""
    z, x, y = (int(part) if _NUMBER.fullmatch(part) else -1 for part in (zoom, column, row))
    if not (0 <= z <= DEEPEST_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
        at = "/".join(part[:20] for part in (zoom, row, column))
        raise NotFoundError(f"there is no tile {at}.", zh=f"没有瓦片 {at}。", remedy="zoom/row/column.")
    return Tile(z, x, y)


def layer_tile(
    connection: Connection, layer: Layer, tile: Tile, reader: Reader, grid: Grid, secret: SecretSource
) -> bytes:
    """A layer's part of a tile; empty where it has nothing to show there."""
    if not layer.first_zoom <= tile.z:
        return b""
    if layer.name == AREAS:
        return _areas(connection, tile, reader, secret, layer.statistics)
    if layer.name == "labels":
        return _labels(connection, tile)
    if layer.name == "heat":
        points = grid().points(tile, reader.at(None))
        return tile_of_points(connection, layer.name, points) if points else b""
    cell = CELL if tile.z < PLATES_FROM else FINE_CELL
    if layer.kind is not None:
        return tile_of_elements(connection, tile, layer.kind.value, layer.name, cell)
    return tile_of_addresses(connection, tile, "CP" if tile.z < PLATES_FROM else "CPBDR", cell)


def _areas(
    connection: Connection, tile: Tile, reader: Reader, secret: SecretSource, asked: Sequence[Statistic]
) -> bytes:
    rows = read_tile_areas(connection, tile, _levels(tile))
    hidden = [row["code"] for row in rows if row["level"] in NOISY and not reader_in(reader, row).sees_persons]
    people = Protected(connection, noise_of(secret())).of_divisions(hidden) if hidden else {}
    divisions = [row for row in rows if row["kind"] == "division"]
    persons = any(reader_in(reader, row).sees_persons for row in divisions)
    sums = read_sums(connection, [row["code"] for row in divisions], asked, persons=persons)
    properties = {row["code"]: _properties(row, reader_in(reader, row), people, asked, sums) for row in rows}
    return tile_of_areas(connection, tile, properties) if rows else b""


def _labels(connection: Connection, tile: Tile) -> bytes:
    rows = read_tile_areas(connection, tile, _levels(tile))
    return tile_of_labels(connection, tile, {row["code"]: {name: row[name] for name in _LABEL} for row in rows})


def _levels(tile: Tile) -> tuple[Level, ...]:
    return next(levels for zoom, levels in reversed(AREA_LEVELS) if zoom <= tile.z)


def _properties(
    area: Row, reader: Reader, people: dict[str, People], asked: Sequence[Statistic], sums: dict[str, AllSums]
) -> Row:
    """What the parts of an area say of themselves, flat; a boundary that is no division is drawn without counts."""
    if area["kind"] != "division":
        return {name: area[name] for name in _LABEL}
    entry = child_entry(area, reader, people)
    values, withheld, noisy = told(entry, asked, reader, people, sums)
    entry.pop("per_10000")
    totals = {kind: count["total"] for kind, count in entry.pop("counts").items()}
    withheld = [*(kind for kind, total in totals.items() if total is None), *withheld]
    noisy = [] if reader.sees_persons else ["person", "residents", *noisy]
    marks = {"withheld": words_of(dict.fromkeys(withheld)), "noisy": words_of(dict.fromkeys(noisy))}
    shown = {kind: total for kind, total in totals.items() if total is not None}
    return entry | shown | values | {name: words for name, words in marks.items() if words}
