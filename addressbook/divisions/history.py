"""Counties and cities since 1980: who bore which name and code when, and who came after (old → new)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from addressbook.model import Level

FIRST_YEAR = 1980
"""The history begins with the state at the end of 1980; a valid_from_year of 1980 means "1980 or before"."""


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One name and code of a county or city, and one successor of it.

    Years are states at the year's end: in force from valid_from_year, no longer at the end of valid_to_year (the year
    of the change). `new_code` is the direct successor, which may itself have ended later; None while in force (`change`
    is then "current") or where none is known ("ended"). A division split among several has one row for each.
    """

    code: str
    name: str
    level: Level
    parent_code: str
    valid_from_year: int
    valid_to_year: int | None
    new_code: str | None
    change: str

    def in_force(self, year: int) -> bool:
        """Whether the name and code were valid at the end of that year; years before 1980 count as 1980."""
        year = max(year, FIRST_YEAR)
        return self.valid_from_year <= year and (self.valid_to_year is None or year < self.valid_to_year)


class CountyHistory:
    """Follows old → new until the divisions of today."""

    def __init__(self, rows: Iterable[HistoryRow], current: Iterable[str]) -> None:
        self.rows = list(rows)
        self._current = frozenset(current)
        self._by_code: dict[str, list[HistoryRow]] = defaultdict(list)
        for row in self.rows:
            self._by_code[row.code].append(row)

    def today(self, code: str, year: int | None = None) -> list[str]:
        """Codes of today for a code of then (of `year`, or of any year: the last holder first).

        A code that is in use today answers itself unless a year says otherwise. Codes have been used again for other
        counties, above all in 1981 to 1984, so without a year there may be more than one answer.
        """
        if year is None and code in self._current:
            return [code]
        rows = [r for r in self._by_code.get(code, ()) if year is None or r.in_force(year)]
        if not rows and code in self._current:
            return [code]
        rows.sort(key=lambda r: -r.valid_from_year)
        return list(dict.fromkeys(c for row in rows for c in self.today_of(row)))

    def today_of(self, row: HistoryRow) -> list[str]:
        """Codes of today for one name and code of then; empty where the line ended without a known successor."""
        if row.valid_to_year is None:
            return [row.code] if row.code in self._current else []
        if row.new_code is None:
            return []
        following = [r for r in self._by_code.get(row.new_code, ()) if r.in_force(row.valid_to_year)]
        if not following:
            return [row.new_code] if row.new_code in self._current else []
        # Each step is a later spell (it is in force at the end of this one's last year), so this ends.
        return list(dict.fromkeys(c for r in following for c in self.today_of(r)))

    def former_names(self) -> Iterator[tuple[str, str]]:
        """(former name, code of today) for every ended name whose line reaches today; may repeat."""
        for row in self.rows:
            if row.valid_to_year is not None:
                for code in self.today_of(row):
                    yield row.name, code

    def since(self) -> dict[str, int]:
        """First year of the present name and code, for those that are younger than the history."""
        return {
            r.code: r.valid_from_year
            for r in self.rows
            if r.valid_to_year is None and r.valid_from_year > FIRST_YEAR
        }  # fmt: skip
