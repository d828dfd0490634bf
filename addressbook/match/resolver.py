"""Texts → Resolutions: parse, look the names up in memory, the paths in one query a batch, decide."""

from __future__ import annotations

from collections.abc import Sequence

from addressbook.divisions import Gazetteer
from addressbook.match.cases import Case, make_case
from addressbook.match.decide import Decider
from addressbook.match.divisions import DivisionWords
from addressbook.match.names import NameIndex
from addressbook.match.plan import tree_plan
from addressbook.model import ParsedAddress, PathLookup, Resolution
from addressbook.parse import Parser


class Resolver:
    """The matcher. Pure but for the look-up it is given; keep one for the life of a process."""

    def __init__(self, gazetteer: Gazetteer, index: NameIndex) -> None:
        self.index = index
        self.parser = Parser(gazetteer, index)
        self._decider = Decider(DivisionWords(gazetteer))

    def resolve_batch(
        self, texts: Sequence[str], lookup: PathLookup, *, division: str | None = None
    ) -> list[Resolution]:
        """The answer for each text, in order. `division`: where texts are that name no division themselves."""
        return self.resolve_parsed([self.parser.parse(text, division=division) for text in texts], lookup)

    def resolve_parsed(self, parsed: Sequence[ParsedAddress], lookup: PathLookup) -> list[Resolution]:
        """The answer for each parsed address, in order; at most two calls of `lookup.find` whatever the number."""
        cases = [make_case(address, tree_plan(address), self.index) for address in parsed]
        _look_up_exactly(cases, lookup)
        _look_up_loosely(cases, lookup)
        return [self._decider.decide(case) for case in cases]


def _look_up_exactly(cases: Sequence[Case], lookup: PathLookup) -> None:
    bases = [base for case in cases for base in (*case.bases, *case.plates, *case.streets)]
    queries = [query for base in bases for query in base.exact_queries()]
    answers = lookup.find(queries) if queries else []
    done = 0
    for base in bases:
        base.found = answers[done : done + len(base.tail) + 1]
        done += len(base.tail) + 1


def _look_up_loosely(cases: Sequence[Case], lookup: PathLookup) -> None:
    """Rooms that were not found under the entrance or floor as written, where their base exists."""
    wanted = [
        (base, query)
        for case in cases
        if not any(base.complete for base in case.bases)
        for base in case.bases
        if base.depth >= 0 and (query := base.loose_query()) is not None
    ]
    answers = lookup.find([query for _, query in wanted]) if wanted else []
    for (base, _), hits in zip(wanted, answers, strict=True):
        base.loose = hits
