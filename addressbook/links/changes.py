"""What became of links, as it may be told: of firms and things in single, of all other elements how many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple
from uuid import UUID

TOLD_SINGLY = frozenset({"enterprise", "thing"})
"""Kinds whose key is told. Houses, events and persons tell about the people at an address: of them only how many."""


class LinkEnd(NamedTuple):
    """A link that was opened or closed."""

    row_key: UUID
    role: str
    element_kind: str
    element_key: UUID
    aid: str | None
    division_code: str


class LinkChange(NamedTuple):
    """What became of links of one kind and role at one place; `element_key` is None where only counts are told."""

    change: str
    element_kind: str
    role: str
    aid: str | None
    division_code: str
    from_aid: str | None
    from_division_code: str | None
    element_key: str | None

    def told(self, count: int) -> dict[str, Any]:
        """The change as data, without what it does not have."""
        return {name: value for name, value in {**self._asdict(), "count": count}.items() if value is not None}


def link_changes(
    opened: Iterable[LinkEnd], closed: Iterable[LinkEnd], kept: Iterable[LinkEnd] = ()
) -> list[dict[str, Any]]:  # fmt: skip
    """The changes, equal ones counted. A link of a row and role that ends in one place and begins in another moved.

    Of those that are kept the element was updated.

    >>> person = (UUID(int=1), "residence", "person", UUID(int=2))
    >>> link_changes([LinkEnd(*person, "H2", "330109001001")], [LinkEnd(*person, "H1", "330109001001")])[0]["change"]
    'moved'
    """
    gone = {(link.row_key, link.role, link.element_key): link for link in closed}
    found: Counter[LinkChange] = Counter()
    for link in opened:
        old = gone.pop((link.row_key, link.role, link.element_key), None)
        found[_change("moved" if old else "opened", link, old)] += 1
    found.update(_change("closed", link, None) for link in gone.values())
    found.update(_change("updated", link, None) for link in kept)
    return [change.told(count) for change, count in found.items()]


def _change(change: str, link: LinkEnd, old: LinkEnd | None) -> LinkChange:
    key = str(link.element_key) if link.element_kind in TOLD_SINGLY else None
    from_aid, from_division = (old.aid, old.division_code) if old else (None, None)
    return LinkChange(
        change, link.element_kind, link.role, link.aid, link.division_code, from_aid, from_division, key
    )  # fmt: skip
