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
COUNTY_DIGITS, NO_TOWN = 6, "000"


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

    Of several that are alike each is a pair with the first: so many pairs as there are addresses too many.

    >>> here = [Named("C1", "C", "南岸明珠", None, "330109002000"), Named("C2", "C", "南岸明株", None, "330109002001")]
    >>> [pair.rule for pair in alike_names(here)]
    ['near_name']
    """
    groups: defaultdict[tuple[str, str], list[Named]] = defaultdict(list)
    for address in addresses:
        groups[address.kind, address.parent_aid or address.division_code[:COUNTY_DIGITS]].append(address)
    for group in groups.values():
        yield from dict.fromkeys(_alike(group))


def _alike(group: list[Named]) -> Iterator[Pair]:
    by_name: defaultdict[str, list[Named]] = defaultdict(list)
    for address in sorted(group):
        by_name[address.name].append(address)
    known = Spellings()
    for name in by_name:
        known.add(name)
    for name, holders in by_name.items():
        firsts = _first_of_each_town(holders)
        yield from _pairs(firsts, holders, "same_name")
        for other, faults in known.around(name).items():
            if name < other and faults and SLIPS_OF_A_NAME.issuperset(faults):
                yield from _pairs(firsts, _first_of_each_town(by_name[other]).values(), "near_name")


def _first_of_each_town(holders: Iterable[Named]) -> dict[str, Named]:
    """The lowest code of each town; two towns have a 新村 each. What lies in another address is of one town with it."""
    firsts: dict[str, Named] = {}
    for address in holders:
        firsts.setdefault("" if address.parent_aid else address.division_code[TOWN], address)
    return firsts


def _pairs(firsts: dict[str, Named], others: Iterable[Named], rule: str) -> Iterator[Pair]:
    """Each of the others with the first of its town, or with the first of those of which no town is known."""
    for other in others:
        town = "" if other.parent_aid else other.division_code[TOWN]
        known = firsts if town == NO_TOWN else {key: firsts[key] for key in (town, NO_TOWN) if key in firsts}
        for first in known.values():
            if first.aid != other.aid:
                yield Pair(min(first.aid, other.aid), max(first.aid, other.aid), rule)
