"""What an area holds, as its views say it: counts by kind, role, category and month, rates, comparisons, top lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from addressbook.model import ElementKind, Role
from addressbook.store.reading import Row
from addressbook.store.squares import TOP

MONTHS_SHOWN = 24
TOP_SHOWN = TOP
DIMENSIONS = ("located", "role", "category", "month")
Sums = dict[str, dict[Any, int]]
"""Dimension → value → count, of one kind."""
AllSums = dict[str, Sums]


def no_sums() -> AllSums:
    """kind → dimension → value → count, empty; every kind and dimension is there."""
    return {kind: {name: {} for name in DIMENSIONS} for kind in ("address", *ElementKind)}


def summed(rows: Iterable[Row]) -> AllSums:
    """The sums of rows that name one dimension each."""
    sums = no_sums()
    for row in rows:
        name = next(name for name in DIMENSIONS if row[name] is not None)
        sums[row["kind"]][name][row[name]] = row["count"]
    return sums


class Found(NamedTuple):
    """What is counted in an area: its sums, and the addresses with the most events; None where nobody knows."""

    sums: AllSums
    top_events: dict[str, int] | None


def inside(rows: Iterable[Row]) -> Found:
    """What lies inside an outline, all of it at addresses."""
    sums: dict[str, dict[str, Counter[str]]] = {}
    events = dict[str, int]()
    for row in rows:
        if row["counts"] is not None:
            events.update(row["counts"].pop("top", {}))
            _add_square(sums, row["counts"])
        elif row["kind"] == "top":
            events[row["role"]] = row["count"]
        else:
            _add_square(sums, _as_square(row))
    most = sorted(events.items(), key=lambda item: (-item[1], item[0]))[:TOP_SHOWN]
    return Found(no_sums() | {kind: _dated(found) for kind, found in sums.items()}, dict(most))


def _as_square(row: Row) -> Row:
    count = row["count"]
    named = {"role": row["role"], "category": row["category"], "month": row["month"].isoformat()}
    return {row["kind"]: {name: {value: count} for name, value in named.items()}}


def _add_square(sums: dict[str, dict[str, Counter[str]]], counts: Row) -> None:
    for kind, dimensions in counts.items():
        of = sums.get(kind) or sums.setdefault(kind, {name: Counter() for name in ("role", "category", "month")})
        for name, values in dimensions.items():
            found = of[name]
            for value, count in values.items():
                found[value] = found.get(value, 0) + count


def _dated(found: dict[str, Counter[str]]) -> Sums:
    """Months as days, converted once: a square says them as texts."""
    months = {date.fromisoformat(month): count for month, count in found["month"].items()}
    return {"located": {1: found["role"].total()}, **found, "month": months}


def kind_counts(sums: Sums, residents: int | None) -> Row:
    """One kind's total, located and not, by role, category and month; with its rate and each month's."""
    located = {"located": sums["located"].get(1, 0), "unplaced": sums["located"].get(0, 0)}
    total = sum(located.values())
    return {
        "total": total,
        **located,
        "per_10000": per_10000(total, residents),
        "roles": sums["role"],
        "categories": sums["category"],
        "categories_per_10000": {name: per_10000(count, residents) for name, count in sums["category"].items()},
        "months": months(sums["month"], residents),
        "suppressed": False,
    }


def months(counts: Mapping[date, int], residents: int | None, among: Sequence[date] | None = None) -> list[Row]:
    """The newest months with their rates, or those given, each beside the month before and that of a year before."""
    return [
        {**compared(counts, month), "per_10000": per_10000(counts.get(month, 0), residents)}
        for month in (newest_months(counts) if among is None else among)
    ]


def newest_months(*found: Mapping[date, int]) -> list[date]:
    """The MONTHS_SHOWN months up to the newest with a count, from the first with one: those without are among them."""
    dated = {month for counts in found for month, count in counts.items() if month.year > 1 and count}
    if not dated:
        return []
    last, first = max(dated), min(dated)
    back = (last.year * 12 + last.month - 1 - step for step in range(MONTHS_SHOWN))
    return [month for month in reversed([date(n // 12, n % 12 + 1, 1) for n in back]) if month >= first]


def compared(counts: Mapping[date, int], month: date) -> Row:
    """A month beside the month before and the same month a year before; changes as shares, null from nothing."""
    count, before, year_before = (counts.get(found, 0) for found in (month, *earlier(month)))
    return {
        "month": f"{month:%Y-%m}", "count": count,
        "previous_month": before, "month_on_month": change(count, before),
        "same_month_last_year": year_before, "year_on_year": change(count, year_before),
    }  # fmt: skip


def earlier(month: date) -> tuple[date, date]:
    """The month before, and the same month of the year before.

    >>> earlier(date(2025, 1, 1))
    (datetime.date(2024, 12, 1), datetime.date(2024, 1, 1))
    """
    before = date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)
    return before, month.replace(year=month.year - 1)


def change(count: int, before: int) -> float | None:
    """How much more it is, as a share of what it was; None where it was nothing.

    >>> change(3, 2), change(3, 0)
    (0.5, None)
    """
    return round((count - before) / before, 4) if before else None


def per_10000(count: int, residents: int | None) -> float | None:
    """So many for every 10,000 residents; None where there are none, or they may not be told.

    >>> per_10000(3, 1500), per_10000(3, 0)
    (20.0, None)
    """
    return round(count * 10_000 / residents, 2) if residents else None


def residents_in(sums: AllSums) -> int:
    """How many live there: the links of persons with the role of residence."""
    return sums[ElementKind.PERSON]["role"].get(Role.RESIDENCE, 0)


def event_comparison(counts: Mapping[date, int], month: date | None) -> Row | None:
    """Events of one month, by default the newest, beside the months before; None where there are none."""
    dated = [found for found in counts if found.year > 1]
    if month is None and not dated:
        return None
    return compared(counts, month or max(dated))


def top_categories(sums: AllSums, kinds: Iterable[ElementKind]) -> dict[str, list[Row]]:
    """By kind: the categories with the most, at most TOP_SHOWN, the largest first."""
    return {kind.value: _largest(sums[kind]["category"]) for kind in kinds}


def _largest(counts: Mapping[str, int]) -> list[Row]:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return [{"category": category, "count": count} for category, count in ordered[:TOP_SHOWN]]
