"""Outlines over a real socket: what is asked is answered, and what is no outline is refused by its field, at once."""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, TextClause, create_engine, text

from addressbook.config import Settings
from addressbook.privacy.keys import create_key
from addressbook.privacy.policy import AccessRole
from addressbook.store.engine import transaction
from addressbook.store.squares import mark_stale
from api import create_app
from api.edge import MOST_BODY_BYTES
from tests.live_server import served
from tests.small_world import COUNTY, HERE, OTHER_TOWN, TOWN, build
from tests.test_area_drawn import BAD
from tests.worlds import until

SQUARE: dict[str, Any] = {"type": "Polygon", "coordinates": [[[120, 30], [121, 30], [121, 31], [120, 31], [120, 30]]]}
LINE: dict[str, Any] = {"type": "LineString", "coordinates": [[120.04, 30.2], [120.06, 30.2]]}


@pytest.fixture(scope="module", name="url")
def _url(make_database: Callable[[], str]) -> str:
    return make_database()


@pytest.fixture(scope="module", name="client")
def _client(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    home = tmp_path_factory.mktemp("areas")
    engine = create_engine(url)
    build(engine)
    with transaction(engine) as connection:
        key = create_key(connection, AccessRole.ANALYST, "analyst")
    engine.dispose()
    file = home / "secret.key"
    file.write_bytes(base64.b64encode(bytes(32)))
    file.chmod(0o600)
    with served(create_app(Settings(database_url=url, home=home))) as client:
        client.headers["X-API-Key"] = key
        yield client


def test_a_polygon_and_a_line_with_a_width_are_answered_as_an_area_is(client: httpx.Client) -> None:
    drawn = client.post("/areas/view", json={"geometry": SQUARE, "month": "2025-05"}).json()
    cell = client.get("/areas/grid-1/view", params={"month": "2025-05"}).json()
    assert drawn.keys() == cell.keys()
    assert drawn["area"]["kind"] == "drawn"
    assert drawn["elements"]["person"] == cell["elements"]["person"]
    near = client.post("/areas/view", json={"geometry": LINE, "buffer_m": 20}).json()
    assert near["addresses"] == cell["addresses"]
    assert near["top"]["addresses"][0]["events"] == 4


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_outline_is_refused_by_its_field(client: httpx.Client, name: str) -> None:
    geometry, field = BAD[name]
    body = json.dumps({"geometry": geometry})  # NaN, Infinity and numbers of any length, as nobody should send them
    answer = client.post("/areas/view", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["field"] == field


BODIES = {
    "brackets without an end": b'{"geometry": ' + b"[" * 200_000,
    "brackets that nest": b'{"geometry": {"type": "Polygon", "coordinates": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
    "a million digits": b'{"geometry": {"type": "Polygon", "coordinates": [[[' + b"9" * 1_000_000 + b",0]]]}}",
    "a huge number": b'{"geometry": {"type": "Polygon", "coordinates": [[[1e400,0]]]}}',
    "half a million positions": json.dumps({"geometry": {"type": "LineString", "coordinates": [[0, 0]] * 400_000},
                                            "buffer_m": 5}).encode(),
    "too large": b'{"geometry": {"type": "Polygon"}, "x": "' + b"a" * MOST_BODY_BYTES + b'"}',
    "no object": b"[]",
    "no body": b"",
    "another member": b'{"geometry": {}, "geom": 1}',
    "a width in words": json.dumps({"geometry": LINE, "buffer_m": "50"}).encode(),
    "a width that is not a number": b'{"geometry": {"type": "Point", "coordinates": [120, 30]}, "buffer_m": NaN}',
    "a month that is none": json.dumps({"geometry": SQUARE, "month": "2025-13"}).encode(),
    "a comb that crosses itself a thousand times": json.dumps({"geometry": {"type": "Polygon", "coordinates": [
        [[n % 2, n / 100] for n in range(1000)] + [[n % 2, n / 100 + 0.005] for n in range(1000, 0, -1)] + [[0, 0]]]},
    }).encode(),
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_what_cannot_be_meant_is_the_senders_fault(client: httpx.Client, name: str) -> None:
    answer = client.post("/areas/view", content=BODIES[name], headers={"Content-Type": "application/json"})
    assert 400 <= answer.status_code < 500, answer.text
    assert client.post("/areas/view", json={"geometry": SQUARE}).status_code == 200


def test_the_service_counts_the_squares_anew_that_a_change_has_made_stale(client: httpx.Client, url: str) -> None:
    engine = create_engine(url)
    stale = text("SELECT count(*) FROM area_tiling WHERE stale_since IS NOT NULL")
    until(lambda: _one(engine, stale) == 0)
    with engine.begin() as connection:
        mark_stale(connection, [HERE])
    assert _one(engine, stale) == 1
    before = client.post("/areas/view", json={"geometry": SQUARE}).json()
    until(lambda: _one(engine, stale) == 0)
    assert client.post("/areas/view", json={"geometry": SQUARE}).json() == before
    engine.dispose()


def _one(engine: Engine, asked: TextClause) -> Any:
    with engine.connect() as connection:
        return connection.execute(asked).scalar_one()


def test_areas_side_by_side_come_as_data_as_columns_and_as_a_map(client: httpx.Client) -> None:
    asked = {"codes": f"{TOWN},{OTHER_TOWN}", "by": "category"}
    data = client.get("/areas/compare", params=asked).json()
    assert [row["code"] for row in data["rows"]] == [TOWN, OTHER_TOWN]
    table = client.get("/areas/compare", params={**asked, "format": "csv"})
    assert table.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(table.content.decode("utf-8-sig"))))
    assert [row["code"] for row in rows] == [f"\t{TOWN}", f"\t{OTHER_TOWN}"]
    assert int(rows[0]["噪声"]) == data["rows"][0]["values"]["噪声"]
    features = client.get("/areas/compare", params={**asked, "format": "geojson"})
    assert features.headers["content-type"].startswith("application/geo+json")
    assert features.json()["features"][0]["properties"]["total"] == data["rows"][0]["total"]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 422), ({"codes": ","}, 400), ({"codes": "999"}, 404), ({"codes": COUNTY, "by": "weather"}, 422),
        ({"codes": COUNTY, "kind": "address"}, 422), ({"codes": COUNTY, "colour": "red"}, 400),
    ],
)  # fmt: skip
def test_a_comparison_of_nothing_is_refused(client: httpx.Client, asked: dict[str, str], status: int) -> None:
    assert client.get("/areas/compare", params=asked).status_code == status
