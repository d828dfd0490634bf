"""What the registry can be asked to do. Each request is one transaction and one registry event, named by its `EVENT`.

`effective`: from which day on it holds in the world, today where absent; never in the future, and never before the
address was what it is. Of a new address absent means that nobody knows since when it is there.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, ClassVar, TypeVar

from addressbook.identity import parse
from addressbook.model import AddressKind
from addressbook.registry.events import EventKind

Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What all requests have."""

    EVENT: ClassVar[EventKind]
    effective: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Register(Request):
    """A new address: `name` of a street, compound or place, or the number of anything else.

    Below `parent_aid`, or the top of a site; a door plate stands on `road_aid`. `division_code` may be left out below
    a parent. `point` in degrees, EPSG:4326.
    """

    EVENT: ClassVar[EventKind] = EventKind.REGISTER
    kind: AddressKind
    name: str
    parent_aid: str | None = None
    road_aid: str | None = None
    division_code: str | None = None
    point: Point | None = None
    provisional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm(Request):
    """A provisional address becomes current, and with it what it lies in."""

    EVENT: ClassVar[EventKind] = EventKind.CONFIRM
    aid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject(Request):
    """A provisional address is none, nor is what was proposed below it."""

    EVENT: ClassVar[EventKind] = EventKind.REJECT
    aid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename(Request):
    """A street, compound or place is called otherwise; the old name becomes an alias."""

    EVENT: ClassVar[EventKind] = EventKind.RENAME
    aid: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Renumber(Request):
    """A plate, building, entrance, floor or room has another number; the old one becomes an alias."""

    EVENT: ClassVar[EventKind] = EventKind.RENUMBER
    aid: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Move(Request):
    """The point is corrected (degrees, EPSG:4326), and that of what is drawn there for want of its own."""

    EVENT: ClassVar[EventKind] = EventKind.MOVE
    aid: str
    point: Point


@dataclass(frozen=True, slots=True, kw_only=True)
class Reparent(Request):
    """An address lies in another one, or in none, with all that is below it."""

    EVENT: ClassVar[EventKind] = EventKind.REPARENT
    aid: str
    parent_aid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rezone(Request):
    """An address lies in another division, with all that is below it."""

    EVENT: ClassVar[EventKind] = EventKind.REZONE
    aid: str
    division_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retire(Request):
    """An address is no more (demolition), nor what is below it. Links stay as they were recorded."""

    EVENT: ClassVar[EventKind] = EventKind.RETIRE
    aid: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge(Request):
    """Several addresses of one kind and parent retire into one new one, which takes their children and their links."""

    EVENT: ClassVar[EventKind] = EventKind.MERGE
    aids: tuple[str, ...]
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One of those that a split makes: its name or number, and the children of the old address that it takes."""

    name: str
    takes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Split(Request):
    """An address retires into two or more new ones. A link moves where its text names one; else a person decides."""

    EVENT: ClassVar[EventKind] = EventKind.SPLIT
    aid: str
    parts: tuple[Part, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidDuplicate(Request):
    """Two codes mean one address: the junior is void, the senior takes its texts, its children and its links."""

    EVENT: ClassVar[EventKind] = EventKind.VOID_DUPLICATE
    junior: str
    senior: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Void(Request):
    """An address was entered in error. Refused while anything hangs on it or lies below it."""

    EVENT: ClassVar[EventKind] = EventKind.VOID
    aid: str


REQUESTS: tuple[type[Request], ...] = (
    Register, Confirm, Reject, Rename, Renumber, Move, Reparent, Rezone, Retire, Merge, Split, VoidDuplicate, Void,
)  # fmt: skip
_ONE_CODE = ("aid", "parent_aid", "road_aid", "junior", "senior")
_CODES = ("aids", "takes")
R = TypeVar("R", bound="Request | Part")


def with_codes_read(request: R) -> R:
    """The request with every identity code as typed turned into its twelve characters. Raises CodeError."""
    read: dict[str, Any] = {
        name: parse(code) for name in _ONE_CODE if (code := getattr(request, name, None)) is not None
    }
    read |= {name: tuple(map(parse, codes)) for name in _CODES if (codes := getattr(request, name, None))}
    if isinstance(request, Split):
        read["parts"] = tuple(map(with_codes_read, request.parts))
    return replace(request, **read)
