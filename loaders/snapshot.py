"""All addresses as a transaction left them, as CSV or GeoParquet 1.1."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection

from addressbook.cells import safe_cell
from addressbook.errors import FileError
from addressbook.store.bridging import SNAPSHOT_COLUMNS, snapshot_rows
from loaders.output import output_errors, written

_GEO = {
    "version": "1.1.0",
    "primary_column": "geometry",
    "columns": {"geometry": {"encoding": "WKB", "geometry_types": ["Point"]}},  # without a CRS: OGC:CRS84, lon first
}
_TYPES = {"tx": pa.int64(), "lon": pa.float64(), "lat": pa.float64(), "point": pa.binary()}
SCHEMA = pa.schema(
    [("geometry" if name == "point" else name, _TYPES.get(name, pa.string())) for name in SNAPSHOT_COLUMNS],
    metadata={"geo": orjson.dumps(_GEO)},
)
Progress = Callable[[int, int | None], None]


def export_snapshot(connection: Connection, out: Path, event: int, progress: Progress) -> int:
    """Write the file that its ending names, as a transaction left the addresses; returns how many there are.

    Raises FileError for another ending.
    """
    if out.suffix.lower() not in (".csv", ".parquet"):
        raise FileError(
            f"{out.name} is neither .csv nor .parquet.", zh=f"{out.name} 不是 .csv 或 .parquet。", remedy="Name it so."
        )
    chunks = snapshot_rows(connection, event)
    write = _write_csv if out.suffix.lower() == ".csv" else _write_parquet
    return write(out, chunks, progress)


def _write_csv(out: Path, chunks: Iterator[list[tuple[Any, ...]]], progress: Progress) -> int:
    done = 0
    with written(out) as file:
        writer = csv.writer(file)
        writer.writerow(SNAPSHOT_COLUMNS[:-1])
        for rows in chunks:
            writer.writerows([_cell(value) for value in row[:-1]] for row in rows)
            done += len(rows)
            progress(done, None)
    return done


def _cell(value: Any) -> Any:
    return safe_cell(value) if isinstance(value, str) else value


def _write_parquet(out: Path, chunks: Iterator[list[tuple[Any, ...]]], progress: Progress) -> int:
    """Beside the file, which it replaces when it is whole."""
    done, beside = 0, out.with_name(f".{out.name}.{os.getpid()}")
    with output_errors(out):
        try:
            with pq.ParquetWriter(beside, SCHEMA, compression="zstd") as writer:
                for rows in chunks:
                    writer.write_batch(pa.record_batch([list(column) for column in zip(*rows, strict=True)], SCHEMA))
                    done += len(rows)
                    progress(done, None)
            beside.replace(out)
        finally:
            beside.unlink(missing_ok=True)
    return done
