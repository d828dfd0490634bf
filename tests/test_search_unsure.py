"""Suggestions call exact only what the whole text surely is; they tell what is not found, unsure, or there no more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from tests.desk import Desk, served_desk
from tests.worlds import ESTATE, ROOM, TOWN, World

DAY = "2026-03-01"
MORE_ROWS = [
    f"{ESTATE}3幢2单元502室", *(f"{TOWN}新街{n}号" for n in (1, 11, 12)),
    *(f"{TOWN}新{letter}苑1幢" for letter in "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳"),
    *(f"{TOWN}新{letter}路1号" for letter in "金木水火土日月星山川草"),
]  # fmt: skip
POINT = "UPDATE address SET geom = ST_SetSRID(ST_MakePoint(120.26, 30.18), 4326) WHERE kind IN ('C', 'D', 'B')"
AREA = (
    "INSERT INTO area (code, kind, name, level, geom, source_id) SELECT :code, :kind, :code, :level,"
    " ST_Multi(ST_Expand(ST_SetSRID(ST_MakePoint(120.26, 30.18), 4326), :size)), min(source_id) FROM source"
)


@pytest.fixture(name="desk")
def _desk(estate: World, tmp_path: Path) -> Iterator[Desk]:
    estate.texts(MORE_ROWS)
    with served_desk(estate, tmp_path) as desk:
        yield desk


def asked(desk: Desk, q: str, **more: Any) -> Any:
    return desk.ask("GET", "/search", params={"q": q, **more}).json()


def told(answer: Any) -> list[tuple[str, str, str]]:
    """Of each suggestion its code, how it was found, and what of the text was not."""
    return [(s["code"], s["matched"]["how"], s["matched"].get("missing", "")) for s in answer["suggestions"]]


def codes(answer: Any) -> list[str]:
    return [note["code"] for note in answer.get("notes", [])]


@pytest.mark.parametrize("typed", ["南岸明珠3幢", "南案明珠3幢", "市心北路260号3幢"])
def test_what_the_text_surely_is_is_exact_and_nothing_is_said_of_it(desk: Desk, typed: str) -> None:
    answer = asked(desk, typed)
    assert told(answer)[0] == (desk.resolve(f"{ESTATE}3幢"), "exact", "")
    assert "notes" not in answer


@pytest.mark.parametrize(
    ("typed", "stands", "missing", "note"),
    [
        ("南岸明珠44幢", ESTATE, "44幢", "building_unknown"),
        ("南岸明珠44", ESTATE, "44室", "room_unknown"),
        ("南岸明珠3幢1单元9999", f"{ESTATE}3幢1单元", "9999室", "room_unknown"),
        ("南岸明珠3幢9单元1", f"{ESTATE}3幢", "9单元1室", "unit_unknown"),
        ("金城路9999号", f"{TOWN}金城路", "9999号", "plate_unknown"),
    ],
)
def test_of_a_text_that_is_known_in_part_is_told_what_is_not(
    desk: Desk, typed: str, stands: str, missing: str, note: str
) -> None:
    answer = asked(desk, typed)
    assert told(answer) == [(desk.resolve(stands), "partial", missing)]
    assert codes(answer) == [note]
    assert missing.rstrip("室号") in answer["notes"][0]["zh"] or typed in answer["suggestions"][0]["matched"]["text"]


def test_what_is_being_typed_is_not_called_unknown(desk: Desk) -> None:
    answer = asked(desk, "南岸明珠3幢1单元50")
    assert [how for _, how, _ in told(answer)] == ["number", "number"]
    assert "notes" not in answer


def test_of_several_as_likely_all_are_candidates(desk: Desk) -> None:
    rooms = [desk.resolve(f"{ESTATE}3幢{unit}单元502室") for unit in (1, 2)]
    answer = asked(desk, "南岸明珠 3幢 502")
    assert told(answer) == [(room, "candidate", "") for room in rooms]
    assert codes(answer) == ["several_units"]


def retired(desk: Desk, words: str) -> str:
    aid = desk.resolve(words)
    assert aid
    body = {"transaction": "retire", "reason": "拆除", "aid": aid, "effective": DAY}
    assert desk.ask("POST", "/registry/transactions", json=body).status_code == 200
    return aid


@pytest.mark.parametrize("typed", [ROOM, "南岸明珠3幢1单元502", "南岸明珠3幢1单元502室"])
def test_by_the_text_of_a_retired_address_comes_what_is_there_today_and_then_that_it_is_retired(
    desk: Desk, typed: str
) -> None:
    today, room = desk.resolve(f"{ESTATE}3幢1单元"), retired(desk, ROOM)
    answer = asked(desk, typed)
    assert told(answer)[:2] == [(today, "partial", "502室"), (room, "retired", "")]
    assert answer["suggestions"][1]["state"] == "retired"
    assert codes(answer)[0] == "retired"
    assert DAY in answer["notes"][0]["zh"]
    listed = desk.ask("GET", "/addresses", params={"q": typed}).json()
    assert [feature["id"] for feature in listed["features"]][:2] == [today, room]
    assert listed["notes"][0] == answer["notes"][0]


def test_a_retired_name_without_a_number_is_told_too(desk: Desk) -> None:
    estate = retired(desk, f"{TOWN}新甲苑")
    answer = asked(desk, "新甲苑")
    assert (estate, "retired", "") in told(answer)
    assert codes(answer)[0] == "retired"


def test_kinds_are_chosen_before_the_first_few_are(desk: Desk) -> None:
    for typed in ("x", "新"):
        streets = asked(desk, typed, kind="R", limit=10)["suggestions"]
        assert [s["part"] for s in streets] == ["R"] * 10
        assert len(asked(desk, typed, kind="R", limit=100)["suggestions"]) == 12
    assert [s["part"] for s in asked(desk, "南岸明珠3", kind="B", limit=1)["suggestions"]] == ["B"]
    assert [s["part"] for s in asked(desk, "南岸明珠3幢5", kind="H", limit=1)["suggestions"]] == ["H"]
    assert told(asked(desk, "新街1", kind="B")) == []


def test_names_within_a_division_are_chosen_before_the_first_few_are(desk: Desk) -> None:
    answer = asked(desk, "萧山区新", kind="R", limit=3)
    assert [s["part"] for s in answer["suggestions"]] == ["R"] * 3


@pytest.fixture(name="drawn")
def _drawn(desk: Desk) -> None:
    """All that is drawn in one place, in three cells of a grid and, around those, a town."""
    areas = [*((f"G{n}", "grid", "grid") for n in range(3)), ("330109002000", "division", "town")]
    with desk.engine.begin() as connection:
        connection.execute(text(POINT))
        for n, (code, kind, level) in enumerate(areas, 1):
            connection.execute(text(AREA), {"code": code, "kind": kind, "level": level, "size": n * 0.01})


@pytest.mark.parametrize(
    ("kind", "parts"),
    [
        ("C", {"C"}),
        ("C,P", {"C"}),
        ("D,B", {"D", "B"}),
        ("H", set()),
        ("address", {"C", "D", "B"}),
        ("division", {"town"}),
    ],
)
@pytest.mark.usefixtures("drawn")
def test_around_a_point_only_the_kinds_asked_for_are_told(desk: Desk, kind: str, parts: set[str]) -> None:
    answer = asked(desk, "120.26,30.18", kind=kind, limit=50)
    kinds = {s["part"] for s in answer["suggestions"]}
    assert kinds == parts
    few = asked(desk, "120.26,30.18", kind=kind, limit=1)["suggestions"]
    assert len(few) == (1 if parts else 0)
    assert {s["part"] for s in few} <= parts
