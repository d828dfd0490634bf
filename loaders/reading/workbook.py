"""Workbooks (.xlsx): title rows, merged headers, several sheets, and numbers that were meant to be text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from itertools import chain
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook

from addressbook.errors import FileError
from loaders.reading.header import find_header
from loaders.reading.rows import RawRow, Table

EXACT_DIGITS = 15
PRECISION_LOST = "number_precision_lost"
Cell = object


def read_workbook(path: Path, known: frozenset[str]) -> Table:
    """The rows of every sheet that has the header of the first; sheets without one are named in the notes.

    Raises FileError when the file is not a workbook, is damaged, or holds no rows under a known header.
    """
    try:
        book = CalamineWorkbook.from_path(str(path))
        sheets = [book.get_sheet_by_name(name) for name in book.sheet_names]
    except (CalamineError, OSError, ValueError) as fault:
        raise FileError(
            f"{path.name} is not a readable .xlsx workbook.",
            zh=f"{path.name} 不是可读取的 .xlsx 工作簿（文件可能损坏或加密）。",
            remedy="Open it, save it as .xlsx without a password, and load it again.",
        ) from fault
    first = next((sheet for sheet in sheets if sheet.total_height), None)
    if first is None:
        raise FileError(f"{path.name} is empty.", zh=f"{path.name} 是空工作簿。", remedy="Export it again.")
    return _table(path, sheets, first, known)


def _table(path: Path, sheets: list[CalamineSheet], first: CalamineSheet, known: frozenset[str]) -> Table:
    columns = find_header(_head(first), known, path.name).columns
    notes: list[str] = []
    rows = chain.from_iterable(_sheet_rows(sheet, known, path.name, notes) for sheet in sheets)
    start = next(rows, None)
    if start is None:
        raise FileError(
            f"{path.name} has a header and no rows.",
            zh=f"{path.name} 只有表头，没有数据行。",
            remedy="Export it again.",
        )
    return Table(columns, chain([start], rows), sum(sheet.total_height for sheet in sheets), notes=notes)


def _head(sheet: CalamineSheet) -> list[list[str]]:
    return [[_text(cell)[0] for cell in row] for _, row in zip(range(10), sheet.iter_rows(), strict=False)]


def _sheet_rows(sheet: CalamineSheet, known: frozenset[str], file_name: str, notes: list[str]) -> Iterator[RawRow]:
    try:
        header = find_header(_head(sheet), known, file_name)
    except FileError:
        if sheet.total_height:
            notes.append(f"sheet {sheet.name} has no known column and was passed over")
        return
    offset = (sheet.start or (0, 0))[0]
    for number, cells in enumerate(sheet.iter_rows(), 1):
        if number > header.rows and any(cell not in ("", None) for cell in cells):
            yield _row(number + offset, header.columns, cells)


def _row(line: int, columns: list[str], cells: Sequence[Cell]) -> RawRow:
    row = RawRow(line, {})
    for name, cell in zip(columns, cells, strict=False):
        value, fault = (cell.strip(), "") if isinstance(cell, str) else _text(cell)
        if value and name:
            row.values[name] = value
            row.fault = row.fault or (f"{fault}:{name}" if fault else "")
    return row


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
