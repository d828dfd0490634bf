"""An averaged structured perceptron over the named costs of reading.

Where the cheapest reading is not the wanted one, what the wrong reading paid becomes dearer and what the wanted one
would have paid cheaper. (M. Collins, Discriminative training methods for hidden Markov models, EMNLP 2002.)
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from addressbook.normalise import normalise
from addressbook.parse import Parser
from addressbook.parse.costs import IMPOSSIBLE, LABEL, costs
from addressbook.parse.trie import Codes, Ints, flat
from addressbook.parse.workspace import TRACING, TUNING, Floats, set_weights
from addressbook.train.passes import epoch

Span = tuple[int, int, str]
"""(start, end, element name) in the text as received."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """Normal texts with, at every character, the end and the label of the wanted span that begins there (-1: none)."""

    parser: Parser
    buffer: Codes
    offsets: Ints
    ends: npt.NDArray[np.int32]
    labels: npt.NDArray[np.int8]

    @classmethod
    def of(cls, parser: Parser, texts: Sequence[str], spans: Sequence[Collection[Span]]) -> Lesson:
        """Texts as received with the spans that are wanted of them."""
        normal, ends, labels = [], [], []
        for text, wanted in zip(texts, spans, strict=True):
            normalised = normalise(text)
            offsets = normalised.offsets
            end = np.zeros(len(normalised.normal), np.int32)
            label = np.full(len(normalised.normal), -1, np.int8)
            for start, stop, name in wanted:
                inside = [at for at in range(len(normalised.normal)) if start <= offsets[at] < stop]
                if inside:
                    end[inside[0]], label[inside[0]] = inside[-1] + 1, LABEL[name]
            normal.append(normalised.normal)
            ends.append(end)
            labels.append(label)
        parser.parse_many(normal)  # reads the villages of all counties named
        return cls(parser, *flat(normal), np.concatenate(ends), np.concatenate(labels))


class Tuner:
    """Costs under way. `weights` are those of the last text, `averaged` what to keep."""

    def __init__(self, frozen: npt.NDArray[np.bool_], pull: float) -> None:
        """`frozen` costs stay as they are; the others are pulled by `pull` a text towards what they are now."""
        self.first: Floats = costs().weights.copy()
        self.weights: Floats = self.first.copy()
        self._frozen, self._pull = frozen, pull
        self._total, self._texts = np.zeros(len(self.first)), 0

    def go_over(self, lesson: Lesson, rate: float, seed: int) -> int:
        """One pass over a lesson in an order drawn by `seed`; how many texts were read as wanted."""
        parser, scratch = lesson.parser, lesson.parser.scratch
        set_weights(scratch, self.weights)
        scratch["counts"][0, TRACING] = 1
        order = np.random.default_rng(seed).permutation(len(lesson.offsets) - 1)
        right = epoch(
            parser.facts(), scratch, lesson.buffer, lesson.offsets, lesson.ends, lesson.labels, order, rate, self.first,
            self._pull, self._frozen, self._total,
        )  # fmt: skip
        scratch["counts"][0, [TUNING, TRACING]] = 0
        self.weights = scratch["weights"][0, : len(self.first)].copy()
        self._texts += len(order)
        return int(right)

    def forget(self) -> None:
        """Begin the average anew: the first passes are far from the end."""
        self._total[:], self._texts = 0, 0

    @property
    def averaged(self) -> Floats:
        """The mean of the weights over all texts since the last `forget`."""
        return np.where(self.first < IMPOSSIBLE, self._total / max(1, self._texts), self.first)


Told = Callable[[int, list[int]], None]


def tune(tuner: Tuner, lessons: Sequence[Lesson], passes: int, rate: float, told: Told | None = None) -> Floats:
    """Go over the lessons again and again with a falling rate; the averaged costs of the second half of the passes."""
    for number in range(passes):
        if number == passes // 2:
            tuner.forget()
        now = rate * (1 - number / passes / 1.2)
        right = [tuner.go_over(lesson, now, number) for lesson in lessons]
        if told is not None:
            told(number + 1, right)
    return tuner.averaged
