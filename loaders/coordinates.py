"""Longitude and latitude in the systems Chinese data arrives in: WGS-84, CGCS2000, GCJ-02, BD-09.

All angles are degrees, longitude first. The formulae are the publicly known approximations; nothing here is a legal
transformation. GCJ-02 and BD-09 leave points outside China's bounding box as they are. CGCS2000 and WGS-84 differ by
centimetres, far below the precision of an address, and are treated as one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from addressbook.errors import InputError

Array = NDArray[np.float64]

_SEMI_MAJOR_AXIS_M = 6378245.0
"""Krasovsky 1940, the ellipsoid of the obfuscation."""
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_BAIDU_ANGLE = np.pi * 3000.0 / 180.0
_BAIDU_SHIFT = (0.0065, 0.006)
_WEST, _EAST, _SOUTH, _NORTH = 72.004, 137.8347, 0.8293, 55.8271
_TOLERANCE_DEGREES = 1e-10
_MAX_ROUNDS = 30


@overload
def wgs84_to_gcj02(lon: float, lat: float) -> tuple[float, float]: ...
@overload
def wgs84_to_gcj02(lon: Array, lat: Array) -> tuple[Array, Array]: ...
def wgs84_to_gcj02(lon: Any, lat: Any) -> tuple[Any, Any]:
    """GCJ-02 of WGS-84 points, scalars or arrays; points outside China unchanged.

    >>> [round(value, 6) for value in wgs84_to_gcj02(116.404, 39.915)]
    [116.410244, 39.916404]
    """
    return _like(lon, _gcj02(*_arrays(lon, lat)))


@overload
def gcj02_to_wgs84(lon: float, lat: float) -> tuple[float, float]: ...
@overload
def gcj02_to_wgs84(lon: Array, lat: Array) -> tuple[Array, Array]: ...
def gcj02_to_wgs84(lon: Any, lat: Any) -> tuple[Any, Any]:
    """WGS-84 of GCJ-02 points by iteration, to better than 1e-7 degree (1 cm); points outside China unchanged."""
    east, north = _arrays(lon, lat)
    return _like(lon, _inverse(_gcj02, east, north, start=(east, north)))


@overload
def gcj02_to_bd09(lon: float, lat: float) -> tuple[float, float]: ...
@overload
def gcj02_to_bd09(lon: Array, lat: Array) -> tuple[Array, Array]: ...
def gcj02_to_bd09(lon: Any, lat: Any) -> tuple[Any, Any]:
    """BD-09 of GCJ-02 points, scalars or arrays; points outside China unchanged."""
    return _like(lon, _bd09(*_arrays(lon, lat)))


@overload
def bd09_to_gcj02(lon: float, lat: float) -> tuple[float, float]: ...
@overload
def bd09_to_gcj02(lon: Array, lat: Array) -> tuple[Array, Array]: ...
def bd09_to_gcj02(lon: Any, lat: Any) -> tuple[Any, Any]:
    """GCJ-02 of BD-09 points by iteration, to better than 1e-7 degree; points outside China unchanged."""
    east, north = _arrays(lon, lat)
    start = (east - _BAIDU_SHIFT[0], north - _BAIDU_SHIFT[1])
    return _like(lon, _inverse(_bd09, east, north, start=start))


@overload
def to_wgs84(lon: float, lat: float, system: str) -> tuple[float, float]: ...
@overload
def to_wgs84(lon: Array, lat: Array, system: str) -> tuple[Array, Array]: ...
def to_wgs84(lon: Any, lat: Any, system: str) -> tuple[Any, Any]:
    """WGS-84 of points in `system`: wgs84, cgcs2000, gcj02 or bd09, in any case and with or without a hyphen.

    Raises InputError for a system it does not know: a guess would move every point by half a kilometre.
    """
    convert = _TO_WGS84.get(system.lower().replace("-", "").replace("_", "").replace(" ", ""))
    if convert is None:
        raise InputError(
            f"coordinate system {system!r} is not known.",
            zh=f"不认识的坐标系“{system}”。",
            remedy=f"Use one of {', '.join(_TO_WGS84)}.",
        )
    return convert(lon, lat)


def in_china(lon: Array, lat: Array) -> NDArray[np.bool_]:
    """Whether points lie in the bounding box inside which GCJ-02 applies."""
    return (lon >= _WEST) & (lon <= _EAST) & (lat >= _SOUTH) & (lat <= _NORTH)


def _arrays(lon: Any, lat: Any) -> tuple[Array, Array]:
    return np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64)


def _like(original: Any, point: tuple[Array, Array]) -> tuple[Any, Any]:
    """Floats for a scalar question, arrays for an array."""
    if np.ndim(original):
        return point
    return float(point[0]), float(point[1])


def _gcj02(lon: Array, lat: Array) -> tuple[Array, Array]:
    x, y = lon - 105.0, lat - 35.0
    radians = np.radians(lat)
    shrink = 1 - _ECCENTRICITY_SQUARED * np.sin(radians) ** 2
    metres_per_radian_north = _SEMI_MAJOR_AXIS_M * (1 - _ECCENTRICITY_SQUARED) / shrink**1.5
    metres_per_radian_east = _SEMI_MAJOR_AXIS_M / np.sqrt(shrink) * np.cos(radians)
    inside = in_china(lon, lat)
    return (
        np.where(inside, lon + np.degrees(_shift_east_m(x, y) / metres_per_radian_east), lon),
        np.where(inside, lat + np.degrees(_shift_north_m(x, y) / metres_per_radian_north), lat),
    )


def _shift_east_m(x: Array, y: Array) -> Array:
    plain = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * np.sqrt(np.abs(x))
    slow = 20.0 * np.sin(x * np.pi) + 40.0 * np.sin(x / 3.0 * np.pi)
    slower = 150.0 * np.sin(x / 12.0 * np.pi) + 300.0 * np.sin(x / 30.0 * np.pi)
    shift: Array = plain + (_ripple(x) + slow + slower) * 2.0 / 3.0
    return shift


def _shift_north_m(x: Array, y: Array) -> Array:
    plain = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * np.sqrt(np.abs(x))
    slow = 20.0 * np.sin(y * np.pi) + 40.0 * np.sin(y / 3.0 * np.pi)
    slower = 160.0 * np.sin(y / 12.0 * np.pi) + 320.0 * np.sin(y * np.pi / 30.0)
    shift: Array = plain + (_ripple(x) + slow + slower) * 2.0 / 3.0
    return shift


def _ripple(x: Array) -> Array:
    ripple: Array = 20.0 * np.sin(6.0 * x * np.pi) + 20.0 * np.sin(2.0 * x * np.pi)
    return ripple


def _bd09(lon: Array, lat: Array) -> tuple[Array, Array]:
    radius = np.sqrt(lon * lon + lat * lat) + 0.00002 * np.sin(lat * _BAIDU_ANGLE)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _BAIDU_ANGLE)
    inside = in_china(lon, lat)
    return (
        np.where(inside, radius * np.cos(angle) + _BAIDU_SHIFT[0], lon),
        np.where(inside, radius * np.sin(angle) + _BAIDU_SHIFT[1], lat),
    )


def _inverse(
    forward: Callable[[Array, Array], tuple[Array, Array]], lon: Array, lat: Array, *, start: tuple[Array, Array]
) -> tuple[Array, Array]:
    """The point that `forward` takes to (lon, lat): both shifts vary slowly, so correcting by the miss converges."""
    inside = in_china(lon, lat)
    east, north = start
    for _ in range(_MAX_ROUNDS):
        there_lon, there_lat = forward(east, north)
        miss_east, miss_north = np.where(inside, lon - there_lon, 0.0), np.where(inside, lat - there_lat, 0.0)
        east, north = east + miss_east, north + miss_north
        if max(np.max(np.abs(miss_east), initial=0.0), np.max(np.abs(miss_north), initial=0.0)) < _TOLERANCE_DEGREES:
            break
    return np.where(inside, east, lon), np.where(inside, north, lat)


def _unchanged(lon: Any, lat: Any) -> tuple[Any, Any]:
    return _like(lon, _arrays(lon, lat))


def _bd09_to_wgs84(lon: Any, lat: Any) -> tuple[Any, Any]:
    return gcj02_to_wgs84(*bd09_to_gcj02(lon, lat))


_TO_WGS84: dict[str, Callable[[Any, Any], tuple[Any, Any]]] = {
    "wgs84": _unchanged,
    "cgcs2000": _unchanged,
    "gcj02": gcj02_to_wgs84,
    "bd09": _bd09_to_wgs84,
}
