"""Vector tiles (Mapbox Vector Tile 2.1) as PostGIS makes them. Nothing here decides who may see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString, NamedTuple

import orjson
from sqlalchemy import Connection

from addressbook.store.engine import driver_of, plan_for_what_is_asked, translated
from addressbook.store.reading import Row, read, read_one
from addressbook.store.statements import statement

MOST_FEATURES = 4096
"""Features of a layer in one tile."""


class Tile(NamedTuple):
    """A tile of WebMercatorQuad: zoom, column from the west, row from the north."""

    z: int
    x: int
    y: int


def data_version(connection: Connection) -> str:
    """A text that is another one after whatever changed what is drawn: an event, a load, a mark on a person."""
    found = read_one(connection, "data_version")
    return str(found["version"]) if found else ""


def tile_of_addresses(connection: Connection, tile: Tile, kinds: Sequence[str], cell: int) -> bytes:
    """Addresses of these kinds, one for each `cell` of 4096 units a side of the tile."""
    given = {"kinds": list(kinds), "cell": cell, "most": MOST_FEATURES}
    return _tile(connection, "tile_addresses", **tile._asdict(), **given)


def tile_of_elements(connection: Connection, tile: Tile, kind: str, layer: str, cell: int) -> bytes:
    """Elements of a kind at their addresses, those of one role in a cell together."""
    given = {"kind": kind, "layer": layer, "cell": cell, "most": MOST_FEATURES}
    plan_for_what_is_asked(connection)
    return _tile(connection, "tile_elements", **tile._asdict(), **given)


def read_tile_areas(connection: Connection, tile: Tile, levels: Sequence[str]) -> list[Row]:
    """The areas of these levels that a tile touches, with their counts by kind, the largest first."""
    return read(connection, "tile_areas", **tile._asdict(), levels=list(levels), most=MOST_FEATURES)


def read_tile_statistics(
    connection: Connection, codes: Sequence[str], keys: Sequence[tuple[str, str, str]]
) -> list[Row]:  # fmt: skip
    """(code, kind, dimension, value, count) of divisions, for keys of (kind, dimension, value); none where it is 0."""
    kinds, dimensions, values = zip(*keys, strict=True)
    of = {name: [value for _, each, value in keys if each == name] for name in ("role", "category", "month")}
    given = {"kinds": list(kinds), "dimensions": list(dimensions), "values": list(values)}
    given |= {"roles": of["role"], "categories": of["category"], "months": of["month"]}
    communities = [code for code in codes if not code.endswith("000")]
    above = [code for code in codes if code.endswith("000")]
    return read(connection, "tile_statistics", **given, communities=communities, above=above)


def tile_of_areas(connection: Connection, tile: Tile, properties: dict[str, Row]) -> bytes:
    """The outlines of areas by code, each with its properties."""
    given = {"codes": list(properties), "properties": _texts(properties.values())}
    return _tile(connection, "tile_of_areas", **tile._asdict(), **given)


def tile_of_labels(connection: Connection, tile: Tile, properties: dict[str, Row]) -> bytes:
    """A point inside each of the areas by code, with its properties, where that point lies in the tile."""
    given = {"codes": list(properties), "properties": _texts(properties.values())}
    return _tile(connection, "tile_of_labels", **tile._asdict(), **given)


def tile_of_points(connection: Connection, layer: str, points: dict[tuple[int, int], Row]) -> bytes:
    """Points in the tile's own coordinates, 0 to 4096 from the north-west, each with its properties."""
    given = {"xs": [x for x, _ in points], "ys": [y for _, y in points], "properties": _texts(points.values())}
    return _tile(connection, "tile_of_points", layer=layer, **given)


def read_heat(connection: Connection, zoom: int) -> list[tuple[str, int, int, int]]:
    """(kind, column, row, count) of addresses and open links for each tile of a zoom that has any."""
    with translated(), driver_of(connection).cursor() as cursor:
        return cursor.execute(statement("heat_cells"), {"cells": 2**zoom}).fetchall()


_ONE_PROCESS: LiteralString = "SET LOCAL max_parallel_workers_per_gather = 0"
"""A tile takes less time than starting a second process, which the price of projecting makes look worth while."""


def _tile(connection: Connection, name: str, **parameters: Any) -> bytes:
    with translated(), driver_of(connection).cursor() as cursor:
        cursor.execute(_ONE_PROCESS)
        found = cursor.execute(statement(name), parameters).fetchone()
        return bytes(found[0]) if found and found[0] else b""


def _texts(rows: Any) -> list[str]:
    return [orjson.dumps(row).decode() for row in rows]
