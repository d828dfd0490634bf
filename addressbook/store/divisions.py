"""The national divisions in PostGIS: reference data, replaced whole when the shipped gazetteer changes."""

# mypy: disable-error-code="no-untyped-call,attr-defined,name-defined"
# pyarrow ships neither types nor stubs.

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pyarrow as pa
from psycopg import sql
from pyarrow import csv
from sqlalchemy import Connection, text

from addressbook.divisions import Gazetteer, KeptDivisions
from addressbook.store.engine import driver_of
from addressbook.store.gazetteer import UNDATED, kept_divisions, root_ranges

DIVISION_COLUMNS = ("code", "valid_from", "valid_to", "name", "level", "parent_code")
SUCCESSION_COLUMNS = ("old_code", "old_name", "valid_from_year", "valid_to_year", "new_code")
_INDEXES = {
    "ix_division_name": "name",
    "ix_division_parent_code": "parent_code",
}
_DELETE = """
    DELETE FROM division d WHERE NOT EXISTS (
        SELECT FROM unnest(%(lows)s::text[], %(highs)s::text[]) AS kept (low, high)
        WHERE d.code >= kept.low COLLATE "C" AND d.code <= kept.high COLLATE "C")
"""
SLICE_ROWS = 20_000
Progress = Callable[[int, int], None]


def divisions_loaded(connection: Connection) -> int:
    """How many divisions the database holds."""
    return int(connection.execute(text("SELECT count(*) FROM division")).scalar_one())


def load_divisions(connection: Connection, gazetteer: Gazetteer, progress: Progress | None = None) -> int:
    """Replace divisions and successions by those of the gazetteer; returns how many divisions were written.

    Where the registry's own events have changed divisions, these stay as they are.

    Columns go to COPY as CSV without ever being Python objects, and secondary indexes are built after the rows:
    together a third of the time. Nothing refers to a division by foreign key, so none can break.
    """
    divisions, successions = gazetteer.tables()
    driver = driver_of(connection)
    driver.execute("LOCK TABLE division, division_succession IN ACCESS EXCLUSIVE MODE")
    for index in _INDEXES:
        driver.execute(sql.SQL("DROP INDEX IF EXISTS {}").format(sql.Identifier(index)))
    kept = kept_divisions(connection)
    driver.execute(_DELETE, root_ranges(kept.roots))
    divisions = _without(divisions, kept)
    driver.execute("DELETE FROM division_succession")
    _copy_table(connection, "division", DIVISION_COLUMNS, divisions, progress)
    _copy_table(connection, "division_succession", SUCCESSION_COLUMNS, successions, None)
    for index, column in _INDEXES.items():
        created = sql.SQL("CREATE INDEX {} ON division ({})").format(sql.Identifier(index), sql.Identifier(column))
        driver.execute(created)
    driver.execute("ANALYZE division")
    return int(divisions.num_rows)


def _without(divisions: Any, kept: KeptDivisions) -> Any:
    """The rows of divisions that the registry does not keep itself."""
    if not kept.roots:
        return divisions
    return divisions.filter(pa.array([not kept.covers(code) for code in divisions["code"].to_pylist()]))


def _copy_table(
    connection: Connection, name: str, columns: tuple[str, ...], table: Any, progress: Progress | None
) -> None:
    options = csv.WriteOptions(include_header=False, quoting_style="needed")
    done = 0
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    into = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(sql.Identifier(name), names)
    with driver_of(connection).cursor() as cursor, cursor.copy(into) as copy:
        for batch in _filled(table.select(columns)).to_batches(max_chunksize=SLICE_ROWS):
            buffer = io.BytesIO()
            csv.write_csv(batch, buffer, options)
            copy.write(buffer.getvalue())
            done += batch.num_rows
            if progress:
                progress(done, table.num_rows)


def _filled(table: Any) -> Any:
    """Keys cannot be null: an unknown first day is 0001-01-01; an unknown successor "", which CSV writes quoted."""
    for name, blank in (("valid_from", UNDATED), ("new_code", "")):
        if name in table.column_names:
            place = table.column_names.index(name)
            table = table.set_column(place, name, table.column(name).fill_null(blank))
    return table
