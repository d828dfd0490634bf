"""The oracle of the roll-ups: everything counted again from the links and addresses, slowly and independently."""

from __future__ import annotations

from sqlalchemy import Connection

from addressbook.store.engine import driver_of
from addressbook.store.loading import RollupKey

_RECOUNT = """
    SELECT division_code, element_kind, role, category, month, (aid IS NOT NULL)::int, count(*)
    FROM link WHERE closed_at IS NULL GROUP BY 1, 2, 3, 4, 5, 6
    UNION ALL
    SELECT division_code, 'address', '', kind, date '0001-01-01', 1, count(*)
    FROM address WHERE state IN ('provisional', 'current') GROUP BY 1, 4
"""
_KEPT = "SELECT community_code, kind, role, category, month, located, count FROM rollup WHERE count <> 0"


def recount(connection: Connection) -> dict[RollupKey, int]:
    """What the counts should be."""
    return {RollupKey(*row[:6]): row[6] for row in driver_of(connection).execute(_RECOUNT)}


def check_rollups(connection: Connection) -> list[tuple[RollupKey, int, int]]:
    """(key, kept, recounted) wherever the kept count is wrong; empty when all agree."""
    kept = {RollupKey(*row[:6]): row[6] for row in driver_of(connection).execute(_KEPT)}
    true = recount(connection)
    keys = sorted(kept.keys() | true.keys())
    return [(key, kept.get(key, 0), true.get(key, 0)) for key in keys if kept.get(key, 0) != true.get(key, 0)]
