"""Drawing on the page's map in a real browser: a polygon, a line with a width, and what is wrong in a sentence."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.test_page import COUNTY, Visit, browser, mapless, number_in, visit, wait_until_drawn

pytestmark = pytest.mark.browser
__all__ = ["browser", "mapless", "visit"]
PIXELS = {"square": [(260, 250), (560, 250), (560, 550), (260, 550)], "bow": [(260, 250), (560, 550), (560, 250)]}
BOW = "120.2,30.1;120.3,30.2;120.3,30.1;120.2,30.2"


def begun(visit: Visit, shape: str) -> Page:
    """The page on the district, ready to be drawn upon."""
    page = visit.open()
    expect(page.locator("#panel h2")).to_have_text("萧山区")
    wait_until_drawn(page, "towns-fill")
    page.locator(f".tools [name={shape}]").click()
    expect(page.locator(".draw-bar")).to_be_visible()
    return page


def click(page: Page, *points: tuple[int, int]) -> None:
    for x, y in points:
        page.locator("#map").click(position={"x": x, "y": y})


def drawn_view(visit: Visit, **body: Any) -> Any:
    headers = {"X-API-Key": visit.district.key}
    answer = httpx.post(f"{visit.district.base_url}/areas/view", json=body, headers=headers, trust_env=False)
    assert answer.status_code == 200, answer.text
    return answer.json()


def points_of(page: Page) -> list[list[float]]:
    drawn = page.url.partition("drawn=")[2].partition("&")[0]
    return [[float(degrees) for degrees in point.split(",")] for point in drawn.split(";")]


def test_a_polygon_is_drawn_and_its_view_is_the_services(visit: Visit) -> None:
    page = begun(visit, "polygon")
    click(page, *PIXELS["square"])
    page.keyboard.press("Enter")
    expect(page.locator("#panel h2")).to_have_text("所画范围")
    expect(page.locator(".draw-bar")).to_be_hidden()
    points = points_of(page)
    assert len(points) == 4
    view = drawn_view(visit, geometry={"type": "Polygon", "coordinates": [[*points, points[0]]]})
    shown = number_in(page.locator("#tab-address .tile-number").inner_text())
    assert shown == view["addresses"]["total"] > 0
    page.locator("#tab-event").click()
    expect(page.locator("#tab-event .tile-number")).to_have_text(f"{view['elements']['event']['total']:,}")
    expect(page.locator(".part-bars li").first).to_be_visible()
    newest = view["elements"]["event"]["months"][-1]
    expect(page.locator(".compared")).to_contain_text(newest["month"])
    expect(page.locator(".compared")).to_contain_text("环比")
    expect(page.locator(".compared")).to_contain_text("同比")
    expect(page.locator("#kind-counts .rate")).to_contain_text("每万人")
    page.locator("#kind-counts summary").last.click()
    months = page.locator("#kind-counts .figures tbody tr")
    assert months.count() == len(view["elements"]["event"]["months"])
    assert wait_until_drawn(page, "chosen-line") > 0
    assert visit.errors == []


def test_the_first_corner_or_a_double_click_ends_a_polygon_and_nothing_below_is_opened(visit: Visit) -> None:
    page = begun(visit, "polygon")
    click(page, *PIXELS["square"], PIXELS["square"][0])
    expect(page.locator("#panel h2")).to_have_text("所画范围")
    assert len(points_of(page)) == 4
    page.get_by_role("button", name="重画").click()
    click(page, *PIXELS["square"][:2])
    page.locator("#map").dblclick(position={"x": 450, "y": 600})
    expect(page.locator(".draw-bar")).to_be_hidden()
    page.wait_for_function("() => location.hash.split(';').length === 3")
    expect(page.locator("#panel h2")).to_have_text("所画范围")


def test_a_line_with_a_width_and_a_point_with_one(visit: Visit) -> None:
    page = begun(visit, "line")
    page.get_by_label("两侧（米）").fill("800")
    click(page, (300, 300), (500, 450))
    page.get_by_role("button", name="完成").click()
    expect(page.locator("#panel h2")).to_have_text("沿线 800 米内")
    view = drawn_view(visit, geometry={"type": "LineString", "coordinates": points_of(page)}, buffer_m=800)
    expect(page.locator("#tab-address .tile-number")).to_have_text(f"{view['addresses']['total']:,}")
    expect(page.locator(".code-line")).to_contain_text("km²")
    assert wait_until_drawn(page, "chosen-area") > 0  # what lies within that width, as it was counted
    assert view["area"]["outline"]["type"] == "MultiPolygon"
    page.get_by_role("button", name="重画").click()
    click(page, (400, 400))
    page.get_by_role("button", name="完成").click()
    expect(page.locator("#panel h2")).to_have_text("一点周围 800 米内")
    assert visit.errors == []


def test_a_width_that_none_is_is_told(visit: Visit) -> None:
    page = begun(visit, "line")
    click(page, (300, 300), (500, 450))
    for wrong in ("0", "20000", ""):
        page.get_by_label("两侧（米）").fill(wrong)
        page.get_by_role("button", name="完成").click()
        expect(page.locator(".draw-fault")).to_contain_text("缓冲距离应为 1 到 10000 米")
    assert "drawn=" not in page.url


def test_an_outline_that_crosses_itself_is_told_in_a_sentence_and_can_be_mended(visit: Visit) -> None:
    page = begun(visit, "polygon")
    click(page, *PIXELS["bow"], (300, 560))
    page.keyboard.press("Enter")
    expect(page.locator(".draw-fault")).to_contain_text("边界自相交")
    assert "drawn=" not in page.url
    page.keyboard.press("Backspace")
    expect(page.locator(".draw-fault")).to_be_empty()
    page.keyboard.press("Enter")
    expect(page.locator("#panel h2")).to_have_text("所画范围")


def test_too_few_corners_are_told(visit: Visit) -> None:
    page = begun(visit, "polygon")
    click(page, *PIXELS["square"][:2])
    page.keyboard.press("Enter")
    expect(page.locator(".draw-fault")).to_contain_text("至少要三个角点")


def test_escape_leaves_a_drawing_and_clicks_open_areas_again(visit: Visit) -> None:
    page = begun(visit, "polygon")
    click(page, *PIXELS["square"][:3])
    page.keyboard.press("Escape")
    expect(page.locator(".draw-bar")).to_be_hidden()
    assert COUNTY in page.url
    click(page, (400, 400))
    expect(page.locator("#panel h2")).not_to_have_text("萧山区")
    assert "area=330109" in page.url


def test_what_was_drawn_is_cleared_and_back_brings_it_again(visit: Visit) -> None:
    page = begun(visit, "polygon")
    click(page, *PIXELS["square"])
    page.keyboard.press("Enter")
    page.get_by_role("button", name="清除").click()
    expect(page.locator("#panel h2")).to_have_text("萧山区")
    page.go_back()
    expect(page.locator("#panel h2")).to_have_text("所画范围")
    page.reload()
    expect(page.locator("#panel h2")).to_have_text("所画范围")


def test_a_bookmark_of_a_wrong_outline_is_answered_with_the_services_sentence(mapless: Visit) -> None:
    page = mapless.open(f"drawn={BOW}")
    alert = page.locator("#panel").get_by_role("alert")
    expect(alert.locator("p").first).to_have_text("边界自相交或相互重叠，在（120.25，30.15）附近。")
    page = mapless.open("drawn=120.2,30.1;x")
    expect(page.locator("#panel h2")).to_have_text("萧山区")


def test_a_polygon_is_drawn_by_keyboard_alone_from_its_coordinates(visit: Visit) -> None:
    page = visit.open()
    expect(page.locator("#panel h2")).to_have_text("萧山区")
    page.locator(".tools [name=polygon]").focus()
    page.keyboard.press("Enter")
    points = page.get_by_label("坐标（经度,纬度）")
    expect(points).to_be_focused()
    page.keyboard.type("120.2,30.1 120.3,30.1")
    page.keyboard.press("Enter")
    expect(page.locator(".draw-fault")).to_contain_text("至少要三个角点")
    page.keyboard.type(" 120.3，30.2")  # a full-width comma is one too
    page.keyboard.press("Enter")
    expect(page.locator("#panel h2")).to_have_text("所画范围")
    assert points_of(page) == [[120.2, 30.1], [120.3, 30.1], [120.3, 30.2]]
    expect(page.locator("#panel h2")).to_be_focused()
    assert visit.errors == []


def test_what_is_typed_and_is_no_point_is_told_and_what_was_clicked_can_be_read(visit: Visit) -> None:
    page = begun(visit, "line")
    points = page.get_by_label("坐标（经度,纬度）")
    for wrong in ("120.2", "30.1,120.2", "120.2,30.1 x"):
        points.fill(wrong)
        page.keyboard.press("Enter")
        expect(page.locator(".draw-fault")).to_contain_text("坐标写成")
    assert "drawn=" not in page.url
    points.fill("120.25,30.15")
    click(page, (300, 300))
    written = points.input_value().split()
    assert (len(written), written[0]) == (2, "120.25,30.15")
    page.keyboard.press("Enter")
    expect(page.locator("#panel h2")).to_contain_text("沿线")
    assert points_of(page) == [[float(degrees) for degrees in point.split(",")] for point in written]
