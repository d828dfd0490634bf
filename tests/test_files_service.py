"""Files over HTTP: division changes uploaded and applied to their end, review sheets there and back, snapshots."""

from __future__ import annotations

import csv
import io
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import geopandas
import httpx
import pytest
from sqlalchemy import Engine, text

from addressbook.privacy.policy import AccessRole
from addressbook.registry.review import Verdict
from addressbook.store.batches import MINT_LOCK
from api.edge import MOST_UPLOAD_BYTES, UPLOADS
from api.files import one_of_few
from tests.desk import Desk, refused, served_desk
from tests.division_worlds import DAY, OLD, DivisionWorld, square
from tests.live_server import ask_and_go_away
from tests.review_world import CLERK, MISSPELT, UNKNOWN_ROOM, ReviewDesk, people
from tests.test_division_changes import CARVED, MOVED, TEXTS, without
from tests.test_review_sheets import DECISION, KEY, TEXT, cells, fill
from tests.worlds import (
    ROOM,
    Terminal,
    World,
    csv_text,
    feature,
    is_held_up,
    until,
    write_csv,
    write_geojson,
    write_workbook,
)

ADMIN = AccessRole.ADMIN
WHERE = {"below": "3301", "effective": DAY.isoformat()}
WHY = {"reason": "年度区划调整", "document": "民发〔2026〕1号"}
PLAN, CHANGES = "/registry/divisions/plan/files", "/registry/divisions/changes"


def list_of(names: Mapping[str, str]) -> bytes:
    """The list as a file."""
    return csv_text([{"code": code, "name": name} for code, name in names.items()]).encode()


@pytest.fixture(name="city")
def _city(database: Engine, tmp_path: Path) -> Iterator[Desk]:
    world = DivisionWorld(database, tmp_path)
    world.clear()
    world.begin_as("two districts without people", lambda: draw_city(world))
    with served_desk(world, tmp_path) as desk:
        yield desk


def draw_city(world: DivisionWorld) -> None:
    world.begin(OLD)
    world.texts(TEXTS)


@pytest.fixture(name="desk")
def _desk(estate: World, tmp_path: Path) -> Iterator[Desk]:
    Terminal.open("", tmp_path)  # the service's secret is that of the worlds
    with served_desk(estate, tmp_path) as desk:
        yield desk


def send(desk: Desk, path: str, names: Mapping[str, str] | bytes, role: AccessRole = ADMIN, **more: Any) -> Any:
    """Upload a list; `more` are other fields, or other files where they are pairs of a name and bytes."""
    content = names if isinstance(names, bytes) else list_of(names)
    files = {"divisions": ("清单 2025.csv", content)}
    files |= {name: value for name, value in more.items() if isinstance(value, tuple)}
    data = {**WHERE, **(WHY if path == CHANGES else {})}
    data |= {name: value for name, value in more.items() if isinstance(value, str)}
    return desk.ask("POST", path, role, data=data, files=files)


def events(desk: Desk, kind: str = "divisions") -> list[int]:
    return [row[0] for row in desk.world.rows(
        "SELECT event_id FROM registry_event WHERE kind = :kind ORDER BY 1", kind=kind
    )]  # fmt: skip


@contextmanager
def nobody_may_change(world: World) -> Iterator[None]:
    """Somebody else's transaction under the lock that registry transactions wait for."""
    with world.engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MINT_LOCK})
        yield


def test_a_plan_from_files_is_that_of_the_list_and_changes_nothing(city: Desk) -> None:
    rows = [{"code": code, "name": name} for code, name in MOVED.items()]
    in_json = city.ask("POST", "/registry/divisions/plan", json={**WHERE, "divisions": rows})
    assert in_json.status_code == 200, in_json.text
    before = city.world.snapshot()
    assert send(city, PLAN, MOVED, AccessRole.REVIEWER).json() == in_json.json()
    book = write_workbook(city.world.folder / "list.xlsx", [["代码", "名称"], *MOVED.items()])
    assert send(city, PLAN, book.read_bytes()).json() == in_json.json()
    gb = csv_text([{"代码": code, "名称": name} for code, name in MOVED.items()]).encode("gb18030")
    assert send(city, PLAN, gb).json() == in_json.json()
    assert city.world.snapshot() == before


