"""The command as other tools use it: a process with an exit code, and files that are read back."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from addressbook.model import ELEMENT_NAMES
from tests.worlds import (
    ESTATE,
    ESTATE_ROWS,
    PLATE,
    ROOM,
    TOWN,
    Ended,
    Terminal,
    World,
    ended,
    write_csv,
    write_lines,
)

ROWS = 3000
CLEANED = [
    "matched_aid", "category", "match_level", "coordinate_level", "score", "standard_text", "lon", "lat", "reasons",
    "candidates",
]  # fmt: skip
TEXTS = [
    ROOM,
    f"{PLATE}3幢1单元502室",
    "南岸明珠3-1-502",
    f"{ESTATE}13幢1单元503室",
    TOWN,
    "",
    "无",
    '有"引号"，有,逗号\n和换行',
]
ODD: list[dict[str, str]] = [
    {
        "编号": f"k{n},{'x' * (n % 3)}",
        "aid": f"old{n}",
        "Where (full)": TEXTS[n % len(TEXTS)],
        "": "",
        "备注": '"a", b' if n % 2 else "",
    }
    for n in range(ROWS)
]
"""A file with a column called aid already, a nameless one, commas, quotes, line breaks and empty cells."""


@pytest.fixture(scope="module")
def database(make_database: Callable[[], str]) -> Iterator[Engine]:
    engine = create_engine(make_database(), poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cli")


@pytest.fixture(scope="module")
def world(database: Engine, folder: Path) -> World:
    """The estate, with points, and two events at it: loaded once, and only read by the commands."""
    world = World(database, folder)
    rows = [{"source_key": f"A,{n}", "address": t, "lon": "120.27", "lat": "30.18"} for n, t in enumerate(ESTATE_ROWS)]
    world.load_rows("addresses", rows, "list")
    texts = {"k1": ROOM, 'k"2': TOWN, "k3": f"{ESTATE}99幢", "k,4": PLATE}
    world.load_rows("events", [{"工单编号": key, "事发地址": t} for key, t in texts.items()], "events")
    return world


@pytest.fixture(scope="module")
def terminal(world: World) -> Terminal:
    return Terminal.open(world.engine.url.render_as_string(hide_password=False), world.folder / "home")


@pytest.fixture(scope="module")
def odd(folder: Path) -> Path:
    return write_csv(folder / "odd.csv", ODD)


def together(terminal: Terminal, commands: dict[str, list[str | Path]]) -> dict[str, Ended]:
    """Several commands at once, as a script would start them."""
    processes = {name: terminal.start(*words) for name, words in commands.items()}
    return {name: ended(process) for name, process in processes.items()}


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


@pytest.fixture(scope="module")
def ran(terminal: Terminal, world: World, odd: Path, folder: Path) -> dict[str, Ended]:
    """What parse, clean and export did, and that they stored nothing."""
    before = world.snapshot()
    column: list[str | Path] = ["--column", "Where (full)"]
    found = together(
        terminal,
        {
            "parse": ["parse", odd, *column, "-o", folder / "parsed.jsonl", "--division", "330109"],
            "clean": ["clean", odd, *column, "-o", folder / "cleaned.csv", "--division", "330109"],
        },
    )
    found["bridge"] = terminal.run("export", "bridge", "--source", "events", "-o", folder / "bridge.csv")
    found["bridge list"] = terminal.run("export", "bridge", "--source", "list", "-o", folder / "list.csv")
    assert world.snapshot() == before
    return found


def test_parse_writes_one_object_a_row_whose_spans_are_in_the_text(ran: dict[str, Ended], folder: Path) -> None:
    assert ran["parse"].code == 0
    lines = [json.loads(line) for line in (folder / "parsed.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [line["text"] for line in lines] == [row["Where (full)"] for row in ODD]
    for line in lines[: len(TEXTS)]:
        assert line.keys() == {"text", "elements"}
        for part, name, start, end in line["elements"]:
            assert name in ELEMENT_NAMES
            assert line["text"][start:end] == part
    assert {name: part for part, name, _, _ in lines[0]["elements"]}["room"].startswith("502")


def test_clean_keeps_every_row_and_cell_and_adds_its_own_columns(ran: dict[str, Ended], folder: Path) -> None:
    assert ran["clean"].code == 0
    cleaned = rows_of(folder / "cleaned.csv")
    assert list(cleaned[0]) == [*ODD[0], *CLEANED]
    assert [{name: row[name] for name in ODD[0]} for row in cleaned] == ODD


def test_clean_answers_are_what_the_registry_says(ran: dict[str, Ended], folder: Path, world: World) -> None:
    first = rows_of(folder / "cleaned.csv")[: len(TEXTS)]
    room = world.addresses()[f"{TOWN}南岸明珠3幢1单元502室"]
    assert [row["matched_aid"] for row in first] == [room] * 3 + [""] * 5
    assert [row["category"] for row in first] == ["A", "A", "A", "C", "A", "D", "D", "D"]
    assert [row["match_level"] for row in first[:3]] == ["room"] * 3
    assert first[4]["match_level"] == "town"
    assert {(row["lon"], row["lat"], row["coordinate_level"]) for row in first[:3]} == {
        ("120.2700000", "30.1800000", "room")
    }
    assert "登记" in first[3]["reasons"]
    assert all(json.loads(row["candidates"]) or row["category"] != "C" for row in first)
    assert all(0 <= float(row["score"]) <= 1 for row in first)


def test_the_bridge_has_every_row_that_has_an_address(ran: dict[str, Ended], folder: Path, world: World) -> None:
    assert (ran["bridge"].code, ran["bridge list"].code) == (0, 0)
    known = world.addresses()
    assert rows_of(folder / "bridge.csv") == [
        {"source_key": "k,4", "aid": known[PLATE], "state": "current"},
        {"source_key": "k1", "aid": known[f"{TOWN}南岸明珠3幢1单元502室"], "state": "current"},
    ]
    assert {row["source_key"] for row in rows_of(folder / "list.csv")} == {f"A,{n}" for n in range(len(ESTATE_ROWS))}


# -- exit codes


def failing(odd: Path, folder: Path) -> dict[str, tuple[list[str | Path], int, str]]:
    """Commands that cannot succeed: the words, the exit code, and what is said."""
    column: list[str | Path] = ["--column", "Where (full)"]
    bad = write_csv(folder / "bad.csv", [{"事发地址": "无"}])
    nowhere = folder / "no" / "such" / "folder.jsonl"
    bridge: list[str | Path] = ["export", "bridge", "--source"]
    return {
        "unknown source": ([*bridge, "nobody's", "-o", folder / "none.csv"], 4, "Known sources: "),
        "full disk": ([*bridge, "events", "-o", "/dev/full"], 8, "磁盘已满"),
        "full disk for rejects": (["load", "events", bad, "--source", "bad", "--rejects", "/dev/full"], 8, "磁盘已满"),
        "unwritable output": (["parse", odd, *column, "-o", nowhere], 3, "无法写入"),
        "output over its input": (["parse", odd, *column, "-o", odd], 3, "正是要读取的文件"),
        "rejects over the input": (["load", "events", odd, "--rejects", odd], 3, "正是要读取的文件"),
        "unknown column": (
            ["parse", odd, "--column", "哪里", "-o", folder / "none.jsonl"],
            3,
            "no column with a known",
        ),
        "absent file": (["load", "events", folder / "absent.csv"], 3, "找不到文件"),
        "unknown kind": (["load", "everything", odd], 2, "everything"),
        "no arguments": (["propose"], 2, "Missing"),
        "no division": (["parse", odd, *column, "-o", folder / "none.jsonl", "--division", "3"], 3, "不是行政区划代码"),
        "unknown division": (["explain", "市心路1号", "--division", "339999"], 4, "没有代码为339999的行政区划"),
    }


def test_every_fault_has_its_exit_code_and_a_sentence_and_leaves_files_as_they_were(
    terminal: Terminal, odd: Path, folder: Path
) -> None:
    commands = failing(odd, folder)
    ends = {name: terminal.run(*words) for name, (words, _, _) in commands.items()}
    assert {name: end.code for name, end in ends.items()} == {name: code for name, (_, code, _) in commands.items()}
    assert [name for name, (_, _, said) in commands.items() if said not in ends[name].err] == []
    assert rows_of(odd) == ODD
    assert [path.name for path in folder.iterdir() if "none" in path.name or path.name.startswith(".")] == []


def test_settings_and_databases_that_are_wrong_are_told(folder: Path, terminal: Terminal) -> None:
    urls = {"postgresql://nobody@/none?host=/nonexistent": 7, "mysql://nobody@localhost/none": 2}
    assert {url: Terminal(url, folder).run("check").code for url in urls} == urls


# -- loading


def test_loading_from_a_terminal_prints_totals_and_keeps_what_was_refused(
    terminal: Terminal, world: World, folder: Path
) -> None:
    rows = [
        {"工单编号": "1", "事发地址": ROOM, "受理时间": "2024-01-01"},
        {"工单编号": "=2", "事发地址": ROOM, "受理时间": "昨天"},
        {"工单编号": "3", "事发地址": f"{ESTATE}99幢", "受理时间": ""},
    ]
    name_of_an_old_archive = os.fsdecode("工单.csv".encode("gb18030"))
    path, rejects = write_csv(folder / name_of_an_old_archive, rows), folder / "rejects.csv"
    end = terminal.run("load", "events", path, "--source", "calls", "--rejects", rejects)
    assert end.code == 0
    told = ("calls", "读取 read", "退回 rejected", "昨天", "99幢未登记")
    assert [word for word in told if word not in end.out] == [], end.out
    refused = list(csv.DictReader(rejects.read_text(encoding="utf-8-sig").splitlines()))
    assert [(row["line"], row["source_key"], row["outcome"], row["reason_code"]) for row in refused] == [
        ("3", "'=2#3", "rejected", "date_wrong"), ("4", "3", "review", "building_unknown"),
    ]  # fmt: skip
    counts = "SELECT file_name, read, linked, review, rejected FROM batch ORDER BY batch_id DESC LIMIT 1"
    assert world.rows(counts) == [("工单.csv", 3, 1, 1, 1)]


def test_cells_that_look_like_formulas_are_copied_as_text(terminal: Terminal, folder: Path) -> None:
    """In `compare` and `clean` alike; numbers with a sign are numbers."""
    cells = ["=HYPERLINK(1)", "+1+1", "-2+3", "@SUM(1)", "-120.5", "+86", "-", f"{PLATE}3幢"]
    path = write_csv(folder / "cells.csv", [{"=甲": cell, "乙": PLATE} for cell in cells])
    safe = ["'=HYPERLINK(1)", "'+1+1", "'-2+3", "'@SUM(1)", "-120.5", "+86", "-", f"{PLATE}3幢"]
    for words in (["compare", path, "--columns", "=甲,乙"], ["clean", path, "--column", "=甲"]):
        out = folder / f"{words[0]}.csv"
        assert terminal.run(*words, "-o", out).code == 0
        header, *rows = list(csv.reader(out.read_text(encoding="utf-8").splitlines()))
        assert header[:2] == ["'=甲", "乙"]
        assert [row[0] for row in rows] == safe
        assert not any(cell.startswith(("=", "@")) for row in rows for cell in row)


def test_an_output_over_its_own_input_is_refused_and_a_damaged_row_means_nothing(
    terminal: Terminal, folder: Path
) -> None:
    lines = ["编号,地址", f"1,{PLATE},3幢", f"2,{PLATE}"]
    path = write_lines(folder / "own.csv", [line.encode() for line in lines])
    received = path.read_bytes()
    for words in (["clean", path, "--column", "地址"], ["compare", path, "--columns", "编号,地址"]):
        end = terminal.run(*words, "-o", path)
        assert (end.code, path.read_bytes()) == (3, received)
        assert "正是要读取的文件" in end.err
    out = folder / "own-cleaned.csv"
    assert terminal.run("clean", path, "--column", "地址", "-o", out).code == 0
    rows = rows_of(out)
    assert [(row["编号"], row["地址"], row["category"], row["aid"] != "") for row in rows] == [
        ("1", PLATE, "D", False), ("2", PLATE, "A", True),
    ]  # fmt: skip
    assert rows[0]["reasons"] == "该行的单元格多于表头列数。"


def test_propose_from_a_terminal(terminal: Terminal, world: World, folder: Path) -> None:
    path = write_csv(
        folder / "firms.csv", [{"名称": "x", "注册地址": f"{TOWN}虚构路{n}号"} for n in (1, 2, 1)], "gb18030"
    )
    end = terminal.run("propose", path, "--column", "注册地址", "--source", "firms")
    assert end.code == 0
    assert world.rows("SELECT read, linked, minted FROM batch ORDER BY batch_id DESC LIMIT 1") == [(3, 3, 3)]


def test_check_says_whether_the_counts_are_right(terminal: Terminal, world: World) -> None:
    assert terminal.run("check").code == 0
    with world.engine.begin() as connection:
        connection.execute(text("UPDATE rollup SET count = count + 1 WHERE kind = 'event'"))
    wrong = terminal.run("check")
    with world.engine.begin() as connection:
        connection.execute(text("UPDATE rollup SET count = count - 1 WHERE kind = 'event'"))
    assert wrong.code == 1
    assert "不一致" in wrong.out


def test_commands_that_read_no_text_start_without_the_parser_and_the_gazetteer() -> None:
    program = (
        "import sys; from addressbook.cli import access, audit, webhooks; "
        "print([m for m in ('numba', 'opencc', 'pyarrow') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
