"""The registry over HTTP and on the command line: who may change it, what it answers, what it refuses and why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from addressbook.identity import mint
from addressbook.model import AddressKind
from addressbook.privacy.policy import AccessRole
from tests.desk import Desk, refused, served_desk
from tests.worlds import ESTATE, ROOM, TOWN, Terminal, World, identity_number, until

DECIDERS = {AccessRole.REVIEWER, AccessRole.ADMIN}
WHY = {"reason": "核对现场", "document": "萧地名〔2026〕1号", "actor": "审核员甲"}


@pytest.fixture(name="desk")
def _desk(estate: World, tmp_path: Path) -> Iterator[Desk]:
    with served_desk(estate, tmp_path) as desk:
        yield desk


def do(desk: Desk, what: str, /, **request: Any) -> Any:
    answer = desk.ask("POST", "/registry/transactions", json={"transaction": what, **WHY, **request})
    assert answer.status_code == 200, answer.text
    return answer.json()


def refusal(desk: Desk, status: int, what: str, /, **request: Any) -> Any:
    answer = desk.ask("POST", "/registry/transactions", json={"transaction": what, **WHY, **request})
    return refused(answer, status)


def test_every_transaction_can_be_asked_for_and_is_told_by_the_code(desk: Desk) -> None:
    estate = str(desk.resolve(ESTATE))
    building = do(desk, "register", kind="B", name="8幢", parent_aid=estate, provisional=True)["created"][0]
    do(desk, "confirm", aid=building)
    do(desk, "renumber", aid=building, number="9")
    do(desk, "move", aid=building, point=[120.25, 30.18])
    do(desk, "rename", aid=estate, name="江南明珠苑")
    do(desk, "rezone", aid=estate, division_code="330109001000")
    shop = do(desk, "register", kind="P", name="便民超市", division_code="330109001000")["created"][0]
    do(desk, "reparent", aid=shop, parent_aid=estate)
    parts = [{"name": "9A"}, {"name": "9B"}]
    halves = do(desk, "split", aid=building, parts=parts)["created"]
    merged = do(desk, "merge", aids=halves, name="10")["created"][0]
    twin = do(desk, "register", kind="B", name="11", parent_aid=estate)["created"][0]
    do(desk, "void_duplicate", junior=twin, senior=merged)
    do(desk, "retire", aid=merged)
    proposed = do(desk, "register", kind="B", name="12", parent_aid=estate, provisional=True)["created"][0]
    do(desk, "reject", aid=proposed)
    wrong = do(desk, "register", kind="B", name="15", parent_aid=estate)["created"][0]
    last = do(desk, "void", aid=wrong)

    found = desk.ask("GET", f"/ids/{building}", AccessRole.VIEWER).json()
    assert (found["state"], found["today"]) == ("retired", [])
    assert [(step["relation"], step["state"]) for step in found["successors"]] == [
        ("split", "retired"),
        ("split", "retired"),
        ("merged", "retired"),
        ("merged", "retired"),
    ]  # fmt: skip
    kinds = [event["kind"] for event in found["events"]]
    assert kinds[:2] == ["register", "confirm"]
    assert {"renumber", "move", "rename", "rezone", "split"} <= set(kinds)
    assert found["events"][1]["actor"].startswith("审核员甲 (key ")
    assert desk.ask("GET", f"/ids/{twin}", AccessRole.VIEWER).json()["same_as"] == merged
    newest = desk.ask("GET", "/registry/events", params={"limit": 1}).json()
    assert newest["items"][0]["event_id"] == last["event_id"]
    assert newest["items"][0]["request"] == {"aid": wrong}
    (following,) = [link for link in newest["links"] if link["rel"] == "next"]
    assert desk.ask("GET", following["href"]).json()["items"][0]["event_id"] < last["event_id"]


def test_an_event_is_taken_back_once(desk: Desk) -> None:
    room = str(desk.resolve(ROOM))
    event = do(desk, "renumber", aid=room, number="602")["event_id"]
    path = f"/registry/events/{event}"
    answer = desk.ask("POST", f"{path}/revert", json={"reason": "录入有误"})
    assert answer.status_code == 200, answer.text
    assert desk.resolve(ROOM) == room
    assert desk.ask("GET", path).json()["reverted_by"] == answer.json()["event_id"]
    assert refused(desk.ask("POST", f"{path}/revert", json={"reason": "再次"}), 409)["rule"] == "reverted"
    assert refused(desk.ask("GET", "/registry/events/999999"), 404)


@pytest.mark.parametrize("role", AccessRole)
def test_only_who_decides_may_change_the_registry(desk: Desk, role: AccessRole) -> None:
    body = {"transaction": "retire", "aid": "B7K3M9QXW2HF", **WHY}
    statuses = {
        desk.ask("POST", "/registry/transactions", role, json=body).status_code,
        desk.ask("POST", "/registry/events/999999/revert", role, json={"reason": "x"}).status_code,
        desk.ask("GET", "/registry/events", role).status_code,
    }
    assert (statuses == {403}) == (role not in DECIDERS)
    assert (403 in statuses) == (role not in DECIDERS)


def test_a_link_whose_text_names_a_part_moves_to_it(desk: Desk) -> None:
    room, words = str(desk.resolve(ROOM)), ROOM.replace("502", "502A")
    taught = desk.ask("POST", "/aliases", json={"aid": room, "text": words, "reason": "seen on site"})
    assert taught.status_code == 200, taught.text
    people = [{"姓名": f"虚构{n}", "身份证号": identity_number(n), "现住地址": at} for n, at in ((1, words), (2, ROOM))]
    desk.world.load_rows("people", people)
    done = do(desk, "split", aid=room, parts=[{"name": "502A"}, {"name": "502B"}])
    assert done["questions"] == 1, "the other one names no part"
    links = dict(desk.world.rows("SELECT received_text, aid FROM link WHERE closed_at IS NULL"))
    assert links == {words: done["created"][0], ROOM: room}
    assert desk.resolve(words) == done["created"][0]
    desk.ask("POST", f"/registry/events/{done['event_id']}/revert", json={"reason": "录入有误"})
    assert set(desk.world.rows("SELECT aid FROM link WHERE closed_at IS NULL")) == {(room,)}


def test_what_a_rule_forbids_is_refused_by_its_name(desk: Desk) -> None:
    estate, room = str(desk.resolve(ESTATE)), str(desk.resolve(ROOM))
    other = str(desk.resolve(ROOM.replace("502", "501")))
    building = desk.ask("GET", f"/addresses/{room}/view").json()["ancestors"][1]["aid"]
    block = do(desk, "register", kind="P", name="东区", parent_aid=estate)["created"][0]
    inner = do(desk, "register", kind="P", name="东区花园", parent_aid=block)["created"][0]
    town = desk.ask("GET", f"/addresses/{estate}").json()["properties"]["division_code"]
    elsewhere = do(desk, "register", kind="P", name="东方郡2期", division_code=town)["created"][0]
    for rule, kind, request in (
        ("sibling", "renumber", {"aid": room, "number": "501"}),
        ("sibling", "renumber", {"aid": room, "number": "五零一"}),
        ("sibling", "register", {"kind": "B", "name": "十三", "parent_aid": estate}),
        ("digits", "register", {"kind": "C", "name": "南岸明珠38", "division_code": town}),
        ("digits", "rename", {"aid": elsewhere, "name": "南岸明珠1"}),
        ("unchanged", "renumber", {"aid": room, "number": "502室"}),
        ("named", "rename", {"aid": room, "name": "望江苑"}),
        ("numbered", "renumber", {"aid": estate, "number": "3"}),
        ("cycle", "reparent", {"aid": block, "parent_aid": inner}),
        ("kinds", "reparent", {"aid": room, "parent_aid": other}),
        ("descendant", "void_duplicate", {"junior": room, "senior": room}),
        ("alike", "void_duplicate", {"junior": building, "senior": room}),
        ("alike", "merge", {"aids": [room, building], "name": "9"}),
        ("two", "merge", {"aids": [room, room], "name": "9"}),
        ("two", "split", {"aid": room, "parts": [{"name": "502A"}]}),
        ("two", "split", {"aid": room, "parts": [{"name": "502A"}, {"name": "502A室"}]}),
        ("children", "split", {"aid": building, "parts": [{"name": "5"}, {"name": "6"}]}),
        ("takes", "split", {"aid": building, "parts": [{"name": "5", "takes": [room]}, {"name": "6"}]}),
        ("future", "retire", {"aid": room, "effective": "2999-01-01"}),
        ("children", "void", {"aid": building}),
        ("provisional", "confirm", {"aid": room}),
        ("provisional", "reject", {"aid": room}),
        ("division", "rezone", {"aid": estate, "division_code": "999999"}),
        ("plate", "register", {"kind": "D", "name": "7", "parent_aid": estate}),
        ("name", "renumber", {"aid": room, "number": "/"}),
    ):
        assert refusal(desk, 409, kind, **request)["rule"] == rule, (kind, request)
    do(desk, "rename", aid=estate, name="江南明珠苑", effective="2026-03-01")
    assert refusal(desk, 409, "rename", aid=estate, name="江北苑", effective="2026-02-01")["rule"] == "before_birth"
    do(desk, "retire", aid=room)
    assert refusal(desk, 409, "renumber", aid=room, number="7")["rule"] == "live"
    refusal(desk, 404, "retire", aid=mint(AddressKind.BUILDING))
    refusal(desk, 400, "retire", aid="not a code")


@pytest.mark.parametrize(
    "body",
    [
        {}, {"transaction": "explode"}, {"transaction": "retire"}, {"transaction": "retire", "aid": 7, **WHY},
        {"transaction": "retire", "aid": "B7K3M9QXW2HF"},
        {"transaction": "move", "aid": "B7K3M9QXW2HF", "point": [999, 0], **WHY},
        {"transaction": "retire", "aid": "B7K3M9QXW2HF", "more": 1, **WHY}, [], "retire", None,
    ],
)  # fmt: skip
def test_a_body_that_is_no_transaction_is_refused(desk: Desk, body: Any) -> None:
    refused(desk.ask("POST", "/registry/transactions", json=body), 422)


def test_the_command_line_does_the_same(desk: Desk, tmp_path: Path) -> None:
    estate = str(desk.resolve(ESTATE))
    terminal = Terminal.open(desk.world.engine.url.render_as_string(hide_password=False), tmp_path / "home")
    done = terminal.run("registry", "rename", estate, "--name", "江南明珠苑", "--reason", "更名批复")
    assert done.code == 0, done.err
    renamed = f"{TOWN}江南明珠苑3幢1单元502室"
    until(lambda: desk.resolve(renamed) is not None)  # what another process changes is seen within five seconds
    assert desk.resolve(renamed) == desk.resolve(ROOM)
    told = terminal.run("registry", "id", estate)
    assert "rename" in told.out
    again = terminal.run("registry", "rename", estate, "--name", "江南明珠苑", "--reason", "更名批复")
    assert (again.code, "已经如此" in again.err, "[unchanged]" in again.err) == (3, True, True), again.err
    odd = terminal.run("registry", "rename", estate, "--name", "江北明珠苑", "--reason", "更名\x01批复")
    assert (odd.code, "控制字符" in odd.err) == (3, True), odd.err
