"""CSV and TSV in UTF-8, UTF-8 with BOM, GB18030 or UTF-16, row by row."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from addressbook.errors import FileError
from loaders.reading.header import find_header
from loaders.reading.rows import RawRow, Table, mark_broken

SNIFFED_BYTES = 1 << 20
FIELD_LIMIT_CHARACTERS = 1 << 20
_DELIMITERS = ",\t;|"


def read_delimited(path: Path, known: frozenset[str]) -> Table:
    """The rows of a delimited text file.

    A line that the encoding cannot decode becomes a row with a fault, and reading goes on with the next.
    Raises FileError when there is no header with at least one known column name, or nothing below it.
    """
    csv.field_size_limit(FIELD_LIMIT_CHARACTERS)
    encoding = _encoding(path)
    records = _records(path, encoding, _delimiter(path, encoding))
    first = [record for _, record in zip(range(10), records, strict=False)]
    header = find_header([cells for _, cells in first], known, path.name)
    body = chain(first[header.rows :], records)
    rows = _named(body, header.columns)
    start = next(rows, None)
    if start is None:
        raise FileError(
            f"{path.name} has a header and no rows.",
            zh=f"{path.name} 只有表头，没有数据行。",
            remedy="Export it again.",
        )
    return Table(header.columns, chain([start], rows), _count_lines(path) - header.rows, encoding=encoding)


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(SNIFFED_BYTES)
    if head.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    broken = _undecodable(head, "utf-8")
    # One broken line in a UTF-8 file is that line's fault; Chinese text in GB18030 breaks UTF-8 in nearly every line.
    return "utf-8" if broken <= _undecodable(head, "gb18030") else "gb18030"


def _undecodable(head: bytes, encoding: str) -> int:
    lines = head.splitlines()[:-1] or head.splitlines()
    return sum(1 for line in lines if not _decodes(line, encoding))


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(path: Path, encoding: str) -> str:
    with path.open(encoding=encoding, errors="surrogateescape", newline="") as file:
        head = "".join(line for _, line in zip(range(5), file, strict=False))
    return max(_DELIMITERS, key=head.count)


def _records(path: Path, encoding: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """(line number, cells); undecodable bytes come as lone surrogates and are told by `_named`."""
    with path.open(encoding=encoding, errors="surrogateescape", newline="") as file:
        reader = csv.reader((line.replace("\x00", "\ufffd") for line in file), delimiter=delimiter)
        start = 1
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error:
                cells = ["\udcff"]
            yield start, cells
            start = reader.line_num + 1


def _named(records: Iterator[tuple[int, list[str]]], columns: list[str]) -> Iterator[RawRow]:
    width = len(columns)
    for line, cells in records:
        if not any(cells):
            continue
        fault = ""
        if len(cells) > width and any(cells[width:]):
            fault = "too_many_cells"
        values = {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if name and cell}
        yield mark_broken(RawRow(line, values, fault))


def _count_lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))
