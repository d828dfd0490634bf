"""States of the search: the cheapest few ways to have read a text up to a place; compiled."""

from __future__ import annotations

import numpy as np

from addressbook.parse.compiled import compiled
from addressbook.parse.costs import BORDERED_COUNT, IMPOSSIBLE, LABEL, LABEL_COUNT, SEEN
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
SEEN_AT, CONTEXT_AT = 8, 32
LAST, SEEN_MASK, WITHOUT_CONTEXT = (1 << SEEN_AT) - 1, (1 << 16) - 1, (1 << CONTEXT_AT) - 1
"""A state is told by the last label, what was met, and the context: the parts of its key."""
SLOT_AT, BEFORE_AT = 32, 40
"""Parts of a link: the edge that led to a state, and the slot and place it came from."""
SEEN_COUNT, BRACKET = len(SEEN), 1 << SEEN.index("bracket")
BRACKET_IN_KEY = BRACKET << SEEN_AT
ADDED_TO_KEY = np.array(
    [label | (1 << SEEN.index(SEEN_OF[n]) if n in SEEN_OF else 0) << SEEN_AT for n, label in LABEL.items()], np.int64
)
REDUNDANT = LABEL["redundant"]
NO_EDGE = -1
MARGIN, OVERTAKEN, ROUNDING, NO_BOUND = 6.0, 8.0, 1e-9, 1e300
"""Readings this much dearer than the cheapest at the same place, or than one that has come further, are given up.

The least that made none of 18,000 readings dearer. Costs that differ by less than ROUNDING are the same.
"""


@compiled
def last_of(work, at, slot):
    """The last label of a state."""
    return work.state_key[at, slot] & LAST


@compiled
def seen_of(work, at, slot):
    """What was met on the way to a state, one bit each."""
    return work.state_key[at, slot] >> SEEN_AT & SEEN_MASK


@compiled
def context_of(work, at, slot):
    """The divisions named on the way to a state."""
    return work.state_key[at, slot] >> CONTEXT_AT


@compiled
def came_from(work, at, slot):
    """The place and slot a state was reached from, and along which edge; not for the state at the very start."""
    link = work.state_link[at, slot]
    return link >> BEFORE_AT, link >> SLOT_AT & LAST, link & WITHOUT_CONTEXT


@compiled
def put(work, at, cost, key, link):
    """Keep a state unless one like it is cheaper, or all that are kept are."""
    if cost >= work.state_bound[at]:
        return
    count = np.int64(work.state_count[at])
    place = 0
    while place < count and work.state_key[at, place] != key:
        place += 1
    if place < count:
        if work.state_cost[at, place] <= cost + ROUNDING:
            return
    elif count < STATES:
        count += 1
        work.state_count[at] = count
    else:
        place = np.int64(work.state_dearest[at])
    work.state_key[at, place] = key
    work.state_cost[at, place] = cost
    work.state_link[at, place] = link
    if cost < work.state_least[at]:
        _overtake(work, at, cost)
    if count == STATES:
        _keep_dearest(work, at)


@compiled
def _keep_dearest(work, at):
    """A place that is full takes only what is cheaper than the dearest state there."""
    dearest, place = work.state_cost[at, 0], 0
    for known in range(1, STATES):
        if work.state_cost[at, known] > dearest:
            dearest, place = work.state_cost[at, known], known
    work.state_dearest[at] = place
    work.state_bound[at] = min(work.state_bound[at], dearest)


@compiled
def _overtake(work, at, cost):
    """Bounds for what is much dearer than the cheapest state, here or at the places before it."""
    work.state_least[at] = cost
    if at < work.length:  # at the end of the text the cost of ending there is still to come
        work.state_bound[at] = min(work.state_bound[at], cost + MARGIN)
    if work.counts[TUNING] == 0:  # then what comes further costs less or more by the character
        place = at - 1
        while place > work.place and work.state_bound[place] > cost + OVERTAKEN:
            work.state_bound[place] = cost + OVERTAKEN
            place -= 1


@compiled
def transition(work, last, label):
    """Where the cost of one label after another lies."""
    return work.at_transitions + last * BORDERED_COUNT + label


@compiled
def look_ahead(work, at):
    """What every label costs after each state of a place that is not given up, and after the cheapest."""
    work.place, live = at, 0
    for label in range(LABEL_COUNT):
        work.ahead_least[label] = NO_BOUND
    for slot in range(work.state_count[at]):
        cost, key = work.state_cost[at, slot], work.state_key[at, slot]
        if cost <= work.state_bound[at]:
            row, seen = transition(work, key & LAST, 0), key >> SEEN_AT & SEEN_MASK
            for label in range(LABEL_COUNT):
                after = cost + work.weights[row + label] + work.history[seen, label]
                work.ahead[at, live, label] = after
                work.ahead_least[label] = min(work.ahead_least[label], after)
            work.live[at, live] = slot
            live += 1
    work.live_count[at] = live
    if work.counts[TUNING] != 0:  # an edge may cost less than it says
        work.ahead_least[:] = -NO_BOUND


