"""Any outline is counted exactly, links at the edge one by one, against a plain recount; what is no outline is told."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
import shapely
from hypothesis import HealthCheck, given, settings, strategies as st
from shapely import union_all
from shapely.geometry import MultiPolygon, Point, Polygon, box, mapping
from sqlalchemy import Connection, Engine, create_engine, text

from addressbook.errors import FieldError
from addressbook.model import ElementKind
from addressbook.privacy.policy import AccessRole, Reader
from addressbook.store.rollups import check_rollups
from addressbook.store.squares import mark_stale, refresh_division, refresh_tiles
from addressbook.views.area import area_view, drawn_view
from addressbook.views.outline import MOST_VERTICES, _around, read_outline
from tests.small_world import COUNTY, HERE, NAMES, THERE, TOWN, World
from tests.worlds import until

ANALYST = Reader(AccessRole.ANALYST, key_id=1)
WEST, SOUTH, STEP = 120.0, 30.0, 0.0001
"""The world is a square of a hundred steps; most points lie on its lattice, where outlines have their corners too."""
STEPS = 100
SEED = 4


@dataclass(frozen=True)
class Placed:
    """A link as the recount sees it: where its address is, if anywhere."""

    kind: str
    role: str
    category: str
    month: date
    point: tuple[float, float] | None


def at(x: float, y: float) -> tuple[float, float]:
    return round(WEST + x * STEP, 7), round(SOUTH + y * STEP, 7)


def populate(world: World, rng: random.Random) -> list[Placed]:
    """Addresses on the lattice and between, some without a point, one far from its division; links that reach none."""
    placed: list[Placed] = []
    for number in range(150):
        spot = at(rng.randrange(STEPS + 1), rng.randrange(STEPS + 1)) if number % 3 else at(*(rng.random() * 100,) * 2)
        point = None if number % 10 == 9 else spot
        state = "retired" if number % 25 == 24 else "current"
        division = rng.choice((HERE, THERE, TOWN))
        aid = world.address("H", f"{number}室", division=division, point=point, state=state)
        if state == "current":
            placed.append(Placed("address", "", "H", date(1, 1, 1), point))
        for _ in range(rng.randrange(4)):
            kind, role, category = rng.choice(LINKED)
            month = date(rng.choice((2024, 2025)), rng.randrange(1, 13), 1)
            told: dict[str, Any] = {"at": aid, "division": division, "month": month}
            if kind == "person":
                world.person(role, category, **told)
            else:
                world.link(kind, role, category, **told, **OF_KIND[kind])
            placed.append(Placed(kind, role, category, month, point if state == "current" else None))
    for division in (TOWN, HERE):
        world.person(division=division)
    return placed


OF_KIND: dict[str, dict[str, Any]] = {
    "event": {"title": "占道", "status": "在办"},
    "thing": {"name": "灭火器"},
    "house": {"use": "住宅", "floor_area_m2": 80.0, "occupancy": "自住"},
}
LINKED = [("event", "occurred_at", "噪声"), ("event", "occurred_at", "消防"), ("thing", "located_at", "灭火器"),
          ("house", "located_at", "住宅"), ("person", "residence", "常住"),
          ("person", "residence", "流动")]  # fmt: skip


@pytest.fixture(scope="module", name="drawn")
def _drawn(make_database: Callable[[], str]) -> Iterator[tuple[Engine, list[Placed]]]:
    engine = create_engine(make_database())
    with engine.begin() as connection:
        world = World(connection)
        world.put("source", source_id=1, name="测试", kind="addresses")
        world.put("registry_event", event_id=1, kind="mint", actor="test", reason="", source_document="")
        for code in NAMES:
            world.division(code)
        placed = populate(world, random.Random(SEED))  # noqa: S311
        world.finish()
    assert refresh_tiles(engine) == len({HERE, THERE, TOWN})
    yield engine, placed
    engine.dispose()


@pytest.fixture
def connection(drawn: tuple[Engine, list[Placed]]) -> Iterator[Connection]:
    with drawn[0].connect() as connection:
        yield connection


def recount(placed: list[Placed], shape: Any) -> dict[str, dict[str, Counter[str]]]:
    """Everything counted again, link by link: what has a point that the shape holds, its edge included."""
    found: dict[str, dict[str, Counter[str]]] = {
        kind: {name: Counter() for name in ("roles", "categories", "months")} for kind in ("address", *ElementKind)
    }
    for link in placed:
        if link.point is not None and shape.intersects(Point(link.point)):
            for name, value in (("roles", link.role), ("categories", link.category), ("months", f"{link.month:%Y-%m}")):
                found[link.kind][name][value] += 1
    return found


def agrees(view: dict[str, Any], expected: dict[str, dict[str, Counter[str]]]) -> None:
    assert view["addresses"]["kinds"] == expected["address"]["categories"]
    for kind in ElementKind:
        found = view["elements"][kind]
        assert found["total"] == found["located"] == expected[kind]["roles"].total()
        assert found["unplaced"] == 0
        assert found["roles"] == expected[kind]["roles"]
        assert found["categories"] == expected[kind]["categories"]
        told = {month["month"]: month["count"] for month in found["months"] if month["count"]}
        assert told == expected[kind]["months"]


STEP_OF = st.integers(0, STEPS)


@st.composite
def outlines(draw: st.DrawFn) -> Polygon | MultiPolygon:
    """Rectangles, triangles and rings on the lattice, put together: holes, several parts, corners on points."""
    shapes = draw(st.lists(st.one_of(rectangles(), triangles(), rings()), min_size=1, max_size=4))
    shape = union_all(shapes)
    return shape if isinstance(shape, (Polygon, MultiPolygon)) else MultiPolygon([box(*at(0, 0), *at(1, 1))])


@st.composite
def rectangles(draw: st.DrawFn) -> Polygon:
    x, y, width, height = draw(STEP_OF), draw(STEP_OF), draw(st.integers(1, STEPS)), draw(st.integers(1, STEPS))
    return box(*at(x, y), *at(x + width, y + height))


@st.composite
def triangles(draw: st.DrawFn) -> Polygon:
    corners = draw(st.lists(st.tuples(STEP_OF, STEP_OF), min_size=3, max_size=3, unique=True))
    shape = Polygon([at(*corner) for corner in corners])
    return shape if shape.is_valid and shape.area > 0 else box(*at(10, 10), *at(20, 30))


@st.composite
def rings(draw: st.DrawFn) -> Polygon:
    x, y, width = draw(st.integers(0, 60)), draw(st.integers(0, 60)), draw(st.integers(6, 40))
    hole = box(*at(x + 2, y + 2), *at(x + width - 2, y + width - 2))
    return box(*at(x, y), *at(x + width, y + width)).difference(hole)


def ask(connection: Connection, shape: Any) -> dict[str, Any]:
    geometry = as_lists(mapping(shape))
    return drawn_view(connection, read_outline(geometry), ANALYST)


def as_lists(value: Any) -> Any:
    """GeoJSON as it comes from JSON: lists, no tuples."""
    if isinstance(value, dict):
        return {name: as_lists(part) for name, part in value.items()}
    return [as_lists(part) for part in value] if isinstance(value, (list, tuple)) else value


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shape=outlines(), stale=st.sampled_from([(), (HERE,), (HERE, THERE, TOWN)]))
def test_any_outline_is_what_a_plain_recount_finds(
    drawn: tuple[Engine, list[Placed]], connection: Connection, shape: Polygon | MultiPolygon, stale: tuple[str, ...]
) -> None:
    """From squares that are counted already, point by point where they are stale, and from both."""
    with connection.begin_nested() as savepoint:
        mark_stale(connection, stale)
        agrees(ask(connection, shape), recount(drawn[1], shape))
        savepoint.rollback()


def test_squares_are_what_their_points_hold_and_are_stale_from_the_change_on(
    drawn: tuple[Engine, list[Placed]], connection: Connection
) -> None:
    assert check_rollups(connection) == []
    assert connection.execute(text("SELECT count(*) FROM area_tile WHERE step = 3")).scalar_one() > 100
    connection.execute(
        text("UPDATE address SET geom = ST_Translate(geom, 0.01, 0) WHERE division_code = :c"), {"c": HERE}
    )
    assert {difference[1][0] for difference in check_rollups(connection)} == {HERE}
    mark_stale(connection, [HERE])
    assert check_rollups(connection) == []


def test_a_change_while_its_division_is_counted_leaves_it_stale(
    drawn: tuple[Engine, list[Placed]],
) -> None:
    """The writer waits for whoever counts, and marks after; what was counted without it is not believed."""
    stale = text("SELECT stale_since IS NOT NULL FROM area_tiling WHERE division_code = :code")
    with drawn[0].begin() as connection:
        mark_stale(connection, [THERE])
    with drawn[0].connect() as counting, counting.begin():
        refresh_division(counting, THERE)
        writer = threading.Thread(target=_mark, args=[drawn[0], THERE])
        writer.start()
        until(lambda: _waits(drawn[0]))
    writer.join()
    with drawn[0].begin() as connection:
        assert connection.execute(stale, {"code": THERE}).scalar_one()
    assert refresh_tiles(drawn[0]) == 1


def _mark(engine: Engine, code: str) -> None:
    with engine.begin() as connection:
        mark_stale(connection, [code])


def _waits(engine: Engine) -> bool:
    asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with engine.connect() as connection:
        return bool(connection.execute(text(asked)).scalar_one())


def test_two_outlines_without_a_common_point_add_up(connection: Connection) -> None:
    left, right = box(*at(0, 0), *at(50, 100)), box(*at(50.5, 0), *at(100, 100))
    parts, whole = [ask(connection, part) for part in (left, right)], ask(connection, MultiPolygon([left, right]))
    for kind in ElementKind:
        assert whole["elements"][kind]["total"] == sum(part["elements"][kind]["total"] for part in parts)


def test_a_point_on_the_edge_or_on_a_corner_is_inside_and_one_in_a_hole_is_not(connection: Connection) -> None:
    world = World(connection)
    world.address("P", "角上", point=(121.0, 31.0))
    world.address("P", "边上", point=(121.05, 31.0))
    world.address("P", "洞中", point=(121.05, 31.05))
    world.address("P", "洞边", point=(121.04, 31.05))
    world.finish()
    mark_stale(connection, [HERE])
    shape = box(121.0, 31.0, 121.1, 31.1).difference(box(121.04, 31.04, 121.06, 31.06))
    assert ask(connection, shape)["addresses"]["total"] == 3


def test_what_reaches_only_a_division_is_in_no_outline_not_even_in_its_own(connection: Connection) -> None:
    everywhere = ask(connection, box(119, 29, 121, 31))["elements"]["person"]
    counted = area_view(connection, COUNTY, ANALYST)["elements"]["person"]
    assert (everywhere["unplaced"], counted["unplaced"]) == (0, 2)
    assert 0 < everywhere["total"] < counted["located"]


def test_the_addresses_with_the_most_events_are_those_of_a_recount(
    drawn: tuple[Engine, list[Placed]], connection: Connection
) -> None:
    shape = box(*at(0, 0), *at(70, 90))
    asked = text(
        "SELECT a.aid, count(*) FROM address a JOIN link l ON l.aid = a.aid WHERE l.element_kind = 'event'"
        " AND a.state = 'current' AND ST_Intersects(a.geom, ST_GeomFromText(:shape, 4326))"
        " GROUP BY 1 ORDER BY 2 DESC, 1"
    )
    expected = [tuple(row) for row in connection.execute(asked, {"shape": shape.wkt})][:10]
    view = ask(connection, shape)
    top = view["top"]
    assert [(row["aid"], row["events"]) for row in top["addresses"]] == expected
    assert sum(row["count"] for row in top["categories"]["event"]) == view["elements"]["event"]["total"]
    public = drawn_view(connection, read_outline(as_lists(mapping(shape))), Reader(AccessRole.PUBLIC))
    assert public["top"]["addresses"] is None


def test_all_within_so_many_metres_of_a_line_is_counted_and_nothing_beyond(connection: Connection) -> None:
    line = {"type": "LineString", "coordinates": [list(at(0, 50)), list(at(60, 50)), list(at(60, 90))]}
    shape = text(
        "SELECT count(*) FROM address WHERE state = 'current' AND ST_DWithin(geom::geography,"
        " ST_SetSRID(ST_GeomFromGeoJSON(:line), 4326)::geography, :metres)"
    )
    for metres in (5.0, 60.0, 300.0):
        found = drawn_view(connection, read_outline(line, metres), ANALYST)["addresses"]["total"]
        # Its ends are drawn with straight sides: within half a percent of the width, either is right.
        asked = [connection.execute(shape, {"line": str(line).replace("'", '"'), "metres": metres * by}).scalar_one()
                 for by in (0.995, 1.001)]  # fmt: skip
        assert asked[0] <= found <= asked[1]


@pytest.mark.parametrize("stale", [(), (HERE,), (HERE, THERE, TOWN)])
def test_the_addresses_with_the_most_events_of_a_division_are_those_of_its_links(
    connection: Connection, stale: tuple[str, ...]
) -> None:
    mark_stale(connection, stale)
    asked = text(
        "SELECT aid, count(*) FROM link WHERE element_kind = 'event' AND closed_at IS NULL AND division_code LIKE :head"
        " GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10"
    )
    for code, head in ((COUNTY, "330109%"), (TOWN, "330109001%"), (HERE, HERE)):
        expected = [tuple(row) for row in connection.execute(asked, {"head": head})]
        top = area_view(connection, code, ANALYST)["top"]["addresses"]
        assert [(row["aid"], row["events"]) for row in top] == expected


def ring(*corners: tuple[float, float]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [[list(corner) for corner in corners]]}


BAD: dict[str, tuple[Any, str]] = {
    "crosses itself": (ring((0, 0), (1, 1), (1, 0), (0, 1), (0, 0)), "geometry"),
    "no area": (ring((0, 0), (1, 1), (0, 0), (0, 0)), "geometry"),
    "too small an area": (ring((0, 0), (1e-9, 0), (0, 1e-9), (0, 0)), "geometry"),
    "not closed": (ring((0, 0), (1, 0), (1, 1), (0, 1)), "geometry.coordinates[0]"),
    "three positions": (ring((0, 0), (1, 0), (0, 0)), "geometry.coordinates[0]"),
    "antimeridian": (ring((179, 0), (-179, 0), (-179, 1), (179, 0)), "geometry.coordinates[0]"),
    "out of range": (ring((0, 0), (30, 120), (1, 1), (0, 0)), "geometry.coordinates[0][1]"),
    "not a number": (ring((0, 0), (float("nan"), 0), (1, 1), (0, 0)), "geometry.coordinates[0][1]"),
    "infinite": (ring((0, 0), (float("inf"), 0), (1, 1), (0, 0)), "geometry.coordinates[0][1]"),
    "larger than a float": (ring((0, 0), (10**400, 0), (1, 1), (0, 0)), "geometry.coordinates[0][1]"),
    "words": ({"type": "Polygon", "coordinates": [[["a", "b"]] * 4]}, "geometry.coordinates[0][0]"),
    "truths": ({"type": "Polygon", "coordinates": [[[True, False]] * 4]}, "geometry.coordinates[0][0]"),
    "one level too deep": ({"type": "Polygon", "coordinates": [[[[0, 0]] * 4]]}, "geometry.coordinates[0][0]"),
    "nothing": ({"type": "Polygon", "coordinates": []}, "geometry.coordinates"),
    "no coordinates": ({"type": "Polygon"}, "geometry.coordinates"),
    "another type": ({"type": "GeometryCollection", "geometries": []}, "geometry.type"),
    "a type that is no word": ({"type": ["Polygon"]}, "geometry.type"),
    "no type": ({}, "geometry.type"),
    "a line without width": ({"type": "LineString", "coordinates": [[0, 0], [1, 1]]}, "buffer_m"),
    "too many positions": (ring(*[(n % 90, n % 89) for n in range(MOST_VERTICES)], (0, 0)), "geometry.coordinates[0]"),
    "too many in all": ({"type": "Polygon", "coordinates": [[[0, 0]] * 4000] * 3}, "geometry"),
    "parts that overlap": ({"type": "MultiPolygon", "coordinates": [ring((0, 0), (2, 0), (2, 2), (0, 0))["coordinates"],
                            ring((0, 0), (3, 0), (3, 3), (0, 0))["coordinates"]]}, "geometry"),
}  # fmt: skip


def test_a_feature_is_its_geometry() -> None:
    shape = ring((0, 0), (1, 0), (1, 1), (0, 0))
    assert read_outline({"type": "Feature", "properties": {}, "geometry": shape}) == read_outline(shape)
    with pytest.raises(FieldError):
        read_outline({"type": "Feature", "properties": {}, "geometry": None})


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_outline_is_refused_by_its_field(name: str) -> None:
    geometry, field = BAD[name]
    with pytest.raises(FieldError) as found:
        read_outline(geometry)
    assert found.value.field == field
    assert found.value.zh


def scribble(steps: int, degrees: float) -> dict[str, Any]:
    """A line that crosses itself as often as it can."""
    rng = random.Random(1)  # noqa: S311
    drawn = [[120 + rng.random() * degrees, 30 + rng.random() * degrees] for _ in range(steps)]
    return {"type": "LineString", "coordinates": drawn}


@pytest.mark.parametrize(("degrees", "metres"), [(1.0, 10_000.0), (0.01, 10_000.0), (0.01, 30.0)])
def test_a_line_that_crosses_itself_everywhere_has_an_outline(degrees: float, metres: float) -> None:
    """Taken whole, a line of so many steps kept GEOS busy for a quarter of an hour, and nothing could end it."""
    line = scribble(MOST_VERTICES - 1, degrees)
    found = shapely.from_wkb(read_outline(line, metres).wkb)
    assert found.is_valid
    assert shapely.covers(found, shapely.points(line["coordinates"])).all()


def test_around_a_scribble_of_hairlines_nothing_is_counted() -> None:
    with pytest.raises(FieldError, match="corners"):
        read_outline(scribble(MOST_VERTICES - 1, 1.0), 1.0)


@pytest.mark.parametrize("shape", ["LINESTRING (0 0, 10 0, 10 10)", "MULTILINESTRING ((0 0, 9 9), (30 0, 40 1, 50 9))",
                                   "POINT (3 4)", "LINESTRING (1 1, 1 1)"])  # fmt: skip
def test_around_pieces_is_around_the_whole(shape: str) -> None:
    flat = shapely.from_wkt(shape)
    long = shapely.segmentize(flat, 0.4) if flat.length else flat
    assert shapely.area(shapely.symmetric_difference(_around(long, 5.0), flat.buffer(5.0, quad_segs=16))) < 0.5


@pytest.mark.parametrize("metres", [0.0, -1.0, 1e9, float("nan")])
def test_a_width_that_is_none_is_refused(metres: float) -> None:
    with pytest.raises(FieldError) as found:
        read_outline({"type": "Point", "coordinates": [120, 30]}, metres)
    assert found.value.field == "buffer_m"


def test_a_polygon_has_no_width_and_a_line_may_not_reach_across_the_country() -> None:
    for geometry in (
        ring((0, 0), (1, 0), (1, 1), (0, 0)),
        {"type": "LineString", "coordinates": [[100, 30], [120, 30]]},
    ):
        with pytest.raises(FieldError):
            read_outline(geometry, 10)
