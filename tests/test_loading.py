"""Loading elements: every row accounted for, nothing twice, nothing personal in clear."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from addressbook.errors import FileError, InputError, SettingError
from addressbook.links import Unresolved
from addressbook.store.cluster import binaries
from loaders.areas import load_areas
from loaders.fields import Fields
from loaders.reading import RawRow
from loaders.report import FaultKeeper, print_totals
from loaders.request import LoadRequest
from loaders.running import run_load
from tests.worlds import (
    ESTATE,
    ESTATE_ROWS,
    PLATE,
    ROOM,
    SECRET,
    TOWN,
    TOWN_CODE,
    World,
    feature,
    identity_number,
    uscc,
    write_csv,
    write_geojson,
    write_lines,
    write_workbook,
)

ADDRESSES = [{"来源编号": f"A{n}", "地址": address} for n, address in enumerate(ESTATE_ROWS)]
PEOPLE = [
    {"姓名": "虚构甲", "身份证号": identity_number(1), "联系电话": "13800000001", "性别": "男", "现住地址": ROOM},
    {"姓名": "虚构乙", "身份证号": identity_number(2), "联系电话": "0571-00000002", "性别": "女", "现住地址": TOWN},
]
HOUSES = [{"房屋编号": "F1", "房屋地址": ROOM, "房屋用途": "住宅", "建筑面积": "1.2万㎡", "建成年份": "1998年"}]
FIRMS = [
    {"企业名称": "虚构公司", "统一社会信用代码": uscc(1), "注册地址": f"{TOWN}金城路12号", "成立日期": "2020/1/31"}
]
EVENTS = [{"工单编号": "E1", "受理时间": "2024-05-06 07:08:09", "事件类别": "噪声", "标题": "夜间", "事发地址": PLATE}]
THINGS = [
    {"设备编号": "T1", "设备类型": "灭火器", "设备名称": "一号", "安装地址": ESTATE, "经度": "120.2", "纬度": "30.2"}
]
KINDS: dict[str, list[dict[str, str]]] = {
    "people": PEOPLE, "houses": HOUSES, "enterprises": FIRMS, "events": EVENTS, "things": THINGS,
}  # fmt: skip
ENGLISH = {
    "addresses": {"source_key": "1", "address": f"{TOWN}金城路18号", "lon": "120.2", "lat": "30.2"},
    "people": {"name": "虚构丙", "identity_number": identity_number(3), "phone": "13800000003", "residence": ROOM},
    "houses": {"source_key": "F", "address": ROOM, "floor_area_m2": "89.5", "built_year": "1998", "use": "住宅"},
    "enterprises": {"name": "虚构公司", "uscc": uscc(1), "address": ROOM, "operating": PLATE, "industry": "批发"},
    "events": {"event_id": "E", "date": "2024-05", "title": "x", "address": ROOM},
    "things": {"id": "T", "name": "x", "address": ROOM, "longitude": "120.2", "latitude": "30.2"},
}


def workbook(path: Path, rows: list[dict[str, str]]) -> Path:
    """As offices send them: a title over all columns, groups over the names."""
    names = list(rows[0])
    above = ["序号", "基本信息", *[None] * (len(names) - 1)]
    table = [["名册", *[None] * len(names)], above, [None, *names]]
    data = [[number, *row.values()] for number, row in enumerate(rows, 1)]
    return write_workbook(path, [*table, *data], merged=["A1:D1", "A2:A3", "B2:C2"])


def geojson(path: Path, rows: list[dict[str, str]]) -> Path:
    return write_geojson(path, [feature(row) for row in rows])


FORMATS: dict[str, Callable[[Path, list[dict[str, str]]], Path]] = {
    "utf-8.csv": write_csv,
    "bom.csv": lambda path, rows: write_csv(path, rows, "utf-8-sig"),
    "gb18030.csv": lambda path, rows: write_csv(path, rows, "gb18030"),
    "merged.xlsx": workbook,
    "rows.geojson": geojson,
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_kind_loads_from_every_format(world: World, name: str) -> None:
    counts = world.load("addresses", FORMATS[name](world.folder / name, ADDRESSES)).totals.counts()
    assert (counts["read"], counts["linked"], counts["minted"]) == (len(ADDRESSES), len(ADDRESSES), 19)
    for kind, rows in KINDS.items():
        report = world.load(kind, FORMATS[name](world.folder / f"{kind}-{name}", rows))
        assert (report.totals.read, report.totals.linked) == (len(rows), len(rows))
    assert world.rows("SELECT use, floor_area_m2, built_year FROM house") == [("住宅", 12_000.0, 1998)]
    assert world.rows("SELECT name, uscc, established_on::text FROM enterprise") == [
        ("虚构公司", uscc(1), "2020-01-31")
    ]
    assert world.rows("SELECT title, occurred_on::text FROM event") == [("夜间", "2024-05-06")]
    assert world.rows("SELECT name, ST_AsText(geom) FROM thing") == [("一号", "POINT(120.2 30.2)")]
    assert world.rows("SELECT sex, birth_year FROM person ORDER BY sex") == [("female", 1990), ("male", 1990)]
    assert world.rows("SELECT role, count(*) FROM link GROUP BY 1 ORDER BY 1") == [
        ("located_at", 2), ("occurred_at", 1), ("registered", 1), ("residence", 2),
    ]  # fmt: skip


@pytest.mark.parametrize("kind", ENGLISH)
def test_english_column_names_are_well_known_too(estate: World, kind: str) -> None:
    report = estate.load_rows(kind, [ENGLISH[kind]], "english")
    assert (report.totals.read, report.totals.linked) == (1, 1)


def test_a_mapping_names_the_columns_of_a_source_and_cuts_cells(estate: World) -> None:
    mapping = estate.folder / "own.toml"
    mapping.write_text(
        '[columns]\naddress = ["哪里"]\noccurred_on = ["When"]\n[split]\naddress = "|"\n', encoding="utf-8"
    )
    report = estate.load_rows("events", [{"哪里": f"不知何处|{ROOM}", "When": "2024年5月6日"}], mapping=mapping)
    assert report.totals.linked == 1
    assert estate.rows("SELECT received_text, month::text FROM link") == [(ROOM, "2024-05-01")]


@pytest.mark.parametrize(
    ("toml", "said"),
    [('[columns]\nadress = ["x"]', "unknown fields: adress"), ("[columns", "cannot be read"), ("", "no column for")],
)
def test_a_mapping_that_does_not_fit_is_told_before_anything_is_written(world: World, toml: str, said: str) -> None:
    mapping = world.folder / "own.toml"
    mapping.write_text(toml, encoding="utf-8")
    with pytest.raises((SettingError, FileError), match=said):
        world.load_rows("events", [{"哪里": ROOM, "标题": "x"}], mapping=mapping)
    assert world.one("SELECT count(*) FROM batch") == 0


# -- what a re-load changes


def load_all(world: World) -> list[Any]:
    reports = [world.load_rows("addresses", ADDRESSES)]
    rows = {**KINDS, "events": [*EVENTS, {"工单编号": "E2", "事发地址": f"{ESTATE}99幢"}, {"工单编号": "E3"}]}
    reports += [world.load_rows(kind, of_kind, chunk_rows=2) for kind, of_kind in rows.items()]
    return reports


def test_loading_the_same_files_again_changes_no_row_of_any_table(world: World) -> None:
    load_all(world)
    before = world.snapshot()
    again = load_all(world)
    assert world.snapshot() == before
    assert all(report.totals.minted == 0 for report in again)
    assert all(report.totals.unchanged == report.totals.read for report in again)


def test_an_unchanged_row_is_not_read_again(estate: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"工单编号": str(n), "标题": "a", "事发地址": ROOM} for n in range(4)]
    rows += [{"工单编号": "r", "标题": "a", "事发地址": f"{ESTATE}99幢"}]
    estate.load_rows("events", rows)
    read: list[str] = []

    def noted(row: RawRow, *given: Any, **options: Any) -> Fields:
        read.append(row.values["工单编号"])
        return Fields(row, *given, **options)

    monkeypatch.setattr("loaders.intake.Fields", noted)
    rows[2] = {**rows[2], "标题": "b"}
    assert estate.load_rows("events", rows).totals.unchanged == 4
    assert read == ["2", "r"]  # the one that changed, and the one in review, which the registry may know by now


def test_an_unchanged_row_that_comes_twice_is_refused_the_second_time(estate: World) -> None:
    row = {"姓名": "虚构甲", "身份证号": identity_number(1), "现住地址": ROOM}
    estate.load_rows("people", [row])
    report = estate.load_rows("people", [row, row, row], chunk_rows=2)
    assert (report.totals.linked, report.totals.rejected, report.totals.unchanged) == (1, 2, 1)
    assert report.totals.reasons == {"duplicate_key": 2}
    refused = estate.rows(
        "SELECT received::text, received_sealed IS NOT NULL FROM source_row WHERE outcome = 'rejected' ORDER BY line"
    )
    assert refused == [("{}", True), ("{}", True)]
    again = estate.load_rows("people", [row, row, row], chunk_rows=2)
    assert (again.totals.rejected, again.totals.unchanged) == (2, 3)


@pytest.mark.parametrize("chunk", [1, 2, 3])
@pytest.mark.parametrize("order", ["old new", "new old"])
def test_of_two_rows_with_one_key_the_first_counts_whichever_is_as_before(
    estate: World, order: str, chunk: int
) -> None:  # fmt: skip
    old = {"工单编号": "1", "标题": "old", "事发地址": ROOM, "备注": "来电13800000001"}
    other = {"工单编号": "2", "标题": "other", "事发地址": PLATE}
    estate.load_rows("events", [old, other])
    rows = [{**old, "标题": title} for title in order.split()]
    report = estate.load_rows("events", [*rows, other], chunk_rows=chunk)
    assert (report.totals.linked, report.totals.reasons) == (2, {"duplicate_key": 1})
    assert estate.rows("SELECT title FROM event ORDER BY title") == [(title,) for title in sorted([order[:3], "other"])]


def test_a_row_refused_because_it_comes_twice_is_kept_as_it_was_received(estate: World) -> None:
    row = {"工单编号": "1", "标题": "电13800000001", "事发地址": ROOM, "备注": "来电13800000002"}
    estate.load_rows("events", [row])
    estate.load_rows("events", [row, {**row, "工单编号": "2"}, row], chunk_rows=2)
    ((key, shown, sealed),) = estate.rows(
        "SELECT row_key, received, received_sealed FROM source_row WHERE outcome = 'rejected'"
    )
    assert (shown, json.loads(SECRET.open(sealed, key.bytes))) == ({}, row)


def test_a_row_that_is_damaged_now_is_refused_although_its_cells_are_as_before(estate: World, tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    for ending, linked in (("", 1), (",too many", 0), ("", 1)):
        path.write_text(f"工单编号,事发地址\n1,{ROOM}{ending}\n", encoding="utf-8")
        assert estate.load("events", path).totals.linked == linked


def test_a_changed_row_changes_itself_only(estate: World) -> None:
    rows = [{"工单编号": str(n), "标题": "a", "事发地址": ROOM} for n in range(6)]
    estate.load_rows("events", rows, chunk_rows=4)
    versions = dict(estate.rows("SELECT source_key, xmin::text FROM source_row WHERE element_kind = 'event'"))
    links = dict(estate.rows("SELECT link_id, xmin::text FROM link"))
    rows[3] = {**rows[3], "标题": "b"}
    rows[4] = {**rows[4], "事发地址": PLATE}
    report = estate.load_rows("events", rows, chunk_rows=4)
    after = dict(estate.rows("SELECT source_key, xmin::text FROM source_row WHERE element_kind = 'event'"))
    assert {key for key in after if after[key] != versions[key]} == {"3", "4"}
    assert (report.totals.unchanged, report.totals.minted) == (4, 0)
    assert [closed for (closed,) in estate.rows("SELECT closed_at IS NOT NULL FROM link ORDER BY link_id")] == [
        *[False] * 4, True, False, False,
    ]  # fmt: skip
    now = dict(estate.rows("SELECT link_id, xmin::text FROM link"))
    assert sum(now[link] != version for link, version in links.items()) == 1  # the one that was closed
    assert estate.rows("SELECT title FROM event WHERE source_key = '3'") == [("b",)]


def test_a_full_snapshot_closes_what_is_gone_and_deletes_nothing(estate: World) -> None:
    rows = [{"工单编号": str(n), "事发地址": ROOM} for n in range(5)] + [{"工单编号": "r", "事发地址": f"{ESTATE}99幢"}]
    estate.load_rows("events", rows)
    report = estate.load_rows("events", rows[:3], full_snapshot=True)
    assert report.totals.closed == 2
    assert estate.rows("SELECT count(*), count(closed_at), count(closed_batch) FROM link") == [(5, 2, 2)]
    gone = estate.rows("SELECT source_key FROM source_row WHERE gone_at IS NOT NULL ORDER BY 1")
    assert gone == [("3",), ("4",), ("r",)]
    assert estate.one("SELECT count(*) FROM event") == 6
    before = estate.snapshot()
    assert estate.load_rows("events", rows[:3], full_snapshot=True).totals.closed == 0
    assert estate.snapshot() == before


def test_without_full_snapshot_absence_means_nothing(estate: World) -> None:
    rows = [{"工单编号": str(n), "事发地址": ROOM} for n in range(3)]
    estate.load_rows("events", rows)
    assert estate.load_rows("events", rows[:1]).totals.closed == 0
    assert estate.one("SELECT count(*) FROM link WHERE closed_at IS NULL") == 3


def test_a_row_that_comes_back_is_linked_again(estate: World) -> None:
    rows = [{"工单编号": str(n), "事发地址": ROOM} for n in range(2)]
    for of_run in (rows, rows[:1], rows):
        estate.load_rows("events", of_run, full_snapshot=True)
    assert estate.rows("SELECT count(*), count(closed_at) FROM link") == [(3, 1)]


def test_a_row_that_cannot_be_read_this_time_is_not_gone(estate: World) -> None:
    rows = [{"工单编号": str(n), "事发地址": ROOM, "受理时间": "2024-05-06"} for n in range(3)]
    estate.load_rows("events", rows)
    rows[1] = {**rows[1], "受理时间": "昨天"}
    report = estate.load_rows("events", rows, full_snapshot=True, chunk_rows=1)
    assert (report.totals.rejected, report.totals.closed) == (1, 0)
    assert estate.one("SELECT count(*) FROM link WHERE closed_at IS NULL") == 3


def test_a_snapshot_of_which_hardly_a_row_can_be_read_takes_nothing_for_gone(estate: World) -> None:
    rows = [{"工单编号": str(n), "事发地址": ROOM, "受理时间": "2024-05-06"} for n in range(3)]
    estate.load_rows("events", rows)
    broken = [{"工单编号": "", "事发地址": ROOM, "受理时间": "昨天"} for _ in range(3)]
    report = estate.load_rows("events", [*broken, rows[0]], full_snapshot=True)
    assert (report.totals.rejected, report.totals.closed) == (3, 0)
    assert "nothing was taken for gone" in report.notes[0]
    assert estate.one("SELECT count(*) FROM link WHERE closed_at IS NULL") == 3


def test_a_row_that_loses_its_address_and_finds_it_again_has_one_link(estate: World) -> None:
    for address in (ROOM, "", ROOM, "无", PLATE):
        estate.load_rows("events", [{"工单编号": "1", "事发地址": address, "标题": "x"}])
    assert estate.rows("SELECT received_text FROM link WHERE closed_at IS NULL") == [(PLATE,)]


def test_a_refused_row_that_is_mended_leaves_no_refusal_standing(estate: World) -> None:
    estate.load_rows("events", [{"工单编号": "1", "事发地址": ROOM, "受理时间": "昨天"}])
    estate.load_rows("events", [{"工单编号": "1", "事发地址": ROOM, "受理时间": "2024-01-01"}])
    standing = estate.rows("SELECT outcome FROM source_row WHERE element_kind = 'event' AND gone_at IS NULL")
    assert standing == [("linked",)]


def test_rows_in_review_are_linked_when_the_registry_has_learnt_the_address(world: World) -> None:
    first = world.load_rows("people", PEOPLE)
    assert (first.totals.linked, first.totals.review) == (1, 1)
    world.texts(ESTATE_ROWS)
    again = world.load_rows("people", PEOPLE)
    assert (again.totals.linked, again.totals.unchanged) == (2, 1)
    assert world.rows("SELECT state, settled_at IS NOT NULL FROM review_item") == [("withdrawn", True)]
    before = world.snapshot()
    world.load_rows("people", PEOPLE)
    assert world.snapshot() == before


# -- where rows end


def test_a_text_that_reaches_only_a_division_counts_there_without_a_code(estate: World) -> None:
    estate.load_rows(
        "events", [{"工单编号": "1", "事发地址": TOWN}, {"工单编号": "2", "事发地址": "萧山区北干街道银河社区"}]
    )
    links = estate.rows("SELECT site_id, aid, division_code, match_level, flags FROM link ORDER BY division_code")
    assert links == [
        (-int(TOWN_CODE), None, TOWN_CODE, "town", ["division_only"]),
        (-330109002009, None, "330109002009", "community", ["division_only"]),
    ]


@pytest.mark.parametrize(
    "wrong", ["13幢1单元503室", "23幢1单元502室", "3幢1单元503室", "3幢3单元502室", "3幢1单元5021室"]
)
def test_a_number_that_contradicts_is_never_linked(estate: World, wrong: str) -> None:
    report = estate.load_rows("events", [{"工单编号": "1", "事发地址": f"{ESTATE}{wrong}"}])
    assert (report.totals.linked, report.totals.review) == (0, 1)
    assert estate.rows("SELECT count(*), count(anchor_aid) FROM review_item") == [(1, 1)]


def test_an_unsure_row_hangs_flagged_on_what_is_certain_where_its_source_says_so(estate: World) -> None:
    rows = [{"工单编号": "1", "事发地址": f"{ESTATE}3幢1单元509室"}]
    estate.load_rows("events", rows, unresolved=Unresolved.ANCHOR)
    entrance = estate.addresses()[f"{ESTATE.replace('市心北路260号', '')}3幢1单元"]
    assert estate.rows("SELECT aid, flags, match_category FROM link") == [(entrance, ["anchored"], "C")]


def test_a_division_of_the_source_stands_in_for_what_texts_leave_out(estate: World) -> None:
    report = estate.load_rows("events", [{"工单编号": "1", "事发地址": "北干街道"}], division="330109")
    assert report.totals.linked == 1
    assert estate.one("SELECT division_code FROM link") == TOWN_CODE


def test_town_and_community_columns_complete_the_address(estate: World) -> None:
    row = {"工单编号": "1", "区县": "萧山区", "街道": "北干街道", "事发地址": "南岸明珠3幢1单元502室"}
    estate.load_rows("events", [row, {"工单编号": "2", "区县": "萧山区", "街道": "北干街道"}])
    assert estate.rows("SELECT match_level FROM link ORDER BY match_level") == [("room",), ("town",)]


def test_two_roles_of_one_firm_are_two_links(estate: World) -> None:
    estate.load_rows("enterprises", [{**FIRMS[0], "经营地址": ROOM}])
    assert estate.rows("SELECT role, match_level FROM link ORDER BY role") == [
        ("operating", "room"), ("registered", "door_plate"),
    ]  # fmt: skip


def test_one_firm_from_two_sources_is_one_element_with_two_links(estate: World) -> None:
    estate.load_rows("enterprises", FIRMS, "licences")
    estate.load_rows("enterprises", [{**FIRMS[0], "注册地址": ROOM}], "taxes")
    assert estate.one("SELECT count(*) FROM enterprise") == 1
    assert estate.one("SELECT count(*) FROM link WHERE closed_at IS NULL") == 2


# -- points


def test_areas_in_a_file_that_is_no_geojson_are_refused_as_that(world: World) -> None:
    for lines in ([b"code,name"], [b"code,name", b"330109,Xiaoshan"]):
        with pytest.raises(FileError, match=r"not a GeoJSON .* first line is: code,name"):
            load_areas(world.engine, write_lines(world.folder / "areas.csv", lines), "areas")


def test_a_point_decides_where_there_is_no_address_and_is_dropped_where_it_contradicts(estate: World) -> None:
    ring = [[120.2, 30.1], [120.3, 30.1], [120.3, 30.2], [120.2, 30.2], [120.2, 30.1]]
    outline = {"type": "Polygon", "coordinates": [ring]}
    town = {"type": "Feature", "properties": {"code": TOWN_CODE, "name": "北干街道"}, "geometry": outline}
    load_areas(estate.engine, write_geojson(estate.folder / "areas.geojson", [town]), "areas")
    points = {"in": [120.25, 30.15], "sea": [123.5, 29.0], "near": [120.301, 30.15]}
    features = [feature({"编号": name}, point) for name, point in points.items()]
    features += [feature({"编号": f"{name}+", "安装地址": ROOM}, point) for name, point in points.items()]
    report = estate.load("things", write_geojson(estate.folder / "things.geojson", features))
    assert (report.totals.linked, report.totals.rejected) == (4, 2)
    assert {fault.reason_code for fault in estate.faults} == {"coordinate_outside_areas"}
    found = estate.rows(
        "SELECT source_key, flags, ST_AsText(geom) FROM link JOIN thing USING (element_key) ORDER BY source_key"
    )
    assert found == [
        ("in", ["division_only", "located_by_point"], "POINT(120.25 30.15)"),
        ("in+", [], "POINT(120.25 30.15)"),
        ("near+", [], "POINT(120.301 30.15)"),
        ("sea+", ["point_outside_division"], None),
    ]


def test_gcj_02_points_are_moved_back(estate: World) -> None:
    rows = [feature({"编号": "1", "安装地址": ROOM}, [120.2, 30.2])]
    estate.load("things", write_geojson(estate.folder / "t.geojson", rows, coordinate_system="GCJ-02"))
    asked = "SELECT ST_Distance(geom::geography, ST_SetSRID(ST_Point(120.2, 30.2), 4326)::geography) FROM thing"
    assert 300 < estate.one(asked) < 700  # metres


@pytest.mark.parametrize("declared", [{"coordinate_system": "EPSG:4549"}, {}])
def test_a_coordinate_system_nobody_knows_stops_the_load_before_it_begins(
    world: World, declared: dict[str, str]
) -> None:
    path = write_geojson(world.folder / "t.geojson", [feature({"编号": "1"}, [120.2, 30.2])], **declared)
    with pytest.raises(InputError, match="coordinate system"):
        world.load("things", path, coordinate_system=None if declared else "gcj-20")
    assert world.one("SELECT count(*) FROM batch") == 0


# -- what nobody may read

NAMES = ("欧阳虚构甲", "司马虚构乙", "诸葛虚构丙", "上官虚构丁")
PHONES = ("13800009991", "13800009992", "13800009993", "13800009994")
SECRETS = [*NAMES, *PHONES, *(identity_number(n) for n in range(901, 910)), "1990-01-01"]


def private_rows() -> list[list[str]]:
    """Good rows and every kind of bad one: nothing of any may be seen."""
    head = [
        "序号",
        "姓名",
        "身份证号",
        "联系电话",
        "性别",
        "出生日期",
        "现住地址",
        "人员类别",
        "登记日期",
        "备注",
        "编号",
    ]
    one = ["1", NAMES[0], identity_number(901), PHONES[0], "男", "1990-01-01", ROOM, "常住", "2024-01-01", PHONES[1]]
    slipped = ["", NAMES[1], PHONES[2], "", identity_number(902), identity_number(903), NAMES[2]]
    return [
        head,
        one,
        one,
        ["2", NAMES[1], identity_number(904), PHONES[1], "女", "", f"{ESTATE}99幢", "流动", "", NAMES[3]],
        ["3", NAMES[2], identity_number(905)[:-1] + "?", PHONES[2], "女", identity_number(905), "x", "y"],
        ["4", NAMES[2], "", PHONES[2], "女", f"{identity_number(906)}", "x", "y"],
        ["5", NAMES[3], identity_number(907), PHONES[3], "女", "", ROOM, "y", f"{identity_number(908)}"],
        slipped,
        ["6", "", identity_number(909), PHONES[3], "", "", ROOM],
        ["7", *one[1:], identity_number(901), identity_number(901), NAMES[0]],
    ]


def dump(engine: Engine) -> str:
    """Every row of the database, as pg_dump writes it."""
    url = engine.url
    where = ["-h", str(url.query["host"]), "-p", str(url.query["port"]), "-U", str(url.username), str(url.database)]
    program = binaries.find().program("pg_dump")
    return subprocess.run([program, "--data-only", *where], capture_output=True, text=True, check=True).stdout


def test_personal_columns_are_nowhere_in_clear(
    estate: World, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    rows = private_rows()
    lines = [*(",".join(cells) for cells in rows), f'8,{NAMES[0]},{identity_number(902)},"{PHONES[0]}']
    path = write_lines(estate.folder / "people.csv", [line.encode() for line in lines])
    rejects = estate.folder / "rejects.csv"
    with caplog.at_level("DEBUG"), FaultKeeper(rejects) as keep:
        report = run_load(estate.engine, SECRET, LoadRequest("people", path, "people"), keep_faults=keep)
    print_totals("people", report.totals, keep.first, report.notes)
    assert (report.totals.read, report.totals.linked, report.totals.review) == (10, 1, 1)
    estate.check(report)
    seen = dump(estate.engine) + "".join(capsys.readouterr()) + caplog.text + rejects.read_text(encoding="utf-8")
    assert "number" in seen
    assert [secret for secret in SECRETS if secret in seen] == []
    masked = estate.rows("SELECT name_masked, identity_masked, phone_masked FROM person ORDER BY 3")
    assert masked[0] == ("欧**", f"990**************{identity_number(901)[-1]}", "138****9991")


def test_numbers_that_somebody_wrote_into_free_text_are_nowhere_in_clear(estate: World) -> None:
    note = f"联系人{NAMES[0]}电话{PHONES[0]} 身份证{identity_number(901)}"
    near = f"{ROOM}，{PHONES[1]}"
    loads: dict[str, dict[str, str]] = {
        "events": {
            "工单编号": "1",
            "事发地址": near,
            "标题": f"回电{PHONES[0]}",
            "来电人": NAMES[0],
            "诉求人电话": PHONES[2],
        },
        "houses": {"房屋编号": "1", "房屋地址": near, "房东": NAMES[1], "备注": note},
        "things": {"设备编号": "1", "安装地址": near, "备注": note, "责任人": NAMES[2]},
        "enterprises": {"企业名称": "虚构公司", "注册地址": near, "法人": NAMES[3], "备注": note},
        "addresses": {"source_key": "1", "address": near, "户主": NAMES[1], "备注": note},
    }
    for kind, row in loads.items():
        estate.load_rows(kind, [row, {**row, "街道": "x" * 600}], "notes of " + kind)
    estate.propose([near, f"{TOWN}虚构路1号 {PHONES[3]}"])
    seen = dump(estate.engine)
    assert "虚构公司" in seen
    assert [secret for secret in SECRETS if secret in seen] == []


def test_a_sealed_row_opens_as_it_was_received(estate: World) -> None:
    estate.load_rows("people", PEOPLE[:1])
    ((row_key, shown, sealed),) = estate.rows(
        "SELECT row_key, received, received_sealed FROM source_row WHERE element_kind = 'person'"
    )
    opened = json.loads(SECRET.open(sealed, row_key.bytes))
    assert shown.keys() == {"性别", "现住地址"}
    assert {**shown, **opened} == PEOPLE[0]
