"""Claims about coordinate systems."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, strategies as st

from addressbook.errors import InputError
from loaders import coordinates

# Well inside the box in which GCJ-02 applies, so that no shift crosses its border.
LONGITUDES = st.floats(74, 135)
LATITUDES = st.floats(3, 53)
POINT = (116.404, 39.915)


def test_the_published_test_point_of_gcj02() -> None:
    assert coordinates.wgs84_to_gcj02(*POINT) == pytest.approx((116.41024449916938, 39.91640428150164), abs=1e-12)


def test_the_published_test_point_of_bd09() -> None:
    assert coordinates.gcj02_to_bd09(*POINT) == pytest.approx((116.41036949371029, 39.92133699351021), abs=1e-12)


def test_the_published_one_step_inverses_agree_to_a_decimetre() -> None:
    assert coordinates.bd09_to_gcj02(*POINT) == pytest.approx((116.39762729119315, 39.90865673957631), abs=1e-6)
    assert coordinates.gcj02_to_wgs84(*POINT) == pytest.approx((116.39775550083061, 39.91359571849836), abs=1e-6)


@given(LONGITUDES, LATITUDES)
def test_gcj02_goes_there_and_back(lon: float, lat: float) -> None:
    assert coordinates.gcj02_to_wgs84(*coordinates.wgs84_to_gcj02(lon, lat)) == pytest.approx((lon, lat), abs=1e-7)
    assert coordinates.wgs84_to_gcj02(*coordinates.gcj02_to_wgs84(lon, lat)) == pytest.approx((lon, lat), abs=1e-7)


@given(LONGITUDES, LATITUDES)
def test_bd09_goes_there_and_back(lon: float, lat: float) -> None:
    assert coordinates.bd09_to_gcj02(*coordinates.gcj02_to_bd09(lon, lat)) == pytest.approx((lon, lat), abs=1e-7)


@given(LONGITUDES, LATITUDES)
def test_every_system_leads_back_to_wgs84(lon: float, lat: float) -> None:
    gcj02 = coordinates.wgs84_to_gcj02(lon, lat)
    for system, point in {"GCJ-02": gcj02, "bd09": coordinates.gcj02_to_bd09(*gcj02), "CGCS2000": (lon, lat)}.items():
        assert coordinates.to_wgs84(*point, system) == pytest.approx((lon, lat), abs=1e-7)


@given(st.lists(st.tuples(LONGITUDES, LATITUDES), max_size=20))
def test_arrays_and_scalars_agree(points: list[tuple[float, float]]) -> None:
    places = np.array(points, dtype=np.float64).reshape(-1, 2)
    lon, lat = coordinates.to_wgs84(places[:, 0], places[:, 1], "gcj02")
    for index, point in enumerate(points):
        assert (lon[index], lat[index]) == pytest.approx(coordinates.to_wgs84(*point, "gcj02"), abs=1e-9)


@pytest.mark.parametrize("point", [(0.0, 0.0), (-122.4, 37.8), (139.7, 35.7), (151.2, -33.9)])
def test_points_outside_china_stay_where_they_are(point: tuple[float, float]) -> None:
    assert coordinates.wgs84_to_gcj02(*point) == point
    assert coordinates.gcj02_to_wgs84(*point) == point
    assert coordinates.gcj02_to_bd09(*point) == point
    assert coordinates.to_wgs84(*point, "bd09") == point


def test_gcj02_moves_a_point_of_xiaoshan_by_half_a_kilometre() -> None:
    lon, lat = coordinates.wgs84_to_gcj02(120.27, 30.17)
    assert 300 < np.hypot((lon - 120.27) * 96_000, (lat - 30.17) * 111_000) < 700


def test_an_unknown_system_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(InputError, match="gcj02"):
        coordinates.to_wgs84(120.0, 30.0, "mars")
