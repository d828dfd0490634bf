"""What is asked of a collection: checked, and without a word of SQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from addressbook.collections.conditions import Condition
from addressbook.collections.crs import CRS84, Crs
from addressbook.collections.declared import Collection, Property

LIVE_STATES = ("provisional", "current")
"""The states that a list of addresses shows where none is asked for."""


@dataclass(frozen=True, slots=True)
class Subtree:
    """An address and what lies below it: its site, and the path in it; of one that is not live only itself."""

    aid: str
    site_id: int
    path: str
    live: bool


@dataclass(frozen=True, slots=True)
class ItemsQuery:
    """Which items of a collection, and what of them: all filters given must hold.

    `bounds` are leading digits of divisions that the reader may not look beyond, `divisions` the first and last code of
    a division, `outline` that of another area and `bbox` a box, both WKB in EPSG:4326, `period` first and last day,
    each None for open. `after` is the key of the last item seen: keys never change hands, so items that come and go
    meanwhile double and hide no other. `crowded`: whether so much lies where it is looked for that walking along the
    keys finds a page soonest; None where nobody has looked.
    """

    collection: Collection
    properties: tuple[Property, ...]
    geometry: bool = True
    bounds: tuple[str, ...] = ()
    divisions: tuple[str, str] | None = None
    below: Subtree | None = None
    outline: bytes | None = None
    bbox: bytes | None = None
    period: tuple[date | None, date | None] | None = None
    category: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    condition: Condition | None = None
    after: tuple[str, ...] = ()
    one: str | None = None
    crowded: bool | None = None
    crs: Crs = CRS84
    limit: int | None = None
