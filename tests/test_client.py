"""The Python client against the service on a real socket: one set of questions, two transports, typed problems."""

from __future__ import annotations

import asyncio
import json
import logging
import pickle
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import geopandas
import pytest
from fastapi import FastAPI, Request
from shapely.geometry import LineString, box
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse

from addressbook.cli.files import files
from addressbook.client import (
    AsyncClient,
    BadQuestion,
    Client,
    ExportFailed,
    ExportJob,
    KeyRefused,
    NotAllowed,
    NotFound,
    Patience,
    Problem,
    TooManyAsked,
    Unavailable,
    Unreachable,
    Unreadable,
    awaiting,
    exporting,
    frame,
    questions,
    waiting,
)
from addressbook.client.carrying import Connection
from addressbook.config import Settings
from addressbook.errors import InputError
from addressbook.privacy.policy import AccessRole
from api import create_app
from api.schemas import MOST_PAIRS, MOST_TEXTS
from tests.live_server import served
from tests.ogc_world import Ogc, served_ogc
from tests.small_world import HERE, OTHER_TOWN, THERE, TOWN

ROOM_TEXT = "市心北路260号3幢1单元502"
HURRIED = Patience(tries=3, first_wait_s=0.0)


@pytest.fixture(scope="module")
def ogc(make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ogc]:
    with served_ogc(make_database(), tmp_path_factory.mktemp("home")) as world:
        yield world


@pytest.fixture
def client(ogc: Ogc) -> Iterator[Client]:
    with Client(str(ogc.client.base_url), ogc.keys["analyst"]) as client:
        yield client


def test_every_question_is_answered(ogc: Ogc, client: Client) -> None:
    room, building = ogc.codes.room, ogc.codes.building
    assert client.address(room)["properties"]["name"] == "502室"
    assert client.address_view(building)["building"]["rooms"] == 2
    assert client.ids(ogc.codes.retired_room)["state"] == "retired"
    assert client.area(TOWN)["geometry"] is not None
    assert client.area_view(TOWN, month="2025-05")["event_comparison"]["count"] == 2
    assert [part["id"] for part in client.area_children(TOWN)] == [HERE, THERE]
    assert [row["code"] for row in client.compare_areas([OTHER_TOWN, TOWN])["rows"]] == [TOWN, OTHER_TOWN]
    assert client.search("南岸明珠", kind=["address"])[0]["code"] == ogc.codes.compound
    assert client.resolve(ROOM_TEXT)["aid"] == room
    assert client.explain(ROOM_TEXT)["stages"]
    assert client.compare([("市心北路260号3幢501", "市心北路260号3幢502")])[0]["verdict"] == "part"
    assert client.count("addresses", category=["H"], state="current,retired") == 4
    assert len(client.changes(0).all()) == 12


def test_a_polygon_and_a_line_of_shapely_are_outlines(client: Client) -> None:
    within = client.area_outline(box(120.0, 30.1, 120.1, 30.3))
    along = client.area_outline(LineString([(120.04, 30.2), (120.06, 30.2)]), buffer_m=100)
    drawn = client.area_outline({"type": "Point", "coordinates": [120.15, 30.2]}, buffer_m=5)
    counts = [one["elements"]["enterprise"]["total"] for one in (within, along, drawn)]
    assert counts == [1, 1, 1]
    assert along["area"]["area_m2"] < within["area"]["area_m2"]


def test_items_follow_the_pages_to_the_end(ogc: Ogc, client: Client) -> None:
    assert [one["id"] for one in client.items("addresses", page=2)] == ogc.every("addresses", limit=1000)
    rooms = client.items("addresses", page=1, aid=ogc.codes.building, cql2="kind = 'H'")
    assert {one["properties"]["kind"] for one in rooms} == {"H"}
    assert len(rooms.all()) == len(rooms.all()) == 2


