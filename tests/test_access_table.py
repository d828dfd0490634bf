"""Every route × every reader, asked over a real socket, against the table in docs/access.md."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any, NamedTuple

import httpx
import openpyxl
import pytest
from fastapi.routing import APIRoute
from sqlalchemy import Engine, text

from api.document import guard_of
from api.tiling import MVT
from tests.access_world import ALIAS, ALIAS_TEXT, ASKERS, DISPUTED, HOME, Asker, Registry, served_registry
from tests.review_world import UNKNOWN_ROOM
from tests.source_tree import ROOT, expect_none
from tests.vector_tiles import read_tile
from tests.worlds import ROOM, TOWN, World

TABLE = ROOT / "docs" / "access.md"
HEADER = "| route |"
CELLS = ("no", "yes", "counts", "all counts", "texts", "masked", "full")
"""What a cell may say, from nothing to everything; docs/access.md explains each."""
PLAIN, MASKED = re.compile("虚构[0-9]"), "虚**"
PERSON_TEXTS = (HOME, UNKNOWN_ROOM, TOWN, ALIAS_TEXT, DISPUTED)
WITHOUT_ANSWER = re.compile("GET /webhooks/{webhook_id}.*|GET /exports/(jobs|files)/.*")
"""Routes of which no asker has anything to ask."""


class Sample(NamedTuple):
    """A request to a route; one that changes something is a request that comes to nothing."""

    path: str = ""
    body: Any = None


REASON = {"reason": "x"}
DRAWN = {"type": "Polygon", "coordinates": [[[120, 30], [121, 30], [121, 31], [120, 31], [120, 30]]]}
SAMPLES: dict[str, Sample] = {
    "GET /health": Sample(),
    "GET /health/live": Sample(),
    "GET /metrics": Sample(),
    "POST /session": Sample(),
    "GET /session": Sample(),
    "DELETE /session": Sample(),
    "GET /openapi.json": Sample(),
    "GET /{path:path}": Sample("/"),
    "GET /addresses": Sample("/addresses?limit=5"),
    "GET /addresses/{aid}": Sample(),
    "GET /addresses/{aid}/view": Sample(),
    "GET /areas/{code}": Sample(),
    "GET /areas/{code}/view": Sample(),
    "GET /areas/compare": Sample("/areas/compare?codes={code}&kind=person&by=role"),
    "POST /areas/view": Sample(body={"geometry": DRAWN}),
    "GET /areas/{code}/children": Sample(),
    "GET /areas/{code}/unplaced": Sample(),
    "GET /ogc/tileMatrixSets": Sample(),
    "GET /ogc/tileMatrixSets/{matrix_set}": Sample("/ogc/tileMatrixSets/WebMercatorQuad"),
    "GET /ogc/tiles": Sample(),
    "GET /ogc/tiles/{matrix_set}": Sample("/ogc/tiles/WebMercatorQuad?f=tilejson"),
    "GET /ogc/tiles/{matrix_set}/{z}/{y}/{x}": Sample("/ogc/tiles/WebMercatorQuad/14/6754/13665"),
    "GET /ogc/collections/{collection}/tiles": Sample("/ogc/collections/addresses/tiles"),
    "GET /ogc/collections/{collection}/tiles/{matrix_set}": Sample("/ogc/collections/addresses/tiles/WebMercatorQuad"),
    "GET /ogc/collections/{collection}/tiles/{matrix_set}/{z}/{y}/{x}": Sample(
        "/ogc/collections/areas/tiles/WebMercatorQuad/12/1688/3416"
    ),
    "GET /search": Sample("/search?q=南岸明珠3幢1单元5"),
    "GET /resolve": Sample(f"/resolve?text={ROOM}"),
    "POST /resolve": Sample(body={"texts": [ROOM]}),
    "POST /compare": Sample(body={"pairs": [{"a": "1", "b": "2"}]}),
    "GET /aliases": Sample("/aliases"),
    "POST /aliases": Sample(body={"aid": "{aid}", "text": "", **REASON}),
    "POST /aliases/withdrawals": Sample(body={"aid": "{estate}", "name": ALIAS, **REASON}),
    "GET /ids/{aid}": Sample(),
    "POST /registry/transactions": Sample(body={"transaction": "none"}),
    "POST /registry/events/{event_id}/revert": Sample("/registry/events/999999/revert", REASON),
    "GET /registry/events": Sample(),
    "GET /registry/events/{event_id}": Sample("/registry/events/1"),
    "POST /registry/divisions/plan": Sample(body={"below": "1"}),
    "POST /registry/divisions/plan/files": Sample(body={}),
    "POST /registry/divisions/changes": Sample(body={}),
    "GET /registry/divisions/changes": Sample(),
    "GET /review/sheet": Sample(),
    "POST /review/sheet": Sample(body={}),
    "GET /snapshot": Sample(),
    "GET /review": Sample(),
    "GET /review/statistics": Sample(),
    "POST /review/claims": Sample(body={}),
    "POST /review/releases": Sample(body={}),
    "GET /review/{review_id}": Sample("/review/1"),
    "POST /review/{review_id}/decisions": Sample("/review/999999/decisions", {"verdict": "none"}),
    "POST /review/decisions/{decision_id}/undo": Sample("/review/decisions/999999/undo", REASON),
    "GET /changes": Sample(),
    "GET /changes/checksum": Sample(),
    "GET /identifiers": Sample("/identifiers?value=1"),
    "POST /identifiers": Sample(body={}),
    "POST /identifiers/endings": Sample(body={}),
    "POST /webhooks": Sample(body={}),
    "GET /webhooks": Sample(),
    "GET /webhooks/{webhook_id}": Sample("/webhooks/999999"),
    "DELETE /webhooks/{webhook_id}": Sample("/webhooks/999999"),
    "POST /webhooks/{webhook_id}/pause": Sample("/webhooks/999999/pause"),
    "POST /webhooks/{webhook_id}/resume": Sample("/webhooks/999999/resume"),
    "GET /webhooks/{webhook_id}/deliveries": Sample("/webhooks/999999/deliveries"),
    "POST /webhooks/{webhook_id}/replay": Sample("/webhooks/999999/replay", {}),
    "GET /quality": Sample("/quality?division={code}"),
    "GET /quality/{figure}": Sample("/quality/links?division={code}"),
    "POST /doubts": Sample(body={}),
    "GET /exports/{collection}": Sample("/exports/persons?area={code}&format=ndjson"),
    "POST /exports/{collection}": Sample("/exports/persons?filter=x"),
    "GET /exports/jobs/{job_id}": Sample("/exports/jobs/999999"),
    "DELETE /exports/jobs/{job_id}": Sample("/exports/jobs/999999"),
    "GET /exports/files/{job_id}": Sample("/exports/files/999999"),
    "GET /ogc": Sample(),
    "GET /ogc/api": Sample(),
    "GET /ogc/conformance": Sample(),
    "GET /ogc/collections": Sample(),
    "GET /ogc/collections/{collection}": Sample("/ogc/collections/addresses"),
    "GET /ogc/collections/{collection}/queryables": Sample("/ogc/collections/addresses/queryables"),
    "GET /ogc/collections/{collection}/items": Sample("/ogc/collections/persons/items?area={code}"),
    "GET /ogc/collections/{collection}/items/{item_id}": Sample("/ogc/collections/persons/items/{person}"),
    "POST /doubts/closings": Sample(body={}),
}  # fmt: skip


def table() -> dict[str, dict[str, str]]:
    """The table of docs/access.md: route → column → cell."""
    lines = TABLE.read_text("utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(HEADER))
    _, *columns = _cells(lines[start])
    found = {}
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        route, *cells = _cells(line)
        assert route not in found, f"{route} is there twice"
        found[route.strip("`")] = dict(zip(columns, cells, strict=True))
    return found


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def seen(answer: httpx.Response) -> str:
    """What an answer shows of people, as a cell says it."""
    if answer.status_code in (401, 403):
        return "no"
    assert answer.status_code < 500, answer.text
    data = _data(answer)
    words = f"{answer.text} {data}"
    if PLAIN.search(words):
        return "full"
    if MASKED in words:
        return "masked"
    if any(name == "received_text" and value in PERSON_TEXTS for name, value in members(data)):
        return "texts"
    counts = [count for name, value in members(data) for count in counts_of(name, value)]
    return "yes" if not counts else "counts" if None in counts else "all counts"


def _data(answer: httpx.Response) -> Any:
    """An answer in JSON, lines of it, or a sheet, whose cells are texts received, as data; any other as none."""
    kind = answer.headers.get("content-type", "")
    if "spreadsheetml" in kind:
        rows = openpyxl.load_workbook(BytesIO(answer.content)).worksheets[0].iter_rows(values_only=True)
        return [{"received_text": cell} for row in rows for cell in row]
    if "ndjson" in kind:
        return [json.loads(line) for line in answer.text.splitlines()]
    if kind == MVT:
        return [_counts_in(feature) for layer in read_tile(answer.content).values() for feature in layer]
    return answer.json() if "json" in kind else None


def _counts_in(feature: dict[str, Any]) -> dict[str, Any]:
    """The properties of a feature, with null for what is withheld or noisy, for which tiles have no word."""
    hidden = f"{feature.get('withheld', '')},{feature.get('noisy', '')}"
    return feature | dict.fromkeys(filter(None, hidden.split(",")))


def counts_of(name: str, value: Any) -> list[int | None]:
    """The counts of persons in a member of an answer; a single link of a person counts as one."""
    if name in ("person", "persons"):
        if isinstance(value, dict):  # noisy ones are not whole, even where none of them is small
            noisy = value.get("suppressed") or value.get("located", 0) is None
            return [None if noisy else value.get("total", 0)]
        return [value] if value is None or isinstance(value, int) else []
    return [1] if (name, value) in (("part", "person"), ("element_kind", "person")) else []


def members(data: Any) -> Iterator[tuple[str, Any]]:
    """Every name and value at any depth, but those of the OpenAPI document's own schemas."""
    if isinstance(data, dict) and "openapi" not in data:
        for name, value in data.items():
            yield name, value
            yield from members(value)
    elif isinstance(data, list):
        for value in data:
            yield from members(value)