@compiled
def hopeless(work, end, label, kind, cost):
    """Whether all that an edge of this cost leads to is reached for less already."""
    return least_behind(work, label, kind, cost) >= work.state_bound[end]


@compiled
def least_behind(work, label, kind, cost):
    """The cost of the cheapest state that an edge of this cost leads to."""
    return cost + (work.state_least[work.place] if kind > BRACKETED else work.ahead_least[label])


@compiled
def along(work, at, slot, edge, context):
    """From one state along one edge, unless what lies at its end is much cheaper already."""
    work.counts[STEPS] += 1
    label, kind, key = work.edge_label[edge], work.edge_kind[edge], work.state_key[at, slot]
    cost = work.state_cost[at, slot] + work.edge_cost[edge] + unwanted(work, at, edge)
    if kind <= BRACKETED:
        cost += work.weights[transition(work, key & LAST, label)] + work.history[seen_of(work, at, slot), label]
    if kind != BRACKETED or key & BRACKET_IN_KEY:
        behind = key_behind(kind, label, key) & WITHOUT_CONTEXT | context << CONTEXT_AT
        put(work, np.int64(work.edge_end[edge]), cost, behind, link_of(at, slot, edge))


@compiled
def link_of(at, slot, edge):
    """How a state was reached, in one number."""
    return np.int64(at) << BEFORE_AT | np.int64(slot) << SLOT_AT | np.int64(edge)


@compiled
def offer(work, at, first, last):
    """Keep the edges of a place for the places they lead to: those are read when all that leads there is known."""
    for edge in range(first, last):
        end, label, kind = np.int64(work.edge_end[edge]), work.edge_label[edge], work.edge_kind[edge]
        least = least_behind(work, label, kind, work.edge_cost[edge])
        if work.edge_cost[edge] < IMPOSSIBLE / 2 and least < work.state_bound[end]:
            work.edge_from[edge], work.edge_least[edge] = at, least
            work.edge_next[edge] = work.edge_latest[end]
            work.edge_latest[end] = edge
            if least < work.state_least[end] and kind != BRACKETED and work.counts[TUNING] == 0:
                _overtake(work, end, least)


@compiled
def arrive(work, at):
    """The states that the edges to a place lead to."""
    edge = work.edge_latest[at]
    while edge != NO_EDGE:
        if work.edge_least[edge] < work.state_bound[at]:
            _arrive_along(work, at, edge)
        edge = work.edge_next[edge]


@compiled
def _arrive_along(work, at, edge):
    before, label, kind = np.int64(work.edge_from[edge]), work.edge_label[edge], work.edge_kind[edge]
    work.counts[STEPS] += work.live_count[before]
    cost = work.edge_cost[edge] + unwanted(work, before, edge)
    for live in range(work.live_count[before]):
        slot = work.live[before, live]
        total = cost + (work.ahead[before, live, label] if kind <= BRACKETED else work.state_cost[before, slot])
        if total < work.state_bound[at] and not work.edge_shadow[edge] >> slot & 1:
            key = work.state_key[before, slot]
            if kind != BRACKETED or key & BRACKET_IN_KEY:
                put(work, at, total, key_behind(kind, label, key), link_of(before, slot, edge))


@compiled
def key_behind(kind, label, key):
    """The last label, and what was met, behind an edge."""
    if kind == PLAIN:
        return key & ~LAST | ADDED_TO_KEY[label]
    if kind == OPENING:
        return key | BRACKET_IN_KEY
    return key & ~BRACKET_IN_KEY if kind == CLOSING else key


@compiled
def unwanted(work, at, edge):
    """While costs are tuned, what an edge costs that is none of the wanted spans."""
    if work.counts[TUNING] == 0 or work.edge_kind[edge] > BRACKETED:
        return 0.0
    label, wanted, end = work.edge_label[edge], work.wanted_label[at], work.edge_end[edge]
    marked = AGAIN <= label < ANEW and (wanted == REDUNDANT or label - AGAIN == wanted)
    same = label == wanted or label - ANEW == wanted or marked
    return 0.0 if same and work.wanted_end[at] == end else 0.1 * work.counts[TUNING] * (end - at)
