"""Training on a registry's own names: lessons from one half of them, tried on the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from addressbook.divisions import Gazetteer
from addressbook.model import NamedAddress
from addressbook.parse import Parser
from addressbook.parse.costs import costs
from addressbook.parse.workspace import Floats, set_weights
from addressbook.train.compose import Composer, Labelled
from addressbook.train.lessons import KnownNames, lesson_of, spans_of
from addressbook.train.names import names_of
from addressbook.train.scores import GROUPS, Score, score
from addressbook.train.tables import by_hand
from addressbook.train.tuner import Tuner, tune

RATE, PULL, TRIED = 0.02, 1e-4, 3000
DECIDING = "identity elements"


@dataclass(frozen=True, slots=True)
class Trained:
    """Costs, and what they did on texts of names they were not tuned on: scores before and after by group."""

    weights: Floats
    before: dict[str, Score]
    after: dict[str, Score]

    @property
    def better(self) -> bool:
        """Whether they read the elements that identify an address no worse than the costs in use."""
        return self.after[DECIDING].f1 >= self.before[DECIDING].f1


def train(
    gazetteer: Gazetteer, registered: Iterable[NamedAddress], *, texts: int, passes: int, seed: int,
    progress: Callable[[int, int | None], None],
) -> Trained:  # fmt: skip
    """Costs tuned on texts made from the names of a registry (of the gazetteer alone when there are none).

    Every second road and place is left out and tried afterwards. `progress` is told (passes done, passes).
    """
    names = names_of(gazetteer, registered, seed)
    lesson = lesson_of(gazetteer, names.half(0), Composer(names.half(0), seed).texts(texts))
    tuner = Tuner(by_hand(costs()), PULL)
    weights = tune(tuner, [lesson], passes, RATE, lambda number, _right: progress(number, passes))
    others = names.half(1)
    tried = list(Composer(others, seed + 1).texts(TRIED))
    parser = Parser(gazetteer, KnownNames(others))
    return Trained(weights, _scores(parser, tried, costs().weights), _scores(parser, tried, weights))


def _scores(parser: Parser, texts: list[Labelled], weights: Floats) -> dict[str, Score]:
    set_weights(parser.scratch, weights)
    parsed = parser.parse_many([each.text for each in texts])
    found = [{(e.start, e.end, e.name) for e in read.elements} for read in parsed]
    wanted = [spans_of(each) for each in texts]
    return {group: score(wanted, found, names) for group, names in GROUPS.items()}
