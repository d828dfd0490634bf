"""The page in a real browser, against the real service on a real socket over a small loaded district."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any, Protocol

import httpx
import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, ViewportSize, expect, sync_playwright

from tests.worlds import until

pytestmark = pytest.mark.browser

COUNTY = "330109000000"
CHROMIUM = "/usr/bin/chromium"
# MapLibre needs WebGL, which a machine without a graphics card has through SwiftShader.
ARGUMENTS = [
    "--no-sandbox", "--use-angle=swiftshader", "--disable-gpu-compositing", "--disable-background-networking"
]  # fmt: skip
WITHOUT_WEBGL = "--disable-3d-apis"
COARSE = {"device_scale_factor": 0.5, "reduced_motion": "reduce"}
"""In a quarter of the pixels, and without flights: with no graphics card each pixel and each frame takes its time."""
SELDOM_DRAWN = """
    window.requestAnimationFrame = draw => setTimeout(() => draw(performance.now()), 100);
    window.cancelAnimationFrame = clearTimeout;
"""
"""Ten frames a second, as on a slow machine: the map comes to rest in the same picture for two thirds of the work."""
HOSTILE = "<img src=x onerror="
PATIENCE_MS = 20_000
NARROW: ViewportSize = {"width": 390, "height": 800}

Launch = Callable[..., Browser]


class ServedDistrict(Protocol):
    """What these tests need of the fixture `served_district`: a loaded sample, served."""

    base_url: str  # without a slash at the end
    key: str  # may see persons masked
    public_key: str  # may see counts
    viewer_key: str  # may see addresses, enterprises and things, no persons and no houses
    reviewer_key: str  # may change the registry
    building_aid: str  # a building with rooms, of which at least one has people
    hostile_aid: str  # an address with an enterprise whose name begins `<img src=x onerror=`


class Visit:
    """A browser page, and everything in it that should not have happened."""

    def __init__(self, page: Page, district: ServedDistrict) -> None:
        self.page = page
        self.district = district
        self.errors: list[str] = []
        self.foreign: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._requested)

    def open(self, route: str = "", *, key: str | None = None) -> Page:
        """Open the page at a route with the district's key (or another), which the URL must not keep."""
        key = self.district.key if key is None else key
        parts = "&".join(part for part in (f"key={key}" if key else "", route) if part)
        self.page.goto(f"{self.district.base_url}/#{parts}")
        return self.page

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "GPU stall" not in message.text:
            self.errors.append(message.text)

    def _requested(self, request: Request) -> None:
        if not request.url.startswith((self.district.base_url + "/", "data:", "blob:")):
            self.foreign.append(request.url)


@contextmanager
def launching() -> Iterator[Launch]:
    """Starts the browser with these arguments, once."""
    expect.set_options(timeout=PATIENCE_MS)  # on a busy machine five seconds are no time
    with sync_playwright() as playwright, ExitStack() as stack:

        @cache
        def launch(*arguments: str) -> Browser:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*ARGUMENTS, *arguments])
            return stack.enter_context(browser)

        yield launch


@pytest.fixture(scope="module")
def browser(launch: Launch) -> Browser:
    return launch()


@pytest.fixture
def visit(browser: Browser, served_district: ServedDistrict) -> Iterator[Visit]:
    with visiting(browser, served_district, **COARSE) as visit:
        visit.page.add_init_script(SELDOM_DRAWN)
        yield visit


@pytest.fixture
def mapless(launch: Launch, served_district: ServedDistrict) -> Iterator[Visit]:
    """Of a machine without WebGL, which has all of the page but the map: that is most of what a page takes to open."""
    with visiting(launch(WITHOUT_WEBGL), served_district) as visit:
        yield visit


@contextmanager
def visiting(browser: Browser, district: ServedDistrict, **screen: Any) -> Iterator[Visit]:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN", **screen)
    yield Visit(context.new_page(), district)
    context.close()


def drawn(page: Page, layer: str) -> int:
    """How many features of a layer the map has really drawn, once it has come to rest."""
    return int(page.evaluate("layer => addressbook.map.queryRenderedFeatures({layers: [layer]}).length", layer))


def wait_until_drawn(page: Page, layer: str) -> int:
    page.wait_for_function(
        "layer => { const map = addressbook.map; return map.getLayer(layer) && map.areTilesLoaded()"
        " && map.queryRenderedFeatures({layers: [layer]}).length > 0 }",
        arg=layer,
    )
    return drawn(page, layer)


def number_in(text: str) -> int:
    return int(re.sub(r"\D", "", text) or 0)


