"""Loading areas: boundaries of divisions, grids and custom polygons, from GeoJSON in any of the four systems."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Engine

from addressbook.divisions import level_of, pad
from addressbook.errors import CodeError, FieldError
from addressbook.store.areas import AreaRow, upsert_areas
from addressbook.store.batches import source_of
from addressbook.store.engine import transaction
from loaders.coordinates import to_wgs84
from loaders.fields import Fields
from loaders.mapping import ColumnMapping, read_mapping, require_columns
from loaders.outcomes import Outcome, RowOutcome, Totals, rejected
from loaders.reading import RawRow, open_table

KINDS = ("division", "grid", "custom")


def load_areas(
    engine: Engine, path: Path, source: str, *, kind: str = "division", coordinate_system: str | None = None
) -> tuple[Totals, list[RowOutcome]]:
    """Load the areas of a file, replacing those of the same code; returns the totals and the rows refused.

    Raises FileError when the file is no GeoJSON or has no code column.
    """
    mapping = read_mapping("areas", None)
    table = open_table(path, mapping.known)
    require_columns(table.columns, mapping, {"代码 code": ("source_key",), "名称 name": ("name",)}, path.name)
    system = coordinate_system or table.coordinate_system or "wgs84"
    totals = Totals()
    outcomes: list[RowOutcome] = []
    areas: dict[str, AreaRow] = {}
    for area, outcome in _read(table.rows, mapping, kind, system):
        outcomes.append(outcome)
        if area is not None:
            areas[area.code] = area
    with transaction(engine) as connection:
        upsert_areas(connection, list(areas.values()), source_of(connection, source, "areas"))
    totals.add(outcomes)
    totals.check()
    return totals, [outcome for outcome in outcomes if outcome.outcome is not Outcome.LINKED]


def _read(
    rows: Iterator[RawRow], mapping: ColumnMapping, kind: str, system: str
) -> Iterator[tuple[AreaRow | None, RowOutcome]]:
    for row in rows:
        fields = Fields(row, mapping)
        try:
            area = _area(fields, kind, system)
        except FieldError as fault:
            yield None, rejected(row.line, fields.text("source_key"), fault)
            continue
        yield area, RowOutcome(row.line, area.code, Outcome.LINKED)


def _area(fields: Fields, kind: str, system: str) -> AreaRow:
    code, name = fields.text("source_key"), fields.text("name")
    level, parent = fields.text("level"), fields.text("parent")
    if kind == "division":
        code, level = _division_code(code)
    outline = _outline(fields.row, system)
    return AreaRow(code, kind, name, level or "none", parent or None, shapely.to_wkt(outline, rounding_precision=8))


def _division_code(code: str) -> tuple[str, str]:
    try:
        full = pad(code)
    except CodeError as fault:
        raise FieldError("code_wrong", "code", fault.en, zh=fault.zh, remedy="Give 6, 9 or 12 digits.") from fault
    return full, level_of(full).value


def _outline(row: RawRow, system: str) -> MultiPolygon:
    try:
        geometry = shape(row.geometry)
        if system not in ("wgs84", "cgcs2000"):
            geometry = shapely.transform(geometry, lambda xy: np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], system)))
        outline = _polygons(shapely.make_valid(geometry))
    except (AttributeError, KeyError, TypeError, ValueError, IndexError, shapely.errors.ShapelyError) as fault:
        raise _no_outline() from fault
    if outline.is_empty:
        raise _no_outline()
    return outline


def _polygons(geometry: BaseGeometry) -> MultiPolygon:
    """The polygons of a geometry; lines and points that mending a polygon leaves over enclose nothing."""
    parts = getattr(geometry, "geoms", [geometry])
    polygons = [polygon for part in parts for polygon in getattr(part, "geoms", [part])]
    return MultiPolygon([polygon for polygon in polygons if polygon.geom_type == "Polygon"])


def _no_outline() -> FieldError:
    return FieldError(
        "outline_wrong", "geometry", "the feature has no polygon.", zh="该要素没有面状边界。", remedy="Give a Polygon."
    )
