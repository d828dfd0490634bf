"""An address as the registry keeps it, and what a transaction makes of addresses, aliases and links."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple, Protocol

from addressbook.model import AddressKind, AddressState, Level

Point = tuple[float, float]
Place = tuple[object, ...]
LIVE = frozenset({AddressState.PROVISIONAL, AddressState.CURRENT})
"""States in which a text can mean an address."""


@dataclass(frozen=True, slots=True)
class AddressRecord:
    """An address whole. `point` in degrees, EPSG:4326; `state_event_id` where a revert restored this content."""

    site_id: int
    aid: str
    kind: AddressKind
    parent_aid: str | None
    road_aid: str | None
    plate_no: str | None
    name: str
    path: str
    loose_path: str | None
    standard_text: str
    division_code: str
    point: Point | None
    coordinate_level: Level
    state: AddressState
    source_id: int
    event_id: int
    valid_from: date | None = None
    valid_to: date | None = None
    state_event_id: int | None = None

    @property
    def is_live(self) -> bool:
        """Whether a text can mean it."""
        return self.state in LIVE

    @property
    def token(self) -> str:
        """The last step of its path; "" of the top of a site."""
        return self.path.rpartition("/")[2]

    @property
    def places(self) -> tuple[Place, ...]:
        """What no two live addresses share: the path in a site, the number on a street, a name as the top of a site."""
        found: list[Place] = [(self.site_id, self.path)] if self.path else []
        if self.road_aid:
            found.append((self.road_aid, self.plate_no))
        elif not self.path:
            found.append((self.kind, self.name, self.division_code))
        return tuple(found)

    @property
    def made_by(self) -> int:
        """The event whose content this is."""
        return self.state_event_id or self.event_id


class NewAlias(NamedTuple):
    """Another text for an address: a name, or another number with the path (in its site) or the plate it had."""

    aid: str
    name: str
    path: str | None = None
    path_site_id: int | None = None
    road_aid: str | None = None
    plate_no: str | None = None


class Succession(NamedTuple):
    """What became of a code that ended: `relation` is merged, split or same_as."""

    aid: str
    successor_aid: str
    relation: str


class LinkText(NamedTuple):
    """An open link and the text it was made from."""

    link_id: int
    received_text: str


class Choice(NamedTuple):
    """A link of the address `aid` that goes to another address."""

    link_id: int
    aid: str
    goal: str


class Question(NamedTuple):
    """A link that nobody but a person can move: it stays where it was recorded, and these are the candidates."""

    link_id: int
    aid: str
    candidates: tuple[str, ...]


@dataclass(slots=True)
class Changes:
    """What a transaction comes to. Nothing of it is stored yet.

    `before` and `after` hold the addresses that change, `created` the new ones, parents first. `moved` sends all open
    links of one address to another, `chosen` are single links. From `effective` on it holds in the world;
    None changes nothing about when the address was what it is.
    """

    effective: date | None = None
    before: dict[str, AddressRecord] = field(default_factory=dict)
    after: dict[str, AddressRecord] = field(default_factory=dict)
    created: list[AddressRecord] = field(default_factory=list)
    aliases: list[NewAlias] = field(default_factory=list)
    successions: list[Succession] = field(default_factory=list)
    moved: dict[str, str] = field(default_factory=dict)
    chosen: list[Choice] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    _by_place: dict[Place, set[str]] = field(default_factory=dict)
    _made: dict[str, AddressRecord] = field(default_factory=dict)

    def now(self, record: AddressRecord) -> AddressRecord:
        """The address as this transaction leaves it so far."""
        return self.after.get(record.aid, record)

    def change(self, before: AddressRecord, after: AddressRecord) -> None:
        """Note a change; of several of one address the last one counts."""
        self.before.setdefault(before.aid, before)
        if after == self.before[before.aid]:
            self.after.pop(before.aid, None)
            self.before.pop(before.aid)
        else:
            self.after[before.aid] = after
            self._note(after)

    def made(self, aid: str) -> AddressRecord | None:
        """The new address of that code."""
        return self._made.get(aid)

    def create(self, record: AddressRecord) -> None:
        """Note a new address."""
        self.created.append(record)
        self._made[record.aid] = record
        self._note(record)

    def _note(self, record: AddressRecord) -> None:
        for place in record.places:
            self._by_place.setdefault(place, set()).add(record.aid)

    def at_place(self, record: AddressRecord) -> Iterator[AddressRecord]:
        """The changed and new addresses that these changes have put, at one time, to one of the places of a record.

        However many changes there are, only those are looked at. Each is given as the transaction leaves it so far.
        """
        for aid in sorted({aid for place in record.places for aid in self._by_place.get(place, ())}):
            found = self.after.get(aid) or self._made.get(aid)
            if found is not None:
                yield found


class RegistryReader(Protocol):
    """What a transaction asks of the registry, all within one database transaction that holds the minting lock."""

    def address(self, aid: str) -> AddressRecord:
        """The address of that code, whatever its state. Raises NotFoundError."""
        ...

    def subtree(self, top: AddressRecord) -> Sequence[AddressRecord]:
        """The live addresses below it, parents first, itself left out."""
        ...

    def at_path(self, site_id: int, path: str) -> AddressRecord | None:
        """The live address at a path of a site."""
        ...

    def tops(self, kind: AddressKind, name: str, division_code: str) -> Sequence[AddressRecord]:
        """The live topmost addresses of that kind and name in just that division."""
        ...

    def numbered(self, name: str, division_code: str) -> Sequence[AddressRecord]:
        """The live topmost addresses in just that division that have the name, or the name and digits behind it."""
        ...

    def plates(self, road_aid: str, plate_no: str | None = None) -> Sequence[AddressRecord]:
        """The live door plates on a street, or those of one number."""
        ...

    def links(self, aid: str) -> Sequence[LinkText]:
        """The open links that hang on just that address, in the order of their numbers."""
        ...
