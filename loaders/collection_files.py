"""Collections as files: GeoJSON, NDJSON and CSV piece by piece; .xlsx, GeoPackage and GeoParquet some rows at a time.

No form holds more than some thousand rows in memory. Codes are text in every form that knows types.
"""

# mypy: disable-error-code="no-untyped-call"
# pyarrow ships neither types nor stubs.

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import geopandas
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import shapely
from openpyxl import Workbook

from addressbook.cells import safe_cell, text_cell
from addressbook.collections.declared import GEOMETRY, Collection, Property, Shape
from addressbook.store.reading import Row
from addressbook.views.collections import feature
from loaders.output import output_errors

Chunks = Iterable[Sequence[Row]]
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
SHEET_ROWS = 1_000_000
POINT_COLUMNS = ("point_lon", "point_lat")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_ARROW = {
    Shape.TEXT: pa.string(), Shape.INTEGER: pa.int64(), Shape.NUMBER: pa.float64(), Shape.DATE: pa.date32(),
}  # fmt: skip
_PANDAS = {Shape.TEXT: "str", Shape.INTEGER: "Int64", Shape.NUMBER: "float64", Shape.DATE: "datetime64[ms]"}


def pieces(form: str, collection: Collection, properties: Sequence[Property], chunks: Chunks) -> Iterator[bytes]:
    """The bytes of a GeoJSON, NDJSON or CSV file."""
    if form == "csv":
        return _csv(collection, properties, chunks)
    return _geojson(chunks) if form == "geojson" else _lines(chunks)


def write_collection(
    out: Path, form: str, collection: Collection, properties: Sequence[Property], chunks: Chunks
) -> None:  # fmt: skip
    """Write a file of any form. Raises DiskFull or FileError where it cannot be."""
    with output_errors(out):
        if form == "xlsx":
            _write_workbook(out, collection, properties, chunks)
        elif form == "parquet":
            _write_parquet(out, collection, properties, chunks)
        elif form == "gpkg":
            _write_geopackage(out, collection, properties, chunks)
        else:
            with out.open("wb") as file:
                file.writelines(pieces(form, collection, properties, chunks))


def _geojson(chunks: Chunks) -> Iterator[bytes]:
    yield b'{"type":"FeatureCollection","features":['
    comma = b""
    for rows in chunks:
        if rows:
            yield comma + b",".join(orjson.dumps(feature(row)) for row in rows)
            comma = b","
    yield b"]}\n"


def _lines(chunks: Chunks) -> Iterator[bytes]:
    for rows in chunks:
        yield b"".join(orjson.dumps(feature(row), option=orjson.OPT_APPEND_NEWLINE) for row in rows)


def _csv(collection: Collection, properties: Sequence[Property], chunks: Chunks) -> Iterator[bytes]:
    """With a byte order mark, without which spreadsheets take Chinese for something else; text in quotes."""
    yield BYTE_ORDER_MARK + _csv_lines([[*(found.name for found in properties), *_point_columns(collection)]])
    for rows in chunks:
        yield _csv_lines([_cells(row, collection, properties, text_cell) for row in rows])


def _csv_lines(rows: Sequence[Sequence[Any]]) -> bytes:
    lines = io.StringIO()
    csv.writer(lines, quoting=csv.QUOTE_NONNUMERIC).writerows(rows)
    return lines.getvalue().encode()


def _point_columns(collection: Collection) -> tuple[str, ...]:
    return POINT_COLUMNS if collection.geometry_type == "Point" else ()


def _cells(
    row: Row, collection: Collection, properties: Sequence[Property], as_shown: Callable[[str], str] = safe_cell
) -> list[Any]:
    """A line of a table: texts that no spreadsheet takes for a formula, and the point's two numbers."""
    shown = [_cell(row[found.name], as_shown) for found in properties]
    if collection.geometry_type != "Point":
        return shown
    point = row.get(GEOMETRY)
    return [*shown, *(orjson.loads(point)["coordinates"] if point else (None, None))]


def _cell(value: Any, as_shown: Callable[[str], str]) -> Any:
    return as_shown(_FORBIDDEN.sub("", value)) if isinstance(value, str) else value


def _write_workbook(out: Path, collection: Collection, properties: Sequence[Property], chunks: Chunks) -> None:
    """Sheets of at most a million rows each, written as they come."""
    book = Workbook(write_only=True)
    head = [*(found.zh for found in properties), *(("经度 lon", "纬度 lat") if _point_columns(collection) else ())]
    sheet, written = None, 0
    for rows in _with_first(chunks):
        if sheet is None or written + len(rows) > SHEET_ROWS:
            sheet, written = book.create_sheet(), 0
            sheet.append(head)
        for row in rows:
            sheet.append(_cells(row, collection, properties))
        written += len(rows)
    book.save(out)


def _with_first(chunks: Chunks) -> Iterator[Sequence[Row]]:
    """An empty chunk, then the chunks: a file without rows has its head all the same."""
    yield []
    yield from chunks


def _write_parquet(out: Path, collection: Collection, properties: Sequence[Property], chunks: Chunks) -> None:
    """GeoParquet 1.1; without a CRS named it is OGC:CRS84, longitude first."""
    column = {"encoding": "WKB", "geometry_types": [collection.geometry_type]}
    geo = {"version": "1.1.0", "primary_column": GEOMETRY, "columns": {GEOMETRY: column}}
    fields = [(found.name, _ARROW[found.shape]) for found in properties]
    schema = pa.schema([*fields, (GEOMETRY, pa.binary())], metadata={"geo": orjson.dumps(geo)})
    with pq.ParquetWriter(out, schema, compression="zstd") as writer:
        for rows in chunks:
            columns = [[row[found.name] for row in rows] for found in properties]
            geometries = list(shapely.to_wkb(_geometries(rows)))
            writer.write_batch(pa.record_batch([*columns, geometries], schema))


def _write_geopackage(out: Path, collection: Collection, properties: Sequence[Property], chunks: Chunks) -> None:
    """A layer of the collection's name in EPSG:4326; each chunk is a transaction of its own."""
    for number, rows in enumerate(_with_first(chunks)):
        if number and not rows:
            continue
        columns = {
            found.name: geopandas.pd.array([row[found.name] for row in rows], dtype=_PANDAS[found.shape])
            for found in properties
        }
        frame = geopandas.GeoDataFrame(columns, geometry=_geometries(rows), crs=4326)
        kind = collection.geometry_type
        pyogrio.write_dataframe(
            frame, out, layer=collection.name, driver="GPKG", geometry_type=kind, append=bool(number),
            SPATIAL_INDEX="YES",
        )  # fmt: skip


def _geometries(rows: Sequence[Row]) -> Any:
    return shapely.from_geojson([row[GEOMETRY] for row in rows])