def test_a_list_is_applied_listed_and_taken_back(city: Desk) -> None:
    old = city.resolve(TEXTS[0])
    answer = send(city, CHANGES, MOVED)
    assert answer.status_code == 200, answer.text
    done = answer.json()
    assert (done["changes"]["moved"]["town"], done["changed"]) == (1, done["addresses"])
    new = TEXTS[0].replace("云溪区石渡镇", "月塘区石渡镇")
    assert old is not None
    assert [city.resolve(words) for words in (TEXTS[0], new)] == [old, old]
    listed = city.ask("GET", CHANGES, params={"limit": 1}).json()
    (change,) = listed["items"]
    assert (change["event_id"], change["kind"], change["source_document"]) == (
        done["event_id"], "divisions", WHY["document"],
    )  # fmt: skip
    assert change["actor"].startswith("desk admin (key ")
    (following,) = [link["href"] for link in listed["links"] if link["rel"] == "next"]
    assert [item["kind"] for item in city.ask("GET", following).json()["items"]] == ["divisions_begin"]
    city.ask("POST", f"/registry/events/{done['event_id']}/revert", json={"reason": "清单有误"})
    (change, _) = city.ask("GET", CHANGES).json()["items"]
    assert change["reverted_by"] is not None
    assert city.resolve(TEXTS[0]) == old


def test_successions_and_outlines_go_with_the_list(city: Desk) -> None:
    pairs = [("330197002000", "330197002000"), ("330197002000", "330197003000")]
    successions = csv_text([{"old_code": old, "new_code": new} for old, new in pairs]).encode()
    ring = [[[120.5, 30.0], [120.9, 30.0], [120.9, 30.4], [120.5, 30.4], [120.5, 30.0]]]
    outline = {
        **feature({"code": square("330197003000", 0, 1).code}),
        "geometry": {"type": "Polygon", "coordinates": ring},
    }
    boundaries = write_geojson(city.world.folder / "outlines.geojson", [outline]).read_bytes()
    more = {"successions": ("settled.csv", successions), "boundaries": ("outlines.geojson", boundaries)}
    answer = send(city, CHANGES, CARVED, coordinates="cgcs2000", **more)
    assert answer.status_code == 200, answer.text
    assert answer.json()["changes"]["split"] == {"town": 1}
    assert city.world.one("SELECT count(*) FROM area WHERE code = '330197003000'") == 1


@pytest.mark.parametrize(
    ("content", "status", "line", "field", "remedy"),
    [
        (b"code,name\n330197,\xe4\xba\x91\n33019x,x\n", 400, 3, "code", "Give 2, 4, 6, 9 or 12 digits."),
        (b"code,name\n330197,\xe4\xba\x91\n330197001,\n", 400, 3, "name", "Fill in the name."),
        (b"code,name\n440101,x\n", 400, 2, "code", "Give the list of that division, or another --below."),
        (b"a,b\n1,2\n", 400, None, None, None),
        (b"", 400, None, None, None),
        (b"%PDF-1.7", 400, None, None, None),
    ],
)
def test_a_fault_of_a_list_names_line_field_and_remedy(
    city: Desk, content: bytes, status: int, line: int | None, field: str | None, remedy: str | None
) -> None:
    for path in (PLAN, CHANGES):
        found = refused(send(city, path, content), status)
        assert (found.get("line"), found.get("field")) == (line, field)
        assert remedy is None or found["remedy"] == remedy
        assert "addressbook-" not in json.dumps(found), "the server's own folders are nobody's business"
    assert events(city) == []


def test_what_may_not_be_sent(city: Desk) -> None:
    refused(send(city, CHANGES, MOVED, AccessRole.REVIEWER), 403)
    refused(send(city, PLAN, MOVED, AccessRole.LOADER), 403)
    misspelt = refused(send(city, CHANGES, MOVED, succesions=("x.csv", b"old_code,new_code\n")), 422)
    assert misspelt["field"] == "succesions"
    refused(send(city, PLAN, MOVED, effective="someday"), 422)
    refused(send(city, PLAN, MOVED, coordinates="mars"), 422)
    refused(city.ask("POST", PLAN, ADMIN, data=WHERE), 422)
    refused(city.ask("POST", PLAN, ADMIN, json={}), 422)
    refused(send(city, PLAN, b"x" * MOST_UPLOAD_BYTES), 413)
    assert refused(send(city, CHANGES, dict(OLD)), 409)["rule"] == "unchanged"
    future = refused(send(city, CHANGES, MOVED, effective="2999-01-01"), 409)
    assert future["rule"] == "future"
    assert events(city) == []


def test_the_bound_of_uploads_is_that_of_the_routes_that_take_files(city: Desk) -> None:
    paths = city.client.get("/openapi.json").json()["paths"]
    takes = {
        path for path, item in paths.items()
        if "multipart/form-data" in item.get("post", {}).get("requestBody", {}).get("content", {})
    }  # fmt: skip
    assert takes == UPLOADS