def test_the_page_opens_on_the_district_asks_no_other_host_and_logs_no_error(visit: Visit) -> None:
    page = visit.open()
    expect(page.locator("#panel h2")).to_have_text("萧山区")
    wait_until_drawn(page, "towns-fill")
    assert visit.errors == []
    assert visit.foreign == []


def test_the_map_draws_towns_then_communities_then_addresses_as_one_comes_near(visit: Visit) -> None:
    page = visit.open()
    assert wait_until_drawn(page, "towns-fill") > 0
    page.locator(".area-list a").first.click()
    assert wait_until_drawn(page, "communities-fill") > 0
    page.goto(f"{visit.district.base_url}/#address={visit.district.building_aid}")
    assert wait_until_drawn(page, "points") > 0
    assert visit.errors == []


def test_the_key_is_taken_out_of_the_url_and_survives_a_reload(mapless: Visit) -> None:
    page = mapless.open()
    expect(page.locator("#panel h2")).to_have_text("萧山区")
    assert mapless.district.key not in page.url
    page.reload()
    expect(page.locator("#panel h2")).to_have_text("萧山区")


def test_no_script_of_the_page_can_read_what_opens_the_service(mapless: Visit) -> None:
    page = mapless.open()
    expect(page.locator("#panel h2")).to_have_text("萧山区")
    kept = page.evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}, document.cookie])")
    (cookie,) = page.context.cookies()
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"
    assert mapless.district.key not in kept
    assert cookie["value"] not in kept


def test_changing_the_key_ends_the_session(mapless: Visit) -> None:
    page = mapless.open()
    expect(page.locator("#panel h2")).to_have_text("萧山区")
    (cookie,) = page.context.cookies()
    page.get_by_role("button", name="更换密钥").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("密钥 Key").fill(mapless.district.key)
    dialog.get_by_role("button").click()
    expect(dialog).to_have_count(0)
    expect(page.locator("#panel h2")).to_have_text("萧山区")
    (after,) = page.context.cookies()
    assert after["value"] != cookie["value"]
    old = {"Cookie": f"{cookie['name']}={cookie['value']}"}
    until(lambda: httpx.get(f"{mapless.district.base_url}/areas/330109", headers=old).status_code == 401)


def test_without_a_key_a_dialog_asks_for_one_in_both_languages_and_lets_in(mapless: Visit) -> None:
    page = mapless.open(key="")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("请输入访问密钥")
    expect(dialog).to_contain_text("An access key, please")
    dialog.get_by_label("密钥 Key").fill(mapless.district.key)
    dialog.get_by_role("button").click()
    expect(page.locator("#panel h2")).to_have_text("萧山区")
    expect(dialog).to_have_count(0)


def test_a_wrong_key_brings_the_dialog_back_and_says_so(mapless: Visit) -> None:
    page = mapless.open(key="abk_wrong")
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("密钥无效")
    assert page.evaluate("sessionStorage.length") == 0


def test_searching_a_text_lists_addresses_and_choosing_one_shows_its_view_with_its_code(mapless: Visit) -> None:
    aid = mapless.district.building_aid
    page = mapless.open(f"address={aid}")
    text = page.locator("#panel h2").inner_text()
    page.locator(".brand").click()
    expect(page.locator("#panel h2")).to_have_text("萧山区")
    page.get_by_role("combobox").fill(text)
    option = page.get_by_role("option").filter(has_text=text).first
    expect(option).to_be_visible()
    option.click()
    expect(page.locator("#panel .code.aid")).to_have_text(re.compile(r"^[0-9A-Y]{4}-[0-9A-Y]{4}-[0-9A-Y]{4}$"))
    expect(page.locator("#panel h2")).to_contain_text(text)
    assert "address=" in page.url


def test_an_identity_code_typed_with_hyphens_opens_its_address_by_keyboard_alone(mapless: Visit) -> None:
    page = mapless.open()
    expect(page.locator("#panel h2")).to_have_text("萧山区")
    aid = mapless.district.building_aid
    printed = f"{aid[:4]}-{aid[4:8]}-{aid[8:]}"
    box = page.get_by_role("combobox")
    box.fill(printed.lower())
    expect(page.get_by_role("option").first).to_contain_text(printed)
    box.press("ArrowDown")
    box.press("Enter")
    expect(page.locator("#panel .code.aid")).to_have_text(printed)


def test_a_code_that_fails_its_check_is_answered_with_a_sentence(mapless: Visit) -> None:
    aid = mapless.district.building_aid
    wrong = aid[:-1] + ("0" if aid[-1] != "0" else "1")
    page = mapless.open(f"address={wrong}")
    alert = page.locator("#panel").get_by_role("alert")
    expect(alert).to_be_visible()
    expect(alert).to_contain_text(re.compile(r"[\u4e00-\u9fff]"))


