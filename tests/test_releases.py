"""Releases for research: codes that only their recipient can join, nobody alone, no way back without the secret."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings, strategies as st
from sqlalchemy import Engine, text

from addressbook.errors import FieldError, FileError, NotFoundError
from addressbook.privacy.generalising import ANYTHING, Ladder, finest, plan
from addressbook.privacy.releasing import COLUMNS, Asked, Codes, ReleaseKind, whose
from addressbook.privacy.sealing import Secret
from addressbook.privacy.subjects import Request, restrict
from addressbook.store.engine import transaction
from loaders.release import report_path, write_release
from tests.access_world import HOME, OTHER_PLATE, Registry, served_registry
from tests.review_world import people
from tests.worlds import SECRET, Terminal, World, identity_number

PURPOSE = "census"
ASKED = Asked(ReleaseKind.PERSONS, "浙江大学", PURPOSE, "档案员")
SPREAD = text(
    "UPDATE person SET sex = CASE WHEN get_byte(uuid_send(element_key), 0) % 2 = 0 THEN '男' ELSE '女' END,"
    " birth_year = 1950 + get_byte(uuid_send(element_key), 1) % 60"
)
Told = list[dict[str, str]]


@pytest.fixture(name="registry")
def _registry(database: Engine, tmp_path: Path) -> Iterator[Registry]:
    with served_registry(World(database, tmp_path), tmp_path) as registry:
        registry.world.load_rows("people", people(*[HOME] * 60, *[OTHER_PLATE] * 40, first=100), "crowd")
        with transaction(registry.world.engine) as connection:
            connection.execute(SPREAD)
        yield registry


def released(registry: Registry, name: str = "persons.csv", **asked: Any) -> tuple[Told, dict[str, Any], Path]:
    """The rows and the report, as the recipient reads them."""
    out = registry.world.folder / name
    write_release(registry.world.engine, SECRET, ASKED._replace(**asked), out, lambda _done, _all: None)
    if out.suffix == ".parquet":
        rows = pq.read_table(out).to_pylist()
    else:
        rows = list(csv.DictReader(out.open(encoding="utf-8", newline="")))
    return rows, json.loads(report_path(out).read_bytes()), out


def combination(row: dict[str, str]) -> tuple[str, ...]:
    return tuple(value for name, value in row.items() if name not in ("code", "address_code"))


@pytest.mark.parametrize("k", [2, 5, 20])
def test_the_report_says_what_the_file_is(registry: Registry, k: int) -> None:
    rows, report, _ = released(registry, k=k)
    sizes = Counter(map(combination, rows))
    assert rows
    assert min(sizes.values()) == report["k_reached"] >= k
    assert report["equivalence_classes"] == {str(size): n for size, n in Counter(sizes.values()).items()}
    linked = "SELECT count(DISTINCT element_key) FROM link WHERE element_kind = 'person' AND closed_at IS NULL"
    assert report["rows_released"] == len(rows) == len({row["code"] for row in rows})
    assert report["rows_released"] + report["rows_suppressed"] == registry.world.one(linked)
    assert report["generalisation"].keys() == COLUMNS[ReleaseKind.PERSONS].keys()


def test_two_recipients_cannot_join_their_files_by_codes_or_by_lines(registry: Registry) -> None:
    mine, again, yours = (released(registry, recipient=who)[0] for who in ("浙江大学", "浙江大学", "某研究院"))
    assert mine == again
    for column in ("code", "address_code"):
        assert ({row[column] for row in mine} & {row[column] for row in yours}) <= {""}, "'' is at no address"
    assert len({row["address_code"] for row in mine}) == len({row["address_code"] for row in yours})
    keys = [str(key) for (key,) in registry.world.rows("SELECT element_key FROM person")]
    orders = [sorted(keys, key=partial(Codes(SECRET, who).code, "person")) for who in ("浙江大学", "某研究院")]
    in_place = sum(one == other for one, other in zip(*orders, strict=True))
    assert in_place < len(keys) / 10
    assert [row["code"] for row in mine] == sorted(row["code"] for row in mine)


def test_nothing_in_a_file_names_anybody(registry: Registry) -> None:
    for name in ("persons.csv", "persons.parquet"):
        rows, _, out = released(registry, name)
        words = "\n".join(value for row in rows for value in row.values())
        aids = [aid for (aid,) in registry.world.rows("SELECT aid FROM address")]
        keys = [str(key) for (key,) in registry.world.rows("SELECT element_key FROM person")]
        numbers = [identity_number(n) for n in range(100, 200)]
        for word in (
            "虚构",
            "虚**",
            "南岸明珠",
            "航坞路",
            *aids,
            *keys,
            *(key.replace("-", "") for key in keys),
            *numbers,
        ):
            assert word not in words
        assert {len(row["code"]) for row in rows} == {33}
        assert out.stat().st_mode & 0o077 == 0
    assert [out.name for out in registry.world.folder.glob(".persons*")] == []


def test_csv_and_parquet_say_the_same(registry: Registry) -> None:
    assert released(registry, "a.csv")[0] == released(registry, "a.parquet")[0]


def test_a_release_is_in_the_log_with_its_persons_and_its_purpose(registry: Registry) -> None:
    rows, _, _ = released(registry)
    [(reader, purpose, route, subject, persons, keys)] = registry.log(
        "reader, purpose, route, subject, persons, subjects"
    )
    assert (reader, purpose, route, subject, persons) == (
        "档案员", PURPOSE, "addressbook release persons", "浙江大学", len(rows)
    )  # fmt: skip
    codes = Codes(SECRET, "浙江大学")
    assert {codes.code("person", str(key)) for key in keys} == {row["code"] for row in rows}
    for nothing in ({"purpose": "curiosity"}, {"recipient": " "}):
        with pytest.raises(FieldError):
            released(registry, "refused.csv", **nothing)
    with pytest.raises(FileError):
        released(registry, "refused.docx")
    assert list(registry.world.folder.glob("*refused*")) == []


def test_who_is_restricted_is_in_no_release(registry: Registry) -> None:
    key = SECRET.element_key("person", identity_number(120))
    with transaction(registry.world.engine) as connection:
        restrict(connection, Request(key, "档案员", "当事人来信"))
    code = Codes(SECRET, "浙江大学").code("person", str(key))
    rows, _, _ = released(registry, k=2, most_suppressed=0.0)
    assert code not in {row["code"] for row in rows}


def test_an_area_bounds_a_release(registry: Registry) -> None:
    whole, there = released(registry)[0], released(registry, area="330109113")[0]
    assert {row["division"][:9] for row in there} == {"330109113"}
    assert len(there) < len(whole)


@pytest.mark.parametrize("kind", sorted(set(ReleaseKind) - {ReleaseKind.PERSONS}))
def test_other_kinds_are_released_and_logged_too(registry: Registry, kind: ReleaseKind) -> None:
    rows, report, _ = released(registry, kind=kind, k=2, most_suppressed=0.0)
    assert report["rows_released"] == len(rows)
    if kind is ReleaseKind.ENTERPRISES:
        assert [row["code"][0] for row in rows] == ["e", "e"]
        assert registry.log("route, persons") == [("addressbook release enterprises", 0)]


def test_the_way_back_needs_the_secret_and_the_recipient_and_is_logged(registry: Registry) -> None:
    row = released(registry)[0][0]
    engine = registry.world.engine
    with transaction(engine) as connection:
        kind, key = whose(connection, SECRET, ASKED, row["code"])
        assert kind == "person"
        _, aid = whose(connection, SECRET, ASKED, row["address_code"])
    assert (aid,) in registry.world.rows("SELECT aid FROM link WHERE element_key = CAST(:key AS uuid)", key=key)
    lines = registry.world.rows(
        "SELECT route, subject, subjects::text[] FROM access_log ORDER BY entry_id DESC LIMIT 2"
    )
    assert lines == [
        ("addressbook release whose", f"浙江大学 {row['address_code']}", []),
        ("addressbook release whose", f"浙江大学 {row['code']}", [key]),
    ]
    for secret, recipient in ((SECRET, "某研究院"), (Secret(b"x" * 32), "浙江大学")):
        with transaction(engine) as connection, pytest.raises(NotFoundError):
            whose(connection, secret, ASKED._replace(recipient=recipient), row["code"])


def test_at_the_command_line(registry: Registry, tmp_path: Path) -> None:
    url = registry.world.engine.url.render_as_string(hide_password=False)
    terminal = Terminal.open(url, tmp_path / "terminal")
    given = ("--recipient", "浙江大学", "--purpose", PURPOSE)
    done = terminal.run("release", "persons", "-o", "p.csv", *given)
    assert done.code == 0, done.err
    out = tmp_path / "terminal" / "p.csv"
    code = next(csv.DictReader(out.open(encoding="utf-8")))["code"]
    assert report_path(out).exists()
    told = terminal.run("release", "whose", code, *given)
    assert re.fullmatch(r"person [0-9a-f-]{36}\n", told.out)
    assert terminal.run("release", "persons", "-o", "q.csv", "--recipient", "浙江大学").code != 0


PERSONS = st.fixed_dictionaries({
    "division": st.sampled_from(["330109002001", "330109002002", "330109113001", "330110001001", "330109002000"]),
    "role": st.sampled_from(["residence", "household_registration"]),
    "category": st.sampled_from(["常住", "流动", "", "寄住"]),
    "sex": st.sampled_from(["男", "女", ""]),
    "birth_year": st.none() | st.integers(1900, 2025),
    "month": st.just(date(1, 1, 1)) | st.dates(date(2015, 1, 1), date(2025, 12, 31)),
})  # fmt: skip


@settings(max_examples=60)
@given(st.lists(PERSONS, max_size=80), st.integers(2, 12), st.sampled_from([0.0, 0.05, 0.3]))
def test_every_combination_has_k_rows_whatever_the_rows(rows: list[dict[str, Any]], k: int, share: float) -> None:
    columns = COLUMNS[ReleaseKind.PERSONS]
    planned = plan(columns, Counter(finest(columns, row) for row in rows), k, share)
    told = [planned.told(row) for row in rows]
    sizes = Counter(filter(None, told))
    assert sizes == planned.classes
    assert min(sizes.values(), default=k) >= k
    if len(rows) >= k:
        assert told.count(None) <= share * len(rows), "at the latest a table of asterisks has rows enough"


def test_what_nobody_shares_is_told_more_coarsely() -> None:
    columns = {"birth_year": Ladder.BIRTH, "division": Ladder.DIVISION, "month": Ladder.MONTH, "sex": Ladder.WORD}
    row = {"division": "330109002001", "birth_year": 1980, "month": date(2020, 3, 1), "sex": "男"}
    rows = [row | {"birth_year": 1980 + n} for n in range(4)] + [row | {"month": date(2020, 4, 1)}]

    def told(rows: list[dict[str, Any]], k: int) -> list[tuple[str, ...] | None]:
        planned = plan(columns, Counter(finest(columns, row) for row in rows), k, 0.0)
        return [planned.told(row) for row in rows]

    assert told(rows[:4], 4) == [("1980-1984", "330109002001", "2020-03", "男")] * 4
    assert told(rows, 5) == [("1980-1984", "330109002001", "2020", "男")] * 5
    assert told(rows, 6) == [None] * 5
    others = [row | {"division": f"33010900200{n}", "sex": sex} for n, sex in ((1, "男"), (2, "男"), (3, "女"))]
    assert told(others, 3) == [("1980-1984", "330109002000", "2020-03", ANYTHING)] * 3
