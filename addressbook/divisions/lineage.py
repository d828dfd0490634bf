"""What became of divisions by the registry's own events: from a name and code of then to the divisions of today.

A version is one name and code from a day until another. The lines of succession lead from the version that stood when
a change came to the one that stands from then on, so following them moves forward in time and ends.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from addressbook.divisions.codes import DIGITS, level_of, significant
from addressbook.model import Division, Level

CODE_DIGITS = 12


class Line(NamedTuple):
    """What lay in `old` lies in `new` from `effective` on."""

    old: str
    new: str
    effective: date


class FormerName(NamedTuple):
    """A name that meant something at `level` and now means the division `code`, of whatever level."""

    name: str
    level: Level
    code: str


@dataclass(frozen=True)
class KeptDivisions:
    """What a registry keeps of divisions in place of the gazetteer: below each of `roots`, itself included.

    `versions` are those in force and those that ended; every field is hashable, so that equal ones share what is
    built of them.
    """

    roots: tuple[str, ...]
    versions: tuple[Division, ...]
    lines: tuple[Line, ...]

    def covers(self, code: str) -> bool:
        """Whether the division of that code is kept here."""
        return code.startswith(self._heads)

    @cached_property
    def _heads(self) -> tuple[str, ...]:
        return tuple(map(significant, self.roots))

    @cached_property
    def in_force(self) -> dict[str, Division]:
        """The divisions of today by code."""
        return {version.code: version for version in self.versions if version.valid_to is None}

    @cached_property
    def _by_code(self) -> dict[str, list[Division]]:
        found: defaultdict[str, list[Division]] = defaultdict(list)
        for version in self.versions:
            found[version.code].append(version)
        return found

    @cached_property
    def _lines(self) -> dict[str, list[Line]]:
        found: defaultdict[str, list[Line]] = defaultdict(list)
        for line in self.lines:
            found[line.old].append(line)
        return found

    def today(self, code: str) -> list[str]:
        """The codes of today for a code of any time: that of its last holder, itself while it is in force."""
        if code in self.in_force:
            return [code]
        versions = self._by_code.get(code, [])
        return self._today(max(versions, key=_began)) if versions else []

    def _today(self, version: Division) -> list[str]:
        found: dict[str, None] = {} if version.valid_to is not None else {version.code: None}
        for line in self._lines.get(version.code, ()):
            if _began(version) < line.effective and (version.valid_to is None or line.effective <= version.valid_to):
                found |= dict.fromkeys(self._from(line))
        return list(found)

    def _from(self, line: Line) -> list[str]:
        """The codes of today of what a line leads to."""
        for version in self._by_code.get(line.new, ()):
            if _began(version) <= line.effective and (version.valid_to is None or line.effective < version.valid_to):
                return self._today(version)
        return []

    @cached_property
    def former_names(self) -> tuple[FormerName, ...]:
        """Every name that a division of today, or a part of it, was called by, where it is not its own name."""
        found: dict[FormerName, None] = {}
        for version in self.versions:
            heirs = self._today(version)
            # A county that goes on means itself; of a town that left it the matcher knows where it lay.
            lasting = version.level is Level.COUNTY and version.code in heirs
            for code in [version.code] if lasting else heirs:
                now = self.in_force[code]
                if (now.name, now.level) != (version.name, version.level):
                    found[FormerName(version.name, version.level, code)] = None
        return tuple(found)

    @cached_property
    def _former_places(self) -> dict[str, frozenset[str]]:
        """Code of today → the codes, of any level, that what lies there had or lay in before."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        for version in self.versions:
            for code in self._today(version):
                if code != version.code:
                    found[code].update(_and_above(version.code))
        return {code: frozenset(codes) for code, codes in found.items()}

    def lay_in(self, code: str, other: str) -> bool:
        """Whether what lies in the division `code` today lay in the division `other` before, wholly or in part."""
        return any(other in self._former_places.get(above, ()) for above in _and_above(code))

    def former_towns(self, county: str) -> list[tuple[str, str]]:
        """(name then, code of today) of the towns that lay in a county (6 digits), where either has changed."""
        towns = [
            version for version in self.versions if version.level is Level.TOWN and version.code.startswith(county)
        ]
        return [
            (version.name, code)
            for version in towns
            for code in self._today(version)
            if (code, self.in_force[code].name) != (version.code, version.name)
        ]


def _began(version: Division) -> date:
    return version.valid_from or date.min


def _and_above(code: str) -> Iterable[str]:
    """The code and those that it lies in, counties at the most."""
    shortest = DIGITS[Level.COUNTY]
    lengths = {shortest, DIGITS[Level.TOWN], CODE_DIGITS} if level_of(code) is not Level.CITY else {CODE_DIGITS}
    return {code[:length].ljust(CODE_DIGITS, "0") for length in lengths}