def test_clicking_an_area_on_the_map_shows_its_counts_and_back_returns(visit: Visit) -> None:
    page = visit.open()
    wait_until_drawn(page, "towns-labels")
    total = number_in(page.locator("#tab-address .tile-number").inner_text())
    point: dict[str, Any] = page.evaluate(
        """() => { const map = addressbook.map
            const drawn = map.queryRenderedFeatures({layers: ['towns-labels']})
            const areas = map.queryRenderedFeatures({layers: ['towns-fill']})
            const full = new Set(areas.filter(f => f.properties.address > 0).map(f => f.properties.code))
            const town = drawn.find(label => full.has(label.properties.code))
            const at = map.project(town.geometry.coordinates)
            const box = map.getCanvas().getBoundingClientRect()
            return {x: box.x + at.x, y: box.y + at.y, name: town.properties.name} }"""
    )
    page.mouse.click(point["x"], point["y"])
    expect(page.locator("#panel h2")).to_have_text(point["name"])
    part = number_in(page.locator("#tab-address .tile-number").inner_text())
    assert 0 < part <= total
    page.go_back()
    expect(page.locator("#panel h2")).to_have_text("萧山区")


def test_the_parts_in_the_list_and_what_is_in_none_of_them_add_up_to_the_area(mapless: Visit) -> None:
    page = mapless.open()
    expect(page.locator("#panel h2")).to_have_text("萧山区")
    total = number_in(page.locator("#tab-address .tile-number").inner_text())
    parts = [number_in(text) for text in page.locator(".area-list .number").all_inner_texts()]
    crossing = page.locator(".area-list + .rest").all_inner_texts()  # streets lie in the county, not in a town
    assert total > 0
    assert sum(parts) + sum(number_in(text) for text in crossing) == total


def test_another_kind_shows_its_categories_and_months(mapless: Visit) -> None:
    page = mapless.open()
    page.locator("#tab-event").click()
    expect(page.locator("#tab-event")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".month-bars rect.bar").first).to_be_attached()
    expect(page.locator(".part-bars li").first).to_be_visible()


def test_a_building_shows_its_table_and_a_room_leads_on(mapless: Visit) -> None:
    page = mapless.open(f"address={mapless.district.building_aid}")
    table = page.get_by_role("table")
    expect(table).to_be_visible()
    assert page.locator(".room").count() > 1
    assert page.locator(".room.lived_in").count() > 0
    room = page.locator(".room.lived_in").first
    number = room.inner_text().split()[0]
    room.click()
    expect(page.locator("#panel h2")).to_contain_text(number)
    expect(page.locator("#panel .tag").first).to_have_text("户室")
    expect(page.locator(".kind-person .item-title").first).to_contain_text("*")


def test_who_goes_on_before_the_map_has_come_is_led_to_the_new_heading(visit: Visit) -> None:
    visit.page.add_init_script("window.requestAnimationFrame = () => 0")  # without a frame it never comes
    page = visit.open()
    heading = page.locator("#panel h2")
    expect(heading).to_have_text("萧山区")
    page.locator(".area-list a").first.click()
    expect(heading).not_to_have_text("萧山区")
    expect(heading).to_be_focused()


def test_every_link_says_why_it_is_here(mapless: Visit) -> None:
    page = mapless.open(f"address={mapless.district.building_aid}")
    evidence = page.locator("details.evidence").first
    evidence.locator("summary").click()
    expect(evidence).to_contain_text("原文")


def test_a_hostile_name_is_shown_as_text_and_runs_nothing(visit: Visit) -> None:
    page = visit.open(f"address={visit.district.hostile_aid}")
    expect(page.locator("#panel")).to_contain_text(HOSTILE)
    assert page.locator("#panel img").count() == 0
    assert visit.foreign == []
    assert visit.errors == []


def test_the_language_can_be_switched_and_the_place_is_kept(mapless: Visit) -> None:
    page = mapless.open(f"address={mapless.district.building_aid}")
    heading = page.locator("#panel h2").inner_text()
    page.locator("#language").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#panel h2")).to_have_text(heading)
    expect(page.locator("#panel .tag").first).to_have_text("Building")


def test_nothing_is_wider_than_the_window(mapless: Visit) -> None:
    mapless.page.set_viewport_size(NARROW)
    page = mapless.open(f"address={mapless.district.building_aid}")
    for width in (390, 820, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        expect(page.get_by_role("table")).to_be_visible()
        need_to_fit(page, width)


def need_to_fit(page: Page, width: int) -> None:
    """Neither the page is wider than the window, nor what is in the panel than the panel."""
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("(p => p.scrollWidth <= p.clientWidth)(document.querySelector('#panel'))")
