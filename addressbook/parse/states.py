"""States of the search: the cheapest few ways to have read a text up to a place; compiled."""

from __future__ import annotations

import numpy as np

from addressbook.parse.compiled import compiled
from addressbook.parse.costs import BORDERED_COUNT, IMPOSSIBLE, LABEL, SEEN
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
ANEW = 96
"""Added to the label of what begins the address anew: 四川省成都市 is not where 中国浙江省杭州市 behind it lies."""
SEEN_OF = {
    "road": "road", "sub_road": "road", "road_no": "road_no", "sub_road_no": "road_no", "place": "place",
    "sub_place": "place", "building": "building", "unit": "unit", "floor": "room", "room": "room",
    "community": "community",
}  # fmt: skip
SEEN_BIT = np.array([1 << SEEN.index(SEEN_OF[n]) if n in SEEN_OF else 0 for n in LABEL], np.int16)
SEEN_COUNT, BRACKET = len(SEEN), 1 << SEEN.index("bracket")
REDUNDANT = LABEL["redundant"]
MARGIN, ROUNDING, NO_BOUND = 14.0, 1e-6, 1e300
"""Readings this much dearer than the cheapest at the same place are given up."""


@compiled
def put(work, at, cost, last, seen, context, before, slot, edge):
    """Keep a state unless one like it is cheaper, or all that are kept are."""
    if cost >= work.state_bound[at]:
        return
    count = work.state_count[at]
    key = np.int64(context) << 32 | np.int64(seen) << 8 | last
    place = 0
    while place < count and work.state_key[at, place] != key:
        place += 1
    if place < count:
        if work.state_cost[at, place] <= cost:
            return
    elif count < STATES:
        work.state_count[at] = count = count + 1
    else:
        place = work.state_dearest[at]
    work.state_key[at, place] = key
    work.state_cost[at, place] = cost
    work.state_last[at, place] = last
    work.state_seen[at, place] = seen
    work.state_context[at, place] = context
    work.state_from[at, place] = before
    work.state_slot[at, place] = slot
    work.state_edge[at, place] = edge
    _bound(work, at, count, cost)


@compiled
def _dearest(work, at):
    place = 0
    for known in range(1, STATES):
        if work.state_cost[at, known] > work.state_cost[at, place]:
            place = known
    return place


@compiled
def _bound(work, at, count, cost):
    """States from this cost on are not worth keeping: all that are kept are cheaper, or one is by far."""
    least = min(work.state_least[at], cost)
    work.state_least[at] = least
    bound = NO_BOUND
    if count == STATES:
        dearest = _dearest(work, at)
        work.state_dearest[at] = dearest
        bound = work.state_cost[at, dearest]
    if at < work.length:  # at the end of the text the cost of ending there is still to come
        bound = min(bound, least + MARGIN + ROUNDING)
    work.state_bound[at] = bound


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
    if kind <= BRACKETED:
        cost += work.weights[transition(work, last, label)] + history_cost(work, seen, label)
    if kind != BRACKETED or seen & BRACKET:
        last, seen = _left(kind, label, last, seen)
        put(work, work.edge_end[edge], cost, last, seen, context, at, slot, edge)


@compiled
def along_all(work, at, slot, first, last_edge):
    """As `along` for many edges: those whose end is reached for less already are passed over at once."""
    work.counts[STEPS] += last_edge - first
    before, last, seen = work.state_cost[at, slot], work.state_last[at, slot], work.state_seen[at, slot]
    context, row = work.state_context[at, slot], transition(work, work.state_last[at, slot], 0)
    tuning = work.counts[TUNING] != 0
    for edge in range(first, last_edge):
        cost = work.edge_cost[edge]
        if cost >= IMPOSSIBLE / 2 or work.edge_shadow[edge] == slot + 1:
            continue
        label, kind, end = work.edge_label[edge], work.edge_kind[edge], work.edge_end[edge]
        cost = before + cost
        if tuning:
            cost += unwanted(work, at, edge)
        if kind <= BRACKETED:
            cost += work.weights[row + label] + history_cost(work, seen, label)
        if cost < work.state_bound[end] and (kind != BRACKETED or seen & BRACKET):
            last_then, seen_then = _left(kind, label, last, seen)
            put(work, end, cost, last_then, seen_then, context, at, slot, edge)


@compiled
def _left(kind, label, last, seen):
    """The last label, and what was met, behind an edge."""
    if kind == PLAIN:
        return np.int64(label), np.int64(seen | SEEN_BIT[label])
    if kind == OPENING:
        return np.int64(last), np.int64(seen | BRACKET)
    return np.int64(last), np.int64(seen & ~BRACKET if kind == CLOSING else seen)


@compiled
def unwanted(work, at, edge):
    """While costs are tuned, what an edge costs that is none of the wanted spans."""
    if work.counts[TUNING] == 0 or work.edge_kind[edge] > BRACKETED:
        return 0.0
    label, wanted, end = work.edge_label[edge], work.wanted_label[at], work.edge_end[edge]
    marked = AGAIN <= label < ANEW and (wanted == REDUNDANT or label - AGAIN == wanted)
    same = label == wanted or label - ANEW == wanted or marked
    return 0.0 if same and work.wanted_end[at] == end else 0.1 * work.counts[TUNING] * (end - at)
