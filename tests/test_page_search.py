"""The page's search box in a real browser: suggestions while one types, by keyboard alone."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from addressbook.search.sounds import readings
from tests.test_page import Visit, mapless

pytestmark = pytest.mark.browser
__all__ = ["mapless"]


def asked(visit: Visit, path: str, **params: Any) -> Any:
    headers = {"X-API-Key": visit.district.key}
    return httpx.get(f"{visit.district.base_url}{path}", params=params, headers=headers, trust_env=False).json()


def opened(visit: Visit) -> Page:
    page = visit.open()
    expect(page.locator("#panel h2")).to_have_text("萧山区")
    return page


def test_an_estate_typed_in_pinyin_is_chosen_by_keyboard(mapless: Visit) -> None:
    estates = [feature["properties"] for feature in asked(mapless, "/addresses", kind="C", limit=1000)["features"]]
    estate = min(estates, key=lambda properties: str(properties["name"]))  # their codes are drawn anew in each run
    page = opened(mapless)
    box = page.get_by_role("combobox")
    box.press_sequentially("".join(readings(estate["name"])[0])[:8])
    expect(page.get_by_role("option").filter(has_text=estate["name"]).first).to_be_visible()
    texts = page.get_by_role("option").all_inner_texts()
    place = next(n for n, text in enumerate(texts) if estate["name"] in text)
    for _ in range(place + 2):
        box.press("ArrowDown")
    box.press("ArrowUp")
    chosen = page.locator("[role=option][aria-selected=true]")
    expect(chosen).to_contain_text(estate["name"])
    box.press("Enter")
    expect(page.locator("#panel h2")).to_contain_text(estate["name"])
    assert mapless.errors == []


def numbers_begun(visit: Visit) -> str:
    """A street and the first digit of a number on it."""
    plates = [p["properties"] for p in asked(visit, "/addresses", kind="D", limit=1000)["features"]]
    on_streets = [p for p in plates if p["road_aid"] and len(p["plate_no"]) > 1]
    plate = min(on_streets, key=lambda p: str(p["standard_text"]))
    street = asked(visit, f"/addresses/{plate['road_aid']}")["properties"]
    return f"{street['name']}{plate['plate_no'][0]}"


def test_a_number_begun_suggests_what_stands_there(mapless: Visit) -> None:
    begun = numbers_begun(mapless)
    page = opened(mapless)
    page.get_by_role("combobox").press_sequentially(begun)
    option = page.get_by_role("option").filter(has_text=begun).first
    expect(option).to_contain_text("门牌")


def test_what_of_a_text_is_not_found_is_told_beside_what_is(mapless: Visit) -> None:
    begun = numbers_begun(mapless)
    page = opened(mapless)
    page.get_by_role("combobox").fill(f"{begun}9999号")
    option = page.get_by_role("option").first
    expect(option).to_contain_text("9999号”")
    expect(option).to_contain_text("没有找到")


def test_a_division_and_a_place_on_the_map_are_found_too(mapless: Visit) -> None:
    page = opened(mapless)
    box = page.get_by_role("combobox")
    box.fill("chengxiang")
    town = page.get_by_role("option").filter(has_text="城厢街道").first
    expect(town).to_contain_text("镇街")
    point = asked(mapless, "/addresses", kind="B", limit=1)["features"][0]["geometry"]["coordinates"]
    box.fill(f"{point[0]},{point[1]}")
    expect(page.get_by_role("option").first).to_contain_text("米")


def test_text_that_means_nothing_is_told_and_chooses_nothing(mapless: Visit) -> None:
    page = opened(mapless)
    box = page.get_by_role("combobox")
    box.fill("qqqqzzzz")
    expect(page.locator(".search-note")).to_contain_text("没有找到")
    box.press("Enter")
    expect(page.locator("#panel h2")).to_have_text("萧山区")
