"""From a state along the divisions and villages whose names begin there; compiled."""

from __future__ import annotations

import numpy as np

from addressbook.parse.compiled import cell, compiled, members
from addressbook.parse.contexts import (
    AROUND,
    COUNTY,
    COUNTY_SPAN,
    DEVZONE,
    FULL,
    OUTSIDE,
    SHORT,
    SUFFIX,
    TOWN,
    TOWN_SPAN,
    WITHIN,
    fit,
    kept,
    length_of,
    moved_town,
    narrowed,
    narrowest,
    near_hint,
    prefer,
    worth_reading,
)
from addressbook.parse.costs import DIVISION_LABELS, LABEL, SCALARS, SEEN
from addressbook.parse.division_ends import generic_end, goes_on, leads_back, leads_into, leads_on
from addressbook.parse.edges import open_edge, pay, pay_scalar
from addressbook.parse.states import (
    AGAIN,
    ANEW,
    CONTEXT_AT,
    LAST,
    WITHOUT_CONTEXT,
    along,
    came_from,
    context_of,
    last_of,
    link_of,
    put,
    seen_of,
    unwanted,
)
from addressbook.parse.village_search import HALF_KNOWN, KNOWN, no_dearer
from addressbook.parse.workspace import (
    ARENA_USED,
    DIGIT,
    NAME,
    PLAIN,
    SILENT,
)

(FIRST_DIVISION, DIVISION_WITHIN, AMBIGUOUS, CONFLICT, TOWN_CONFLICT, TOWN_MOVED, REPEATED_COST, LATE, GOES_ON,
 NAME_GOES_ON, SHORT_WITHIN, FAR, SHORT_FIRST, SHORT_FIRST_CITY, TELLING, TELLING_TOWN, BEGINS_ANEW,
 SHORT_AROUND) = (
    SCALARS.index(n) for n in (
        "first_division", "division_within", "division_ambiguous", "division_conflict", "town_conflict", "town_moved",
        "division_repeated", "division_late", "short_goes_on", "name_goes_on", "short_within", "division_far",
        "short_first", "short_first_city", "short_first_telling", "short_first_telling_town", "begins_anew",
        "short_around",
    )
)  # fmt: skip
LAST_COUNTY = 80
LATE_SEEN = sum(1 << SEEN.index(n) for n in ("road", "place"))
DIVISION_ROW = np.array([DIVISION_LABELS.index(n) if n in DIVISION_LABELS else 0 for n in LABEL], np.int64)
COUNTRY, COUNTRY_SIGN = LABEL["country"], ord("中")


@compiled
def extend_divisions(facts, work, at, slot, first, last):
    """Names of divisions that begin here, read in the context of one state."""
    context = context_of(work, at, slot)
    for hit in range(work.hit_first[at], work.hit_first[at + 1]):
        name = work.hit_name[hit]
        for meaning in members(facts.table, work.at_names_first + name):
            if worth_reading(facts, work, meaning, context):
                _division(facts, work, at, slot, hit, meaning, context, first, last)


