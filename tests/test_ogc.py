"""OGC API – Features as its standards have it: every class that the service declares, and a client of others."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cql2
import httpx
import pytest

from addressbook.privacy.policy import AccessRole
from api import collections_asked
from api.ogc_documents import CONFORMANCE
from api.tile_documents import CONFORMANCE as TILES
from tests.ogc_world import COLLECTIONS, Ogc, served_ogc
from tests.small_world import HERE, OTHER_TOWN, THERE, TOWN
from tests.worlds import until

EPSG = "http://www.opengis.net/def/crs/EPSG/0"
PATIENCE_S = 12.0
"""Less than the 15 s after which the service ends a statement by itself."""
ROOM = "/collections/addresses/items"
TESTED = {
    "ogcapi-features-1/1.0/conf/core": (
        "test_a_client_finds_everything_from_the_landing_page",
        "test_a_box_",
        "test_time",
    ),
    "ogcapi-features-1/1.0/conf/geojson": ("test_items_are_geojson",),
    "ogcapi-features-1/1.0/conf/html": ("test_every_document_is_a_page_too",),
    "ogcapi-features-1/1.0/conf/oas30": ("test_the_definition_names_every_path",),
    "ogcapi-features-2/1.0/conf/crs": ("test_coordinates_come_in_the_order_of_their_crs", "test_a_box_"),
    "ogcapi-features-3/1.0/conf/queryables": ("test_every_queryable_can_be_asked_for",),
    "ogcapi-features-3/1.0/conf/filter": ("test_a_filter_finds",),
    "ogcapi-features-3/1.0/conf/features-filter": ("test_a_filter_finds",),
    "cql2/1.0/conf/cql2-text": ("test_a_filter_finds",),
    "cql2/1.0/conf/cql2-json": ("test_a_filter_in_json_finds_the_same",),
    "cql2/1.0/conf/basic-cql2": ("test_a_filter_finds",),
    "cql2/1.0/conf/advanced-comparison-operators": ("test_a_filter_finds",),
    "cql2/1.0/conf/case-insensitive-comparison": ("test_a_filter_finds",),
    "cql2/1.0/conf/basic-spatial-functions": ("test_a_filter_finds",),
    "cql2/1.0/conf/basic-spatial-functions-plus": ("test_every_kind_of_geometry",),
    "cql2/1.0/conf/spatial-functions": ("test_every_spatial_function",),
    "cql2/1.0/conf/temporal-functions": ("test_every_temporal_function",),
}
"""Conformance class → the tests that show it, by how they begin."""


@pytest.fixture(scope="module", name="ogc")
def _ogc(make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ogc]:
    with served_ogc(make_database(), tmp_path_factory.mktemp("ogc")) as ogc:
        yield ogc


def test_every_class_declared_is_tested_and_none_else(ogc: Ogc) -> None:
    declared = ogc.document("/conformance")["conformsTo"]
    assert declared == CONFORMANCE
    ours = [uri for uri in declared if uri not in TILES]  # those of tiles: tests/test_ogc_tiles.py
    assert {uri.removeprefix("http://www.opengis.net/spec/") for uri in ours} == set(TESTED)
    tests = [name for name in globals() if name.startswith("test_")]
    for prefix in (prefix for prefixes in TESTED.values() for prefix in prefixes):
        assert any(name.startswith(prefix) for name in tests), prefix


def test_a_client_finds_everything_from_the_landing_page(ogc: Ogc) -> None:
    """Every link that leads on is followed, once, and answers with the media type it was given."""
    waiting, seen = list(ogc.document("")["links"]), set()
    while waiting:
        link = waiting.pop()
        if link["href"] in seen:
            continue
        seen.add(link["href"])
        answer = ogc.client.get(link["href"], headers={"X-API-Key": ogc.keys["analyst"]})
        assert answer.status_code == 200, link
        assert answer.headers["content-type"].startswith(link["type"].partition(";")[0]), link
        if "json" in link["type"]:
            found = answer.json()
            waiting += found.get("links", [])
            waiting += [link for one in found.get("collections", []) for link in one["links"]]
    assert {f"/ogc/collections/{name}/items" for name in COLLECTIONS} <= {httpx.URL(href).path for href in seen}


def test_every_document_is_a_page_too(ogc: Ogc) -> None:
    for path in ("", "/api", "/conformance", "/collections", "/collections/persons", "/collections/persons/queryables",
                 "/collections/persons/items", f"{ROOM}/{ogc.codes.room}"):  # fmt: skip
        browser = ogc.get(path, headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
        for answer in (browser, ogc.get(path, f="html")):
            assert answer.headers["content-type"].startswith("text/html")
            assert answer.text.startswith("<!doctype html>")
            assert "统一地址库" in answer.text
            assert "<script" not in answer.text
    assert ogc.get("", headers={"Accept": "application/json"}).headers["content-type"] == "application/json"
    assert ogc.fault("", f="xml") == (400, "f")


def test_what_a_source_wrote_is_no_markup(ogc: Ogc) -> None:
    ogc.rows("UPDATE thing SET name = '<script>alert(1)</script>' RETURNING 1")
    page = ogc.get("/collections/things/items", f="html").text
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    answer = ogc.get(ROOM, f="html", filter="name <> '\"><x'")
    assert answer.status_code == 200
    assert '"><x' not in answer.text


def test_the_definition_names_every_path_and_every_parameter(ogc: Ogc) -> None:
    answer = ogc.get("/api")
    assert answer.headers["content-type"] == "application/vnd.oai.openapi+json;version=3.0"
    document = answer.json()
    assert document["openapi"].startswith("3.0.")
    assert {f"/collections/{name}/items" for name in COLLECTIONS} <= set(document["paths"])
    ours = next(path for path in ogc.client.get("/openapi.json").json()["paths"].items() if path[0].endswith("/items"))
    taken = {one["name"] for one in ours[1]["get"]["parameters"]} - {"collection"}
    for name in COLLECTIONS:
        assert {one["name"] for one in document["paths"][f"/collections/{name}/items"]["get"]["parameters"]} == taken
    limit = next(p for p in document["paths"][ROOM]["get"]["parameters"] if p["name"] == "limit")["schema"]
    assert limit == {"type": "integer", "minimum": 1, "maximum": 10_000, "default": 100}
    told = next(p for p in ours[1]["get"]["parameters"] if p["name"] == "limit")["description"]
    assert told == next(p for p in document["paths"][ROOM]["get"]["parameters"] if p["name"] == "limit")["description"]
    assert "more than that is taken as 10000" in told
    state = next(p for p in document["paths"][ROOM]["get"]["parameters"] if p["name"] == "state")["schema"]
    assert state["items"]["enum"] == ["provisional", "current", "retired", "rejected", "void"]


def test_items_are_geojson_and_what_has_no_point_says_so(ogc: Ogc) -> None:
    answer = ogc.get(ROOM)
    assert answer.headers["content-type"] == "application/geo+json"
    document = answer.json()
    assert document["type"] == "FeatureCollection"
    by_id = {feature["id"]: feature for feature in document["features"]}
    assert document["numberReturned"] == len(by_id) == 10
    assert by_id[ogc.codes.street]["geometry"] is None
    assert by_id[ogc.codes.room]["geometry"] == {"type": "Point", "coordinates": [120.05, 30.2]}
    assert by_id[ogc.codes.room]["properties"]["standard_text"] == "测试502室B3/E1/H502"
    (town,) = ogc.features("divisions", filter=f"code = '{TOWN}'")
    assert town["geometry"]["type"] == "MultiPolygon"


def test_an_element_is_where_its_open_link_puts_it(ogc: Ogc) -> None:
    points = {f["properties"]["name"]: f["geometry"] for f in ogc.features("enterprises")}
    assert {name: point["coordinates"] for name, point in points.items()} == {
        "测试公司": [120.15, 30.2], "虚构公司": [120.05, 30.2],
    }  # fmt: skip
    unplaced = [f for f in ogc.features("persons") if f["properties"]["aid"] is None]
    assert sorted(f["properties"]["division_code"] for f in unplaced) == sorted([TOWN, HERE])
    assert {f["geometry"] for f in unplaced} == {None}
    (gone,) = ogc.rows("SELECT element_key::text FROM link WHERE closed_at IS NOT NULL")
    assert gone[0] not in ogc.every("persons")


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_what_no_person_can_be_in_is_not_sent_again(ogc: Ogc, collection: str) -> None:
    """Houses and events tell about the people at an address: nobody keeps them, nor persons."""
    (feature,) = ogc.features(collection, limit=1)
    for at in (f"/collections/{collection}/items", f"/collections/{collection}/items/{feature['id']}"):
        first = ogc.get(at)
        if collection in ("houses", "events", "persons"):
            assert first.headers["cache-control"] == "no-store"
            assert "etag" not in first.headers
            continue
        assert first.headers["cache-control"] == "private, no-cache"
        again = ogc.get(at, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert {"Accept", "X-API-Key"} <= {name.strip() for name in first.headers["vary"].split(",")}
        page = ogc.get(at, headers={"If-None-Match": first.headers["etag"], "Accept": "text/html"})
        assert page.status_code == 200, "another form is another answer"


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_an_item_has_an_address_of_its_own(ogc: Ogc, collection: str) -> None:
    (feature,) = ogc.features(collection, limit=1)
    answer = ogc.get(f"/collections/{collection}/items/{feature['id']}")
    assert {name: answer.json()[name] for name in feature} == feature
    assert ogc.get(f"/collections/{collection}/items/000000000000").status_code in (400, 404)


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_pages_hold_every_item_once(ogc: Ogc, collection: str) -> None:
    all_at_once = [feature["id"] for feature in ogc.features(collection, limit=1000)]
    assert all_at_once
    assert ogc.every(collection, limit=1) == all_at_once
    exact = ogc.document(f"/collections/{collection}/items", limit=2, count="exact")
    assert (exact["numberMatched"], exact["numberMatchedIs"]) == (len(all_at_once), "exact")
    assert isinstance(ogc.document(f"/collections/{collection}/items", count="estimated")["numberMatched"], int)
    assert "numberMatched" not in ogc.document(f"/collections/{collection}/items")


def test_who_is_bound_to_areas_is_not_told_what_the_planner_expects_of_people(ogc: Ogc) -> None:
    bound = ogc.key(AccessRole.ANALYST, areas=(HERE,))
    for collection in COLLECTIONS:
        document = ogc.document(f"/collections/{collection}/items", bound, count="estimated")
        assert ("numberMatched" in document) == (collection not in ("persons", "houses", "events")), collection
    asked = ogc.client.post("/exports/persons", headers={"X-API-Key": bound})
    assert asked.json()["expected"] == 0
    exact = ogc.document("/collections/persons/items", bound, count="exact", limit=1)["numberMatched"]
    assert exact == len(ogc.features("persons", bound, limit=1000))


@pytest.mark.parametrize("limit", ["10000", "10001", "9" * 20, "9" * 100])
def test_a_limit_above_the_most_is_no_error(ogc: Ogc, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    """OGC 17-069r4, /req/core/fc-limit-definition: the most there may be is taken instead."""
    assert ogc.document(ROOM, limit=limit)["numberReturned"] == 10
    monkeypatch.setattr(collections_asked, "MOST_ITEMS", 4)
    page = ogc.document(ROOM, limit=limit)
    assert (page["numberReturned"], "next" in [link["rel"] for link in page["links"]]) == (4, True)
    assert len(ogc.every("addresses", limit=limit)) == 10


def test_paging_survives_what_comes_and_goes_meanwhile(ogc: Ogc) -> None:
    """The items that stand all the while are each seen once, whatever is put before and after the place reached."""
    standing = set(ogc.every("things")) | set(ogc.every("events"))
    before = ogc.every("events")
    pages = ogc.pages("events", limit=2)
    seen = next(pages)
    row = """INSERT INTO event (element_key, source_id, source_key, category, title, status, attributes, batch_id)
        SELECT :key, source_id, source_key, category, title, status, attributes, batch_id FROM event LIMIT 1"""
    linked = """INSERT INTO link (site_id, division_code, element_kind, element_key, role, category, month, source_id,
        row_key, received_text, match_category, match_level, coordinate_level, score, reasons, opened_batch)
        SELECT site_id, division_code, element_kind, :key, role, category, month, source_id, :key, received_text,
        match_category, match_level, coordinate_level, score, reasons, 1
        FROM link WHERE element_kind = 'event' LIMIT 1"""
    added = ["00000000-0000-0000-0000-000000000001", "ffffffff-ffff-ffff-ffff-ffffffffffff"]
    for key in added:
        ogc.rows(f"{row.replace(':key', 'CAST(:key AS uuid)')} RETURNING 1", key=key)
        ogc.rows(f"{linked.replace(':key', 'CAST(:key AS uuid)')} RETURNING 1", key=key)
    ogc.rows("UPDATE link SET closed_at = now() WHERE element_key = CAST(:key AS uuid) RETURNING 1", key=seen[-1])
    for page in pages:
        seen += page
    assert seen == [*before, added[1]]
    ogc.rows("UPDATE link SET closed_at = NULL WHERE element_key = CAST(:key AS uuid) RETURNING 1", key=seen[1])
    for key in added:
        ogc.rows("DELETE FROM link WHERE element_key = CAST(:key AS uuid) RETURNING 1", key=key)
        ogc.rows("DELETE FROM event WHERE element_key = CAST(:key AS uuid) RETURNING 1", key=key)
    assert set(ogc.every("things")) | set(ogc.every("events")) == standing


def test_coordinates_come_in_the_order_of_their_crs(ogc: Ogc) -> None:
    at = f"{ROOM}/{ogc.codes.room}"
    expected = {
        "http://www.opengis.net/def/crs/OGC/1.3/CRS84": [120.05, 30.2],
        f"{EPSG}/4326": [30.2, 120.05],
        f"{EPSG}/4490": [30.2, 120.05],
        f"{EPSG}/3857": [13363904.87, 3529283.97],
    }
    assert ogc.document("/collections/addresses")["crs"] == list(expected)
    for uri, coordinates in expected.items():
        for answer in (ogc.get(at, crs=uri), ogc.get(ROOM, crs=uri, filter="kind = 'H'")):
            assert answer.headers["content-crs"] == f"<{uri}>"
            feature = answer.json().get("features", [answer.json()])[0]
            assert feature["geometry"]["coordinates"] == pytest.approx(coordinates, abs=0.01)
    assert ogc.get(at).headers["content-crs"] == "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"


@pytest.mark.parametrize(
    ("box", "crs"),
    [
        ("120.1,30.1,120.2,30.3", None),
        ("120.1,30.1,0,120.2,30.3,99", None),
        ("30.1,120.1,30.3,120.2", f"{EPSG}/4326"),
        ("30.1,120.1,30.3,120.2", f"{EPSG}/4490"),
        ("13369471,3519500,13380603,3545000", f"{EPSG}/3857"),
        ("120.1,30.1,-170,30.3", None),
    ],
)
def test_a_box_finds_what_is_in_it_in_any_crs(ogc: Ogc, box: str, crs: str | None) -> None:
    more = {"bbox_crs": crs} if crs else {}
    assert [f["id"] for f in ogc.features("addresses", bbox=box, **more)] == [ogc.codes.shop]
    assert [f["properties"]["name"] for f in ogc.features("enterprises", bbox=box, **more)] == ["测试公司"]


def test_a_box_across_the_antimeridian_leaves_out_what_lies_between(ogc: Ogc) -> None:
    assert ogc.features("addresses", bbox="170,-80,-170,80") == []
    assert len(ogc.features("divisions", bbox="-180,-90,180,90")) == 3


@pytest.mark.parametrize(
    ("asked", "count"),
    [
        ("2025-05-01", 3), ("2025-04-01/2025-05-01", 4), ("2025-04-02/..", 3), ("../2024-05-01", 1), ("/2024-05-01", 1),
        ("2024-05-01T08:00:00+08:00", 1), ("2023-01-01", 0), ("2025-05-01T", 3), ("2025-04-01T/2025-05-01T", 4),
        ("2025-04-02T/..", 3), ("../2024-05-01T", 1),
    ],
)  # fmt: skip
def test_time_chooses_events_by_their_day(ogc: Ogc, asked: str, count: int) -> None:
    ogc.rows("""UPDATE event e SET occurred_on = l.month FROM link l WHERE l.element_key = e.element_key RETURNING 1""")
    assert len(ogc.features("events", datetime=asked)) == count


def test_time_chooses_persons_by_the_period_of_their_link(ogc: Ogc) -> None:
    dated = [f["properties"]["valid_from"] for f in ogc.features("persons", datetime="2024-02-15")]
    assert sorted(filter(None, dated)) == ["2024-01-01", "2024-02-01"]
    assert dated.count(None) == 7  # nobody knows since when, so they may be


FILTERS: list[tuple[str, str, str | int]] = [
    ("addresses", "kind = 'B'", 2),
    ("addresses", "kind <> 'B'", 8),
    ("addresses", "name > '5'", "南岸明珠,市心北路,502室"),
    ("addresses", "kind = 'B' AND name = '3幢'", "3幢"),
    ("addresses", "kind = 'R' OR kind = 'C'", 2),
    ("addresses", "NOT (kind = 'R' OR kind = 'C')", 8),
    ("addresses", "plate_no IS NULL", 8),
    ("addresses", "plate_no IS NOT NULL", "12号,260号"),
    ("addresses", "name LIKE '%幢'", 2),
    ("addresses", "name LIKE '_幢'", "3幢"),
    ("addresses", "name LIKE '\\%幢'", 0),
    ("addresses", "kind IN ('R', 'C')", 2),
    ("addresses", "kind NOT IN ('R', 'C')", 8),
    ("addresses", "CASEI(kind) = CASEI('b')", 2),
    ("addresses", "CASEI(kind) LIKE CASEI('b%')", 2),
    ("addresses", "CASEI(kind) IN (CASEI('r'), CASEI('c'))", 2),
    ("addresses", "true", 10),
    ("addresses", "false", 0),
    ("addresses", "name = plate_no", 0),
    ("houses", "floor_area_m2 BETWEEN 80 AND 90", 1),
    ("houses", "floor_area_m2 NOT BETWEEN 80 AND 90", 0),
    ("houses", "floor_area_m2 >= 89.5 AND floor_area_m2 < 90", 1),
    ("persons", "birth_year = 1980", 10),
    ("persons", "valid_from > DATE('2024-01-01')", 2),
    ("persons", "role = 'household_registration'", 1),
    ("addresses", "S_INTERSECTS(geometry, BBOX(120.1, 30, 120.2, 31))", "12号"),
    ("addresses", "S_INTERSECTS(geometry, POINT(120.15 30.2))", "12号"),
    ("addresses", "NOT S_INTERSECTS(geometry, POINT(120.05 30.2))", "12号"),
    ("enterprises", "S_WITHIN(geometry, POLYGON((120 30, 120.1 30, 120.1 31, 120 31, 120 30)))", "虚构公司"),
    ("enterprises", "status = '存续' AND division_code = '330109001002'", "测试公司"),
]


@pytest.mark.parametrize(("collection", "condition", "expected"), FILTERS)
def test_a_filter_finds_what_it_says(ogc: Ogc, collection: str, condition: str, expected: str | int) -> None:
    found = ogc.features(collection, filter=condition, filter_lang="cql2-text", limit=1000)
    if isinstance(expected, str):
        assert sorted(f["properties"]["name"] for f in found) == sorted(expected.split(","))
    else:
        assert len(found) == expected


@pytest.mark.parametrize(("collection", "condition", "expected"), FILTERS)
def test_a_filter_in_json_finds_the_same(ogc: Ogc, collection: str, condition: str, expected: str | int) -> None:
    written = json.dumps(cql2.parse_text(condition).to_json())
    ids = [f["id"] for f in ogc.features(collection, filter=condition, limit=1000)]
    found = ogc.features(collection, filter=written, filter_lang="cql2-json", limit=1000)
    assert [f["id"] for f in found] == ids


@pytest.mark.parametrize(
    ("geometry", "count"),
    [
        ("POINT(120.15 30.2)", 1), ("MULTIPOINT((120.15 30.2), (0 0))", 1), ("LINESTRING(120.1 30.2, 120.2 30.2)", 1),
        ("MULTILINESTRING((120.1 30.2, 120.2 30.2), (0 0, 1 1))", 1),
        ("POLYGON((120.1 30, 120.2 30, 120.2 31, 120.1 30))", 1),
        ("MULTIPOLYGON(((120.1 30, 120.2 30, 120.2 31, 120.1 30)))", 1),
        ("GEOMETRYCOLLECTION(POINT(120.15 30.2), LINESTRING(0 0, 1 1))", 1), ("POINT(30.2 120.15)", -1),
    ],
)  # fmt: skip
def test_every_kind_of_geometry_is_read(ogc: Ogc, geometry: str, count: int) -> None:
    asked = {"filter": f"S_INTERSECTS(geometry, {geometry})"}
    if count < 0:
        assert ogc.fault(ROOM, **asked) == (400, "filter")
        assert len(ogc.features("addresses", **asked, filter_crs=f"{EPSG}/4326")) == 1
    else:
        assert len(ogc.features("addresses", **asked)) == count


@pytest.mark.parametrize(
    ("function", "geometry", "codes"),
    [
        ("S_INTERSECTS", "POINT(120.05 30.2)", "330109000000,330109001000,330109001001"),
        ("S_CONTAINS", "POINT(120.15 30.2)", "330109000000,330109001000"),
        ("S_WITHIN", "BBOX(119.9, 29.9, 120.2, 30.5)", "330109001000,330109001001"),
        ("S_DISJOINT", "POINT(120.15 30.2)", "330109001001"),
        ("S_EQUALS", "BBOX(120, 30, 120.1, 30.4)", "330109001001"),
        ("S_TOUCHES", "BBOX(120.1, 30, 120.15, 30.4)", "330109001001"),
        ("S_OVERLAPS", "BBOX(120.15, 30, 120.3, 30.5)", "330109000000,330109001000"),
        ("S_CROSSES", "LINESTRING(120.15 30.2, 120.3 30.2)", "330109001000"),
    ],
)
def test_every_spatial_function_does_what_its_name_says(ogc: Ogc, function: str, geometry: str, codes: str) -> None:
    found = ogc.features("divisions", filter=f"{function}(geometry, {geometry})")
    assert ",".join(f["id"] for f in found) == codes


A, B, C, D, E = "2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01", "2024-05-01"
PERIODS = [
    ("AFTER", (C, D), (A, B)),
    ("BEFORE", (A, B), (C, D)),
    ("CONTAINS", (A, D), (B, C)),
    ("DISJOINT", (A, B), (C, D)),
    ("DURING", (B, C), (A, D)),
    ("EQUALS", (A, B), (A, B)),
    ("FINISHEDBY", (A, C), (B, C)),
    ("FINISHES", (B, C), (A, C)),
    ("INTERSECTS", (A, C), (B, D)),
    ("MEETS", (A, B), (B, C)),
    ("METBY", (B, C), (A, B)),
    ("OVERLAPPEDBY", (B, D), (A, C)),
    ("OVERLAPS", (A, C), (B, D)),
    ("STARTEDBY", (A, C), (A, B)),
    ("STARTS", (A, B), (A, C)),
]


@pytest.mark.parametrize(("function", "own", "given"), PERIODS)
def test_every_temporal_function_tells_its_own_from_a_gap(
    ogc: Ogc, function: str, own: tuple[str, str], given: tuple[str, str]
) -> None:
    ogc.rows("UPDATE address SET valid_from = :a, valid_to = :b WHERE kind = 'C' RETURNING 1", a=own[0], b=own[1])
    asked = "T_{}(INTERVAL(valid_from, valid_to), INTERVAL('{}', '{}')) AND kind = 'C'"
    assert ogc.names("addresses", asked.format(function, *given)) == ["南岸明珠"]
    apart = (E, "2024-06-01") if function not in ("BEFORE", "DISJOINT") else own
    assert ogc.names("addresses", asked.format(function, *apart)) == []
    open_ended = f"T_INTERSECTS(INTERVAL(valid_from, valid_to), INTERVAL('..', '{own[0]}')) AND kind = 'C'"
    assert ogc.names("addresses", open_ended) == ["南岸明珠"]
    ogc.rows("UPDATE address SET valid_from = NULL, valid_to = NULL WHERE kind = 'C' RETURNING 1")


def test_instants_are_compared_by_their_day(ogc: Ogc) -> None:
    assert len(ogc.features("persons", filter="T_AFTER(valid_from, TIMESTAMP('2024-02-01T00:00:00Z'))")) == 1
    assert len(ogc.features("persons", filter="T_EQUALS(valid_from, DATE('2024-02-01'))")) == 1


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_every_queryable_can_be_asked_for_and_nothing_else(ogc: Ogc, collection: str) -> None:
    schema = ogc.document(f"/collections/{collection}/queryables")
    assert ogc.get(f"/collections/{collection}/queryables").headers["content-type"] == "application/schema+json"
    assert schema["additionalProperties"] is False
    for name in schema["properties"]:
        assert ogc.get(f"/collections/{collection}/items", filter=f"{name} IS NULL").status_code == 200, name
    assert ogc.fault(f"/collections/{collection}/items", filter="attributes IS NULL") == (400, "filter")


BAD: list[tuple[dict[str, Any], str]] = [
    ({"limit": "0"}, "limit"),
    ({"limit": "x"}, "limit"),
    ({"limit": "-1"}, "limit"),
    ({"limit": "1.5"}, "limit"),
    ({"limit": ""}, "limit"),
    ({"crs": "http://www.opengis.net/def/crs/EPSG/0/1"}, "crs"),
    ({"bbox-crs": "EPSG:4326"}, "bbox-crs"),
    ({"filter-crs": "x"}, "filter-crs"),
    ({"bbox": "1,2,3"}, "bbox"),
    ({"bbox": "a,b,c,d"}, "bbox"),
    ({"bbox": "0,0,181,1"}, "bbox"),
    ({"bbox": "0,2,1,1"}, "bbox"),
    ({"bbox": "nan,0,1,1"}, "bbox"),
    ({"bbox": "120,30,121,31", "bbox-crs": f"{EPSG}/4326"}, "bbox"),
    ({"datetime": "yesterday"}, "datetime"),
    ({"datetime": "2024-02-30"}, "datetime"),
    ({"datetime": "../.."}, "datetime"),
    ({"datetime": "2025-01-01/2024-01-01"}, "datetime"),
    ({"datetime": "2024-01-01/2024-02-01/2024-03-01"}, "datetime"),
    ({"datetime": "2024-01-01TT"}, "datetime"),
    ({"datetime": "T/2024-01-01"}, "datetime"),
    ({"state": "foo"}, "state"),
    ({"state": "retired,Current"}, "state"),
    ({"category": "Z"}, "category"),
    ({"category": "B,b"}, "category"),
    ({"properties": "name,none"}, "properties"),
    ({"count": "all"}, "count"),
    ({"filter-lang": "sql"}, "filter-lang"),
    ({"cursor": "x"}, "cursor"),
    ({"cursor": "W10"}, "cursor"),
    ({"area": "33010"}, "area"),
    ({"nonsense": "1"}, "nonsense"),
    ({"f": "gml"}, "f"),
    ({"filter": "kind ="}, "filter"),
    ({"filter": "kind = 1"}, "filter"),
    ({"filter": "none = 1"}, "filter"),
    ({"filter": "kind = 'B' AND " * 300 + "true"}, "filter"),
    ({"filter": "(" * 50 + "true" + ")" * 50}, "filter"),
    ({"filter": "NOT " * 1500 + "true"}, "filter"),
    ({"filter": "-" * 7990 + "1 = 1"}, "filter"),
    ({"filter": "(" * 24 + "kind = ?" + ")" * 24}, "filter"),
    ({"filter": "kind IN (" + ",".join(["'x'"] * 600) + ")"}, "filter"),
    ({"filter": "x" * 9000}, "filter"),
    ({"filter": "1 = 'a'"}, "filter"),
    ({"filter": "geometry = 'x'"}, "filter"),
    ({"filter": "kind + 1 = 2"}, "filter"),
    ({"filter": "avg(kind) = 1"}, "filter"),
    ({"filter": "kind LIKE 'x\\'"}, "filter"),
    ({"filter": "S_INTERSECTS(kind, POINT(1 2))"}, "filter"),
    ({"filter": "S_INTERSECTS(geometry, POINT(1 200))"}, "filter"),
    ({"filter": "S_INTERSECTS(geometry, POINT EMPTY)"}, "filter"),
    ({"filter": "S_INTERSECTS(geometry, 'x')"}, "filter"),
    ({"filter": "S_WITHIN(geometry, POLYGON((0 0, 1 1, 1 0, 0 1, 0 0)))"}, "filter"),
    ({"filter": "S_WITHIN(geometry, POLYGON((0 0, 1 1)))"}, "filter"),
    ({"filter": "T_AFTER(kind, DATE('2024-01-01'))"}, "filter"),
    ({"filter": "T_AFTER(valid_from, DATE('2024-99-01'))"}, "filter"),
    ({"filter": "valid_from > '2024-01-01'"}, "filter"),
    ({"filter": "kind = 'a' OR true AND"}, "filter"),
    ({"filter": "CASEI(valid_from) = 'x'"}, "filter"),
    ({"filter": "kind"}, "filter"),
    ({"filter": "valid_from > 1e999"}, "filter"),
    ({"filter": "[" * 5000, "filter-lang": "cql2-json"}, "filter"),
    ({"filter": "{}", "filter-lang": "cql2-json"}, "filter"),
    ({"filter": '{"op":"and","args":{}}', "filter-lang": "cql2-json"}, "filter"),
    ({"filter": '{"op":"=","args":[{"property":"kind"}]}', "filter-lang": "cql2-json"}, "filter"),
]


@pytest.mark.parametrize(("parameters", "field"), BAD, ids=lambda part: str(part)[:60])
def test_what_is_wrong_is_refused_by_name(ogc: Ogc, parameters: dict[str, Any], field: str) -> None:
    status, named = ogc.fault(ROOM, **parameters)
    assert (status, named) == (400, field)


def test_what_a_collection_does_not_have_is_refused(ogc: Ogc) -> None:
    assert ogc.fault("/collections/persons/items", state="x") == (400, "state")
    assert ogc.fault("/collections/divisions/items", aid=ogc.codes.room) == (400, "aid")
    assert ogc.fault("/collections/divisions/items", category="village") == (400, "category")
    assert ogc.features("enterprises", category="no such trade", state="no such status") == []
    assert ogc.fault("/collections/persons/items", filter="name = '王**'") == (400, "filter")
    assert ogc.fault("/collections/none/items")[0] == 404
    assert ogc.fault("/collections/persons/items/x")[0] == 404
    assert ogc.fault(f"{ROOM}/x")[0] == 400
    assert ogc.fault(ROOM, aid="B")[0] == 400


def test_a_page_that_nobody_waits_for_ends_its_query(ogc: Ogc) -> None:
    """A lock makes the query wait; the client goes away; the query ends while the lock still stands."""
    with ogc.engine.begin() as lock:
        lock.exec_driver_sql("LOCK TABLE thing IN ACCESS EXCLUSIVE MODE")
        ogc.ask_and_go_away("/ogc/collections/things/items")
        until(lambda: not ogc.is_held_up(), within_s=PATIENCE_S)


def test_an_element_with_two_links_is_shown_where_it_was_looked_for(ogc: Ogc) -> None:
    """Without a place the latest link that reaches an address; else the one that was asked for; never twice."""
    second = """INSERT INTO link (site_id, aid, division_code, element_kind, element_key, role, category, month,
        source_id, row_key, received_text, match_category, match_level, coordinate_level, score, reasons, opened_batch,
        valid_from)
        SELECT o.site_id, o.aid, o.division_code, l.element_kind, l.element_key, 'operating', l.category, l.month,
        l.source_id, gen_random_uuid(), '', 'A', 'room', 'none', 1, '[]', 1, date '2030-01-01'
        FROM link l JOIN enterprise e USING (element_key), link o JOIN enterprise f USING (element_key)
        WHERE e.name = '测试公司' AND f.name = '虚构公司' RETURNING 1"""
    ogc.rows(second)

    def shown(**asked: Any) -> list[tuple[str, str]]:
        found = ogc.features("enterprises", filter="name = '测试公司'", **asked)
        return [(f["properties"]["role"], f["properties"]["division_code"]) for f in found]

    assert shown() == [("operating", HERE)]
    assert shown(area=THERE) == [("registered", THERE)]
    assert shown(bbox="120.1,30.1,120.2,30.3") == [("registered", THERE)]
    assert shown(aid=ogc.codes.building) == [("operating", HERE)]
    (found,) = ogc.features("enterprises", filter=f"division_code = '{THERE}'")
    assert found["properties"]["role"] == "registered"
    assert ogc.features("enterprises", filter=f"division_code = '{THERE}' AND role = 'operating'") == []
    ogc.rows("DELETE FROM link WHERE role = 'operating' RETURNING 1")


def test_a_cursor_is_good_for_its_own_question_only(ogc: Ogc) -> None:
    page = ogc.document(ROOM, limit=1)
    cursor = httpx.URL(next(link["href"] for link in page["links"] if link["rel"] == "next")).params["cursor"]
    for other in ({"area": "330109"}, {"filter": "true"}, {"properties": "kind"}, {"crs": f"{EPSG}/4490"}):
        assert ogc.fault(ROOM, cursor=cursor, **other) == (400, "cursor")
    assert ogc.fault("/collections/persons/items", cursor=cursor) == (400, "cursor")
    assert ogc.fault(ROOM, cursor=cursor[:-3]) == (400, "cursor")


def test_a_list_is_narrowed_by_address_area_category_and_state(ogc: Ogc) -> None:
    codes = ogc.codes
    assert len(ogc.every("addresses", aid=codes.building)) == 4
    assert len(ogc.every("addresses", aid=codes.compound)) == 8
    assert ogc.every("addresses", state="retired") == [codes.retired_room]
    assert ogc.every("addresses", state="retired", aid=codes.retired_room) == [codes.retired_room]
    assert ogc.every("addresses", filter="state = 'retired'") == [codes.retired_room]
    assert ogc.every("addresses", filter="NOT (state IN ('current', 'provisional'))") == [codes.retired_room]
    assert len(ogc.every("addresses", filter="state = 'retired' OR kind = 'B'")) == 3
    assert set(ogc.every("addresses", category="R,C")) == {codes.street, codes.compound}
    assert ogc.every("addresses", area=THERE) == [codes.shop]
    assert len(ogc.every("persons", aid=codes.room)) == 4
    assert len(ogc.every("persons", aid=codes.building)) == 8
    assert len(ogc.every("persons", area=HERE)) == 9
    assert len(ogc.every("persons", category="流动")) == 4
    assert len(ogc.every("events", state="办结")) == 4
    assert len(ogc.every("events", area=OTHER_TOWN)) == 1
    assert ogc.every("divisions", area=TOWN) == [TOWN, HERE, THERE]
    assert len(ogc.every("divisions", category="community")) == 2


def test_only_the_properties_that_are_wanted_come(ogc: Ogc) -> None:
    (feature,) = ogc.features("things", properties="name,role")
    assert set(feature["properties"]) == {"name", "role"}
    assert feature["geometry"]["type"] == "Point"


def test_persons_houses_and_events_are_not_for_viewers(ogc: Ogc) -> None:
    viewer = ogc.keys["viewer"]
    shown = [one["id"] for one in ogc.document("/collections", viewer)["collections"]]
    assert shown == ["addresses", "divisions", "enterprises", "things"]
    for name in COLLECTIONS:
        for path in ("", "/queryables", "/items", "/items/00000000-0000-0000-0000-000000000000"):
            status = ogc.get(f"/collections/{name}{path}", viewer).status_code
            assert (status == 403) == (name not in shown), (name, path)
    assert ogc.get("", ogc.keys["public"]).status_code == 403


def test_a_bound_key_reads_persons_inside_its_areas_only(ogc: Ogc) -> None:
    ogc.rows("UPDATE link SET division_code = :there WHERE role = 'household_registration' RETURNING 1", there=THERE)
    here, there = (ogc.key(AccessRole.ANALYST, areas=(code,)) for code in (HERE, THERE))
    everyone = set(ogc.every("persons"))
    inside = {f["id"] for f in ogc.features("persons", here)}
    assert len(inside) == 8
    (other,) = ogc.features("persons", there)
    assert other["id"] in everyone - inside
    assert ogc.get(f"/collections/persons/items/{other['id']}", here).status_code == 404
    assert ogc.features("persons", here, area=THERE) == []
    assert ogc.document("/collections/persons/items", here, count="exact")["numberMatched"] == 8
    assert ogc.features("houses", there) == []
    assert len(ogc.features("enterprises", here)) == 2
    ogc.rows("UPDATE link SET division_code = :here WHERE role = 'household_registration' RETURNING 1", here=HERE)


def test_persons_come_masked_and_each_page_of_them_is_on_record(ogc: Ogc) -> None:
    page = ogc.features("persons", limit=3)
    assert {f["properties"]["name"] for f in page} == {"王**"}
    (line,) = ogc.rows(
        "SELECT subject, route, persons, subjects::text[] FROM access_log ORDER BY entry_id DESC LIMIT 1"
    )
    assert line == ("persons", "/ogc/collections/{collection}/items", 3, [f["id"] for f in page])
    before = ogc.rows("SELECT count(*) FROM access_log")
    ogc.features("addresses")
    assert ogc.rows("SELECT count(*) FROM access_log") == before


GDAL = """
import json, sys, pyogrio
source, header_file = sys.argv[1:]
# GDAL_HTTP_HEADERS does not reach this driver, which puts an Accept of its own in its place.
pyogrio.set_gdal_config_options({"GDAL_HTTP_HEADER_FILE": header_file})
found = {}
for name, _ in pyogrio.list_layers(source):
    frame = pyogrio.read_dataframe(source, layer=name)
    found[name] = [len(frame), int(frame.geometry.notna().sum()), str(frame.crs)]
print(json.dumps(found))
"""


def test_gdal_reads_every_collection_in_full(ogc: Ogc, tmp_path: Path) -> None:
    """In a process of its own: GDAL keeps the interpreter to itself while it waits, and the service is in this one."""
    headers = tmp_path / "headers"
    headers.write_text(f"X-API-Key: {ogc.keys['analyst']}\n")
    source = f"OAPIF:{ogc.client.base_url.join('/ogc')}"
    run = [sys.executable, "-c", GDAL, source, str(headers)]
    ended = subprocess.run(run, capture_output=True, text=True, timeout=100, env={"no_proxy": "127.0.0.1"}, check=False)
    assert ended.returncode == 0, ended.stderr
    read = json.loads(ended.stdout)
    assert set(read) == set(COLLECTIONS)
    for collection, (count, placed, crs) in read.items():
        expected = ogc.features(collection, limit=1000)
        assert (collection, count) == (collection, len(expected))
        assert placed == sum(f["geometry"] is not None for f in expected), collection
        assert re.search("4326|CRS84", crs), crs
