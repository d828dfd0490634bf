"""A file's columns by name, its rows in chunks, and names for columns that are added to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from addressbook.cells import safe_cell
from addressbook.errors import FileError
from loaders.output import keep_apart
from loaders.reading import RawRow, Table, open_table
from loaders.reading.header import column_name

CHUNK_ROWS = 2000


def open_columns(path: Path, columns: Sequence[str], out: Path) -> tuple[Table, list[str]]:
    """The file and these columns' names in it.

    Raises FileError naming the columns it has when it lacks one, and when `out`, which is written meanwhile, is the
    file itself: what cannot be read of a row would be lost.
    """
    keep_apart(out, path)
    names = [column_name(column) for column in columns]
    table = open_table(path, frozenset(names))
    for column, name in zip(columns, names, strict=True):
        if name not in table.columns:
            raise FileError(
                f"{path.name} has no column {column!r}.",
                zh=f"{path.name} 中没有“{column}”列。",
                remedy=f"It has: {', '.join(c for c in table.columns if c)}.",
            )
    return table, names


def added_columns(titles: Sequence[str], added: Sequence[str], mark: str) -> list[str]:
    """The names of the columns to add, with `mark` in front of those that the file has already."""
    names = []
    for name in added:
        while name in titles:
            name = f"{mark}{name}"
        names.append(name)
    return names


def copied_titles(table: Table) -> list[str]:
    """The columns as the file writes them, for an output that a spreadsheet may open."""
    return [safe_cell(title) for title in table.titles or table.columns]


def copied_cells(table: Table, row: RawRow) -> list[str]:
    """The cells of a row as received, in the order of the columns, none of them a formula."""
    return [safe_cell(row.values.get(column, "")) for column in table.columns]


def chunks(table: Table) -> Iterator[list[RawRow]]:
    """The rows, CHUNK_ROWS at a time."""
    while chunk := list(islice(table.rows, CHUNK_ROWS)):
        yield chunk


__all__ = ["added_columns", "chunks", "copied_cells", "copied_titles", "open_columns"]
