"""What every reader returns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field


@dataclass(slots=True)
class RawRow:
    """One row as received: its line (or row, or feature) number from 1, and the text of each column.

    `fault` names what makes the row as a whole unreadable ("" when it is well); `point` is a GeoJSON point in degrees;
    `sheet` is that of a workbook with several, which each count their rows from 1.
    """

    line: int
    values: dict[str, str]
    fault: str = ""
    point: tuple[float, float] | None = None
    geometry: dict[str, object] | None = None
    sheet: str = ""


@dataclass(slots=True)
class Table:
    """A file opened: its column names, its rows to be read once, and about how many rows they are.

    `titles` are the columns as the file writes them, for what is written beside them; empty where they are the names.
    """

    columns: list[str]
    rows: Iterator[RawRow]
    total: int | None = None
    coordinate_system: str | None = None
    encoding: str = ""
    notes: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    has_points: bool = False


def mark_broken(row: RawRow) -> RawRow:
    """Give a row with characters that no text has (lone surrogates, NUL) its fault and text that can be stored."""
    together = "".join(row.values.values())  # in one go, for hardly a row is broken
    if "\x00" in together or not encodes(together):
        row.fault = row.fault or "broken_encoding"
        row.values = {name: _storable(value) for name, value in row.values.items()}
    return row


def _storable(value: str) -> str:
    return value.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def encodes(value: str) -> bool:
    """Whether a text holds no lone surrogate."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
