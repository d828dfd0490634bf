"""What the kernel read, in the words of the model: repetitions settled, lists joined, values written one way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Final

import numpy as np

from addressbook.model import Element, Level, ParsedAddress
from addressbook.normalise import Normalised
from addressbook.parse.costs import LABEL, LABELS
from addressbook.parse.division_names import prefix_of
from addressbook.parse.pieces import LISTED, Valued, element_at, elements_of, merged_lists, settled_repeats
from addressbook.parse.reading import AGAIN, ANEW
from addressbook.parse.states import AGAIN as AGAIN_CODE, ANEW as ANEW_CODE
from addressbook.parse.values import value_of
from addressbook.parse.workspace import LONGEST_TEXT

LEVELS: Final = {2: Level.PROVINCE, 4: Level.CITY, 6: Level.COUNTY, 9: Level.TOWN, 12: Level.COMMUNITY}
NAMES: Final = {
    at + code: mark + name
    for code, mark in ((0, ""), (AGAIN_CODE, AGAIN), (ANEW_CODE, ANEW))
    for at, name in enumerate(LABELS)
}
TOWN, HIGHER = LABEL["town"], [LABEL[name] for name in ("province", "city", "county")]
REDUNDANT, MAY_BE_LISTED = LABEL["redundant"], [LABEL[name] for name in LISTED]
Division = tuple[str | None, Level]


def given_division(division: str | None) -> Division:
    """The context given, as the division of a text that names none."""
    return coded(prefix_of(division) if division else "")


@lru_cache(maxsize=100_000)
def coded(prefix: str) -> Division:
    """A prefix as a code of 12 digits with its level; None and NONE for an empty one."""
    return (prefix.ljust(12, "0"), LEVELS[len(prefix)]) if prefix else (None, Level.NONE)


def _division(code: int, digits: int) -> Division | None:
    """The division of that many digits; none when they are negative, and None where the text names none at all."""
    if not digits:
        return None
    key = code * 16 + digits
    known = _DIVISIONS.get(key)
    if known is None:
        if len(_DIVISIONS) > REMEMBERED:
            _DIVISIONS.clear()
        known = _DIVISIONS[key] = coded(f"{code:012d}"[: max(0, digits)])
    return known


_DIVISIONS: Final[dict[int, Division]] = {}
REMEMBERED: Final = 100_000


def told(
    texts: Sequence[Normalised], result: tuple[Any, ...], community_name: Callable[[str], str], given: Division
) -> list[ParsedAddress]:
    """The parsed addresses of texts from the arrays of `kernel.read_all`; `given` where a text names no division."""
    pieces = Pieces(result, community_name)
    odd = _odd(texts, result)
    found: list[ParsedAddress] = []
    for at, (text, code, digits) in enumerate(zip(texts, result[5].tolist(), result[6].tolist(), strict=True)):
        start, stop = pieces.first[at], pieces.first[at + 1]
        division = _division(code, digits) or given
        if at in odd:
            found.append(_made(text, pieces.settled(text, start, stop), division))
        elif isinstance(text.offsets, range):
            found.append(_ToldLater(text, pieces, start, stop, division))
        else:
            found.append(_made(text, elements_of(text, pieces.valued(start, stop, text.normal)), division))
    return found


def _made(text: Normalised, elements: tuple[Element, ...], division: Division) -> ParsedAddress:
    return ParsedAddress(text.received, text.normal, elements, division[0], division[1])


def _odd(texts: Sequence[Normalised], result: tuple[Any, ...]) -> set[int]:
    """Texts with a division named twice, a town before its county, a list, or more characters than are read."""
    first, _, _, labels = result[:4]
    unsettled = labels >= AGAIN_CODE
    unsettled[1:] |= (labels[:-1] == TOWN) & np.isin(labels[1:], HIGHER)
    unsettled[2:] |= (labels[1:-1] == REDUNDANT) & (labels[2:] == labels[:-2]) & np.isin(labels[2:], MAY_BE_LISTED)
    found: Any = np.searchsorted(first, np.flatnonzero(unsettled), side="right") - 1
    return {*found.tolist(), *[at for at, text in enumerate(texts) if len(text.normal) > LONGEST_TEXT]}


class Pieces:
    """All pieces of many texts one after another, by their places; those of a text from `first` on."""

    def __init__(self, result: tuple[Any, ...], community_name: Callable[[str], str]) -> None:
        first, starts, ends, labels, villages = result[:5]
        self._labels: bytes = labels.tobytes()
        self._starts: list[int] = starts.tolist()
        self._ends: list[int] = ends.tolist()
        self.first: list[int] = first.tolist()
        self._villages: dict[int, str] = {
            at: community_name(f"{villages[at]:012d}") for at in np.flatnonzero(villages).tolist()
        }

    def names(self, start: int, stop: int) -> tuple[str, ...]:
        """The element names of some pieces."""
        return _names(self._labels[start:stop])

    def valued(self, start: int, stop: int, normal: str) -> list[Valued]:
        """Some pieces of a normal text, with the values of their elements."""
        return [
            (self._starts[at], self._ends[at], name, self.value(at, name, normal))
            for at, name in enumerate(self.names(start, stop), start)
        ]

    def value(self, at: int, name: str, normal: str) -> str:
        """The value of the piece at a place, which is called `name` and lies in that normal text."""
        if name == "community" and at in self._villages:
            return self._villages[at]
        return value_of(name, normal[self._starts[at] : self._ends[at]])

    def element(self, at: int, name: str, normal: str, received: str) -> Element:
        """That piece as an element of a text received that is as long as its normal text."""
        start, end = self._starts[at], self._ends[at]
        return element_at(received, name, start, end, self.value(at, name, normal))

    def settled(self, text: Normalised, start: int, stop: int) -> tuple[Element, ...]:
        """The elements of an odd text."""
        normal, places = text.normal, range(start, stop)
        names = self.names(start, stop)
        read = [(self._starts[at], self._ends[at], name) for at, name in zip(places, names, strict=True)]
        villages = {piece: self._villages[at] for at, piece in zip(places, read, strict=True) if at in self._villages}
        pieces = merged_lists(settled_repeats(read), normal)
        if len(normal) > LONGEST_TEXT:
            pieces.append((LONGEST_TEXT, len(normal), "other"))
        valued = [(*piece, villages.get(piece) or value_of(piece[2], normal[piece[0] : piece[1]])) for piece in pieces]
        return elements_of(text, valued)


def _names(labels: bytes) -> tuple[str, ...]:
    """The names for labels: ten thousand texts have some hundred sequences of them."""
    known = _SEQUENCES.get(labels)
    if known is None:
        if len(_SEQUENCES) > REMEMBERED:
            _SEQUENCES.clear()
        known = _SEQUENCES[labels] = tuple([NAMES[label] for label in labels])
    return known


_SEQUENCES: Final[dict[bytes, tuple[str, ...]]] = {}


class _ToldLater(ParsedAddress):
    """A parsed address whose elements are made when they are asked for; its normal text is as long as the received."""

    def __init__(self, text: Normalised, pieces: Pieces, start: int, stop: int, division: Division) -> None:
        super().__init__(text.received, text.normal, (), division[0], division[1])
        self._elements = None
        self._names = pieces.names(start, stop)
        self._pieces, self._start = pieces, start

    @property
    def elements(self) -> tuple[Element, ...]:
        """All elements in reading order."""
        if self._elements is None:
            self._elements = tuple([self.element(at) for at in range(len(self.names))])
        return self._elements

    def element(self, at: int) -> Element:
        """The element at that place in reading order."""
        return self._pieces.element(self._start + at, self.names[at], self.normal, self.text)

    def value(self, at: int) -> str:
        """The value of the element at that place."""
        return self._pieces.value(self._start + at, self.names[at], self.normal)
