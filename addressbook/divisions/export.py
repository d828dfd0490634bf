"""The gazetteer as Arrow tables for bulk loading: built by column arithmetic, without an object per division."""

# mypy: disable-error-code="no-untyped-call,attr-defined,name-defined"
# pyarrow ships neither types nor stubs.
from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from addressbook.divisions.codes import CODE_LENGTH, DIGITS
from addressbook.divisions.history import HistoryRow
from addressbook.model import Level


def divisions_table(path: Path, since: dict[str, int]) -> pa.Table:
    """code, name, level, parent_code (text); valid_from, valid_to (date32). Parents come before children.

    valid_from is the first of January of the year the present name and code began, null where that is 1980 or before
    or not recorded (towns, villages): its precision is the year. valid_to is null: the rows are those in force.
    """
    table = pq.ParquetFile(path).read().combine_chunks()
    codes = table["code"].to_numpy()
    dates = {code: date(year, 1, 1) for code, year in since.items()}
    text = pc.cast(table["code"], pa.string())
    valid_from = pa.array([dates.get(c) for c in text.slice(0, _upper_rows(codes)).to_pylist()], pa.date32())
    return pa.table(
        {
            "code": text,
            "name": table["name"],
            "level": table["level"],
            "parent_code": _parents(codes, table["level"]),
            "valid_from": pa.chunked_array([valid_from, pa.nulls(len(codes) - len(valid_from), pa.date32())]),
            "valid_to": pa.nulls(len(codes), pa.date32()),
        }
    )


def succession_table(rows: Iterable[HistoryRow]) -> pa.Table:
    """old_code, old_name, valid_from_year, valid_to_year, new_code for every name and code that ended.

    `new_code` is the direct successor (it may have ended later itself), null where none is known.
    """
    ended = [r for r in rows if r.valid_to_year is not None]
    return pa.table(
        {
            "old_code": pa.array([r.code for r in ended], pa.string()),
            "old_name": pa.array([r.name for r in ended], pa.string()),
            "valid_from_year": pa.array([r.valid_from_year for r in ended], pa.int16()),
            "valid_to_year": pa.array([r.valid_to_year for r in ended], pa.int16()),
            "new_code": pa.array([r.new_code for r in ended], pa.string()),
        }
    )


def _upper_rows(codes: np.typing.NDArray[np.int64]) -> int:
    """Rows before the villages: the file has provinces to towns first."""
    return int(np.argmax(codes % 1000 != 0))


def _parents(codes: np.typing.NDArray[np.int64], levels: pa.ChunkedArray) -> pa.Array:
    """`parent_code` as arithmetic. A town of a city without counties needs no rule: 4419 00 000000 is the city."""
    ladder = (Level.PROVINCE, Level.CITY, Level.COUNTY, Level.TOWN, Level.COMMUNITY)
    labels = levels.to_numpy()
    parents = np.zeros(len(codes), dtype=np.int64)
    for above, level in pairwise(ladder):
        step = 10 ** (CODE_LENGTH - DIGITS[above])
        mine = labels == level.value
        parents[mine] = codes[mine] // step * step
    return pc.cast(pa.array(parents, mask=parents == 0), pa.string())
