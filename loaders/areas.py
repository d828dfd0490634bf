"""Loading areas: boundaries of divisions, grids and custom polygons, from GeoJSON in any of the four systems."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

import numpy as np
import shapely
from shapely.geometry import MultiPolygon, shape
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Engine

from addressbook.divisions import Gazetteer, level_of, pad
from addressbook.errors import CodeError, FieldError
from addressbook.store.areas import AreaRow, upsert_areas
from addressbook.store.batches import source_of
from addressbook.store.engine import transaction
from addressbook.store.gazetteer import gazetteer_of
from loaders.coordinates import to_wgs84
from loaders.fields import Fields
from loaders.mapping import read_mapping, require_columns
from loaders.outcomes import Outcome, RowOutcome, Tally, Totals, rejected, row_fault
from loaders.points import EAST, NORTH, SOUTH, WEST
from loaders.reading import RawRow, open_features


class AreaKind(StrEnum):
    """What an area is."""

    DIVISION = "division"
    GRID = "grid"
    CUSTOM = "custom"


def load_areas(
    engine: Engine,
    path: Path,
    source: str,
    *,
    kind: AreaKind = AreaKind.DIVISION,
    coordinate_system: str | None = None,
    mapping: Path | None = None,
    keep_faults: Callable[[RowOutcome], None] | None = None,
) -> Totals:
    """Load the areas of a file, replacing those of the same code; returns the totals.

    `keep_faults` gets every row that was refused, or whose outline had to be mended. Raises FileError when the file
    is no GeoJSON or has no code column.
    """
    columns = read_mapping("areas", mapping)
    table = open_features(path)
    require_columns(table.columns, columns, {"代码 code": ("source_key",), "名称 name": ("name",)}, path.name)
    system = coordinate_system or table.coordinate_system or "wgs84"
    areas: dict[str, AreaRow] = {}
    with transaction(engine) as connection:
        gazetteer = gazetteer_of(connection)
    totals = Totals()
    outcomes = [_outcome(Fields(row, columns), kind, system, gazetteer, areas) for row in table.rows]
    with transaction(engine) as connection:
        upsert_areas(connection, list(areas.values()), source_of(connection, source, "areas"))
    totals.add(Tally.of(outcomes))
    totals.check()
    for outcome in outcomes:
        if keep_faults and (outcome.outcome is not Outcome.LINKED or outcome.reason_code):
            keep_faults(outcome)
    return totals


def _outcome(
    fields: Fields, kind: AreaKind, system: str, gazetteer: Gazetteer, areas: dict[str, AreaRow]
) -> RowOutcome:
    """Add the row's area to those read; a row at fault adds nothing."""
    line, key = fields.row.line, fields.text("source_key")
    try:
        if fields.row.fault:
            raise row_fault(fields.row.fault)
        area, mended = _area(fields, kind, system, gazetteer)
        if area.code in areas:
            raise _twice(area.code)
    except FieldError as fault:
        return rejected(line, key, fault)
    areas[area.code] = area
    zh, en = ("边界自相交，已修复。", "the outline crossed itself and was mended.") if mended else ("", "")
    return RowOutcome(line, area.code, Outcome.LINKED, "outline_mended" if mended else "", "geometry", zh, en)


def _area(fields: Fields, kind: AreaKind, system: str, gazetteer: Gazetteer) -> tuple[AreaRow, bool]:
    code, level = fields.text("source_key"), fields.text("level")
    if kind is AreaKind.DIVISION:
        code, level = _division_code(code, gazetteer)
    if not code:
        raise FieldError("key_missing", "code", "the code is empty.", zh="代码为空。", remedy="Fill it in.")
    outline, mended = outline_of(fields.row, system)
    wkt = shapely.to_wkt(outline, rounding_precision=8, output_dimension=2)
    return AreaRow(code, kind.value, fields.text("name"), level or "none", fields.text("parent") or None, wkt), mended


def _division_code(code: str, gazetteer: Gazetteer) -> tuple[str, str]:
    try:
        full = pad(code)
    except CodeError as fault:
        raise FieldError("code_wrong", "code", fault.en, zh=fault.zh, remedy="Give 6, 9 or 12 digits.") from fault
    if gazetteer.get(full) is None and not gazetteer.successors(full):
        raise FieldError(
            "code_unknown",
            "code",
            f"no division has the code {full}.",
            zh=f"没有代码为 {full} 的行政区划。",
            remedy="Correct the code, or load the area with --area-kind custom.",
        )
    return full, level_of(full).value


def outline_of(row: RawRow, system: str) -> tuple[MultiPolygon, bool]:
    """The row's polygons in degrees, EPSG:4326, and whether they had to be mended. Raises FieldError for none."""
    try:
        geometry = shapely.force_2d(shape(row.geometry))
        west, south, east, north = geometry.bounds
        if not (WEST <= west <= east <= EAST and SOUTH <= south <= north <= NORTH):
            raise _outside()
        if system not in ("wgs84", "cgcs2000"):
            geometry = shapely.transform(geometry, lambda xy: np.column_stack(to_wgs84(xy[:, 0], xy[:, 1], system)))
        mended = not geometry.is_valid
        outline = _polygons(shapely.make_valid(geometry))
    except (AttributeError, KeyError, TypeError, ValueError, IndexError, shapely.errors.ShapelyError) as fault:
        raise _nooutline_of() from fault
    if outline.is_empty:
        raise _nooutline_of()
    return outline, mended


def _polygons(geometry: BaseGeometry) -> MultiPolygon:
    """The polygons of a geometry; lines and points that mending a polygon leaves over enclose nothing."""
    parts = getattr(geometry, "geoms", [geometry])
    polygons = [polygon for part in parts for polygon in getattr(part, "geoms", [part])]
    return MultiPolygon([polygon for polygon in polygons if polygon.geom_type == "Polygon"])


def _twice(code: str) -> FieldError:
    return FieldError(
        "duplicate_key",
        "code",
        f"an earlier feature has the code {code}.",
        zh=f"代码 {code} 重复。",
        remedy="Keep one of them, or join them into one multipolygon.",
    )


def _outside() -> FieldError:
    return FieldError(
        "coordinate_outside",
        "geometry",
        "the outline lies outside China.",
        zh="边界不在中国范围内。",
        remedy="Give degrees, longitude first.",
    )


def _nooutline_of() -> FieldError:
    return FieldError(
        "outline_wrong", "geometry", "the feature has no polygon.", zh="该要素没有面状边界。", remedy="Give a Polygon."
    )
