"""From a state along the villages of the county named so far; compiled."""

from __future__ import annotations

from addressbook.parse.compiled import cell, compiled, members
from addressbook.parse.contexts import (
    COUNTY_SPAN,
    FULL,
    SHORT,
    TOWN_SPAN,
    WITHIN,
    fit,
    kept,
    length_of,
    lies_in,
    narrowest,
)
from addressbook.parse.costs import LABEL, SCALARS, SEEN
from addressbook.parse.edges import open_edge, pay_scalar
from addressbook.parse.states import along, context_of, last_of, seen_of
from addressbook.parse.trie import NOTHING, ROOT, ahead, payload, step
from addressbook.parse.workspace import (
    ARENA_USED,
    PLAIN,
    WANTED_COUNTY,
)

VILLAGE_COST, ELSEWHERE = SCALARS.index("village_full"), SCALARS.index("village_elsewhere")
FORMER_TOWN = SCALARS.index("former_town_seat")
COMMUNITY, TOWN = LABEL["community"], LABEL["town"]
TOWN_SIGN, TOWNSHIP_SIGN = ord("镇"), ord("乡")
BEYOND_VILLAGE = sum(1 << SEEN.index(n) for n in ("road", "road_no", "place", "building", "unit", "room", "community"))
LONGEST_VILLAGE = 9
KNOWN, HALF_KNOWN = 0.05, 0.02
"""What knowing a name takes off the cost of the same text read as an unknown name; less where it was another then."""


@compiled
def _county_of(work, context):
    """The one county that the context (or the hint, where nothing was named) lies in; -1 without one."""
    if context == 0:
        if work.hint_count == 1 and work.hint_span[0] <= COUNTY_SPAN:
            return work.hint_code[0] // COUNTY_SPAN
        return -1
    start, county = work.context_start[context], -1
    for at in range(start, start + length_of(work, context)):
        if work.arena_span[at] <= COUNTY_SPAN:
            here = work.arena_code[at] // COUNTY_SPAN
            if county >= 0 and here != county:
                return -1
            county = here
    return county


@compiled
def extend_villages(facts, work, n, at, slot, first, last):
    """The villages of the county named so far; a county whose villages were not read yet is asked for."""
    if seen_of(work, at, slot) & BEYOND_VILLAGE:
        return
    context = context_of(work, at, slot)
    county = _county_of(work, context)
    if county < 0:
        return
    if work.village_at == at and work.village_county == county:
        return  # another state has found that none begins here
    node = step(facts.villages, 0, ROOT, county)
    if node == NOTHING:
        work.counts[WANTED_COUNTY] = county
        return
    ahead(facts.villages, 0, node, work.characters[min(n, at + 1)])  # where the next states are likely to be
    ahead(facts.villages, 0, node, work.characters[min(n, at + 2)])
    found = False
    for end in range(at, min(n, at + LONGEST_VILLAGE)):
        node = step(facts.villages, 0, node, work.characters[end])
        if node == NOTHING:
            break
        if payload(facts.villages, 0, node) != NOTHING:
            found = True
            _village(facts, work, at, slot, end + 1, payload(facts.villages, 0, node), context, first, last)
            _former_town(facts, work, n, at, slot, end + 1, payload(facts.villages, 0, node), context, first, last)
    if not found:
        work.village_at, work.village_county = at, county


@compiled
def _village(facts, work, at, slot, end, village, context, first, last):
    if cell(facts.village_values, village) == SHORT and _behind_unknown_town(work, at, slot, context):
        return
    edge = open_edge(work, end, COMMUNITY, PLAIN)
    if edge < 0:
        return
    pay_scalar(work, edge, VILLAGE_COST + cell(facts.village_values, village))
    used, count = work.counts[ARENA_USED], 0
    start = work.context_start[context]
    for at_code in range(village + 2, village + 2 + cell(facts.village_values, village + 1)):
        code = cell(facts.village_values, at_code)
        inside = context == 0
        for place in range(start, start + length_of(work, context)):
            inside = inside or work.arena_code[place] <= code < work.arena_code[place] + work.arena_span[place]
        if inside and used + count < len(work.arena_code):
            work.arena_code[used + count], work.arena_span[used + count] = code, 1
            count += 1
    if count == 1:
        work.edge_village[edge] = work.arena_code[used]
    if count > 0:
        context = kept(work, count)
    else:
        pay_scalar(work, edge, ELSEWHERE)
    no_dearer(work, edge, first, last)
    along(work, at, slot, edge, context)


@compiled
def _behind_unknown_town(work, at, slot, context):
    """城厢街道|东联万序汽配厂: 东联 is a village of another town; without its 村 it is none here."""
    return last_of(work, at, slot) == TOWN and (context == 0 or narrowest(work, context) > TOWN_SPAN)


@compiled
def _former_town(facts, work, n, at, slot, end, village, context, first, last):
    """党山镇 was made part of 瓜沥镇: where 党山 is a village today, there the town of that name was."""
    if end >= n or (work.characters[end] != TOWN_SIGN and work.characters[end] != TOWNSHIP_SIGN):
        return
    if context != 0 and narrowest(work, context) < COUNTY_SPAN:
        return
    town = -1
    for at_code in range(village + 2, village + 2 + cell(facts.village_values, village + 1)):
        here = cell(facts.village_values, at_code) // TOWN_SPAN * TOWN_SPAN
        if (context == 0 or lies_in(work, here, TOWN_SPAN, context)) and town != here:
            if town >= 0:
                return
            town = here
    if town >= 0 and _is_town_of_today(facts, work, at, end + 1, context):
        return
    used = work.counts[ARENA_USED]
    if town >= 0 and used + 1 < len(work.arena_code):
        edge = open_edge(work, end + 1, TOWN, PLAIN)
        pay_scalar(work, edge, FORMER_TOWN)
        no_dearer(work, edge, first, last, HALF_KNOWN)
        work.arena_code[used], work.arena_span[used] = town, TOWN_SPAN
        along(work, at, slot, edge, kept(work, 1))


@compiled
def _is_town_of_today(facts, work, at, end, context):
    """千岛湖镇 is a town itself, whichever town the village of that name lies in."""
    for hit in range(work.hit_first[at], work.hit_first[at + 1]):
        if work.hit_end[hit] == end:
            for meaning in members(facts.table, work.at_names_first + work.hit_name[hit]):
                if cell(facts.table, work.at_meaning_quality + meaning) == FULL:
                    if fit(facts, work, meaning, context)[0] == WITHIN:
                        return True
    return False


@compiled
def no_dearer(work, edge, first, last, known=KNOWN):
    """A name that is known costs less than the same text read as an unknown name of the same kind."""
    for other in range(first, last):
        if work.edge_end[other] == work.edge_end[edge] and work.edge_label[other] == work.edge_label[edge]:
            if work.edge_cost[other] - known < work.edge_cost[edge]:
                work.edge_cost[edge] = work.edge_cost[other] - known
                work.edge_count[edge] = work.edge_count[other]
                for paid in range(work.edge_count[other]):
                    work.edge_feature[edge, paid] = work.edge_feature[other, paid]
