"""Lists and exports of the page in a real browser: page by page, persons masked, files at once or behind the page."""

from __future__ import annotations

import csv
import re
from math import cos, sin
from pathlib import Path
from typing import Any

import geopandas
import httpx
import openpyxl
import pytest
from playwright.sync_api import Download, Page, expect

from tests.district import CELL_CODE
from tests.test_page import COUNTY, HOSTILE, NARROW, Visit, browser, mapless, need_to_fit, number_in, visit

pytestmark = pytest.mark.browser
__all__ = ["browser", "mapless", "visit"]


def items(visit: Visit, collection: str, **filters: Any) -> Any:
    headers = {"X-API-Key": visit.district.key}
    url = f"{visit.district.base_url}/ogc/collections/{collection}/items"
    return httpx.get(url, params={"limit": 10_000, **filters}, headers=headers, trust_env=False).json()["features"]


def listed(visit: Visit, collection: str = "addresses", place: str = f"area={COUNTY}") -> Page:
    page = visit.open(f"list={collection}&{place}")
    expect(page.locator("#panel h2")).to_contain_text("清单")
    return page


def titles(page: Page) -> list[str]:
    return page.locator("#panel .items .item-title").all_inner_texts()


def file_of(download: Download, form: str, folder: Path) -> Path:
    path = folder / f"file.{form}"
    download.save_as(path)
    return path


def rows_in(path: Path) -> int:
    if path.suffix == ".csv":
        return len(list(csv.DictReader(path.read_text("utf-8-sig").splitlines())))
    if path.suffix == ".xlsx":
        return int(openpyxl.load_workbook(path).worksheets[0].max_row) - 1
    return len(geopandas.read_file(path))


def test_the_open_area_leads_to_its_lists_and_back(visit: Visit) -> None:
    page = visit.open()
    page.locator("#tab-enterprise").click()
    page.get_by_role("link", name="查看企业清单与导出").click()
    expect(page.locator("#panel h2")).to_have_text("企业清单")
    total = len(items(visit, "enterprises", area=COUNTY))
    expect(page.locator("#panel [role=status]").first).to_contain_text(f"共 {total:,} 条")
    page.get_by_role("link", name="返回 萧山区").click()
    expect(page.locator("#panel h2")).to_have_text("萧山区")
    assert visit.errors == []


def test_pages_lead_to_the_end_and_back_and_miss_nothing(mapless: Visit) -> None:
    page = listed(mapless)
    expected = [feature["properties"]["standard_text"] for feature in items(mapless, "addresses", area=COUNTY)]
    found = titles(page)
    assert len(found) == 50
    first, number = found, 1
    after = page.get_by_role("button", name="下一页")
    while after.is_enabled() and number < 4:
        after.click()
        number += 1
        expect(page.locator("#panel [role=status]").first).to_contain_text(f"第 {number} 页")
        found = found + titles(page)
    assert found == expected[: len(found)]
    for back in range(number - 1, 0, -1):
        page.get_by_role("button", name="上一页").click()
        expect(page.locator("#panel [role=status]").first).to_contain_text(f"第 {back} 页")
    assert titles(page) == first
    expect(page.get_by_role("button", name="上一页")).to_be_disabled()


def test_an_address_leads_to_what_is_at_it_and_an_item_to_its_address(mapless: Visit) -> None:
    aid = mapless.district.building_aid
    page = mapless.open(f"address={aid}")
    page.locator(".chips .to-list").filter(has_text="人口").click()
    expect(page.locator("#panel h2")).to_have_text("人口清单")
    people = items(mapless, "persons", aid=aid)
    assert titles(page) == [person["properties"]["name"] for person in people]
    assert all("*" in title for title in titles(page))
    page.locator("#panel .items .facts a").first.click()
    expect(page.locator("#panel .code.aid")).to_be_visible()


def test_another_kind_is_chosen_in_the_list(mapless: Visit) -> None:
    page = listed(mapless)
    page.get_by_label("清单", exact=True).select_option("events")
    expect(page.locator("#panel h2")).to_have_text("事件清单")
    assert len(titles(page)) == min(50, len(items(mapless, "events", area=COUNTY)))


def test_a_hostile_name_in_a_list_is_text(mapless: Visit) -> None:
    page = listed(mapless, "enterprises", f"address={mapless.district.hostile_aid}")
    expect(page.locator("#panel .items")).to_contain_text(HOSTILE)
    assert page.locator("#panel img").count() == 0


def test_what_was_drawn_is_listed_too(visit: Visit) -> None:
    box = "120.1,30.0;120.4,30.0;120.4,30.25;120.1,30.25"
    page = visit.open(f"drawn={box}")
    page.get_by_role("link", name="查看地址清单与导出").click()
    expect(page.locator("#panel h2")).to_have_text("地址清单")
    inside = items(visit, "addresses", bbox="120.1,30.0,120.4,30.25")
    expect(page.locator("#panel [role=status]").first).to_contain_text(f"共 {len(inside):,} 条")


