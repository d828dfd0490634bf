"""Vector tiles: what lies where, only what the reader may see, asked again only when it has changed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, text

from addressbook.privacy.policy import AccessRole, Reader
from addressbook.store.reading import read
from addressbook.store.squares import mark_stale
from addressbook.store.statements import statement
from addressbook.store.tiles import Tile
from addressbook.views.heat import FINEST, HeatGrid
from tests.access_world import ASKERS, DIVISIONS, OTHER_CODE, Asker, Registry, served_registry
from tests.review_world import people
from tests.vector_tiles import read_tile
from tests.worlds import TOWN_CODE, World

ASKER = {asker.name: asker for asker in ASKERS}
VIEWER, PUBLIC, ANALYST = ASKER["viewer"], ASKER["public"], ASKER["analyst"]
LON, LAT = 120.26, 30.18
QUAD = "WebMercatorQuad"
AREA = text(
    "INSERT INTO area (code, kind, name, level, geom, source_id) SELECT :code, 'division', :name, 'town',"
    " ST_Multi(ST_MakeEnvelope(120.2, 30.1, 120.3, 30.2, 4326)), min(source_id) FROM source"
)
POINTS = text(
    "UPDATE address SET geom = ST_SetSRID("
    "ST_MakePoint(120.26 + CASE WHEN name LIKE '13%' THEN 0.001 ELSE 0 END, 30.18), 4326)"
)


def over(z: int) -> str:
    """The tile of a zoom over the estate, as z/row/column."""
    side, latitude = 2**z, math.radians(LAT)
    row = (1 - math.log(math.tan(latitude) + 1 / math.cos(latitude)) / math.pi) / 2 * side
    return f"{z}/{int(row)}/{int((LON + 180) / 360 * side)}"


@pytest.fixture(scope="module", name="registry")
def _registry(database: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """The two towns, all of it at two points of the first, which has a boundary."""
    home = tmp_path_factory.mktemp("registry")
    with served_registry(World(database, home), home) as registry:
        with database.begin() as connection:
            connection.execute(POINTS)
            mark_stale(connection, DIVISIONS)
            connection.execute(AREA, {"code": TOWN_CODE, "name": "北干街道"})
            connection.execute(AREA, {"code": OTHER_CODE, "name": "瓜沥镇"})
        yield registry


def asked(registry: Registry, path: str, asker: Asker = VIEWER, **headers: str) -> httpx.Response:
    return registry.ask(asker, "GET", f"/ogc/{path}", **headers)


def tile(registry: Registry, layer: str, z: int, asker: Asker = VIEWER) -> list[dict[str, Any]]:
    answer = asked(registry, f"collections/{layer}/tiles/{QUAD}/{over(z)}", asker)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    return read_tile(answer.content)[layer]


def area(registry: Registry, code: str, asker: Asker) -> dict[str, Any]:
    (found,) = [feature for feature in tile(registry, "areas", 12, asker) if feature["code"] == code]
    return found


def test_addresses_are_drawn_from_compounds_down_to_buildings_and_no_rooms(registry: Registry) -> None:
    assert [f["name"] for f in tile(registry, "addresses", 12)] == ["南岸明珠"]
    near = tile(registry, "addresses", 16)
    assert {f["kind"] for f in near} <= {"C", "B", "D", "R"}
    assert {f["name"] for f in near} == {"南岸明珠", "13幢"}  # what stands at one point is one, the widest


def test_a_point_lies_where_it_lies(registry: Registry) -> None:
    (compound,) = [f for f in tile(registry, "addresses", 16) if f["name"] == "南岸明珠"]
    z, row, column = map(int, over(16).split("/"))
    x, y = compound["at"]
    assert (column + x / 4096) / 2**z * 360 - 180 == pytest.approx(LON, abs=1e-6)
    mercator = math.pi * (1 - 2 * (row + y / 4096) / 2**z)
    assert math.degrees(math.atan(math.sinh(mercator))) == pytest.approx(LAT, abs=1e-6)


def test_areas_carry_their_counts_and_small_ones_of_persons_are_withheld(registry: Registry) -> None:
    town = area(registry, TOWN_CODE, ANALYST)
    view = registry.ask(ANALYST, "GET", f"/areas/{TOWN_CODE}/view").json()
    total = view["elements"]["person"]["total"]
    assert (town["code"], town["name"], town["person"]) == (TOWN_CODE, "北干街道", total)
    assert town["residents"] == view["residents"] > 0
    assert "withheld" not in town
    assert area(registry, TOWN_CODE, ASKER["officer"]) == town


def test_persons_of_an_area_are_those_of_its_view_and_said_to_be_left_out_where_they_are(registry: Registry) -> None:
    few = {asker.name: area(registry, OTHER_CODE, asker) for asker in (PUBLIC, VIEWER, ASKER["officer"], ANALYST)}
    for name in ("public", "viewer", "officer"):  # the officer's areas are in the other town
        asker = ASKER.get(name, VIEWER)
        view = registry.ask(asker, "GET", f"/areas/{OTHER_CODE}/view").json()["elements"]["person"]["total"]
        assert few[name].get("person") == view
        assert ("withheld" in few[name]) == (view is None)
        assert few[name]["enterprise"] == 1
    assert few["analyst"]["person"] == 3


def test_the_name_of_an_area_stands_at_one_point_inside_it_in_one_tile(registry: Registry) -> None:
    z, row, column = map(int, over(11).split("/"))
    found = []
    for y in range(row - 1, row + 2):
        for x in range(column - 1, column + 2):
            answer = asked(registry, f"collections/labels/tiles/{QUAD}/{z}/{y}/{x}", PUBLIC)
            found += [(label, y, x) for label in read_tile(answer.content).get("labels", [])]
    assert sorted((label["code"], label["name"]) for label, _, _ in found) == [
        (TOWN_CODE, "北干街道"), (OTHER_CODE, "瓜沥镇"),
    ]  # fmt: skip
    for label, y, x in found:
        longitude = (x + label["at"][0] / 4096) / 2**z * 360 - 180
        latitude = math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * (y + label["at"][1] / 4096) / 2**z))))
        assert (120.2 < longitude < 120.3, 30.1 < latitude < 30.2) == (True, True)


def test_streets_are_drawn_from_near(registry: Registry) -> None:
    with registry.world.engine.begin() as connection:  # away from the others: what stands at one point is one
        moved = text("UPDATE address SET geom = ST_Translate(geom, 0.002, 0) WHERE kind = 'R' AND name = '市心北路'")
        assert connection.execute(moved).rowcount == 1
    assert not [f for f in tile(registry, "addresses", 13) if f["kind"] == "R"]
    assert [f["name"] for f in tile(registry, "addresses", 14) if f["name"] == "市心北路"] == ["市心北路"]


def test_enterprises_are_drawn_where_they_are(registry: Registry) -> None:
    (firm, *_) = tile(registry, "enterprises", 16)
    assert (firm["role"], firm["count"]) == ("registered", 2)
    assert asked(registry, f"collections/enterprises/tiles/{QUAD}/{over(9)}").status_code == 204


@pytest.mark.parametrize("layer", ["addresses", "enterprises", "things"])
def test_public_sees_no_addresses_and_no_elements(registry: Registry, layer: str) -> None:
    for path in (f"{layer}/tiles", f"{layer}/tiles/{QUAD}", f"{layer}/tiles/{QUAD}/{over(16)}"):
        assert asked(registry, f"collections/{path}", PUBLIC).status_code == 403
    whole = asked(registry, f"tiles/{QUAD}/{over(16)}", PUBLIC)
    assert set(read_tile(whole.content)) == {"areas", "heat"}
    assert asked(registry, f"tiles/{QUAD}/{over(16)}?collections={layer}", PUBLIC).status_code == 403


@pytest.mark.parametrize("name", ["persons", "houses", "events", "nothing"])
def test_people_have_no_tiles(registry: Registry, name: str) -> None:
    answer = asked(registry, f"collections/{name}/tiles/{QUAD}/{over(16)}", ASKER["admin"])
    assert answer.status_code == 404
    assert "heat" in answer.json()["remedy"]


def test_no_tile_holds_a_person(registry: Registry) -> None:
    for asker in ASKERS:
        if asker.role:
            content = asked(registry, f"tiles/{QUAD}/{over(16)}", asker).content.decode("utf-8", "ignore")
            assert "虚" not in content


def test_a_whole_tile_is_every_layer_that_may_be_seen(registry: Registry) -> None:
    layers = read_tile(asked(registry, f"tiles/{QUAD}/{over(16)}").content)
    assert list(layers) == ["areas", "heat", "addresses", "enterprises"]  # no things; names stand elsewhere
    two = read_tile(asked(registry, f"tiles/{QUAD}/{over(16)}?collections=heat,areas,heat").content)
    assert list(two) == ["heat", "areas"]


def test_heat_counts_what_lies_in_each_cell(registry: Registry) -> None:
    world = registry.world
    points = tile(registry, "heat", 13, ANALYST)
    addresses = world.one("SELECT count(*) FROM address WHERE geom IS NOT NULL AND state IN ('provisional', 'current')")
    persons = world.one(
        "SELECT count(*) FROM link WHERE aid IS NOT NULL AND closed_at IS NULL AND element_kind = 'person'"
    )
    assert sum(point["address"] for point in points) == addresses
    assert sum(point.get("person", 0) for point in points) == persons
    assert all("withheld" not in point for point in points)


def test_numbers_about_people_are_withheld_from_heat_whatever_they_are(registry: Registry) -> None:
    for asker in (PUBLIC, VIEWER, ASKER["officer"]):  # a grid lies in no one division: who is bound sees as a viewer
        for point in tile(registry, "heat", 13, asker):
            assert not {"person", "house", "event"} & set(point)
            assert set(point["withheld"].split(",")) == {"person", "house", "event"}


def grid(*counts: tuple[str, int, int, int]) -> HeatGrid:
    return HeatGrid("1", list(counts))


def cells(made: HeatGrid, tile: Tile, role: AccessRole) -> dict[tuple[int, int], Any]:
    return {cell: told.get("person") for cell, told in made.points(tile, Reader(role)).items()}


def test_persons_of_a_cell_are_withheld_at_every_zoom() -> None:
    made = grid(("person", 1000, 1000, 400), ("address", 1000, 1000, 1))
    for zoom in range(FINEST + 1):
        at = Tile(zoom, 1000 >> (FINEST - zoom), 1000 >> (FINEST - zoom))
        assert list(cells(made, at, AccessRole.PUBLIC).values()) == [None], zoom
        assert list(cells(made, at, AccessRole.ANALYST).values()) == [400], zoom


def test_beyond_the_finest_cells_there_is_no_heat() -> None:
    assert grid(("address", 0, 0, 1)).points(Tile(FINEST + 1, 0, 0), Reader(AccessRole.ADMIN)) == {}
    assert grid().points(Tile(3, 0, 0), Reader(AccessRole.ADMIN)) == {}


def test_a_tile_that_has_not_changed_is_not_sent_again(registry: Registry) -> None:
    path = f"collections/addresses/tiles/{QUAD}/{over(16)}"
    first = asked(registry, path)
    tag = first.headers["etag"]
    assert first.headers["cache-control"] == "private, no-cache"
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = asked(registry, path, **{"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert asked(registry, path, **{"If-None-Match": '"other"'}).status_code == 200
    assert asked(registry, path, ANALYST).headers["etag"] != tag


def test_the_tag_is_weak_for_one_tile_is_sent_compressed_and_not(registry: Registry) -> None:
    words = ",".join(f"event.category.{number:060}" for number in range(10))  # enough to be worth compressing
    path = f"collections/areas/tiles/{QUAD}/{over(12)}?statistics={words}"
    plain, packed = (asked(registry, path, **{"Accept-Encoding": coding}) for coding in ("identity", "gzip"))
    assert ("content-encoding" in plain.headers, packed.headers["content-encoding"]) == (False, "gzip")
    assert plain.headers["etag"] == packed.headers["etag"]
    assert plain.headers["etag"].startswith('W/"')


def test_whatever_changes_the_data_changes_the_tag(registry: Registry) -> None:
    path = f"collections/addresses/tiles/{QUAD}/{over(16)}"
    tags = [asked(registry, path).headers["etag"]]
    reviewer, aid = ASKER["reviewer"], registry.estate
    body = {"transaction": "rename", "aid": aid, "name": "南岸明珠新苑", "reason": "x"}
    assert registry.ask(reviewer, "POST", "/registry/transactions", body).status_code == 200
    tags.append(asked(registry, path).headers["etag"])
    assert "南岸明珠新苑" in {f["name"] for f in tile(registry, "addresses", 16)}
    registry.world.load_rows("people", people("南岸明珠13幢2单元503室", first=60), "a load")
    tags.append(asked(registry, path).headers["etag"])
    body = {"transaction": "rename", "aid": aid, "name": "南岸明珠", "reason": "x"}
    assert registry.ask(reviewer, "POST", "/registry/transactions", body).status_code == 200
    assert len(set(tags)) == 3


@pytest.mark.parametrize("where", ["14/0/0", "0/0/0"])
def test_where_nothing_lies_there_is_no_content(registry: Registry, where: str) -> None:
    answer = asked(registry, f"collections/addresses/tiles/{QUAD}/{where}")
    assert (answer.status_code, answer.content) == (204, b"")
    again = asked(registry, f"collections/addresses/tiles/{QUAD}/{where}", **{"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    "where",
    ["23/0/0", "-1/0/0", "1/2/0", "1/0/2", "0/0/1", "a/0/0", "1/0/x", "14/0/99999999999999999999", "1/1.5/0", "1/٠/0"],
)
def test_tiles_that_there_are_not_are_refused(registry: Registry, where: str) -> None:
    for path in (f"collections/areas/tiles/{QUAD}/{where}", f"tiles/{QUAD}/{where}"):
        answer = asked(registry, path)
        assert (answer.status_code, answer.json()["status"]) == (404, 404)
    assert asked(registry, f"tiles/WorldCRS84Quad/{over(3)}").status_code == 404


def test_tilejson_leads_to_tiles(registry: Registry) -> None:
    for path in ("tiles", "collections/addresses/tiles", "collections/heat/tiles"):
        told = asked(registry, f"{path}/{QUAD}?f=tilejson").json()
        assert told["tilejson"] == "3.0.0"
        z, row, column = over(16).split("/")
        (template,) = told["tiles"]
        url = template.replace("{z}", z).replace("{y}", row).replace("{x}", column)
        answer = registry.client.get(url, headers={"X-API-Key": registry.keys["viewer"]})
        layers = read_tile(answer.content)
        declared = {layer["id"]: set(layer["fields"]) for layer in told["vector_layers"]}
        assert set(layers) <= set(declared)
        for name, features in layers.items():
            assert {key for feature in features for key in feature} - {"at"} <= declared[name]


def test_documents_name_each_other(registry: Registry) -> None:
    for path in ("tiles", "collections/areas/tiles"):
        (tileset,) = asked(registry, path).json()["tilesets"]
        links = {link["rel"].rsplit("/", 1)[-1]: link["href"] for link in tileset["links"]}
        key = {"X-API-Key": registry.keys["viewer"]}
        described = registry.client.get(links["self"], headers=key).json()
        assert described["tileMatrixSetURI"].endswith(QUAD)
        assert all(layer["propertiesSchema"]["properties"] for layer in described["layers"])
        scheme = registry.client.get(links["tiling-scheme"], headers=key).json()
        assert [matrix["matrixWidth"] for matrix in scheme["tileMatrices"][:3]] == [1, 2, 4]
        assert "{tileMatrix}/{tileRow}/{tileCol}" in links["item"]
    assert asked(registry, "tileMatrixSets").json()["tileMatrixSets"][0]["id"] == QUAD


@pytest.mark.parametrize(
    ("name", "index", "more"),
    [
        ("tile_addresses", "ix_address_drawn_geom", {"kinds": ["C", "P", "B", "D"]}),
        ("tile_elements", "ix_address_geom", {"kind": "enterprise", "layer": "enterprises"}),
    ],
)
def test_a_tile_is_read_by_an_index(registry: Registry, name: str, index: str, more: dict[str, Any]) -> None:
    z, row, column = map(int, over(14).split("/"))
    given = {"z": z, "x": column, "y": row, "cell": 16, "most": 4096, **more}
    with registry.world.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("SET enable_seqscan = off")  # a table of twenty rows is read whole otherwise
        plan = "\n".join(row[0] for row in driver.execute("EXPLAIN " + statement(name), given))
        connection.rollback()
        assert read(connection, "data_version")
    assert index in plan
