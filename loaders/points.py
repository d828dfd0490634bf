"""Coordinates of a row: read, converted to WGS-84, and checked against China and the boundaries that are loaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from shapely import STRtree
from shapely.geometry.base import BaseGeometry

from addressbook.errors import FieldError
from addressbook.model import Level
from loaders.coordinates import to_wgs84
from loaders.fields import Fields

WEST, EAST, SOUTH, NORTH = 73.0, 136.0, 3.0, 54.0
TOLERANCE_DEGREES = 0.02
"""About two kilometres: outlines are drawn coarsely, and old points miss by several hundred metres."""

Point = tuple[float, float]


def read_points(rows: Sequence[Fields], system: str) -> list[Point | FieldError | None]:
    """The point of each row in degrees, EPSG:4326; None where it has none.

    In its place the fault, when it is not two numbers, lies outside China, or has longitude and latitude swapped. All
    are converted at once: one by one takes a hundred times as long.
    """
    points = [_as_received(fields) for fields in rows]
    whole = [point for point in points if isinstance(point, tuple)]
    if whole:
        lon, lat = np.array(whole, dtype=np.float64).T
        lons, lats = to_wgs84(lon, lat, system)
        converted = iter(zip(lons.tolist(), lats.tolist(), strict=True))
        points = [next(converted) if isinstance(point, tuple) else point for point in points]
    return points


def _as_received(fields: Fields) -> Point | FieldError | None:
    try:
        point = fields.row.point or _from_columns(fields)
        if point is not None and not (WEST <= point[0] <= EAST and SOUTH <= point[1] <= NORTH):
            raise _outside_china(*point)
    except FieldError as fault:
        return fault
    return point


def _from_columns(fields: Fields) -> Point | None:
    lon, lat = fields.text("lon"), fields.text("lat")
    if not lon and not lat:
        return None
    try:
        return _degrees(lon), _degrees(lat)
    except ValueError:
        raise FieldError(
            "coordinate_wrong",
            "lon,lat",
            f"{fields.quoted(lon)!r}, {fields.quoted(lat)!r} are not two numbers in degrees.",
            zh=f"经纬度“{fields.quoted(lon)}，{fields.quoted(lat)}”不是数值。",
            remedy="Write decimal degrees, e.g. 120.27, 30.16.",
        ) from None


def _degrees(cell: str) -> float:
    if "_" in cell:  # Python would read 1_20 as 120
        raise ValueError(cell)
    return float(cell)


def _outside_china(lon: float, lat: float) -> FieldError:
    swapped = WEST <= lat <= EAST and SOUTH <= lon <= NORTH
    return FieldError(
        "coordinate_swapped" if swapped else "coordinate_outside",
        "lon,lat",
        f"{lon:g}, {lat:g} lies outside China.",
        zh=f"坐标 {lon:g}，{lat:g} 不在中国范围内。",
        remedy="Longitude and latitude are swapped." if swapped else "Give degrees, longitude first.",
    )


@dataclass(frozen=True, slots=True)
class Boundary:
    """The outline of a division, in degrees, EPSG:4326."""

    code: str
    level: Level
    outline: BaseGeometry


@dataclass(slots=True)
class Boundaries:
    """The outlines loaded, to tell which division a point lies in and whether it is far from where it should be."""

    all: list[Boundary]
    _tree: STRtree = field(init=False)
    _by_code: dict[str, Boundary] = field(init=False)

    def __post_init__(self) -> None:
        shapely.prepare([boundary.outline for boundary in self.all])
        self._tree = STRtree([boundary.outline for boundary in self.all])
        self._by_code = {boundary.code: boundary for boundary in self.all}

    def containing(self, point: Point) -> Boundary | None:
        """The deepest division whose outline holds the point."""
        found = [self.all[number] for number in self._tree.query(shapely.Point(point), predicate="intersects")]
        return max(found, key=lambda boundary: boundary.level.rank, default=None)

    def far_from(self, division_code: str, point: Point) -> bool:
        """Whether the point lies over two kilometres outside the division; False where no outline is known."""
        boundary = self._of(division_code)
        if boundary is None or shapely.contains_xy(boundary.outline, *point):
            return False
        return _lies_far_outside(boundary, point)

    def all_far_from(self, division_codes: Sequence[str], points: Sequence[Point]) -> list[bool]:
        """The same of many points, each with its division: asked one by one it takes twenty times as long."""
        far = [False] * len(points)
        by_outline: dict[str, list[int]] = {}
        for number, code in enumerate(division_codes):
            by_outline.setdefault(code, []).append(number)
        for code, numbers in by_outline.items():
            boundary = self._of(code)
            if boundary is not None:
                for number in self._far(boundary, np.array([points[n] for n in numbers]), numbers):
                    far[number] = True
        return far

    def _of(self, division_code: str) -> Boundary | None:
        """The outline of a division, or of the next one above it that has one."""
        codes = (division_code, f"{division_code[:9]}000", f"{division_code[:6]}000000")
        return next((self._by_code[code] for code in codes if code in self._by_code), None)

    @staticmethod
    def _far(boundary: Boundary, points: np.ndarray[Any, np.dtype[np.float64]], numbers: list[int]) -> list[int]:
        inside = shapely.contains_xy(boundary.outline, points)  # the usual case, and ten times cheaper
        return [
            number
            for number, point, is_inside in zip(numbers, points, inside, strict=True)
            if not is_inside and _lies_far_outside(boundary, point)
        ]


def _lies_far_outside(boundary: Boundary, point: Point) -> bool:
    return not shapely.dwithin(boundary.outline, shapely.Point(point), TOLERANCE_DEGREES)


def outside_areas(point: Point) -> FieldError:
    """The error of a row without an address whose point lies in none of the outlines."""
    return FieldError(
        "coordinate_outside_areas",
        "lon,lat",
        f"{point[0]:.6f}, {point[1]:.6f} lies in none of the loaded areas, and there is no address.",
        zh=f"坐标 {point[0]:.6f}，{point[1]:.6f} 不在任何已载入的区域内，且没有地址。",
        remedy="Correct the point, or give an address.",
    )
