"""What to look up for the numbers of a text: below a plate, below a place, and a room whatever its entrance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from addressbook.model import AddressKind, PathQuery, PathToken
from addressbook.registry import tree
from addressbook.registry.tree import Node, joined, loosened


def below_plate(plate: Node, tail: Sequence[PathToken]) -> Iterator[PathQuery]:
    """What the numbers ask for from where the buildings of the plate hang."""
    yield from from_base(plate.site_id, base_path(plate), tail)


def base_path(plate: Node) -> str:
    """Where the buildings of a plate hang: on its compound, else on the plate itself."""
    return tree.parent_path(plate.path) if plate.parent_aid else plate.path


def from_base(site_id: int, base: str, tail: Sequence[PathToken]) -> Iterator[PathQuery]:
    """The base, each step below it, and the room whatever its entrance."""
    yield PathQuery(site_id, base)
    path = base
    for token in tail:
        path = joined(path, token)
        yield PathQuery(site_id, path)
    if tail and tail[-1].kind is AddressKind.ROOM:
        yield PathQuery(site_id, loosened(path), loose=True)
