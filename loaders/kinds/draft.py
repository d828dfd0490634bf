"""What a row becomes before its addresses are resolved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from addressbook.masking import NOBODY, Own
from addressbook.model import ElementKind, Role
from addressbook.privacy.sealing import Secret
from loaders.fields import Fields

UNDATED = date(1, 1, 1)


class Placement(NamedTuple):
    """One role of an element and the texts that say where; of several texts the one that resolves deepest counts."""

    role: Role
    texts: tuple[str, ...]


@dataclass(slots=True)
class Element:
    """A row of an element table: the columns all kinds have, and its own."""

    kind: ElementKind
    key: UUID
    category: str
    columns: dict[str, Any]


@dataclass(slots=True)
class Draft:
    """A row read and checked. `point` is in degrees, EPSG:4326; `month` the first of the month it is counted under.

    `own` is what the row says of its person: masked in every text of the row that is kept readable.
    """

    source_key: str
    element: Element
    placements: list[Placement]
    month: date = UNDATED
    valid_from: date | None = None
    flags: list[str] = field(default_factory=list)
    own: Own = NOBODY


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of element is read: its fields that must have a column, those sealed, and the row's reader.

    `needed` maps the name shown in an error to the fields of which one must have a column.
    """

    name: str
    element_kind: ElementKind
    needed: dict[str, tuple[str, ...]]
    personal: frozenset[str]
    read: Callable[[Fields, Secret, str], Draft]


def month_of(day: date | None) -> date:
    """The first of the month of `day`; 0001-01-01 where it is not known."""
    return day.replace(day=1) if day else UNDATED


def placements(fields: Fields, **roles: Role) -> list[Placement]:
    """A placement for each field that is filled, e.g. `address=Role.REGISTERED`; the first is the primary one.

    The primary one takes the row's county, town and community columns in front where its own text lacks them, and
    stands on them alone where it has no text.
    """
    found = [Placement(role, fields.texts(name)) for name, role in roles.items()]
    division = [part for part in map(fields.text, ("county", "town", "community")) if part]
    if division:
        primary = found[0]
        texts = tuple("".join(part for part in division if part not in text) + text for text in primary.texts)
        found[0] = Placement(primary.role, texts or ("".join(division),))
    return [placement for placement in found if placement.texts]
