"""Files as they come: what becomes of their bytes before anybody asks what the rows mean."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from addressbook.errors import FileError
from loaders.reading import RawRow, Table, open_features, open_table
from loaders.reading.delimited import SNIFFED_BYTES, read_delimited
from loaders.reading.formulas import formulas_without_value
from loaders.reading.header import column_name, find_header
from tests.worlds import feature, write_geojson, write_lines, write_workbook

KNOWN = frozenset({"姓名", "地址", "编号", "身份证号", "标题"})
CSV = "编号,地址,标题\n1,市心北路260号,甲\n2,金城路12号,乙\n"


def rows_of(path: Path, known: frozenset[str] = KNOWN) -> list[RawRow]:
    return list(open_table(path, known).rows)


def written(folder: Path, content: str | bytes, encoding: str = "utf-8", name: str = "rows.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def faults(rows: list[RawRow]) -> dict[int, str]:
    return {row.line: row.fault for row in rows if row.fault}


# -- delimited text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_table_is_read_alike_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    table = open_table(written(tmp_path, CSV, encoding), KNOWN)
    assert table.encoding == encoding
    assert [(row.line, row.values) for row in table.rows] == [
        (2, {"编号": "1", "地址": "市心北路260号", "标题": "甲"}),
        (3, {"编号": "2", "地址": "金城路12号", "标题": "乙"}),
    ]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    rows = rows_of(written(tmp_path, CSV.replace(",", delimiter)))
    assert rows[1].values == {"编号": "2", "地址": "金城路12号", "标题": "乙"}


def test_windows_and_old_mac_line_ends_and_blank_lines_make_no_rows(tmp_path: Path) -> None:
    for end in ("\r\n", "\r"):
        rows = rows_of(written(tmp_path, CSV.replace("\n", f"{end}{end}")))
        assert [row.values["编号"] for row in rows] == ["1", "2"]


def test_a_broken_line_is_a_row_with_its_line_number_and_the_others_are_read(tmp_path: Path) -> None:
    lines = ["编号,地址".encode(), *(f"{n},市心北路{n}号".encode() for n in range(2, 900))]
    lines[699] = b"700,\xe5\xb8\xff\xfe\xb7"
    rows = rows_of(write_lines(tmp_path / "rows.csv", lines))
    assert len(rows) == 898
    assert faults(rows) == {700: "broken_encoding"}


def test_one_broken_line_does_not_make_short_utf_8_text_into_gb18030(tmp_path: Path) -> None:
    # Every other cell has an even number of characters, and such text in UTF-8 is valid GB18030 as well.
    table = open_table(written(tmp_path, "编号,地址\n1,\n".encode() + b"2,\xff\n" + "3,金城路口\n".encode() * 2), KNOWN)
    assert table.encoding == "utf-8"
    assert faults(list(table.rows)) == {3: "broken_encoding"}


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_encoding_is_told_by_what_is_not_ascii_however_late_it_comes(
    tmp_path: Path, encoding: str, end: str
) -> None:
    ascii_rows = "".join(f"{n},Shixin North Road {n},x{end}" for n in range(60_000))
    assert len(ascii_rows) > SNIFFED_BYTES
    text = f"id,address,title{end}{ascii_rows}70001,市心北路260号,甲{end}70002,金城路12号,乙"
    table = open_table(written(tmp_path, text, encoding), frozenset({"id", "address"}))
    rows = list(table.rows)
    assert table.encoding == encoding
    assert (len(rows), faults(rows)) == (60_002, {})
    assert [row.values["address"] for row in rows[-2:]] == ["市心北路260号", "金城路12号"]


def test_one_line_alone_tells_the_encoding_too(tmp_path: Path) -> None:
    lines = ["id,address", *(f"{n},x" for n in range(400_000)), "8,市心北路260号"]
    table = open_table(written(tmp_path, "\n".join(lines), "gb18030"), frozenset({"id", "address"}))
    assert table.encoding == "gb18030"


def test_wrong_gb18030_is_told_line_by_line(tmp_path: Path) -> None:
    good = [f"{n},市心北路{n}号".encode("gb18030") for n in range(2, 60)]
    good[3], good[10], good[20] = b"5,\xb1", b"12,\xff\xff,x", b"22,\x81\x30\x81\x20"
    rows = rows_of(write_lines(tmp_path / "rows.csv", ["编号,地址,标题".encode("gb18030"), *good]))
    assert len(rows) == 58
    assert faults(rows) == dict.fromkeys((5, 12, 22), "broken_encoding")


@given(st.binary(max_size=300))
def test_no_bytes_whatever_break_the_reader(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(CSV.encode() + content)
    for row in read_delimited(path, KNOWN).rows:
        assert "\x00" not in "".join(row.values.values()).encode().decode()  # can be stored


def test_zero_bytes_damage_a_row_but_padding_does_not(tmp_path: Path) -> None:
    lines = ["编号,地址".encode(), *[b"1,x"] * 1500, b"1502\x00\x00,x\x00\x00", b"1503,26\x000", b"1504,x"]
    rows = rows_of(write_lines(tmp_path / "rows.csv", lines))
    assert faults(rows) == {1503: "broken_encoding"}
    assert rows[1500].values == {"编号": "1502", "地址": "x"}


def test_a_quote_that_nothing_closes_costs_its_own_line_only(tmp_path: Path) -> None:
    lines = [
        "编号,地址,标题",
        '1,"市心北路',
        *(f'{n},"金城路{n}号",x' for n in range(2, 50)),
        '50,"金城路',
        "51,北山路1号,x",
    ]
    rows = rows_of(written(tmp_path, "\n".join(lines)))
    assert len(rows) == 51
    assert faults(rows) == {2: "quote_not_closed", 51: "quote_not_closed"}
    assert rows[-1].values["地址"] == "北山路1号"


@pytest.mark.parametrize("last", [12, 40])
def test_two_stray_quotes_swallow_no_rows(tmp_path: Path, last: int) -> None:
    lines = ["编号,标题,地址,备注", *(f"{n},标题{n},金城路{n}号,x" for n in range(1, 60))]
    lines[11] = '11,"标题11,金城路11号,x'
    lines[last] = f'{last},标题{last}",金城路{last}号,x'
    rows = rows_of(written(tmp_path, "\n".join(lines)))
    assert [row.line for row in rows] == list(range(2, 61))
    assert faults(rows) == {12: "quote_not_closed"}
    assert rows[last - 1].values["地址"] == f"金城路{last}号"


def test_a_zero_byte_in_a_small_file_damages_its_row_only(tmp_path: Path) -> None:
    lines = ["编号,地址".encode(), *[f"{n},市心北路{n}号".encode() for n in range(50)], b"51,a\0b"]
    assert faults(rows_of(write_lines(tmp_path / "rows.csv", lines))) == {52: "broken_encoding"}


@pytest.mark.parametrize("order", ["before", "behind"])
def test_the_coordinate_system_is_told_before_or_behind_the_features(tmp_path: Path, order: str) -> None:
    features = '"features": [{"type": "Feature", "properties": {"编号": "1"}, "geometry": null}]'
    member = '"coordinate_system": "gcj02"'
    inner = f"{member}, {features}" if order == "before" else f"{features}, {member}"
    table = open_table(written(tmp_path, f'{{"type": "FeatureCollection", {inner}}}', name="a.geojson"), KNOWN)
    assert table.coordinate_system == "gcj02"


def test_a_cell_of_several_lines_and_sloppy_quotes_are_read(tmp_path: Path) -> None:
    rows = rows_of(written(tmp_path, '编号,地址,标题\n1,"市心北路\n260号",甲\n2,"金城路"12号,乙\n3,北"山"路,丙\n'))
    assert [(row.line, row.values["地址"]) for row in rows] == [
        (2, "市心北路\n260号"), (4, '金城路12号'), (5, '北"山"路')
    ]  # fmt: skip
    assert not faults(rows)


def test_a_megabyte_in_a_cell_is_read_and_more_is_refused(tmp_path: Path) -> None:
    rows = rows_of(written(tmp_path, f"编号,地址\n1,{'x' * 1_000_000}\n2,{'x' * 1_100_000}\n3,x\n"))
    assert [len(row.values["地址"]) for row in rows if not row.fault] == [1_000_000, 1]
    assert faults(rows) == {3: "cell_too_long"}


def test_ragged_rows(tmp_path: Path) -> None:
    rows = rows_of(written(tmp_path, "编号,地址,标题\n1\n2,a,b,,\n3,a,b,c\n,,\n"))
    assert [row.values for row in rows[:2]] == [{"编号": "1"}, {"编号": "2", "地址": "a", "标题": "b"}]
    assert faults(rows) == {4: "too_many_cells"}


def test_columns_of_the_same_name_or_of_none_are_all_kept(tmp_path: Path) -> None:
    (row,) = rows_of(written(tmp_path, "地址,地址,,地址_2,地址,\na,b,c,d,e,f\n"))
    assert list(row.values.values()) == list("abcdef")
    assert row.values["地址"] == "a"


def test_a_broken_column_name_spoils_no_row(tmp_path: Path) -> None:
    (row,) = rows_of(written(tmp_path, "编号,地址,".encode() + b"\xff\xb1\n1,x,y\n"))
    assert not row.fault
    assert all(name.encode() for name in row.values)


# -- headers


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        (" 姓 名*（必填）", "姓名"),
        ("Address [full]", "address"),
        ("地\n址：", "地址"),
        ("\ufeff编号\u200b", "编号"),
        ("电　话", "电话"),
    ],
)
def test_column_names_are_compared_without_their_trimmings(cell: str, name: str) -> None:
    assert column_name(cell) == name


def test_the_header_stands_below_titles_and_under_merged_groups() -> None:
    head = [
        ["北干街道人员名册", "", "", ""],
        ["序号", "人员信息", "", "地址"],
        ["", "姓名", "身份证号", ""],
        ["1", "x", "y", "z"],
    ]
    header = find_header(head, KNOWN, "x.xlsx")
    assert (header.columns, header.rows) == (["序号", "姓名", "身份证号", "地址"], 3)


def test_a_header_nobody_knows_is_shown_as_it_can_be_printed() -> None:
    with pytest.raises(FileError, match="first row is: \ufffd、b\ufffd") as fault:
        find_header([["\udcff", "b\x1b"]], KNOWN, "x.csv")
    str(fault.value).encode()


# -- workbooks


def test_a_workbook_with_merged_headers_and_numbers(tmp_path: Path) -> None:
    sheet = [
        ["名册", None, None, None],
        ["编号", "人员", None, "地址"],
        [None, "姓名", "身份证号", None],
        [7, "甲", 12345678901, "x"],
    ]
    path = write_workbook(tmp_path / "a.xlsx", sheet, merged=["A1:D1", "A2:A3", "B2:C2", "D2:D3"])
    assert [(row.line, row.values) for row in rows_of(path)] == [
        (4, {"编号": "7", "姓名": "甲", "身份证号": "12345678901", "地址": "x"})
    ]


def test_a_long_number_that_the_spreadsheet_rounded_is_refused_where_it_is_read(tmp_path: Path) -> None:
    head = ["身份证号", "金额", "地址"]
    path = write_workbook(tmp_path / "a.xlsx", [head, [330109199001011234, 1, "x"], ["1", 330109199001011234, "x"]])
    assert faults(rows_of(path)) == {2: "number_precision_lost:身份证号"}


def test_formulas_without_a_value_and_error_cells_are_empty(tmp_path: Path) -> None:
    (row,) = rows_of(write_workbook(tmp_path / "a.xlsx", [["编号", "地址", "标题"], ["1", "=A1&B1", "=1/0"]]))
    assert row.values == {"编号": "1"}


def test_rows_are_numbered_as_the_spreadsheet_numbers_them(tmp_path: Path) -> None:
    blank: list[Any] = []
    (row,) = rows_of(write_workbook(tmp_path / "a.xlsx", [blank, blank, ["编号", "地址"], blank, ["1", "x"]]))
    assert row.line == 5


def test_several_sheets_behind_a_cover_are_read_and_a_strange_one_is_named(tmp_path: Path) -> None:
    table = ["编号", "地址"]
    path = write_workbook(tmp_path / "a.xlsx", [["说明"]], [table, ["1", "x"]], [table[::-1], ["y", "2"]], [["别的"]])
    opened = open_table(path, KNOWN)
    assert [(row.sheet, row.line, row.values["编号"]) for row in opened.rows] == [
        ("Sheet2", 2, "1"),
        ("Sheet3", 2, "2"),
    ]
    assert [note.split()[1] for note in opened.notes] == ["Sheet1", "Sheet4"]


def test_a_formula_with_its_result_is_a_value_an_empty_one_too(tmp_path: Path) -> None:
    """As Excel saves them: the results beside the formulas."""
    path = write_workbook(tmp_path / "a.xlsx", [["编号", "地址", "别的"], ["=A9", "=B9", "=C9"], ["2", "x", "=C8"]])
    saved = {
        b"<f>A9</f><v />": b"<f>A9</f><v>7</v>",
        b'r="B2"><f>B9</f><v />': b'r="B2" t="str"><f>B9</f><v></v>',
        b"<f>C9</f><v />": b"<f>C9</f>",
    }
    rows = rows_of(rewritten(path, "xl/worksheets/sheet1.xml", saved))
    assert [(row.line, row.values, row.fault) for row in rows] == [
        (2, {"编号": "7"}, ""),
        (3, {"编号": "2", "地址": "x"}, ""),
    ]
    assert formulas_without_value(path) == {"Sheet1": {2: [2], 3: [2]}}


def rewritten(path: Path, part: str, changes: dict[bytes, bytes]) -> Path:
    """The workbook with bytes of one part replaced."""
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    for old, new in changes.items():
        assert old in parts[part]
        parts[part] = parts[part].replace(old, new)
    with zipfile.ZipFile(path, "w") as book:
        for name, content in parts.items():
            book.writestr(name, content)
    return path


def test_formulas_are_found_wherever_the_blocks_of_a_large_sheet_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cells = [["编号", "地址"], *([str(n), "=A1" if n % 7 == 0 else "x"] for n in range(300))]
    path = write_workbook(tmp_path / "a.xlsx", cells)
    expected = {n + 2: [1] for n in range(0, 300, 7)}
    for size in (4096, 997, 1 << 20):
        monkeypatch.setattr("loaders.reading.formulas.BLOCK_BYTES", size)
        assert formulas_without_value(path) == {"Sheet1": expected}


def test_a_workbook_of_a_header_only_and_an_empty_one_are_told_apart(tmp_path: Path) -> None:
    for sheet, said in (([["编号", "地址"]], "a header and no rows"), ([], "is empty")):
        with pytest.raises(FileError, match=said):
            open_table(write_workbook(tmp_path / "a.xlsx", sheet), KNOWN)


def test_damaged_workbooks_are_no_files(tmp_path: Path) -> None:
    whole = write_workbook(tmp_path / "a.xlsx", [["编号", "地址"], ["1", "x"]]).read_bytes()
    for content in (whole[: len(whole) // 2], whole[:4] + b"x" * 500, whole.replace(b"workbook.xml", b"workbork.xml")):
        with pytest.raises(FileError, match="not a readable"):
            open_table(written(tmp_path, content, name="b.xlsx"), KNOWN)


# -- GeoJSON


def geojson(tmp_path: Path, *features: Any, **members: Any) -> Table:
    return open_table(write_geojson(tmp_path / "a.geojson", features, **members), KNOWN)


def test_columns_are_those_of_all_features_not_of_the_first(tmp_path: Path) -> None:
    table = geojson(tmp_path, feature({"编号": "1", "标题": None}), feature({"编号": 2, "地址": "x"}, [120.2, 30.1]))
    assert table.columns == ["编号", "标题", "地址"]
    assert table.has_points
    assert [row.point for row in table.rows] == [None, (120.2, 30.1)]


def test_entries_that_are_no_features_are_refused_one_by_one(tmp_path: Path) -> None:
    strange = [5, None, [], {}, feature([1]), feature("x"), {"type": "Feature", "properties": {}, "geometry": [1]}]
    rows = list(geojson(tmp_path, *strange, feature({"编号": "1"})).rows)
    assert faults(rows) == dict.fromkeys(range(1, 8), "not_a_feature")


@pytest.mark.parametrize("point", [["a", "b"], [120.2], "x", [120.2, None], {}, None])
def test_a_point_that_is_not_two_numbers_is_refused(tmp_path: Path, point: Any) -> None:
    broken = {"type": "Feature", "properties": {"编号": "1"}, "geometry": {"type": "Point", "coordinates": point}}
    (row,) = geojson(tmp_path, broken).rows
    assert row.fault == "coordinate_wrong:geometry"


def test_an_empty_point_is_none(tmp_path: Path) -> None:
    (row,) = geojson(tmp_path, feature({"编号": "1"}, [])).rows
    assert (row.point, row.fault) == (None, "")


def test_characters_that_cannot_be_stored_damage_a_feature_and_its_names_are_mended(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        r"""{"features": [
        {"type": "Feature", "properties": {"编号": "1", "标题": "\ud800"}, "geometry": null},
        {"type": "Feature", "properties": {"编号": "2", "标题": "a\u0000"}, "geometry": null},
        {"type": "Feature", "properties": {"编号": "3", "\ud800\u0000": "x"}, "geometry": null}]}""",
    )
    rows = rows_of(path)
    assert faults(rows) == dict.fromkeys((1, 2), "broken_encoding")
    assert "\x00" not in "".join(rows[2].values).encode().decode()


def test_a_collection_called_features_is_read(tmp_path: Path) -> None:
    table = geojson(tmp_path, feature({"编号": "1"}), name="features", coordinate_system="GCJ-02")
    assert (table.coordinate_system, len(list(table.rows))) == ("gcj02", 1)


# -- files that are not what their name says


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not a table"),
        ("a.csv", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "not a table"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504), "old .xls workbook"),
        ("a.csv", b"", "is empty"),
        ("a.csv", b" \r\n\n", "is empty"),
        ("a.csv", b"\xef\xbb\xbf", "no column with a known name"),
        ("a.csv", "编号,地址\n".encode(), "a header and no rows"),
        ("a.csv", "编号,地址\n,\n\n".encode(), "a header and no rows"),
        ("a.csv", "名称\n甲\n".encode(), "no column with a known name"),
        ("a.csv", b"<html><body>404</body></html>", "no column with a known name"),
        ("a.geojson", b'[{"a": 1}]', "no column with a known name"),
        ("a.geojson", b'{"type": "Feature"}', "not a GeoJSON feature collection"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": []}', "has no features"),
        ("a.geojson", b'{"features": [{"type": "Feature", "proper', "cut off or not JSON"),
        ("a.geojson", b'{"features": [{"a": ' + b"[" * 200_000, "nested without end"),
        ("a.geojson", b'{oops "features": []}', "its beginning is not JSON"),
    ],
)
def test_a_file_that_is_no_table_is_refused_with_a_sentence(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    with pytest.raises(FileError, match=said) as fault:
        rows_of(written(tmp_path, content, name=name))
    assert fault.value.remedy
    assert fault.value.zh != fault.value.en


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("代码,名称\n".encode(), "首行为：代码,名称。"),
        ("代码,名称\n330109,萧山\n".encode("gb18030"), "首行为：代码,名称。"),
        ("代码,名称\n".encode("utf-16"), "首行为：代码,名称。"),
        (b"<kml><Document/></kml>", "首行为：<kml>"),
        (b'[{"code": "330109"}]', "首行为：[{"),
        (b"\xef\xbb\xbf", "它是文本或表格"),
        (b"PK\x03\x04" + bytes(50), "它是工作簿"),
        (b"PAR1" + bytes(50), "它是二进制文件"),
        (b"\x00\x00\x27\x0a" + bytes(96), "它是二进制文件"),
        (b'{"type": "Topology", "objects": {}}', "其中没有“features”"),
    ],
)
def test_a_file_that_only_geojson_can_be_is_told_what_it_is_instead(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(FileError) as fault:
        open_features(written(tmp_path, content))
    assert said in fault.value.zh
    assert fault.value.en.startswith("rows.csv is not a GeoJSON feature collection: ")
    assert "FeatureCollection" in fault.value.remedy


def test_the_content_decides_whatever_the_name(tmp_path: Path) -> None:
    assert len(rows_of(written(tmp_path, CSV, name="a.xlsx"))) == 2
    workbook = write_workbook(tmp_path / "a.csv", [["编号", "地址"], ["1", "x"]])
    assert len(rows_of(workbook)) == 1
    assert len(rows_of(written(tmp_path, '{"features": [{"type": "Feature", "properties": {"编号": 1}}]}'))) == 1


def test_an_absent_file_and_a_folder_are_told(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="there is no file"):
        open_table(tmp_path / "absent.csv", KNOWN)
    with pytest.raises(FileError, match="cannot be read"):
        open_table(tmp_path, KNOWN)
