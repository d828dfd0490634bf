"""What goes wrong in the world: a clear error or row outcome each, nothing lost, nothing doubled."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from addressbook.errors import BusyError, ClusterError, FileError, InputError, SettingError
from addressbook.privacy.sealing import Secret
from addressbook.store import cluster
from addressbook.store.migrations import migrate
from loaders.crew import processors
from loaders.report import outcome_values
from loaders.request import CHUNK_ROWS, LoadRequest
from loaders.running import ALONE_ROWS, run_load
from tests.pictures import empty_tables
from tests.worlds import (
    ESTATE,
    PLATE,
    ROOM,
    SECRET,
    TOWN,
    Terminal,
    World,
    ended,
    feature,
    held_up,
    identity_number,
    is_alone,
    is_held_up,
    until,
    uscc,
    write_csv,
    write_geojson,
    write_lines,
    write_workbook,
)

LONG = "".join(chr(0x4E00 + n * 7919 % 20000) for n in range(3000))
"""No index holds it, however it is compressed."""
FIRST_CHUNK = ALONE_ROWS if processors() > 1 else CHUNK_ROWS
BIG = [{"工单编号": str(n), "事发地址": TOWN, "标题": f"标题{n}"} for n in range(FIRST_CHUNK + 200)]
"""More than one chunk of the command."""
HELD = BIG[-1]["工单编号"]
LITTLE_SPACE = 256 << 10
"""Enough for a load to begin, and not for its first chunk."""


@pytest.fixture(scope="module")
def database(make_database: Callable[[], str]) -> Iterator[Engine]:
    engine = create_engine(make_database(), poolclass=NullPool)
    yield engine
    engine.dispose()


def reasons(world: World) -> dict[int, tuple[str, str]]:
    """Line → (reason code, field) of the rows refused by the last load."""
    return {fault.line: (fault.reason_code, fault.field) for fault in world.faults if fault.outcome == "rejected"}


# -- files


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("png.csv", b"\x89PNG\r\n\x1a\n\x00\x00"),
        ("report.pdf", b"%PDF-1.4 ..."),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        ("damaged.xlsx", b"PK\x03\x04" + b"x" * 300),
        ("empty.csv", b""),
        ("header.csv", "工单编号,事发地址\n".encode()),
        ("missing.csv", "工单编号,标题\n1,x\n".encode()),
    ],
)
def test_a_file_that_cannot_be_loaded_is_refused_before_anything_is_written(
    world: World, name: str, content: bytes
) -> None:
    path = world.folder / name
    path.write_bytes(content)
    with pytest.raises(FileError) as fault:
        world.load("events", path)
    assert fault.value.remedy
    assert world.one("SELECT count(*) FROM source") == 0


def test_a_missing_column_is_told_with_the_names_that_would_do(world: World) -> None:
    with pytest.raises(FileError, match=r"no column for 地址 address; found: 工单编号, 标题.*事发地址"):
        world.load_rows("events", [{"工单编号": "1", "标题": "x"}])


def test_a_broken_line_70_000_costs_one_row(world: World) -> None:
    lines = ["注册地址".encode(), *[TOWN.encode()] * 70_200]
    lines[69_999] = b"\xe5\x8c\x97\xff\xe5"
    path = write_lines(world.folder / "texts.csv", lines)
    report = world.load("proposals", path, column="注册地址")
    assert (report.totals.read, report.totals.linked, report.totals.rejected) == (70_200, 70_199, 1)
    assert reasons(world) == {70_000: ("broken_encoding", "")}


def test_wrong_gb18030_costs_the_rows_that_hold_it(estate: World) -> None:
    lines = ["工单编号,事发地址".encode("gb18030"), *(f"{n},{ROOM}".encode("gb18030") for n in range(2, 60))]
    lines[9] = b"10,\xb1"
    lines[19] = b"20,\xff\xfe\x80"
    report = estate.load("events", write_lines(estate.folder / "events.csv", lines))
    assert (report.encoding, report.totals.linked) == ("gb18030", 56)
    assert reasons(estate) == dict.fromkeys((10, 20), ("broken_encoding", ""))


def test_rows_that_break_the_table_are_refused_with_their_line(estate: World) -> None:
    good = f"1,{ROOM},"
    lines = [
        "工单编号,事发地址,标题",
        good,
        f"3,{ROOM},a,b",
        f'4,"{ROOM}',
        f"5,{ROOM},{'x' * 1_100_000}",
        "6",
        "",
        f"8,{PLATE}\x00,",
    ]
    lines += [f"9,{PLATE[:-2]}\x000号,", f"10,{ROOM},{'长' * 300_000}"]
    report = estate.load("events", write_lines(estate.folder / "events.csv", [line.encode() for line in lines]))
    assert (report.totals.read, report.totals.linked) == (8, 3)
    assert reasons(estate) == {
        3: ("too_many_cells", ""), 4: ("quote_not_closed", ""), 5: ("cell_too_long", ""),
        6: ("address_missing", "address"), 9: ("broken_encoding", ""),
    }  # fmt: skip


def test_the_first_of_two_columns_of_one_name_counts_and_the_other_is_kept(estate: World) -> None:
    path = write_lines(estate.folder / "e.csv", ["工单编号,事发地址,事发地址".encode(), f"1,{ROOM},{PLATE}".encode()])
    estate.load("events", path)
    assert estate.linked_to("events") == {"1": estate.addresses()[f"{TOWN}南岸明珠3幢1单元502室"]}
    # A column that no field reads is kept as it came, sealed: nobody knows what it holds.
    ((row_key, sealed),) = estate.rows("SELECT row_key, received_sealed FROM source_row WHERE element_kind = 'event'")
    assert json.loads(SECRET.open(sealed, row_key.bytes)) == {"事发地址_2": PLATE}


@pytest.mark.parametrize("field", ["工单编号", "事件类别", "办理状态"])
def test_a_cell_longer_than_an_index_holds_costs_its_row(estate: World, field: str) -> None:
    rows = [{"工单编号": "1", "事发地址": ROOM, field: LONG}, {"工单编号": "2", "事发地址": ROOM}]
    assert estate.load_rows("events", rows).totals.linked == 1
    assert [code for code, _ in reasons(estate).values()] == ["cell_too_long"]


@pytest.mark.parametrize(
    "field", ["source_key", "alias", "house_code", "address", "place", "road", "room", "community"]
)
def test_a_long_cell_of_an_address_list_costs_its_row(estate: World, field: str) -> None:
    rows = [{"source_key": "1", "address": f"{ESTATE}9幢", field: LONG}, {"source_key": "2", "address": ROOM}]
    report = estate.load_rows("addresses", rows, "long")
    assert (report.totals.linked, report.totals.minted) == (1, 0)


def test_many_long_steps_make_no_path_that_breaks_the_index(estate: World) -> None:
    names = ("小区", "期", "楼幢", "单元", "室")
    for length, linked in ((95, 1), (400, 0)):
        steps = {name: f"{LONG[n * 100 : n * 100 + length]}{name}" for n, name in enumerate(names)}
        row = {"source_key": "1", "区县": "萧山区", "街道": "北干街道", **steps}
        assert estate.load_rows("addresses", [row], f"long {length}").totals.linked == linked


def test_a_long_text_is_no_proposal(estate: World) -> None:
    assert estate.propose([f"{LONG}路12号", f"{TOWN}{LONG}小区3幢"]).totals.minted == 0


def test_formula_cells_without_a_value_are_told_as_such(estate: World) -> None:
    path = write_workbook(
        estate.folder / "e.xlsx", [["工单编号", "事发地址"], ["1", "=A1"], ["2", "=1/0"], ["3", ROOM]]
    )
    report = estate.load("events", path)
    assert report.totals.linked == 1
    assert reasons(estate) == dict.fromkeys((2, 3), ("formula_without_value", "事发地址"))
    assert "2 formulas" in report.notes[0]


def test_rows_of_nothing_but_formulas_are_counted_wherever_they_stand(estate: World) -> None:
    rows = [["工单编号", "事发地址"], ["=A9", "=B9"], ["3", ROOM], ["=A8", "=B8"]]
    report = estate.load("events", write_workbook(estate.folder / "e.xlsx", rows))
    assert (report.totals.read, report.totals.linked, report.totals.rejected) == (3, 1, 2)
    assert reasons(estate) == dict.fromkeys((2, 4), ("formula_without_value", "工单编号"))


def test_a_proposal_is_not_made_of_a_formula_without_a_value(world: World) -> None:
    path = write_workbook(world.folder / "p.xlsx", [["名称", "注册地址"], ["甲", "=A1"], ["=A1", ROOM]])
    world.load("proposals", path, column="注册地址")
    assert reasons(world) == {2: ("formula_without_value", "注册地址")}


def test_the_same_line_of_two_sheets_is_two_rows(estate: World) -> None:
    sheet = [["姓名", "身份证号", "现住地址"], ["甲", "1", ROOM], ["乙", identity_number(2), ROOM]]
    path = write_workbook(estate.folder / "p.xlsx", sheet, sheet)
    for _ in range(2):
        report = estate.load("people", path)
        assert (report.totals.read, report.totals.linked, report.totals.rejected) == (4, 1, 3)
    assert estate.one("SELECT count(*) FROM source_row WHERE element_kind = 'person'") == 4


def test_what_is_refused_or_waits_is_told_with_its_sheet(estate: World) -> None:
    head = ["工单编号", "事发地址"]
    first = [head, ["1", ROOM], ["2", f"{ESTATE}4幢502室"]]
    path = write_workbook(estate.folder / "e.xlsx", first, [head, ["3", ""], ["1", ROOM], ["4", f"{ESTATE}6幢502室"]])
    for _ in range(2):
        estate.load("events", path)
        assert {fault.place: (fault.outcome.value, fault.reason_code) for fault in estate.faults} == {
            "Sheet1!3": ("review", "building_unknown"),
            "Sheet2!2": ("rejected", "address_missing"),
            "Sheet2!3": ("rejected", "duplicate_key"),
            "Sheet2!4": ("review", "building_unknown"),
        }
    (twin,) = [fault for fault in estate.faults if fault.reason_code == "duplicate_key"]
    assert "之前的工作表" in twin.zh
    assert outcome_values(twin)[:2] == ("Sheet2", 3)


@pytest.mark.parametrize("kind", ["people", "addresses"])
def test_a_workbook_of_one_sheet_names_none(estate: World, kind: str) -> None:
    head = ["姓名", "身份证号", "现住地址", "地址"]
    estate.load(kind, write_workbook(estate.folder / "p.xlsx", [head, ["甲", "1", "无", "无"]]))
    assert [fault.place for fault in estate.faults] == ["2"]


@pytest.mark.parametrize("name", ["a\nb", "a\x00", "\x1b[31m", "\u2028", " ", "a\udcff"])
def test_the_name_of_a_source_is_one_line_of_text(world: World, name: str) -> None:
    path = write_csv(world.folder / "e.csv", [{"工单编号": "1", "事发地址": ROOM}])
    with pytest.raises(InputError, match="without control characters") as fault:
        world.load("events", path, name)
    str(fault.value).encode()
    assert "来源名称" in fault.value.zh
    assert world.one("SELECT count(*) FROM source") == 0


def test_features_that_are_none_are_refused_one_by_one(estate: World) -> None:
    good = {"设备编号": "1", "安装地址": ROOM}
    features = [
        feature(good),
        5,
        feature([1]),
        feature({**good, "设备编号": "4"}, ["a", 1]),
        feature({"设备编号": "5\x00"}),
    ]
    report = estate.load("things", write_geojson(estate.folder / "t.geojson", features))
    assert report.totals.linked == 1
    assert [code for code, _ in reasons(estate).values()] == [
        "not_a_feature", "not_a_feature", "coordinate_wrong", "broken_encoding",
    ]  # fmt: skip


# -- fields


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        ("30.2", "120.2", "coordinate_swapped"),
        ("0", "0", "coordinate_outside"),
        ("-77.04", "38.9", "coordinate_outside"),
        ("inf", "30", "coordinate_outside"),
        ("东经120", "30.2", "coordinate_wrong"),
        ("120.2", "", "coordinate_wrong"),
        ("1_20.2", "30.2", "coordinate_wrong"),
    ],
)
def test_a_coordinate_that_cannot_be_refuses_its_row(estate: World, lon: str, lat: str, code: str) -> None:
    estate.load_rows("things", [{"设备编号": "1", "安装地址": ROOM, "经度": lon, "纬度": lat}])
    assert reasons(estate) == {2: (code, "lon,lat")}


def test_a_credit_code_with_a_wrong_check_character_is_refused(estate: World) -> None:
    wrong = uscc(1)[:-1] + ("0" if uscc(1)[-1] != "0" else "1")
    estate.load_rows("enterprises", [{"企业名称": "虚构公司", "统一社会信用代码": wrong, "注册地址": ROOM}])
    assert reasons(estate) == {2: ("uscc_wrong", "uscc")}


def test_identity_numbers_that_a_spreadsheet_has_rounded_are_refused(estate: World) -> None:
    cells = [["姓名", "身份证号", "现住地址"], ["甲", int(identity_number(1).replace("X", "0")), ROOM]]
    estate.load("people", write_workbook(estate.folder / "p.xlsx", cells))
    assert reasons(estate) == {2: ("number_precision_lost", "身份证号")}
    estate.load_rows("people", [{"姓名": "甲", "身份证号": "3.30109E+17", "现住地址": ROOM}], "as text")
    assert reasons(estate) == {2: ("number_precision_lost", "identity")}


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2024-02-29", "2024-02-29"),
        ("2024年2月", "2024-02-01"),
        ("2024.2.9 12:30", "2024-02-09"),
        ("20240506", "2024-05-06"),
        ("2024-02-30", None),
        ("2024-13-01", None),
        ("45321", None),
        ("0000-01-01", None),
    ],
)
def test_a_date_is_read_or_refused_and_never_guessed(estate: World, written: str, day: str | None) -> None:
    estate.load_rows("events", [{"工单编号": "1", "事发地址": ROOM, "受理时间": written}])
    assert reasons(estate) == ({} if day else {2: ("date_wrong", "occurred_on")})
    assert estate.rows("SELECT occurred_on::text FROM event") == ([(day,)] if day else [])


@pytest.mark.parametrize("chunk", [1, 2, 50])
def test_a_key_that_comes_twice_is_taken_once(estate: World, chunk: int) -> None:
    rows = [
        {"工单编号": key, "事发地址": address} for key, address in (("1", ROOM), ("2", ROOM), ("1", PLATE), ("1", ROOM))
    ]
    for _ in range(2):
        report = estate.load_rows("events", rows, chunk_rows=chunk)
        assert (report.totals.linked, report.totals.rejected) == (2, 2)
        assert reasons(estate) == dict.fromkeys((4, 5), ("duplicate_key", "source_key"))
    assert estate.rows("SELECT received_text, count(*) FROM link GROUP BY 1") == [(ROOM, 2)]


def test_a_key_that_a_spreadsheet_has_rounded_is_no_key(estate: World) -> None:
    estate.load_rows("events", [{"工单编号": "1.23457E+17", "事发地址": ROOM} for _ in range(2)])
    assert reasons(estate) == dict.fromkeys((2, 3), ("number_precision_lost", "source_key"))


def test_a_row_called_like_the_refusal_of_another_is_a_row_of_its_own(estate: World) -> None:
    rows = [{"工单编号": key, "事发地址": ROOM} for key in ("A", "A", "A#3")]
    assert estate.load_rows("events", rows).totals.linked == 2


def test_a_key_that_an_earlier_load_has_is_that_row_again(estate: World) -> None:
    estate.load_rows("events", [{"工单编号": "1", "事发地址": ROOM}])
    report = estate.load_rows("events", [{"工单编号": "1", "事发地址": PLATE}])
    assert (report.totals.linked, report.totals.unchanged) == (1, 0)
    assert estate.rows("SELECT received_text FROM link WHERE closed_at IS NULL") == [(PLATE,)]
    assert estate.one("SELECT count(*) FROM event") == 1


def test_a_source_keeps_its_kind(estate: World) -> None:
    estate.load_rows("events", [{"工单编号": "1", "事发地址": ROOM}], "ours")
    with pytest.raises(InputError, match="holds events, not things"):
        estate.load_rows("things", [{"设备编号": "1", "安装地址": ROOM}], "ours")


def test_another_secret_than_the_database_s_is_refused(estate: World) -> None:
    path = write_csv(estate.folder / "e.csv", [{"工单编号": "1", "事发地址": ROOM}])
    before = estate.snapshot()
    with pytest.raises(SettingError, match="another secret"):
        run_load(estate.engine, Secret(bytes(range(32))), LoadRequest("events", path, "events"))
    assert estate.snapshot() == before


# -- processes


@pytest.fixture
def terminal(world: World) -> Terminal:
    return Terminal.open(world.engine.url.render_as_string(hide_password=False), world.folder / "home")


def load_held_up(terminal: Terminal, world: World) -> subprocess.Popen[str]:
    """The command, loading BIG: its first chunk is stored, and it waits in the second."""
    path = write_csv(world.folder / "big.csv", BIG)
    process = terminal.start("load", "events", path, "--source", "big")
    until(lambda: stored(world) == FIRST_CHUNK and is_held_up(world), process)
    return process


def stored(world: World) -> int:
    count: int = world.one("SELECT count(*) FROM source_row WHERE element_kind = 'event'")
    return count


def load_again(world: World, unchanged: int = FIRST_CHUNK) -> None:
    """Loading the same file again completes the load: nothing lost, nothing doubled, nothing half."""
    world.check_stored()
    assert stored(world) == unchanged
    world.load("events", world.folder / "big.csv", "big")
    assert_complete(world, unchanged)


def assert_complete(world: World, unchanged: int) -> None:
    assert world.rows("SELECT read, linked, unchanged, state FROM batch ORDER BY batch_id DESC LIMIT 1") == [
        (len(BIG), len(BIG), unchanged, "done")
    ]
    world.check_stored()
    counts = "SELECT count(*), count(DISTINCT row_key), count(closed_at) FROM link"
    assert world.rows(counts) == [(len(BIG), len(BIG), 0)]
    assert world.rows("SELECT count(*), (SELECT count(*) FROM event) FROM source_row") == [(len(BIG), len(BIG))]


def test_a_second_load_of_a_source_is_told_that_it_is_busy(world: World, terminal: Terminal) -> None:
    with held_up(world, "events", "big", HELD):
        first = load_held_up(terminal, world)
        second = terminal.run("load", "events", world.folder / "big.csv", "--source", "big")
        assert second.code == 5
        assert "正在由另一个进程载入" in second.err
        with pytest.raises(BusyError):
            world.load("events", world.folder / "big.csv", "big")
    assert ended(first).code == 0
    assert world.rows("SELECT state, read FROM batch") == [("done", len(BIG))]
    world.check_stored()


def test_kill_9_in_the_middle_of_a_load_leaves_whole_chunks(world: World, terminal: Terminal) -> None:
    with held_up(world, "events", "big", HELD):
        process = load_held_up(terminal, world)
        process.kill()
        assert ended(process).code == -signal.SIGKILL
    until(lambda: is_alone(world))
    assert world.rows("SELECT state FROM batch") == [("running",)]
    world.check_stored()
    assert stored(world) == FIRST_CHUNK
    again = terminal.run("load", "events", world.folder / "big.csv", "--source", "big")
    assert again.code == 0, again.err
    assert_complete(world, FIRST_CHUNK)
    assert world.rows("SELECT state FROM batch ORDER BY batch_id") == [("failed",), ("done",)]


def test_ctrl_c_ends_with_130_and_the_load_goes_on_where_it_stopped(world: World, terminal: Terminal) -> None:
    with held_up(world, "events", "big", HELD):
        process = load_held_up(terminal, world)
        process.send_signal(signal.SIGINT)
        end = ended(process)
    assert end.code == 130
    assert "再次运行同一命令即可继续" in end.err
    until(lambda: is_alone(world))
    assert world.rows("SELECT state, read, linked FROM batch") == [("failed", FIRST_CHUNK, FIRST_CHUNK)]
    load_again(world)


@pytest.mark.parametrize("group", [False, True], ids=["the command alone", "with its workers"])
def test_sigterm_ends_with_143_and_the_load_goes_on_where_it_stopped(
    world: World, terminal: Terminal, group: bool
) -> None:
    """As systemd or a container stops it: one process, or all of them at once."""
    with held_up(world, "events", "big", HELD):
        process = load_held_up(terminal, world)
        for pid in [*children(process), process.pid] if group else [process.pid]:
            os.kill(pid, signal.SIGTERM)
        end = ended(process)
    assert end.code == 143
    assert "再次运行同一命令即可继续" in end.err
    until(lambda: is_alone(world))
    assert world.rows("SELECT state, read, linked FROM batch") == [("failed", FIRST_CHUNK, FIRST_CHUNK)]
    load_again(world)


def children(process: subprocess.Popen[str]) -> list[int]:
    return [int(pid) for pid in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one processor loads in one process")
def test_a_loading_process_that_is_killed_ends_the_load(world: World, terminal: Terminal) -> None:
    with held_up(world, "events", "big", HELD):
        process = load_held_up(terminal, world)
        for pid in children(process):
            os.kill(pid, signal.SIGKILL)
        end = ended(process)
    assert end.code == 7
    assert "goes on where it stopped" in end.err
    until(lambda: is_alone(world))
    load_again(world)


# -- a server that dies, and one without space


@pytest.fixture(scope="module")
def fragile() -> Iterator[Path]:
    """The home of a private cluster that nobody else uses."""
    parent = Path(tempfile.mkdtemp(prefix="addressbook-fragile-", dir="/tmp"))
    parent.chmod(0o755)
    home = parent / "home"
    migrate(cluster.up(home, extra={"fsync": "off", "shared_buffers": "64MB"}))
    yield home
    with suppress(ClusterError):
        cluster.remove(home)
    shutil.rmtree(parent)


@pytest.fixture
def fragile_world(fragile: Path, tmp_path: Path) -> World:
    return World(create_engine(cluster.up(fragile), poolclass=NullPool), tmp_path)


def empty(world: World) -> None:
    """Like World.clear, for a database whose whole cluster is the tests'."""
    with world.engine.begin() as connection:
        empty_tables(connection)


