"""What every answer has in common: tags, compression, links, other origins, figures and traces."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
import zstandard
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families

from addressbook.config import Settings
from addressbook.errors import SettingError
from addressbook.privacy.policy import AccessRole
from api import create_app
from tests.live_server import served as live
from tests.small_service import Served, problem_of
from tests.small_world import TOWN
from tests.worlds import until

MAP = "https://map.example"
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Collector:
    """A collector of traces on a real socket, which keeps what it is sent."""

    def __init__(self) -> None:
        sent = self.sent = list[bytes]()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                sent.append(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1/traces"

    def request(self) -> ExportTraceServiceRequest:
        found = ExportTraceServiceRequest()
        for body in self.sent:
            found.MergeFromString(body)
        return found


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.server.shutdown()


@pytest.fixture(scope="module")
def served(
    make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory, collector: Collector
) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("home")
    served = Served(make_database(), home, cors_origins=MAP, telemetry_url=collector.url)
    with live(served.app) as served.client:
        yield served
    served.engine.dispose()


def test_what_one_has_already_is_not_sent_again(served: Served) -> None:
    first = served.get("/areas/330109")
    assert first.headers["cache-control"] == "private, no-cache"
    assert "X-API-Key" in first.headers["vary"]
    tag = first.headers["etag"]
    for given in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
        again = served.get("/areas/330109", headers={"If-None-Match": given})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert served.get("/areas/330109", headers={"If-None-Match": '"other"'}).content == first.content
    assert served.get(f"/areas/{TOWN}").headers["etag"] != tag


def test_what_may_show_persons_is_kept_by_nobody(served: Served) -> None:
    for path in (f"/addresses/{served.codes.room}/view", "/areas/330109/unplaced"):
        for role in (AccessRole.VIEWER, AccessRole.ANALYST):
            headers = served.get(path, role).headers
            assert headers["cache-control"] == "no-store"
            assert "etag" not in headers
    refused = served.get("/areas/9999", headers={"If-None-Match": "*"})
    assert refused.status_code in (400, 404)
    assert refused.headers["cache-control"] == "no-store"


def test_head_is_get_without_its_body(served: Served) -> None:
    whole = served.get("/areas/330109")
    headers = {"X-API-Key": served.keys[AccessRole.ANALYST]}
    head = served.client.head("/areas/330109", headers=headers)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == whole.headers["etag"]
    assert served.client.head("/areas/330109").status_code == 401


def test_answers_are_compressed_as_the_client_can_read_them(served: Served) -> None:
    headers = {"X-API-Key": served.keys[AccessRole.ANALYST]}
    plain = served.client.get("/openapi.json", headers={"Accept-Encoding": "identity"}).content
    for encoding, unpacked in (
        ("gzip", gzip.decompress),
        ("zstd", lambda body: zstandard.ZstdDecompressor().decompressobj().decompress(body)),
    ):
        request = served.client.build_request("GET", "/openapi.json", headers={"Accept-Encoding": encoding})
        answer = served.client.send(request, stream=True)
        body = b"".join(answer.iter_raw())
        assert answer.headers["content-encoding"] == encoding
        assert len(body) < len(plain) / 4
        assert unpacked(body) == plain
    assert "content-encoding" not in served.client.get("/health", headers=headers).headers


def test_pages_are_linked_in_the_header_too(served: Served) -> None:
    answer = served.get("/addresses?limit=1")
    following = {link["rel"]: link["href"] for link in answer.json()["links"]}["next"]
    assert answer.links["next"]["url"] == following
    assert served.get(following).status_code == 200


def test_a_page_of_a_named_origin_may_ask_and_another_may_not(served: Served) -> None:
    asked = {"Origin": MAP, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "x-api-key"}
    allowed = served.client.options("/areas/330109", headers=asked)
    assert allowed.status_code == 200
    assert allowed.headers["access-control-allow-origin"] == MAP
    assert "access-control-allow-credentials" not in allowed.headers
    answer = served.get("/areas/330109", headers={"Origin": MAP})
    assert answer.headers["access-control-allow-origin"] == MAP
    assert "ETag" in answer.headers["access-control-expose-headers"]
    other = served.client.options("/areas/330109", headers=asked | {"Origin": "https://other.example"})
    assert "access-control-allow-origin" not in other.headers


@pytest.mark.parametrize("name", ["cors_origins", "telemetry_url"])
@pytest.mark.parametrize("value", ["*", "map.example", "https://map.example/path?x=1", "javascript:1"])
def test_an_origin_or_a_collector_that_is_none_is_a_setting_to_change(name: str, value: str) -> None:
    with pytest.raises((SettingError, ValueError)):
        Settings(**{name: value})


def figures_of(served: Served, name: str) -> list[float]:
    """The values of a figure as an administrator reads them."""
    text = served.get("/metrics", AccessRole.ADMIN).text
    found = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return [sample.value for sample in found if sample.name == name]


def test_a_view_that_waits_for_the_database_is_counted_among_connections(served: Served) -> None:
    name, answers = "addressbook_database_connections_in_use", list[int]()
    path = f"/addresses/{served.codes.room}/view"
    with served.engine.begin() as lock:
        lock.exec_driver_sql("LOCK TABLE address IN ACCESS EXCLUSIVE MODE")
        asking = threading.Thread(target=lambda: answers.append(served.get(path).status_code))
        asking.start()
        until(lambda: served.app.state.service.viewing.in_use == 1)
        assert figures_of(served, name)[0] >= 1
    asking.join()
    assert answers == [200]
    until(lambda: figures_of(served, name) == [0.0])


def test_figures_name_routes_and_only_an_administrator_reads_them(served: Served) -> None:
    for _ in range(3):
        served.get("/resolve", params={"text": "南岸明珠3幢502"})
    served.get("/addresses/none")
    problem_of(served.get("/metrics", AccessRole.ANALYST), 403)
    text = served.get("/metrics", AccessRole.ADMIN).text
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    counted = {
        (sample.labels["route"], sample.labels["status"]): sample.value
        for sample in samples
        if sample.name == "addressbook_http_requests_total"
    }
    assert counted["/resolve", "200"] >= 3
    assert counted["/addresses/{aid}", "400"] >= 1
    assert "明珠" not in text
    found = {sample.name for sample in samples}
    assert {"addressbook_http_request_seconds_bucket", "process_resident_memory_bytes"} <= found


def test_a_span_says_which_route_answered_how_and_nothing_that_was_asked(served: Served, collector: Collector) -> None:
    asked = {"X-Request-ID": "traced-request-1", "traceparent": PARENT}
    served.get(f"/addresses/{served.codes.room}", headers=asked)
    served.get("/resolve", params={"text": "南岸明珠3幢502"})
    served.app.state.tracing.flush()
    until(lambda: "traced-request-1" in str(collector.request()))
    sent = str(collector.request())
    assert "南岸" not in sent
    assert served.codes.room not in sent
    spans = [span for part in collector.request().resource_spans for scope in part.scope_spans for span in scope.spans]
    found = {span.name: span for span in spans}["GET /addresses/{aid}"]
    assert found.trace_id.hex() == PARENT.split("-")[1]
    attributes = {entry.key: entry.value for entry in found.attributes}
    assert attributes["http.response.status_code"].int_value == httpx.codes.OK


def test_a_process_without_a_database_lives_and_is_not_ready(tmp_path: Path) -> None:
    url = "postgresql://someone:hidden@127.0.0.1:1/nothing"
    with live(create_app(Settings(database_url=url, home=tmp_path))) as client:
        assert client.get("/health/live").status_code == 200
        problem_of(client.get("/health"), 503)
