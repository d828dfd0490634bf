"""What every reader returns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

COORDINATE_SYSTEMS = ("wgs84", "cgcs2000", "gcj02", "bd09")


@dataclass(slots=True)
class RawRow:
    """One row as received: its line (or row, or feature) number from 1, and the text of each column.

    `fault` names what makes the row as a whole unreadable ("" when it is well); `point` is a GeoJSON point in degrees.
    """

    line: int
    values: dict[str, str]
    fault: str = ""
    point: tuple[float, float] | None = None
    geometry: dict[str, object] | None = None


@dataclass(slots=True)
class Table:
    """A file opened: its column names, its rows to be read once, and about how many rows they are."""

    columns: list[str]
    rows: Iterator[RawRow]
    total: int | None = None
    coordinate_system: str | None = None
    encoding: str = ""
    notes: list[str] = field(default_factory=list)


def mark_broken(row: RawRow) -> RawRow:
    """Give a row whose bytes could not be decoded (lone surrogates) its fault and printable text."""
    if not all(value.isascii() or _encodes(value) for value in row.values.values()):
        row.fault = "broken_encoding"
        row.values = {name: value.encode("utf-8", "replace").decode() for name, value in row.values.items()}
    return row


def _encodes(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
