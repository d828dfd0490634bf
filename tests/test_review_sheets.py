"""Sheets of the review desk: filled in by street offices, read again line by line, over nobody's decision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from addressbook.errors import FileError
from addressbook.privacy.policy import AccessRole, Reader
from addressbook.registry.review import Verdict
from addressbook.store.engine import transaction
from addressbook.store.review_items import newest_decision
from addressbook.store.review_tools import KeptTools
from addressbook.views.review import whole_items
from loaders.review_import import End, LineEnd, import_sheet, write_report
from loaders.review_sheet import DECISION, KEY, REASON, TEXT, write_sheet
from tests.review_world import CLERK, MISSPELT, OTHER_CLERK, UNKNOWN_ROOM, ReviewDesk, people
from tests.worlds import ESTATE, SECRET, TOWN, Terminal, World

OTHERS = [f"{ESTATE}3幢1单元{room}室" for room in range(601, 605)]
Edit = Callable[[dict[str, Any]], None]


@pytest.fixture(name="desk")
def _desk(estate: World) -> ReviewDesk:
    return ReviewDesk(estate)


def exported(desk: ReviewDesk) -> Path:
    """The sheet of all that waits."""
    out = desk.world.folder / "review.xlsx"
    with transaction(desk.world.engine) as connection:
        parser = KeptTools(connection).now(connection).parser
        items = whole_items(connection, Reader(AccessRole.REVIEWER), desk.open(), parser)
        write_sheet(out, items, newest_decision(connection), SECRET)
    return out


def fill(path: Path, *fills: dict[str, Any] | None) -> Path:
    """Write into the lines of the sheet, one after the other, cells by the titles of their columns."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    titles = [cell.value for cell in sheet[1]]
    for number, cells in enumerate(fills, 2):
        for title, value in (cells or {}).items():
            sheet.cell(number, titles.index(title) + 1, value)
    book.save(path)
    return path


def cells(path: Path, title: str) -> list[Any]:
    """A column of the sheet, without its title."""
    sheet = openpyxl.load_workbook(path).worksheets[0]
    at = [cell.value for cell in sheet[1]].index(title)
    return [row[at] for row in sheet.iter_rows(min_row=2, values_only=True)]


def read_again(desk: ReviewDesk, path: Path) -> list[LineEnd]:
    """Import, with what must hold after it."""
    ends = list(import_sheet(desk.world.engine, SECRET, path, OTHER_CLERK))
    desk.world.check_stored()
    return ends


def told(ends: Sequence[LineEnd]) -> list[tuple[str, str]]:
    return [(end.end.value, end.rule) for end in ends]


def test_a_filled_sheet_is_done_once(desk: ReviewDesk) -> None:
    desk.wait("people", people(UNKNOWN_ROOM, *OTHERS, UNKNOWN_ROOM))
    path = exported(desk)
    assert cells(path, TEXT) == [UNKNOWN_ROOM, *OTHERS, UNKNOWN_ROOM]
    words = ["选1", "都不是", "新 建", "不是地址。", None, "选１"]
    fill(path, *({DECISION: word, REASON: "街道核对"} for word in words))
    ends = read_again(desk, path)
    assert told(ends) == [("done", "")] * 4 + [("unchanged", "")] * 2
    assert [end.items for end in ends[:4]] == [2, 1, 1, 1]
    verdicts = desk.world.rows("SELECT verdict, reason, actor FROM review_decision ORDER BY decision_id")
    assert [row[0] for row in verdicts] == ["chosen", "none", "registered", "not_an_address"]
    assert {row[1:] for row in verdicts} == {("街道核对", OTHER_CLERK.actor)}
    before = desk.world.snapshot()
    assert {end for end, _ in told(read_again(desk, path))} == {"unchanged"}
    assert desk.world.snapshot() == before


def test_a_line_with_a_formula_that_has_no_result_is_refused(desk: ReviewDesk) -> None:
    desk.wait("people", people(UNKNOWN_ROOM, MISSPELT))
    ends = read_again(desk, fill(exported(desk), {KEY: "=A3", DECISION: "都不是"}, {DECISION: "都不是"}))
    assert told(ends) == [("refused", "formula_without_value"), ("done", "")]


def test_what_was_decided_meanwhile_is_a_conflict_and_stays(desk: ReviewDesk) -> None:
    first, second, third, fourth = desk.wait("people", people(*OTHERS))
    path = fill(exported(desk), *[{DECISION: "都不是"}] * 4)
    desk.choose(first, "3幢1单元502室", CLERK)
    desk.claim(CLERK)
    undone = desk.say(third, Verdict.NOT_AN_ADDRESS, CLERK)
    desk.undo(undone.decision_id)
    desk.world.load_rows("people", people(*OTHERS[:3], f"{ESTATE}3幢1单元501室"))
    before = desk.state()
    ends = read_again(desk, path)
    assert {end.end for end in ends} == {End.CONFLICT}
    assert [end.rule for end in ends] == ["decided", "claimed", "decided", "closed"]
    assert desk.state() == before
    assert CLERK.actor in ends[0].zh
    assert (second, fourth) != (first, third)


