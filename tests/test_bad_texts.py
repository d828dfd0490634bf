"""Texts that are no address, through every way in: an honest C or D with a reason, or a verdict; never a fault."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.pool import NullPool

from addressbook.divisions import Gazetteer
from addressbook.match.compare import Verdict, compare
from addressbook.model import ELEMENT_NAMES
from addressbook.parse import Parser
from addressbook.privacy.policy import AccessRole
from tests.bad_texts import ALL_TEXTS, HARDLY, NO_ADDRESS, ROOM
from tests.live_server import served as live
from tests.test_api import Served, problem_of
from tests.worlds import ESTATE_ROWS, Terminal, World, feature, write_geojson

NAMES = list(ALL_TEXTS)
URL_CHARACTERS = 500


@pytest.fixture(scope="module")
def database(make_database: Callable[[], str]) -> Iterator[Engine]:
    engine = create_engine(make_database(), poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def world(database: Engine, tmp_path_factory: pytest.TempPathFactory) -> World:
    world = World(database, tmp_path_factory.mktemp("bad texts"))
    world.load_rows("addresses", [{"source_key": str(n), "address": t} for n, t in enumerate(ESTATE_ROWS)], "list")
    return world


@pytest.fixture(scope="module")
def terminal(world: World) -> Terminal:
    return Terminal.open(world.engine.url.render_as_string(hide_password=False), world.folder / "home")


@pytest.fixture(scope="module")
def file(world: World) -> Path:
    """Every text as a feature of a file: GeoJSON can hold what CSV cannot, half characters and NUL."""
    rows = [feature({"name": name, "地址": text, "对方地址": ROOM}) for name, text in ALL_TEXTS.items()]
    path = world.folder / "bad.geojson"
    write_geojson(path, [])
    path.write_text(json.dumps({"type": "FeatureCollection", "features": rows}), encoding="ascii")
    return path


@pytest.fixture(scope="module")
def served(world: World, make_database: Callable[[], str]) -> Iterator[Served]:
    served = Served(make_database(), world.folder / "served")
    with live(served.app) as served.client:
        yield served
    served.engine.dispose()


def rows_of(path: Path) -> dict[str, dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return {row["name"]: row for row in csv.DictReader(lines, strict=True)}


def post(served: Served, path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
    headers = {"X-API-Key": served.keys[AccessRole.VIEWER], "Content-Type": "application/json"}
    answer = served.client.post(path, content=json.dumps(body).encode("ascii"), headers=headers)
    assert answer.status_code == 200, answer.text
    results: list[dict[str, Any]] = answer.json()["results"]
    return results


# -- parse and compare, by themselves


@pytest.mark.parametrize("name", NAMES)
def test_every_character_of_a_bad_text_is_in_one_element(name: str) -> None:
    text = ALL_TEXTS[name]
    parsed = Parser(Gazetteer.shipped(), None).parse(text)
    assert "".join(element.text for element in parsed.elements) == text
    assert {element.name for element in parsed.elements} <= set(ELEMENT_NAMES)


@pytest.mark.parametrize("division", [None, "330109"])
@pytest.mark.parametrize("name", NO_ADDRESS)
def test_what_is_no_address_is_never_the_same_as_one(name: str, division: str | None) -> None:
    parser = Parser(Gazetteer.shipped(), None)
    found = compare(parser.parse(NO_ADDRESS[name], division=division), parser.parse(ROOM, division=division))
    assert found.verdict is Verdict.DIFFERENT
    assert found.sentences("zh")
    assert found.sentences("en")


# -- HTTP


def test_the_service_answers_every_bad_text_with_c_or_d_and_a_reason(served: Served) -> None:
    texts = {name: text for name, text in ALL_TEXTS.items() if "\x00" not in text}
    answers = dict(zip(texts, post(served, "/resolve", {"texts": list(texts.values())}), strict=True))
    assert [n for n in NO_ADDRESS if answers[n]["category"] not in ("C", "D") or not answers[n]["reasons"]] == []
    assert [name for name, answer in answers.items() if not answer["reasons"]] == []
    assert all(reason["zh"] and reason["en"] for answer in answers.values() for reason in answer["reasons"])


def test_the_service_compares_every_bad_text(served: Served) -> None:
    texts = {name: text for name, text in ALL_TEXTS.items() if "\x00" not in text}
    pairs = [{"a": text, "b": ROOM} for text in texts.values()]
    answers = dict(zip(texts, post(served, "/compare", {"pairs": pairs}), strict=True))
    assert {answers[name]["verdict"] for name in NO_ADDRESS} == {"different"}
    assert all(answer["reasons"] and 0 <= answer["score"] <= 1 for answer in answers.values())


@pytest.mark.parametrize("name", [name for name in NAMES if len(ALL_TEXTS[name]) <= URL_CHARACTERS])
def test_a_bad_text_in_a_url_is_answered_or_refused_and_explained(served: Served, name: str) -> None:
    text = ALL_TEXTS[name].encode("utf-8", "replace").decode()
    answer = served.get("/resolve", params={"text": text, "explain": "true"})
    if "\x00" in text:
        problem_of(answer, 400)
        return
    assert answer.status_code == 200
    assert [stage["name"] for stage in answer.json()["stages"]] == [
        "received", "normalise", "redundant", "elements", "division", "candidates", "decision",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        {"pairs": []}, {"pairs": [{"a": "x"}]}, {"pairs": [{"a": "x", "b": 1}]}, {"pairs": [["x", "y"]]},
        {"pairs": [{"a": "x", "b": "y"}] * 501}, {"pairs": [{"a": "x", "b": "y" * 10_001}]},
        {"pairs": [{"a": "x", "b": "y\0"}]}, {"pairs": [{"a": "x", "b": "y", "c": "z"}]}, {"texts": ["x"]}, [],
    ],
)  # fmt: skip
def test_pairs_that_do_not_fit_are_refused_with_a_problem(served: Served, body: Any) -> None:
    headers = {"X-API-Key": served.keys[AccessRole.VIEWER]}
    problem_of(served.client.post("/compare", json=body, headers=headers), 422)


def test_comparing_needs_the_role_of_a_viewer_and_a_division_that_is_one(served: Served) -> None:
    body: dict[str, Any] = {"pairs": [{"a": ROOM, "b": ROOM}]}
    problem_of(served.client.post("/compare", json=body), 401)
    problem_of(served.client.post("/compare", json=body, headers={"X-API-Key": served.keys[AccessRole.PUBLIC]}), 403)
    wrong = served.client.post(
        "/compare", json=body | {"division": "x"}, headers={"X-API-Key": served.keys[AccessRole.VIEWER]}
    )
    problem_of(wrong, 400)


# -- the command line


def test_clean_answers_every_bad_text_with_a_category_and_a_reason(terminal: Terminal, file: Path) -> None:
    out = file.with_name("cleaned.csv")
    end = terminal.run("clean", file, "--column", "地址", "-o", out, "--division", "330109")
    assert end.code == 0, end.err
    rows = rows_of(out)
    assert list(rows) == NAMES
    assert [name for name in NO_ADDRESS if rows[name]["category"] not in ("C", "D")] == []
    assert [name for name in (*NO_ADDRESS, *HARDLY) if not rows[name]["reasons"]] == []
    assert rows["traditional"]["category"] == "A"


def test_parse_writes_every_bad_text(terminal: Terminal, file: Path) -> None:
    out = file.with_name("parsed.jsonl")
    end = terminal.run("parse", file, "--column", "地址", "-o", out)
    assert end.code == 0, end.err
    assert len(out.read_text(encoding="utf-8").splitlines()) == len(NAMES)


def test_compare_says_of_every_bad_text_that_it_is_another(terminal: Terminal, file: Path) -> None:
    out = file.with_name("compared.csv")
    end = terminal.run("compare", file, "--columns", "地址,对方地址", "-o", out)
    assert end.code == 0, end.err
    rows = rows_of(out)
    assert list(rows) == NAMES
    assert {rows[name]["verdict"] for name in NO_ADDRESS} == {"different"}
    assert rows["traditional"]["verdict"] == "same"
    assert [name for name, row in rows.items() if not row["reasons"] or not row["reasons_en"]] == []
    starts = {row[column][:1] for row in rows.values() for column in ("reasons", "reasons_en")}
    assert starts.isdisjoint("=+-@\t\r")


@pytest.mark.parametrize("name", ["empty", "control characters", "marks of direction", "formula", "two addresses"])
def test_explain_prints_every_stage_and_no_control_mark(terminal: Terminal, name: str) -> None:
    end = terminal.run("explain", "--division", "330109", "--", ALL_TEXTS[name])
    assert end.code == 0, end.err
    for stage in ("received", "normalised", "set aside as redundant", "elements", "division", "candidates", "decision"):
        assert stage in end.out
    assert not {"\x1b", "\x07", "\u202e"} & set(end.out)


def test_explain_takes_bytes_that_are_no_text(terminal: Terminal) -> None:
    assert terminal.run("explain", "\udcff\udcfe").code == 0
