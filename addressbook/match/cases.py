"""One text on its way to an answer: its plan, the names it may mean, and the look-ups that decide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from addressbook.match.names import NameIndex, is_generic
from addressbook.match.nearness import NearName, margins
from addressbook.match.plan import Outline, cut_parts, number_may_be_building, outline, plan_of
from addressbook.match.rereading import rereadings, split_road, strained, without_preamble
from addressbook.match.roles import by_context
from addressbook.match.towns import TownWords
from addressbook.model import (
    AddressKind,
    FoundAddress,
    Level,
    NamedAddress,
    ParsedAddress,
    PathQuery,
    PathToken,
    TreePlan,
)

ROADS: Final = frozenset({AddressKind.STREET})
PLACES: Final = frozenset({AddressKind.COMPOUND, AddressKind.PLACE})
MOST_BASES: Final = 5
REMEMBERED: Final = 100_000
SURROUNDING: Final = ("园区", "工业园", "科技园", "产业园", "工业区", "开发区", "市场", "基地", "港", "农场")
"""Of these even a known one may surround plates that are not its own; an estate (小区, 花园) does not."""
AREA_ENDINGS: Final = (*SURROUNDING, "创业园", "物流园", "新区", "保税区")
"""临江工业园区长风路3333号: a place of these endings before a street is around it, not what is there."""
INNER: Final = (AddressKind.ENTRANCE, AddressKind.FLOOR)


class Base:
    """A name the path may start from: a place, or a street's plate.

    `names` are the names it rests on, with their faults: its own, and that of a street whose plate bears it out.
    `path` is that of the whole tail. `found` are the addresses at it, once `asked`; `steps[n]` those at its first n
    tokens, asked only when no base of the text was found whole; `loose` the rooms whatever their entrance or floor.
    `number_is_building`: 2号 in the text is taken for 2幢.
    """

    def __init__(
        self,
        named: NamedAddress,
        plate_no: str,
        tail: list[PathToken],
        path: str,
        names: tuple[NearName, ...],
        number_is_building: str = "",
    ) -> None:
        self.named = named
        self.plate_no = plate_no
        self.tail = tail
        self.path = path
        self.names = names
        self.number_is_building = number_is_building
        self.asked = False
        self.found: Sequence[FoundAddress] = ()
        self.steps: Sequence[Sequence[FoundAddress]] = ()
        self.loose: Sequence[FoundAddress] = ()
        self.confirmed = False

    def query(self, path: str, *, loose: bool = False) -> PathQuery:
        """The look-up of a path below this base."""
        # A named tuple takes three times as long to make itself.
        if self.plate_no:
            return tuple.__new__(PathQuery, (None, path, self.named.aid, self.plate_no, loose))
        own = self.named.path
        whole = f"{own}/{path}" if own and path else own or path
        return tuple.__new__(PathQuery, (self.named.site_id, whole, None, None, loose))

    def part_queries(self) -> list[PathQuery]:
        """Each beginning of the path, so that the deepest existing address is known; then the room by itself."""
        asked = [self.query(path_of(self.tail[:count])) for count in range(len(self.tail))]
        if not self.asked:
            asked.append(self.query(self.path))
        if self.tail and self.tail[-1].kind is AddressKind.ROOM:
            asked.append(self.query(path_of([token for token in self.tail if token.kind not in INNER]), loose=True))
        return asked

    def take_parts(self, answers: Sequence[Sequence[FoundAddress]]) -> None:
        """The answers to `part_queries`."""
        numbers = len(self.tail)
        if not self.asked:
            self.found = answers[numbers]
        self.steps = [*answers[:numbers], self.found]
        self.loose = answers[-1] if len(answers) > numbers + (not self.asked) else ()

    @property
    def depth(self) -> int:
        """How many tokens were found; -1 when not even the base is in the registry (an unknown plate)."""
        if self.found:
            return len(self.tail)
        return max((n for n, hits in enumerate(self.steps) if hits), default=-1)

    @property
    def deepest(self) -> Sequence[FoundAddress]:
        """The addresses at that depth."""
        return self.found or (self.steps[self.depth] if self.depth >= 0 else ())

    @property
    def start(self) -> Sequence[FoundAddress]:
        """The addresses the path starts from: the place, or the plate."""
        return self.steps[0] if self.steps else self.found

    @property
    def cost(self) -> float:
        """What its names cost."""
        return sum([name.cost for name in self.names]) + (margins()["reread"] if self.number_is_building else 0.0)

    @property
    def faulty(self) -> bool:
        """Whether any of its names is not as written."""
        return any(name.faults for name in self.names)

    @property
    def safe(self) -> bool:
        """Whether each of its names may be taken by itself."""
        return all(name.safe for name in self.names)


def path_of(tokens: Sequence[PathToken]) -> str:
    """The path that the tokens make: B3/E1/H502."""
    return "/".join([token.kind + token.value for token in tokens])


class Case:
    """A parsed text with everything the decision needs.

    `bases` are where its path may start; `plates` are the plates a text
    names beside its place, as witnesses only; `streets` are the streets themselves, certain even when the plate is not:
    known once no base leads to an address.
    """

    def __init__(self, parsed: ParsedAddress, outline: Outline, plan: TreePlan | None) -> None:
        self.parsed = parsed
        self.outline = outline
        self.plan = plan
        self.roads: Sequence[NearName] = ()
        self.places: Sequence[NearName] = ()
        self.bases: Sequence[Base] = ()
        self.plates: Sequence[Base] = ()
        self.streets: Sequence[Base] = ()
        self.around = False
        self.set_aside = ""

    @property
    def depth(self) -> int:
        """The depth of the deepest base."""
        return max((base.depth for base in self.bases), default=-1)

    @property
    def names_hold(self) -> bool:
        """Whether every name is known, or safely near to a known one."""
        plan = self.plan
        if plan is None:
            return False
        if plan.road and not (self.roads and self.roads[0].safe):
            return False
        return not plan.place or bool(self.places and self.places[0].safe)

    @property
    def cost(self) -> float:
        """What its names cost at best; a name that nothing is near to costs most."""
        plan, unknown = self.plan, margins()["name_unknown"]
        if plan is None:
            return 2 * unknown
        road = self.roads[0].cost if self.roads else unknown if plan.road else 0.0
        return road + (self.places[0].cost if self.places else unknown if plan.place else 0.0)


class CaseMaker:
    """Looks the names of texts up in the index; no database is asked yet."""

    def __init__(self, index: NameIndex, towns: TownWords) -> None:
        self._index, self._towns = index, towns
        self._found: dict[tuple[str, bool, str | None, bool], list[NearName]] = {}
        self._version = -1

    def make(self, parsed: ParsedAddress) -> Case:
        """The reading of the text whose names are known best; that of the parser when none is better."""
        parsed = by_context(parsed)
        at = outline(parsed.names)
        said = at.preamble
        if said >= 0 and not self._index.find(parsed.value(said), PLACES, parsed.division_code):
            parsed = without_preamble(parsed, said)
            at = outline(parsed.names)
        case = self._named(parsed, at)
        doubt = margins()["strained"] if strained(parsed, at.strains) else 0.0
        if doubt or not case.names_hold:
            others = [self._reread(other) for other in rereadings(parsed, self._towns, self._index.counties)]
            others += [self._reread(other) for other in self._road_split(parsed)]
            best = min((other for other in others if other.plan), key=lambda other: other.cost, default=case)
            if best.cost + margins()["reread"] < case.cost + doubt:
                case = best
        _add_bases(case)
        return case

    def widen(self, case: Case) -> None:
        """Add the other ways to start, and the streets: only for a case none of whose bases leads to an address."""
        if case.plan is not None and (case.plan.plate_no or not case.bases):
            case.streets = [Base(near.named, "", [], "", (near,)) for near in case.roads if not near.faults]
        bases = [*case.bases, *self._joined(case)]
        case.bases = bases + [_with_building(base) for base in bases if number_may_be_building(base.tail)]

    def _reread(self, parsed: ParsedAddress) -> Case:
        return self._planned(parsed, outline(parsed.names), around_counts=True)

    def _road_split(self, parsed: ParsedAddress) -> Iterator[ParsedAddress]:
        """蓝海国际重心人惠街: a name of which the end is a known street is a place and a street."""
        if "road" not in parsed.names:
            return
        at = parsed.names.index("road")
        road = parsed.value(at)
        for cut in range(2, len(road) - 2):
            if self._index.find(road[cut:], ROADS, parsed.division_code):
                yield split_road(parsed, at, cut)

    def _joined(self, case: Case) -> Iterator[Base]:
        """朝晖馨苑东苑: the place and its part may be one name of the registry, or nearly one."""
        plan = case.plan
        if plan is None or not plan.place or not plan.tail or plan.tail[0].kind not in PLACES:
            return
        for name, rest in ((plan.tail[0].value, []), *cut_parts(plan.tail[0])):
            for near in self._find(plan.place + name, PLACES, case.parsed.division_code):
                tail = rest + plan.tail[1:]
                yield Base(near.named, "", tail, path_of(tail), (near,))

    def _named(self, parsed: ParsedAddress, at: Outline) -> Case:
        if at.around:
            case = self._planned(parsed, at, around_counts=True)
            around = parsed.value(at.place)
            if case.places or at.parts or not around.endswith(AREA_ENDINGS):
                case.around = around.endswith(SURROUNDING)
                return case
        return self._planned(parsed, at)

    def _planned(self, parsed: ParsedAddress, at: Outline, *, around_counts: bool = False) -> Case:
        plan = plan_of(parsed, at, around_counts=around_counts)
        case = Case(parsed, at, plan)
        if plan is not None:
            code = parsed.division_code
            if plan.road:
                case.roads = self._find(plan.road, ROADS, code)
            if plan.place:
                village = at.community if parsed.division_level is Level.COMMUNITY else -1
                known = village >= 0 and parsed.value(village) == plan.place
                case.places = self._find(plan.place, PLACES, code, as_written=known)
        return case

    def _find(
        self, name: str, kinds: frozenset[AddressKind], code: str | None, *, as_written: bool = False
    ) -> list[NearName]:
        """Those of that name in the town that was named, when there are any; else those of nearly that name.

        `as_written`: the name is known to be right (a village of the gazetteer), so no other will do.
        """
        if self._version != self._index.version or len(self._found) > REMEMBERED:
            self._found.clear()
            self._version = self._index.version
        key = (name, kinds is ROADS, code, as_written)
        known = self._found.get(key)
        if known is None:
            known = self._found[key] = self._look(name, kinds, code, as_written=as_written)
        return known

    def _look(self, name: str, kinds: frozenset[AddressKind], code: str | None, *, as_written: bool) -> list[NearName]:
        if is_generic(name):
            return []
        found = self._index.find(name, kinds, code)
        if not found:
            return [] if as_written else self._index.near(name, kinds, code)
        if len(found) > 1:
            here = self._index.in_town(found, code) or found
            found = list({n.aid: n for n in reversed(here)}.values())[::-1][:MOST_BASES]
        return [NearName(named) for named in found]


def _add_bases(case: Case) -> None:
    """Where the path may start: at the place; at the plate, when the place is missing or not known for certain."""
    plan = case.plan
    if plan is None:
        return
    exact, path = bool(case.places) and not case.places[0].faults, path_of(plan.tail)
    bases = [Base(near.named, "", plan.tail, path, (near,)) for near in case.places]
    if plan.plate_no and bases:
        case.plates = [Base(near.named, plan.plate_no, [], "", (near,)) for near in case.roads]
    if (not exact or case.around) and (not plan.place or plan.plate_no):
        bases += [Base(near.named, plan.plate_no, plan.tail, path, (near,)) for near in case.roads]
    case.bases = bases


def _with_building(base: Base) -> Base:
    plate, building = AddressKind.DOOR_PLATE, AddressKind.BUILDING
    number = next(token.value for token in base.tail if token.kind is plate)
    tail = [PathToken(building, token.value) if token.kind is plate else token for token in base.tail]
    return Base(base.named, base.plate_no, tail, path_of(tail), base.names, number)
