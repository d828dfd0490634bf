"""Workbooks whose cells lie far apart: whoever opens one makes room for all between, and more than there is ends it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from addressbook.errors import FileError
from addressbook.privacy.policy import AccessRole
from loaders.reading import open_table
from loaders.reading.extent import BLOCK_BYTES, OF_A_FORM, OF_A_LOAD, Most
from tests.desk import Desk, refused, served_desk
from tests.review_world import UNKNOWN_ROOM, ReviewDesk, people
from tests.test_division_changes import MOVED
from tests.test_files_service import PLAN, WHERE
from tests.worlds import ROOM, Terminal, World, write_workbook

SHEET = "xl/worksheets/sheet1.xml"
TEXT = b't="inlineStr"><is><t>x</t></is></c>'
FAR = b'<row r="1048570"><c r="XFD1048570" ' + TEXT + b"</row>"
KNOWN = frozenset({"编号", "地址"})


def with_rows(path: Path, rows: bytes, part: str = SHEET) -> Path:
    """The workbook with these rows before its own."""
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    parts[part] = parts[part].replace(b"<sheetData>", b"<sheetData>" + rows)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return path


def book(folder: Path, *rows: list[str]) -> Path:
    return write_workbook(folder / "a.xlsx", [["编号", "地址"], ["1", "x"], *rows])


@pytest.mark.parametrize(
    ("rows", "corner"),
    [
        (FAR, "XFD1048570"),
        (FAR.lower().replace(b"inlinestr", b"inlineStr"), "XFD1048570"),
        (FAR.replace(b'r="XFD1048570"', b"r = 'XFD1048570'"), "XFD1048570"),
        (FAR.replace(b"<c r=", b'<c foo="a&gt;>b" r='), "XFD1048570"),
        (FAR.replace(b"<c", b'<x:c xmlns:x="u"').replace(b"</c", b"</x:c"), "XFD1048570"),
        (FAR.replace(b"<c", b"<c" + b" " * BLOCK_BYTES * 2), None),
        (FAR.replace(b"<c", b"<" + b"x" * BLOCK_BYTES * 2 + b":c"), None),
        (FAR.replace(b"<c r=", b'<c foo="<" r='), "XFD1048570"),
        (b'<row r="1"><c r="A4294967295" ' + TEXT + b"</row>", "A4294967295"),
        (b'<row r="1"><c r="ZZZZZZZZZ1" ' + TEXT + b"</row>", "ZZZZZZZZZ1"),
        (b'<row r="1"><c r="A99999999999999999999999" ' + TEXT + b"</row>", None),
        (b"<row>" + b"<c " + TEXT + b"</row>" + b"</row>" * 1_048_576 + b"<row><c " + TEXT + b"</row>", "A1048578"),
        (b'<row r="1048500"/><row>' + b"<c/>" * 50 + b"<c " + TEXT + b"</row>", "AY1048501"),
    ],
)
def test_cells_that_lie_too_far_apart_are_refused_before_room_is_made(
    tmp_path: Path, rows: bytes, corner: str | None
) -> None:
    with pytest.raises(FileError) as fault:
        open_table(with_rows(book(tmp_path), rows), KNOWN)
    assert (f"sheet Sheet1 reaches to {corner}." if corner else "not a readable .xlsx") in fault.value.en
    assert (f"Sheet1 延伸到了 {corner}" if corner else "不是可读取的") in fault.value.zh
    assert "save" in fault.value.remedy


def test_sheets_are_bounded_together(tmp_path: Path) -> None:
    sheets = [[["编号", "地址"], ["1", "x"]]] * 3
    path = write_workbook(tmp_path / "a.xlsx", *sheets)
    corner = b'<row r="1000"><c r="XFD1000" ' + TEXT + b"</row>"
    for number in (1, 2, 3):
        with_rows(path, corner, SHEET.replace("1", str(number)))
        if number < 3:
            assert len(list(open_table(path, KNOWN, most=Most(35_000_000, None)).rows)) > 0
    with pytest.raises(FileError, match="span more than 35,000,000 cells"):
        open_table(path, KNOWN, most=Most(35_000_000, None))


@pytest.mark.parametrize(
    "rows",
    [
        b'<row r="1048576"><c r="XFD1048576" s="0"/></row>',  # dressed, and empty
        b'<row r="1048576"><c s="0" r="XFD1048576"/></row>',
        b'<row r="1048576" spans="1:2"/>',
    ],
)
def test_empty_cells_reach_nowhere(tmp_path: Path, rows: bytes) -> None:
    (row,) = open_table(with_rows(book(tmp_path), rows), KNOWN).rows
    assert row.values == {"编号": "1", "地址": "x"}


def test_cells_without_a_place_are_read_where_they_are(tmp_path: Path) -> None:
    path = book(tmp_path, ["2", "y"])
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    for place in ("A1", "B1", "A2", "B2", "A3", "B3"):
        parts[SHEET] = parts[SHEET].replace(f'<c r="{place}"'.encode(), b"<c")
    with zipfile.ZipFile(path, "w") as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    assert [row.values["地址"] for row in open_table(path, KNOWN).rows] == ["x", "y"]


@pytest.mark.parametrize("name", ["xl/workbook.bin", "XL\\WORKBOOK.BIN", "content.xml"])
def test_workbooks_of_other_kinds_are_refused(tmp_path: Path, name: str) -> None:
    path = book(tmp_path)
    with zipfile.ZipFile(path, "a") as packed:
        packed.writestr(name, b"")
    with pytest.raises(FileError, match=r"is no \.xlsx workbook"):
        open_table(path, KNOWN)


def test_a_full_sheet_of_many_columns_is_within_the_bound() -> None:
    assert OF_A_LOAD.cells > 1_048_576 * 47


SHARED = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%s</sst>'


@pytest.mark.parametrize(
    "items",
    [
        b"<si><t>x</t></si><si><t>" + b"x" * 200_000 + b"</t></si>",
        b"<y:si xmlns:y='u'><t>" + b"x" * 200_000 + b"</t></y:si>",
        b"<si><t>" + (b"x" * 50_000 + b"<!--</si>-->") * 4 + b"</t></si>",
        b"<si><t>" + (b"x" * 50_000 + b"</six><six/>") * 4 + b"</t></si>",
    ],
)
def test_a_long_text_that_many_cells_share_is_refused_before_it_is_copied(tmp_path: Path, items: bytes) -> None:
    rows = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (n, n) for n in range(2, 10_000))
    path = with_rows(book(tmp_path), rows)
    with zipfile.ZipFile(path) as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in (parts | {"xl/sharedStrings.xml": SHARED % items}).items():
            packed.writestr(name, content)
    with pytest.raises(FileError, match="has a text of 200,"):
        open_table(path, KNOWN, most=OF_A_FORM)


@pytest.fixture(name="desk")
def _desk(estate: World, tmp_path: Path) -> Iterator[Desk]:
    Terminal.open("", tmp_path)
    with served_desk(estate, tmp_path) as desk:
        yield desk


def test_an_upload_that_lies_too_far_apart_is_a_400_and_the_service_goes_on(desk: Desk, tmp_path: Path) -> None:
    ReviewDesk(desk.world).wait("people", people(UNKNOWN_ROOM))
    path = tmp_path / "review.xlsx"
    path.write_bytes(desk.ask("GET", "/review/sheet").content)
    files = {"sheet": (path.name, with_rows(path, FAR).read_bytes())}
    found = refused(desk.ask("POST", "/review/sheet", files=files, data={"actor": "街道"}), 400)
    assert "XFD1048570" in found["detail_zh"]
    assert found["remedy"]
    listed = with_rows(write_workbook(tmp_path / "list.xlsx", [["代码", "名称"], *MOVED.items()]), FAR)
    divisions = {"divisions": (listed.name, listed.read_bytes())}
    found = refused(desk.ask("POST", PLAN, AccessRole.ADMIN, data=WHERE, files=divisions), 400)
    assert "Sheet1" in found["detail"]
    assert desk.ask("GET", "/health").status_code == 200


def test_a_load_of_such_a_file_is_refused(database: Engine, tmp_path: Path) -> None:
    url = database.url.render_as_string(hide_password=False)
    path = with_rows(write_workbook(tmp_path / "far.xlsx", [["姓名", "地址"], ["甲", ROOM]]), FAR)
    ended = Terminal.open(url, tmp_path / "home").run("load", "people", path)
    assert ended.code == 3
    assert "XFD1048570" in ended.err
