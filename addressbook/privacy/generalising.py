"""k-anonymity: columns told coarsely enough that nobody stands alone.

Every column that is released counts, not only those that somebody thought of. Columns are made coarser one step at a
time, that step first which saves most rows, until few enough stand alone; then finer again where that costs nothing.
Who still stands alone is suppressed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from enum import Enum
from typing import Any, NamedTuple

from addressbook.divisions.codes import CODE_LENGTH

ANYTHING = "*"
"""What a column says that tells nothing."""
UNKNOWN = ""
Step = Callable[[Any], str]


class Level(NamedTuple):
    """A way to tell a column: its name in the report, and what it makes of a value."""

    name: str
    told: Step


def _years(width: int) -> Level:
    def told(year: int | None) -> str:
        first = year - year % width if year is not None else 0
        return UNKNOWN if year is None else f"{first}-{first + width - 1}"

    return Level(f"{width} years", told)


def _month(day: date | None) -> str:
    return UNKNOWN if day is None or day.year == 1 else f"{day:%Y-%m}"


def _year(day: date | None) -> str:
    return _month(day)[:4]


def _division(name: str, digits: int) -> Level:
    return Level(name, lambda code: code[:digits].ljust(CODE_LENGTH, "0"))


_SUPPRESSED = Level("all", lambda _value: ANYTHING)


class Ladder(Enum):
    """Kinds of columns, each with its levels from fine to coarse."""

    WORD = (Level("as it is", lambda value: value or UNKNOWN), _SUPPRESSED)
    BIRTH = (_years(5), _years(10), _years(20), _SUPPRESSED)
    MONTH = (Level("month", _month), Level("year", _year), _SUPPRESSED)
    DIVISION = (
        _division("community", 12), _division("town", 9), _division("county", 6), _division("city", 4), _SUPPRESSED
    )  # fmt: skip


class Plan(NamedTuple):
    """Which level each column is told at, and the combinations that have rows enough."""

    columns: Mapping[str, Ladder]
    levels: tuple[int, ...]
    classes: Counter[tuple[str, ...]]
    rows: int

    def told(self, row: Mapping[str, Any]) -> tuple[str, ...] | None:
        """The row as it is released; None where it is suppressed."""
        shown = _told(self.columns, self.levels, row)
        return shown if shown in self.classes else None

    def level_names(self) -> dict[str, str]:
        """Column → the name of its level."""
        levels = zip(self.columns.items(), self.levels, strict=True)
        return {name: ladder.value[level].name for (name, ladder), level in levels}


def _told(columns: Mapping[str, Ladder], levels: Sequence[int], row: Mapping[str, Any]) -> tuple[str, ...]:
    told = zip(columns.items(), levels, strict=True)
    return tuple(ladder.value[level].told(row[name]) for (name, ladder), level in told)


def finest(columns: Mapping[str, Ladder], row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What of a row has to be counted to plan: its values, so far as any level tells them apart."""
    return tuple(_counted(ladder, row[name]) for name, ladder in columns.items())


def _counted(ladder: Ladder, value: Any) -> Any:
    if ladder is Ladder.BIRTH and value is not None:
        return value - value % 5
    return value.replace(day=1) if ladder is Ladder.MONTH and value is not None else value


def plan(
    columns: Mapping[str, Ladder], counted: Mapping[tuple[Any, ...], int], k: int, most_suppressed: float
) -> Plan:  # fmt: skip
    """The levels at which at most that share of the rows stands in combinations of fewer than `k`.

    `counted`: rows by `finest`. Every class of the plan has at least `k` rows; where even the coarsest levels leave
    too few, there is none.
    """
    rows = sum(counted.values())

    def alone(levels: tuple[int, ...]) -> int:
        return sum(count for count in _classes(columns, levels, counted).values() if count < k)

    levels = (0,) * len(columns)
    while alone(levels) > most_suppressed * rows and (coarser := list(_coarser(columns, levels))):
        levels = min(coarser, key=alone)
    # Steps that saved nothing by themselves were taken on the way to those that did.
    while finer := [step for step in _finer(levels) if alone(step) <= most_suppressed * rows]:
        levels = min(finer, key=alone)
    classes = _classes(columns, levels, counted)
    return Plan(columns, levels, Counter({told: count for told, count in classes.items() if count >= k}), rows)


def _finer(levels: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Each way to make one column a step finer."""
    for place, level in enumerate(levels):
        if level:
            yield (*levels[:place], level - 1, *levels[place + 1 :])


def _coarser(columns: Mapping[str, Ladder], levels: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Each way to make one column a step coarser."""
    for place, ladder in enumerate(columns.values()):
        if levels[place] + 1 < len(ladder.value):
            yield (*levels[:place], levels[place] + 1, *levels[place + 1 :])


def _classes(
    columns: Mapping[str, Ladder], levels: tuple[int, ...], counted: Mapping[tuple[Any, ...], int]
) -> Counter[tuple[str, ...]]:  # fmt: skip
    classes: Counter[tuple[str, ...]] = Counter()
    for values, count in counted.items():
        classes[_told(columns, levels, dict(zip(columns, values, strict=True)))] += count
    return classes