def test_a_change_is_done_to_its_end_although_the_client_went_away(city: Desk) -> None:
    request = city.client.build_request(
        "POST", CHANGES, headers={"X-API-Key": city.keys[ADMIN]}, data={**WHERE, **WHY},
        files={"divisions": ("list.csv", list_of(MOVED))},
    )  # fmt: skip
    with nobody_may_change(city.world):
        ask_and_go_away(request, lambda: until(lambda: is_held_up(city.world)))
        assert events(city) == []
    until(lambda: events(city))
    assert city.resolve(TEXTS[0].replace("云溪区石渡镇", "月塘区石渡镇")) == city.resolve(TEXTS[0])
    assert isinstance(city.world, DivisionWorld)
    city.world.check_stored()


def test_while_one_list_is_applied_another_is_told_to_wait(city: Desk) -> None:
    answers: list[httpx.Response] = []
    with nobody_may_change(city.world):
        first = threading.Thread(target=lambda: answers.append(send(city, CHANGES, MOVED)))
        first.start()
        until(lambda: is_held_up(city.world))
        told = refused(send(city, CHANGES, MOVED), 409)
        assert told["type"].endswith("busy")
    first.join()
    assert [answer.status_code for answer in answers] == [200]
    assert len(events(city)) == 1


def test_a_sheet_goes_out_and_comes_back(desk: Desk) -> None:
    review = ReviewDesk(desk.world)
    one, other, third = review.wait("people", people(UNKNOWN_ROOM, MISSPELT, UNKNOWN_ROOM.replace("509", "510")))
    answer = desk.ask("GET", "/review/sheet")
    assert answer.status_code == 200, answer.text
    assert 'filename="review.xlsx"' in answer.headers["content-disposition"]
    path = desk.world.folder / "review.xlsx"
    path.write_bytes(answer.content)
    assert len(cells(path, TEXT)) == 3
    fill(path, {DECISION: "都不是"}, {DECISION: "选1"}, {DECISION: "不是地址"})
    review.say(third, Verdict.NONE, CLERK)
    told = upload(desk, path).json()
    assert told["counts"] == {"done": 2, "conflict": 1}
    assert [(line["end"], line["items"]) for line in told["lines"]] == [("done", 1), ("done", 1), ("conflict", 0)]
    assert CLERK.actor in told["lines"][2]["zh"]
    decided = desk.world.rows("SELECT review_id, verdict, actor FROM review_decision ORDER BY 1")
    assert [(item, verdict) for item, verdict, _ in decided] == [(one, "none"), (other, "chosen"), (third, "none")]
    assert decided[0][2] == "街道 (key 6)" or decided[0][2].startswith("街道 (key ")
    assert upload(desk, path).json()["counts"] == {"unchanged": 2, "conflict": 1}
    desk.world.check_stored()


def upload(desk: Desk, path: Path, role: AccessRole = AccessRole.REVIEWER, **data: str) -> httpx.Response:
    files = {"sheet": (path.name, path.read_bytes())}
    return desk.ask("POST", "/review/sheet", role, files=files, data={"actor": "街道", **data})


def test_a_sheet_has_the_items_that_are_asked_for(desk: Desk) -> None:
    ReviewDesk(desk.world).wait("people", people(UNKNOWN_ROOM, MISSPELT))
    path = desk.world.folder / "some.xlsx"
    reason = desk.world.one("SELECT reason_code FROM review_item WHERE received_text = :words", words=MISSPELT)
    path.write_bytes(desk.ask("GET", "/review/sheet", params={"reason": reason, "kind": "person"}).content)
    assert cells(path, TEXT) == [MISSPELT]
    path.write_bytes(desk.ask("GET", "/review/sheet", params={"area": "330108"}).content)
    assert cells(path, TEXT) == [], "a sheet of no items is a sheet"
    refused(desk.ask("GET", "/review/sheet", params={"limit": 10_001}), 422)
    refused(desk.ask("GET", "/review/sheet", params={"aera": "330109"}), 400)


def test_a_sheet_obeys_the_rule_that_items_do(desk: Desk) -> None:
    """Only reviewers; identity numbers masked; who looked at how many persons is logged."""
    number = "330109199001011234"
    ReviewDesk(desk.world).wait("people", people(f"{UNKNOWN_ROOM}{number}"))
    before = desk.world.one("SELECT count(*) FROM access_log")
    answer = desk.ask("GET", "/review/sheet")
    path = desk.world.folder / "masked.xlsx"
    path.write_bytes(answer.content)
    (shown,) = cells(path, TEXT)
    item = desk.ask("GET", "/review").json()["items"][0]
    assert shown == item["received_text"]
    assert number not in shown
    logged = desk.world.rows("SELECT route, key_id FROM access_log ORDER BY 1 DESC")
    assert len(logged) > before
    assert ("/review/sheet",) in {row[:1] for row in logged}
    for role in (AccessRole.OFFICER, AccessRole.LOADER, AccessRole.VIEWER):
        refused(desk.ask("GET", "/review/sheet", role), 403)
        refused(upload(desk, path, role), 403)


