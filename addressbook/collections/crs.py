"""Coordinate reference systems: which are served, which way round their axes are, and boxes and geometries out of them.

Everything is kept as longitude and latitude in EPSG:4326; CGCS2000 (EPSG:4490) differs from it by less than a tenth of
a metre, as PROJ has it too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import shapely
from pyproj import Transformer
from shapely import Geometry
from shapely.geometry import box, shape

from addressbook.errors import FieldError

STORED = 4326
MOST_POSITIONS = 5_000


@dataclass(frozen=True, slots=True)
class Crs:
    """A CRS: its URI, its number at EPSG, whether its first axis is the northward one, and decimals that matter."""

    uri: str
    srid: int
    north_first: bool
    decimals: int = 7


_EPSG = "http://www.opengis.net/def/crs/EPSG/0/"
CRS84 = Crs("http://www.opengis.net/def/crs/OGC/1.3/CRS84", STORED, north_first=False)
SERVED = (
    CRS84,
    Crs(f"{_EPSG}4326", STORED, north_first=True),
    Crs(f"{_EPSG}4490", 4490, north_first=True),
    Crs(f"{_EPSG}3857", 3857, north_first=False, decimals=3),
)
BY_URI = {found.uri: found for found in SERVED}


def crs_of(uri: str | None, field: str) -> Crs:
    """The CRS of a URI; CRS84 where none is given. Raises FieldError for one that is not served.

    >>> crs_of("http://www.opengis.net/def/crs/EPSG/0/4490", "crs").north_first
    True
    """
    found = CRS84 if uri is None else BY_URI.get(uri.removeprefix("[").removesuffix("]"))
    if found is None:
        raise FieldError(
            "unknown_crs", field, f"{field} is not a CRS that is served here.", zh=f"不支持 {field} 给出的坐标系。",
            remedy=f"Give one of {', '.join(BY_URI)}.",
        )  # fmt: skip
    return found


def box_of(text: str, crs: Crs, field: str = "bbox") -> Geometry:
    """A box of 4 or 6 numbers as longitudes and latitudes: two boxes where it crosses the antimeridian.

    Raises FieldError.

    >>> box_of("170,-10,-170,10", CRS84).geom_type
    'MultiPolygon'
    """
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in (4, 6) or not all(map(math.isfinite, numbers)):
        raise _bad(field, "is not four or six numbers", "应为四个或六个数字")
    half = len(numbers) // 2
    return _degrees(numbers[:2], numbers[half : half + 2], crs, field)


def _degrees(low: list[float], high: list[float], crs: Crs, field: str) -> Geometry:
    (west, south), (east, north) = (_lon_lat(x, y, crs) for x, y in (low, high))
    if not (abs(west) <= 180 and abs(east) <= 180 and -90 <= south <= 90 and -90 <= north <= 90):
        raise _bad(field, "is out of range", "超出范围")
    if south > north:
        raise _bad(field, "has its south above its north", "南北颠倒")
    if west <= east:
        return box(west, south, east, north)
    return shapely.MultiPolygon([box(west, south, 180, north), box(-180, south, east, north)])


def _lon_lat(first: Any, second: Any, crs: Crs) -> tuple[Any, Any]:
    x, y = (second, first) if crs.north_first else (first, second)
    return _to_stored(crs.srid).transform(x, y) if crs.srid == 3857 else (x, y)


@cache
def _to_stored(srid: int) -> Any:
    return Transformer.from_crs(srid, STORED, always_xy=True)


def geometry_of(geojson: dict[str, Any], crs: Crs, field: str) -> Geometry:
    """A geometry literal (GeoJSON, or {"bbox": […]}) as longitudes and latitudes. Raises FieldError."""
    if "bbox" in geojson:
        return box_of(",".join(map(str, geojson["bbox"])), crs, field)
    _need_few(geojson, field)
    try:
        found = shape(geojson)
        turned = shapely.transform(shapely.force_2d(found), lambda x, y: _lon_lat(x, y, crs), interleaved=False)
    except (shapely.GEOSException, ValueError, TypeError, KeyError, IndexError, AttributeError):
        raise _bad(field, "has a geometry that is none", "中的几何无法识别") from None
    if turned.is_empty or not turned.is_valid:
        raise _bad(field, "has a geometry that is empty or crosses itself", "中的几何为空或自相交")
    west, south, east, north = turned.bounds
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        raise _bad(field, "has a geometry out of range", "中的几何超出范围")
    return turned


def _need_few(geojson: Any, field: str) -> None:
    """Raise FieldError where a geometry has more numbers than anybody draws."""
    waiting, numbers = [geojson], 0
    while waiting:
        found = waiting.pop()
        if isinstance(found, dict):
            waiting.extend(found.values())
        elif isinstance(found, list):
            waiting.extend(found)
        elif not isinstance(found, str):
            numbers += 1
            if not isinstance(found, int | float) or not math.isfinite(found):
                raise _bad(field, "has a coordinate that is no number", "中的坐标不是数字")
        if numbers > 2 * MOST_POSITIONS:
            raise _bad(field, f"has a geometry of more than {MOST_POSITIONS} positions", "中的几何过于复杂")


def _bad(field: str, en: str, zh: str) -> FieldError:
    return FieldError(f"bad_{field.replace('-', '_')}", field, f"{field} {en}.", zh=f"{field} {zh}。")
