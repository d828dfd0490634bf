"""The shipped Parquet files as objects: provinces to towns at once, villages only when asked for."""

# mypy: disable-error-code="no-untyped-call,attr-defined,name-defined"
# pyarrow ships neither types nor stubs.
from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import cached_property
from itertools import pairwise
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from addressbook.divisions.codes import CODE_LENGTH, DIGITS, code_range, pad
from addressbook.divisions.history import HistoryRow
from addressbook.divisions.lineage import KeptDivisions
from addressbook.model import Division, Level

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq


def _opened(path: Path) -> pq.ParquetFile:
    # Here, because to import it takes a tenth of a second and most commands look no division up.
    # ParquetFile, because pq.read_table imports pandas where it is installed: 1.5 s and 80 MB.
    import pyarrow.parquet as pq

    return pq.ParquetFile(path)


def read_upper(path: Path) -> list[Division]:
    """Provinces, cities, counties and towns in the order of their codes: the first row group of the file."""
    group = _opened(path).read_row_group(0)
    levels = {level.value: level for level in Level}
    rows = zip(group["code"].to_pylist(), group["name"].to_pylist(), group["level"].to_pylist(), strict=True)
    # codes.parent_code, at a fifth of its cost because the level is known here.
    ladder = list(DIGITS)
    heads = {level.value: DIGITS[above] for above, level in pairwise(ladder)}
    # Parents come first in the file, so every code but a town's own is there already as a string: share it.
    shared: dict[str, str] = {}
    divisions = []
    for number, name, level in rows:
        code = shared.setdefault(str(number), str(number))
        parent = shared[code[: heads[level]].ljust(CODE_LENGTH, "0")] if level in heads else None
        divisions.append(Division(code, name, levels[level], parent))
    return divisions


def read_history(path: Path) -> list[HistoryRow]:
    """Rows of the county history in the order of code and year."""
    levels = {level.value: level for level in Level}
    columns = _opened(path).read().to_pydict()
    names = ("code", "name", "parent_code", "valid_from_year", "valid_to_year", "new_code", "change")
    rows = zip(*(columns[n] for n in names), columns["level"], strict=True)
    return [
        HistoryRow(code, name, levels[level], parent, first, end, new, change)
        for code, name, parent, first, end, new, change, level in rows
    ]


class Villages:
    """The 620,000 villages as two Arrow columns sorted by code; a village becomes an object when it is asked for."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @cached_property
    def _table(self) -> pa.Table:
        file = _opened(self._path)
        groups = list(range(1, file.num_row_groups))
        return file.read_row_groups(groups, columns=["code", "name"]).combine_chunks()

    @cached_property
    def _codes(self) -> npt.NDArray[np.int64]:
        # Straight from the column's memory: pyarrow's own conversion imports pandas, half a second.
        column = self._table["code"].combine_chunks()
        codes: npt.NDArray[np.int64] = np.frombuffer(column.buffers()[1], dtype=np.int64)
        return codes[column.offset : column.offset + len(column)]

    def get(self, code: str) -> Division | None:
        """The village with this 12-digit code, or None."""
        found = self._between(int(code), int(code))
        return found[0] if found else None

    def within(self, code: str) -> list[Division]:
        """All villages of a division, by code."""
        low, high = code_range(code)
        return self._between(int(low), int(high))

    def _between(self, low: int, high: int) -> list[Division]:
        start, stop = np.searchsorted(self._codes, low, "left"), np.searchsorted(self._codes, high, "right")
        part = self._table.slice(int(start), int(stop - start))
        rows = zip(part["code"].to_pylist(), part["name"].to_pylist(), strict=True)
        return [Division(c := str(number), name, Level.COMMUNITY, pad(c[:9])) for number, name in rows]


class KeptVillages:
    """The same villages, with those that a registry keeps in place of the shipped ones."""

    def __init__(self, shipped: Villages, kept: KeptDivisions) -> None:
        self._shipped, self._kept = shipped, kept
        self._codes = sorted(code for code, d in kept.in_force.items() if d.level is Level.COMMUNITY)

    def get(self, code: str) -> Division | None:
        """The village with this 12-digit code, or None."""
        return self._kept.in_force.get(code) if self._kept.covers(code) else self._shipped.get(code)

    def within(self, code: str) -> list[Division]:
        """All villages of a division, by code."""
        low, high = code_range(code)
        here = self._codes[bisect_left(self._codes, low) : bisect_right(self._codes, high)]
        if self._kept.covers(code):
            return [self._kept.in_force[c] for c in here]
        found = [d for d in self._shipped.within(code) if not self._kept.covers(d.code)]
        return sorted([*found, *(self._kept.in_force[c] for c in here)], key=attrgetter("code")) if here else found
