"""Workbooks (.xlsx): title rows, merged headers, several sheets, and numbers that were meant to be text."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import chain
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from addressbook.errors import FileError
from loaders.reading.extent import Most, need_bounded
from loaders.reading.formulas import Unfinished, formulas_without_value
from loaders.reading.header import Header, find_header
from loaders.reading.rows import RawRow, Table, mark_broken

EXACT_DIGITS = 15
PRECISION_LOST = "number_precision_lost"
FORMULA_WITHOUT_VALUE = "formula_without_value"
UNREADABLE = (CalamineError, OSError, ValueError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError)
"""What a damaged workbook makes; RuntimeError, of zipfile, where parts need a password or are packed in a rare way."""
Cell = object


def read_workbook(path: Path, known: frozenset[str], most: Most) -> Table:
    """The rows of every sheet that has the header of the first; sheets without one are named in the notes.

    Raises FileError when the file is not a workbook, is damaged, has more than that, or holds no rows under a
    known header.
    """
    try:
        need_bounded(path, most)
        book = CalamineWorkbook.from_path(str(path))
        sheets = [book.get_sheet_by_name(name) for name in book.sheet_names]
    except UNREADABLE as fault:
        raise FileError(
            f"{path.name} is not a readable .xlsx workbook.",
            zh=f"{path.name} 不是可读取的 .xlsx 工作簿（文件可能损坏或加密）。",
            remedy="Open it, save it as .xlsx without a password, and load it again.",
        ) from fault
    filled = [sheet for sheet in sheets if sheet.height]
    if not filled:
        raise FileError(f"{path.name} is empty.", zh=f"{path.name} 是空工作簿。", remedy="Export it again.")
    return _table(path, filled, known)


def _table(path: Path, sheets: list[CalamineSheet], known: frozenset[str]) -> Table:
    header = _first_header(sheets, known, path.name)
    notes: list[str] = []
    unfinished = formulas_without_value(path)
    for name, found in unfinished.items():
        number = sum(map(len, found.values()))
        notes.append(f"工作表 {name} 有 {number} 个公式没有计算结果 — {number} formulas of sheet {name} have no result")
    rows = chain.from_iterable(
        _sheet_rows(sheet, sheet.name if len(sheets) > 1 else "", known, notes, dict(unfinished.get(sheet.name, {})))
        for sheet in sheets
    )
    start = next(rows, None)
    if start is None:
        raise FileError(
            f"{path.name} has a header and no rows.",
            zh=f"{path.name} 只有表头，没有数据行。",
            remedy="Export it again.",
        )
    total = sum(sheet.height for sheet in sheets)
    return Table(header.columns, chain([start], rows), total, notes=notes, titles=header.titles)


def _first_header(sheets: list[CalamineSheet], known: frozenset[str], file_name: str) -> Header:
    """The header of the first sheet that has one: before it there may be a cover."""
    fault: FileError | None = None
    for sheet in sheets:
        try:
            return find_header(_head(sheet), known, file_name)
        except FileError as found:
            fault = fault or found
    raise fault or ValueError("a workbook without sheets")


def _head(sheet: CalamineSheet) -> list[list[str]]:
    return [[_text(cell)[0] for cell in row] for _, row in zip(range(10), sheet.iter_rows(), strict=False)]


def _sheet_rows(
    sheet: CalamineSheet, called: str, known: frozenset[str], notes: list[str], unfinished: Unfinished
) -> Iterator[RawRow]:
    try:
        header = find_header(_head(sheet), known, sheet.name)
    except FileError:
        notes.append(f"sheet {sheet.name} has no known column and was passed over")
        return
    for number, cells in enumerate(sheet.iter_rows(), 1):
        formulas = unfinished.pop(number, [])
        if number > header.rows and (formulas or any(cell not in ("", None) for cell in cells)):
            row = _row(RawRow(number, {}, sheet=called), header.columns, cells, known)
            yield _without_results(row, header.columns, formulas, known) if formulas else row
    # What holds nothing but formulas does not count as a row where the sheet ends.
    for number in sorted(number for number in unfinished if number > header.rows):
        row = RawRow(number, {}, sheet=called)
        yield _without_results(row, header.columns, unfinished[number], known)


def _without_results(row: RawRow, columns: list[str], formulas: list[int], known: frozenset[str]) -> RawRow:
    """The row with its fault, where the result of a formula is missing in a column that is read, or is all there is."""
    names = [columns[column] for column in formulas if column < len(columns)]
    read = [name for name in names if name in known]
    if not row.fault and (read or not row.values):
        row.fault = f"{FORMULA_WITHOUT_VALUE}:{next(iter([*read, *names]), '')}"
    return row


def _row(row: RawRow, columns: list[str], cells: Sequence[Cell], known: frozenset[str]) -> RawRow:
    for name, cell in zip(columns, cells, strict=False):
        value, fault = (cell.strip(), "") if isinstance(cell, str) else _text(cell)
        if value:
            row.values[name] = value
            # A rounded number in a column that nobody reads is no reason to refuse the row.
            if fault and name in known and not row.fault:
                row.fault = f"{fault}:{name}"
    return mark_broken(row)


def _text(cell: Cell) -> tuple[str, str]:
    """A cell as the text a person sees, and a fault where the spreadsheet has rounded a long number."""
    if cell is None or isinstance(cell, str):
        return (cell or "").strip(), ""
    if isinstance(cell, bool):
        return ("是" if cell else "否"), ""
    if isinstance(cell, float) and cell.is_integer():
        digits = str(int(cell))
        return digits, PRECISION_LOST if len(digits) > EXACT_DIGITS else ""
    if isinstance(cell, datetime):
        return (cell.date().isoformat() if cell.time().isoformat() == "00:00:00" else cell.isoformat(" ")), ""
    return (cell.isoformat() if isinstance(cell, date) else str(cell)), ""
