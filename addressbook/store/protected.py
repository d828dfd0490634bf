"""What the noisy parts of published counts are made of: persons by division, and by square."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from addressbook.store.reading import read

Cells = Mapping[tuple[str, str], int]
"""(`role`, role) or (`category`, category) → links of persons."""


def categories_of_persons(connection: Connection) -> list[str]:
    """Every category that a person of the registry has: what an area has none of is not left out of its lists."""
    return [row["category"] for row in read(connection, "person_categories")]


def cells_of_divisions(connection: Connection, ranges: Sequence[tuple[str, str]]) -> dict[str, Cells]:
    """What each division of some ranges counts itself, without those in it; also of those that count nobody."""
    lows, highs = [low for low, _ in ranges], [high for _, high in ranges]
    cells: dict[str, Cells] = {}
    for row in read(connection, "person_divisions", lows=lows, highs=highs):
        of: dict[tuple[str, str], int] = {}
        for role, category, count in zip(row["roles"] or (), row["categories"] or (), row["counts"] or (), strict=True):
            for cell in (("role", role), ("category", category)):
                of[cell] = of.get(cell, 0) + count
        cells[row["code"]] = of
    return cells


def cells_of_squares(
    connection: Connection, codes: list[str], outline: bytes | None
) -> dict[tuple[str, int, int], Cells]:  # fmt: skip
    """The squares of 1/400 of a degree with an address, and their middle in an area, or in the outline (code "")."""
    cells: dict[tuple[str, int, int], dict[tuple[str, str], int]] = {}
    for row in read(connection, "person_squares", codes=codes, outline=outline):
        of = cells.setdefault((row["code"], row["x"], row["y"]), {})
        for dimension, values in (row["counts"] or {}).items():
            for value, count in values.items():
                of[dimension, value] = of.get((dimension, value), 0) + count
    return dict(cells)
