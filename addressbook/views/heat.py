"""Heat: how many addresses and elements lie in the cells of a grid; numbers about people for who may see them."""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from addressbook.model import ElementKind
from addressbook.privacy.policy import Reader
from addressbook.store.reading import Row
from addressbook.store.tiles import Tile

FINEST: Final = 18
"""The zoom whose tiles are the finest cells: about 130 m in the middle of China."""
FINER: Final = 5
"""A tile is cut into 2^5 cells a side."""
EXTENT: Final = 4096
KINDS: Final = ("address", *(kind.value for kind in ElementKind))
ABOUT_PEOPLE: Final = frozenset({ElementKind.PERSON, ElementKind.HOUSE, ElementKind.EVENT})
"""What is listed only where persons are: in a cell of a few houses their numbers tell about single people."""
Cell = tuple[int, int]


class HeatGrid:
    """The counts of one data version. Never changes; a few megabytes for a million addresses."""

    def __init__(self, version: str, counts: list[tuple[str, int, int, int]]) -> None:
        self.version = version
        place = {kind: number for number, kind in enumerate(KINDS)}
        rows = np.array([(x, y, place[kind], count) for kind, x, y, count in counts], dtype=np.int64).reshape(-1, 4)
        self._x, self._y, self._kind, self._count = rows.T

    def points(self, tile: Tile, reader: Reader) -> dict[Cell, Row]:
        """The middle of each cell in the tile's own coordinates, with its counts by kind as `reader` may see them.

        What is withheld is left out, and `withheld` names its kind, whether there are some or none. A cell of which
        nothing may be shown is left out.
        """
        level = min(tile.z + FINER, FINEST)
        cells = self._cells(tile, level)
        for counts in cells.values() if not reader.sees_persons else ():
            counts |= dict.fromkeys(ABOUT_PEOPLE)
        side = 2 ** max(level - tile.z, 0)
        return {_middle(cell, side): _told(counts) for cell, counts in cells.items() if any(counts.values())}

    def _cells(self, tile: Tile, level: int) -> dict[Cell, dict[str, int | None]]:
        """Column and row within the tile → kind → count; every kind is there."""
        if tile.z > FINEST:
            return {}
        above = FINEST - tile.z
        here = (self._x >> above == tile.x) & (self._y >> above == tile.y)
        side = 2 ** (level - tile.z)
        column, row = (self._x[here] >> (FINEST - level)) % side, (self._y[here] >> (FINEST - level)) % side
        keys, sums = _summed((column * side + row) * len(KINDS) + self._kind[here], self._count[here])
        cells: dict[Cell, dict[str, int | None]] = defaultdict(lambda: dict.fromkeys(KINDS, 0))
        for key, count in zip(keys.tolist(), sums.tolist(), strict=True):
            place, kind = divmod(key, len(KINDS))
            cells[divmod(place, side)][KINDS[kind]] = int(count)
        return cells


def _summed(keys: NDArray[np.int64], counts: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[Any]]:
    different, at = np.unique(keys, return_inverse=True)
    return different, np.bincount(at, weights=counts, minlength=len(different))


def _told(counts: dict[str, int | None]) -> Row:
    withheld = ",".join(kind for kind, count in counts.items() if count is None)
    told: Row = {kind: count for kind, count in counts.items() if count}
    return told | ({"withheld": withheld} if withheld else {})


def _middle(cell: Cell, side: int) -> Cell:
    size = EXTENT // side
    return cell[0] * size + size // 2, cell[1] * size + size // 2
