"""The outlines of divisions, as the loaders need them to place a point."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, text

_OUTLINES = text("SELECT code, level, ST_AsBinary(geom) AS outline FROM area WHERE kind = 'division'")


class DivisionOutline(NamedTuple):
    """A division's code, level and outline: WKB of a MultiPolygon, EPSG:4326."""

    code: str
    level: str
    outline: bytes


def read_division_outlines(connection: Connection) -> list[DivisionOutline]:
    """The divisions that have an outline."""
    rows = connection.execute(_OUTLINES)
    return [DivisionOutline(row.code, row.level, bytes(row.outline)) for row in rows]
