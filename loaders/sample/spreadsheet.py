"""An .xlsx written as a stream: rows go straight into the compressed sheet, so a million rows need no memory.

The same rows give the same bytes: no time of writing is stored.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from string import ascii_uppercase
from types import TracebackType
from typing import IO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

Value = str | int | float | date | None
MAX_SHEET_ROWS = 1_048_576
"""Excel's limit, header rows included."""
_FIXED_TIME = (2024, 1, 1, 0, 0, 0)
_COMPRESSION_LEVEL = 1
_EXCEL_DAY_ZERO = date(1899, 12, 30).toordinal()
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PLAIN = re.compile("[\x00-\x1f&<>]").search
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_NO_STYLE = 'fontId="0" fillId="0" borderId="0"'
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPE}.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}">'
    '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="rId1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><fonts count="1"><font><sz val="11"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>'
    '</fills><borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    f'<cellStyleXfs count="1"><xf numFmtId="0" {_NO_STYLE}/></cellStyleXfs><cellXfs count="2">'
    f'<xf numFmtId="0" {_NO_STYLE} xfId="0"/><xf numFmtId="14" {_NO_STYLE} xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>',
}


class Spreadsheet:
    """One sheet, open for writing; use as a context manager, or the file is not complete."""

    def __init__(self, path: Path, *, merged: Sequence[str]) -> None:
        self._zip = ZipFile(path, "w", ZIP_DEFLATED, compresslevel=_COMPRESSION_LEVEL)
        for name, text in _PARTS.items():
            self._zip.writestr(_entry(name), _HEAD + text)
        self._sheet: IO[bytes] = self._zip.open(_entry("xl/worksheets/sheet1.xml"), "w", force_zip64=True)
        self._merged = merged
        self._row = 0
        self._sheet.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())

    def write(self, rows: Iterable[Sequence[Value]]) -> None:
        """Append rows; None leaves a cell empty."""
        written = []
        for row in rows:
            self._row += 1
            number = str(self._row)
            cells = "".join(
                [_cell(letter + number, value) for letter, value in zip(ascii_uppercase, row, strict=False)]
            )
            written.append(f'<row r="{number}">{cells}</row>')
        self._sheet.write("".join(written).encode())

    def close(self) -> None:
        """Finish the sheet and the file."""
        merged = "".join(f'<mergeCell ref="{area}"/>' for area in self._merged)
        merged = f'<mergeCells count="{len(self._merged)}">{merged}</mergeCells>'
        self._sheet.write(f"</sheetData>{merged}</worksheet>".encode())
        self._sheet.close()
        self._zip.close()

    def __enter__(self) -> Spreadsheet:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name, date_time=_FIXED_TIME)
    entry.compress_type = ZIP_DEFLATED
    entry.create_system = 0
    entry._compresslevel = _COMPRESSION_LEVEL  # type: ignore[attr-defined]
    return entry


def _cell(place: str, value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        text = value if _PLAIN(value) is None else escape(_FORBIDDEN.sub("", value))
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{text}</t></is></c>'
    if isinstance(value, date):
        return f'<c r="{place}" s="1"><v>{value.toordinal() - _EXCEL_DAY_ZERO}</v></c>'
    return f'<c r="{place}"><v>{value!r}</v></c>'
