"""Names and codes of counties and cities by year → spells with successors (old → new). Used by build.py only.

The input has one line per division and year-end since 1980. Its own `county_id` is, as its authors say, not reliable
(one id can hold a dozen unrelated counties), so who became whom is worked out here from names, codes and places, and
the id is only a tie-break. Each year-end gives a few divisions that are gone and a few that are new; RULES are tried in
order on those that are gone. What no rule can tell (a district merged into a neighbour of another name) is in
successions.csv, which overrides the rules.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from addressbook.divisions.codes import pad
from addressbook.divisions.names import is_artificial, short_name
from addressbook.model import Level

# A stem that dozens of cities used says nothing outside its own city.
GENERIC_STEMS = frozenset((
    "城区", "市区", "郊区", "矿区", "新区", "东区", "西区", "南区", "北区", "中区", "城东", "城西", "城中",
    "城北", "城南", "市中", "城关", "桥东", "桥西", "路南", "路北", "新城", "新华", "东风", "向阳", "红旗",
    "永红", "新抚", "铁东", "铁西", "南市", "北市", "城郊",
))  # fmt: skip


@dataclass(slots=True)
class Spell:
    """One division under one name and code, from one year-end to the year it ended in (None: still in force)."""

    code: str
    name: str
    level: Level
    first_year: int
    end_year: int | None
    parent: str | None
    city_id: str
    province_id: str
    family: str
    stem: str
    successors: list[str] = field(default_factory=list)
    change: str = ""

    def in_force(self, year: int) -> bool:
        """Whether the division existed at the end of that year."""
        return self.first_year <= year and (self.end_year is None or year < self.end_year)


@dataclass(slots=True)
class Turn:
    """What changed by one year-end: which spells are new, and which are in force."""

    year: int
    new: list[Spell]
    in_force: list[Spell]
    claimed: set[int] = field(default_factory=set)

    def unclaimed(self) -> Iterator[Spell]:
        """New spells that no ended one has been linked to yet."""
        return (s for s in self.new if id(s) not in self.claimed)


Rule = Callable[[Spell, Turn], "Spell | None"]


def read_spells(path: Path) -> list[Spell]:
    """Spells of cities and counties in the yearly table, ordered by code and first year."""
    years: dict[tuple[str, str, Level], list[dict[str, str]]] = defaultdict(list)
    last = 0
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            last = max(last, int(row["year"]))
            level = {"2": Level.CITY, "3": Level.COUNTY}.get(row["rank"])
            prefix = "city" if level is Level.CITY else "county"
            if level is not None and not is_artificial(row[f"{prefix}_name"]):
                years[(row[f"{prefix}_adcode"], row[f"{prefix}_name"], level)].append(row)
    spells = [s for key, rows in years.items() for s in _spells_of(key, rows, last)]
    return sorted(spells, key=lambda s: (s.code, s.first_year))


def _spells_of(key: tuple[str, str, Level], rows: list[dict[str, str]], last: int) -> Iterator[Spell]:
    code, name, level = key
    rows.sort(key=lambda r: int(r["year"]))
    start = 0
    for i, row in enumerate(rows):
        year = int(row["year"])
        if i + 1 < len(rows) and int(rows[i + 1]["year"]) == year + 1:
            continue
        parent = row["province_adcode"] if level is Level.CITY else (row["city_adcode"] or row["province_adcode"])
        family = row["city_id"] if level is Level.CITY else row["county_id"]
        yield Spell(
            code=pad(code), name=name, level=level, first_year=int(rows[start]["year"]),
            end_year=None if year == last else year + 1, parent=pad(parent),
            city_id=row["city_id"], province_id=row["province_id"], family=family,
            stem=short_name(name, level) or name,
        )  # fmt: skip
        start = i + 1


def link(spells: list[Spell], overrides: dict[tuple[str, str], list[str]]) -> None:
    """Fill `successors` and `change` of every ended spell. `overrides` maps (old code, old name) to new codes."""
    for year in sorted({s.end_year for s in spells if s.end_year}):
        new = [s for s in spells if s.first_year == year]
        turn = Turn(year, new, [s for s in spells if s.in_force(year)])
        left = [s for s in spells if s.end_year == year]
        left = [s for s in left if not _overridden(s, overrides)]
        for change, rule in RULES:
            left = [s for s in left if not _linked(s, turn, change, rule)]


def _overridden(spell: Spell, overrides: dict[tuple[str, str], list[str]]) -> bool:
    codes = overrides.get((spell.code, spell.name))
    if codes:
        spell.successors, spell.change = list(codes), "merged" if len(codes) == 1 else "split"
    return bool(codes)


def _linked(spell: Spell, turn: Turn, change: str, rule: Rule) -> bool:
    found = rule(spell, turn)
    if found is None:
        return False
    spell.successors, spell.change = [found.code], change
    turn.claimed.add(id(found))
    return True


def _same_code_and_stem(old: Spell, turn: Turn) -> Spell | None:
    return _only(s for s in turn.new if s.code == old.code and s.level == old.level and s.stem == old.stem)


def _same_name_new_code(old: Spell, turn: Turn) -> Spell | None:
    """A renumbered division. Before the stems are compared: 上饶县 must not lose its new code to 上饶市."""
    return _nearest(old, [s for s in turn.unclaimed() if s.level == old.level and s.name == old.name])


def _same_stem_new_code(old: Spell, turn: Turn) -> Spell | None:
    """A division raised to another kind with a new code: 萧山县 → 萧山市 → 萧山区."""
    return _nearest(old, [s for s in turn.unclaimed() if s.level == old.level and s.stem == old.stem])


def _nearest(old: Spell, found: list[Spell]) -> Spell | None:
    """The only one in the same city, else in the same province, else anywhere; a generic stem stays in its city."""
    home = [s for s in found if s.city_id == old.city_id]
    if old.stem in GENERIC_STEMS:
        return _only(home)
    return (
        _only(home)
        or _only(s for s in found if s.family == old.family)
        or _only(s for s in found if s.province_id == old.province_id)
        or _only(found)
    )


def _same_code_new_name(old: Spell, turn: Turn) -> Spell | None:
    return _only(s for s in turn.unclaimed() if s.code == old.code and s.level == old.level)


def _same_family_new(old: Spell, turn: Turn) -> Spell | None:
    return _only(s for s in turn.unclaimed() if s.level == old.level and s.family == old.family)


def _absorbed_by_namesake(old: Spell, turn: Turn) -> Spell | None:
    """宣化县 into 宣化区, 保定地区 into 保定市: the namesake in the same city (or province) was there before."""
    same = [s for s in turn.in_force if s.level == old.level and s.stem == old.stem]
    if old.level is Level.CITY:
        return _only(s for s in same if s.province_id == old.province_id)
    return _only(s for s in same if s.city_id == old.city_id)


def _city_of_the_same_name(old: Spell, turn: Turn) -> Spell | None:
    """A county-level city that became the prefecture-level city of its name (扬州市 1983)."""
    return _city_over(old, turn) if old.name.endswith("市") else None


def _city_over(old: Spell, turn: Turn) -> Spell | None:
    """The city of the same stem: coarser than the truth (a county became several districts), but not false."""
    if old.level is not Level.COUNTY:
        return None
    cities = [s for s in turn.in_force if s.level is Level.CITY and s.stem == old.stem and s.name.endswith("市")]
    return _only(s for s in cities if s.province_id == old.province_id)


def _only(found: Iterable[Spell]) -> Spell | None:
    spells = list(found)
    return spells[0] if len(spells) == 1 else None


RULES: tuple[tuple[str, Rule], ...] = (
    ("renamed", _same_code_and_stem),
    ("recoded", _same_name_new_code),
    ("recoded", _same_stem_new_code),
    ("renamed", _same_code_new_name),
    ("recoded", _same_family_new),
    ("raised", _city_of_the_same_name),
    ("merged", _absorbed_by_namesake),
    ("raised", _city_over),
)


def read_overrides(path: Path, spells: list[Spell]) -> dict[tuple[str, str], list[str]]:
    """successions.csv as (old code, old name) → new codes. Stops at a line whose division did not end that year."""
    ended = {(s.code, s.name, s.end_year) for s in spells}
    overrides: dict[tuple[str, str], list[str]] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if (row["old_code"], row["old_name"], int(row["year"])) not in ended:
                raise SystemExit(f"{path.name}: {row['old_code']} {row['old_name']} did not end in {row['year']}")
            overrides[(row["old_code"], row["old_name"])] = row["new_codes"].split()
    return overrides
