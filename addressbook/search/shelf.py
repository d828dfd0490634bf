"""Names in two long texts, one line each, searched as texts: quick, small, and without an index to keep."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from copy import copy
from itertools import islice
from typing import Final

from addressbook.search.sounds import initials, readings

LINE: Final = "\n"
FIELD: Final = "\t"


class Shelf:
    """Names in a fixed order, the most important first; what is found comes in that order. Never changes."""

    def __init__(self, names: Iterable[str]) -> None:
        kept = list(names)
        self._names = LINE + "".join([name + LINE for name in kept])
        self._keeps: Callable[[str], bool] | None = None
        self._spelt = LINE + "".join([line for name in kept for line in _spelt_lines(name)])

    def only(self, keeps: Callable[[str], bool] | None) -> Shelf:
        """The same names, of which only some are found; the others do not count. None: all are."""
        if keeps is None:
            return self
        narrow = copy(self)
        narrow._keeps = keeps
        return narrow

    def starting(self, text: str, most: int) -> list[str]:
        """Names that begin with a text."""
        return self._first(_lines(self._names, LINE + text), most)

    def holding(self, text: str, most: int) -> list[str]:
        """Names that hold a text anywhere."""
        return self._first(_lines(self._names, text), most)

    def sounding(self, letters: str, most: int) -> list[str]:
        """Names whose pinyin begins with these letters."""
        return self._first(_spelt_names(self._spelt, LINE + letters), most)

    def sounding_within(self, letters: str, most: int) -> list[str]:
        """Names whose pinyin or initials hold these letters anywhere, across syllables too."""
        return self._first(_spelt_names(self._spelt, letters), most)

    def with_initials(self, letters: str, most: int) -> list[str]:
        """Names whose initials begin with these letters."""
        return self._first(_spelt_names(self._spelt, FIELD + letters), most)

    def _first(self, found: Iterator[str], most: int) -> list[str]:
        """The first few, each once: a name read in two ways has two lines."""
        kept = found if self._keeps is None else filter(self._keeps, found)
        return list(islice(dict.fromkeys(islice(kept, 2 * most)), most))


def _spelt_lines(name: str) -> list[str]:
    lines = [f"{''.join(syllables)}{FIELD}{initials(syllables)}{FIELD}{name}{LINE}" for syllables in readings(name)]
    return lines[::-1]


def _lines(text: str, wanted: str) -> Iterator[str]:
    """The lines in which a text stands, each once."""
    at = text.find(wanted)
    while at >= 0:
        start = text.rfind(LINE, 0, at) + 1 if wanted[0] != LINE else at + 1
        end = text.index(LINE, max(start, at + len(wanted)))
        yield text[start:end]
        at = text.find(wanted, end)


def _spelt_names(text: str, wanted: str) -> Iterator[str]:
    return (line.rpartition(FIELD)[2] for line in _lines(text, wanted))
