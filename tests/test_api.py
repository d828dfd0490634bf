"""What the service promises over HTTP: a policy on every route, faults as problems, GeoJSON as the standard has it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import text
from structlog.testing import capture_logs

from addressbook import errors, identity
from addressbook.config import Settings
from addressbook.model import AddressKind
from addressbook.privacy.keys import create_key, revoke_key
from addressbook.privacy.known_keys import LONGEST_S
from addressbook.privacy.policy import AccessRole
from api import create_app
from api.document import guard_of
from api.edge import MOST_BODY_BYTES
from api.errors import STATUS, problem_name
from api.page import add_page
from tests.live_server import served as live
from tests.small_service import Served, problem_of
from tests.small_world import TOWN
from tests.worlds import until

OPEN_ROUTES = {"/health", "/health/live", "/openapi.json", "/{path:path}", "/exports/files/{job_id}"}
"""The last asks for a signature in place of a key."""


@pytest.fixture(scope="module")
def served(make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    served = Served(make_database(), tmp_path_factory.mktemp("home"))
    with live(served.app) as served.client:
        yield served
    served.engine.dispose()


def routes(app: FastAPI) -> list[APIRoute]:
    assert all(isinstance(route, APIRoute) for route in app.routes), "a mount has no policy"
    return [route for route in app.routes if isinstance(route, APIRoute)]


def test_every_route_has_exactly_one_policy_and_only_those_without_data_are_open(served: Served) -> None:
    for route in routes(served.app):
        assert (guard_of(route).policy.minimum is None) == (route.path in OPEN_ROUTES), route.path


def test_every_route_but_the_open_ones_refuses_to_answer_without_a_key(served: Served) -> None:
    for route in routes(served.app):
        if route.path not in OPEN_ROUTES:
            method = sorted(route.methods)[0]
            answer = served.client.request(method, route.path.replace("{aid}", "x").replace("{code}", "33"))
            assert problem_of(answer, 401)["type"].endswith("key-missing")
            assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("key", ["x", "abk_" + "A" * 43, "abk_" + "é" * 43, "a b"])
def test_a_wrong_key_is_refused_whatever_is_wrong_with_it(served: Served, key: str) -> None:
    answer = served.client.get("/areas/330109", headers={"Authorization": f"Bearer {key}".encode()})
    problem_of(answer, 401)


def test_a_revoked_key_is_refused_as_soon_as_the_database_has_said_so(served: Served) -> None:
    with served.engine.begin() as connection:
        key = create_key(connection, AccessRole.VIEWER, "short lived")
        number = connection.execute(text("SELECT max(key_id) FROM api_key")).scalar_one()
    headers = {"Authorization": f"bearer {key}"}
    assert served.client.get("/areas/330109", headers=headers).status_code == 200
    with served.engine.begin() as connection:
        assert revoke_key(connection, number)
    until(lambda: served.client.get("/areas/330109", headers=headers).status_code == 401, within_s=LONGEST_S)
    problem_of(served.client.get("/areas/330109", headers=headers), 401)


def test_a_key_is_stored_as_a_hash_only(served: Served) -> None:
    with served.engine.connect() as connection:
        stored = connection.execute(text("SELECT string_agg(k::text, '') FROM api_key k")).scalar_one()
    assert not any(key in stored or key[4:] in stored for key in served.keys.values())


def test_the_public_may_count_areas_but_not_read_addresses(served: Served) -> None:
    assert served.get("/areas/330109/view", AccessRole.PUBLIC).status_code == 200
    for path in (f"/addresses/{served.codes.room}", "/addresses", "/resolve?text=a", "/areas/330109/unplaced"):
        assert problem_of(served.get(path, AccessRole.PUBLIC), 403)["detail_zh"]


@pytest.mark.parametrize("role", list(AccessRole))
def test_no_answer_to_any_role_holds_anything_sealed(served: Served, role: AccessRole) -> None:
    for path in (f"/addresses/{served.codes.compound}/view", "/areas/330109/unplaced", "/areas/330109/view"):
        body = served.get(path, role).text
        assert "王虚构" not in body
        assert "sealed" not in body


def test_health_needs_no_key_and_tells_nothing(served: Served) -> None:
    answer = served.get("/health", None)
    assert answer.status_code == 200
    assert set(answer.json()) == {"status", "database", "version"}


def test_without_a_database_health_is_a_503_without_its_address(tmp_path: Path) -> None:
    url = "postgresql://someone:hidden@127.0.0.1:1/nothing"
    with live(create_app(Settings(database_url=url, home=tmp_path))) as client:
        found = problem_of(client.get("/health"), 503)
    assert "hidden" not in str(found)
    assert "127.0.0.1" not in str(found)


def test_an_address_is_a_feature_however_its_code_was_typed(served: Served) -> None:
    printed = identity.printed(served.codes.room).lower().replace("0", "o")
    for typed in (served.codes.room, printed):
        answer = served.get(f"/addresses/{typed}")
        assert answer.headers["content-type"] == "application/geo+json"
        feature = answer.json()
        assert (feature["type"], feature["id"]) == ("Feature", served.codes.room)
        assert feature["geometry"] == {"type": "Point", "coordinates": [120.05, 30.2]}


def test_a_mistyped_code_is_told_from_one_never_issued(served: Served) -> None:
    wrong = served.codes.room[:-1] + ("1" if served.codes.room[-1] != "1" else "2")
    assert problem_of(served.get(f"/addresses/{wrong}"), 400)["type"].endswith("code")
    assert problem_of(served.get(f"/addresses/{wrong}/view"), 400)
    unknown = identity.mint(AddressKind.ROOM)
    assert problem_of(served.get(f"/addresses/{unknown}"), 404)
    assert problem_of(served.get(f"/addresses/{unknown}/view"), 404)


def test_a_retired_address_answers_with_its_state(served: Served) -> None:
    assert served.get(f"/addresses/{served.codes.retired_room}").json()["properties"]["state"] == "retired"


def test_a_view_is_logged_under_its_route_and_request(served: Served) -> None:
    served.get(f"/addresses/{served.codes.room}/view", headers={"X-Request-ID": "my-request-1"})
    with served.engine.connect() as connection:
        asked = text("SELECT route, subject, persons FROM access_log WHERE request_id = 'my-request-1'")
        assert [tuple(line) for line in connection.execute(asked)] == [("/addresses/{aid}/view", served.codes.room, 5)]


def test_pages_of_addresses_follow_their_links_to_the_end(served: Served) -> None:
    path, seen = "/addresses?limit=4", []
    while path:
        page = served.get(path).json()
        assert page["numberReturned"] == len(page["features"]) <= 4
        seen += [feature["id"] for feature in page["features"]]
        path = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    assert len(seen) == len(set(seen)) == 10


def test_a_cursor_that_is_damaged_or_of_another_question_is_refused(served: Served) -> None:
    page = served.get("/addresses?limit=2").json()
    following = next(link["href"] for link in page["links"] if link["rel"] == "next")
    assert served.get(following).status_code == 200
    for path in (
        following + "&kind=B",
        "/addresses?cursor=nonsense",
        "/addresses?cursor=%00%FF",
        "/addresses?cursor=W10",
    ):
        assert problem_of(served.get(path), 400)["field"] == "cursor"
    for path in ("/areas/330109/unplaced?cursor=W10", "/areas/330109/unplaced?cursor=x"):
        assert problem_of(served.get(path), 400)["field"] == "cursor"


@pytest.mark.parametrize(
    ("path", "status", "field"),
    [
        ("/addresses?limt=3", 400, "limt"),
        ("/addresses?limit=3&limit=4", 400, "limit"),
        ("/addresses?limit=0", 422, "limit"),
        ("/addresses?limit=1001", 422, "limit"),
        ("/addresses?kind=Q", 400, "kind"),
        ("/addresses?bbox=1,2,3", 400, "bbox"),
        ("/addresses?bbox=3,2,1,4", 400, "bbox"),
        ("/addresses?bbox=nan,nan,nan,nan", 400, "bbox"),
        ("/addresses?bbox=-181,0,0,0", 400, "bbox"),
        ("/addresses?division=3301090", 400, ""),
        ("/areas/330109/view?month=2025-13", 400, "month"),
        ("/areas/330109/view?month=may", 422, "month"),
        ("/areas/330109/view?month=0001-01", 422, "month"),
        ("/areas/330109/unplaced?kind=dog", 422, "kind"),
        ("/resolve", 422, "text"),
        ("/resolve?text=" + "路" * 501, 422, "text"),
        ("/health?verbose=1", 400, "verbose"),
    ],
)
def test_a_wrong_parameter_is_named(served: Served, path: str, status: int, field: str) -> None:
    assert problem_of(served.get(path), status).get("field", "") == field


def test_an_unknown_parameter_names_the_nearest_known_one(served: Served) -> None:
    assert "limit" in problem_of(served.get("/addresses?limt=3"), 400)["detail"]


def test_a_text_with_a_nul_is_a_fault_of_the_caller(served: Served) -> None:
    for path in ("/areas/a%00b", "/addresses?q=a%00b", "/areas/%00", "/addresses/a%00b", "/resolve?text=a%00b"):
        assert problem_of(served.get(path), 400)["field"], path
    headers = {"X-API-Key": served.keys[AccessRole.VIEWER], "Content-Type": "application/json"}
    for body in (b'{"texts": ["a\\u0000b"]}', b'{"texts": ["a"], "division": "\\u0000"}'):
        assert served.client.post("/resolve", content=body, headers=headers).status_code in (400, 422), body
    found = served.client.post("/resolve", content="{", headers=headers).json()
    assert (found["field"], found["detail_zh"]) == ("body", "参数“body”无效。")


def test_search_finds_codes_texts_and_parts_of_names(served: Served) -> None:
    def found(question: str) -> list[str]:
        return [feature["id"] for feature in served.get("/addresses", params={"q": question}).json()["features"]]

    assert found(identity.printed(served.codes.retired_room)) == [served.codes.retired_room]
    assert found(identity.mint(AddressKind.ROOM)) == []
    assert found("岸明") == [served.codes.compound]
    assert found("南岸明珠3幢1单元502室")[0] == served.codes.room


def test_a_text_resolves_alone_as_it_does_in_a_batch(served: Served) -> None:
    alone = served.get("/resolve", params={"text": "南岸明珠3幢1单元502室"}).json()
    headers = {"X-API-Key": served.keys[AccessRole.VIEWER]}
    body = {"texts": ["南岸明珠3幢1单元502室", "不知道在哪里"]}
    batch = served.client.post("/resolve", json=body, headers=headers).json()["results"]
    assert batch[0] == alone
    assert (alone["category"], alone["aid"]) == ("A", served.codes.room)
    assert batch[1]["category"] in ("C", "D")


def test_a_name_minted_later_is_found_without_a_restart(served: Served) -> None:
    with served.engine.begin() as connection:
        aid = identity.mint(AddressKind.COMPOUND)
        connection.execute(
            text(
                "WITH e AS (INSERT INTO registry_event (event_id, kind, actor, reason, source_document)"
                " VALUES (2, 'mint', 't', '', '')), d AS (INSERT INTO aid_directory VALUES (:aid, :site))"
                " INSERT INTO address (site_id, aid, kind, name, path, standard_text, division_code, state, source_id,"
                " event_id) SELECT :site, :aid, 'C', '碧水豪园', '', '碧水豪园', '330109001002', 'current', 1, 2"
            ),
            {"aid": aid, "site": identity.number_of(aid)},
        )
    served.app.state.service.resolver.look_again()
    assert served.get("/resolve", params={"text": "碧水豪园"}).json()["aid"] == aid
    with served.engine.begin() as connection:
        connection.execute(text("DELETE FROM address WHERE aid = :aid"), {"aid": aid})


@pytest.mark.parametrize("body", [{"texts": []}, {"texts": ["a"] * 1001}, {"texts": ["a"], "x": 1}, [], {"texts": "a"}])
def test_a_batch_that_does_not_fit_is_a_422(served: Served, body: Any) -> None:
    problem_of(served.client.post("/resolve", json=body, headers={"X-API-Key": served.keys[AccessRole.VIEWER]}), 422)


def test_a_body_too_large_is_a_413_announced_or_not(served: Served) -> None:
    headers = {"X-API-Key": served.keys[AccessRole.VIEWER], "Content-Type": "application/json"}
    whole = b" " * (MOST_BODY_BYTES + 1)
    problem_of(served.client.post("/resolve", content=whole, headers=headers), 413)
    pieces = (b" " * 65536 for _ in range(MOST_BODY_BYTES // 65536 + 2))
    problem_of(served.client.post("/resolve", content=pieces, headers=headers), 413)


def test_unplaced_pages_follow_their_links(served: Served) -> None:
    path, seen = "/areas/330109/unplaced?limit=1", []
    while path:
        page = served.get(path).json()
        seen += [item["element_key"] for item in page["items"]]
        path = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    assert len(seen) == len(set(seen)) == 3


def test_areas_are_found_by_short_and_long_codes(served: Served) -> None:
    for code in (TOWN, TOWN[:9]):
        assert served.get(f"/areas/{code}").json()["id"] == TOWN
    collection = served.get("/areas/330109/children")
    assert collection.headers["content-type"] == "application/geo+json"
    problem_of(served.get("/areas/110000000009"), 404)


def test_no_path_and_no_method_but_the_known_ones(served: Served) -> None:
    problem_of(served.get("/nothing/here"), 404)
    problem_of(served.get("/..%2f..%2fetc/passwd"), 404)
    answer = served.client.delete("/addresses")
    problem_of(answer, 405)
    assert answer.headers["allow"] == "GET"


def test_an_unforeseen_fault_is_a_500_that_tells_only_its_number(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("inner detail 330109199001011234")

    monkeypatch.setattr(served.app.state.service.resolver, "resolve", broken)
    found = problem_of(served.get("/resolve?text=a"), 500)
    assert "330109" not in str(found)


def test_answers_carry_an_id_and_headers_that_keep_the_page_to_itself(served: Served) -> None:
    for path in ("/health", "/", "/nothing"):
        headers = served.get(path, None).headers
        assert headers["x-request-id"]
        assert headers["x-content-type-options"] == "nosniff"
        assert "worker-src 'self' blob:" in headers["content-security-policy"]
    assert served.get("/health", None, headers={"X-Request-ID": "a b\tc"}).headers["x-request-id"] != "a b\tc"


def test_logs_name_the_route_and_never_the_key_or_the_question(served: Served) -> None:
    structlog.reset_defaults()
    with capture_logs() as lines:
        served.get("/resolve", params={"text": "南岸明珠3幢502"})
        until(lambda: lines)  # the line is written once the answer is out
    written = str(lines)
    assert lines[-1]["route"] == "/resolve"
    assert "明珠" not in written
    assert served.keys[AccessRole.ANALYST] not in written


def test_the_openapi_document_describes_every_route_with_an_example_of_its_path(served: Served) -> None:
    document = served.get("/openapi.json", None).json()
    described = set(document["paths"])
    assert described == {route.path for route in routes(served.app)} - {"/openapi.json", "/{path:path}"}
    names = set(document["components"]["schemas"])
    assert {"AddressView", "AreaView", "Problem", "ResolveRequest"} <= names
    example = document["paths"]["/addresses/{aid}"]["get"]["parameters"][0]["schema"]["examples"]
    assert example == ["B7K3-M9QX-W2HF"]
    assert set(document["components"]["securitySchemes"]) == {"bearer", "header", "session"}
    keyed = {path for path, item in document["paths"].items() if "security" in next(iter(item.values()))}
    assert keyed == described - OPEN_ROUTES


def test_the_page_is_served_where_it_is_built_and_else_says_how(tmp_path: Path) -> None:
    app = FastAPI(openapi_url=None)
    add_page(app, tmp_path)
    with live(app) as client:
        assert "make" in client.get("/").text
        (tmp_path / "assets").mkdir()
        (tmp_path / "index.html").write_text("<p>built</p>")
        (tmp_path / "assets" / "x-1.js").write_text("1")
        assert client.get("/").text == "<p>built</p>"
        assert "immutable" in client.get("/assets/x-1.js").headers["cache-control"]
        assert client.get("/").headers["cache-control"] == "no-cache"


def test_every_fault_of_the_tree_has_a_status_and_its_own_name() -> None:
    def tree(kind: type[errors.AddressbookError]) -> list[type[errors.AddressbookError]]:
        return [kind, *(found for below in kind.__subclasses__() for found in tree(below))]

    ours = [kind for kind in tree(errors.AddressbookError) if kind.__module__ == errors.__name__]
    assert set(ours) <= set(STATUS)
    assert len({problem_name(kind) for kind in ours}) == len(ours)
