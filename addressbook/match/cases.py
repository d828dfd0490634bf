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
        own = self.named.path
        return PathQuery(self.named.site_id, f"{own}/{path}" if own and path else own or path, loose=loose)

    def exact_queries(self) -> Iterator[PathQuery]:
        """One look-up for each beginning of the path, so that the deepest existing address is known."""
        path = ""
        yield self.query(path)
        for token in self.tail:
            path = f"{path}/{token}" if path else str(token)
            yield self.query(path)

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
        return bool(self.found and self.found[-1])


@dataclass(slots=True)
class Case:
    """A parsed text with everything the decision needs.

    `bases` are where its path may start; `plates` are the plates a text names beside its place, as witnesses only;
    `streets` are the streets themselves, certain even when the plate is not.
    """

    parsed: ParsedAddress
    plan: TreePlan | None
    roads: list[NamedAddress] = field(default_factory=list)
    places: list[NamedAddress] = field(default_factory=list)
    bases: list[Base] = field(default_factory=list)
    plates: list[Base] = field(default_factory=list)
    streets: list[Base] = field(default_factory=list)

    @property
    def depth(self) -> int:
        """The depth of the deepest base."""
        return max((base.depth for base in self.bases), default=-1)


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
    if case.places:
        case.bases = [Base(place, "", plan.tail) for place in case.places]
        if plan.plate_no:
            case.plates = [Base(road, plan.plate_no, []) for road in case.roads]
    elif not plan.place or plan.plate_no:
        case.bases = [Base(road, plan.plate_no, plan.tail) for road in case.roads]
    if plan.plate_no or not case.bases:
        case.streets = [Base(road, "", []) for road in case.roads]
    return case


def _closest(found: list[NamedAddress], code: str | None) -> list[NamedAddress]:
    """Those in the town that was named, when there are any; each address once."""
    if len(found) < 2:
        return found
    here = [n for n in found if not says_another_town(n, code)] or found
    return list({n.aid: n for n in reversed(here)}.values())[::-1][:MOST_BASES]
