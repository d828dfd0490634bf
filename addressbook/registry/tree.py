"""A node of the address tree as it is minted, and how its texts and paths follow from its parent's."""

from __future__ import annotations

from dataclasses import dataclass

from addressbook import identity
from addressbook.divisions import Gazetteer
from addressbook.match import tail_text
from addressbook.model import LEVEL_OF_KIND, AddressKind, FoundAddress, Level, NamedAddress, PathToken, TreePlan

Point = tuple[float, float]
NAMED_KINDS = frozenset({AddressKind.STREET, AddressKind.COMPOUND, AddressKind.PLACE})
_INNER = (AddressKind.ENTRANCE.value, AddressKind.FLOOR.value)
COUNTY_DIGITS, TOWN_DIGITS = 6, 9


@dataclass(slots=True)
class Node:
    """An address, minted now or known before. `point` in degrees, EPSG:4326, precise to `coordinate_level`."""

    aid: str
    site_id: int
    kind: AddressKind
    path: str
    name: str
    standard_text: str
    division_code: str
    parent_aid: str | None = None
    road_aid: str | None = None
    plate_no: str | None = None
    point: Point | None = None
    coordinate_level: Level = Level.NONE

    @property
    def loose_path(self) -> str | None:
        """Of a room: its path without entrance and floor, by which it is found when a text leaves those out."""
        return loosened(self.path) if self.kind is AddressKind.ROOM else None

    def as_name(self) -> NamedAddress:
        """The row of the name index."""
        return NamedAddress(self.aid, self.site_id, self.kind, self.name, self.division_code, self.path)


def loosened(path: str) -> str:
    """A path without its entrance and floor tokens.

    >>> loosened("C二期/B3/E1/H502")
    'C二期/B3/H502'
    """
    return "/".join([token for token in path.split("/") if not token.startswith(_INNER)])


def joined(base: str, token: PathToken | str) -> str:
    """A path one step deeper."""
    return f"{base}/{token}" if base else str(token)


def division_text(gazetteer: Gazetteer, code: str) -> str:
    """The names of a division down to its town, as an address begins."""
    return gazetteer.full_name(code[:TOWN_DIGITS].ljust(12, "0"))


def top(aid: str, kind: AddressKind, name: str, division_code: str, gazetteer: Gazetteer) -> Node:
    """A topmost named address: a street, compound or place of its own."""
    text = division_text(gazetteer, division_code) + name
    return Node(aid, identity.number_of(aid), kind, "", name, text, division_code)


def plate(aid: str, road: Node, plate_no: str, division_code: str, below: Node | None, gazetteer: Gazetteer) -> Node:
    """A door plate on a street: a child of its compound where it has one, else a site of its own."""
    text = f"{division_text(gazetteer, division_code)}{road.name}{plate_no}号"
    node = Node(
        aid, identity.number_of(aid), AddressKind.DOOR_PLATE, "", f"{plate_no}号", text, division_code,
        road_aid=road.aid, plate_no=plate_no,
    )  # fmt: skip
    if below is not None:
        node.site_id, node.parent_aid = below.site_id, below.aid
        node.path = joined(below.path, f"D{road.aid}:{plate_no}")
        inherit_point(node, below)
    return node


def child(aid: str, parent: Node, base: str, token: PathToken, division_code: str) -> Node:
    """The address one step below `parent`; `base` is the path it hangs on."""
    own = tail_text([token])
    node = Node(
        aid, parent.site_id, token.kind, joined(base, token), own, parent.standard_text + own, division_code, parent.aid
    )
    inherit_point(node, parent)
    return node


def kinds_wanted(plan: TreePlan) -> list[AddressKind]:
    """The kinds of all addresses that may have to be minted for a plan."""
    kinds = [token.kind for token in plan.tail]
    if plan.road:
        kinds += (AddressKind.STREET, AddressKind.DOOR_PLATE)
    if plan.place:
        kinds += (plan.place_kind, AddressKind.PLACE)
    return kinds


def inherit_point(node: Node, parent: Node) -> None:
    """Until it has a point of its own an address is drawn where its parent is, and says so by its coordinate level."""
    if parent.point is not None and node.point is None:
        node.point, node.coordinate_level = parent.point, parent.coordinate_level


def give_point(node: Node, point: Point) -> None:
    """Its own point: as precise as its kind."""
    node.point, node.coordinate_level = point, LEVEL_OF_KIND[node.kind]


def known(found: FoundAddress) -> Node:
    """A node for an address that the registry holds already."""
    point = (found.lon, found.lat) if found.lon is not None and found.lat is not None else None
    return Node(
        found.aid, found.site_id, found.kind, found.path, "", found.standard_text, found.division_code,
        found.parent_aid, point=point, coordinate_level=found.coordinate_level,
    )  # fmt: skip


def county(code: str) -> str:
    """The county of a division."""
    return code[:COUNTY_DIGITS].ljust(len(code), "0")


def deeper(code: str, other: str) -> str:
    """The more precise of two division codes where one lies in the other; the first where they differ."""
    return other if other.startswith(code.rstrip("0")) and other > code else code


def parent_path(path: str) -> str:
    """A path without its last step; "" above the top."""
    return path.rpartition("/")[0]