@compiled
def _division(facts, work, at, slot, hit, meaning, context, first, last):
    end = np.int64(work.hit_end[hit])
    label, quality = (
        cell(facts.table, work.at_meaning_label + meaning),
        cell(facts.table, work.at_meaning_quality + meaning),
    )
    edge = open_edge(work, end, label, PLAIN)
    if edge < 0:
        return
    pay(work, edge, work.at_division + quality * len(DIVISION_LABELS) + DIVISION_ROW[label])
    how, count = fit(facts, work, meaning, context)
    unfinished = _unfinished(facts, work, hit) if quality == SHORT else goes_on(facts, work, end, False)
    if unfinished and quality == SHORT and how == WITHIN and leads_into(facts, work, end, meaning):
        unfinished = False
    if unfinished:
        pay_scalar(work, edge, GOES_ON if quality == SHORT else NAME_GOES_ON)
        if quality == SHORT and label != TOWN and label != DEVZONE:
            _named_devzone(facts, work, at, slot, end, meaning, first, last)
            how, count = fit(facts, work, meaning, context)  # its codes were overwritten
    if how == WITHIN:
        narrower = _within(facts, work, at, slot, edge, meaning, count, quality == SHORT and not unfinished)
        no_dearer(work, edge, first, last, HALF_KNOWN if quality == SUFFIX else KNOWN)
        if label == TOWN and _is_that_town(work, quality, context, narrower):
            _shadow(work, edge, slot, first, last)
        if label == DEVZONE and context == 0 and count > 1:
            narrower = np.int64(0)  # 经济技术开发区: there is one in every city
        along(work, at, slot, edge, narrower)
    elif quality == FULL and _above_a_town(work, at, slot, label, how):
        pay_scalar(work, edge, BEGINS_ANEW)
        along(work, at, slot, edge, kept(work, count))
    elif how != OUTSIDE:
        _again(work, edge, seen_of(work, at, slot))
        if (
            how == AROUND
            and quality == SHORT
            and work.classes[end] == NAME
            and not leads_back(facts, work, end, context)
        ):
            pay_scalar(work, edge, SHORT_AROUND)
        no_dearer(work, edge, first, last)
        _marked(work, at, slot, edge, AGAIN, narrowed(work, context, count) if how == AROUND else context)
    elif quality == FULL and label < COUNTY and not seen_of(work, at, slot) & LATE_SEEN:
        pay_scalar(work, edge, BEGINS_ANEW)
        _marked(work, at, slot, edge, ANEW, kept(work, count))
    else:
        outside = _outside(facts, work, edge, label, meaning, context, last_of(work, at, slot))
        if outside != context:
            no_dearer(work, edge, first, last, HALF_KNOWN if quality == SUFFIX else KNOWN)
        along(work, at, slot, edge, outside)


@compiled
def _unfinished(facts, work, hit):
    """As `goes_on` for a short name, found out once a text and not for every state."""
    if work.hit_goes_on[hit] < 0:
        work.hit_goes_on[hit] = goes_on(facts, work, np.int64(work.hit_end[hit]), True)
    return work.hit_goes_on[hit] != 0


@compiled
def _named_devzone(facts, work, at, slot, end, meaning, first, last):
    """湖州经济技术开发区: a zone called by the city or county that it lies in says where it is."""
    context = context_of(work, at, slot)
    zone = generic_end(facts, work, end, DEVZONE)
    how, count = fit(facts, work, meaning, context)
    if zone < 0 or how != WITHIN or count != 1:
        return
    narrower = kept(work, count)
    if not _near(work, narrower):
        return
    for known in range(first, last):
        if work.edge_end[known] == zone and work.edge_label[known] == DEVZONE:
            edge = open_edge(work, zone, DEVZONE, PLAIN)
            if edge >= 0:
                work.edge_cost[edge] = work.edge_cost[known]
                no_dearer(work, edge, known, known + 1)
                along(work, at, slot, edge, narrower)
            return


@compiled
def _above_a_town(work, at, slot, label, how):
    """城关镇|湖北省黄冈市浠水县: forms put a town before the address, and its namesake elsewhere may be meant."""
    if label > COUNTY or (label == COUNTY and how != OUTSIDE):
        return False
    while at > 0:
        at, slot, edge = came_from(work, at, slot)
        if work.edge_label[edge] != TOWN and work.edge_label[edge] < AGAIN:
            return False
    return True


@compiled
def _marked(work, at, slot, edge, mark, context):
    """Along an edge whose label the parser settles when the whole text is read."""
    label, end = work.edge_label[edge], work.edge_end[edge]
    work.edge_kind[edge] = SILENT
    work.edge_label[edge] = label + mark
    cost = work.state_cost[at, slot] + work.edge_cost[edge] + unwanted(work, at, edge)
    key = work.state_key[at, slot] & WITHOUT_CONTEXT | context << CONTEXT_AT
    if mark == ANEW:
        key = key & ~LAST | label
    put(work, np.int64(end), cost, key, link_of(at, slot, edge))


