"""A building on the page in a real browser: who has its rooms, for how much, and what its records say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.test_page import ServedDistrict, Visit, browser, mapless, number_in

pytestmark = pytest.mark.browser
__all__ = ["browser", "mapless"]
TENURES = {"owner_occupied": "自住", "rented": "出租", "business": "商用", "vacant": "空置", "unknown": "未载明"}


def asked(district: ServedDistrict, path: str, **query: Any) -> Any:
    headers = {"X-API-Key": district.key}
    answer = httpx.get(f"{district.base_url}/{path}", params=query, headers=headers, trust_env=False)
    assert answer.status_code == 200, answer.text
    return answer.json()


def rooms_of(view: Any) -> Iterator[Any]:
    return (room for unit in view["building"]["units"] for floor in unit["floors"] for room in floor["rooms"])


@pytest.fixture(scope="module")
def building(served_district: ServedDistrict) -> Any:
    """What the service says of the building of several units in which most rooms have a rent."""
    district = served_district
    houses = asked(district, "ogc/collections/houses/items", limit=10_000)["features"]
    rented = {house["properties"]["aid"] for house in houses if house["properties"]["monthly_rent_yuan"]} - {None}
    above = {
        ancestor["aid"]
        for aid in rented
        for ancestor in asked(district, f"addresses/{aid}/view")["ancestors"]
        if ancestor["kind"] == "B"
    }
    views = [asked(district, f"addresses/{aid}/view") for aid in sorted(above)]
    several = [view for view in views if view["building"] and len(view["building"]["units"]) > 1]
    return max(several, key=lambda view: sum(room["monthly_rent_yuan"] is not None for room in rooms_of(view)))


def opened(mapless: Visit, aid: str, key: str | None = None) -> Page:
    page = mapless.open(f"address={aid}", key=key)
    expect(page.locator("#panel .code.aid")).to_be_visible()
    return page


def test_each_room_says_who_has_it_and_for_how_much_a_month(mapless: Visit, building: Any) -> None:
    page = opened(mapless, building["aid"])
    rooms = list(rooms_of(building))
    assert any(room["monthly_rent_yuan"] for room in rooms)
    for room in rooms:
        cell = page.locator(f".room[href='#address={room['aid']}']")
        rent, tenure = room["monthly_rent_yuan"], TENURES.get(room["tenure"], "")
        expect(cell).to_have_text(re.compile(rf"{tenure}.*¥{rent:,.0f}$" if rent else rf"{tenure}$"))
        read_out = cell.get_attribute("aria-label") or ""
        assert (tenure in read_out, f"月租 {rent:,.0f} 元" in read_out if rent else "月租" not in read_out) == (
            True,
            True,
        )
    assert mapless.errors == []
    assert mapless.foreign == []


def test_sums_of_the_building_and_of_each_unit_are_the_services(mapless: Visit, building: Any) -> None:
    page = opened(mapless, building["aid"])
    table, shown = building["building"], {}
    for text in page.locator(".room-sums li").all_inner_texts():
        label, _, value = text.rpartition(" ")
        shown[label] = number_in(value)
    totals = table["totals"]
    held = {TENURES[name]: rooms for name, rooms in totals["tenures"].items() if rooms}
    assert shown == {
        "户室": totals["rooms"], "有人登记": totals["with_persons"], "有企业": totals["with_enterprises"], **held,
    }  # fmt: skip
    foot = {
        row.locator("th").inner_text(): row.locator("td").all_inner_texts()
        for row in page.locator(".rooms tfoot tr").all()
    }
    assert foot["户室"] == [str(unit["totals"]["rooms"]) for unit in table["units"]]
    assert foot["出租"] == [str(unit["totals"]["tenures"]["rented"]) for unit in table["units"]]


def test_flags_are_told_of_the_record_in_both_languages_and_lead_to_where_they_are(
    mapless: Visit, building: Any
) -> None:
    flagged = [flag for flag in building["flags"]["items"] if flag["aid"] != building["aid"]]
    assert flagged
    page = opened(mapless, building["aid"])
    flags = page.get_by_role("region", name="记录核对")
    for flag in flagged:
        expect(flags.get_by_text(flag["zh"])).to_have_attribute("title", flag["en"])
    first = flags.locator(f"a[href='#address={flagged[0]['aid']}']")
    first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#panel .tag").first).to_have_text("户室")
    expect(flags.get_by_text(flagged[0]["zh"])).to_be_visible()
    page.locator("#language").click()
    english = page.get_by_role("region", name="Records to look at again").get_by_text(flagged[0]["en"])
    expect(english).to_have_attribute("title", flagged[0]["zh"])
    assert mapless.errors == []


def test_a_house_says_its_rent_in_the_view_and_in_the_list(mapless: Visit, building: Any) -> None:
    room = next(room for room in rooms_of(building) if room["monthly_rent_yuan"])
    page = opened(mapless, room["aid"])
    expect(page.locator(".kind-house .facts").filter(has_text=re.compile(r"月租 [\d,]+ 元")).first).to_be_visible()
    page.get_by_role("link", name="房屋").click()
    expect(page.locator("#panel .items .facts").filter(has_text=re.compile(r"月租 [\d,]+ 元")).first).to_be_visible()


def test_who_sees_no_houses_is_shown_no_tenure_no_rent_and_no_flag_and_told_so(mapless: Visit, building: Any) -> None:
    page = opened(mapless, building["aid"], key=mapless.district.viewer_key)
    panel = page.locator("#panel")
    expect(page.locator(".room").first).to_be_visible()
    expect(panel).to_contain_text("此密钥看不到各户的使用状态与租金。")
    expect(panel).to_contain_text("此密钥看不到记录核对提示。")
    assert page.locator(".flag").count() == 0
    assert "¥" not in panel.inner_text()
    assert [text for text in page.locator(".room-sums li").all_inner_texts() if "出租" in text] == []
    expect(page.locator(".room-sums")).to_contain_text("有人登记 —")


def changed(district: ServedDistrict, what: str, **request: Any) -> Any:
    """A registry transaction of a reviewer's."""
    body = {"transaction": what, "reason": "核对现场", **request}
    headers = {"X-API-Key": district.reviewer_key}
    answer = httpx.post(f"{district.base_url}/registry/transactions", json=body, headers=headers, trust_env=False)
    assert answer.status_code == 200, answer.text
    return answer.json()["created"]


def test_a_retired_address_says_since_when_and_leads_to_what_became_of_it(
    mapless: Visit, served_district: ServedDistrict
) -> None:
    where = {"kind": "P", "division_code": "330109000000"}
    olds = [changed(served_district, "register", name=name, **where)[0] for name in ("甲前身地点", "乙前身地点")]
    (new,) = changed(served_district, "merge", aids=olds, name="后继地点", effective="2026-03-01")
    page = opened(mapless, olds[0])
    expect(page.get_by_text("自 2026-03-01 起停用")).to_be_visible()
    page.locator(f"section a[href='#address={new}']").click()
    expect(page.locator("#panel h2")).to_contain_text("后继地点")
    expect(page.get_by_text("前身地址")).to_be_visible()
    for old in olds:
        expect(page.locator(f"section a[href='#address={old}']")).to_be_visible()
    page.locator("#language").click()
    expect(page.get_by_text("What it was before")).to_be_visible()
    assert mapless.errors == []
