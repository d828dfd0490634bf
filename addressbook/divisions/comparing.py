"""Two lists of divisions, of then and of now: what became of each. Pure; decided by code, name, parent and members.

First what the files say plainly: the same code and name; the same name below what the parent became; the same stem
there (宁围镇 → 宁围街道); the same name elsewhere, where only one bears it, or a village's stem within the county; the
same code under another name. Then what a division's members say: the town all of whose villages lie in two towns now
was split. Then what outlines say. What none of this tells has to be said by an explicit succession.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from addressbook.divisions.codes import DIGITS, level_of, parent_code
from addressbook.divisions.names import community_forms, short_name
from addressbook.model import Level

LADDER = (Level.PROVINCE, Level.CITY, Level.COUNTY, Level.TOWN, Level.COMMUNITY)
SMALLEST_SHARE = 0.02
"""Of a division's surface: what less than that reaches into is a boundary drawn less carefully."""
Names = Mapping[str, str]


@dataclass
class Comparison:
    """`heirs`: for every old code that is settled the new codes, the one that takes what no other does first.

    `parts`: what a division that goes on lost, by its members. `implied`: codes that the new list leaves out because it
    says nothing of their level; they go on.
    """

    old: Names
    new: dict[str, str]
    heirs: dict[str, list[str]] = field(default_factory=dict)
    parts: dict[str, list[str]] = field(default_factory=dict)

    def successors(self, code: str) -> list[str]:
        """Where what lay in an old division lies now; empty where nothing tells."""
        return [*self.heirs.get(code, ()), *self.parts.get(code, ())]

    @property
    def undecided(self) -> list[str]:
        """Old codes that are gone, and nothing tells where to."""
        return [code for code in sorted(self.old) if not self.heirs.get(code)]


def compare(
    old: Names, new: Names, *, successions: Iterable[tuple[str, str]] = (),
    shares: Mapping[str, Mapping[str, float]] | None = None,
) -> Comparison:  # fmt: skip
    """What became of the `old` divisions (code → name) in the `new` ones.

    `successions` (old, new) come before everything else; `shares` say which part of an old outline each new one covers.
    """
    found = Comparison(old, dict(new))
    for before, after in successions:
        found.heirs.setdefault(before, []).append(after)
    work = _Work(found)
    for level in LADDER:
        work.settle(level)
    for level in (Level.TOWN, Level.COUNTY):
        work.settle_by_members(level)
        work.settle_by_shares(level, shares or {})
        for below in LADDER[LADDER.index(level) + 1 :]:
            work.settle(below)
    work.settle_by_shares(Level.COMMUNITY, shares or {})
    work.find_parts()
    return found