@compiled
def begin_anew(facts, work, at, slot):
    """中国 behind divisions: another address begins, the one before is where the parcel came from."""
    if work.characters[at] != COUNTRY_SIGN or context_of(work, at, slot) == 0:
        return
    if seen_of(work, at, slot) & LATE_SEEN:
        return
    for found in range(work.word_first[at], work.word_first[at + 1]):
        if cell(facts.table, work.at_word_label + work.word[found]) == COUNTRY:
            edge = open_edge(work, np.int64(work.word_end[found]), COUNTRY, PLAIN)
            if edge >= 0:
                pay_scalar(work, edge, BEGINS_ANEW)
                _marked(work, at, slot, edge, ANEW, np.int64(0))


@compiled
def _is_that_town(work, quality, context, narrower):
    """A town in the division named, or where the text is likely to lie; by its other suffix, where one alone may be."""
    if quality == FULL:
        return context != 0 or _near(work, narrower)
    return quality == SUFFIX and work.hint_count > 0 and length_of(work, narrower) == 1 and _near(work, narrower)


@compiled
def _shadow(work, edge, slot, first, last):
    """A town of today in the division named is that town: nothing is gained by reading its name as an unknown one."""
    for other in range(first, last):
        if work.edge_end[other] == work.edge_end[edge] and work.edge_label[other] == work.edge_label[edge]:
            work.edge_shadow[other] |= 1 << slot


@compiled
def _near(work, context):
    """Whether the first division of a context lies where the text is likely to lie."""
    start = work.context_start[context]
    return context > 0 and (work.hint_count == 0 or near_hint(work, work.arena_code[start], work.arena_span[start]))


@compiled
def _within(facts, work, at, slot, edge, meaning, count, short):
    context = context_of(work, at, slot)
    pay_scalar(work, edge, FIRST_DIVISION if context == 0 else DIVISION_WITHIN)
    if short and context != 0:
        pay_scalar(work, edge, SHORT_WITHIN)
    count = prefer(work, count)
    used = work.counts[ARENA_USED]
    far = work.hint_count > 0 and not near_hint(work, work.arena_code[used], work.arena_span[used])
    if context == 0 and far:
        pay_scalar(work, edge, FAR)
    if count > 1:
        pay_scalar(work, edge, AMBIGUOUS)
    narrower = kept(work, count)
    if short and context == 0 and work.edge_label[edge] >= COUNTY and (far or work.hint_count == 0):
        end, late = work.edge_end[edge], seen_of(work, at, slot) != 0
        if (late or NAME >= work.classes[end] >= DIGIT) and not leads_on(facts, work, end, narrower):
            pay_scalar(work, edge, SHORT_FIRST if late else _short_first(facts, work, edge, meaning, narrower))
    return narrower


@compiled
def _short_first(facts, work, edge, meaning, context):
    """What a county or town without suffix costs at the front of a text: less when its name says which it is."""
    if cell(facts.table, work.at_meaning_telling + meaning):
        return TELLING_TOWN if work.edge_label[edge] == TOWN else TELLING
    return SHORT_FIRST_CITY if _is_county_city(work, edge, context) else SHORT_FIRST


@compiled
def _is_county_city(work, edge, context):
    """义乌: cities of county rank (codes from 81 on, GB/T 2260) are called by their stem alone, districts hardly."""
    code = work.arena_code[work.context_start[context]]
    return context > 0 and work.edge_label[edge] == COUNTY and code // COUNTY_SPAN % 100 > LAST_COUNTY


@compiled
def _outside(facts, work, edge, label, meaning, context, behind):
    moved = moved_town(facts, work, meaning, context)
    if moved >= 0 and (narrowest(work, context) > TOWN_SPAN or behind == DEVZONE):
        pay_scalar(work, edge, TOWN_MOVED)
        used = work.counts[ARENA_USED]
        work.arena_code[used] = cell(facts.table, work.at_code + moved)
        work.arena_span[used] = cell(facts.table, work.at_span + moved)
        return kept(work, 1)
    pay_scalar(work, edge, TOWN_CONFLICT if label == TOWN or label == DEVZONE else CONFLICT)
    return context


@compiled
def _again(work, edge, seen):
    pay_scalar(work, edge, REPEATED_COST)
    if seen & LATE_SEEN:
        pay_scalar(work, edge, LATE)
