"""One text on its way to an answer: its plan, the names it may mean, and the look-ups that decide."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from addressbook.match.names import NameIndex, says_another_town
from addressbook.model import AddressKind, FoundAddress, NamedAddress, ParsedAddress, PathQuery, PathToken, TreePlan

ROADS = frozenset({AddressKind.STREET})
PLACES = frozenset({AddressKind.COMPOUND, AddressKind.PLACE})
MOST_BASES = 5
INNER = (AddressKind.ENTRANCE, AddressKind.FLOOR)


@dataclass(slots=True)
class Base:
    """A name the path may start from: a place, or a street's plate. `found[n]` are the hits of the first n tokens."""

    named: NamedAddress
    plate_no: str
    tail: list[PathToken]
    found: list[list[FoundAddress]] = field(default_factory=list)
    loose: list[FoundAddress] = field(default_factory=list)

    def query(self, path: str, *, loose: bool = False) -> PathQuery:
        """The look-up of `path` below this base."""
        if self.plate_no:
            return PathQuery(None, path, self.named.aid, self.plate_no, loose)
        return PathQuery(self.named.site_id, "/".join(p for p in (self.named.path, path) if p), loose=loose)

    def exact_queries(self) -> Iterator[PathQuery]:
        """One look-up for each beginning of the path, so that the deepest existing address is known."""
        for count in range(len(self.tail) + 1):
            yield self.query("/".join(str(token) for token in self.tail[:count]))

    def loose_query(self) -> PathQuery | None:
        """The room whatever its entrance or floor; None when the text names no room."""
        if not self.tail or self.tail[-1].kind is not AddressKind.ROOM:
            return None
        return self.query("/".join(str(token) for token in self.tail if token.kind not in INNER), loose=True)

    @property
    def depth(self) -> int:
        """How many tokens were found; -1 when not even the base is in the registry (an unknown plate)."""
        return max((n for n, hits in enumerate(self.found) if hits), default=-1)

    @property
    def complete(self) -> bool:
        """True when the whole path was found."""
        return self.depth == len(self.tail)


@dataclass(slots=True)
class Case:
    """A parsed text with everything the decision needs."""

    parsed: ParsedAddress
    plan: TreePlan | None
    roads: list[NamedAddress] = field(default_factory=list)
    places: list[NamedAddress] = field(default_factory=list)
    road_bases: list[Base] = field(default_factory=list)
    place_bases: list[Base] = field(default_factory=list)

    @property
    def bases(self) -> list[Base]:
        """All bases, places first: a place says more than a plate."""
        return [*self.place_bases, *self.road_bases]


def make_case(parsed: ParsedAddress, plan: TreePlan | None, index: NameIndex) -> Case:
    """Look the names up in the index; no database is asked yet."""
    case = Case(parsed, plan)
    if plan is None:
        return case
    code = parsed.division_code
    if plan.road:
        case.roads = _closest(index.find(plan.road, ROADS, code), code)
    if plan.place:
        case.places = _closest(index.find(plan.place, PLACES, code), code)
    case.place_bases = [Base(place, "", plan.tail) for place in case.places]
    if case.places or not plan.place or plan.plate_no:
        tail = [] if plan.place and not case.places and not plan.tail else plan.tail
        case.road_bases = [Base(road, plan.plate_no, tail) for road in case.roads]
    return case


def _closest(found: list[NamedAddress], code: str | None) -> list[NamedAddress]:
    """Those in the town that was named, when there are any; each address once."""
    here = [n for n in found if not says_another_town(n, code)] or found
    return list({n.aid: n for n in reversed(here)}.values())[::-1][:MOST_BASES]