@pytest.mark.parametrize(
    "place",
    [
        "drawn=120.15,30.05;120.2,30.2;120.4,30.2&buffer=5000",
        "drawn=120.25,30.15&buffer=9000",
        f"area={CELL_CODE}",
    ],
)
def test_a_line_or_point_with_a_width_and_a_grid_cell_list_what_they_count(visit: Visit, place: str) -> None:
    page = visit.open(place)
    counted = page.locator("#tab-address .tile-number")
    expect(counted).not_to_have_text("0")
    total = counted.inner_text()
    page.get_by_role("link", name="查看地址清单与导出").click()
    expect(page.locator("#panel [role=status]").first).to_contain_text(f"共 {total} 条")
    page.reload()
    expect(page.locator("#panel [role=status]").first).to_contain_text(f"共 {total} 条")
    with page.expect_download() as told:
        page.get_by_role("button", name="导出", exact=True).click()
    path = Path(told.value.path())
    assert len(list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))) == number_in(total)
    assert visit.errors == []


def test_an_outline_of_too_many_corners_is_counted_and_not_listed(visit: Visit) -> None:
    fine = ";".join(f"{120.25 + cos(step / 70) / 20:.6f},{30.15 + sin(step / 70) / 20:.6f}" for step in range(420))
    page = visit.open(f"drawn={fine}")
    expect(page.locator("#panel h2")).to_have_text("所画范围")
    expect(page.locator(".to-list")).to_have_count(0)
    page = visit.open(f"list=addresses&drawn={fine}")
    expect(page.locator("#panel").get_by_role("alert")).to_contain_text("这个范围的边界太细")


@pytest.mark.parametrize("form", ["csv", "xlsx", "gpkg"])
def test_a_short_list_is_a_file_at_once(mapless: Visit, form: str, tmp_path: Path) -> None:
    page = listed(mapless, "enterprises")
    page.get_by_label("格式").select_option(form)
    with page.expect_download() as told:
        page.get_by_role("button", name="导出", exact=True).click()
    assert told.value.suggested_filename == f"enterprises.{form}"
    assert rows_in(file_of(told.value, form, tmp_path)) == len(items(mapless, "enterprises", area=COUNTY))
    assert mapless.errors == []


@pytest.mark.parametrize("form", ["csv", "gpkg"])
def test_an_export_behind_the_page_shows_its_progress_and_ends_with_a_link(
    mapless: Visit, form: str, tmp_path: Path
) -> None:
    page = listed(mapless, "persons")
    page.get_by_label("格式").select_option(form)
    page.get_by_label("后台导出").check()
    page.get_by_role("button", name="导出", exact=True).click()
    link = page.get_by_role("link", name=re.compile("下载 export-"))
    expect(link).to_be_visible()
    expect(page.locator(".export-news")).to_contain_text("导出完成")
    expected = len(items(mapless, "persons", area=COUNTY))
    assert number_in(page.locator(".export-news .note").inner_text()) == expected
    href = link.get_attribute("href") or ""
    assert "signature=" in href
    assert httpx.get(href, trust_env=False).status_code == 200  # whoever has the link needs no key
    with page.expect_download() as told:
        link.click()
    path = file_of(told.value, form, tmp_path)
    assert rows_in(path) == expected
    if form == "csv":
        rows = csv.DictReader(path.read_text("utf-8-sig").splitlines())
        assert all("*" in row["name"] for row in rows)
    assert mapless.errors == []


def test_an_export_that_is_refused_is_told_in_a_sentence(mapless: Visit) -> None:
    page = listed(mapless, "enterprises")
    page.route("**/exports/**", lambda route: route.fulfill(
        status=409, content_type="application/problem+json", body='{"detail_zh": "正在导出的太多。", "detail": "busy"}'
    ))  # fmt: skip
    page.get_by_role("button", name="导出", exact=True).click()
    expect(page.locator(".export-news").get_by_role("alert")).to_have_text("正在导出的太多。")


def test_a_key_that_lists_nothing_is_led_to_no_list(mapless: Visit) -> None:
    page = mapless.open(key=mapless.district.public_key)
    expect(page.locator("#panel h2")).to_have_text("萧山区")
    expect(page.locator(".to-list")).to_have_count(0)
    assert mapless.errors == []


def test_no_list_is_wider_than_the_window(mapless: Visit) -> None:
    mapless.page.set_viewport_size(NARROW)
    page = listed(mapless, "persons")
    for width in (390, 768, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        need_to_fit(page, width)
