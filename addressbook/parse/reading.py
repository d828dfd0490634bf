"""What a reading of name text is made of: segments, states of the search, the reading order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

RANK = {
    "": 0, "country": 0, "province": 1, "city": 2, "county": 3, "devzone": 4, "town": 4, "community": 5, "road": 6,
    "sub_road": 6, "road_no": 7, "sub_road_no": 7, "place": 8, "sub_place": 8, "building": 9, "unit": 10, "floor": 11,
    "room": 12, "party": 13,
}  # fmt: skip
"""Reading order; labels without a rank (relation, redundant, other) do not move it."""

AGAIN = "again:"
"""Before the label of a division that was named before; the parser settles which of the two counts."""

Prefixes = tuple[str, ...]
"""Code prefixes of the divisions a text may lie in; several while a name is ambiguous, none when nothing is known."""


class Segment(NamedTuple):
    """A labelled piece of the name text, and the division prefixes known after it."""

    start: int
    end: int
    label: str
    codes: Prefixes


class State(NamedTuple):
    """The cheapest way found to read the text up to `end`."""

    cost: float
    label: str
    rank: int
    codes: Prefixes
    start: int
    end: int
    previous: State | None


class KnownNames(Protocol):
    """What the parser needs of the registry's name index."""

    @property
    def counties(self) -> set[str]:
        """The counties (6 digits) that the registry covers."""

    @property
    def version(self) -> int:
        """A number that changes whenever the names do."""

    def numbered(self, text: str) -> list[tuple[int, int]]:
        """Where names of the registry stand that hold numbers (21世纪大厦), so that nobody reads those as numbers."""

    def starting(self, text: str, start: int) -> Iterator[tuple[int, str]]:
        """(end, element name) of every registry name that begins at `start`."""


def segments_of(state: State) -> list[Segment]:
    """The segments on the way to a state, in reading order."""
    segments = []
    while state.previous is not None:
        segments.append(Segment(state.start, state.end, state.label, state.codes))
        state = state.previous
    segments.reverse()
    return segments
