"""Any statistic of an area under a name of its own: what tiles add to an area as a property of that name."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from addressbook.errors import FieldError
from addressbook.model import ElementKind, Role
from addressbook.privacy.policy import Reader
from addressbook.store.reading import Row
from addressbook.store.tiles import read_tile_statistics
from addressbook.views.area_counts import AllSums, compared, earlier, kind_counts, no_sums, per_10000
from addressbook.views.protected import NOBODY_KNOWS, People, people_view

MOST_STATISTICS: Final = 10
NAMES: Final = {
    "event": "total",
    "event.located": "of those at an address",
    "event.unplaced": "of those not yet at an address",
    "event.per_10000": "for every 10,000 residents",
    "enterprise.role.registered": "by role",
    "event.category.盗窃": "by category",
    "event.category.盗窃.per_10000": "of those for every 10,000 residents",
    "event.month.2024-03": "in a month",
    "event.month.2024-03.per_10000": "of those for every 10,000 residents",
    "event.month.2024-03.month_on_month": "their change since the month before, as a share of it",
    "event.month.2024-03.year_on_year": "their change since the same month a year before",
}
"""An example of every form of a name, and what it counts. Of addresses there are neither roles nor months."""
_ROLES: Final = "|".join(Role)
_ELEMENT: Final = "|".join(ElementKind)
_CATEGORY: Final = r"category\.(?P<category>.+?)(?P<rate>\.per_10000)?"
_MONTH: Final = r"(?P<month>[12][0-9]{3}-(?:0[1-9]|1[0-2]))(?:\.(?P<told>per_10000|month_on_month|year_on_year))?"
_NAME: Final = re.compile(
    rf"(?P<kind>address|{_ELEMENT})(?:\.(?:(?P<plain>located|unplaced|per_10000)|{_CATEGORY}))?"
    rf"|(?P<element>{_ELEMENT})\.(?:role\.(?P<role>{_ROLES})|month\.{_MONTH})"
)
_SHARES: Final = ("month_on_month", "year_on_year")
Key = tuple[str, str, str]
"""A kind, `role`, `category` or `month`, and which; a month by its first day."""


class Statistic(NamedTuple):
    """What a name asks for: `total`, `located`, `unplaced` or `per_10000` of a kind, or one `value` of a dimension."""

    name: str
    kind: str
    what: str
    value: str = ""
    told: str = "count"
    """Of a month or a category: its count, its rate, or its change."""

    @property
    def is_rate(self) -> bool:
        """Whether it is of residents."""
        return "per_10000" in (self.what, self.told)

    def needs(self) -> list[Key]:
        """The sums that it is made of, beside the totals of its kind."""
        if self.what in ("role", "category"):
            return [(self.kind, self.what, self.value)]
        if self.what != "month":
            return []
        month = date.fromisoformat(self.value)
        months = (month, *earlier(month)) if self.told in _SHARES else (month,)
        return [(self.kind, "month", each.isoformat()) for each in months]


def statistics_from(words: str) -> tuple[Statistic, ...]:
    """Those of a list with commas, each once; a name with a comma stands in double quotes. Raises FieldError."""
    try:
        names = [name.strip() for row in csv.reader([words], skipinitialspace=True) for name in row]
    except csv.Error:  # a line that breaks off
        names = [words]
    found = tuple(_statistic(name) for name in dict.fromkeys(filter(None, names)))
    if not 1 <= len(found) <= MOST_STATISTICS:
        raise FieldError(
            "bad_statistics", "statistics", f"name 1 to {MOST_STATISTICS} statistics, with commas between them.",
            zh=f"请给出 1 至 {MOST_STATISTICS} 项统计，以逗号分隔。", remedy=_remedy(),
        )  # fmt: skip
    return found


def words_of(names: Iterable[str]) -> str:
    """Names as one text that `statistics_from` reads.

    >>> words_of(["event", "event.category.a,b"])
    'event,"event.category.a,b"'
    """
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(names)
    return line.getvalue()


def _statistic(name: str) -> Statistic:
    found = _NAME.fullmatch(name)
    if found is None:
        raise FieldError(
            "bad_statistics", "statistics", f"there is no statistic {name[:60]!r}.", zh=f"没有统计项“{name[:60]}”。",
            remedy=_remedy(),
        )  # fmt: skip
    kind = found["kind"] or found["element"]
    if found["role"]:
        return Statistic(name, kind, "role", found["role"])
    if found["category"]:
        return Statistic(name, kind, "category", found["category"], "per_10000" if found["rate"] else "count")
    if found["month"]:
        return Statistic(name, kind, "month", f"{found['month']}-01", found["told"] or "count")
    return Statistic(name, kind, found["plain"] or "total")


def _remedy() -> str:
    return f"Name them like these, of any kind: {', '.join(NAMES)}."


def read_sums(
    connection: Connection, codes: Sequence[str], asked: Sequence[Statistic], *, persons: bool
) -> dict[str, AllSums]:
    """What these statistics are made of, by division; nothing of persons unless somebody is to see them."""
    kinds = {one.kind for one in asked if persons or one.kind != ElementKind.PERSON}
    keys = dict.fromkeys(key for one in asked if one.kind in kinds for key in one.needs())
    sums: dict[str, AllSums] = {}
    for row in read_tile_statistics(connection, codes, list(keys)) if keys else ():
        value: Any = date.fromisoformat(row["value"]) if row["dimension"] == "month" else row["value"]
        sums.setdefault(row["code"], no_sums())[row["kind"]][row["dimension"]][value] = row["count"]
    return sums


def told(
    entry: Row, asked: Sequence[Statistic], reader: Reader, people: Mapping[str, People], sums: Mapping[str, AllSums]
) -> tuple[dict[str, int | float], list[str], list[str]]:
    """Of an area as its parent lists it: values by name, the names that are withheld, and those with noise.

    A change from nothing, and a rate of nobody, are none of them: there is no such number.
    """
    residents, found = entry["residents"], sums.get(entry["code"]) or no_sums()
    views = {kind: _view(entry["counts"][kind], found[kind], residents) for kind in {one.kind for one in asked}}
    if not reader.sees_persons:
        views[ElementKind.PERSON.value] = people_view(people.get(entry["code"], NOBODY_KNOWS))
    values = {one: _value(one, views[one.kind], found[one.kind]["month"], residents) for one in asked}
    protected = [one for one in asked if not reader.sees_persons and (one.kind == "person" or one.is_rate)]
    return (
        {one.name: value for one, value in values.items() if value is not None},
        [one.name for one in protected if values[one] is None],
        [one.name for one in protected],
    )


def _view(counts: Row, sums: Mapping[str, dict[Any, int]], residents: int | None) -> Row:
    if counts["located"] is None:  # persons, for whom sees none
        return {}
    return kind_counts({**sums, "located": {1: counts["located"], 0: counts["unplaced"]}}, residents)


def _value(one: Statistic, view: Row, months: Mapping[date, int], residents: int | None) -> int | float | None:
    if one.what in ("role", "category"):
        of: Mapping[str, int | None] = view["roles" if one.what == "role" else "categories"]
        count = of.get(one.value, None if view["suppressed"] else 0)
        if one.is_rate:
            return None if view["suppressed"] or count is None else per_10000(count, residents)
        return count
    if one.what != "month":
        value: int | float | None = view[one.what]
        return value
    if view["suppressed"]:
        return None
    month = compared(months, date.fromisoformat(one.value))
    told_of: int | float | None = (month | {"per_10000": per_10000(month["count"], residents)})[one.told]
    return told_of
