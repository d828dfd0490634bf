"""A release for research as CSV or Parquet, with its report: whole or not at all, and logged before it is there."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Engine

from addressbook.cells import safe_cell
from addressbook.errors import FileError
from addressbook.privacy.releasing import Asked, Release
from addressbook.privacy.sealing import Secret
from addressbook.store.releasing import unchanging
from loaders.output import output_errors

Progress = Callable[[int, int | None], None]


def report_path(out: Path) -> Path:
    """Where the report of a file is: persons.csv.report.json."""
    return out.with_name(f"{out.name}.report.json")


def write_release(engine: Engine, secret: Secret, asked: Asked, out: Path, progress: Progress) -> dict[str, object]:
    """Write the file that its ending names, and its report, which is returned.

    Both take their names once the access log has its lines. Raises FileError for another ending or where they cannot
    be written, FieldError, CodeError.
    """
    if out.suffix.lower() not in (".csv", ".parquet"):
        raise FileError(
            f"{out.name} is neither .csv nor .parquet.", zh=f"{out.name} 不是 .csv 或 .parquet。", remedy="Name it so."
        )
    write = _write_csv if out.suffix.lower() == ".csv" else _write_parquet
    with _beside(report_path(out)) as report, _beside(out) as data:
        with unchanging(engine) as connection:
            release = Release(connection, secret, asked)
            write(data, release, _counted(release, progress))
            told = release.report()
        report.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2))
    return told


@contextmanager
def _beside(out: Path) -> Iterator[Path]:
    """A file that nobody else can read, which takes its name at the end."""
    beside = out.with_name(f".{out.name}.{os.getpid()}")
    with output_errors(out):
        try:
            os.close(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
            yield beside
            beside.replace(out)
        finally:
            beside.unlink(missing_ok=True)


def _counted(release: Release, progress: Progress) -> Iterator[list[tuple[str, ...]]]:
    for rows in release.rows():
        yield rows
        progress(release.released, release.plan.rows)


def _write_csv(out: Path, release: Release, chunks: Iterator[list[tuple[str, ...]]]) -> None:
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(release.columns)
        for rows in chunks:
            writer.writerows([safe_cell(value) for value in row] for row in rows)


def _write_parquet(out: Path, release: Release, chunks: Iterator[list[tuple[str, ...]]]) -> None:
    schema = pa.schema([(name, pa.string()) for name in release.columns])
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        for rows in filter(None, chunks):
            writer.write_batch(pa.record_batch([list(column) for column in zip(*rows, strict=True)], schema))