@pytest.fixture(scope="module", name="registry")
def _registry(database: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    home = tmp_path_factory.mktemp("registry")
    with served_registry(World(database, home), home) as registry:
        draw(registry)
        yield registry


def draw(registry: Registry) -> None:
    """Boundaries of both towns in one tile, and all addresses at one point there."""
    area = (
        "INSERT INTO area (code, kind, name, geom, level, source_id) SELECT code, 'division', name,"
        " ST_Multi(ST_MakeEnvelope(120.2, 30.1, 120.3, 30.2, 4326)), 'town', 1 FROM division WHERE level = 'town'"
    )
    with registry.world.engine.begin() as connection:
        connection.execute(text(area))
        connection.execute(text("UPDATE address SET geom = ST_SetSRID(ST_MakePoint(120.26, 30.18), 4326)"))


def routes(registry: Registry) -> set[str]:
    found = [route for route in registry.app.routes if isinstance(route, APIRoute)]
    return {f"{method} {route.path}" for route in found for method in route.methods}


def asked(registry: Registry, route: str, asker: Asker) -> httpx.Response:
    method, path = route.split(" ")
    sample = SAMPLES[route]
    answer = registry.ask(asker, method, sample.path or path, sample.body)
    if route == "POST /review/claims":  # so that the next one finds something to claim
        registry.ask(asker, "POST", "/review/releases", {})
    if "/persons" in sample.path and answer.status_code == httpx.codes.FORBIDDEN:  # the most that the route shows
        answer = registry.ask(asker, method, sample.path.replace("persons", "enterprises"), sample.body)
    if route == "POST /aliases/withdrawals" and answer.is_success:  # and something to withdraw
        registry.teach()
    return answer


def test_every_route_has_a_line_and_every_line_a_route(registry: Registry) -> None:
    expect_none(sorted(routes(registry) ^ set(table())))
    expect_none(sorted(routes(registry) ^ set(SAMPLES)))


def test_the_table_says_only_what_it_explains() -> None:
    for route, cells in table().items():
        assert set(cells) == {asker.name for asker in ASKERS}, route
        assert set(cells.values()) <= set(CELLS), route
    explained = TABLE.read_text("utf-8")
    expect_none(cell for cell in CELLS if f"| `{cell}` |" not in explained)


@pytest.mark.parametrize("asker", ASKERS, ids=lambda asker: asker.name)
def test_every_reader_sees_what_the_table_says(registry: Registry, asker: Asker) -> None:
    found = {route: seen(asked(registry, route, asker)) for route in sorted(routes(registry) & set(SAMPLES))}
    told = {route: table()[route][asker.name] for route in found}
    expect_none(f"{route}: {found[route]}, not {told[route]}" for route in found if found[route] != told[route])


def test_a_route_that_shows_persons_says_so_in_its_policy(registry: Registry) -> None:
    """Else its answers would be tagged and kept on the way (api/conditional.py)."""
    silent = {
        f"{method} {route.path}"
        for route in registry.app.routes if isinstance(route, APIRoute) and guard_of(route).policy.persons == "none"
        for method in route.methods
    }  # fmt: skip
    expect_none(
        route for route in sorted(silent & set(table())) if {"texts", "masked", "full"} & set(table()[route].values())
    )


def test_what_is_asked_of_every_route_is_answered(registry: Registry) -> None:
    reads = [route for route in SAMPLES if route.startswith("GET") and not WITHOUT_ANSWER.fullmatch(route)]
    answers = {route: asked(registry, route, ASKERS[-1]) for route in reads}
    expect_none(
        f"{route}: {answer.status_code}" for route, answer in answers.items() if answer.status_code not in (200, 204)
    )


def test_the_readings_of_answers_tell_every_cell_apart() -> None:
    bodies: list[Any] = [
        {"a": 1}, {"counts": {"person": {"total": None}}}, {"counts": {"person": 3}},
        [{"received_text": HOME}], [{"name": "虚**"}], [{"name": "虚构1"}],
    ]  # fmt: skip
    answers = [httpx.Response(200, json=body) for body in bodies]
    assert [seen(answer) for answer in [httpx.Response(403), *answers]] == list(CELLS)
