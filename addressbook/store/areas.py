"""Writing areas: anything with a boundary that is aggregated over."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from addressbook.store.engine import driver_of


class AreaRow(NamedTuple):
    """An area; `outline` is the WKT of a MultiPolygon, EPSG:4326."""

    code: str
    kind: str
    name: str
    level: str
    parent_code: str | None
    outline: str


def upsert_areas(connection: Connection, areas: Sequence[AreaRow], source_id: int) -> None:
    """Insert areas, or replace those of the same code where something changed."""
    with driver_of(connection).cursor() as cursor:
        cursor.executemany(
            "INSERT INTO area (code, kind, name, level, parent_code, geom, source_id)"
            " VALUES (%s, %s, %s, %s, %s, ST_GeomFromText(%s, 4326), %s)"
            " ON CONFLICT (code) DO UPDATE SET kind = excluded.kind, name = excluded.name, level = excluded.level,"
            " parent_code = excluded.parent_code, geom = excluded.geom, source_id = excluded.source_id,"
            " loaded_at = excluded.loaded_at",
            [(*area, source_id) for area in areas],
        )
