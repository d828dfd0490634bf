"""Files as they come, read as rows of text: CSV and TSV in UTF-8 or GB18030, .xlsx with merged headers, GeoJSON."""

from __future__ import annotations

from pathlib import Path

from addressbook.errors import FileError
from loaders.reading.delimited import encoding_of, read_delimited
from loaders.reading.extent import OF_A_FORM, OF_A_LOAD, Most
from loaders.reading.geojson import not_geojson, read_geojson
from loaders.reading.header import printable
from loaders.reading.rows import RawRow, Table
from loaders.reading.workbook import read_workbook

ZIP_MAGIC = b"PK\x03\x04"
OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BINARY = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"SQLite format 3", b"PAR1", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf")

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
"""Byte order marks: the only text in which zero bytes are no sign of something else."""


MOST_ZEROS = 100
"""One zero byte in so many bytes is a damaged cell."""

SHOWN_CHARACTERS = 80


def open_table(path: Path, known: frozenset[str], *, most: Most = OF_A_LOAD) -> Table:
    """The rows of a file, whatever its name says it is: the content decides. `known` column names mark a header.

    Raises FileError when the file is missing, empty, has only a header, is of a kind that is not read, or a workbook
    of more than that.
    """
    head = _head(path)
    if head.startswith(ZIP_MAGIC):
        return read_workbook(path, known, most)
    if head.startswith(OLE_MAGIC):
        raise FileError(
            f"{path.name} is an old .xls workbook, or an .xlsx with a password.",
            zh=f"{path.name} 是旧版 .xls 工作簿或加密的 .xlsx，无法读取。",
            remedy="Save it as .xlsx without a password, or as CSV.",
        )
    # Of a text one cell may be damaged; what is no text has zero bytes everywhere, and so has UTF-16 without its mark.
    if head.startswith(_BINARY) or (head.count(0) * MOST_ZEROS > len(head) and not head.startswith(_UTF_16)):
        raise FileError(
            f"{path.name} is not a table: it is neither text, .xlsx nor GeoJSON.",
            zh=f"{path.name} 不是表格文件（既不是文本，也不是 .xlsx 或 GeoJSON）。",
            remedy="Export it as CSV in UTF-8, .xlsx or GeoJSON.",
        )
    if _begins_as_geojson(head):
        return read_geojson(path)
    return read_delimited(path, known)


def open_features(path: Path) -> Table:
    """The features of a GeoJSON file, for what no other kind of file can hold.

    Raises FileError when the file is missing, empty, has no features, or is something else, saying what it is.
    """
    head = _head(path)
    if not _begins_as_geojson(head):
        raise not_geojson(path, *_other_kind(path, head))
    return read_geojson(path)


def _begins_as_geojson(head: bytes) -> bool:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{")


def _other_kind(path: Path, head: bytes) -> tuple[str, str]:
    """What a file is that does not begin as GeoJSON, in Chinese and in English."""
    if head.startswith((ZIP_MAGIC, OLE_MAGIC)):
        return "它是工作簿（.xlsx、.xls）或压缩包", "it is a workbook (.xlsx, .xls) or a packed archive"
    if head.startswith(_BINARY) or (b"\x00" in head and not head.startswith(_UTF_16)):
        return "它是二进制文件", "it is a binary file"
    lines = head.decode(encoding_of(path), "replace").strip().splitlines()
    first = printable("".join(lines[:1])[:SHOWN_CHARACTERS])
    return f"它是文本或表格，首行为：{first}", f"it is a text or a table whose first line is: {first}"


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except FileNotFoundError as fault:
        raise FileError(f"there is no file {path}.", zh=f"找不到文件 {path}。", remedy="Check the path.") from fault
    except (IsADirectoryError, PermissionError) as fault:
        raise FileError(
            f"{path} cannot be read: {fault.strerror}.",
            zh=f"无法读取 {path}。",
            remedy="Check the path and its permissions.",
        ) from fault
    if not head.strip():
        raise FileError(f"{path.name} is empty.", zh=f"{path.name} 是空文件。", remedy="Export it again.")
    return head


__all__ = ["OF_A_FORM", "RawRow", "Table", "open_features", "open_table"]
