"""Areas side by side in the page, in a real browser: chosen, sorted by any column, taken along as a file."""

from __future__ import annotations

import csv
import re
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.test_page import NARROW, Visit, browser, mapless, need_to_fit, number_in, visit

pytestmark = pytest.mark.browser
__all__ = ["browser", "mapless", "visit"]


def compared(visit: Visit, kind: str = "event") -> Page:
    """Three towns side by side, chosen in the panel."""
    page = visit.open()
    page.locator(f"#tab-{kind}").click()
    page.get_by_text("对比下级区域").click()
    button = page.get_by_role("button", name=re.compile("对比所选"))
    expect(button).to_be_disabled()
    for box in page.locator(".compare-chooser input").all()[:3]:
        box.check()
    expect(button).to_have_text("对比所选（3）")
    button.click()
    expect(page.locator("#panel h2")).to_have_text("区域对比")
    expect(page.locator(".compared-areas tbody tr")).to_have_count(3)
    return page


def table_of(visit: Visit, page: Page, **more: Any) -> Any:
    codes = page.url.partition("compare=")[2].partition("&")[0]
    headers = {"X-API-Key": visit.district.key}
    url = f"{visit.district.base_url}/areas/compare"
    return httpx.get(url, params={"codes": codes, **more}, headers=headers, trust_env=False).json()


def column(page: Page, number: int) -> list[str]:
    return page.locator(f".compared-areas tbody tr > :nth-child({number})").all_inner_texts()


def test_areas_that_are_chosen_stand_side_by_side(visit: Visit) -> None:
    page = compared(visit)
    table = table_of(visit, page, kind="event", by="month")
    assert column(page, 2) == [row["name"] for row in table["rows"]]
    assert [number_in(text) for text in column(page, 3)] == [row["total"] for row in table["rows"]]
    heads = page.locator(".compared-areas thead th").all_inner_texts()
    assert [head.strip(" ▲▼\n") for head in heads][5:] == table["columns"]
    page.wait_for_function("() => addressbook.map.queryRenderedFeatures({layers: ['compared-line']}).length > 0")
    assert visit.errors == []


def test_a_click_on_a_column_sorts_by_it_and_another_the_other_way(mapless: Visit) -> None:
    page = compared(mapless)
    total = page.get_by_role("button", name="合计", exact=True)
    for order in ("descending", "ascending"):
        total.click()
        expect(page.locator("th[aria-sort]").nth(2)).to_have_attribute("aria-sort", order)
        numbers = [number_in(text) for text in column(page, 3)]
        assert numbers == sorted(numbers, reverse=order == "descending")
    last = page.locator(".compared-areas thead button").last
    last.click()
    numbers = [number_in(text) for text in column(page, page.locator(".compared-areas thead th").count())]
    assert numbers == sorted(numbers, reverse=True)
    page.get_by_role("button", name="区域", exact=True).click()
    assert len(set(column(page, 2))) == 3


def test_another_kind_and_other_columns_are_asked_for(mapless: Visit) -> None:
    page = compared(mapless)
    page.get_by_label("对比什么").select_option("enterprise")
    page.wait_for_url("**of=enterprise**")
    page.get_by_label("分列方式").select_option("category")
    page.wait_for_url("**by=category")
    expect(page.get_by_label("分列方式")).to_have_value("category")
    table = table_of(mapless, page, kind="enterprise", by="category")
    totals = [f"{row['total']:,}" for row in table["rows"]]
    expect(page.locator(".compared-areas tbody tr > :nth-child(3)")).to_have_text(totals)
    page.go_back()
    expect(page.get_by_label("分列方式")).to_have_value("month")


def test_the_table_is_taken_along_as_csv(mapless: Visit) -> None:
    page = compared(mapless)
    with page.expect_download() as told:
        page.get_by_role("button", name="下载 CSV").click()
    assert told.value.suggested_filename == "compare-event-month.csv"
    text = told.value.path().read_text("utf-8-sig")
    rows = list(csv.DictReader(text.splitlines()))
    assert [row["name"] for row in rows] == column(page, 2)
    assert [int(row["total"]) for row in rows] == [number_in(text) for text in column(page, 3)]


def test_an_area_of_the_table_is_opened(mapless: Visit) -> None:
    page = compared(mapless)
    name = column(page, 2)[0]
    page.locator(".compared-areas tbody a").first.click()
    expect(page.locator("#panel h2")).to_have_text(name)


def test_areas_that_there_are_not_are_told(mapless: Visit) -> None:
    page = mapless.open("compare=330109001,339999")
    expect(page.locator("#panel").get_by_role("alert")).to_contain_text("没有代码为")


def test_the_table_scrolls_by_itself(mapless: Visit) -> None:
    mapless.page.set_viewport_size(NARROW)
    page = compared(mapless)
    for width in (390, 768, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        need_to_fit(page, width)
