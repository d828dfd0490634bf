"""The oracle of the roll-ups: everything counted again from the links and addresses, slowly and independently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, LiteralString

from sqlalchemy import Connection

from addressbook.store.counting import ABOVE_DIGITS, ALL_DIGITS
from addressbook.store.engine import driver_of
from addressbook.store.squares import Difference, check_tiles

_RECOUNT: LiteralString = """
    SELECT division_code, element_kind, role, category, month, (aid IS NOT NULL)::int, count(*)
    FROM link WHERE closed_at IS NULL GROUP BY 1, 2, 3, 4, 5, 6
    UNION ALL
    SELECT division_code, 'address', '', kind, date '0001-01-01', 1, count(*)
    FROM address WHERE state IN ('provisional', 'current') GROUP BY 1, 4
"""
_KEPT = "SELECT community_code, kind, role, category, month, located, count FROM rollup WHERE count <> 0"
_KEPT_ABOVE = "SELECT division_code, kind, role, category, located, count FROM rollup_division WHERE count <> 0"
_KEPT_MONTH = "SELECT division_code, kind, month, count FROM rollup_month WHERE count <> 0"
_KEPT_TOTAL = "SELECT division_code, kind, located, count FROM rollup_total WHERE count <> 0"

Key = tuple[Any, ...]


def recount(connection: Connection) -> dict[Key, int]:
    """What the counts should be, by the columns of the roll-up's key."""
    return _counts(connection, _RECOUNT)


def check_rollups(connection: Connection) -> list[Difference]:
    """(table, key, kept, recounted) wherever a kept count is wrong; empty when all agree.

    Counts and rows are read by several statements: where others write meanwhile, `at_one_moment` shows all of them
    the same registry.
    """
    true = recount(connection)
    sums, months, totals = Counter[Key](), Counter[Key](), Counter[Key]()
    for (code, kind, role, category, month, located), number in _lifted(true, ABOVE_DIGITS).items():
        sums[code, kind, role, category, located] += number
        months[code, kind, month] += number
    for (code, kind, _, _, _, located), number in _lifted(true, ALL_DIGITS).items():
        totals[code, kind, located] += number
    return [
        *_differences("rollup", _counts(connection, _KEPT), true),
        *_differences("rollup_division", _counts(connection, _KEPT_ABOVE), sums),
        *_differences("rollup_month", _counts(connection, _KEPT_MONTH), months),
        *_differences("rollup_total", _counts(connection, _KEPT_TOTAL), totals),
        *check_tiles(connection),
    ]


def _counts(connection: Connection, statement: LiteralString) -> dict[Key, int]:
    return {row[:-1]: row[-1] for row in driver_of(connection).execute(statement)}


def _lifted(counts: Mapping[Key, int], digits: tuple[int, ...]) -> dict[Key, int]:
    """The counts of every division that contains what is counted."""
    lifted: Counter[Key] = Counter()
    for (code, *rest), number in counts.items():
        for above in {code[:length].ljust(len(code), "0") for length in digits}:
            lifted[above, *rest] += number
    return lifted


def _differences(table: str, kept: Mapping[Key, int], true: Mapping[Key, int]) -> list[Difference]:
    keys = sorted(kept.keys() | true.keys())
    return [(table, key, kept.get(key, 0), true.get(key, 0)) for key in keys if kept.get(key, 0) != true.get(key, 0)]
