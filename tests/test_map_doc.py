"""docs/map.md in a real browser: its code runs in a page of another origin and draws what the service has."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.ogc_world import Ogc, served_ogc
from tests.source_tree import ROOT
from tests.test_docs import FENCE
from tests.test_page import COARSE, PATIENCE_MS, SELDOM_DRAWN, browser

pytestmark = pytest.mark.browser
__all__ = ["browser"]
DOCUMENT = ROOT / "docs" / "map.md"
MAPLIBRE = ROOT / "web" / "node_modules" / "maplibre-gl" / "dist"
SERVICE, KEY = "'https://addressbook.example'", "await keyOfWhoeverIsAtThePage()"
PAGE = """<!doctype html><meta charset="utf-8">
<link rel="stylesheet" href="/maplibre-gl.css"><link rel="icon" href="data:,">
<style>#map { position: absolute; inset: 0 }</style><div id="map"></div>
<script type="importmap">{"imports": {"maplibre-gl": "/maplibre-gl.mjs"}}</script>
<script type="module" src="/snippet.mjs"></script>"""


class Pages(SimpleHTTPRequestHandler):
    """The page, the code of the document, and MapLibre as its package has it."""

    snippet = ""
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".mjs": "text/javascript"}

    def do_GET(self) -> None:
        own = {"/": (PAGE, "text/html"), "/snippet.mjs": (self.snippet, "text/javascript")}.get(self.path)
        if own is None:
            super().do_GET()
            return
        body = own[0].encode()
        self.send_response(200)
        self.send_header("Content-Type", f"{own[1]}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """A server of pages, of an origin of its own."""
    if not MAPLIBRE.is_dir():
        pytest.skip("the page's packages are not installed: make web")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Pages, directory=str(MAPLIBRE)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def ogc(origin: str, make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ogc]:
    with served_ogc(make_database(), tmp_path_factory.mktemp("home"), cors_origins=origin) as world:
        yield world


def code_of(text: str) -> str:
    """The JavaScript of a document, all of it in order."""
    return "\n".join(match[2] for match in FENCE.finditer(text) if match[0].startswith("```js\n"))


def snippet_of(text: str, service: str, key: str) -> str:
    """The code as whoever copies it would fill it in, and its map where a test can ask it."""
    code = code_of(text)
    assert code.count(SERVICE) == code.count(KEY) == 1
    code = code.replace(SERVICE, repr(service.rstrip("/"))).replace(KEY, repr(key))
    return f"{code}\nglobalThis.map = map\n"


class Seen:
    """A page, what it said, and what went wrong in it."""

    def __init__(self, browser: Browser, origin: str, snippet: str) -> None:
        Pages.snippet = snippet
        self.said: list[str] = []
        self.faults: list[str] = []
        self.page: Page = browser.new_context(viewport={"width": 1500, "height": 700}, **COARSE).new_page()
        self.page.add_init_script(SELDOM_DRAWN)
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("console", lambda message: self._heard(message.type, message.text))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("requestfailed", lambda request: self.faults.append(f"{request.url} {request.failure}"))
        self.page.goto(f"{origin}/")

    def _heard(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.faults += [text] if "GPU stall" not in text else []
        else:
            self.said.append(text)

    def drawn(self, layer: str) -> int:
        """How many features of a layer are drawn, as soon as there are any."""
        self.page.wait_for_function(
            "layer => globalThis.map?.getLayer(layer) && map.queryRenderedFeatures({layers: [layer]}).length", arg=layer
        )
        return int(self.page.evaluate("layer => map.queryRenderedFeatures({layers: [layer]}).length", layer))


def test_the_code_of_the_document_draws_what_the_service_has(browser: Browser, origin: str, ogc: Ogc) -> None:
    snippet = snippet_of(DOCUMENT.read_text("utf-8"), str(ogc.client.base_url), ogc.keys["analyst"])
    seen = Seen(browser, origin, snippet)
    for layer in ("areas", "addresses", "towns", "names"):
        assert seen.drawn(layer) > 0, seen.faults
    for _ in range(100):
        if len(seen.said) == 2:
            break
        seen.page.wait_for_timeout(50)
    assert sorted(seen.said) == ["测试公司", "虚构公司"]
    assert seen.faults == []


def test_a_map_for_everybody_is_the_same_without_addresses(browser: Browser, origin: str, ogc: Ogc) -> None:
    text = re.sub(r"^ +\{ id: 'addresses'.*\n", "", DOCUMENT.read_text("utf-8"), flags=re.MULTILINE)
    text = re.sub(r"^  for await .*\n", "", text, flags=re.MULTILINE)
    seen = Seen(browser, origin, snippet_of(text, str(ogc.client.base_url), ogc.keys["public"]))
    for layer in ("areas", "towns", "names"):
        assert seen.drawn(layer) > 0, seen.faults
    assert seen.faults == []


def test_a_fault_in_the_document_is_found_out(browser: Browser, origin: str, ogc: Ogc) -> None:
    text = DOCUMENT.read_text("utf-8").replace("'source-layer': 'areas'", "'source-layer': 'area'")
    seen = Seen(browser, origin, snippet_of(text, str(ogc.client.base_url), ogc.keys["analyst"]))
    seen.drawn("towns")
    assert any('"area" does not exist' in fault for fault in seen.faults)


def test_only_the_code_of_the_document_is_taken(tmp_path: Path) -> None:
    assert code_of("```js\na()\n```\nwords\n```sh\nb\n```\n```js\nc()\n```\n") == "a()\n\nc()\n"
