"""States of the search: the cheapest few ways to have read a text up to a place; compiled."""

from __future__ import annotations

import numpy as np

from addressbook.parse.compiled import compiled
from addressbook.parse.costs import BORDERED_COUNT, LABEL, SEEN
from addressbook.parse.workspace import (
    BRACKETED,
    CLOSING,
    OPENING,
    PLAIN,
    STATES,
    STEPS,
    TUNING,
)

AGAIN = 64
"""Added to the label of a division that was named before; the parser settles which of the two counts."""
SEEN_OF = {
    "road": "road", "sub_road": "road", "road_no": "road_no", "sub_road_no": "road_no", "place": "place",
    "sub_place": "place", "building": "building", "unit": "unit", "floor": "room", "room": "room",
    "community": "community",
}  # fmt: skip
SEEN_BIT = np.array([1 << SEEN.index(SEEN_OF[n]) if n in SEEN_OF else 0 for n in LABEL], np.int16)
SEEN_COUNT, BRACKET = len(SEEN), 1 << SEEN.index("bracket")
REDUNDANT = LABEL["redundant"]


@compiled
def least(work, at):
    """The cost of the cheapest state at a place."""
    least = work.state_cost[at, 0]
    for slot in range(1, work.state_count[at]):
        least = min(least, work.state_cost[at, slot])
    return least


@compiled
def put(work, at, cost, last, seen, context, before, slot, edge):
    """Keep a state unless one like it is cheaper, or all that are kept are."""
    count, worst, place, same = work.state_count[at], -1e300, -1, False
    for known in range(count):
        if work.state_last[at, known] == last and work.state_seen[at, known] == seen:
            if work.state_context[at, known] == context:
                if work.state_cost[at, known] <= cost:
                    return
                place, same = known, True
                break
        if work.state_cost[at, known] > worst:
            worst, place = work.state_cost[at, known], known
    if not same:
        if count < STATES:
            place = count
            work.state_count[at] = count + 1
        elif worst <= cost:
            return
    work.state_cost[at, place] = cost
    work.state_last[at, place] = last
    work.state_seen[at, place] = seen
    work.state_context[at, place] = context
    work.state_from[at, place] = before
    work.state_slot[at, place] = slot
    work.state_edge[at, place] = edge


@compiled
def transition(work, last, label):
    """Where the cost of one label after another lies."""
    return work.at_transitions + last * BORDERED_COUNT + label


@compiled
def history_cost(work, seen, label):
    """What a label costs for all that was met before it."""
    return work.history[seen, label]


@compiled
def along(work, at, slot, edge, context):
    """From one state along one edge, unless what lies at its end is much cheaper already."""
    work.counts[STEPS] += 1
    label, kind = work.edge_label[edge], work.edge_kind[edge]
    last, seen = work.state_last[at, slot], work.state_seen[at, slot]
    cost = work.state_cost[at, slot] + work.edge_cost[edge] + unwanted(work, at, edge)
    if kind == OPENING:
        seen |= BRACKET
    elif kind == CLOSING:
        seen &= ~BRACKET
    elif kind == PLAIN:
        cost += work.weights[transition(work, last, label)] + history_cost(work, seen, label)
        last = label
        seen |= SEEN_BIT[label]
    elif kind <= BRACKETED:
        if kind == BRACKETED and not seen & BRACKET:
            return
        cost += work.weights[transition(work, last, label)] + history_cost(work, seen, label)
    put(work, work.edge_end[edge], cost, last, seen, context, at, slot, edge)


@compiled
def unwanted(work, at, edge):
    """While costs are tuned, what an edge costs that is none of the wanted spans."""
    if work.counts[TUNING] == 0 or work.edge_kind[edge] > BRACKETED:
        return 0.0
    label, wanted, end = work.edge_label[edge], work.wanted_label[at], work.edge_end[edge]
    same = label == wanted or (label >= AGAIN and (wanted == REDUNDANT or label - AGAIN == wanted))
    return 0.0 if same and work.wanted_end[at] == end else 0.1 * work.counts[TUNING] * (end - at)
