"""How far the sheets of a workbook reach, before it is opened.

Whoever opens it makes room for every cell between the first and the last that hold something: one cell at the end of a
sheet costs as much as a full sheet, and more than there is ends the process. Every part of the archive is looked at,
whatever its name, for whatever may be taken for a cell there.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from addressbook.errors import FileError
from loaders.reading.formulas import sheet_parts


class Most(NamedTuple):
    """How many cells the sheets may span, and how much text there may be if each cell had the longest shared one."""

    cells: int
    text_bytes: int | None


OF_A_LOAD = Most(50_000_000, None)
OF_A_FORM = Most(8_000_000, 1 << 30)
"""Of what is filled in or passed on by hand, division lists and review sheets: they are uploaded too."""
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
BLOCK_BYTES = 1 << 20
OTHER_BOOKS = frozenset({"xl/workbook.bin", "content.xml"})
"""By what .xlsb and .ods are known."""

_PLAIN = re.compile(rb'<c(?:\s+r="([A-Z]{1,3}\d{1,7})"|(?=[\s/>]))')
_DIGITS, _LETTERS = b"0123456789", bytes(range(ord("A"), ord("Z") + 1))
_PREFIXED = re.compile(rb":c[\s/>]")
_PREFIX = rb"(?:[^\s<>:/][^\s<>:]*+:)?"
_ATTRIBUTES = rb"((?:[^<>\"']++|\"[^\"]*+\"|'[^']*+')*+)"
_TAG = re.compile(rb"<(?:" + _PREFIX + rb"(c)|(/?)" + _PREFIX + rb"row)(?=[\s/>])" + _ATTRIBUTES + rb"(>?)")
_SAID = re.compile(rb"(?<![\w:.-])r\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_TEXT_ENDS = re.compile(rb"</" + _PREFIX + rb"si(?=[\s>])")
_NAME_ENDS = re.compile(rb"[\s/>]")
_PLACE = re.compile(rb"([A-Za-z]{0,9})(\d{1,19})")


class Reach(NamedTuple):
    """The last row and column of a sheet, and how many cells it names."""

    rows: int = 0
    columns: int = 0
    named: int = 0

    @property
    def cells(self) -> int:
        """For how many room is made."""
        return max(self.rows * self.columns, self.named)

    @property
    def corner(self) -> str:
        """The cell in the last row and the last column, as a spreadsheet names it."""
        letters, left = "", self.columns
        while left:
            left, letter = divmod(left - 1, 26)
            letters = chr(ord("A") + letter) + letters
        return f"{letters}{self.rows}"


def need_bounded(path: Path, most: Most) -> None:
    """Raise FileError for a workbook of more than that, and for one of another kind than .xlsx.

    Raises ValueError, OSError or zipfile.BadZipFile for what is none at all.
    """
    with zipfile.ZipFile(path) as book:
        if any(name.replace("\\", "/").lower() in OTHER_BOOKS for name in book.namelist()):
            raise FileError(
                f"{path.name} is no .xlsx workbook.", zh=f"{path.name} 不是 .xlsx 工作簿。",
                remedy="Save it as .xlsx, or as CSV.",
            )  # fmt: skip
        reaches = [(_quick_reach(book, part, most.cells), part.filename) for part in book.infolist()]
        if sum(reach.cells for reach, _ in reaches) > most.cells:
            # Of a workbook that may be too large only the cells count that hold something.
            reaches = [(_exact_reach(_blocks(book, part), most.cells), part.filename) for part in book.infolist()]
        if sum(reach.cells for reach, _ in reaches) > most.cells:
            raise _too_far(path, book, *max(reaches, key=lambda found: found[0].cells), most.cells)
        if most.text_bytes is None:
            return
        longest = max((_longest_text(_blocks(book, part)) for part in book.infolist()), default=0)
        if sum(reach.named for reach, _ in reaches) * longest > most.text_bytes:
            raise _too_long(path, longest)


def _too_far(path: Path, book: zipfile.ZipFile, reach: Reach, part: str, most: int) -> FileError:
    sheet = next((name for name, found in sheet_parts(book) if found == part), part)
    return FileError(
        f"the sheets of {path.name} span more than {most:,} cells: sheet {sheet} reaches to {reach.corner}.",
        zh=f"{path.name} 的工作表跨度超过 {most:,} 个单元格：工作表 {sheet} 延伸到了 {reach.corner}。",
        remedy="Delete the rows and columns behind the table (Ctrl+End goes to the last cell), or save it as CSV.",
    )


def _too_long(path: Path, longest: int) -> FileError:
    return FileError(
        f"{path.name} has a text of {longest:,} bytes, and cells that may all hold it.",
        zh=f"{path.name} 中有长达 {longest:,} 字节的文本，可能被大量单元格引用。",
        remedy="Shorten it, or save the sheet as CSV.",
    )


def _blocks(book: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    """A part block by block, no tag in two of them but one that is longer than a block."""
    rest = b""
    with book.open(part) as file:
        while block := file.read(BLOCK_BYTES):
            block = rest + block
            end = block.rfind(b"<")
            if end < 0 or len(block) - end > BLOCK_BYTES:
                if not _NAME_ENDS.search(block, max(end, 0)):
                    raise ValueError("a tag whose name does not end")
                end = len(block)
            yield block[:end]
            rest = block[end:]
    yield rest


def _quick_reach(book: zipfile.ZipFile, part: zipfile.ZipInfo, most: int) -> Reach:
    found = _plain_reach(_blocks(book, part))
    return _exact_reach(_blocks(book, part), most) if found is None else found


def _plain_reach(blocks: Iterable[bytes]) -> Reach | None:
    """The reach of all cells, empty ones too; None where one does not begin as they usually do."""
    rows, columns, named = 0, {b""}, 0
    for block in blocks:
        found = _PLAIN.findall(block)
        if b"" in found or _PREFIXED.search(block):
            return None
        places = b" ".join(found)
        rows = max(rows, *map(int, set(places.translate(None, _LETTERS).split())), 0)
        columns.update(places.translate(None, _DIGITS).split())
        named += len(found)
    return Reach(rows, max(map(_column, columns)), named)


def _exact_reach(blocks: Iterable[bytes], most: int) -> Reach:
    """The reach of cells that hold something, as whoever opens the workbook finds it, or more than that.

    It is followed no further than it takes to refuse it. Raises ValueError for what is no cell.
    """
    reach, row, column = Reach(), 0, 0
    for tag in (tag for block in blocks for tag in _TAG.finditer(block)):
        is_cell, is_end, attributes, closed = tag.groups()
        if not closed:
            raise ValueError("a tag that does not end")
        is_empty, places = attributes.endswith(b"/"), [_place(*said) for said in _SAID.findall(attributes)]
        if is_cell:
            last, column = _farthest(places or [(row + 1, column + 1)])
            filled = (0, 0) if is_empty else (last, column)
            reach = Reach(*_farthest([reach[:2], filled]), reach.named + 1)
            if reach.cells > most or reach.rows > LAST_ROW or reach.columns > LAST_COLUMN:
                return reach._replace(named=max(reach.named, most + 1))
        elif places and not is_end:
            row = _farthest(places)[0] - 1
        if is_end or (is_empty and not is_cell):
            row, column = row + 1, 0
    return reach


def _farthest(places: Sequence[tuple[int, int]]) -> tuple[int, int]:
    return max(row for row, _ in places), max(column for _, column in places)


def _place(double: bytes, single: bytes) -> tuple[int, int]:
    """Row and column, from 1, of a place as a cell names it, or a row: which has no column. Raises ValueError."""
    found = _PLACE.fullmatch(double or single)
    if found is None:
        raise ValueError("a place that is none")
    return int(found[2]), _column(found[1].upper())


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _longest_text(blocks: Iterable[bytes]) -> int:
    """The most bytes between the ends of two texts that cells share: each cell that names one gets a copy of it."""
    longest = since = total = 0
    ends = is_odd = False
    for number, block in enumerate(blocks):
        at = 0
        for end in _TEXT_ENDS.finditer(block):
            longest, since, at, ends = max(longest, since + end.start() - at), 0, end.end(), True
        since += len(block) - at
        total += len(block)
        is_odd = is_odd or b"<!" in block or b"<?" in block[8 if number == 0 else 0 :]
    # In a comment (but for the head of the document) there may be what looks like an end, and is none.
    return (total if is_odd else longest) if ends else 0
