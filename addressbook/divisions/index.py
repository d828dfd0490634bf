"""Names of divisions → divisions, provinces to towns: full names, short forms, former names. One dict look-up each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

from addressbook.divisions.codes import significant
from addressbook.divisions.names import is_artificial, short_name
from addressbook.model import Division, Level

Holders = dict[str, tuple[Division, ...]]


class DivisionName(NamedTuple):
    """A name a text may use for a division of today.

    `short`: without its suffix (萧山). `former`: of a division that ended, `code` being a successor (萧山市 → 330109).
    """

    name: str
    code: str
    level: Level
    short: bool
    former: bool


class DivisionNames:
    """Four dicts built once. Order within a name: shallow before deep, then by code."""

    def __init__(self, divisions: Mapping[str, Division], former: Iterable[tuple[str, str]]) -> None:
        real = [d for d in sorted(divisions.values(), key=_order) if not is_artificial(d.name)]
        was = [(name, divisions[code]) for name, code in sorted(set(former))]
        was.sort(key=lambda pair: _order(pair[1]))
        self.full = _holders((d.name, d) for d in real)
        self.short = _holders((s, d) for d in real if (s := short_name(d.name, d.level)))
        self.former = _deepest(_holders((name, d) for name, d in was if name != d.name))
        shorts = {(s, d.code): d for name, d in was if (s := _former_short(name, d.level))}
        new = ((s, d) for (s, _), d in shorts.items() if d not in self.short.get(s, ()))
        self.former_short = _deepest(_holders(new))

    def find(self, name: str, *, short: bool) -> tuple[Division, ...]:
        """Divisions with that full or former name, and with that short form if asked; full names come first."""
        found = self.full.get(name, ()) + self.former.get(name, ())
        if not short:
            return found
        return found + tuple(d for d in self.find_short(name) if d not in found)

    def find_short(self, stem: str) -> tuple[Division, ...]:
        """Divisions whose short form, today or formerly, is `stem`; today's come first."""
        return self.short.get(stem, ()) + self.former_short.get(stem, ())

    def entries(self, levels: Collection[Level] | None) -> Iterator[DivisionName]:
        """Every name with what it is; a name of several divisions comes once for each."""
        kinds = (
            (self.full, False, False), (self.short, True, False),
            (self.former, False, True), (self.former_short, True, True),
        )  # fmt: skip
        for names, short, former in kinds:
            for name, divisions in names.items():
                for division in divisions:
                    if levels is None or division.level in levels:
                        yield DivisionName(name, division.code, division.level, short, former)


_RANKS = {level: level.rank for level in Level}


def _order(division: Division) -> tuple[int, str]:
    return _RANKS[division.level], division.code


def _former_short(name: str, level: Level) -> str | None:
    """A former county may have become a city: its own suffix (县, 区) says how to shorten it."""
    county = name.endswith(("县", "区", "旗")) and not name.endswith("地区")
    return short_name(name, Level.COUNTY if county else level)


def _deepest(holders: Holders) -> Holders:
    """涪陵市 was a county-level city, then a prefecture: of 涪陵区 and 重庆市 the one inside the other stays."""
    return {name: tuple(d for d in heirs if not _holds_another(d, heirs)) for name, heirs in holders.items()}


def _holds_another(division: Division, others: tuple[Division, ...]) -> bool:
    head = significant(division.code)
    return any(other is not division and other.code.startswith(head) for other in others)


def _holders(pairs: Iterable[tuple[str, Division]]) -> Holders:
    found: defaultdict[str, list[Division]] = defaultdict(list)
    for name, division in pairs:
        found[name].append(division)
    return {name: tuple(divisions) for name, divisions in found.items()}