def test_changes_are_followed_to_the_newest(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = client.changes().all()
    monkeypatch.setattr(questions, "PAGE_LINES", 5)
    assert client.changes(0).all() == whole
    assert {line["tx"] for line in whole} == {1}
    assert client.changes(1).all() == []


def test_a_filter_is_text_or_json(client: Client) -> None:
    as_json = {"op": "=", "args": [{"property": "kind"}, "C"]}
    found = [client.items("addresses", cql2=condition).all() for condition in ("kind = 'C'", as_json)]
    assert found[0] == found[1]
    assert [one["properties"]["name"] for one in found[0]] == ["南岸明珠"]
    assert client.items("enterprises", bbox=(120.1, 30.0, 120.2, 30.4), properties=["name"]).all()[0]["properties"] == {
        "name": "测试公司"
    }


def test_features_become_a_frame(client: Client) -> None:
    addresses = client.items("addresses", page=3).frame()
    assert isinstance(addresses, geopandas.GeoDataFrame)
    assert addresses.crs == "OGC:CRS84"
    assert addresses.set_index("name").geometry["南岸明珠"].coords[0] == (120.05, 30.2)
    assert addresses.set_index("name").geometry["市心北路"] is None
    assert list(client.area_children(TOWN).frame()["id"]) == [HERE, THERE]
    assert client.compare_areas_on_map([TOWN]).frame()["total"].sum() == 4
    assert len(client.items("addresses", cql2="name = '无'").frame()) == len(frame([])) == 0
    texts = client.resolve_many([ROOM_TEXT, ""]).frame()
    assert [point is not None for point in texts.geometry] == [True, False]


def test_texts_and_pairs_go_in_batches_and_come_in_order(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "MOST_TEXTS", 2)
    monkeypatch.setattr(questions, "MOST_PAIRS", 2)
    texts = [f"市心北路260号3幢1单元{room}" for room in (502, 1001, 9999, 502)] + ["half \ud800"]
    assert [one["text"] for one in client.resolve_many(texts)] == [*texts[:4], "half \ufffd"]
    assert client.resolve_many([]) == []
    pairs = [("3幢501室", f"3幢{room}室") for room in (501, 502, 501)]
    assert [one["verdict"] for one in client.compare(iter(pairs))] == ["same", "different", "same"]


def test_batches_are_as_large_as_the_service_takes() -> None:
    assert (questions.MOST_TEXTS, questions.MOST_PAIRS) == (MOST_TEXTS, MOST_PAIRS)
    long = ["路" * 10_000] * 200
    assert all(len(str(batch).encode("unicode_escape")) < 4 << 20 for batch in questions.batches(long, MOST_TEXTS))


@pytest.mark.parametrize("name", ["a.csv", "a.geojson", "a.parquet"])
def test_an_export_is_a_whole_file(client: Client, tmp_path: Path, name: str) -> None:
    path = client.export("enterprises", tmp_path / name, category="批发业")
    assert path.stat().st_size > 100
    assert [file.name for file in tmp_path.iterdir()] == [name]
    if name == "a.geojson":
        assert set(geopandas.read_file(path)["name"]) == {"测试公司", "虚构公司"}


def test_a_refused_export_leaves_no_file(client: Client, tmp_path: Path) -> None:
    with pytest.raises(BadQuestion) as refused:
        client.export("addresses", tmp_path / "a.doc")
    assert refused.value.field == "format"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx", "a.gpkg", "a.parquet"])
def test_an_export_behind_the_request_is_the_same_file(client: Client, tmp_path: Path, name: str) -> None:
    told: list[ExportJob] = []
    path = client.export_behind("enterprises", tmp_path / name, category="批发业", told=told.append, every_s=0.05)
    assert [file.name for file in tmp_path.iterdir()] == [name]
    assert (told[-1]["state"], told[-1]["rows"], told[-1]["format"]) == ("done", 2, name[2:])
    if name == "a.csv":
        assert path.read_bytes() == client.export("enterprises", tmp_path / "b.csv", category="批发业").read_bytes()
    if name == "a.gpkg":
        assert set(geopandas.read_file(path)["name"]) == {"测试公司", "虚构公司"}


def test_an_export_that_was_begun_is_found_again_by_its_number(ogc: Ogc, client: Client, tmp_path: Path) -> None:
    job = client.export_begin("addresses", format="ndjson", cql2="kind = 'H'")
    with Client(str(ogc.client.base_url), ogc.keys["analyst"]) as later:
        path = later.export_fetch(job["job_id"], tmp_path / "rooms.ndjson", every_s=0.05)
        assert {json.loads(line)["properties"]["kind"] for line in path.read_text().splitlines()} == {"H"}
        assert later.export_job(job["job_id"])["state"] == "done"
    with Client(str(ogc.client.base_url), ogc.keys["admin"]) as other, pytest.raises(NotFound):
        other.export_job(job["job_id"])


def test_an_export_that_comes_to_no_file_is_a_problem_and_leaves_none(ogc: Ogc, client: Client, tmp_path: Path) -> None:
    job_id = client.export_begin("addresses")["job_id"]
    client.export_fetch(job_id, tmp_path / "whole.csv", every_s=0.05).unlink()
    with ogc.engine.begin() as connection:
        failed_job = "UPDATE export_job SET state = 'failed', fault_zh = '磁盘已满。', fault_en = 'full.'"
        connection.exec_driver_sql(f"{failed_job} WHERE job_id = {job_id}")
    assert client.export_cancel(job_id)["state"] == "failed"
    with pytest.raises(ExportFailed, match="full") as failed:
        client.export_fetch(job_id, tmp_path / "a.csv")
    assert "磁盘已满" in failed.value.zh
    with pytest.raises(BadQuestion) as refused:
        client.export_behind("addresses", tmp_path / "a.doc")
    assert refused.value.field == "format"
    assert list(tmp_path.iterdir()) == []


def test_problems_say_what_the_service_said(ogc: Ogc, client: Client) -> None:
    with pytest.raises(BadQuestion) as wrong:
        client.items("addresses", bbox=(1.0, 2.0, 3.0, 200.0)).all()
    assert (wrong.value.status, wrong.value.field) == (400, "bbox")
    assert wrong.value.detail_zh != wrong.value.detail
    with pytest.raises(NotFound):
        client.area("330199")
    url = str(ogc.client.base_url)
    with Client(url) as nobody, pytest.raises(KeyRefused) as unknown:
        nobody.address(ogc.codes.room)
    assert "X-API-Key" in unknown.value.remedy
    with Client(url, ogc.keys["public"]) as public, pytest.raises(NotAllowed):
        public.address(ogc.codes.room)
    again = pickle.loads(pickle.dumps(wrong.value))  # noqa: S301 - our own
    assert (type(again), again.status, again.field, str(again)) == (BadQuestion, 400, "bbox", str(wrong.value))


def test_an_unknown_purpose_is_a_problem_and_a_known_one_is_on_record(ogc: Ogc) -> None:
    url, key = str(ogc.client.base_url), ogc.keys["analyst"]
    with Client(url, key, purpose="none_such") as client, pytest.raises(BadQuestion) as refused:
        client.count("persons")
    assert refused.value.field == "X-Purpose"
    with Client(url, key, purpose="address_verification") as client:
        assert len(client.items("persons").all()) > 0
    assert ogc.rows("SELECT purpose FROM access_log ORDER BY entry_id DESC LIMIT 1") == [("address_verification",)]


def test_the_key_is_in_no_text_and_no_log(ogc: Ogc, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    key = ogc.keys["analyst"]
    with Client(str(ogc.client.base_url), key) as client:
        client.area(TOWN)
        shown = [repr(client), repr(client._connection), repr(client._http.headers), repr(AsyncClient("http://h", key))]
    with Client("http://127.0.0.1:9", key) as client, pytest.raises(Unreachable) as lost:
        client.area(TOWN)
    shown += [str(lost.value), repr(lost.value.__cause__), caplog.text]
    assert "HTTP Request" in caplog.text
    assert not [text for text in shown if key in text]


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://h", "http://", "http://name:word@h", "http://h?key=1", ""])
def test_what_is_no_address_of_a_service_is_refused_at_once(url: str) -> None:
    with pytest.raises(InputError):
        Connection(url)


def test_a_key_that_is_none_is_refused_before_it_is_sent() -> None:
    with pytest.raises(InputError) as refused:
        Connection("http://h", "密钥")
    assert "密钥" not in str(refused.value)


def test_whoever_uses_it_has_its_types(tmp_path: Path) -> None:
    """Of the package as it is installed, and not of its source beside it."""
    (tmp_path / "use.py").write_text(
        "from addressbook.client import Client\n"
        "with Client('http://127.0.0.1:8000', 'abk_x') as client:\n"
        "    reveal_type(client.area_children('330109'))\n"
        "    client.area_children(330109)\n"
    )
    mypy = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache"), "use.py"]
    said = subprocess.run(mypy, cwd=tmp_path, capture_output=True, text=True, check=False).stdout
    assert "addressbook.client.shapes.Features" in said
    assert "[arg-type]" in said


def test_both_clients_ask_the_same_questions() -> None:
    asked = {name for module in (questions, exporting) for name in vars(module) if not name.startswith("_")}
    sync, later = vars(waiting.Client), vars(awaiting.AsyncClient)
    methods = {name for name in sync if not name.startswith("_")} - {"ask", "close"}
    assert methods == {name for name in later if not name.startswith("_")} - {"ask", "close"}
    assert methods <= asked
    assert all(sync[name].__doc__ == later[name].__doc__ for name in methods)


def test_the_client_of_asyncio_answers_the_same(ogc: Ogc, client: Client, tmp_path: Path) -> None:
    async def ask() -> dict[str, Any]:
        async with AsyncClient(str(ogc.client.base_url), ogc.keys["analyst"]) as later:
            views = await asyncio.gather(*(later.area_view(code) for code in (TOWN, OTHER_TOWN)))
            with pytest.raises(NotFound):
                await later.area("330199")
            path = await later.export("addresses", tmp_path / "a.csv")
            return {
                "views": views,
                "ids": [one["id"] async for one in later.items("addresses", page=2)],
                "frame": len(await later.items("addresses", page=4).frame()),
                "file": path.read_bytes(),
                "behind": (await later.export_behind("addresses", tmp_path / "c.csv", every_s=0.05)).read_bytes(),
                "resolved": await later.resolve(ROOM_TEXT),
                "changes": await later.changes(0).all(),
            }

    found = asyncio.run(ask())
    assert found["views"] == [client.area_view(TOWN), client.area_view(OTHER_TOWN)]
    assert found["ids"] == [one["id"] for one in client.items("addresses")]
    assert found["frame"] == len(found["ids"])
    assert found["file"] == client.export("addresses", tmp_path / "b.csv").read_bytes()
    assert found["behind"] == found["file"]
    assert found["resolved"] == client.resolve(ROOM_TEXT)
    assert found["changes"] == client.changes(0).all()


def test_a_key_that_asks_too_much_waits_as_long_as_it_is_told(ogc: Ogc, tmp_path: Path) -> None:
    url = ogc.engine.url.render_as_string(hide_password=False)
    app = create_app(Settings(database_url=url, home=tmp_path, key_requests_per_second=0.5), files())
    with served(app) as slow:
        base, key = str(slow.base_url), ogc.key(AccessRole.VIEWER)
        with Client(base, key, patience=Patience(tries=1)) as hasty:
            hasty.area(TOWN)
            with pytest.raises(TooManyAsked) as refused:
                [hasty.area(TOWN) for _ in range(20)]
        assert refused.value.retry_after_s in (1, 2)
        with Client(base, key) as patient:
            assert [patient.area(TOWN)["id"] for _ in range(2)] == [TOWN, TOWN]


class Peer:
    """A service that is ill, or what stands in its place: answers in the order they are prepared."""

    def __init__(self) -> None:
        self.app = FastAPI()
        self.answers: list[Response] = []
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.app.add_route("/{path:path}", self._answer, methods=["GET", "POST"])

    async def _answer(self, request: Request) -> Response:
        self.seen.append((request.url.path, request.url.query, dict(request.headers)))
        return self.answers.pop(0)


@pytest.fixture
def peer() -> Iterator[tuple[Peer, str]]:
    ill = Peer()
    with served(ill.app) as there:
        yield ill, str(there.base_url).rstrip("/")


def refusal(status: int, name: str = "database-unreachable", **headers: str) -> Response:
    return JSONResponse({"type": f"urn:addressbook:problem:{name}", "status": status, "detail": "no."}, status, headers)


FINE = {"id": TOWN}


def test_a_service_that_comes_back_is_asked_again(peer: tuple[Peer, str]) -> None:
    ill, url = peer
    later = {"Retry-After": "Fri, 31 Dec 1999 23:59:30 GMT", "Date": "Fri, 31 Dec 1999 23:59:30 GMT"}
    ill.answers = [refusal(503, **{"Retry-After": "0"}), refusal(429, **later), JSONResponse(FINE)]
    with Client(url, patience=HURRIED) as client:
        assert client.area(TOWN) == FINE
    ill.answers = [refusal(503), refusal(503), JSONResponse(FINE)]

    async def ask() -> Any:
        async with AsyncClient(url, patience=HURRIED) as client:
            return await client.area(TOWN)

    assert asyncio.run(ask()) == FINE


def test_patience_ends(peer: tuple[Peer, str]) -> None:
    ill, url = peer
    with Client(url, patience=HURRIED) as client:
        for answers in ([refusal(503)] * 3, [refusal(503, "too-slow")], [refusal(503, **{"Retry-After": "3600"})]):
            ill.answers = list(answers)
            with pytest.raises(Unavailable):
                client.area(TOWN)
            assert ill.answers == []
        ill.answers = [PlainTextResponse("bad gateway", 502)]
        with pytest.raises(Unavailable) as refused:
            client.area(TOWN)
    assert refused.value.detail == "the service answered 502 Bad Gateway."


def test_what_is_no_answer_of_the_service_is_unreadable(peer: tuple[Peer, str]) -> None:
    ill, url = peer
    with Client(url) as client:
        for body in ("<html>log in</html>", "[]", '{"results": []}'):
            ill.answers = [PlainTextResponse(body)]
            with pytest.raises(Unreadable):
                client.resolve(ROOM_TEXT)


def test_a_link_or_a_redirect_takes_the_key_nowhere_else(peer: tuple[Peer, str]) -> None:
    ill, url = peer
    page: dict[str, Any] = {
        "features": [],
        "links": [{"rel": "next", "href": "http://elsewhere.example/x?cursor=a%2Bb"}],
    }
    ill.answers = [JSONResponse(page), JSONResponse({"features": [], "links": []})]
    with Client(f"{url}/registry", "abk_k") as client:
        assert client.items("addresses").all() == []
        assert [seen[:2] for seen in ill.seen][1] == ("/registry/ogc/collections/addresses/items", "cursor=a%2Bb")
        ill.answers = [RedirectResponse("http://elsewhere.example/")]
        with pytest.raises(Problem, match="307"):
            client.area(TOWN)
    assert {seen[2]["authorization"] for seen in ill.seen} == {"Bearer abk_k"}


def test_a_file_that_breaks_off_is_not_left_behind(peer: tuple[Peer, str], tmp_path: Path) -> None:
    ill, url = peer

    async def broken() -> AsyncIterator[bytes]:
        yield b"a,b\n"
        raise RuntimeError("gone")

    kept = tmp_path / "a.csv"
    kept.write_text("of yesterday")
    ill.answers = [StreamingResponse(broken())]
    with Client(url) as client, pytest.raises(Unreachable):
        client.export("addresses", kept)
    assert kept.read_text() == "of yesterday"
    assert list(tmp_path.iterdir()) == [kept]


def test_who_does_not_answer_in_time_is_unreachable(peer: tuple[Peer, str]) -> None:
    ill, url = peer

    class Never(Response):
        async def __call__(self, *_: Any) -> None:
            await asyncio.sleep(1)

    ill.answers = [Never()]
    with Client(url, timeout_s=0.05) as client, pytest.raises(Unreachable):
        client.area(TOWN)
