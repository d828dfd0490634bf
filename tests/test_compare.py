"""Two texts compared: what agrees, what contradicts, what only one of them says."""

from __future__ import annotations

import csv
from itertools import product
from pathlib import Path

import pytest

from addressbook.divisions import Gazetteer
from addressbook.match.compare import Comparison, Verdict, compare, compare_sentence, points
from addressbook.match.compare_names import Alike, alike
from addressbook.match.compare_sides import NUMBER_LEVELS
from addressbook.normalise import normalise
from addressbook.normalise.steps import STEP_NAMES, normalising_steps
from addressbook.parse import Parser
from addressbook.resources import data_path
from tests.bad_texts import ALL_TEXTS
from tests.worlds import ESTATE, PLATE, ROOM, TOWN, Terminal, write_csv

SAME, PART, DIFFERENT = Verdict
PARSER = Parser(Gazetteer.shipped(), None)


def compared(a: str, b: str) -> Comparison:
    return compare(PARSER.parse(a), PARSER.parse(b))


def codes(found: Comparison) -> set[str]:
    return {reason.code for reason in found.reasons}


@pytest.mark.parametrize(
    ("a", "b", "verdict", "code"),
    [
        (ROOM, "浙江省杭州市蕭山區北幹街道市心北路２６０號南岸明珠三幢一单元502室", SAME, "exact"),
        (ROOM, "萧山区市心北路260号3幢1单元502室", SAME, "plate_agrees"),
        (ROOM, "南岸明珠3-1-502", SAME, "room_agrees"),
        (f"{ESTATE}3幢", "南岸明珠小区3号楼", SAME, "building_agrees"),
        (f"{PLATE}", "北干街道市心北路260号", SAME, "ends_at_number"),
        ("萧山市宁围镇建设三路1号", "萧山区宁围镇建设三路1号", SAME, "plate_agrees"),
        ("宁围街道建设三路1号", "宁微街道建设三路1号", SAME, "town_alike"),
        ("杭州市萧山区", "浙江省杭州市萧山市", SAME, "division_same"),
        ("萧山市宁围镇", "萧山区宁围街道", SAME, "division_same"),
        (f"{ESTATE}3幢502", f"{ESTATE}3幢503", PART, "room_differs"),
        (f"{ESTATE}3幢1单元502", f"{ESTATE}3幢2单元502", PART, "unit_differs"),
        (f"{ESTATE}3幢502", f"{ESTATE}13幢502", PART, "building_differs"),
        (f"{ESTATE}3幢502", f"{ESTATE}3幢", PART, "room_missing"),
        (f"{ESTATE}3幢", ESTATE, PART, "building_missing"),
        ("南岸明珠一期3幢", "南岸明珠二期3幢", PART, "part_differs"),
        ("市心北路260号", "市心北路262号", PART, "plate_differs"),
        (TOWN, ROOM, PART, "division_contains"),
        ("杭州市萧山区市心北路260号", "上海市浦东新区市心北路260号", DIFFERENT, "province_differs"),
        ("杭州市萧山区市心北路260号", "宁波市鄞州区市心北路260号", DIFFERENT, "city_differs"),
        ("杭州市萧山区", "杭州市余杭区", DIFFERENT, "division_other"),
        ("北干街道南岸明珠3幢", "瓜沥镇东灵嘉园3幢", DIFFERENT, "place_differs"),
        ("", ROOM, DIFFERENT, "nothing"),
        ("", "", DIFFERENT, "nothing"),
    ],
)
def test_the_verdict_and_the_finding_behind_it(a: str, b: str, verdict: Verdict, code: str) -> None:
    found = compared(a, b)
    assert (found.verdict, code in codes(found)) == (verdict, True), found


@pytest.mark.parametrize("level", [*NUMBER_LEVELS, "plate", "part", "lane"])
def test_a_contradiction_is_never_the_same_whatever_the_points(level: str) -> None:
    assert points()[f"{level}_differs"].most is PART


def test_the_order_of_the_two_changes_neither_verdict_nor_score() -> None:
    texts = [
        ROOM,
        ESTATE,
        PLATE,
        TOWN,
        "",
        "南岸明珠一期3幢",
        "南岸明珠二期3幢",
        "杭州市余杭区",
        "无",
        *ALL_TEXTS.values(),
    ]
    for a, b in product(texts[:20], texts):
        one, other = compared(a, b), compared(b, a)
        assert (one.verdict, one.score) == (other.verdict, other.score), (a[:60], b[:60])


def test_every_text_with_an_address_is_the_same_as_itself() -> None:
    for text in (ROOM, ESTATE, PLATE, TOWN, "南岸明珠3-1-502", "群益村12组34号"):
        assert (compared(text, text).verdict, compared(text, text).score) == (SAME, 1.0)


def test_a_room_of_another_building_says_nothing() -> None:
    found = compared(f"{ESTATE}3幢502", f"{ESTATE}13幢502")
    assert not {"room_agrees", "ends_at_number"} & codes(found)
    assert found.score < 0.5


