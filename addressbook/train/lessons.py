"""Made-up texts as lessons: what is wanted of each, and a parser that knows half of the names in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from addressbook.divisions import Gazetteer
from addressbook.normalise import normal_name
from addressbook.parse import Parser
from addressbook.parse.lexicon import RegistryNames
from addressbook.train.compose import Labelled, Names
from addressbook.train.tuner import Lesson, Span


class KnownNames:
    """Every second road and place of the names, as a registry that knows them but covers no county."""

    version = 0

    def __init__(self, names: Names) -> None:
        self.counties: set[str] = set()
        self.lexicon = RegistryNames()
        known = names.half(0)
        for label, group in (("road", known.roads), ("place", known.places)):
            for name in group:
                self.lexicon.note(normal_name(name), label)


def spans_of(labelled: Labelled) -> set[Span]:
    """Where the parts stand in the text."""
    spans, at = set(), 0
    for part, name in labelled.parts:
        start = labelled.text.index(part, at)
        at = start + len(part)
        spans.add((start, at, name))
    return spans


def lesson_of(gazetteer: Gazetteer, names: Names, texts: Iterable[Labelled]) -> Lesson:
    """A lesson in which half of the names are known, as they are where a registry grows."""
    given: Sequence[Labelled] = list(texts)
    parser = Parser(gazetteer, KnownNames(names))
    return Lesson.of(parser, [each.text for each in given], [spans_of(each) for each in given])
