"""Texts → Resolutions: parse, look the names up in memory, the paths in one query a batch, decide."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from addressbook.divisions import Gazetteer
from addressbook.match.asking import look_up_whole
from addressbook.match.cases import Base, Case, CaseMaker
from addressbook.match.decide import Decider
from addressbook.match.divisions import DivisionWords
from addressbook.match.names import NameIndex
from addressbook.match.retired import tell_retired
from addressbook.match.towns import TownWords
from addressbook.model import ParsedAddress, PathLookup, PathQuery, Resolution
from addressbook.parse import Parser

SLICE: Final = 1000
"""Texts worked on together: enough for one query of the database, few enough to stay in the processor's caches."""
MANY: Final = 500
"""From so many texts on the memory they take is looked through once they are answered."""


class Resolver:
    """The matcher. Pure but for the look-up it is given; keep one for the life of a process."""

    def __init__(self, gazetteer: Gazetteer, index: NameIndex) -> None:
        self.index = index
        self.parser = Parser(gazetteer, index)
        self._cases = CaseMaker(index, TownWords(gazetteer))
        self._decider = Decider(DivisionWords(gazetteer))

    def resolve_batch(
        self, texts: Sequence[str], lookup: PathLookup, *, division: str | None = None
    ) -> list[Resolution]:
        """The answer for each text, in order. `division`: where texts are that name no division themselves."""
        answers: list[Resolution] = []
        with collecting_later(len(texts)):
            for start in range(0, len(texts), SLICE):
                answers += self._resolve_slice(
                    self.parse_batch(texts[start : start + SLICE], division=division), lookup
                )
        return answers

    def parse_batch(self, texts: Sequence[str], *, division: str | None = None) -> list[ParsedAddress]:
        """The elements of each text, in order."""
        many = getattr(self.parser, "parse_many", None)
        if many is not None:
            return list(many(texts, division=division))
        return [self.parser.parse(text, division=division) for text in texts]

    def resolve_parsed(self, parsed: Sequence[ParsedAddress], lookup: PathLookup) -> list[Resolution]:
        """The answer for each parsed address, in order; at most three calls of `lookup.find` for every SLICE."""
        answers: list[Resolution] = []
        with collecting_later(len(parsed)):
            for start in range(0, len(parsed), SLICE):
                answers += self._resolve_slice(parsed[start : start + SLICE], lookup)
        return answers

    def _resolve_slice(self, parsed: Sequence[ParsedAddress], lookup: PathLookup) -> list[Resolution]:
        cases = [self._cases.make(address) for address in parsed]
        look_up_whole(cases, lookup)
        unfound = [case for case in cases if not any(base.found for base in case.bases)]
        for case in unfound:
            self._cases.widen(case)
        _look_up_parts(unfound, lookup)
        answers = [self._decider.decide(case) for case in cases]
        tell_retired(cases, answers, unfound, lookup)
        return answers


@contextmanager
def collecting_later(texts: int) -> Iterator[None]:
    """Answers hold no cycles, and looking for cycles in the middle of a large batch takes as long as the batch."""
    if texts < MANY or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _look_up_parts(unfound: Sequence[Case], lookup: PathLookup) -> None:
    """Where no path was found whole: other ways to start, how far each goes, and the street for itself."""
    bases: list[Base] = []
    for case in unfound:
        bases += case.bases
        bases += case.streets
    queries: list[PathQuery] = []
    ends: list[int] = []
    for base in bases:
        queries += base.part_queries()
        ends.append(len(queries))
    answers = lookup.find(queries) if queries else []
    begin = 0
    for base, end in zip(bases, ends, strict=True):
        base.take_parts(answers[begin:end])
        begin = end
