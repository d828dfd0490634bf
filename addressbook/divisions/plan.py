"""What a new list of divisions comes to: created, renamed, merged, split, moved, abolished; with what it touches."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from addressbook.divisions.codes import code_range, level_of, parent_code
from addressbook.divisions.comparing import Comparison
from addressbook.model import Level


class Change(StrEnum):
    """What became of a division; `undecided`: nothing tells, and addresses or links lie in it."""

    CREATED = "created"
    RENAMED = "renamed"
    MERGED = "merged"
    SPLIT = "split"
    MOVED = "moved"
    ABOLISHED = "abolished"
    UNDECIDED = "undecided"


CHANGES_ZH = {
    Change.CREATED: "新设", Change.RENAMED: "更名", Change.MERGED: "并入", Change.SPLIT: "拆分", Change.MOVED: "划转",
    Change.ABOLISHED: "撤销", Change.UNDECIDED: "待定",
}  # fmt: skip


class Count(NamedTuple):
    """Live addresses and open links."""

    addresses: int
    links: int


class Named(NamedTuple):
    """A division as a plan names it."""

    code: str
    name: str


class Entry(NamedTuple):
    """One division of then or, of those created, of now. `touched`: what gets another code, text or place of count."""

    change: Change
    old: Named | None
    new: tuple[Named, ...]
    touched: Count


class Settled(NamedTuple):
    """How the addresses of divisions that were split were told apart: by their point, a street by its plates, or by
    nothing, so that they stay with the main successor.
    """

    by_outline: int
    by_plates: int
    by_default: int


@dataclass(frozen=True)
class Plan:
    """The changes at and below a division from a day on. Nothing of it is stored yet."""

    below: str
    effective: date
    comparison: Comparison
    entries: tuple[Entry, ...]
    touched: Count
    settled: Settled

    @property
    def undecided(self) -> tuple[Entry, ...]:
        """What has to be settled by an explicit succession before the plan can be applied."""
        return tuple(entry for entry in self.entries if entry.change is Change.UNDECIDED)

    def summary(self) -> dict[str, Any]:
        """The plan as data: how many divisions of each level changed how, and what that touches."""
        numbers: defaultdict[str, Counter[str]] = defaultdict(Counter)
        for entry in self.entries:
            shown = entry.old or entry.new[0]
            numbers[entry.change.value][level_of(shown.code).value] += 1
        return {
            "below": self.below, "effective": str(self.effective), "addresses": self.touched.addresses,
            "links": self.touched.links, "changes": {name: dict(found) for name, found in numbers.items()},
            **self.settled._asdict(),
        }  # fmt: skip

    def as_data(self) -> dict[str, Any]:
        """The summary with every division that changes."""
        return {**self.summary(), "divisions": [entry_as_data(entry) for entry in self.entries]}


def entry_as_data(entry: Entry) -> dict[str, Any]:
    """An entry as JSON."""
    return {
        "change": entry.change.value, "old": entry.old and entry.old._asdict(),
        "new": [named._asdict() for named in entry.new], **entry.touched._asdict(),
    }  # fmt: skip


def touched_codes(comparison: Comparison) -> dict[str, list[str]]:
    """Old codes whose addresses get another code, another text, or have to be told apart; each with its successors."""
    return {
        code: heirs
        for code in comparison.old
        if (heirs := comparison.successors(code)) and (heirs != [code] or _is_called_otherwise(code, comparison))
    }


def _is_called_otherwise(code: str, comparison: Comparison) -> bool:
    above: str | None = code
    while above is not None and above in comparison.old:
        named = level_of(above) is not Level.COMMUNITY
        if named and comparison.old[above] != comparison.new.get(above):
            return True
        above = parent_code(above)
    return False


def entries_of(comparison: Comparison, counts: Mapping[str, Count]) -> tuple[Entry, ...]:
    """Every division that changes, by code; `counts`: what lies at each old code itself, not below it."""
    touched = touched_codes(comparison)
    heirs_of = Counter(
        heir for code in comparison.old for heir in {*comparison.successors(code)} if _is_peer(code, heir)
    )  # fmt: skip
    sums = _Sums({code: counts.get(code, Count(0, 0)) for code in {*touched, *comparison.undecided}})
    found = [entry for code in comparison.old for entry in _entry(code, comparison, heirs_of, sums)]
    heirs = {heir for code in comparison.old for heir in comparison.successors(code)}
    created = [code for code in comparison.new if code not in heirs and code not in comparison.old]
    found += [Entry(Change.CREATED, None, (Named(code, comparison.new[code]),), Count(0, 0)) for code in created]
    return tuple(sorted(found, key=lambda entry: (entry.old or entry.new[0]).code))


def _is_peer(code: str, heir: str) -> bool:
    """Whether a division is followed by one of its own level: that its villages end in it too makes it no merger."""
    return level_of(code) is level_of(heir)


def _entry(code: str, comparison: Comparison, heirs_of: Counter[str], sums: _Sums) -> Iterator[Entry]:
    successors = comparison.successors(code)
    same = successors == [code] and comparison.old[code] == comparison.new[code]
    if not same:
        new = tuple(Named(heir, comparison.new[heir]) for heir in successors)
        count = sums.within(code)
        yield Entry(_change(code, new, comparison, heirs_of, count), Named(code, comparison.old[code]), new, count)


def _change(
    code: str, new: tuple[Named, ...], comparison: Comparison, heirs_of: Counter[str], count: Count
) -> Change:  # fmt: skip
    if not new:
        return Change.UNDECIDED if any(count) else Change.ABOLISHED
    if len(new) > 1:
        return Change.SPLIT
    if new[0].code != code and (heirs_of[new[0].code] > 1 or not _is_peer(code, new[0].code)):
        return Change.MERGED
    return Change.RENAMED if new[0].name != comparison.old[code] else Change.MOVED


class _Sums:
    """Counts at codes, summed for whatever contains them."""

    def __init__(self, at: Mapping[str, Count]) -> None:
        self._above: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
        for code, count in at.items():
            above: str | None = code
            while above is not None:
                self._above[above][0] += count.addresses
                self._above[above][1] += count.links
                above = parent_code(above)

    def within(self, code: str) -> Count:
        """What lies at and below a code."""
        return Count(*self._above.get(code, (0, 0)))


def range_of(below: str) -> dict[str, str]:
    """The codes at and below a division, as the parameters of a statement."""
    low, high = code_range(below)
    return {"low": low, "high": high}