@pytest.mark.parametrize("wrong", ["R1-0-000000000000", "R999-0-0123456789AB", "", "1"])
def test_an_edited_key_is_refused(desk: ReviewDesk, wrong: str) -> None:
    desk.wait("people", people(UNKNOWN_ROOM, MISSPELT))
    path = fill(exported(desk), {KEY: wrong, DECISION: "都不是"}, {DECISION: "都不是"})
    ends = read_again(desk, path)
    assert told(ends) == [("refused", "key"), ("done", "")]
    assert "键" in ends[0].zh


def test_a_key_that_stands_beside_another_text_is_refused(desk: ReviewDesk) -> None:
    desk.wait("people", people(UNKNOWN_ROOM, MISSPELT))
    path = exported(desk)
    first, second = cells(path, KEY)
    fill(path, {KEY: second, DECISION: "都不是"}, {KEY: first, DECISION: "都不是"})
    assert told(read_again(desk, path)) == [("refused", "key")] * 2


@pytest.mark.parametrize(
    ("words", "rule"), [("也许", "word"), ("选99", "choice"), ("选0", "choice"), ("B7K3-M9QX-W2HF", "input")]
)
def test_what_is_no_decision_is_refused(desk: ReviewDesk, words: str, rule: str) -> None:
    desk.wait("people", people(UNKNOWN_ROOM))
    assert told(read_again(desk, fill(exported(desk), {DECISION: words}))) == [("refused", rule)]


def test_another_address_is_chosen_by_its_code(desk: ReviewDesk) -> None:
    desk.wait("people", people(UNKNOWN_ROOM))
    aid = desk.aid("13幢1单元501室")
    assert told(read_again(desk, fill(exported(desk), {DECISION: aid}))) == [("done", "")]
    assert desk.links() == [(UNKNOWN_ROOM, aid)]


def test_no_cell_is_taken_for_a_formula(desk: ReviewDesk) -> None:
    desk.wait("people", people('=HYPERLINK("x")3幢', "+1+1号", f"{TOWN}\x0b无名里"))
    path = exported(desk)
    sheet = openpyxl.load_workbook(path).worksheets[0]
    assert [cell.data_type for row in sheet.iter_rows(min_row=2) for cell in row if cell.data_type == "f"] == []
    fill(path, *[{DECISION: "不是地址"}] * 3)
    assert {end for end, _ in told(read_again(desk, path))} == {End.DONE.value}


def test_a_file_that_is_no_sheet_of_ours_is_refused_as_a_whole(desk: ReviewDesk) -> None:
    path = desk.world.folder / "other.csv"
    path.write_text("键,所收文字\nR1-0-0,x\n", encoding="utf-8")
    with pytest.raises(FileError, match="决定"):
        read_again(desk, path)


def test_the_report_names_every_line(desk: ReviewDesk) -> None:
    desk.wait("people", people(UNKNOWN_ROOM, MISSPELT))
    ends = read_again(desk, fill(exported(desk), {DECISION: "也许"}))
    out = desk.world.folder / "report.csv"
    write_report(out, ends)
    lines = out.read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(",")[0] for line in lines] == ["line", "2", "3"]
    assert ",也许,refused,word," in lines[1]


def test_the_command_line_does_the_same(desk: ReviewDesk, tmp_path: Path) -> None:
    first, second = desk.wait("people", people(UNKNOWN_ROOM, MISSPELT))
    terminal = Terminal.open(desk.world.engine.url.render_as_string(hide_password=False), tmp_path / "home")
    assert "待审 waiting 2" in terminal.run("review", "list", "--area", "330109").out
    assert "选1" in terminal.run("review", "next", "--actor", "甲").out
    assert (terminal.run("review", "decide", str(first), "都不是").code) == 3
    done = terminal.run("review", "decide", str(first), "选1", "--actor", "甲")
    assert (done.code, "决定 decision 1" in done.out) == (0, True), done.err
    again = terminal.run("review", "decide", str(first), "都不是", "--actor", "甲")
    assert (again.code, "已关闭" in again.err) == (3, True)
    assert "undone" in terminal.run("review", "undo", "1").out
    assert "撤销 undone 1 (100%)" in terminal.run("review", "statistics").out
    sheet = tmp_path / "home" / "sheet.xlsx"
    assert terminal.run("review", "export", "-o", str(sheet)).code == 0
    fill(sheet, {DECISION: "都不是"}, {DECISION: "选9"})
    report = terminal.run("review", "import", str(sheet), "--report", str(tmp_path / "home" / "ends.csv"))
    assert (report.code, "已办理 done 1" in report.out, "退回 refused 1" in report.out) == (0, True, True), report.err
    assert "settled" in terminal.run("review", "show", str(first)).out
    assert second in desk.open()
