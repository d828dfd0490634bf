"""Names of divisions → divisions: full names, short forms and former names, provinces to towns. One dict look-up a name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from addressbook.divisions.names import is_artificial, short_name
from addressbook.model import Division, Level


class DivisionName(NamedTuple):
    """A name a text may use for a division of today.

    `short`: without its suffix (萧山). `former`: of a division that ended; `code` is then a successor (萧山市 → 330109…).
    """

    name: str
    code: str
    level: Level
    short: bool
    former: bool


class DivisionNames:
    """Three dicts built once. Order within a name: shallow before deep, then by code."""

    def __init__(self, divisions: Mapping[str, Division], former: Iterable[tuple[str, str]]) -> None:
        self.full: dict[str, tuple[Division, ...]] = {}
        self.short: dict[str, tuple[Division, ...]] = {}
        self.former: dict[str, tuple[Division, ...]] = {}
        self.former_short: dict[str, tuple[Division, ...]] = {}
        for division in sorted(divisions.values(), key=_order):
            if not is_artificial(division.name):
                _put(self.full, division.name, division)
                _put(self.short, short_name(division.name, division.level), division)
        for name, code in sorted(set(former)):
            division = divisions[code]
            if division not in self.full.get(name, ()):
                _put(self.former, name, division)
                short = short_name(name, _level_of_name(name, division.level))
                if division not in self.short.get(short or "", ()):
                    _put(self.former_short, short, division)
        self._with_former = _merged(self.full, self.former)
        self._any = _merged(_merged(self._with_former, self.short), self.former_short)

    def find(self, name: str, *, short: bool) -> tuple[Division, ...]:
        """Divisions with that full or former name, and with that short form if asked; full names come first."""
        return (self._any if short else self._with_former).get(name, ())

    def find_short(self, stem: str) -> tuple[Division, ...]:
        """Divisions whose short form, today or formerly, is `stem`; today's come first."""
        return self.short.get(stem, ()) + self.former_short.get(stem, ())

    def entries(self, levels: Collection[Level] | None) -> Iterator[DivisionName]:
        """Every name with what it is; a name of several divisions comes once for each."""
        kinds = (self.full, False, False), (self.short, True, False), (self.former, False, True), (self.former_short, True, True)
        for names, short, former in kinds:
            for name, divisions in names.items():
                for division in divisions:
                    if levels is None or division.level in levels:
                        yield DivisionName(name, division.code, division.level, short, former)


def _order(division: Division) -> tuple[int, str]:
    return _RANKS[division.level], division.code


_RANKS = {level: level.rank for level in Level}


def _level_of_name(name: str, level: Level) -> Level:
    """A former county may have become a city: its own suffix (县, 区) says how to shorten it."""
    return Level.COUNTY if name.endswith(("县", "区", "旗")) and not name.endswith("地区") else level


def _put(names: dict[str, tuple[Division, ...]], name: str | None, division: Division) -> None:
    if name and division not in (known := names.get(name, ())):
        names[name] = (*known, division)


def _merged(
    first: Mapping[str, tuple[Division, ...]], second: Mapping[str, tuple[Division, ...]]
) -> dict[str, tuple[Division, ...]]:
    merged = dict(first)
    for name, divisions in second.items():
        known = merged.get(name, ())
        merged[name] = known + tuple(d for d in divisions if d not in known)
    return merged
