"""CSV and TSV in UTF-8, UTF-8 with BOM, GB18030 or UTF-16, row by row."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Generator, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import IO, NamedTuple

from addressbook.errors import FileError
from loaders.reading.header import find_header
from loaders.reading.rows import RawRow, Table, encodes, mark_broken

SNIFFED_BYTES = 1 << 20
ENOUGH_LINES = 20
FIELD_LIMIT_CHARACTERS = 1 << 20
BLOCK_LINES = 500
SHOWN_CHARACTERS = 1000
FEWEST_CELLS = 4
"""Of narrower tables the lines of a long text may well hold as many commas as a row."""
_DELIMITERS = ",\t;|"
_PADDING = re.compile('\x00+(?=[,\t;|"\r\n])')


class Record(NamedTuple):
    """The cells that begin in a line, and what is wrong with them as a whole ("" when nothing is).

    `well` when all characters are known to be fit for a text: only then `mark_broken` need not look.
    """

    line: int
    cells: list[str]
    fault: str = ""
    well: bool = False


def read_delimited(path: Path, known: frozenset[str]) -> Table:
    """The rows of a delimited text file.

    A line that the encoding cannot decode, or that opens a quote and never closes it, becomes a row with a fault, and
    reading goes on with the next line.
    Raises FileError when there is no header with at least one known column name, or nothing below it.
    """
    csv.field_size_limit(FIELD_LIMIT_CHARACTERS)
    encoding = encoding_of(path)
    records = _records(path, encoding, _delimiter(path, encoding))
    first = [record for _, record in zip(range(10), records, strict=False)]
    header = find_header([record.cells for record in first], known, path.name)
    body = chain(first[header.rows :], records)
    rows = _named(body, header.columns)
    start = next(rows, None)
    if start is None:
        raise FileError(
            f"{path.name} has a header and no rows.",
            zh=f"{path.name} 只有表头，没有数据行。",
            remedy="Export it again.",
        )
    total = _count_lines(path) - header.rows
    return Table(header.columns, chain([start], rows), total, encoding=encoding, titles=header.titles)


def encoding_of(path: Path) -> str:
    """The encoding of a text, as its bytes tell."""
    with path.open("rb") as file:
        head = file.read(len(b"\xef\xbb\xbf"))
    if head.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    lines = _telling_lines(path)
    broken = _undecodable(lines, "utf-8")
    # One broken line in a UTF-8 file is that line's fault; Chinese text in GB18030 breaks UTF-8 in nearly every line.
    # Short Chinese text in UTF-8, though, often happens to be GB18030 as well: hence the majority.
    return "utf-8" if 2 * broken < len(lines) or broken <= _undecodable(lines, "gb18030") else "gb18030"


def _telling_lines(path: Path) -> list[bytes]:
    """The lines beyond ASCII of the first stretch of the file that has enough of them to tell the encoding.

    A list may hold nothing but numbers and Latin letters for a long way before the first Chinese name.
    """
    found: list[bytes] = []
    rest = b""
    with path.open("rb") as file:
        while len(found) < ENOUGH_LINES and (block := file.read(SNIFFED_BYTES)):
            lines = (rest + block).splitlines()
            rest = lines.pop() if len(lines) > 1 else b""
            found += [line for line in lines if not line.isascii()]
    return found or [rest]


def _undecodable(lines: list[bytes], encoding: str) -> int:
    return sum(1 for line in lines if not _decodes(line, encoding))


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _open(path: Path, encoding: str) -> IO[str]:
    # Only single bytes can be escaped; of UTF-16 they are pairs.
    return path.open(encoding=encoding, errors="replace" if encoding == "utf-16" else "surrogateescape", newline="")


def _delimiter(path: Path, encoding: str) -> str:
    with _open(path, encoding) as file:
        head = "".join(line for _, line in zip(range(5), file, strict=False))
    return max(_DELIMITERS, key=head.count)


def _records(path: Path, encoding: str, delimiter: str) -> Iterator[Record]:
    """The records of the file; undecodable bytes come as lone surrogates and are told by `mark_broken`."""
    start = 1
    with _open(path, encoding) as file:
        while lines := list(islice(file, BLOCK_LINES)):
            if _is_plain(lines):
                for cells in csv.reader(lines, delimiter=delimiter):
                    yield Record(start, cells, well=True)
                    start += 1
            else:
                start = yield from _odd_records(deque(lines), file, delimiter, start)


def _is_plain(lines: list[str]) -> bool:
    """Whether each line is a record for certain: nothing is quoted, broken, or longer than a cell may be."""
    together = "".join(lines)
    return (
        '"' not in together
        and "\x00" not in together
        and encodes(together)
        and (max(map(len, lines)) < FIELD_LIMIT_CHARACTERS)
    )


def _odd_records(again: deque[str], file: Iterator[str], delimiter: str, start: int) -> Generator[Record, None, int]:
    """The records of a block of lines in which anything may be quoted or broken, with what the last one needs more.

    `start` is the number of the first line; returns that of the line behind the last one read.
    """
    held: list[str] = []
    reader = csv.reader(_lines(file, held, again), delimiter=delimiter, strict=True)
    while again:
        try:
            record = Record(start, next(reader))
            if _swallowed(held, record.cells, delimiter):
                raise csv.Error
        except csv.Error:
            record = _mended(start, held, delimiter)
            again.extendleft(reversed(held[1:]))
            del held[1:]
            reader = csv.reader(_lines(file, held, again), delimiter=delimiter, strict=True)
        yield record
        start += len(held)
        held.clear()
    return start


def _swallowed(held: list[str], cells: list[str], delimiter: str) -> bool:
    """Whether two stray quotes have made one record of several: each of its lines alone has all the delimiters."""
    return (
        len(held) > 1 and len(cells) >= FEWEST_CELLS and all(line.count(delimiter) >= len(cells) - 1 for line in held)
    )


def _lines(file: Iterator[str], held: list[str], again: deque[str]) -> Iterator[str]:
    """The lines to read again, then those of the file; each is held until the record it belongs to is whole."""
    while (line := again.popleft() if again else next(file, None)) is not None:
        if "\x00" in line:
            line = _PADDING.sub("", line)
        held.append(line)
        yield line


def _mended(start: int, held: list[str], delimiter: str) -> Record:
    """The first of the lines held, which the reader has stumbled over, read by itself and leniently."""
    line = held[0]
    try:
        cells = next(csv.reader([line], delimiter=delimiter))
    except csv.Error:
        return Record(start, [line[:SHOWN_CHARACTERS]], "cell_too_long")
    # A quote that this line does not close would swallow the rows below it.
    unclosed = len(list(csv.reader([line, ""], delimiter=delimiter))) == 1
    return Record(start, cells, "quote_not_closed" if unclosed else "")


def _named(records: Iterator[Record], columns: list[str]) -> Iterator[RawRow]:
    width = len(columns)
    for line, cells, fault, well in records:
        if not any(cells):
            continue
        if not fault and len(cells) > width and any(cells[width:]):
            fault = "too_many_cells"
        values = {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if cell}
        row = RawRow(line, values, fault)
        yield row if well else mark_broken(row)


def _count_lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
