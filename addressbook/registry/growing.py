"""Minting what a registry lacks: for each wish the address it means, found or created, each place once.

The order of the wishes does not matter: names come before bare plates, and rooms with an entrance before rooms without.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field

from addressbook.divisions import Gazetteer
from addressbook.match import NameIndex
from addressbook.match.names import says_another_town
from addressbook.model import AddressKind, NamedAddress, PathLookup, PathQuery, PathToken, TreePlan
from addressbook.registry import tree
from addressbook.registry.paths_asked import base_path, below_plate, from_base
from addressbook.registry.tree import Node, Point, joined, loosened

STREETS = frozenset({AddressKind.STREET})
PLACES = frozenset({AddressKind.COMPOUND, AddressKind.PLACE})
COUNTY_DIGITS = 6
Mint = Callable[[AddressKind], str]


@dataclass(frozen=True, slots=True)
class Wish:
    """An address that a row asks for, with the point the row gives it (degrees, EPSG:4326).

    `means_plate`: of a street, number and compound with nothing below them, the row means the plate, not the compound.
    """

    plan: TreePlan
    point: Point | None = None
    means_plate: bool = False


@dataclass(frozen=True, slots=True)
class Grown:
    """The answer to a wish: its address, minted for it or known before, or the reason why there is none."""

    node: Node | None
    reason_code: str = ""
    is_new: bool = False


@dataclass(slots=True)
class Grower:
    """Grows the tree for one chunk of wishes; what is new is in `created`, in an order where parents come first.

    `learn` looks up what the registry knows, after which `grow` asks it nothing. `mint` gives an unused code of a kind.
    Names minted here are added to the index at once, so a caller whose transaction fails must throw the index away.
    """

    gazetteer: Gazetteer
    index: NameIndex
    lookup: PathLookup
    mint: Mint
    created: list[Node] = field(default_factory=list)
    _named_so: dict[tuple[str, frozenset[AddressKind], str], list[NamedAddress]] = field(default_factory=dict)
    _nodes: dict[tuple[int, str], Node] = field(default_factory=dict)
    _several: set[tuple[int, str]] = field(default_factory=set)
    _plates: dict[tuple[str, str], list[Node]] = field(default_factory=dict)
    _loose: dict[tuple[int, str], list[Node]] = field(default_factory=dict)

    def grow(self, wishes: Sequence[Wish]) -> Iterator[tuple[int, Grown]]:
        """An answer for each wish, with its number. What is in `created` by then is finished."""
        for number in sorted(range(len(wishes)), key=lambda n: _names_and_entrances_first(wishes[n].plan)):
            yield number, self._grow(wishes[number])

    def learn(self, wishes: Sequence[Wish]) -> None:
        """What the registry knows of the wishes, in two look-ups for the whole chunk."""
        plans = [wish.plan for wish in wishes]
        self._remember({query: None for plan in plans for query in self._first_queries(plan)})
        below = [(plate, plan.tail) for plan in plans for plate in self._known_plates(plan)]
        self._remember({query: None for plate, tail in below for query in below_plate(plate, tail)})
        self._remember({query: None for plan in plans for query in self._behind_aliases(plan)})

    def _behind_aliases(self, plan: TreePlan) -> Iterator[PathQuery]:
        """A step that was met under an old number leads on below the number it has now."""
        places = self._named(plan.place, PLACES, plan.division_code) if plan.place else []
        bases = [(place.site_id, place.path) for place in places]
        bases += [(plate.site_id, base_path(plate)) for plate in self._known_plates(plan)]
        for site_id, path in bases:
            for at, token in enumerate(plan.tail, 1):
                path = joined(path, token)
                node = self._nodes.get((site_id, path))
                if node is not None and (node.site_id, node.path) != (site_id, path):
                    site_id, path = node.site_id, node.path
                    yield from from_base(site_id, path, plan.tail[at:])

    def _first_queries(self, plan: TreePlan) -> Iterator[PathQuery]:
        if plan.road and plan.plate_no:
            for road in self._streets(plan):
                yield PathQuery(None, "", road.aid, plan.plate_no)
        elif plan.road:
            for road in self._streets(plan):
                yield PathQuery(road.site_id, "")
        if plan.place:
            for place in self._named(plan.place, PLACES, plan.division_code):
                yield from from_base(place.site_id, place.path, plan.tail)

    def _remember(self, asked: Collection[PathQuery]) -> None:
        queries = list(asked)
        for query, found in zip(queries, self.lookup.find(queries) if queries else [], strict=True):
            if query.site_id is not None and not query.loose and len(found) > 1:
                self._several.add((query.site_id, query.path))
                continue
            for address in found:
                node = self._nodes.setdefault((address.site_id, address.path), tree.known(address))
                if query.road_aid and query.plate_no:
                    self._note_plate(query.road_aid, query.plate_no, node)
                elif query.loose:
                    self._note_loose(query.path, node)
                elif query.site_id is not None:
                    # Found by an alias path: that path, too, is taken.
                    self._nodes[query.site_id, query.path] = node

    def _note_loose(self, loose_path: str, node: Node) -> None:
        rooms = self._loose.setdefault((node.site_id, loose_path), [])
        if all(room.aid != node.aid for room in rooms):
            rooms.append(node)

    def _note_plate(self, road_aid: str, plate_no: str, node: Node) -> None:
        plates = self._plates.setdefault((road_aid, plate_no), [])
        if all(plate.aid != node.aid for plate in plates):
            plates.append(node)

    def _known_plates(self, plan: TreePlan) -> list[Node]:
        """The plates of that number on that street where the text has it: each town numbers for itself."""
        if not plan.road or not plan.plate_no:
            return []
        plates = [plate for road in self._streets(plan) for plate in self._plates.get((road.aid, plan.plate_no), ())]
        here = [plate for plate in plates if not says_another_town(plate, plan.division_code)]
        return here or [p for p in plates if self.index.lay_in(p.division_code, plan.division_code)]

    def _streets(self, plan: TreePlan) -> list[NamedAddress]:
        """The streets of that name: those of the town, else the only one of the county, for streets cross towns."""
        asked = plan.road, STREETS, plan.division_code
        return self._named(*asked) or self.index.find(*asked)

    def _named(self, name: str, kinds: frozenset[AddressKind], division_code: str) -> list[NamedAddress]:
        """The addresses of that name where the text has it: a name of another town is another place."""
        asked = name, kinds, division_code
        if asked not in self._named_so:
            self._named_so[asked] = self.index.in_town(self.index.find(*asked), division_code)
        return self._named_so[asked]

    def _add_name(self, node: Node) -> None:
        self.index.add(node.as_name())
        self._named_so.clear()

    # -- one wish

    def _grow(self, wish: Wish) -> Grown:
        plan, before = wish.plan, len(self.created)
        if len(plan.division_code.rstrip("0")) < COUNTY_DIGITS - 1:
            return Grown(None, "division_missing")
        try:
            leaf = self._leaf(plan, means_plate=wish.means_plate)
        except _SeveralError as several:
            return Grown(None, several.reason_code)
        is_new = any(node is leaf for node in self.created[before:])
        if is_new and wish.point is not None:
            tree.give_point(leaf, wish.point)
        return Grown(leaf, "", is_new)

    def _leaf(self, plan: TreePlan, *, means_plate: bool) -> Node:
        road = self._street(plan) if plan.road else None
        base = self._place(plan) if self._is_site(plan) else None
        plate = self._plate(road, plan, base) if road is not None and plan.plate_no else None
        tail = plan.tail
        if plan.place and base is None:
            tail = [PathToken(AddressKind.PLACE, plan.place), *tail]
        start = base or (self._base_of(plate) if plate else road)
        if start is None:
            raise ValueError("a plan names a road or a place")
        if plate is not None and not plan.tail and (means_plate or (not tail and base is None)):
            return plate
        return self._descend(start, tail, plan) if tail else start

    def _is_site(self, plan: TreePlan) -> bool:
        """Whether the place holds the plate, as an estate does and any place known as such; a shop is held by it."""
        if not plan.place:
            return False
        alone = not (plan.road and plan.plate_no)
        return (
            alone
            or plan.place_kind is AddressKind.COMPOUND
            or bool(self._named(plan.place, PLACES, plan.division_code))
        )

    def _street(self, plan: TreePlan) -> Node:
        found = self._only(self._streets(plan), plan.division_code)
        # A street that is met through its plates belongs to the county: the next town may have plates of it too.
        code = tree.county(plan.division_code) if plan.plate_no else plan.division_code
        return found or self._mint_top(AddressKind.STREET, plan.road, code)

    def _place(self, plan: TreePlan) -> Node:
        found = self._only(self._named(plan.place, PLACES, plan.division_code), plan.division_code)
        plates = self._known_plates(plan)
        if plates and (found is None or all(plate.site_id != found.site_id for plate in plates)):
            # The plate is another place's, or stands alone: an alias, a neighbour or a mistake. A person must say.
            raise _SeveralError("plate_and_place_disagree")
        return found or self._mint_top(plan.place_kind, plan.place, plan.division_code)

    def _only(self, found: list[NamedAddress], division_code: str) -> Node | None:
        """The one address among those of a name; of several, the one in just that division."""
        if len(found) > 1 and len({place.aid for place in found}) > 1:
            found = [place for place in found if place.division_code == division_code]
            if len({place.aid for place in found}) != 1:
                raise _SeveralError("several_candidates")
        return self._node_of(found[0]) if found else None

    def _mint_top(self, kind: AddressKind, name: str, division_code: str) -> Node:
        node = tree.top(self.mint(kind), kind, name, division_code, self.gazetteer)
        self._add_name(node)
        return self._keep(node)

    def _node_of(self, named: NamedAddress) -> Node:
        node = self._nodes.get((named.site_id, named.path))
        if node is None:
            text = tree.division_text(self.gazetteer, named.division_code) + named.name
            node = Node(named.aid, named.site_id, named.kind, named.path, named.name, text, named.division_code)
            self._nodes[named.site_id, named.path] = node
        node.name = node.name or named.name
        return node

    def _plate(self, road: Node, plan: TreePlan, below: Node | None) -> Node:
        plates = self._known_plates(plan)
        if len(plates) > 1 and below is not None:
            plates = [plate for plate in plates if plate.site_id == below.site_id] or plates
        if len(plates) > 1:
            raise _SeveralError("several_candidates")
        if plates:
            return plates[0]
        code = tree.deeper(plan.division_code, below.division_code if below else "")
        aid = self.mint(AddressKind.DOOR_PLATE)
        node = self._keep(tree.plate(aid, road, plan.plate_no, code, below, self.gazetteer))
        self._note_plate(road.aid, plan.plate_no, node)
        return node

    def _base_of(self, plate: Node) -> Node:
        """Where the buildings of a plate hang: on its compound, else on the plate itself."""
        return self._nodes.get((plate.site_id, tree.parent_path(plate.path)), plate) if plate.parent_aid else plate

    def _descend(self, base: Node, tail: Sequence[PathToken], plan: TreePlan) -> Node:
        node = self._room_elsewhere(base, tail)
        if node is not None:
            return node
        node = base
        for token in tail:
            path = joined(node.path, token)
            if (node.site_id, path) in self._several:
                raise _SeveralError("several_candidates")
            step = self._nodes.get((node.site_id, path))
            if step is None:
                code = tree.deeper(plan.division_code, node.division_code)
                step = self._keep(tree.child(self.mint(token.kind), node, node.path, token, code))
                if token.kind in tree.NAMED_KINDS:
                    self._add_name(step)
            node = step
        return node

    def _room_elsewhere(self, base: Node, tail: Sequence[PathToken]) -> Node | None:
        """A room written without its entrance is the one room of that number, where there is one with an entrance."""
        if not _is_room_without_entrance(tail):
            return None
        path = base.path
        for token in tail:
            path = joined(path, token)
        if (base.site_id, path) in self._nodes:
            return None
        rooms = self._loose.get((base.site_id, loosened(path)), [])
        if len(rooms) > 1:
            raise _SeveralError("several_units")
        return rooms[0] if rooms else None

    def _keep(self, node: Node) -> Node:
        self.created.append(node)
        self._nodes[node.site_id, node.path] = node
        if loose := node.loose_path:
            self._note_loose(loose, node)
        return node


class _SeveralError(Exception):
    """A wish that fits several addresses: nobody but a person can say which."""

    def __init__(self, reason_code: str) -> None:
        super().__init__(reason_code)
        self.reason_code = reason_code


def _names_and_entrances_first(plan: TreePlan) -> tuple[bool, bool]:
    return not plan.place, _is_room_without_entrance(plan.tail)


def _is_room_without_entrance(tail: Sequence[PathToken]) -> bool:
    kinds = [token.kind for token in tail]
    return bool(kinds) and kinds[-1] is AddressKind.ROOM and AddressKind.ENTRANCE not in kinds
