"""The words of the project as types (DESIGN section 2 and 4). Pure: imports only those that are one of a few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, NamedTuple, Protocol

from addressbook.terms import LEVEL_OF_KIND, AddressKind, AddressState, Category, ElementKind, Level, Role

ELEMENT_NAMES: tuple[str, ...] = (
    "country", "province", "city", "county", "devzone", "town", "community", "road", "road_no", "sub_road",
    "sub_road_no", "place", "sub_place", "building", "unit", "floor", "room", "party", "relation", "redundant", "other",
)  # fmt: skip
"""Element names of a parsed address, in reading order."""


class Element(NamedTuple):
    """One labelled span: `text[start:end]` of the text as received (code points), and its normalised value."""

    text: str
    name: str
    start: int
    end: int
    value: str = ""


class ParsedAddress:
    """A text with every character labelled, and the division it names as far as it could be told.

    What asks for a few of many elements asks for them by their place: the parser makes elements when they are wanted.
    """

    def __init__(
        self,
        text: str,
        normal: str,
        elements: tuple[Element, ...],
        division_code: str | None = None,
        division_level: Level = Level.NONE,
    ) -> None:
        self.text: Final = text
        self.normal: Final = normal
        self.division_code: Final = division_code
        self.division_level: Final = division_level
        self._elements: tuple[Element, ...] | None = elements
        self._names: tuple[str, ...] | None = None

    @property
    def elements(self) -> tuple[Element, ...]:
        """All elements in reading order."""
        return self._elements or ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all elements in reading order."""
        if self._names is None:
            self._names = tuple([element.name for element in self.elements])
        return self._names

    def element(self, at: int) -> Element:
        """The element at that place in reading order."""
        return self.elements[at]

    def value(self, at: int) -> str:
        """The value of the element at that place."""
        return self.elements[at].value

    def first(self, name: str) -> Element | None:
        """The first element called `name`, or None."""
        names = self.names
        return self.element(names.index(name)) if name in names else None

    def with_elements(self, elements: tuple[Element, ...]) -> ParsedAddress:
        """The same text read as other elements."""
        return ParsedAddress(self.text, self.normal, elements, self.division_code, self.division_level)

    def _parts(self) -> tuple[str, str, tuple[Element, ...], str | None, Level]:
        return self.text, self.normal, self.elements, self.division_code, self.division_level

    def __eq__(self, other: object) -> bool:
        return self._parts() == other._parts() if isinstance(other, ParsedAddress) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._parts())

    def __repr__(self) -> str:
        return (
            f"ParsedAddress(text={self.text!r}, normal={self.normal!r}, elements={self.elements!r}, "
            f"division_code={self.division_code!r}, division_level={self.division_level!r})"
        )

    def __reduce__(self) -> tuple[type[ParsedAddress], tuple[str, str, tuple[Element, ...], str | None, Level]]:
        return ParsedAddress, self._parts()


@dataclass(frozen=True, slots=True)
class NamedAddress:
    """A row of the name index: a street, compound or place (R, C, P) or one of its aliases.

    `name` is the name as registered or the alias; `path` is the address's own path within its site ("" for the top).
    """

    aid: str
    site_id: int
    kind: AddressKind
    name: str
    division_code: str
    path: str = ""
    is_alias: bool = False


class PathQuery(NamedTuple):
    """One exact look-up: `path` within `site_id`; or, when `road_aid` is set, `path` below the plate `plate_no` of it.

    `loose` asks for the room whatever its entrance or floor (path without E and F tokens).
    """

    site_id: int | None
    path: str
    road_aid: str | None = None
    plate_no: str | None = None
    loose: bool = False


class FoundAddress(NamedTuple):
    """What the registry holds at a path; longitude and latitude in degrees, EPSG:4326."""

    aid: str
    site_id: int
    kind: AddressKind
    path: str
    standard_text: str
    division_code: str
    state: AddressState
    lon: float | None = None
    lat: float | None = None
    coordinate_level: Level = Level.NONE
    parent_aid: str | None = None


