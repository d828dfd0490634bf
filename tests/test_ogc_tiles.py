"""OGC API – Tiles as its standard has it: every class that the service declares, from the landing page on."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from addressbook.views.tiles import DEEPEST_ZOOM, LAYERS
from api.tile_documents import CONFORMANCE
from tests.ogc_world import COLLECTIONS, Ogc, served_ogc
from tests.vector_tiles import read_tile

SPEC = "http://www.opengis.net/spec/"
REL = "http://www.opengis.net/def/rel/ogc/1.0/"
QUAD = "WebMercatorQuad"
QUAD_URI = f"http://www.opengis.net/def/tilematrixset/OGC/1.0/{QUAD}"
MERCATOR = "http://www.opengis.net/def/crs/EPSG/0/3857"
MVT = "application/vnd.mapbox-vector-tile"
LON, LAT = 120.05, 30.2
EARTH_RADIUS_M, PIXEL_M = 6378137.0, 0.00028
TESTED = {
    "ogcapi-tiles-1/1.0/conf/core": ("test_a_template_leads_to_tiles", "test_a_tile_that_there_is_not"),
    "ogcapi-tiles-1/1.0/conf/tileset": ("test_a_tileset_says", "test_a_template_leads_to_tiles"),
    "ogcapi-tiles-1/1.0/conf/tilesets-list": ("test_a_list_of_tilesets",),
    "ogcapi-tiles-1/1.0/conf/dataset-tilesets": ("test_the_landing_page_leads_to_tiles",),
    "ogcapi-tiles-1/1.0/conf/geodata-tilesets": ("test_every_layer_is_of_a_collection",),
    "ogcapi-tiles-1/1.0/conf/mvt": ("test_a_tile_is_one_vector_tile",),
    "ogcapi-tiles-1/1.0/conf/oas30": ("test_the_definition_",),
    "tms/2.0/conf/tilematrixset": ("test_the_tile_matrix_set",),
    "tms/2.0/conf/json-tilematrixset": ("test_the_tile_matrix_set",),
    "tms/2.0/conf/tilesetmetadata": ("test_a_tileset_says",),
    "tms/2.0/conf/json-tilesetmetadata": ("test_a_tileset_says",),
}
"""Conformance class → the tests that show it, by how they begin."""


@pytest.fixture(scope="module", name="ogc")
def _ogc(make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ogc]:
    with served_ogc(make_database(), tmp_path_factory.mktemp("ogc")) as ogc:
        yield ogc


def follow(ogc: Ogc, href: str, reader: str = "analyst") -> httpx.Response:
    return ogc.client.get(href, headers={"X-API-Key": ogc.keys[reader]})


def document(ogc: Ogc, href: str, reader: str = "analyst") -> dict[str, Any]:
    answer = follow(ogc, href, reader)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json"), answer.text
    found: dict[str, Any] = answer.json()
    return found


def linked(found: dict[str, Any], relation: str) -> str:
    """Where the one link of a relation leads."""
    (href,) = [link["href"] for link in found["links"] if link["rel"] == relation]
    return str(href)


def lists(ogc: Ogc) -> list[str]:
    """Every list of tilesets that the landing page and the layers of the tileset of all lead to."""
    of_all = linked(ogc.document(""), f"{REL}tilesets-vector")
    layers = document(ogc, linked(document(ogc, of_all)["tilesets"][0], "self"))["layers"]
    collections = [document(ogc, linked(layer, f"{REL}geodata")) for layer in layers]
    return [of_all, *(linked(collection, f"{REL}tilesets-vector") for collection in collections)]


def tilesets(ogc: Ogc) -> list[dict[str, Any]]:
    return [document(ogc, linked(document(ogc, href)["tilesets"][0], "self")) for href in lists(ogc)]


def over(z: int) -> dict[str, str]:
    """The tile over the estate, by the names of the template."""
    side, latitude = 2**z, math.radians(LAT)
    row = (1 - math.log(math.tan(latitude) + 1 / math.cos(latitude)) / math.pi) / 2 * side
    return {"tileMatrix": str(z), "tileRow": str(int(row)), "tileCol": str(int((LON + 180) / 360 * side))}


def filled(template: str, **values: str) -> str:
    for name, value in values.items():
        assert f"{{{name}}}" in template
        template = template.replace(f"{{{name}}}", value)
    assert "{" not in template
    return template


def test_every_class_declared_is_tested(ogc: Ogc) -> None:
    declared = [uri for uri in ogc.document("/conformance")["conformsTo"] if "-tiles-" in uri or "/tms/" in uri]
    assert declared == CONFORMANCE
    assert {uri.removeprefix(SPEC) for uri in declared} == set(TESTED)
    tests = [name for name in globals() if name.startswith("test_")]
    for prefix in (prefix for prefixes in TESTED.values() for prefix in prefixes):
        assert any(name.startswith(prefix) for name in tests), prefix


def test_the_landing_page_leads_to_tiles_and_to_the_tile_matrix_sets(ogc: Ogc) -> None:
    landing = ogc.document("")
    assert httpx.URL(linked(landing, f"{REL}tilesets-vector")).path == "/ogc/tiles"
    sets = document(ogc, linked(landing, f"{REL}tiling-schemes"))["tileMatrixSets"]
    assert [(one["id"], one["uri"]) for one in sets] == [(QUAD, QUAD_URI)]
    assert document(ogc, linked(sets[0], f"{REL}tiling-scheme"))["id"] == QUAD
    assert "矢量瓦片" in ogc.get("", f="html").text


def test_every_layer_is_of_a_collection_that_says_where_its_tiles_are(ogc: Ogc) -> None:
    """Those of features among the others, those of counts by themselves: they have no items."""
    assert [httpx.URL(href).path for href in lists(ogc)[1:]] == [f"/ogc/collections/{name}/tiles" for name in LAYERS]
    described = {one["id"]: one for one in ogc.document("/collections")["collections"]}
    assert set(described) == set(COLLECTIONS)
    for name in COLLECTIONS:
        relations = [link["rel"] for link in described[name]["links"]]
        assert (f"{REL}tilesets-vector" in relations) == (name in LAYERS)
        assert ogc.document(f"/collections/{name}")["links"] == described[name]["links"]
    for name in ("areas", "labels", "heat"):
        found = ogc.document(f"/collections/{name}", ogc.keys["public"])
        assert (found["id"], "itemType" in found) == (name, False)
        assert not {"items", "http://www.opengis.net/def/rel/ogc/1.0/queryables"} & {x["rel"] for x in found["links"]}
        assert LAYERS[name].zh in ogc.get(f"/collections/{name}", f="html").text


def test_what_has_tiles_only_says_where_it_is_and_where_no_single_address_is(ogc: Ogc) -> None:
    boxes = {}
    for name in ("areas", "labels", "heat"):
        (boxes[name],) = ogc.document(f"/collections/{name}", ogc.keys["public"])["extent"]["spatial"]["bbox"]
    assert boxes["areas"] == boxes["labels"] == pytest.approx([120.0, 30.0, 120.4, 30.4], abs=1e-4)
    west, south, east, north = boxes["heat"]
    assert west <= LON <= east
    assert south <= LAT <= north
    assert [round(at * 100, 6) % 1 for at in boxes["heat"]] == [0, 0, 0, 0]


def test_who_sees_no_features_sees_of_collections_those_of_counts(ogc: Ogc) -> None:
    layers = document(ogc, f"/ogc/tiles/{QUAD}", "public")["layers"]
    assert [layer["id"] for layer in layers] == ["areas", "labels", "heat"]
    for layer in layers:
        assert document(ogc, linked(layer, f"{REL}geodata"), "public")["id"] == layer["id"]
    for name in COLLECTIONS:
        assert follow(ogc, f"/ogc/collections/{name}", "public").status_code == 403
    assert follow(ogc, "/ogc/collections/nothing", "public").status_code in (403, 404)
    assert follow(ogc, "/ogc/collections/nothing").status_code == 404


def test_a_list_of_tilesets_has_what_chooses_one_of_them(ogc: Ogc) -> None:
    for href in lists(ogc):
        found = document(ogc, href)
        assert linked(found, "self") == href
        (tileset,) = found["tilesets"]
        assert (tileset["dataType"], tileset["crs"], tileset["tileMatrixSetURI"]) == ("vector", MERCATOR, QUAD_URI)
        assert linked(tileset, "self") == f"{href}/{QUAD}"
        assert document(ogc, linked(tileset, f"{REL}tiling-scheme"))["uri"] == QUAD_URI


def test_a_tileset_says_what_its_tiles_hold(ogc: Ogc) -> None:
    for tileset in tilesets(ogc):
        assert (tileset["dataType"], tileset["crs"], tileset["tileMatrixSetURI"]) == ("vector", MERCATOR, QUAD_URI)
        assert document(ogc, linked(tileset, f"{REL}tiling-scheme"))["uri"] == QUAD_URI
        (item,) = [link for link in tileset["links"] if link["rel"] == "item"]
        assert (item["type"], item["templated"]) == (MVT, True)
        assert re.findall(r"{(\w+)}", item["href"]) == ["tileMatrix", "tileRow", "tileCol"]
        assert document(ogc, linked(tileset, "describedby"))["tilejson"] == "3.0.0"
        assert tileset["layers"]
        for layer in tileset["layers"]:
            assert (layer["dataType"], layer["geometryDimension"] in (0, 1, 2)) == ("vector", True)
            assert 0 <= int(layer["minTileMatrix"]) <= int(layer["maxTileMatrix"]) <= DEEPEST_ZOOM
            assert {one["type"] for one in layer["propertiesSchema"]["properties"].values()} <= {"string", "number"}


def test_a_template_leads_to_tiles_with_the_layers_declared(ogc: Ogc) -> None:
    for tileset in tilesets(ogc):
        template, declared = linked(tileset, "item"), {layer["id"]: layer for layer in tileset["layers"]}
        found = set()
        for z in (0, 7, 12, 16, DEEPEST_ZOOM):
            answer = follow(ogc, filled(template, **over(z)))
            assert (answer.status_code, bool(answer.content)) in ((200, True), (204, False))
            for name, features in read_tile(answer.content).items():
                found.add(name)
                of = declared[name]["propertiesSchema"]["properties"]
                assert {key for feature in features for key in feature} - {"at"} <= set(of)
        assert found == set(declared)


@pytest.mark.parametrize("name", ["areas", "labels", "heat", "addresses", "enterprises", "things"])
def test_a_tile_that_there_is_not_is_a_404_and_an_empty_one_a_204(ogc: Ogc, name: str) -> None:
    for path in ("/tiles", f"/collections/{name}/tiles"):
        for at in (f"{DEEPEST_ZOOM + 1}/0/0", "3/8/0", "3/0/8", "-1/0/0", "x/0/0", "3/x/0", "3/0/x", "3/0/0.0"):
            assert ogc.get(f"{path}/{QUAD}/{at}").status_code == 404, at
        for at in ("3/7/0", f"{DEEPEST_ZOOM}/0/0"):  # nobody lives at the pole
            answer = ogc.get(f"{path}/{QUAD}/{at}")
            assert (answer.status_code, answer.content) == (204, b""), at
        assert ogc.get(f"{path}/WorldCRS84Quad/0/0/0").status_code == 404
        assert ogc.get(f"{path}/WorldCRS84Quad").status_code == 404


def test_a_tile_is_one_vector_tile_whose_grid_spans_the_tile(ogc: Ogc) -> None:
    at = over(16)
    answer = ogc.get(f"/tiles/{QUAD}/{'/'.join(at.values())}")
    assert answer.headers["content-type"] == MVT
    layers = read_tile(answer.content)  # which refuses a layer that is there twice
    assert {"areas", "addresses"} <= set(layers)
    (compound, *_) = layers["addresses"]
    x, y = compound["at"]
    assert (int(at["tileCol"]) + x / 4096) / 2**16 * 360 - 180 == pytest.approx(LON, abs=1e-6)
    north = math.pi * (1 - 2 * (int(at["tileRow"]) + y / 4096) / 2**16)
    assert math.degrees(math.atan(math.sinh(north))) == pytest.approx(LAT, abs=1e-6)


def test_the_tile_matrix_set_is_that_of_the_register(ogc: Ogc) -> None:
    found = ogc.document(f"/tileMatrixSets/{QUAD}")
    assert (found["id"], found["uri"], found["crs"], found["orderedAxes"]) == (QUAD, QUAD_URI, MERCATOR, ["X", "Y"])
    half = math.pi * EARTH_RADIUS_M
    assert [matrix["id"] for matrix in found["tileMatrices"]] == [str(z) for z in range(DEEPEST_ZOOM + 1)]
    for z, matrix in enumerate(found["tileMatrices"]):
        assert matrix["pointOfOrigin"] == pytest.approx([-half, half])
        assert (matrix["cornerOfOrigin"], matrix["matrixWidth"], matrix["matrixHeight"]) == ("topLeft", 2**z, 2**z)
        assert matrix["cellSize"] * matrix["tileWidth"] * matrix["matrixWidth"] == pytest.approx(2 * half)
        assert matrix["tileWidth"] == matrix["tileHeight"]
        assert matrix["scaleDenominator"] == pytest.approx(matrix["cellSize"] / PIXEL_M)
    assert ogc.get("/tileMatrixSets/WorldCRS84Quad").status_code == 404


def test_the_definition_has_every_path_of_tiles_with_its_parameters(ogc: Ogc) -> None:
    """Those of the service's own document, whose names of path parameters are shorter."""
    ours = ogc.client.get("/openapi.json").json()["paths"]
    paths = ogc.document("/api")["paths"]
    values = {**over(14), "tileMatrixSetId": QUAD}
    own = {"tileMatrixSetId": "matrix_set", "tileMatrix": "z", "tileRow": "y", "tileCol": "x"}
    described = set()
    for path, item in paths.items():
        if "/tiles" not in path and "/tileMatrixSets" not in path:
            continue
        asked = item["get"]["parameters"]
        inside = [one["name"] for one in asked if one["in"] == "path"]
        assert inside == re.findall(r"{(\w+)}", path)
        assert follow(ogc, f"/ogc{filled(path, **{name: values[name] for name in inside})}").status_code in (200, 204)
        route = filled(path, **{name: f"<{own[name]}>" for name in inside}).replace("<", "{").replace(">", "}")
        route = re.sub("^/collections/[a-z]+", "/collections/{collection}", route)
        taken = {one["name"] for one in ours[f"/ogc{route}"]["get"].get("parameters", []) if one["in"] == "query"}
        told = {one["name"] for one in asked if one["in"] == "query"}
        assert told == taken - ({"statistics"} if re.match("/collections/(?!areas)", path) else set()), path
        described.add(f"/ogc{route}")
    assert described == {path for path in ours if "/tiles" in path or "/tileMatrixSets" in path}


def test_the_definition_names_its_operations_as_the_standard_does(ogc: Ogc) -> None:
    paths = ogc.document("/api")["paths"]
    named = {path: item["get"]["operationId"] for path, item in paths.items()}
    assert len(set(named.values())) == len(named)
    assert named["/tileMatrixSets"] == "getTileMatrixSetsList"
    assert named["/tileMatrixSets/{tileMatrixSetId}"] == "getTileMatrixSet"
    ends = {"": "getTileSetsList", "/{tileMatrixSetId}": "getTileSet",
            "/{tileMatrixSetId}/{tileMatrix}/{tileRow}/{tileCol}": "getTile"}  # fmt: skip
    for end, operation in ends.items():
        assert named[f"/tiles{end}"].endswith(f".dataset.vector.{operation}")
        for name in LAYERS:
            assert named[f"/collections/{name}/tiles{end}"].endswith(f".collection.vector.{operation}")
    assert named["/"] == "getLandingPage"
    assert {f"/collections/{name}" for name in LAYERS} <= set(named)
