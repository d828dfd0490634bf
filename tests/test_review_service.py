"""The review desk over HTTP: who may use it, what it shows and hides, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from addressbook.privacy.policy import AccessRole
from tests.desk import Desk, refused, served_desk
from tests.review_world import MISSPELT, UNKNOWN_ROOM, people
from tests.worlds import ESTATE, ROOM, TOWN_CODE, World, identity_number

DECIDERS = {AccessRole.REVIEWER, AccessRole.ADMIN}


@pytest.fixture(name="desk")
def _desk(estate: World, tmp_path: Path) -> Iterator[Desk]:
    estate.load_rows("people", people(UNKNOWN_ROOM, UNKNOWN_ROOM, MISSPELT))
    with served_desk(estate, tmp_path) as desk:
        yield desk


def done(answer: Any) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_clerk_takes_an_item_decides_it_and_thinks_again(desk: Desk) -> None:
    queue = done(desk.ask("GET", "/review", params={"area": "330109", "limit": 1}))
    assert (queue["counts"]["items"], queue["counts"]["by_area"]) == (3, {TOWN_CODE: 3})
    (following,) = [link for link in queue["links"] if link["rel"] == "next"]
    assert done(desk.ask("GET", following["href"]))["items"][0]["review_id"] > queue["items"][0]["review_id"]
    (item,) = done(desk.ask("POST", "/review/claims", json={"actor": "审核员甲"}))["items"]
    number = item["review_id"]
    assert (item["received_text"], item["twins"], item["claimed_by"][:4]) == (UNKNOWN_ROOM, 1, "审核员甲")
    assert item["suggestion"]["name"] == "509"
    chosen = item["candidates"][0]
    assert chosen["state"] == "current"
    body = {"verdict": "chosen", "aid": chosen["printed"], "actor": "审核员甲"}
    told = done(desk.ask("POST", f"/review/{number}/decisions", json=body))
    assert (told["items"], told["aid"]) == (2, chosen["aid"])
    shown = done(desk.ask("GET", f"/review/{number}"))
    assert (shown["state"], shown["decision"]["rank"]) == ("settled", 1)
    assert refused(desk.ask("POST", f"/review/{number}/decisions", json=body), 409)["rule"] == "closed"
    undone = done(desk.ask("POST", f"/review/decisions/{told['decision_id']}/undo", json={"reason": "看错了"}))
    assert undone["items"] == told["items"]
    assert done(desk.ask("GET", f"/review/{number}"))["state"] == "open"
    assert done(desk.ask("GET", "/review/statistics"))["total"]["undone_share"] == 1.0


def test_what_is_put_off_comes_back_on_its_day(desk: Desk) -> None:
    body = {"verdict": "later", "until": "2999-01-01T00:00:00+08:00"}
    told = done(desk.ask("POST", "/review/1/decisions", json=body))
    assert (told["event_id"], told["items"]) == (None, 2)
    assert done(desk.ask("GET", "/review"))["counts"]["put_off"] == told["items"]
    items = done(desk.ask("POST", "/review/claims", json={"limit": 5}))["items"]
    assert [item["received_text"] for item in items] == [MISSPELT]
    naive = {"verdict": "later", "until": "2999-01-01T00:00:00"}
    refused(desk.ask("POST", "/review/1/decisions", json=naive), 422)


def test_two_clerks_are_given_different_items(desk: Desk) -> None:
    given = [done(desk.ask("POST", "/review/claims", json={"actor": name}))["items"] for name in ("甲", "乙", "丙")]
    assert [len(items) for items in given] == [1, 1, 0]
    assert given[0][0]["review_id"] != given[1][0]["review_id"]
    told = desk.ask("POST", f"/review/{given[0][0]['review_id']}/decisions", json={"verdict": "none", "actor": "乙"})
    assert refused(told, 409)["rule"] == "claimed"
    assert done(desk.ask("POST", "/review/releases", json={"actor": "甲"}))["released"] == 1
    assert len(done(desk.ask("POST", "/review/claims", json={"actor": "丙"}))["items"]) == 1


def test_candidates_have_a_point_and_say_what_tells_them_apart(desk: Desk) -> None:
    rows = [{"source_key": "1", "address": ESTATE, "lon": "120.25", "lat": "30.18"}]
    desk.world.load_rows("addresses", rows, "points")
    desk.world.texts([f"{ESTATE}3幢2单元502室"], source="second")
    desk.world.load_rows("people", people(f"{ESTATE}3幢502室", first=9), "more")
    (item,) = done(desk.ask("GET", "/review", params={"source": "more"}))["items"]
    candidates = done(desk.ask("GET", f"/review/{item['review_id']}"))["candidates"]
    assert sorted(candidate["told_apart_by"] for candidate in candidates) == ["1", "2"]
    assert [(round(c["lon"], 2), round(c["lat"], 2)) for c in candidates] == [(120.25, 30.18)] * 2


def test_nothing_of_the_person_is_shown_and_looking_is_logged(desk: Desk) -> None:
    before = desk.world.one("SELECT count(*) FROM access_log")
    bodies = desk.ask("GET", "/review").text + desk.ask("GET", "/review/1").text
    for secret in ("虚构", identity_number(1), "element_key", "row_key"):
        assert secret not in bodies
    assert desk.world.one("SELECT count(*) FROM access_log") == before + 2


@pytest.mark.parametrize("role", list(AccessRole))
def test_only_reviewers_have_the_duty(desk: Desk, role: AccessRole) -> None:
    routes: list[tuple[str, str, Any]] = [
        ("GET", "/review", None), ("GET", "/review/1", None), ("GET", "/review/statistics", None),
        ("POST", "/review/claims", {}), ("POST", "/review/releases", {}),
        ("POST", "/review/1/decisions", {"verdict": "later"}),
        ("POST", "/review/decisions/1/undo", {"reason": "看错了"}),
    ]  # fmt: skip
    for method, path, body in routes:
        status = desk.ask(method, path, role, json=body).status_code
        assert status == (200 if role in DECIDERS else 403), (method, path)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/review/99/decisions", {"verdict": "none"}, 404), ("/review/decisions/99/undo", {"reason": "x"}, 404),
        ("/review/1/decisions", {"verdict": "chosen"}, 409), ("/review/1/decisions", {"verdict": "maybe"}, 422),
        ("/review/1/decisions", {"verdict": "chosen", "aid": "B7K3M9QXW2H1"}, 400), ("/review/1/decisions", {}, 422),
        ("/review/1/decisions", {"verdict": "none", "aid": "B7K3M9QXW2HF"}, 409),
        ("/review/1/decisions", {"verdict": "registered", "new": {"kind": "Q", "name": "1"}}, 422),
        ("/review/claims", {"limit": 0}, 422), ("/review/claims", {"area": "33010"}, 400), ("/review/claims", [], 422),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_refused(desk: Desk, path: str, body: Any, status: int) -> None:
    refused(desk.ask("POST", path, json=body), status)


def test_what_is_taught_is_used_by_the_next_question(desk: Desk) -> None:
    assert desk.resolve(MISSPELT) is None
    (item,) = [i for i in done(desk.ask("GET", "/review"))["items"] if i["received_text"] == MISSPELT]
    body = {"verdict": "chosen", "aid": desk.resolve(ROOM)}
    assert done(desk.ask("POST", f"/review/{item['review_id']}/decisions", json=body))["alias"]["name"] == "望江新居"
    assert desk.resolve(MISSPELT) == desk.resolve(ROOM)


def test_what_is_registered_is_found_by_the_next_question(desk: Desk) -> None:
    (item, *_) = done(desk.ask("GET", "/review"))["items"]
    parent = item and done(desk.ask("GET", f"/review/{item['review_id']}"))["suggestion"]["parent_aid"]
    body = {"verdict": "registered", "new": {"kind": "H", "name": "509室", "parent_aid": parent}}
    told = done(desk.ask("POST", f"/review/{item['review_id']}/decisions", json=body))
    assert desk.resolve(UNKNOWN_ROOM) == told["aid"]
