"""An averaged structured perceptron over the named costs of reading.

Where the cheapest reading is not the wanted one, what the wrong reading paid becomes dearer and what the wanted one
would have paid cheaper. (M. Collins, Discriminative training methods for hidden Markov models, EMNLP 2002.)
"""

# mypy: disable-error-code="no-untyped-def"
from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from addressbook.normalise import normalise
from addressbook.parse import Parser
from addressbook.parse.compiled import compiled, entry
from addressbook.parse.costs import END, IMPOSSIBLE, LABEL, LABEL_COUNT, SEEN, costs
from addressbook.parse.search import read
from addressbook.parse.states import AGAIN, transition
from addressbook.parse.trie import Codes, Ints, flat
from addressbook.parse.workspace import BRACKETED, LONGEST_TEXT, TRACING, TUNING, Floats, set_weights

SEEN_COUNT = len(SEEN)
WANTED, AUGMENTED = 500, -3
"""Tenths of a cost that a character outside the wanted spans pays: to find the wanted reading, to find a rival."""
Span = tuple[int, int, str]
"""(start, end, element name) in the text as received."""


@compiled
def paid(work, n, slot, found):
    """The costs that the reading of a text pays, as places in the weights; how many."""
    count = 1
    found[0] = transition(work, work.state_last[n, slot], END)
    at = n
    while at > 0:
        edge, before, previous = work.state_edge[at, slot], work.state_from[at, slot], work.state_slot[at, slot]
        for feature in range(work.edge_count[edge]):
            found[count] = work.edge_feature[edge, feature]
            count += 1
        label, kind = work.edge_label[edge], work.edge_kind[edge]
        if kind <= BRACKETED and label < AGAIN:
            found[count] = transition(work, work.state_last[before, previous], label)
            count += 1
            seen = work.state_seen[before, previous]
            for bit in range(SEEN_COUNT):
                if seen >> bit & 1:
                    found[count] = work.at_history + label * SEEN_COUNT + bit
                    count += 1
        at, slot = before, previous
    return count


@compiled
def refresh(work):
    """Sum the costs of what was met before anew."""
    for seen in range(1 << SEEN_COUNT):
        for label in range(LABEL_COUNT):
            cost = 0.0
            for bit in range(SEEN_COUNT):
                if seen >> bit & 1:
                    cost += work.weights[work.at_history + label * SEEN_COUNT + bit]
            work.history[seen, label] = cost


@entry
def epoch(facts, scratch, buffer, offsets, ends, labels, order, rate, first, pull, frozen, total):
    """One pass over all texts; how many were read as wanted. `total` gathers the weights for their average."""
    work = scratch[0]
    wanted_features, rival_features = np.zeros(6000, np.int64), np.zeros(6000, np.int64)
    right = 0
    size = len(first)
    for text in order:
        start = offsets[text]
        n = min(offsets[text + 1] - start, LONGEST_TEXT)
        for at in range(n):
            work.characters[at] = buffer[start + at]
            work.wanted_end[at], work.wanted_label[at] = ends[start + at], labels[start + at]
        work.characters[n + 1] = 0
        work.counts[TUNING] = WANTED
        slot = read(facts, work, n)
        wanted = paid(work, n, slot, wanted_features)
        work.counts[TUNING] = AUGMENTED
        slot = read(facts, work, n)
        rival = paid(work, n, slot, rival_features)
        same = wanted == rival
        for at in range(min(wanted, rival)):
            same = same and wanted_features[at] == rival_features[at]
        if same:
            right += 1
        else:
            for at in range(wanted):
                work.weights[wanted_features[at]] -= 0.0 if frozen[wanted_features[at]] else rate
            for at in range(rival):
                work.weights[rival_features[at]] += 0.0 if frozen[rival_features[at]] else rate
            refresh(work)
        for at in range(size):
            if first[at] < IMPOSSIBLE:
                work.weights[at] += pull * (first[at] - work.weights[at])
                total[at] += work.weights[at]
    return right


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
        parser.read(normal)  # reads the villages of all counties named
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
