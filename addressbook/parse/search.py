"""The cheapest reading of a text: states at every place, extended by edges, divisions and villages; compiled."""

from __future__ import annotations

import numpy as np

from addressbook.parse.compiled import compiled, entry
from addressbook.parse.costs import END, LABEL, SCALARS, START
from addressbook.parse.division_search import begin_anew, extend_divisions
from addressbook.parse.edges import open_edge, pay_scalar
from addressbook.parse.marks import mark
from addressbook.parse.name_edges import edges_at, unread
from addressbook.parse.numbers import number_edges
from addressbook.parse.states import (
    ROUNDING,
    along,
    arrive,
    came_from,
    context_of,
    last_of,
    look_ahead,
    offer,
    put,
    transition,
)
from addressbook.parse.village_search import extend_villages
from addressbook.parse.workspace import (
    COUNT_EDGES,
    COUNT_MADE,
    MARK,
    PLAIN,
    Addresses,
)

REPEATED_NAME = SCALARS.index("repeated_name")
REDUNDANT = LABEL["redundant"]
CAN_REPEAT = np.array([n in ("community", "road", "place", "sub_place", "party") for n in LABEL])
LONGEST_REPEAT = 24


@entry
def read(facts, work, n):
    """Fill the states for the marked text; the place and slot of the cheapest reading of all of it are (n, result).

    Kept by itself, so that tuning, which calls it too, does not compile it a second time.
    """
    known = Addresses(
        facts.table.ctypes.data,
        facts.villages.ctypes.data,
        facts.village_values.ctypes.data,
        facts.registry.ctypes.data,
    )
    return _read(known, work, n)


@compiled
def _read(facts, work, n):
    mark(facts, work, n)
    work.place = -1
    put(work, 0, 0.0, np.int64(START), np.int64(0))
    for at in range(n):
        arrive(work, at)
        if work.state_count[at] > 0:
            look_ahead(work, at)
            first = work.counts[COUNT_EDGES]
            _edges(facts, work, n, at)
            last = work.counts[COUNT_EDGES]
            offer(work, at, first, last)
            named = work.hit_first[at] < work.hit_first[at + 1]
            for live in range(work.live_count[at]):
                slot = work.live[at, live]
                if named:
                    extend_divisions(facts, work, at, slot, first, last)
                begin_anew(facts, work, at, slot)
                extend_villages(facts, work, n, at, slot, first, last)
                _repeated(work, n, at, slot)
    arrive(work, n)
    return _cheapest_end(work, n)


@compiled
def _edges(facts, work, n, at):
    made = work.counts[COUNT_MADE]
    edges_at(facts, work, n, at)
    number_edges(facts, work, n, at)
    if work.counts[COUNT_MADE] == made:
        unread(work, n, at)


@compiled
def _cheapest_end(work, n):
    """The slot of the cheapest state at the end; of two that cost the same, that of the smaller key."""
    best, found = 1e300, -1
    for slot in range(work.state_count[n]):
        cost = work.state_cost[n, slot] + work.weights[transition(work, last_of(work, n, slot), END)]
        same = found >= 0 and abs(cost - best) <= ROUNDING
        if work.state_key[n, slot] < work.state_key[n, found] if same else cost < best:
            best, found = cost, slot
    return found


@compiled
def _repeated(work, n, at, slot):
    """A name written twice in a row counts once."""
    if at == 0:
        return
    start, _, edge = came_from(work, at, slot)
    if work.edge_kind[edge] != PLAIN or not CAN_REPEAT[work.edge_label[edge]]:
        return
    length = at - start
    if length < 2 or length > LONGEST_REPEAT or at + length > n:
        return
    for hit in range(work.hit_first[start], work.hit_first[start + 1]):
        if work.hit_end[hit] == at:
            return  # a division named twice is told by its code
    for place in range(length):
        if work.characters[start + place] != work.characters[at + place]:
            return
    again = open_edge(work, at + length, REDUNDANT, MARK)
    if again >= 0:
        pay_scalar(work, again, REPEATED_NAME)
        along(work, at, slot, again, context_of(work, at, slot))
