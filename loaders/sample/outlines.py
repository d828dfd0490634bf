# mypy: disable-error-code="no-untyped-call"
"""Cells with shared edges: a bounded Voronoi diagram, and edges roughened the same way for both neighbours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

import shapely
from shapely.geometry import MultiPoint, Polygon

from loaders.sample.drawing import Draw

XY = tuple[float, float]
Ring = tuple[XY, ...]
"""Corners of a polygon, the first not repeated at the end."""

_DECIMALS = 7
"""Of a degree: 1 cm. Rounding corners once, before edges are shared, keeps both sides identical."""
_SPLITS = 3
_ROUGHNESS = 0.07
_MAX_SHIFT = 0.045
"""Of the neighbours' inner radius, per split; three halving splits together stay under 0.08 of it."""


def cells_of(seeds: Sequence[XY], fence: Sequence[XY]) -> list[Ring]:
    """The Voronoi cell of each seed, counter-clockwise, among seeds and fence; the fence's own cells are dropped."""
    diagram = shapely.voronoi_polygons(MultiPoint([*seeds, *fence]), ordered=True)
    return [_ring(cell) for cell in list(diagram.geoms)[: len(seeds)]]


def roughened(rings: Sequence[Ring], draw: Draw) -> list[Ring]:
    """The rings with every edge turned into a wavering line, one line per pair of neighbours."""
    reach = _reach_of_edges(rings)
    lines = {edge: _wavering(edge, radius, draw) for edge, radius in reach.items()}
    return [_rejoined(ring, lines) for ring in rings]


def signed_area(ring: Ring) -> float:
    """Positive when the ring runs counter-clockwise (RFC 7946 outer rings)."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:] + ring[:1], strict=True)) / 2


def _ring(cell: Polygon) -> Ring:
    corners: list[XY] = []
    for x, y in shapely.orient_polygons(cell).exterior.coords[:-1]:
        corner = (round(x, _DECIMALS), round(y, _DECIMALS))
        if corner not in corners:
            corners.append(corner)
    return tuple(corners)


def _edges(ring: Ring) -> list[tuple[XY, XY]]:
    return list(zip(ring, ring[1:] + ring[:1], strict=True))


def _reach_of_edges(rings: Sequence[Ring]) -> dict[tuple[XY, XY], float]:
    """Each edge once (smaller corner first) with the smaller inner radius of its neighbours, in degrees."""
    reach: dict[tuple[XY, XY], float] = {}
    for ring in rings:
        shape = Polygon(ring)
        radius = shape.exterior.distance(shape.centroid)
        for a, b in _edges(ring):
            edge = (min(a, b), max(a, b))
            reach[edge] = min(radius, reach.get(edge, math.inf))
    return reach


def _wavering(edge: tuple[XY, XY], radius: float, draw: Draw) -> list[XY]:
    """Midpoint displacement: the line from edge[0] to edge[1] in 2^splits pieces, ends unmoved."""
    line = [edge[0], edge[1]]
    limit = _MAX_SHIFT * radius
    for _ in range(_SPLITS):
        line = [line[0], *(p for a, b in pairwise(line) for p in (_bent(a, b, limit, draw), b))]
        limit /= 2
    return line


def _bent(a: XY, b: XY, limit: float, draw: Draw) -> XY:
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = math.hypot(dx, dy)
    shift = min(_ROUGHNESS * length, limit) * (2 * draw.random() - 1) / (length or 1)
    x, y = (a[0] + b[0]) / 2 - dy * shift, (a[1] + b[1]) / 2 + dx * shift
    return round(x, _DECIMALS), round(y, _DECIMALS)


def _rejoined(ring: Ring, lines: dict[tuple[XY, XY], list[XY]]) -> Ring:
    corners: list[XY] = []
    for a, b in _edges(ring):
        line = lines[(min(a, b), max(a, b))]
        way = line if line[0] == a else line[::-1]
        corners += [p for p in way[:-1] if not corners or p != corners[-1]]
    return tuple(corners)