class _Work:
    """The comparison under way."""

    def __init__(self, found: Comparison) -> None:
        self.found = found
        self._listed = {level_of(code) for code in found.new}
        self._old = _by_level(found.old)
        self._new = _by_level(found.new)
        self._remembered: dict[tuple[str, int], Any] = {}
        self._taken: Counter[str] = Counter(code for codes in found.heirs.values() for code in codes)

    def settle(self, level: Level) -> None:
        """What the lists say plainly of one level."""
        if level not in self._listed:
            self._leave_out(level)
            return
        for rule in (
            self._same,
            self._name_below,
            self._stem_below,
            self._name_elsewhere,
            self._stem_near,
            self._same_code,
        ):
            proposed = {code: heir for code in self._open(level) if (heir := rule(code, level))}
            claims = Counter(proposed.values())
            for code, heir in proposed.items():
                if claims[heir] == 1:
                    self._take(code, [heir])

    def settle_by_members(self, level: Level) -> None:
        """A division that is gone became what its members lie in now."""
        members = _members(self.found, level)
        for code in self._open(level):
            went = Counter(parent_code(heir) or "" for member in members[code] for heir in self._first(member))
            if went:
                self._take(code, [heir for heir, _ in sorted(went.items(), key=lambda p: (-p[1], p[0]))])

    def settle_by_shares(self, level: Level, shares: Mapping[str, Mapping[str, float]]) -> None:
        """A division that is gone became what its outline is covered by now."""
        for code in self._open(level):
            covered = {new: share for new, share in shares.get(code, {}).items() if share >= SMALLEST_SHARE}
            if covered:
                self._take(code, sorted(covered, key=lambda new: (-covered[new], new)))

    def find_parts(self) -> None:
        """What else the members of a division lie in now than in what it became itself."""
        for level in (Level.TOWN, Level.COUNTY):
            members = _members(self.found, level)
            for code in self._old[level]:
                whole = self.found.heirs.get(code, [])
                heirs = [heir for member in members[code] for heir in self._first(member)]
                went = Counter(above for heir in heirs if (above := _above(heir, level)) and above not in whole)
                if whole and went and len(heirs) > 0:
                    self.found.parts[code] = [heir for heir, _ in sorted(went.items(), key=lambda p: (-p[1], p[0]))]

    def _first(self, code: str) -> list[str]:
        return self.found.heirs.get(code, [])[:1]

    def _open(self, level: Level) -> list[str]:
        return [code for code in self._old[level] if code not in self.found.heirs]

    def _take(self, code: str, heirs: list[str]) -> None:
        self.found.heirs[code] = heirs
        self._taken.update(heirs)

    def _leave_out(self, level: Level) -> None:
        """The new list has nothing of that level: what lies in what goes on under its code goes on; the rest ends."""
        for code in self._open(level):
            above = parent_code(code)
            heirs = self.found.heirs.get(above or "", [above] if above and above not in self.found.old else [])
            if heirs == [above]:
                self.found.new[code] = self.found.old[code]
                self.found.heirs[code] = [code]
            elif heirs:
                self.found.heirs[code] = heirs

    def _same(self, code: str, _level: Level) -> str | None:
        return code if self.found.new.get(code) == self.found.old[code] else None

    def _name_below(self, code: str, level: Level) -> str | None:
        name = self.found.old[code]
        return _only(new for new in self._free_below(code, level) if self.found.new[new] == name)

    def _stem_below(self, code: str, level: Level) -> str | None:
        stem = _stem(self.found.old[code], level)
        if stem in {_stem(self.found.old[other], level) for other in self._siblings(code, level)}:
            return None
        return _only(new for new in self._free_below(code, level) if _stem(self.found.new[new], level) == stem)

    def _name_elsewhere(self, code: str, level: Level) -> str | None:
        name = self.found.old[code]
        bearers = self._old_bearers(level)[name]
        if len(bearers) != 1:
            return None
        return _only(new for new in self._new[level] if self.found.new[new] == name and not self._taken[new])

    def _stem_near(self, code: str, level: Level) -> str | None:
        """盈二村 of 宁围街道 → 盈二社区 of 盈丰街道: nowhere else in the county was or is that stem."""
        if level is not Level.COMMUNITY:
            return None
        stem, county = _stem(self.found.old[code], level), code[: DIGITS[Level.COUNTY]]
        if len(self._stems(self._old, self.found.old)[county, stem]) != 1:
            return None
        heirs = self.found.heirs.get(county.ljust(len(code), "0"), [])
        bearers = self._stems(self._new, self.found.new)
        near = [new for heir in heirs for new in bearers[heir[: DIGITS[Level.COUNTY]], stem]]
        return _only(new for new in near if not self._taken[new])

    def _stems(
        self, lists: Mapping[Level, Sequence[str]], names: Names
    ) -> defaultdict[tuple[str, str], list[str]]:  # fmt: skip
        """The communities by county and stem."""
        key = ("stems", id(lists))
        if key not in self._remembered:
            found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
            for code in lists[Level.COMMUNITY]:
                found[code[: DIGITS[Level.COUNTY]], _stem(names[code], Level.COMMUNITY)].append(code)
            self._remembered[key] = found
        kept: defaultdict[tuple[str, str], list[str]] = self._remembered[key]
        return kept

    def _same_code(self, code: str, _level: Level) -> str | None:
        return code if code in self.found.new and not self._taken[code] else None

    def _siblings(self, code: str, level: Level) -> Iterator[str]:
        above = parent_code(code)
        return (other for other in self._children(self._old, level).get(above, ()) if other != code)

    def _free_below(self, code: str, level: Level) -> Iterator[str]:
        above = parent_code(code)
        children = self._children(self._new, level)
        for heir in self.found.heirs.get(above or "", [above] if above not in self.found.old else []):
            yield from (new for new in children.get(heir, ()) if not self._taken[new])

    def _children(self, lists: Mapping[Level, Sequence[str]], level: Level) -> Mapping[str | None, list[str]]:
        key = (level, id(lists))
        if key not in self._remembered:
            self._remembered[key] = _grouped(lists[level], parent_code)
        found: Mapping[str | None, list[str]] = self._remembered[key]
        return found

    def _old_bearers(self, level: Level) -> Mapping[str, list[str]]:
        key = (level, 0)
        if key not in self._remembered:
            self._remembered[key] = _grouped(self._old[level], self.found.old.__getitem__)
        found: Mapping[str, list[str]] = self._remembered[key]
        return found


def _by_level(names: Names) -> dict[Level, list[str]]:
    found: dict[Level, list[str]] = {level: [] for level in (*LADDER, Level.NONE)}
    for code in sorted(names):
        found[level_of(code)].append(code)
    return found


def _grouped(codes: Iterable[str], key: Callable[[str], str | None]) -> defaultdict[str | None, list[str]]:
    found: defaultdict[str | None, list[str]] = defaultdict(list)
    for code in codes:
        found[key(code)].append(code)
    return found


def _members(found: Comparison, level: Level) -> Mapping[str | None, list[str]]:
    """The divisions one level below each, of those that were in force."""
    below = LADDER[LADDER.index(level) + 1]
    return _grouped((code for code in found.old if level_of(code) is below), parent_code)


def _above(code: str, level: Level) -> str | None:
    """The division of that level in which a new code lies, or which it is."""
    above: str | None = code
    while above is not None and level_of(above) is not level:
        above = parent_code(above)
    return above


def _only(found: Iterable[str]) -> str | None:
    every = list(found)
    return every[0] if len(every) == 1 else None


def _stem(name: str, level: Level) -> str:
    """What a name keeps when a town becomes a subdistrict, or a village a community."""
    if level is Level.COMMUNITY:
        return community_forms(name)[-1]
    return short_name(name, level) or name
