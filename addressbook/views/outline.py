"""An outline somebody draws: a polygon, or a line with a width, checked before anything is asked of the database."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import shapely
from pyproj import CRS, Geod, Transformer
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Point, Polygon, mapping
from shapely.geometry.base import BaseGeometry
from shapely.validation import explain_validity

from addressbook.errors import FieldError

MOST_VERTICES = 10_000
MOST_BUFFER_M = 10_000.0
LONGEST_DEGREES = 2.0
"""How far a line with a width may reach: its width is drawn on a plane, which is off by 1 in 1,000 at most there."""
QUARTER_SEGMENTS = 16
STEPS_OF_A_PIECE, PIECES_AT_ONCE = 8, 64
MOST_CORNERS = 100_000
"""Of what lies around a line: a scribble of hairlines has a hole between any four."""
SMALLEST_AREA_M2 = 1e-4
DECIMALS = 7
"""Of degrees: about a centimetre."""
_GEOD = Geod(ellps="WGS84")
_FIELD = "geometry"
Position = tuple[float, float]


class Outline(NamedTuple):
    """A valid area in WGS-84: the WKB of a MultiPolygon, its box, and its size on the ellipsoid.

    `widened` is the same as GeoJSON where it was drawn here, around a line or a point.
    """

    wkb: bytes
    bbox: list[float]
    area_m2: float
    widened: dict[str, Any] | None = None


def read_outline(geometry: Any, buffer_m: float | None = None) -> Outline:
    """The area of a GeoJSON geometry: of a (Multi)Polygon itself; of a point or (Multi)LineString what lies within
    `buffer_m` metres of it; of a Feature that of its geometry.

    Raises FieldError that names the field, in time that its size bounds: nothing is mended or guessed.
    """
    if not isinstance(geometry, dict):
        raise _fault("bad_geometry", _FIELD, "a geometry is a GeoJSON object.", "几何须为 GeoJSON 对象。")
    if geometry.get("type") == "Feature" and isinstance(geometry.get("geometry"), dict):
        geometry = geometry["geometry"]
    kind = str(geometry.get("type"))
    drawn = geometry.get("coordinates")
    if kind in _AREAS and buffer_m is None:
        return _checked(_AREAS[kind](_Reading(drawn)))
    if kind in _LINES and buffer_m is not None:
        shape = _widened(_LINES[kind](_Reading(drawn)), buffer_m)
        return _checked(shape)._replace(widened=mapping(shapely.transform(shape, lambda at: at.round(DECIMALS))))
    raise _wrong_kind(kind, buffer_m)


def _wrong_kind(kind: str, buffer_m: float | None) -> FieldError:
    if kind in (*_AREAS, *_LINES):
        en = "a polygon has no width" if buffer_m is not None else f"a {kind} needs a width"
        zh = "面状几何不能给缓冲距离" if buffer_m is not None else "点或线须给出缓冲距离"
        return _fault("bad_buffer", "buffer_m", f"{en}.", f"{zh}。", "Points and lines have a buffer_m, polygons none.")
    return _fault(
        "bad_type", f"{_FIELD}.type", "that type encloses no area.", "几何类型不支持。",
        f"Give a {' or '.join(_AREAS)}, or with buffer_m a {', '.join(_LINES)}.",
    )  # fmt: skip


class _Reading:
    """Coordinates of one geometry, read level by level; the number of positions is bounded before any is looked at."""

    def __init__(self, drawn: Any) -> None:
        self.drawn, self._left = drawn, MOST_VERTICES

    def polygons(self) -> list[Polygon]:
        """Of a MultiPolygon."""
        at = f"{_FIELD}.coordinates"
        return [self._polygon(part, f"{at}[{n}]") for n, part in enumerate(self._list(self.drawn, at))]

    def polygon(self) -> list[Polygon]:
        """Of a Polygon."""
        return [self._polygon(self.drawn, f"{_FIELD}.coordinates")]

    def lines(self) -> list[LineString]:
        """Of a MultiLineString."""
        at = f"{_FIELD}.coordinates"
        return [self._line(part, f"{at}[{n}]") for n, part in enumerate(self._list(self.drawn, at))]

    def line(self) -> list[LineString]:
        """Of a LineString."""
        return [self._line(self.drawn, f"{_FIELD}.coordinates")]

    def point(self) -> Point:
        """Of a Point."""
        return Point(self._position(self.drawn, f"{_FIELD}.coordinates"))

    def _polygon(self, rings: Any, at: str) -> Polygon:
        found = [self._ring(ring, f"{at}[{n}]") for n, ring in enumerate(self._list(rings, at))]
        return Polygon(found[0], found[1:])

    def _ring(self, positions: Any, at: str) -> list[Position]:
        ring = self._positions(positions, at)
        if len(ring) < 4 or ring[0] != ring[-1]:
            raise _fault("bad_ring", at, "a ring is closed and has four positions.", "环须首尾相接且不少于四点。")
        if any(abs(a[0] - b[0]) > 180 for a, b in pairwise(ring)):
            raise _fault(
                "antimeridian", at, "the ring crosses the antimeridian.", "环跨越了 180° 经线。",
                "Cut it there in two polygons (RFC 7946, 3.1.9).",
            )  # fmt: skip
        return ring

    def _line(self, positions: Any, at: str) -> LineString:
        line = self._positions(positions, at)
        if len(line) < 2:
            raise _fault("bad_line", at, "a line has two positions or more.", "线至少有两个点。")
        return LineString(line)

    def _positions(self, positions: Any, at: str) -> list[Position]:
        found = self._list(positions, at)
        self._left -= len(found)
        if self._left < 0:
            raise _fault(
                "too_many_vertices", _FIELD, f"an outline has at most {MOST_VERTICES} positions.",
                f"边界点数不得超过 {MOST_VERTICES}。", "Simplify it.",
            )  # fmt: skip
        return [self._position(position, f"{at}[{n}]") for n, position in enumerate(found)]

    @staticmethod
    def _list(value: Any, at: str) -> list[Any]:
        if not isinstance(value, list) or not value or len(value) > MOST_VERTICES:
            raise _fault("bad_coordinates", at, "this is no list, empty, or too long.", "此处应为非空的坐标数组。")
        return value

    @staticmethod
    def _position(position: Any, at: str) -> Position:
        numbers = position if isinstance(position, list) and 2 <= len(position) <= 3 else []
        if not numbers or any(isinstance(n, bool) or not isinstance(n, (int, float)) for n in numbers):
            raise _fault("bad_position", at, "a position is [longitude, latitude].", "坐标应为 [经度, 纬度]。")
        lon, lat = position[0], position[1]
        if not (-180 <= lon <= 180 and -90 <= lat <= 90):  # false of NaN too
            raise _fault(
                "out_of_range", at, "longitude and latitude are degrees of WGS-84.", "经纬度超出范围。",
                "Longitude comes first: -180 to 180, then latitude: -90 to 90.",
            )  # fmt: skip
        return float(lon), float(lat)


_AREAS: dict[str, Callable[[_Reading], BaseGeometry]] = {
    "Polygon": lambda reading: MultiPolygon(reading.polygon()),
    "MultiPolygon": lambda reading: MultiPolygon(reading.polygons()),
}
_LINES: dict[str, Callable[[_Reading], BaseGeometry]] = {
    "LineString": lambda reading: MultiLineString(reading.line()),
    "MultiLineString": lambda reading: MultiLineString(reading.lines()),
    "Point": lambda reading: reading.point(),
}


def _widened(shape: BaseGeometry, buffer_m: float) -> BaseGeometry:
    """What lies within so many metres of it, drawn on a plane whose distances are true from its middle."""
    if not (0 < buffer_m <= MOST_BUFFER_M):
        raise _fault(
            "bad_buffer", "buffer_m", f"a width is more than 0 and at most {MOST_BUFFER_M:.0f} metres.",
            f"缓冲距离应大于 0 且不超过 {MOST_BUFFER_M:.0f} 米。",
        )  # fmt: skip
    west, south, east, north = shape.bounds
    if max((east - west) * math.cos(math.radians((south + north) / 2)), north - south) > LONGEST_DEGREES:
        raise _fault(
            "too_long", _FIELD, f"a line with a width reaches over at most {LONGEST_DEGREES:.0f} degrees.",
            f"带缓冲的线跨度不得超过 {LONGEST_DEGREES:.0f} 度。", "Ask for its parts.",
        )  # fmt: skip
    if max(abs(west), abs(east)) > 179 or max(abs(south), abs(north)) > 85:
        raise _fault(
            "out_of_range",
            _FIELD,
            "a width cannot be drawn at the antimeridian or a pole.",
            "无法在 180° 经线或极点附近缓冲。",
        )
    plane = CRS.from_proj4(f"+proj=aeqd +lat_0={(south + north) / 2} +lon_0={(west + east) / 2} +datum=WGS84")
    there = Transformer.from_crs("EPSG:4326", plane, always_xy=True)
    flat = shapely.transform(shape, there.transform, interleaved=False)
    back = shapely.transform(
        _around(flat, buffer_m), lambda x, y: there.transform(x, y, direction="INVERSE"), interleaved=False
    )
    return back if back.geom_type == "MultiPolygon" else MultiPolygon([back])


def _around(flat: BaseGeometry, buffer_m: float) -> BaseGeometry:
    """What lies within so many metres, drawn piece by piece and put together.

    Around a whole line it would be taken apart wherever the line comes near itself: minutes for a route of thousands
    of steps in one street, which nothing could end meanwhile.
    """
    pieces = [*_pieces(flat)]
    drawn: BaseGeometry = MultiPolygon()
    for start in range(0, len(pieces), PIECES_AT_ONCE):
        found = shapely.buffer(pieces[start : start + PIECES_AT_ONCE], buffer_m, quad_segs=QUARTER_SEGMENTS)
        drawn = shapely.union(drawn, shapely.union_all(found))
        if shapely.get_num_coordinates(drawn) > MOST_CORNERS:
            raise _fault(
                "too_intricate", _FIELD, f"what lies around the line has more than {MOST_CORNERS} corners.",
                f"线的缓冲区过于复杂，超过 {MOST_CORNERS} 个角点。", "Ask for its parts, or for a larger width.",
            )  # fmt: skip
    return drawn


def _pieces(flat: BaseGeometry) -> Iterator[BaseGeometry]:
    """Lines of a few steps, each from where the one before ends; a point as it is."""
    for part in shapely.get_parts(flat):
        corners = shapely.get_coordinates(part)
        for start in range(0, max(len(corners) - 1, 1), STEPS_OF_A_PIECE):
            piece = corners[start : start + STEPS_OF_A_PIECE + 1]
            yield LineString(piece) if len(piece) > 1 else Point(piece[0])


def _checked(shape: BaseGeometry) -> Outline:
    if not shape.is_valid:
        why = explain_validity(shape)  # Self-intersection[120.25 30.15]
        where = why.partition("[")[2].rstrip("]").replace(" ", "，")
        raise _fault(
            "bad_outline", _FIELD, f"the outline crosses itself: {why}.",
            f"边界自相交或相互重叠，在（{where}）附近。", "Rings must not cross, parts not overlap.",
        )  # fmt: skip
    area = abs(_GEOD.geometry_area_perimeter(shapely.orient_polygons(shape))[0])
    if area < SMALLEST_AREA_M2:
        raise _fault("no_area", _FIELD, "the outline encloses nothing.", "边界没有面积。")
    return Outline(shapely.to_wkb(shape), [round(edge, DECIMALS) for edge in shape.bounds], round(area, 1))


def _fault(code: str, field: str, en: str, zh: str, remedy: str = "") -> FieldError:
    return FieldError(code, field, en, zh=zh, remedy=remedy)
