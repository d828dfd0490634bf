"""The five kinds of element, one module each: how a row of the kind is read. Addresses have loaders/addresses.py."""

from __future__ import annotations

from loaders.kinds import enterprises, events, houses, people, things
from loaders.kinds.draft import Draft, Element, Kind, Placement

KINDS: dict[str, Kind] = {
    kind.name: kind for kind in (people.KIND, houses.KIND, enterprises.KIND, events.KIND, things.KIND)
}

__all__ = ["KINDS", "Draft", "Element", "Kind", "Placement"]
