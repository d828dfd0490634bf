"""The counts kept for areas: differences go to a community's counts and to the sums of every division above it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, LiteralString, NamedTuple

from sqlalchemy import Connection

from addressbook.store.engine import driver_of
from addressbook.store.loading import array_of
from addressbook.store.squares import mark_stale

ABOVE_DIGITS = (2, 4, 6, 9)
"""Digits of a province, a city, a county and a town."""
ALL_DIGITS = (*ABOVE_DIGITS, 12)


class RollupKey(NamedTuple):
    """What a roll-up row counts under."""

    community_code: str
    kind: str
    role: str
    category: str
    month: date
    located: int


_ADD: dict[str, LiteralString] = {
    "rollup": """
        INSERT INTO rollup AS r (community_code, kind, role, category, month, located, count)
        SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::date[], %s::int[], %s::bigint[])
        ON CONFLICT (community_code, kind, role, category, month, located)
        DO UPDATE SET count = r.count + excluded.count""",
    "rollup_division": """
        INSERT INTO rollup_division AS r (division_code, kind, role, category, located, count)
        SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::int[], %s::bigint[])
        ON CONFLICT (division_code, kind, role, category, located) DO UPDATE SET count = r.count + excluded.count""",
    "rollup_month": """
        INSERT INTO rollup_month AS r (division_code, kind, month, count)
        SELECT * FROM unnest(%s::text[], %s::text[], %s::date[], %s::bigint[])
        ON CONFLICT (division_code, kind, month) DO UPDATE SET count = r.count + excluded.count""",
    "rollup_total": """
        INSERT INTO rollup_total AS r (division_code, kind, located, count)
        SELECT * FROM unnest(%s::text[], %s::text[], %s::int[], %s::bigint[])
        ON CONFLICT (division_code, kind, located) DO UPDATE SET count = r.count + excluded.count""",
}


def add_to_rollup(connection: Connection, deltas: Mapping[RollupKey, int], moved: Iterable[str] = ()) -> None:
    """Add differences to the counts, in key order so that two loads cannot wait for each other in a ring.

    Squares are stale also where differences cancel out, and in divisions where a point has `moved`. A code stands for
    itself and for what it lies in: a link that reaches only a town is in the town's sum as well. The sums are added up
    here, for the database takes several times as long.
    """
    mark_stale(connection, {*moved, *(key.community_code for key in deltas)})
    sums, months, totals = Counter[tuple[Any, ...]](), Counter[tuple[Any, ...]](), Counter[tuple[Any, ...]]()
    lying_in = {code: (_lying_in(code, ABOVE_DIGITS), _lying_in(code, ALL_DIGITS)) for code, *_ in deltas}
    for (code, kind, role, category, month, located), delta in deltas.items():
        above, every = lying_in[code]
        for division in above:
            sums[division, kind, role, category, located] += delta
            months[division, kind, month] += delta
        for division in every:
            totals[division, kind, located] += delta
    kept: dict[str, Mapping[Any, int]] = {
        "rollup": deltas, "rollup_division": sums, "rollup_month": months, "rollup_total": totals
    }  # fmt: skip
    for table, differences in kept.items():
        _add(connection, table, differences)


def _lying_in(code: str, digits: tuple[int, ...]) -> list[str]:
    """The divisions of these levels that a code stands for."""
    return list(dict.fromkeys(code[:length].ljust(12, "0") for length in digits))


def _add(connection: Connection, table: str, differences: Mapping[Any, int]) -> None:
    rows = sorted((*key, delta) for key, delta in differences.items() if delta)
    if rows:
        driver_of(connection).execute(_ADD[table], [array_of(column) for column in zip(*rows, strict=True)])