class RetiredQuery(NamedTuple):
    """Where a text that leads nowhere may have led: `path` below a site, below a plate, or below a name that is gone.

    `name` is that of a street where there is a `plate_no` and no `road_aid`; `division` the digits it lies in.
    """

    path: str
    site_id: int | None = None
    road_aid: str | None = None
    plate_no: str | None = None
    name: str | None = None
    division: str = ""


class RetiredAddress(NamedTuple):
    """An address that was retired and has no successor: since when, and by which registry event."""

    address: FoundAddress
    since: date | None
    event_id: int


class PathLookup(Protocol):
    """The registry's exact look-up, one set-based query per call; implemented by store, faked by nobody."""

    def find(self, queries: Sequence[PathQuery]) -> list[list[FoundAddress]]:
        """For each query the addresses found, in the same order; an empty list where there is none."""
        ...

    def any_retired(self) -> bool:
        """Whether any address was ever retired: where none was, nobody need find out what to ask."""

    def retired(self, queries: Sequence[RetiredQuery]) -> list[list[RetiredAddress]]:
        """For each query the addresses that were retired there, the latest first; asked only of what is not found."""
        ...


class Reason(NamedTuple):
    """Why an answer is what it is: a code of data/matching/costs.csv, the element, what was expected and found."""

    code: str
    element: str
    expected: str = ""
    found: str = ""
    cost: float = 0.0


class Candidate(NamedTuple):
    """A possible answer with its score in 0..1."""

    aid: str
    standard_text: str
    score: float
    reasons: tuple[Reason, ...] = ()
    lon: float | None = None
    lat: float | None = None


class Resolution(NamedTuple):
    """The answer for one text. `aid` is set for A and B below division level only; `anchor` is the deepest certain AID.

    A text that names only a division resolves with category A, no AID, its `division_code` and that `match_level`.
    """

    text: str
    parsed: ParsedAddress
    category: Category
    match_level: Level = Level.NONE
    coordinate_level: Level = Level.NONE
    aid: str | None = None
    site_id: int | None = None
    division_code: str | None = None
    standard_text: str = ""
    lon: float | None = None
    lat: float | None = None
    score: float = 0.0
    anchor: str | None = None
    anchor_site_id: int | None = None
    unresolved_tail: str = ""
    reasons: tuple[Reason, ...] = ()
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Division:
    """行政区划: `code` has 12 digits (GB/T 2260 county and above, statistical code below)."""

    code: str
    name: str
    level: Level
    parent_code: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None


class PathToken(NamedTuple):
    """One step of a path within a site: kind letter and normalised value, printed `B3`, `E1`, `H502`, `C二期`."""

    kind: AddressKind
    value: str

    def __str__(self) -> str:
        return self.kind + self.value


class TreePlan:
    """What a parsed address asks of the registry: a street, a topmost name, a plate, and the tail below (registry)."""

    def __init__(
        self,
        division_code: str,
        road: str = "",
        plate_no: str = "",
        place: str = "",
        place_kind: AddressKind = AddressKind.COMPOUND,
        tail: list[PathToken] | None = None,
    ) -> None:
        self.division_code = division_code
        self.road = road
        self.plate_no = plate_no
        self.place = place
        self.place_kind = place_kind
        self.tail: list[PathToken] = [] if tail is None else tail

    def _parts(self) -> tuple[str, str, str, str, AddressKind, list[PathToken]]:
        return self.division_code, self.road, self.plate_no, self.place, self.place_kind, self.tail

    def __eq__(self, other: object) -> bool:
        return self._parts() == other._parts() if isinstance(other, TreePlan) else NotImplemented

    def __repr__(self) -> str:
        return f"TreePlan{self._parts()!r}"


__all__ = [
    "ELEMENT_NAMES",
    "LEVEL_OF_KIND",
    "AddressKind",
    "AddressState",
    "Candidate",
    "Category",
    "Division",
    "Element",
    "ElementKind",
    "FoundAddress",
    "Level",
    "NamedAddress",
    "ParsedAddress",
    "PathLookup",
    "PathQuery",
    "PathToken",
    "Reason",
    "Resolution",
    "RetiredAddress",
    "RetiredQuery",
    "Role",
    "TreePlan",
]  # fmt: skip
