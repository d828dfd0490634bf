# mypy: disable-error-code="no-untyped-call"
"""Invented outlines for real divisions: communities tile their town, towns tile the county.

Everything is built from the bottom: communities are the cells of one Voronoi diagram, their shared edges are roughened
once and used by both sides, towns and the county are unions of communities. So there are no gaps and no overlaps by
construction. The outlines do not depend on the sample's seed: the same district is drawn every time.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import shapely
from shapely.geometry import MultiPoint, MultiPolygon, Point, Polygon

from loaders.sample.drawing import Draw
from loaders.sample.outlines import Ring, cells_of, roughened, signed_area

CENTRE = (120.29, 30.13)
HALF_WIDTH, HALF_HEIGHT = 0.27, 0.19
"""Degrees. With the roughness below the county stays inside 120.0-120.6 E, 29.9-30.35 N."""
_SEED = "outlines"
_RELAXATIONS = 6
_CELL_ASPECT = 0.866
"""cos 30°: a degree of longitude is that much shorter than one of latitude, so cells look round on a map."""
SITE_REACH, NEAR_REACH = 0.7, 0.2
"""Points keep within 0.9 of the way from the centre to the edge, which the roughening of edges never touches."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A division with its invented outline, in degrees WGS-84."""

    code: str
    name: str
    level: str
    parent_code: str
    shape: Polygon | MultiPolygon


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a community's addresses may lie: the convex cell its outline was drawn from."""

    centre: tuple[float, float]
    corners: Ring
    inner_radius: float

    def point(self, draw: Draw) -> tuple[float, float]:
        """A point for a site, well inside the outline."""
        (x, y), corners = self.centre, self.corners
        at = int(draw.random() * len(corners))
        (ax, ay), (bx, by) = corners[at - 1], corners[at]
        reach, share = SITE_REACH * math.sqrt(draw.random()), draw.random()
        edge_x, edge_y = ax + (bx - ax) * share, ay + (by - ay) * share
        return x + (edge_x - x) * reach, y + (edge_y - y) * reach

    def near(self, site: tuple[float, float], draw: Draw, radius: float) -> tuple[float, float]:
        """A point within `radius` degrees of a site's point, still inside the outline."""
        reach = min(radius, NEAR_REACH * self.inner_radius) * math.sqrt(draw.random())
        angle = 2 * math.pi * draw.random()
        return site[0] + reach * math.cos(angle), site[1] + reach * math.sin(angle)


@dataclass(frozen=True, slots=True)
class Geography:
    """The outlines of all divisions, county first, and the cell of each community by code."""

    outlines: tuple[Outline, ...]
    cells: dict[str, Cell]


def draw_geography(
    county: tuple[str, str, str], towns: Sequence[tuple[str, str]], communities: Mapping[str, Sequence[tuple[str, str]]]
) -> Geography:
    """Outlines for a county (code, name, parent code), its towns (code, name) and their communities (code, name).

    Towns called 街道 come to lie in the middle. Every town needs at least one community.
    """
    draw = Draw(_SEED)
    homes = dict(zip((code for code, _ in _centre_first(towns)), _town_seeds(len(towns), draw), strict=True))
    seeds: list[tuple[float, float]] = []
    town_cells = _voronoi_within(list(homes.values()), _invented_outline())
    for code, cell in zip(homes, town_cells, strict=True):
        seeds += _spread(cell, len(communities[code]), draw)
    order = [(code, name, town) for town in homes for code, name in communities[town]]
    rings = cells_of(seeds, _fence(_invented_outline(), len(seeds)))
    shapes = [Polygon(ring) for ring in roughened(rings, Draw(_SEED))]
    lowest = [Outline(c, n, "community", t, s) for (c, n, t), s in zip(order, shapes, strict=True)]
    middle = [Outline(c, n, "town", county[0], _union(lowest, c)) for c, n in towns]
    top = Outline(county[0], county[1], "county", county[2], _union(middle, county[0]))
    cells = {code: _cell(ring) for (code, _, _), ring in zip(order, rings, strict=True)}
    return Geography((top, *middle, *lowest), cells)


def _centre_first(towns: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(towns, key=lambda town: (not town[1].endswith("街道"), town[0]))


def _invented_outline() -> Polygon:
    """A lumpy ellipse: the county's rough shape."""

    def at(angle: float) -> tuple[float, float]:
        swell = 1 + 0.08 * math.sin(3 * angle + 1) + 0.05 * math.sin(5 * angle) + 0.02 * math.sin(11 * angle)
        return CENTRE[0] + HALF_WIDTH * swell * math.cos(angle), CENTRE[1] + HALF_HEIGHT * swell * math.sin(angle)

    return Polygon([at(math.tau * step / 180) for step in range(180)])


def _town_seeds(count: int, draw: Draw) -> list[tuple[float, float]]:
    """Spread over the county, those nearest its centre first."""
    seeds = _spread(_invented_outline(), count, draw)
    return sorted(seeds, key=lambda p: math.hypot((p[0] - CENTRE[0]) * _CELL_ASPECT, p[1] - CENTRE[1]))


def _spread(area: Polygon, count: int, draw: Draw) -> list[tuple[float, float]]:
    """`count` points spread evenly over an area: random ones, moved to the centres of their cells a few times."""
    west, south, east, north = area.bounds
    points: list[tuple[float, float]] = []
    while len(points) < count:
        point = (west + (east - west) * draw.random(), south + (north - south) * draw.random())
        if area.contains(Point(point)):
            points.append(point)
    for _ in range(_RELAXATIONS if count > 1 else 0):
        centres = [cell.centroid for cell in _voronoi_within(points, area)]
        points = [(centre.x, centre.y) for centre in centres]
    return points


def _voronoi_within(points: Sequence[tuple[float, float]], area: Polygon) -> list[Polygon]:
    """The part of `area` nearest each point, in the order of the points."""
    if len(points) == 1:
        return [area]
    diagram = shapely.voronoi_polygons(MultiPoint(points), extend_to=area, ordered=True)
    return [_largest(cell.intersection(area)) for cell in diagram.geoms]


def _largest(shape: Polygon | MultiPolygon) -> Polygon:
    largest: Polygon = max(getattr(shape, "geoms", [shape]), key=lambda part: part.area)
    return largest


def _fence(area: Polygon, count: int) -> list[tuple[float, float]]:
    """Points round the outside, as dense as the communities inside, whose cells cut those of the border off."""
    spacing = math.sqrt(area.area / max(count, 12))
    ring = area.buffer(spacing / 2).exterior
    steps = max(24, int(ring.length / spacing))
    return [(p.x, p.y) for p in (ring.interpolate(step / steps, normalized=True) for step in range(steps))]


def _union(parts: Iterable[Outline], parent_code: str) -> Polygon | MultiPolygon:
    union = shapely.union_all([part.shape for part in parts if part.parent_code == parent_code])
    oriented: Polygon | MultiPolygon = shapely.orient_polygons(union)
    return oriented


def _cell(ring: Ring) -> Cell:
    shape = Polygon(ring)
    centre = shape.centroid
    corners = ring if signed_area(ring) > 0 else ring[::-1]
    return Cell((centre.x, centre.y), corners, shape.exterior.distance(centre))
