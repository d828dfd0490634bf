"""Names that may mean one address: spelt alike among those that their names must tell apart.

Pure, and never all against all: names meet by what is left when one character is left out, and by their sound
(match/spelling.py). A difference that tells two places apart (东 and 西, 一 and 二) is no slip.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from addressbook.match.spelling import DOUBLED, EXTRA, MISSING, SLIPS, SUFFIX, SWAPPED, Spellings
from addressbook.registry.siblings import TOWN

SLIPS_OF_A_NAME = SLIPS | {DOUBLED, EXTRA, MISSING, SUFFIX, SWAPPED}
COUNTY_DIGITS = 6


class Named(NamedTuple):
    """A live address with a name."""

    aid: str
    kind: str
    name: str
    parent_aid: str | None
    division_code: str


class Pair(NamedTuple):
    """Two addresses that may be one, the lower code first, and by which rule."""

    aid: str
    other_aid: str
    rule: str


def alike_names(addresses: Iterable[Named]) -> Iterator[Pair]:
    """The pairs of one kind and parent, or of one county without a parent, whose names are the same but for slips.

    >>> here = [Named("C1", "C", "南岸明珠", None, "330109002000"), Named("C2", "C", "南岸明株", None, "330109002001")]
    >>> [pair.rule for pair in alike_names(here)]
    ['near_name']
    """
    groups: defaultdict[tuple[str, str], list[Named]] = defaultdict(list)
    for address in addresses:
        groups[address.kind, address.parent_aid or address.division_code[:COUNTY_DIGITS]].append(address)
    for group in groups.values():
        yield from _alike(group)


def _alike(group: list[Named]) -> Iterator[Pair]:
    by_name: defaultdict[str, list[Named]] = defaultdict(list)
    for address in group:
        by_name[address.name].append(address)
    known = Spellings()
    for name in by_name:
        known.add(name)
    for name, holders in by_name.items():
        yield from _pairs(holders, holders, "same_name")
        for other, faults in known.around(name).items():
            if faults and SLIPS_OF_A_NAME.issuperset(faults):
                yield from _pairs(holders, by_name[other], "near_name")


def _pairs(these: list[Named], those: list[Named], rule: str) -> Iterator[Pair]:
    for one in these:
        for other in those:
            if one.aid < other.aid and _may_be_one(one, other):
                yield Pair(one.aid, other.aid, rule)


def _may_be_one(one: Named, other: Named) -> bool:
    """Two towns have a 新村 each; where one is known only by its county they may be the same."""
    here, there = one.division_code[TOWN], other.division_code[TOWN]
    return one.parent_aid is not None or here == there or "000" in (here, there)
