"""The page's map in a real browser: the registry's own tiles, coloured by any number, and heat."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.test_page import COUNTY, Visit, browser, visit, wait_until_drawn

pytestmark = pytest.mark.browser
__all__ = ["browser", "visit"]
TILES = "/ogc/tiles/WebMercatorQuad/"


def asked_of(visit: Visit) -> list[str]:
    """Every request of the page from now on."""
    found: list[str] = []
    visit.page.on("request", lambda request: found.append(request.url))
    return found


def arrived(visit: Visit, route: str = "") -> Page:
    page = visit.open(route)
    expect(page.locator("#panel h2")).to_be_visible()
    wait_until_drawn(page, "towns-fill" if not route.startswith("address") else "points")
    return page


def colours(page: Page, layer: str) -> Any:
    return page.evaluate("layer => JSON.stringify(addressbook.map.getPaintProperty(layer, 'fill-color'))", layer)


def settled(page: Page) -> None:
    page.evaluate("() => new Promise(done => { addressbook.map.once('idle', done); addressbook.map.triggerRepaint() })")


def test_areas_and_addresses_are_drawn_from_our_tiles_and_no_geojson_is_asked_for_a_box(visit: Visit) -> None:
    asked = asked_of(visit)
    page = arrived(visit)
    page.goto(f"{visit.district.base_url}/#address={visit.district.building_aid}")
    wait_until_drawn(page, "points")
    layers = {parse_qs(urlsplit(url).query)["collections"][0] for url in asked if TILES in url and "f=" not in url}
    assert layers == {"areas,labels", "addresses"}
    assert not [url for url in asked if "bbox=" in url or "/children" in url]
    assert visit.errors == []
    assert visit.foreign == []


def test_tiles_are_asked_for_with_the_session_alone(visit: Visit) -> None:
    headers: list[dict[str, str]] = []
    visit.page.on("request", lambda request: headers.append(request.all_headers()) if TILES in request.url else None)
    arrived(visit)
    assert headers
    assert not [each for each in headers if {"authorization", "x-api-key"} & set(each)]
    assert all("addressbook_session=" in each.get("cookie", "") for each in headers)


def test_the_names_of_areas_are_chinese_and_stand_once_each(visit: Visit) -> None:
    page = arrived(visit)
    wait_until_drawn(page, "towns-labels")
    names = page.evaluate(
        "addressbook.map.queryRenderedFeatures({layers: ['towns-labels']}).map(label => label.properties.name)"
    )
    assert len(names) == len(set(names)) > 3
    assert all("\u4e00" <= name[0] <= "\u9fff" for name in names)


def test_a_telephone_shows_the_towns_of_the_district(visit: Visit) -> None:
    visit.page.set_viewport_size({"width": 390, "height": 800})
    arrived(visit)


def test_each_kind_colours_the_areas_and_writes_the_legend(visit: Visit) -> None:
    page = arrived(visit)
    seen = set()
    for name in ("人口", "房屋", "企业", "事件", "物品设备", "地址"):
        page.get_by_role("radio", name=name).check(force=True)
        expect(page.locator(".legend-title")).to_have_text(name)
        expect(page.locator(".legend li").nth(1)).to_be_visible()
        seen.add(colours(page, "towns-fill"))
    assert len(seen) == 6
    assert visit.errors == []


def test_areas_are_coloured_by_the_rate_of_their_residents_too(visit: Visit) -> None:
    page = arrived(visit)
    page.get_by_role("radio", name="事件").check(force=True)
    counted = colours(page, "towns-fill")
    rate = page.get_by_role("button", name="按每万人着色")
    rate.click()
    expect(rate).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".legend-title")).to_contain_text("每万人")
    assert "residents" in colours(page, "towns-fill")
    rate.click()
    expect(page.locator(".legend-title")).to_have_text("事件")
    assert colours(page, "towns-fill") == counted


def test_heat_is_asked_for_when_it_is_wanted_and_goes_again(visit: Visit) -> None:
    asked = asked_of(visit)
    page = arrived(visit)
    heat = page.get_by_role("button", name="热力图")
    assert not [url for url in asked if "collections=heat" in url]
    heat.click()
    page.wait_for_function("() => addressbook.map.querySourceFeatures('heat', {sourceLayer: 'heat'}).length > 5")
    settled(page)
    weight = page.evaluate("JSON.stringify(addressbook.map.getPaintProperty('heat', 'heatmap-weight'))")
    assert "address" in weight
    page.get_by_role("radio", name="企业").check(force=True)
    page.wait_for_function(
        "() => JSON.stringify(addressbook.map.getPaintProperty('heat', 'heatmap-weight')).includes('enterprise')"
    )
    heat.click()
    assert page.evaluate("addressbook.map.getLayer('heat') === undefined")
    assert visit.errors == []


def test_an_address_is_moved_to_when_the_map_is_near_already(visit: Visit) -> None:
    visit.page.emulate_media(reduced_motion="no-preference")
    page = arrived(visit, f"address={visit.district.building_aid}")
    page.evaluate("addressbook.map.jumpTo({center: [120.05, 30.0], zoom: 17})")
    page.locator(".room").first.click()
    page.wait_for_function("() => Math.abs(addressbook.map.getCenter().lng - 120.05) > 1e-3")


def test_who_comes_with_another_key_sees_the_tiles_of_that_key(visit: Visit) -> None:
    page = arrived(visit)
    page.get_by_role("button", name="更换密钥").click()
    page.wait_for_function("() => !addressbook.map.getSource('areas')")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("密钥 Key").fill(visit.district.public_key)
    dialog.get_by_role("button").click()
    wait_until_drawn(page, "towns-fill")
    assert page.evaluate("addressbook.map.getSource('addresses') === undefined")
    expect(page.locator(".to-list")).to_have_count(0)
    page.get_by_role("radio", name="事件").check(force=True)
    page.get_by_role("button", name="热力图").click()
    expect(page.locator(".map-note")).to_contain_text("看不到事件的热力")
    assert visit.errors == []


OVERLAPS = """() => {
    const boxes = [...document.querySelectorAll(
        '.kinds, .tools, .legend, .map-note, .draw-bar, .maplibregl-ctrl-bottom-right, .top > *')]
        .filter(e => e.checkVisibility() && !e.hidden)
        .map(e => [e.className, e.getBoundingClientRect()]).filter(([, b]) => b.width > 0)
    const meet = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1
    const out = boxes.filter(([, b]) => b.left < 0 || b.right > innerWidth).map(([name]) => `${name} is cut off`)
    return out.concat(boxes.flatMap(([name, a], i) =>
        boxes.slice(i + 1).filter(([, b]) => meet(a, b)).map(([other]) => `${name} × ${other}`)))
}"""


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_over_the_map_lies_upon_another_thing(visit: Visit, language: str) -> None:
    page = arrived(visit)
    if language == "en":
        page.locator("#language").click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        wait_until_drawn(page, "towns-fill")
    line = page.locator(".tools [name=line]")
    for width in (1280, 768, 390):
        page.set_viewport_size({"width": width, "height": 800})
        expect(page.locator(".legend")).to_be_visible()
        assert page.evaluate(OVERLAPS) == []
        line.click()
        expect(page.locator(".draw-bar")).to_be_visible()
        assert page.evaluate(OVERLAPS) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.keyboard.press("Escape")
        expect(page.locator(".draw-bar")).to_be_hidden()
    assert COUNTY in page.url
