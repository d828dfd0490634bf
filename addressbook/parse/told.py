"""What the kernel read, in the words of the model: repetitions settled, lists joined, values written one way."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import chain, pairwise, repeat
from typing import Any

import numpy as np

from addressbook.model import Element, Level, ParsedAddress
from addressbook.normalise import Normalised
from addressbook.parse.costs import LABEL, LABELS
from addressbook.parse.division_names import prefix_of
from addressbook.parse.pieces import elements_of, merged_lists, settled_repeats
from addressbook.parse.reading import AGAIN, ANEW
from addressbook.parse.states import AGAIN as AGAIN_CODE, ANEW as ANEW_CODE
from addressbook.parse.values import value_of
from addressbook.parse.workspace import LONGEST_TEXT

LEVELS = {2: Level.PROVINCE, 4: Level.CITY, 6: Level.COUNTY, 9: Level.TOWN, 12: Level.COMMUNITY}
NAMES = {
    at + code: mark + name
    for code, mark in ((0, ""), (AGAIN_CODE, AGAIN), (ANEW_CODE, ANEW))
    for at, name in enumerate(LABELS)
}
TOWN, HIGHER = LABEL["town"], [LABEL[name] for name in ("province", "city", "county")]
LISTS = re.compile("[,、/~;]")
Division = tuple[str | None, Level]


def given_division(division: str | None) -> Division:
    """The context given, as the division of a text that names none."""
    return coded(prefix_of(division) if division else "")


@lru_cache(maxsize=100_000)
def coded(prefix: str) -> Division:
    """A prefix as a code of 12 digits with its level; None and NONE for an empty one."""
    return (prefix.ljust(12, "0"), LEVELS[len(prefix)]) if prefix else (None, Level.NONE)


@lru_cache(maxsize=100_000)
def _division(code: int, digits: int) -> Division | None:
    """The division of that many digits; none when they are negative, and None where the text names none at all."""
    return coded(f"{code:012d}"[: max(0, digits)]) if digits else None


def told(
    texts: Sequence[Normalised], result: tuple[Any, ...], community_name: Callable[[str], str], given: Division
) -> list[ParsedAddress]:
    """The parsed addresses of texts from the arrays of `kernel.read_all`; `given` where a text names no division."""
    pieces = _Pieces(texts, result, community_name)
    odd = pieces.odd()
    divisions = map(_division, result[5].tolist(), result[6].tolist())
    found = []
    for at, (text, (start, stop), named) in enumerate(zip(texts, pairwise(pieces.first), divisions, strict=True)):
        if at in odd:
            elements = pieces.settled(text, start, stop)
        elif text.normal is text.received:
            elements = tuple(pieces.elements[start:stop])
        else:
            elements = elements_of(text, pieces.elements[start:stop])
        code, level = given if named is None else named
        found.append(ParsedAddress(text.received, text.normal, elements, code, level))
    return found


class _Pieces:
    """All pieces of many texts one after another, as elements of the normal texts; those of a text from `first` on."""

    def __init__(
        self, texts: Sequence[Normalised], result: tuple[Any, ...], community_name: Callable[[str], str]
    ) -> None:
        first, starts, ends, self._labels, villages = result[:5]
        self._first = first
        self._joined = "".join([text.normal for text in texts])
        self._lengths = np.fromiter((len(text.normal) for text in texts), np.int64, len(texts))
        self._begin = np.cumsum(self._lengths) - self._lengths
        shift: Any = np.repeat(self._begin, np.diff(first))
        joined = self._joined
        spans = zip((starts + shift).tolist(), (ends + shift).tolist(), strict=True)
        spelt = [joined[start:end] for start, end in spans]
        names = list(map(NAMES.__getitem__, self._labels.tolist()))
        values = list(map(value_of, names, spelt))
        for at in np.flatnonzero(villages).tolist():
            values[at] = community_name(f"{villages[at]:012d}") or values[at]
        made = zip(spelt, names, starts.tolist(), ends.tolist(), values, strict=True)
        self.first: list[int] = first.tolist()
        self.elements: list[Element] = list(map(tuple.__new__, repeat(Element), made))

    def odd(self) -> set[int]:
        """Texts with a division named twice, a town before its county, a list, or more characters than are read."""
        unsettled = self._labels >= AGAIN_CODE
        unsettled[1:] |= (self._labels[:-1] == TOWN) & np.isin(self._labels[1:], HIGHER)
        again: Any = np.searchsorted(self._first, np.flatnonzero(unsettled), side="right") - 1
        marks = np.array([match.start() for match in LISTS.finditer(self._joined)], np.int64)
        lists: Any = np.searchsorted(self._begin, marks, side="right") - 1
        return set(chain(again.tolist(), lists.tolist(), np.flatnonzero(self._lengths > LONGEST_TEXT).tolist()))

    def settled(self, text: Normalised, start: int, stop: int) -> tuple[Element, ...]:
        """The elements of an odd text."""
        known = self.elements[start:stop]
        pieces = settled_repeats([(each.start, each.end, each.name) for each in known])
        pieces = merged_lists(pieces, text.normal)
        if len(text.normal) > LONGEST_TEXT:
            pieces.append((LONGEST_TEXT, len(text.normal), "other"))
        values = {(each.start, each.end, each.name): each.value for each in known}
        made = []
        for piece in pieces:
            start, end, name = piece
            spelt = text.normal[start:end]
            made.append(Element(spelt, name, start, end, values.get(piece) or value_of(name, spelt)))
        return elements_of(text, made)
