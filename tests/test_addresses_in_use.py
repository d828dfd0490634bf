"""Lists of addresses as of a day: whatever was in use then is there, as many as the area view of that day counts."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from addressbook.privacy.policy import AccessRole
from addressbook.store.tables import DIVISION
from tests.desk import Desk, served_desk
from tests.worlds import ESTATE, ROOM, TOWN_CODE, World

OTHER_ROOM, SHOP = ROOM.replace("502", "501"), "浙江省杭州市萧山区北干街道金城路12号"
BEFORE, CHANGED, AFTER = "2024-01-01", "2025-03-01", "2025-06-01"
ITEMS = "/ogc/collections/addresses/items"


@pytest.fixture(name="desk")
def _desk(estate: World, tmp_path: Path) -> Iterator[Desk]:
    towns = {"330109000000": ("萧山区", "330100000000", "county"), TOWN_CODE: ("北干街道", "330109000000", "town")}
    with estate.engine.begin() as connection:
        for code, (name, parent, level) in towns.items():
            row = {"code": code, "name": name, "level": level, "parent_code": parent, "valid_from": date(1, 1, 1)}
            connection.execute(insert(DIVISION).values(**row))
    with served_desk(estate, tmp_path) as desk:
        yield desk


def listed(desk: Desk, **asked: str) -> dict[str, dict[str, Any]]:
    """What a list finds: code → properties. Exports and counts find the same."""
    answer = desk.ask("GET", ITEMS, AccessRole.ANALYST, params={"limit": "1000", "count": "exact", **asked})
    assert answer.status_code == 200, answer.text
    found = {one["id"]: one["properties"] for one in answer.json()["features"]}
    assert answer.json()["numberMatched"] == len(found)
    lines = desk.ask("GET", "/exports/addresses", AccessRole.ANALYST, params={"format": "ndjson", **asked}).text
    assert {one["id"]: one["properties"] for one in map(json.loads, lines.splitlines())} == found
    return found


def periods(desk: Desk, aid: str) -> tuple[str | None, str | None]:
    answer = desk.ask("GET", f"{ITEMS}/{aid}", AccessRole.ANALYST).json()["properties"]
    return answer["valid_from"], answer["valid_to"]


def counted(desk: Desk, day: str) -> int:
    view = desk.ask("GET", f"/areas/{TOWN_CODE}/view", AccessRole.ANALYST, params={"valid_at": day}).json()
    total: int = view["addresses"]["total"]
    return total


def assert_lists_are_what_areas_count(desk: Desk) -> None:
    for day in ("2000-01-01", BEFORE, "2025-02-28", CHANGED, AFTER, "2025-09-01"):
        assert len(listed(desk, area=TOWN_CODE, datetime=day)) == counted(desk, day) > 0, day


def test_a_renamed_address_is_still_found_on_the_days_before(desk: Desk) -> None:
    estate = str(desk.resolve(ESTATE))
    whole = set(listed(desk, aid=estate, datetime=BEFORE))
    assert len(whole) > 10
    desk.do("rename", aid=estate, name="江南明珠苑", effective=CHANGED)
    for day in (BEFORE, CHANGED, f"../{BEFORE}", f"{AFTER}/.."):
        assert set(listed(desk, aid=estate, datetime=day)) == whole, day
    assert periods(desk, estate) == (None, None)
    assert_lists_are_what_areas_count(desk)


def test_what_is_retired_is_found_until_the_day_it_was(desk: Desk) -> None:
    shop = str(desk.resolve(SHOP))
    desk.do("retire", aid=shop, effective=CHANGED)
    assert shop in listed(desk, datetime=BEFORE)
    assert shop in listed(desk, datetime=f"{BEFORE}/{AFTER}")
    assert shop not in listed(desk, datetime=CHANGED)
    assert shop not in listed(desk)
    assert list(listed(desk, datetime=BEFORE, state="retired")) == [shop]
    assert listed(desk, datetime=AFTER, state="retired") == {}
    assert list(listed(desk, datetime=BEFORE, filter="state = 'retired'")) == [shop]
    assert shop not in listed(desk, datetime=BEFORE, state="current")
    assert periods(desk, shop) == (None, CHANGED)
    assert list(listed(desk, state="retired", filter=f"valid_to = DATE('{CHANGED}')")) == [shop]
    assert_lists_are_what_areas_count(desk)


def test_what_lay_in_an_address_that_is_gone_is_found_by_it(desk: Desk) -> None:
    estate, room = str(desk.resolve(ESTATE)), str(desk.resolve(ROOM))
    building = desk.ask("GET", f"/addresses/{room}/view").json()["ancestors"][1]["aid"]
    inside, whole = set(listed(desk, aid=building)), set(listed(desk, aid=estate))
    assert len(inside) > 5
    desk.do("retire", aid=building, effective=CHANGED)
    (new,) = desk.do("register", kind="B", name="3", parent_aid=estate, effective=CHANGED)["created"]
    assert set(listed(desk, aid=building, datetime=BEFORE)) == inside
    assert set(listed(desk, aid=estate, datetime=BEFORE)) == whole
    assert listed(desk, aid=new, datetime=BEFORE) == {}, "its number was another's"
    assert set(listed(desk, aid=new, datetime=f"{BEFORE}/{AFTER}")) == {new}
    desk.do("retire", aid=estate, effective=AFTER)
    assert set(listed(desk, aid=estate, datetime=BEFORE)) == whole
    assert set(listed(desk, aid=estate, datetime=CHANGED)) == whole - inside | {new}
    assert_lists_are_what_areas_count(desk)


def test_a_merge_ends_two_and_begins_one(desk: Desk) -> None:
    rooms = [str(desk.resolve(ROOM)), str(desk.resolve(OTHER_ROOM))]
    desk.do("rename", aid=str(desk.resolve(ESTATE)), name="江南明珠苑", effective="2025-01-01")
    before = set(listed(desk, datetime=BEFORE))
    done = desk.do("merge", aids=rooms, name="501-502", effective=CHANGED)
    (new,) = done["created"]
    assert set(listed(desk, datetime=BEFORE)) == before
    assert set(listed(desk, datetime=AFTER)) == before - set(rooms) | {new}
    assert set(listed(desk, datetime=f"2025-02-28/{CHANGED}")) == before | {new}
    assert {periods(desk, room) for room in rooms} == {(None, CHANGED)}
    assert periods(desk, new) == (CHANGED, None)
    desk.do("renumber", aid=new, number="501", effective=AFTER)
    assert periods(desk, new) == (CHANGED, None), "another number is not another address"
    assert new in listed(desk, datetime=CHANGED)
    assert_lists_are_what_areas_count(desk)
    text = desk.ask("GET", "/exports/addresses", AccessRole.ANALYST, params={"datetime": BEFORE}).text
    lines = {line["aid"]: line for line in csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))}
    assert lines[rooms[0]]["valid_to"].strip() == CHANGED


def test_what_is_taken_back_or_void_never_was(desk: Desk) -> None:
    shop = str(desk.resolve(SHOP))
    done = desk.do("retire", aid=shop, effective=CHANGED)
    desk.ask("POST", f"/registry/events/{done['event_id']}/revert", json={"reason": "录入有误"})
    assert shop in listed(desk, datetime=AFTER)
    assert periods(desk, shop) == (None, None)
    (wrong,) = desk.do("register", kind="P", name="便民超市", division_code=TOWN_CODE)["created"]
    desk.do("rename", aid=wrong, name="便民商店", effective=CHANGED)
    assert wrong in listed(desk, datetime=BEFORE)
    desk.do("void", aid=wrong)
    assert wrong not in listed(desk, datetime=f"../{AFTER}")
    assert listed(desk, datetime=BEFORE, state="void") == {}
    assert list(listed(desk, state="void")) == [wrong]
    assert periods(desk, wrong) == (None, None)
    (plan,) = desk.do("register", kind="P", name="拟建超市", division_code=TOWN_CODE, provisional=True)["created"]
    desk.do("reject", aid=plan)
    assert plan not in listed(desk, datetime=f"../{AFTER}")
    assert_lists_are_what_areas_count(desk)
