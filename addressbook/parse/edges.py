"""Edges of the search: ways to read on from a place, and what they cost; compiled."""

from __future__ import annotations

from addressbook.parse.compiled import compiled
from addressbook.parse.costs import LENGTH_OF, LENGTHS, OVER
from addressbook.parse.states import hopeless
from addressbook.parse.workspace import COUNT_EDGES, COUNT_MADE, EDGES, FEATURES, TRACING

KINDS_OVER = len(OVER)
LENGTH_COLUMNS = len(LENGTH_OF)
DRAFT = EDGES


@compiled
def open_edge(work, end, label, kind):
    """A new edge to `end`, free of cost so far; -1 when there is no room."""
    edge = work.counts[COUNT_EDGES]
    if edge >= EDGES:
        return -1
    work.counts[COUNT_EDGES] = edge + 1
    work.counts[COUNT_MADE] += 1
    work.edge_end[edge] = end
    work.edge_label[edge] = label
    work.edge_kind[edge] = kind
    work.edge_cost[edge] = 0.0
    work.edge_count[edge] = 0
    work.edge_village[edge] = 0
    work.edge_shadow[edge] = 0
    return edge


@compiled
def draft(work, end):
    """What several edges to the same end have in common, free of cost so far; it is no edge itself."""
    work.counts[COUNT_MADE] += 1
    work.edge_end[DRAFT] = end
    work.edge_cost[DRAFT] = 0.0
    work.edge_count[DRAFT] = 0
    return DRAFT


@compiled
def as_drafted(work, label, kind, index):
    """A new edge that pays what the draft has and one cost more, unless it leads nowhere."""
    end = work.edge_end[DRAFT]
    if not hopeless(work, end, label, kind, work.edge_cost[DRAFT] + work.weights[index]):
        _opened(work, end, label, kind, index)


@compiled
def _opened(work, end, label, kind, index):
    """The edge itself: apart, so that what most drafts come to, the comparison, becomes part of what asks for it."""
    edge = open_edge(work, end, label, kind)
    if edge >= 0:
        work.edge_cost[edge] = work.edge_cost[DRAFT]
        work.edge_count[edge] = work.edge_count[DRAFT]
        for paid in range(work.edge_count[DRAFT]):
            work.edge_feature[edge, paid] = work.edge_feature[DRAFT, paid]
        pay(work, edge, index)


@compiled
def close_edge(work, edge):
    """Give back the edge made last when it leads nowhere."""
    if edge >= 0:
        end, label, kind = work.edge_end[edge], work.edge_label[edge], work.edge_kind[edge]
        if hopeless(work, end, label, kind, work.edge_cost[edge]):
            work.counts[COUNT_EDGES] = edge


@compiled
def pay(work, edge, index):
    """Add a cost of the tables to an edge; which ones it pays is kept with it."""
    if edge < 0:
        return
    work.edge_cost[edge] += work.weights[index]
    if work.counts[TRACING] and work.edge_count[edge] < FEATURES:
        work.edge_feature[edge, work.edge_count[edge]] = index
        work.edge_count[edge] += 1


@compiled
def pay_scalar(work, edge, scalar):
    """Add a single cost of parse_costs.csv."""
    pay(work, edge, work.at_parse_costs + scalar)


@compiled
def pay_length(work, edge, length, column):
    """Add what a name of this length costs; the longest row of the table is counted again for what is longer."""
    pay(work, edge, length_cost(work, length, column))


@compiled
def length_cost(work, length, column):
    """Where the cost of a name of this length lies."""
    return work.at_lengths + min(length, LENGTHS - 1) * LENGTH_COLUMNS + column


@compiled
def pay_over(work, edge, start, stop):
    """Add what it costs to reach over the ends of likely names between two places."""
    if edge < 0 or stop <= start:
        return
    work.edge_cost[edge] += work.over_cost[stop] - work.over_cost[start]
    if work.counts[TRACING]:
        for kind in range(KINDS_OVER):
            for _ in range(work.over[stop, kind] - work.over[start, kind]):
                if work.edge_count[edge] < FEATURES:
                    work.edge_feature[edge, work.edge_count[edge]] = work.at_over + kind
                    work.edge_count[edge] += 1
