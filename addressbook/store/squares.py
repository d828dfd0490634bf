"""Squares of each division in which everything is counted already, so that an outline needs points at its edge only.

They are exact or stale, never wrong: a transaction that changes what a division counts, or moves a point in it, marks
it stale; until its squares are counted anew, it is counted point by point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import floor
from typing import Any

from sqlalchemy import Connection, Engine

from addressbook.store.engine import driver_of, take_your_time, transaction
from addressbook.store.statements import statement

TOP = 10
"""So many addresses with the most events are kept of a square: of squares put together those of the whole are among
them."""
FINEST_STEP, FINEST = 3, 1600
"""The finest squares, and how many of them make a degree; each coarser step has a quarter as many."""
Difference = tuple[str, tuple[Any, ...], int, int]
_MARK = (
    "INSERT INTO area_tiling AS t (division_code, stale_since)"
    " SELECT code, clock_timestamp() FROM unnest(%s::text[]) AS code ORDER BY code"
    " ON CONFLICT (division_code) DO UPDATE SET stale_since = excluded.stale_since"
)
_OF_EVENT = (
    "SELECT DISTINCT division_code FROM address WHERE event_id = %s"
    " UNION SELECT DISTINCT division_code FROM address_version WHERE until_event = %s"
)
_WAITING = (
    "SELECT division_code FROM area_tiling WHERE stale_since < clock_timestamp() - make_interval(secs => %s)"
    " ORDER BY stale_since"
)
_LOCK = "SELECT FROM area_tiling WHERE division_code = %s AND stale_since IS NOT NULL FOR UPDATE"
_DROP = "DELETE FROM area_tile WHERE division_code = %s"
_FRESH = "SELECT division_code FROM area_tiling WHERE stale_since IS NULL ORDER BY 1"
_ROWS = """
    WITH placed AS MATERIALIZED (
        SELECT site_id, aid, kind, ST_X(geom) AS lon, ST_Y(geom) AS lat FROM address
        WHERE division_code = %s AND state IN ('provisional', 'current') AND geom IS NOT NULL
    )
    SELECT aid, lon, lat, 'address', '', kind, DATE '0001-01-01' FROM placed
    UNION ALL
    SELECT p.aid, p.lon, p.lat, l.element_kind, l.role, l.category, l.month FROM placed p
    JOIN link l ON l.site_id = p.site_id AND l.aid = p.aid WHERE l.closed_at IS NULL
"""
_KEPT = "SELECT step, x, y, counts FROM area_tile WHERE division_code = %s"


def mark_stale(connection: Connection, codes: Iterable[str]) -> None:
    """The squares of these divisions are no longer to be believed, from this transaction on.

    In the order of the codes, and waiting for whoever counts one of them: what is marked here was not counted there.
    """
    ordered = sorted(set(codes))
    if ordered:
        driver_of(connection).execute(_MARK, [ordered])


def divisions_changed(connection: Connection, event_id: int) -> list[str]:
    """Where the addresses lie, and lay, that a registry event of this transaction changed."""
    return [code for (code,) in driver_of(connection).execute(_OF_EVENT, [event_id, event_id])]


def refresh_tiles(engine: Engine, *, quiet_s: float = 0.0, stopped: Callable[[], bool] = lambda: False) -> int:
    """Count the squares of stale divisions anew, each in a transaction of its own; returns how many divisions.

    `quiet_s`: only of divisions that nothing has changed for so many seconds, so that no load is counted after again
    and again.
    """
    with transaction(engine) as connection:
        codes = [code for (code,) in driver_of(connection).execute(_WAITING, [quiet_s])]
    for code in codes:
        if stopped():
            break
        with transaction(engine) as connection:
            take_your_time(connection)
            refresh_division(connection, code)
    return len(codes)


def refresh_division(connection: Connection, code: str) -> None:
    """Count the squares of one division anew, unless somebody has meanwhile.

    The mark is held while it is counted: a writer that has not marked yet will do so after, one that has is waited for.
    """
    driver = driver_of(connection)
    if driver.execute(_LOCK, [code]).fetchone() is None:
        return
    driver.execute(_DROP, [code])
    driver.execute(statement("area_tile_division"), {"code": code, "top": TOP})
    driver.execute(statement("area_tiling_settled"), {"code": code, "top": TOP})


def check_tiles(connection: Connection) -> list[Difference]:
    """(table, key, kept, recounted) wherever squares that are not stale are wrong; empty when all agree.

    `recounted` from the rows themselves, one by one.
    """
    driver = driver_of(connection)
    wrong: list[Difference] = []
    for (code,) in driver.execute(_FRESH).fetchall():
        kept = {row[:3]: row[3] for row in driver.execute(_KEPT, [code])}
        true = _recounted(driver.execute(_ROWS, [code]))
        wrong += [
            ("area_tile", (code, *key), _sum_of(kept.get(key, {})), _sum_of(true.get(key, {})))
            for key in sorted(kept.keys() | true.keys())
            if kept.get(key) != true.get(key)
        ]
    return wrong


def _sum_of(counts: Mapping[str, Any]) -> int:
    return sum(sum(of["role"].values()) for kind, of in counts.items() if kind != "top")


def _recounted(rows: Iterable[tuple[Any, ...]]) -> dict[tuple[int, int, int], dict[str, Any]]:
    """Step and place → what the square should hold. A row for each link, and one more for each address."""
    squares: dict[tuple[int, int, int], dict[str, Any]] = {}
    for aid, lon, lat, kind, role, category, month in rows:
        x, y = floor(lon * FINEST), floor(lat * FINEST)
        for step in range(FINEST_STEP + 1):
            shift = 2 * (FINEST_STEP - step)
            counts = squares.setdefault((step, x >> shift, y >> shift), {})
            for dimension, value in (("role", role), ("category", category), ("month", month.isoformat())):
                of = counts.setdefault(kind, {}).setdefault(dimension, {})
                of[value] = of.get(value, 0) + 1
            if kind == "event":
                counts.setdefault("top", {})[aid] = counts.get("top", {}).get(aid, 0) + 1
    for counts in squares.values():
        if "top" in counts:
            counts["top"] = dict(sorted(counts["top"].items(), key=lambda item: (-item[1], item[0]))[:TOP])
    return squares