def test_what_is_no_sheet_is_refused(desk: Desk) -> None:
    ReviewDesk(desk.world).wait("people", people(UNKNOWN_ROOM))
    path = desk.world.folder / "sheet.xlsx"
    path.write_text("键,所收文字\nx,y\n", encoding="utf-8")
    assert "决定" in refused(upload(desk, path), 400)["detail_zh"]
    path.write_bytes(desk.ask("GET", "/review/sheet").content)
    fill(path, {KEY: "R1-0-000000000000", DECISION: "都不是"})
    (line,) = upload(desk, path).json()["lines"]
    assert (line["end"], line["rule"]) == ("refused", "key")
    refused(upload(desk, path, reason="\n"), 422)


def snapshot(desk: Desk, **params: Any) -> httpx.Response:
    return desk.ask("GET", "/snapshot", AccessRole.VIEWER, params=params)


def test_a_snapshot_is_the_file_that_the_command_writes(desk: Desk, tmp_path: Path) -> None:
    room = str(desk.resolve(ROOM))
    before = desk.ask("GET", "/changes/checksum").json()["transaction"]
    body = {"transaction": "move", "aid": room, "point": [120.25, 30.18], "reason": "测绘"}
    event = desk.ask("POST", "/registry/transactions", json=body).json()["event_id"]
    then, now = snapshot(desk, tx=before), snapshot(desk)
    terminal = Terminal.open(desk.world.engine.url.render_as_string(hide_password=False), tmp_path / "home")
    assert terminal.run("export", "snapshot", "-o", tmp_path / "then.csv", "--at", str(before)).code == 0
    assert then.content == (tmp_path / "then.csv").read_bytes()
    assert (then.headers["content-encoding"], "accept-encoding" in then.headers["vary"].lower()) == ("zstd", True)
    tx = [answer.headers["addressbook-transaction"] for answer in (then, now)]
    assert tx == [str(before), str(event)]
    (row,) = [row for row in csv.DictReader(io.StringIO(now.text)) if row["aid"] == room]
    assert (row["lon"], row["lat"], row["tx"]) == ("120.25", "30.18", str(event))
    parquet = tmp_path / "now.parquet"
    parquet.write_bytes(snapshot(desk, format="geoparquet").content)
    table = geopandas.read_parquet(parquet).set_index("aid")
    assert len(table) == desk.world.one("SELECT count(*) FROM address")
    assert (table.geometry[room].x, table.geometry[room].y) == (120.25, 30.18)


def test_what_is_no_snapshot(desk: Desk) -> None:
    refused(snapshot(desk, tx=10**9), 404)
    refused(snapshot(desk, tx=-1), 422)
    refused(snapshot(desk, format="docx"), 422)
    refused(desk.ask("GET", "/snapshot", AccessRole.PUBLIC), 403)


def test_files_that_were_sent_are_not_kept_and_no_more_are_made_than_fit(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = tmp_path / "left"
    left.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(left))
    assert snapshot(desk).status_code == 200
    refused(snapshot(desk, tx=10**9), 404)
    refused(upload(desk, write_csv(tmp_path / "list.csv", [{"address": ROOM}])), 400)
    until(lambda: not list(left.iterdir()))
    places = threading.BoundedSemaphore(1)
    with one_of_few(places), pytest.raises(Exception, match="others"), one_of_few(places):
        pass
    with one_of_few(places):
        assert not places.acquire(blocking=False)


def test_texts_are_compared_by_the_divisions_of_the_registry(city: Desk) -> None:
    """月塘区 is in no gazetteer but the registry's; then it is merged into 云溪区, and its name means that."""
    pair = {"a": "杭州市云溪区长堤路12号", "b": "杭州市月塘区长堤路12号"}
    joined = without("330198", c330197004000="竹浦街道", c330197004001="竹浦社区居委会")

    def verdict() -> str:
        answer = city.ask("POST", "/compare", AccessRole.VIEWER, json={"pairs": [pair]})
        return str(answer.json()["results"][0]["verdict"])

    before = verdict()
    assert send(city, CHANGES, joined).status_code == 200
    assert (before, verdict()) == ("part", "same")
