"""The outlines of divisions, as the loaders need them to place a point."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, text

# Of divisions that ended the outline stays; no point lies in them any more.
_OUTLINES = text(
    """
    SELECT a.code, a.level, ST_AsBinary(a.geom) AS outline FROM area a
    WHERE a.kind = 'division' AND (
        NOT EXISTS (SELECT FROM division d WHERE d.code = a.code AND d.until_event IS NULL)
        OR EXISTS (SELECT FROM division d WHERE d.code = a.code AND d.until_event IS NULL AND d.valid_to IS NULL))
    """
)


class DivisionOutline(NamedTuple):
    """A division's code, level and outline: WKB of a MultiPolygon, EPSG:4326."""

    code: str
    level: str
    outline: bytes


def read_division_outlines(connection: Connection) -> list[DivisionOutline]:
    """The divisions that have an outline."""
    rows = connection.execute(_OUTLINES)
    return [DivisionOutline(row.code, row.level, bytes(row.outline)) for row in rows]
