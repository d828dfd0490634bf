"""Reading what a change of divisions is made of: the list of a year, explicit successions, new outlines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import shapely

from addressbook.divisions import pad, significant
from addressbook.divisions.listing import Listed
from addressbook.errors import CodeError, FieldError
from addressbook.store.division_planning import DivisionList, Outline
from loaders.areas import outline_of
from loaders.fields import Fields
from loaders.mapping import ColumnMapping, require_columns, well_known
from loaders.outcomes import row_fault
from loaders.reading import OF_A_FORM, RawRow, Table, open_table

_LISTED = {"代码 code": ("source_key",), "名称 name": ("name",)}
_PAIRS = {"原代码 old_code": ("old_code",), "新代码 new_code": ("new_code",)}


def read_division_list(
    path: Path, below: str, effective: date, *, successions: Path | None = None, boundaries: Path | None = None,
    coordinates: str | None = None,
) -> DivisionList:  # fmt: skip
    """What the files say, for `plan_divisions`. Raises FileError, or FieldError that names the line at fault."""
    rows = [_listed(row) for row in _rows(path, "areas", _LISTED)[1]]
    pairs = [_pair(row) for row in _rows(successions, "successions", _PAIRS)[1]] if successions else []
    outlines = list(_outlines(boundaries, pad(below), coordinates)) if boundaries else []
    return DivisionList(below, effective, rows, pairs, outlines)


def _rows(path: Path, kind: str, needed: Mapping[str, tuple[str, ...]]) -> tuple[Table, Iterator[Fields]]:
    columns = well_known(kind)
    table = open_table(path, columns.known, most=OF_A_FORM)
    require_columns(table.columns, columns, needed, path.name)
    return table, (_fields(row, columns) for row in table.rows)


def _fields(row: RawRow, columns: ColumnMapping) -> Fields:
    if row.fault:
        raise _at(row.line, row_fault(row.fault))
    return Fields(row, columns)


def _listed(row: Fields) -> Listed:
    try:
        return Listed(
            row.text("source_key"), row.text("name"), row.text("level"), row.text("parent"), row.row.line
        )  # fmt: skip
    except FieldError as fault:
        raise _at(row.row.line, fault) from fault


def _pair(row: Fields) -> tuple[int, str, str]:
    try:
        return row.row.line, row.text("old_code"), row.text("new_code")
    except FieldError as fault:
        raise _at(row.row.line, fault) from fault


def _outlines(path: Path, below: str, coordinates: str | None) -> Iterator[Outline]:
    """The outlines of divisions at and below one; a file may hold more."""
    table, rows = _rows(path, "areas", {"代码 code": ("source_key",)})
    system = coordinates or table.coordinate_system or "wgs84"
    for row in rows:
        try:
            code = pad(row.text("source_key"))
            if code.startswith(significant(below)):
                outline, _ = outline_of(row.row, system)
                yield Outline(code, shapely.to_wkt(outline, rounding_precision=8, output_dimension=2))
        except CodeError as fault:
            wrong = FieldError("code_wrong", "code", fault.en, zh=fault.zh, remedy="Give 6, 9 or 12 digits.")
            raise _at(row.row.line, wrong) from fault
        except FieldError as fault:
            raise _at(row.row.line, fault) from fault


def _at(line: int, fault: FieldError) -> FieldError:
    """The fault, with the line it stands on."""
    en, zh = f"line {line}, {fault.field}: {fault.en}", f"第{line}行 {fault.field}：{fault.zh}"
    return FieldError(fault.code, fault.field, en, zh=zh, remedy=fault.remedy, line=line)