def waiting_backend(world: World) -> int:
    asked = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    pid: int = world.one(asked)
    return pid


def answers(world: World) -> bool:
    with suppress(DBAPIError):
        return is_alone(world)
    return False


@pytest.mark.parametrize("victim", ["backend", "postmaster"])
def test_a_server_killed_in_the_middle_of_a_load_is_told_and_the_load_goes_on(
    fragile: Path, fragile_world: World, victim: str
) -> None:
    world = fragile_world
    terminal = Terminal.open(cluster.up(fragile), world.folder / "home")
    empty(world)
    with suppress(DBAPIError), held_up(world, "events", "big", HELD):
        process = load_held_up(terminal, world)
        os.kill(waiting_backend(world) if victim == "backend" else cluster.status(fragile).pid or 0, signal.SIGKILL)
        end = ended(process)
    assert end.code == 7
    assert "无法连接数据库" in end.err
    assert "run" in end.err.lower()
    assert cluster.up(fragile) == terminal.url
    until(lambda: answers(world))
    load_again(world)


@pytest.fixture
def small_disk(fragile: Path) -> Iterator[tuple[str, Path]]:
    """The URL of a database on a file system of its own with little space, and where that is mounted."""
    place = Path(tempfile.mkdtemp(prefix="addressbook-small-", dir="/tmp"))
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64m", "none", place], capture_output=True, check=False
    )
    if mounted.returncode:
        place.rmdir()
        pytest.skip("mounting is not permitted here; /dev/full in test_cli.py stands in for the full disk")
    owner = (fragile / "cluster").stat()
    os.chown(place, owner.st_uid, owner.st_gid)
    place.chmod(0o700)
    url = make_url(cluster.up(fragile))
    try:
        as_superuser(
            url,
            f"CREATE TABLESPACE small LOCATION '{place}'",
            "CREATE DATABASE small TEMPLATE addressbook OWNER addressbook TABLESPACE small",
        )
        yield url.set(database="small").render_as_string(hide_password=False), place
        as_superuser(url, "DROP DATABASE small WITH (FORCE)", "DROP TABLESPACE small")
    finally:
        subprocess.run(["umount", "-l", place], check=True)
        place.rmdir()


def as_superuser(url: URL, *statements: str) -> None:
    where: dict[str, Any] = {"host": url.query["host"], "port": url.query["port"], "user": "registry"}
    with psycopg.connect(**where, dbname="postgres", autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def test_a_full_disk_is_told_and_nothing_is_half_stored(small_disk: tuple[str, Path], tmp_path: Path) -> None:
    url, place = small_disk
    world = World(create_engine(url, poolclass=NullPool), tmp_path)
    terminal = Terminal.open(url, tmp_path / "home")
    empty(world)
    path = write_csv(tmp_path / "big.csv", BIG)
    ballast = place / "ballast"
    ballast.write_bytes(bytes(shutil.disk_usage(place).free - LITTLE_SPACE))
    full = terminal.run("load", "events", path, "--source", "big")
    assert full.code == 8, full.err
    assert "磁盘已满" in full.err
    whole = stored(world)
    assert whole in (0, FIRST_CHUNK)
    assert world.rows("SELECT state, read FROM batch") == [("failed", whole)]
    ballast.unlink()
    load_again(world, unchanged=whole)
