"""A tile of elements against a slow count of the same links, one by one."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import cycle
from typing import Any

from sqlalchemy import Connection, text

from addressbook.store.tiles import Tile, tile_of_elements
from tests.vector_tiles import read_tile
from tests.worlds import ESTATE, World, uscc

TILE = Tile(14, 13665, 6748)
CELL = 16
MIDDLE = (2000, 2000)
POINTS = [(1600, 1601), (1607, 1602), (1617, 1602), (-20, 2000), (4150, 900), (-100, 2000), (1601, 1600)]
"""In units of the tile: three in one cell, one in the next, two in the strip about the tile, one beyond it."""
PLACED = text("UPDATE address SET geom = ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) WHERE aid = :aid")
LINKS = text(
    "SELECT l.aid, l.role, l.category, l.element_key::text AS key, ST_X(p.geom) AS x, ST_Y(p.geom) AS y"
    " FROM link l JOIN address a ON a.site_id = l.site_id AND a.aid = l.aid CROSS JOIN LATERAL (SELECT ST_AsMVTGeom("
    "  ST_Transform(a.geom, 3857), ST_TileEnvelope(:z, :x, :y), 4096, 64, true) AS geom) p"
    " WHERE l.closed_at IS NULL AND l.element_kind = 'enterprise' AND a.state <> 'retired' AND p.geom IS NOT NULL"
)


def longitude_latitude(x: float, y: float) -> dict[str, float]:
    """Where a point lies that is given in units of the tile, 4096 a side."""
    east, south = (TILE.x + x / 4096) / 2**TILE.z, (TILE.y + y / 4096) / 2**TILE.z
    return {"lon": east * 360 - 180, "lat": math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * south))))}


def spread(connection: Connection) -> None:
    """The estate and the street inside the tile, everything else at one of the points; one room retired."""
    found = connection.execute(text("SELECT aid, kind FROM address ORDER BY standard_text, aid")).all()
    points = cycle(POINTS)
    for aid, kind in found:
        at = MIDDLE if kind in "CR" else next(points)
        connection.execute(PLACED, {"aid": aid, **longitude_latitude(*at)})
    connection.execute(
        text("UPDATE link SET category = CASE WHEN element_key::text < '8' THEN 'shop' ELSE 'works' END")
    )
    retired = "SELECT aid FROM address WHERE kind = 'H' ORDER BY standard_text LIMIT 1"
    connection.execute(text(f"UPDATE address SET state = 'retired' WHERE aid = ({retired})"))


def counted(connection: Connection) -> list[dict[str, Any]]:
    """The features that the tile must have, from every link by itself."""
    cells = defaultdict(list)
    for link in connection.execute(LINKS, TILE._asdict()).mappings():
        cells[link["role"], link["x"] // CELL, link["y"] // CELL].append(link)
    return [feature(role, links) for (role, *_), links in cells.items()]


def feature(role: str, links: list[Any]) -> dict[str, Any]:
    categories = {link["category"] for link in links} - {None}
    made = {
        "count": len(links),
        "aid": min(link["aid"] for link in links),
        "role": role,
        "category": categories.pop() if len(categories) == 1 else None,
        "element_key": links[0]["key"] if len(links) == 1 else None,
        "at": tuple(round(sum(link[axis] for link in links) / len(links)) for axis in "xy"),
    }
    return {name: value for name, value in made.items() if value is not None}


def sorted_items(given: dict[str, Any]) -> list[tuple[str, str]]:
    return sorted((name, str(value)) for name, value in given.items())


def test_a_tile_of_elements_holds_what_a_slow_count_of_the_links_does(estate: World) -> None:
    texts = estate.rows("SELECT standard_text FROM address WHERE kind IN ('B', 'D', 'H') ORDER BY 1")
    rooms = [where for (where,) in texts]
    firms = [
        {"企业名称": f"某公司{n}", "统一社会信用代码": uscc(n), "注册地址": where, "经营地址": rooms[n % 5]}
        for n, where in enumerate([*rooms * 3, ESTATE], 1)
    ]
    estate.load_rows("enterprises", firms)
    with estate.engine.connect() as connection:
        spread(connection)
        expected = counted(connection)
        drawn = read_tile(tile_of_elements(connection, TILE, "enterprise", "enterprises", CELL))["enterprises"]
        connection.rollback()
    assert len({f["count"] for f in expected}) > 2
    assert {"category" in f for f in expected} == {"element_key" in f for f in expected} == {True, False}
    assert sorted(map(sorted_items, drawn)) == sorted(map(sorted_items, expected))