def test_every_finding_has_a_sentence_in_both_languages_or_is_only_points() -> None:
    with data_path("matching", "compare_costs.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len({row["code"] for row in rows}) == len(rows)
    assert [row["code"] for row in rows if bool(row["zh"]) != bool(row["en"])] == []
    assert [row["code"] for row in rows if not row["zh"]] == ["start", "anchored"]


def test_agreements_speak_for_and_contradictions_against() -> None:
    for code, row in points().items():
        if code.endswith("_agrees"):
            assert min(row.place, row.depth) >= 0, code
        if code.endswith("_differs"):
            assert max(row.place, row.depth) <= 0, code
            assert row.place + row.depth < 0, code


def test_a_reason_can_be_told_in_both_languages() -> None:
    found = next(r for r in compared(f"{ESTATE}3幢", f"{ESTATE}13幢").reasons if r.code == "building_differs")
    assert (found.element, found.expected, found.found, found.cost > 0) == ("building", "3幢", "13幢", True)
    assert compare_sentence(found, "zh") == "楼幢不同：3幢与13幢"
    assert compare_sentence(found, "en") == "two buildings: 3幢 and 13幢"


@pytest.mark.parametrize(
    ("a", "b", "how"),
    [
        ("南岸明珠", "南岸明珠", Alike.AGREES), ("南岸明珠", "南岸明珠花园", Alike.AGREES),
        ("瓜沥", "瓜沥镇", Alike.AGREES), ("中海凤凰熙岸", "凤凰熙岸", Alike.CONTAINED),
        ("宁围", "宁微", Alike.SOUNDS), ("明珠苑", "名珠苑", Alike.SOUNDS), ("金城花园", "金诚花园", Alike.SOUNDS),
        ("阳光花园", "阳光大厦", Alike.DIFFERS), ("南岸明珠", "东灵嘉园", Alike.DIFFERS),
    ],
)  # fmt: skip
def test_how_alike_two_names_are(a: str, b: str, how: Alike) -> None:
    assert alike(a, b) is how
    assert alike(b, a) is how


# -- the command


def test_compare_keeps_every_row_and_adds_its_columns(terminal_without_database: Terminal, tmp_path: Path) -> None:
    rows = [
        {"甲": ROOM, "verdict": "old", "乙": "南岸明珠3-1-502", "备注": "=1+1, \"x\""},
        {"甲": f"{ESTATE}3幢", "verdict": "", "乙": f"{ESTATE}13幢", "备注": ""},
        {"甲": "=HYPERLINK(\"x\")", "verdict": "", "乙": "", "备注": ""},
    ]  # fmt: skip
    path, out = write_csv(tmp_path / "in.csv", rows, "gb18030"), tmp_path / "out.csv"
    end = terminal_without_database.run("compare", path, "--columns", "甲, 乙", "-o", out)
    assert end.code == 0, end.err
    with out.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert list(found[0]) == [*rows[0], "compared_verdict", "score", "reasons", "reasons_en"]
    safe = {'=1+1, "x"': '\'=1+1, "x"', '=HYPERLINK("x")': '\'=HYPERLINK("x")'}
    received = [{name: safe.get(cell, cell) for name, cell in row.items()} for row in rows]
    assert [{name: row[name] for name in rows[0]} for row in found] == received
    assert [row["compared_verdict"] for row in found] == ["same", "part", "different"]
    assert "楼幢不同：3幢与13幢" in found[1]["reasons"]
    assert "two buildings: 3幢 and 13幢" in found[1]["reasons_en"]
    assert "完全匹配 same 1" in end.out


@pytest.mark.parametrize(
    ("columns", "said"), [("甲", "两个列名"), ("甲,乙,丙", "两个列名"), ("甲,丁", "丁"), (",", "两个列名")]
)
def test_columns_that_are_not_two_of_the_file_are_told(
    terminal_without_database: Terminal, tmp_path: Path, columns: str, said: str
) -> None:
    path, out = write_csv(tmp_path / "in.csv", [{"甲": ROOM, "乙": ROOM}]), tmp_path / "out.csv"
    end = terminal_without_database.run("compare", path, "--columns", columns, "-o", out)
    assert (end.code, said in end.err, out.exists()) == (3, True, False), end.err


def test_explain_without_a_database_stops_after_parsing(terminal_without_database: Terminal) -> None:
    end = terminal_without_database.run("explain", f"收货地址：{ROOM.replace('3幢', '三幢')}，电话13812345678")
    assert end.code == 0, end.err
    for words in ("三幢", "3幢", "收货地址", "13812345678", "楼幢 building：三幢 = 3", "330109", "没有可用的数据库"):
        assert words in end.out
    assert "判定" not in end.out


@pytest.fixture
def terminal_without_database(tmp_path: Path) -> Terminal:
    return Terminal("postgresql://nobody@/none?host=/nonexistent", tmp_path)


# -- the steps of normalising


@pytest.mark.parametrize("text", [*ALL_TEXTS.values(), "南岸明珠 Ⅱ期 ３一502  三幢", ROOM])
def test_the_steps_lead_from_the_text_received_to_the_normal_text(text: str) -> None:
    steps = normalising_steps(text)
    assert (steps[-1].after if steps else text) == normalise(text).normal
    assert all(step.before != step.after for step in steps)
    assert [step.before for step in steps[1:]] == [step.after for step in steps[:-1]]
    assert {step.name for step in steps} <= set(STEP_NAMES) - {"other"}
