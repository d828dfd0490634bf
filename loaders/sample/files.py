# mypy: disable-error-code="no-untyped-call"
"""The files of a sample, open side by side and written site by site."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import numpy as np
import orjson
import shapely

from loaders.coordinates import wgs84_to_gcj02
from loaders.sample.elements import Record
from loaders.sample.geography import Outline
from loaders.sample.sites import AddressRow
from loaders.sample.spreadsheet import Spreadsheet, Value

ADDRESS_COLUMNS = ("source_key", "address", *AddressRow._fields[2:])
TRUTH_COLUMNS = ("source_key", "address_key", "division_code", "expected", "fault")
MAX_RESIDENTS_PER_FILE = 1_000_000
RESIDENT_TITLE = "人口信息采集表（虚构样例，如有雷同纯属巧合）"
_RESIDENT_HEADER: tuple[tuple[Value, ...], ...] = (
    (RESIDENT_TITLE,),
    ("序号", "人员信息", None, None, None, None, "地址", None, "登记日期", "备注"),
    (None, "姓名", "性别", "出生日期", "身份证号", "联系电话", "现住地址", "户籍地址", None, None),
)
_RESIDENT_MERGED = ("A1:J1", "A2:A3", "B2:F2", "G2:H2", "I2:I3", "J2:J3")
_TABLES = {
    "houses": ("gb18030", ("房屋编号", "房屋地址", "房屋用途", "建筑面积", "建成年份", "居住状态", "月租金")),
    "enterprises": ("utf-8-sig", ("企业名称", "统一社会信用代码", "注册地址", "行业", "成立日期", "经营状态")),
    "events": ("utf-8", ("工单编号", "受理时间", "事件类别", "标题", "事发地址", "办理状态")),
}
_THING_COLUMNS = ("设备编号", "设备类型", "设备名称", "安装地址", "启用日期")
KINDS = ("residents", *_TABLES, "things")
_DECIMALS = 7


class SampleFiles:
    """Use as a context manager; the files are complete when it ends. Existing files are replaced."""

    def __init__(self, out: Path) -> None:
        self._out, self._stack = out, ExitStack()
        (out / "truth").mkdir(parents=True, exist_ok=True)
        for old in out.glob("residents*.xlsx"):
            old.unlink()
        self._addresses = self._table("addresses.csv", "utf-8", ADDRESS_COLUMNS)
        self._truth = {kind: self._table(f"truth/{kind}.csv", "utf-8", TRUTH_COLUMNS) for kind in KINDS}
        self._tables = {kind: self._table(f"{kind}.csv", *form) for kind, form in _TABLES.items()}
        self._residents = _Residents(out)
        self._things = _Things(self._opened("things.geojson", "utf-8"))

    def write_addresses(self, rows: Sequence[AddressRow]) -> None:
        """Append to addresses.csv."""
        self._addresses.write(rows)

    def write(self, kind: str, records: Sequence[Record]) -> None:
        """Append rows to the file of a kind, and the truth about them beside it."""
        if kind == "residents":
            self._residents.write([record.values for record in records])
        elif kind == "things":
            self._things.write([record.values for record in records])
        else:
            self._tables[kind].write([record.values for record in records])
        self._truth[kind].write([_truth_values(record) for record in records])

    def __enter__(self) -> SampleFiles:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._residents.close()
        self._things.close()
        self._stack.close()

    def _opened(self, name: str, encoding: str) -> IO[str]:
        return self._stack.enter_context((self._out / name).open("w", encoding=encoding, newline=""))

    def _table(self, name: str, encoding: str, columns: Sequence[str]) -> Table:
        return Table(self._opened(name, encoding), columns)


def write_areas(path: Path, outlines: Iterable[Outline]) -> None:
    """areas.geojson: outlines in WGS-84 degrees, exterior rings counter-clockwise (RFC 7946)."""
    features = [
        {
            "type": "Feature",
            "properties": {"code": o.code, "name": o.name, "level": o.level, "parent_code": o.parent_code},
            "geometry": orjson.loads(shapely.to_geojson(o.shape)),
        }
        for o in outlines
    ]
    lines = b",\n".join(orjson.dumps(feature) for feature in features)
    path.write_bytes(b'{"type":"FeatureCollection","name":"areas","features":[\n' + lines + b"\n]}\n")


class Table:
    """A CSV file. Rows that need no quotes are joined as they are: several times as fast as asking cell by cell."""

    def __init__(self, lines: IO[str], columns: Sequence[str]) -> None:
        self._lines, self._commas = lines, len(columns) - 1
        self._careful = csv.writer(lines, lineterminator="\n")
        self._careful.writerow(columns)

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Append rows of text cells."""
        text = "".join([",".join(row) + "\n" for row in rows])
        plain = text.count(",") == self._commas * len(rows) and text.count("\n") == len(rows)
        if plain and '"' not in text and "\r" not in text:
            self._lines.write(text)
        else:
            self._careful.writerows(rows)


class _Residents:
    """residents.xlsx, residents-2.xlsx …: a new file when one has a million rows."""

    def __init__(self, out: Path) -> None:
        self._out, self._files, self._rows = out, 0, 0
        self._sheet = self._next_file()

    def write(self, rows: list[tuple[Value, ...]]) -> None:
        while rows:
            if self._rows == MAX_RESIDENTS_PER_FILE:
                self._sheet.close()
                self._sheet = self._next_file()
            fitting = rows[: MAX_RESIDENTS_PER_FILE - self._rows]
            self._sheet.write(fitting)
            self._rows += len(fitting)
            rows = rows[len(fitting) :]

    def close(self) -> None:
        self._sheet.close()

    def _next_file(self) -> Spreadsheet:
        self._files, self._rows = self._files + 1, 0
        name = "residents.xlsx" if self._files == 1 else f"residents-{self._files}.xlsx"
        sheet = Spreadsheet(self._out / name, merged=_RESIDENT_MERGED)
        sheet.write(_RESIDENT_HEADER)
        return sheet


class _Things:
    """things.geojson in GCJ-02, one feature a line."""

    def __init__(self, lines: IO[str]) -> None:
        self._lines = lines
        self._separator = "\n"
        lines.write('{"type":"FeatureCollection","name":"things","coordinate_system":"GCJ-02","features":[')

    def write(self, rows: list[tuple[Value, ...]]) -> None:
        if not rows:
            return
        place = np.array([row[-2:] for row in rows], dtype=np.float64)
        lon, lat = wgs84_to_gcj02(place[:, 0], place[:, 1])
        for row, x, y in zip(rows, lon.round(_DECIMALS).tolist(), lat.round(_DECIMALS).tolist(), strict=True):
            feature = {
                "type": "Feature",
                "properties": dict(zip(_THING_COLUMNS, row[:-2], strict=True)),
                "geometry": {"type": "Point", "coordinates": [x, y]},
            }
            self._lines.write(self._separator + orjson.dumps(feature).decode())
            self._separator = ",\n"

    def close(self) -> None:
        self._lines.write("\n]}\n")


def _truth_values(record: Record) -> tuple[str, str, str, str, str]:
    truth = record.truth
    return record.source_key, truth.address_key, truth.division_code, truth.expected, truth.fault
