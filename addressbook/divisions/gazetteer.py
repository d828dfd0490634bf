"""The national gazetteer in memory: divisions by code and by name, their history, their villages on demand."""

# mypy: disable-error-code="name-defined"
# pyarrow ships neither types nor stubs.
from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from addressbook.divisions.codes import code_range, pad, significant
from addressbook.divisions.history import CountyHistory, HistoryRow
from addressbook.divisions.index import DivisionName, DivisionNames
from addressbook.divisions.lineage import KeptDivisions
from addressbook.divisions.names import community_forms, is_artificial
from addressbook.divisions.reading import KeptVillages, Villages, read_history, read_upper
from addressbook.errors import NotFoundError
from addressbook.model import Division, Level
from addressbook.resources import data_path

if TYPE_CHECKING:
    import pyarrow as pa

DIVISIONS_FILE = "divisions.parquet"
HISTORY_FILE = "county_history.parquet"
VILLAGE_CACHE = 256
NOTHING_KEPT = KeptDivisions((), (), ())


class Gazetteer:
    """Reference data: read-only, safe to share between threads. Codes in and out are text; every answer has 12 digits.

    Short codes (33, 3301, 330109, 330109001) are accepted everywhere; a malformed one raises CodeError.
    """

    def __init__(self, divisions: Path, history: Path, kept: KeptDivisions = NOTHING_KEPT) -> None:
        self._path, self._files = divisions, (divisions, history)
        self._kept = kept
        upper = {d.code: d for d in read_upper(divisions) if not kept.covers(d.code)}
        upper |= {d.code: d for d in kept.in_force.values() if d.level is not Level.COMMUNITY}
        self._history = CountyHistory(read_history(history), upper)
        since = {c: year for c, year in self._history.since().items() if not kept.covers(c)}
        self._upper = {d.code: _dated(d, since.get(d.code)) for d in upper.values()}
        self._codes = sorted(self._upper)
        self._children: dict[str | None, list[Division]] = defaultdict(list)
        for code in self._codes:
            self._children[self._upper[code].parent_code].append(self._upper[code])
        self._villages = KeptVillages(Villages(divisions), kept)
        self._village_names = lru_cache(maxsize=VILLAGE_CACHE)(self._read_village_names)

    @cached_property
    def _names(self) -> DivisionNames:
        return DivisionNames(self._upper, self._former_names())

    @cached_property
    def digest(self) -> str | None:
        """The sha256 of the files it was read from: what is made of it can be kept under this name.

        None where a registry keeps divisions of its own: what is made of those is not kept.
        """
        if self._kept.roots:
            return None
        return hashlib.sha256(b"".join(path.read_bytes() for path in self._files)).hexdigest()

    @staticmethod
    def shipped() -> Gazetteer:
        """The gazetteer that ships with the project, read once per process. Raises NotFoundError if it is missing."""
        return _shipped()

    @staticmethod
    def keeping(kept: KeptDivisions) -> Gazetteer:
        """The shipped gazetteer with what a registry keeps of divisions in place of it; built once for equal ones."""
        return _keeping(kept) if kept.roots else _shipped()

    def get(self, code: str) -> Division | None:
        """The division of today with that code, or None. A former county is not one: see `successors`."""
        found = self._upper.get(code)
        if found is None:
            full = pad(code)
            found = self._upper.get(full) or (None if full.endswith("000") else self._villages.get(full))
        return found

    def provinces(self) -> list[Division]:
        """The 31 provinces, autonomous regions and municipalities."""
        return list(self._children[None])

    def children(self, code: str) -> list[Division]:
        """Divisions one level down, by code. Of a city without counties (东莞) its towns, of a town its villages."""
        division = self.get(code)
        if division is None or division.level is Level.COMMUNITY:
            return []
        if division.level is Level.TOWN:
            return self._villages.within(division.code)
        return list(self._children.get(division.code, ()))

    def ancestors(self, code: str) -> list[Division]:
        """Province first, itself excluded; the artificial city level (市辖区 of 北京市) is kept. Empty if unknown."""
        division = self.get(code)
        found: list[Division] = []
        while division is not None and division.parent_code is not None:
            division = self.get(division.parent_code)
            if division is not None:
                found.append(division)
        return found[::-1]

    def full_name(self, code: str) -> str:
        """浙江省杭州市萧山区城厢街道 for 330109001000. Raises NotFoundError for a code that is not in force.

        Without the artificial city level (北京市东城区), and without a name twice (嘉峪关市, city and county in one).
        """
        division = self.get(code)
        if division is None:
            raise NotFoundError(
                f"there is no division {code}.",
                zh=f"没有代码为{code}的行政区划。",
                remedy="A former code has successors: Gazetteer.successors(code).",
            )
        names = [d.name for d in (*self.ancestors(code), division) if not is_artificial(d.name)]
        return "".join(name for i, name in enumerate(names) if i == 0 or name != names[i - 1])

    def named(
        self, name: str, level: Level | None = None, within: str | None = None, *, short: bool = False
    ) -> list[Division]:
        """Divisions of today, province to town, whose name now or formerly is exactly `name`; today's holders first.

        `within` is a code prefix of any length. `short` also takes the short form (杭州). A former name gives the
        successors, so `found.name != name` tells. Villages are found with level COMMUNITY and a `within` of at least a
        county (the first search in a county reads it), by any of their written forms (see `community_forms`).
        """
        if level is Level.COMMUNITY:
            return self._villages_named(name, within)
        return _kept(self._names.find(name, short=short), level, within)

    def named_short(self, stem: str, level: Level | None = None, within: str | None = None) -> list[Division]:
        """Divisions whose short form, now or formerly, is `stem` (two characters at least): 萧山 → 萧山区.

        Ambiguous stems are common (朝阳: a city, districts, towns): all are given, shallow first; `within` decides.
        """
        return _kept(self._names.find_short(stem), level, within)

    def name_set(self, levels: Collection[Level] | None = None) -> Iterable[DivisionName]:
        """Every name of provinces to towns (or of `levels`) for building a trie, flagged short and former.

        A former name that the registry keeps says at which level it was one: a town may be part of a city by now.
        """
        yield from self._names.entries(levels)
        for name, level, code in self._kept.former_names:
            if level is not Level.COMMUNITY and (levels is None or level in levels):
                yield DivisionName(name, code, level, short=False, former=True)

    def former_villages(self, code: str) -> list[tuple[str, str]]:
        """(former name, code of today) of the villages inside a division, as far as the registry keeps them."""
        low, high = code_range(code)
        every = [f for f in self._kept.former_names if not f.code.endswith("000")]
        return [(f.name, f.code) for f in every if f.level is Level.COMMUNITY and low < f.code <= high]

    def former_towns(self, county: str) -> list[tuple[str, str]]:
        """(name then, code of today) of the towns that lay in a county and lie elsewhere, or are called otherwise."""
        return self._kept.former_towns(county)

    def lay_in(self, code: str, other: str) -> bool:
        """Whether what lies in the division `code` today lay in `other` before a change that the registry knows of."""
        return self._kept.lay_in(code, other)

    def successors(self, code: str, year: int | None = None) -> list[Division]:
        """Divisions of today for a county or city code of then: 330181 → 萧山区; 330104 → 上城区, 钱塘区.

        A code in force today answers itself; with `year`, what that year's holder became. Empty if nothing is known.
        """
        full = pad(code)
        kept = self._kept.today(full) if year is None else []
        found = (self.get(c) for c in kept or self._history.today(full, year))
        return [division for division in found if division is not None]

    def county_history(self) -> list[HistoryRow]:
        """Names and codes of counties and cities since 1980, one row per successor, by code and year."""
        return list(self._history.rows)

    def towns_of(self, code: str) -> list[Division]:
        """All towns inside a county (or city, or province), by code; a town answers itself."""
        low, high = code_range(code)
        inside = self._codes[bisect_left(self._codes, low) : bisect_right(self._codes, high)]
        return [d for c in inside if (d := self._upper[c]).level is Level.TOWN]

    def villages_of(self, code: str) -> list[Division]:
        """All villages and communities inside a town, county or larger, by code. Reads the villages at first use."""
        return self._villages.within(code)

    def tables(self) -> tuple[pa.Table, pa.Table]:
        """All divisions and the county succession as Arrow tables, for bulk loading: see `export`."""
        from addressbook.divisions import export  # Arrow's compute kernels cost start-up time that only loading needs.

        return export.divisions_table(self._path, self._history.since()), export.succession_table(self._history.rows)

    def _former_names(self) -> Iterator[tuple[str, str]]:
        """Those of the county history but of what is in force where the registry keeps the divisions itself."""
        for name, code in self._history.former_names():
            holders = self._names_kept.get(name, ()) if self._kept.covers(code) else ()
            if not holders:
                yield name, code

    @cached_property
    def _names_kept(self) -> dict[str, list[str]]:
        names: defaultdict[str, list[str]] = defaultdict(list)
        for division in self._kept.in_force.values():
            if division.level is Level.COUNTY:
                names[division.name].append(division.code)
        return names

    def _villages_named(self, name: str, within: str | None) -> list[Division]:
        if within is None or len(within) < len("330109"):
            return []
        county = significant(pad(within))[:6] if len(within) in (6, 9, 12) else within[:6]
        return [d for d in self._village_names(county).get(name, ()) if d.code.startswith(_prefix(within))]

    def _read_village_names(self, county: str) -> dict[str, list[Division]]:
        names: dict[str, list[Division]] = defaultdict(list)
        for village in self._villages.within(county if len(county) in (4, 6) else county[:4]):
            for form in community_forms(village.name):
                names[form].append(village)
        return dict(names)


def _kept(found: tuple[Division, ...], level: Level | None, within: str | None) -> list[Division]:
    if level is None and within is None:
        return list(found)
    prefix = "" if within is None else _prefix(within)
    return [d for d in found if (level is None or d.level is level) and d.code.startswith(prefix)]


def _prefix(within: str) -> str:
    """A full code stands for its significant digits; anything shorter is taken as the prefix it is."""
    return significant(within) if len(within) == len("330109001001") else within


def _dated(division: Division, year: int | None) -> Division:
    return division if year is None else replace(division, valid_from=date(year, 1, 1))


@lru_cache(maxsize=1)
def _shipped() -> Gazetteer:
    return _keeping(NOTHING_KEPT)


@lru_cache(maxsize=4)
def _keeping(kept: KeptDivisions) -> Gazetteer:
    return Gazetteer(data_path("gazetteer", DIVISIONS_FILE), data_path("gazetteer", HISTORY_FILE), kept)
