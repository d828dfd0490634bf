"""Many texts through the compiled reading; what comes out is flat arrays."""

from __future__ import annotations

import numpy as np

from addressbook.parse.compiled import compiled, entry
from addressbook.parse.costs import LABEL
from addressbook.parse.search import read
from addressbook.parse.states import came_from, context_of
from addressbook.parse.workspace import LONGEST_TEXT, STEPS, WANTED_COUNTY

NO_READING = -1
OTHER = LABEL["other"]


@entry
def read_all(facts, scratch, buffer, offsets):
    """(first piece of each text, starts, ends, labels, villages of the pieces, code, digits, county wanted, steps).

    A county is wanted when its villages are not known yet: then the text is to be read again once they are.
    """
    texts = len(offsets) - 1
    work = scratch[0]
    room = len(buffer) + texts
    first = np.zeros(texts + 1, np.int64)
    starts, ends = np.zeros(room, np.int32), np.zeros(room, np.int32)
    labels, village = np.zeros(room, np.int8), np.zeros(room, np.int64)
    code, digits = np.zeros(texts, np.int64), np.zeros(texts, np.int8)
    wanted, steps = np.zeros(texts, np.int64), np.zeros(texts, np.int64)
    used = 0
    for text in range(texts):
        n = min(offsets[text + 1] - offsets[text], LONGEST_TEXT)
        for at in range(n):
            work.characters[at] = buffer[offsets[text] + at]
        work.characters[n + 1] = 0
        slot = read(facts, work, n)
        if slot >= 0 or n == 0:
            used = _write(work, n, slot, used, starts, ends, labels, village)
            code[text], digits[text] = _division_of(work, context_of(work, n, max(0, slot)))
        else:  # there was no room for all readings, and none came to the end
            starts[used], ends[used], labels[used] = 0, n, OTHER
            used += 1
        first[text + 1] = used
        wanted[text], steps[text] = work.counts[WANTED_COUNTY], work.counts[STEPS]
    return first, starts[:used], ends[:used], labels[:used], village[:used], code, digits, wanted, steps


@compiled
def _write(work, n, slot, used, starts, ends, labels, village):
    """The pieces on the way to the last state, in reading order."""
    count, at, walked = 0, n, slot
    while at > 0:
        count += 1
        at, walked, _ = came_from(work, at, walked)
    place = used + count
    at = n
    while at > 0:
        place -= 1
        before, slot, edge = came_from(work, at, slot)
        starts[place], ends[place] = before, at
        labels[place], village[place] = work.edge_label[edge], work.edge_village[edge]
        at = before
    return used + count


@compiled
def _division_of(work, context):
    """The deepest division that all codes of a context share: its code of 12 digits, and how many of them count."""
    if context == 0:
        return 0, 0
    start = work.context_start[context]
    low, high, span = work.arena_code[start], work.arena_code[start], work.arena_span[start]
    for at in range(start, start + work.context_length[context]):
        low, high = min(low, work.arena_code[at]), max(high, work.arena_code[at])
        span = max(span, work.arena_span[at])
    for digits in (12, 9, 6, 4, 2):
        unit = 10 ** (12 - digits)
        if unit >= span and low // unit == high // unit:
            return low // unit * unit, digits
    return 0, NO_READING
