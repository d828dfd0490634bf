"""One pass of tuning over many texts; compiled."""

from __future__ import annotations

import numpy as np

from addressbook.parse.compiled import compiled, entry
from addressbook.parse.costs import END, IMPOSSIBLE, LABEL_COUNT, SEEN
from addressbook.parse.search import read
from addressbook.parse.states import AGAIN, came_from, last_of, seen_of, transition
from addressbook.parse.workspace import BRACKETED, LONGEST_TEXT, TUNING

SEEN_COUNT = len(SEEN)
WANTED, AUGMENTED = 500, -3
"""Tenths of a cost that a character outside the wanted spans pays: to find the wanted reading, to find a rival."""


@compiled
def paid(work, n, slot, found):
    """The costs that the reading of a text pays, as places in the weights; how many."""
    count = 1
    found[0] = transition(work, last_of(work, n, slot), END)
    at = n
    while at > 0:
        before, previous, edge = came_from(work, at, slot)
        for feature in range(work.edge_count[edge]):
            found[count] = work.edge_feature[edge, feature]
            count += 1
        label, kind = work.edge_label[edge], work.edge_kind[edge]
        if kind <= BRACKETED and label < AGAIN:
            found[count] = transition(work, last_of(work, before, previous), label)
            count += 1
            seen = seen_of(work, before, previous)
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
