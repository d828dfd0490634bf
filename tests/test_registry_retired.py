"""A text whose address was retired is told so, when and by which event; it is never taken for a neighbour."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from addressbook.privacy.policy import AccessRole
from tests.desk import Desk, served_desk
from tests.worlds import ESTATE, PLATE, ROOM, TOWN, World, identity_number, until

DAY = "2026-03-01"
SHOP = f"{TOWN}金城路12号"


@pytest.fixture(name="desk")
def _desk(estate: World, tmp_path: Path) -> Iterator[Desk]:
    with served_desk(estate, tmp_path) as desk:
        yield desk


def do(desk: Desk, what: str, /, **request: Any) -> Any:
    body = {"transaction": what, "reason": "拆除", **request}
    answer = desk.ask("POST", "/registry/transactions", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


def answer_to(desk: Desk, words: str) -> Any:
    return desk.ask("GET", "/resolve", params={"text": words}).json()


def needs_to_tell(desk: Desk, words: str, event: int, what: str) -> Any:
    """The answer to a text, which must say that this was retired on the day, by that event."""
    found = answer_to(desk, words)
    assert (found["category"], found["aid"]) == ("C", None), (words, found)
    assert found["reasons"][0]["code"] == "retired", (words, found["reasons"])
    for told in (found["reasons"][0]["zh"], found["reasons"][0]["en"]):
        assert f"{DAY} #{event}" in told
        assert what in told
    return found


@pytest.mark.parametrize(
    ("retired", "words", "stands"),
    [
        (ROOM, ROOM, f"{ESTATE}3幢1单元"),
        (ROOM, "萧山区南岸明珠3幢1单元502", f"{ESTATE}3幢1单元"),
        (ROOM, "市心北路260号3幢1单元502室", f"{ESTATE}3幢1单元"),
        (f"{ESTATE}3幢", f"{ESTATE}3幢", ESTATE),
        (f"{ESTATE}3幢", ROOM, ESTATE),
        (ESTATE, ESTATE, None),
        (ESTATE, ROOM, None),
        (SHOP, SHOP, f"{TOWN}金城路"),
    ],
)
def test_the_text_of_a_retired_address_says_so(desk: Desk, retired: str, words: str, stands: str | None) -> None:
    aid, meant = desk.resolve(retired), desk.resolve(words)
    anchor = desk.resolve(stands) if stands else None
    text = desk.ask("GET", f"/addresses/{meant}").json()["properties"]["standard_text"]
    event = do(desk, "retire", aid=aid, effective=DAY)["event_id"]
    found = needs_to_tell(desk, words, event, text)
    assert found["anchor"] == anchor or stands is None
    assert meant in [candidate["aid"] for candidate in found["candidates"]]
    assert found["division_code"]


def test_what_a_retired_building_never_had_is_told_of_the_building(desk: Desk) -> None:
    building = desk.resolve(f"{ESTATE}3幢")
    event = do(desk, "retire", aid=building, effective=DAY)["event_id"]
    needs_to_tell(desk, f"{ESTATE}3幢1单元909室", event, "南岸明珠3幢")
    assert [why["code"] for why in answer_to(desk, f"{ESTATE}77幢")["reasons"]] == ["building_unknown"]


def test_former_names_and_numbers_of_what_was_retired_say_so_too(desk: Desk) -> None:
    estate, building = desk.resolve(ESTATE), desk.resolve(f"{ESTATE}3幢")
    do(desk, "renumber", aid=building, number="5", effective="2026-01-01")
    do(desk, "rename", aid=estate, name="江南明珠苑", effective="2026-01-02")
    event = do(desk, "retire", aid=building, effective=DAY)["event_id"]
    for words in (f"{ESTATE}3幢", f"{TOWN}江南明珠苑5幢", f"{TOWN}江南明珠苑3幢"):
        needs_to_tell(desk, words, event, "江南明珠苑5幢")
    last = do(desk, "retire", aid=estate, effective=DAY)["event_id"]
    for words in (ESTATE, f"{TOWN}江南明珠苑"):
        needs_to_tell(desk, words, last, "江南明珠苑")


def test_a_retired_name_is_not_taken_for_one_that_is_nearly_the_same(desk: Desk) -> None:
    desk.world.texts([f"{TOWN}望江花苑1幢101室", f"{TOWN}望江苑1幢101室"], source="two")
    until(lambda: answer_to(desk, f"{TOWN}望江苑1幢101室")["category"] == "A")
    estate = desk.resolve(f"{TOWN}望江苑")
    event = do(desk, "retire", aid=estate, effective=DAY)["event_id"]
    needs_to_tell(desk, f"{TOWN}望江苑1幢101室", event, "望江苑1幢101室")


def test_what_stands_today_is_told_before_what_was_retired_and_that_before_its_namesakes(desk: Desk) -> None:
    names = ("望江苑", "望江花苑", "望江新苑", "望江东苑", "望江南苑", "望江西苑")
    desk.world.texts(
        [f"{TOWN}{name}{b}幢{room}室" for name in names for b in (1, 2) for room in (101, 102)], source="alike"
    )
    until(lambda: all(answer_to(desk, f"{TOWN}{name}1幢101室")["category"] == "A" for name in names))
    room, building, estate = (desk.resolve(f"{TOWN}望江苑{rest}") for rest in ("1幢101室", "1幢", ""))
    namesakes = {desk.resolve(f"{TOWN}{name}{rest}") for name in names[1:] for rest in ("", "1幢", "1幢101室")}

    def told() -> tuple[str | None, list[str]]:
        found = answer_to(desk, f"{TOWN}望江苑1幢101室")
        return found["anchor"], [candidate["aid"] for candidate in found["candidates"]]

    do(desk, "retire", aid=room, effective=DAY)
    anchor, candidates = told()
    assert (anchor, candidates[:2]) == (building, [building, room])
    do(desk, "retire", aid=building, effective=DAY)
    anchor, candidates = told()
    assert (anchor, candidates[:2]) == (estate, [estate, room])
    do(desk, "retire", aid=estate, effective=DAY)
    anchor, candidates = told()
    assert (anchor, candidates[0]) == (None, room)
    assert set(candidates[1:]) & namesakes
    assert set(candidates[1:]) <= namesakes


def test_a_retired_room_is_not_taken_for_the_one_of_its_number_elsewhere(desk: Desk) -> None:
    desk.world.texts([f"{TOWN}望江苑1幢101室"], source="two")
    until(lambda: desk.resolve(f"{TOWN}望江苑1幢101室"))
    room = desk.resolve(f"{TOWN}望江苑1幢101室")
    event = do(desk, "retire", aid=room, effective=DAY)["event_id"]
    parent = desk.resolve(f"{TOWN}望江苑1幢")
    unit = do(desk, "register", kind="E", name="1", parent_aid=parent)["created"][0]
    do(desk, "register", kind="H", name="101", parent_aid=unit)
    needs_to_tell(desk, f"{TOWN}望江苑1幢101室", event, "望江苑1幢101室")
    assert answer_to(desk, f"{TOWN}望江苑1幢1单元101室")["category"] == "A"


def test_a_shop_that_closed_elsewhere_says_nothing_of_its_namesakes(desk: Desk) -> None:
    plate = desk.resolve(SHOP)
    (shop,) = do(desk, "register", kind="P", name="便民超市", parent_aid=plate)["created"]
    assert answer_to(desk, f"{SHOP}便民超市")["aid"] == shop
    event = do(desk, "retire", aid=shop, effective=DAY)["event_id"]
    needs_to_tell(desk, f"{SHOP}便民超市", event, "金城路12号便民超市")
    namesake = answer_to(desk, f"{PLATE}便民超市")
    assert "retired" not in [why["code"] for why in namesake["reasons"]]


def test_texts_that_lead_on_are_not_called_retired(desk: Desk) -> None:
    rooms = [desk.resolve(ROOM), desk.resolve(ROOM.replace("502", "501"))]
    (new,) = do(desk, "merge", aids=rooms, name="501-502")["created"]
    assert answer_to(desk, ROOM)["aid"] == new
    event = do(desk, "retire", aid=new, effective=str(date.today()))["event_id"]  # noqa: DTZ011
    told = answer_to(desk, ROOM)["reasons"][0]
    assert told["code"] == "retired"
    assert f"#{event}" in told["zh"]
    desk.ask("POST", f"/registry/events/{event}/revert", json={"reason": "有误"})
    assert answer_to(desk, ROOM)["aid"] == new


def test_what_was_built_again_is_found(desk: Desk) -> None:
    room = desk.resolve(ROOM)
    unit = desk.ask("GET", f"/addresses/{room}").json()["properties"]["parent_aid"]
    do(desk, "retire", aid=room, effective=DAY)
    (again,) = do(desk, "register", kind="H", name="502", parent_aid=unit)["created"]
    assert answer_to(desk, ROOM)["aid"] == again != room


def test_a_search_finds_what_is_there_today_and_says_so(desk: Desk) -> None:
    unit, room = desk.resolve(f"{ESTATE}3幢1单元"), desk.resolve(ROOM)
    event = do(desk, "retire", aid=room, effective=DAY)["event_id"]
    found = desk.ask("GET", "/addresses", AccessRole.VIEWER, params={"q": ROOM}).json()
    states = [(feature["id"], feature["properties"]["state"]) for feature in found["features"]]
    assert states[:2] == [(unit, "current"), (room, "retired")]
    assert [(note["code"], f"{DAY} #{event}" in note["zh"]) for note in found["notes"]] == [("retired", True)]
    assert "notes" not in desk.ask("GET", "/addresses", params={"q": f"{ESTATE}3幢"}).json()


def test_a_row_that_names_a_retired_address_waits_with_that_reason(desk: Desk) -> None:
    do(desk, "retire", aid=desk.resolve(ROOM), effective=DAY)
    person = {"姓名": "测试甲", "证件号码": identity_number(1), "居住地址": ROOM}
    desk.world.load_rows("people", [person])
    assert [(fault.outcome, fault.reason_code) for fault in desk.world.faults] == [("review", "retired")]
    report = desk.world.texts([f"{PLATE}3幢1单元502室"], source="again")
    assert (report.totals.minted, report.totals.review) == (0, 1), "a list does not bring it back by itself"
