"""Text → elements: texts are normalised, read by the compiled kernel in batches, and told in the words of the model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from addressbook.divisions import Gazetteer
from addressbook.model import ParsedAddress
from addressbook.normalise import Normalised, normalise
from addressbook.parse import kernel
from addressbook.parse.division_names import division_names, prefix_of
from addressbook.parse.lexicon import Villages, codes_of, table_of, villages
from addressbook.parse.reading import KnownNames, Prefixes
from addressbook.parse.told import Division, given_division, told
from addressbook.parse.trie import empty, flat
from addressbook.parse.workspace import Facts, set_hint, workspace

REMEMBERED = 100_000


class Parser:
    """Labels every character of an address text; pure, safe to keep for the life of a process, whatever its threads."""

    def __init__(self, gazetteer: Gazetteer, index: KnownNames | None = None) -> None:
        self.index = index
        self.divisions = division_names(gazetteer)
        self._table = table_of(gazetteer)
        self.scratch = workspace(self._table)
        self._villages: Villages = villages(gazetteer)

    def parse(self, text: str, *, division: str | None = None) -> ParsedAddress:
        """The elements of `text`, every character in exactly one; never raises whatever the text.

        `division` (2 to 12 digits) is where the text is taken to be when it names no division itself. Characters
        beyond LONGEST_TEXT are labelled other.
        """
        return self.parse_many([text], division=division)[0]

    def parse_many(self, texts: Sequence[str], *, division: str | None = None) -> list[ParsedAddress]:
        """As `parse`, for many texts at once: an order of magnitude faster a text."""
        return self._parse([normalise(text) for text in texts], self._hint(division), given_division(division))

    def codes_of(self, divisions: str, division: str | None = None) -> Prefixes:
        """The prefix of the division that a run of division names means, e.g. from the columns of a table."""
        code = self._parse([normalise(divisions)], self._hint(division), given_division(None))[0].division_code
        return (prefix_of(code),) if code else ()

    def _hint(self, division: str | None) -> Prefixes:
        if division:
            return (prefix_of(division),)
        return tuple(sorted(self.index.counties)) if self.index is not None else ()

    def facts(self) -> Facts:
        """The names that are known now."""
        registry = self.index.lexicon.array() if self.index is not None else NO_NAMES
        return Facts(self._table.array(), self._villages.names, self._villages.values, registry)

    def _parse(self, texts: Sequence[Normalised], hint: Prefixes, given: Division) -> list[ParsedAddress]:
        buffer, offsets = flat([text.normal for text in texts])
        with self._villages.lock:
            set_hint(self.scratch, *codes_of(hint))
            result = kernel.read_all(self.facts(), self.scratch, buffer, offsets)
            wanted = result[7]
            if wanted.any():
                self._villages.read(np.unique(wanted[wanted > 0]).tolist())
        found = told(texts, result, self.divisions.community_name, given)
        again = np.flatnonzero(wanted).tolist()
        if again:
            for at, parsed in zip(again, self._parse([texts[at] for at in again], hint, given), strict=True):
                found[at] = parsed
        return found


NO_NAMES = empty(16)
