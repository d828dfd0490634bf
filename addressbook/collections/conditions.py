"""Conditions on items as checked trees: what a filter comes to once each name, type and size in it is known to be good.

`store/collection_conditions.py` makes SQL of them; nothing else may be in one, so nothing else can reach the database.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date

from addressbook.collections.declared import Property

Scalar = str | float | date | bool


@dataclass(frozen=True, slots=True)
class Named:
    """A property of the item; `folded`: without regard to case (casei)."""

    what: Property
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """A value given with the filter."""

    value: Scalar
    folded: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A geometry given with the filter: WKB, longitude and latitude in degrees, EPSG:4326."""

    wkb: bytes


@dataclass(frozen=True, slots=True)
class Moment:
    """One end of a period: a day, a property that holds one, or None for open."""

    at: date | Property | None


@dataclass(frozen=True, slots=True)
class Always:
    """True or false whatever the item."""

    value: bool


@dataclass(frozen=True, slots=True)
class Both:
    """All parts (`every`), or any of them."""

    parts: tuple[Condition, ...]
    every: bool


@dataclass(frozen=True, slots=True)
class Not:
    """The opposite."""

    part: Condition


@dataclass(frozen=True, slots=True)
class Compared:
    """Two scalars, by one of = <> < > <= >= like."""

    op: str
    left: Named | Given
    right: Named | Given


@dataclass(frozen=True, slots=True)
class Within:
    """A scalar from `low` to `high`, both included."""

    what: Named
    low: Named | Given
    high: Named | Given


@dataclass(frozen=True, slots=True)
class Among:
    """A scalar that is one of some."""

    what: Named
    values: tuple[Given, ...]


@dataclass(frozen=True, slots=True)
class Absent:
    """A property without a value."""

    what: Property


@dataclass(frozen=True, slots=True)
class Spatial:
    """The item's geometry or a given one against another, by intersects, within, contains … (OGC 06-103r4)."""

    op: str
    left: Place | None
    right: Place | None


@dataclass(frozen=True, slots=True)
class Temporal:
    """Two periods, each first and last day, by one of Allen's relations as CQL2 names them."""

    op: str
    left: tuple[Moment, Moment]
    right: tuple[Moment, Moment]


def conjuncts(condition: Condition | None) -> tuple[Condition, ...]:
    """The conditions that all have to hold where this one does."""
    if isinstance(condition, Both) and condition.every:
        return tuple(one for part in condition.parts for one in conjuncts(part))
    return () if condition is None else (condition,)


def named_in(part: object) -> Iterator[str]:
    """The names of the properties that a condition, or a part of one, speaks of."""
    if isinstance(part, Property):
        yield part.name
    elif isinstance(part, tuple):
        for one in part:
            yield from named_in(one)
    elif is_dataclass(part):
        for field in fields(part):
            yield from named_in(getattr(part, field.name))


Condition = Always | Both | Not | Compared | Within | Among | Absent | Spatial | Temporal
