"""From a state along the divisions and villages whose names begin there; compiled."""

from __future__ import annotations

import numpy as np

from addressbook.parse.compiled import cell, compiled, members
from addressbook.parse.contexts import (
    COUNTY,
    COUNTY_SPAN,
    DEVZONE,
    OUTSIDE,
    SHORT,
    SUFFIX,
    TOWN,
    WITHIN,
    fit,
    kept,
    moved_town,
    near_hint,
    prefer,
    worth_reading,
)
from addressbook.parse.costs import DIVISION_LABELS, LABEL, SCALARS, SEEN
from addressbook.parse.edges import open_edge, pay, pay_scalar
from addressbook.parse.states import (
    AGAIN,
    CONTEXT_AT,
    WITHOUT_CONTEXT,
    along,
    context_of,
    link_of,
    put,
    seen_of,
    unwanted,
)
from addressbook.parse.village_search import HALF_KNOWN, KNOWN, no_dearer
from addressbook.parse.workspace import (
    ARENA_USED,
    NAME,
    PLAIN,
    SILENT,
)

(FIRST_DIVISION, DIVISION_WITHIN, AMBIGUOUS, CONFLICT, TOWN_CONFLICT, TOWN_MOVED, REPEATED_COST, LATE, GOES_ON,
 NAME_GOES_ON, SHORT_WITHIN, FAR, SHORT_FIRST, SHORT_FIRST_CITY) = (
    SCALARS.index(n) for n in (
        "first_division", "division_within", "division_ambiguous", "division_conflict", "town_conflict", "town_moved",
        "division_repeated", "division_late", "short_goes_on", "name_goes_on", "short_within", "division_far",
        "short_first", "short_first_city",
    )
)  # fmt: skip
LAST_COUNTY = 80
LATE_SEEN = sum(1 << SEEN.index(n) for n in ("road", "place"))
DIVISION_ROW = np.array([DIVISION_LABELS.index(n) if n in DIVISION_LABELS else 0 for n in LABEL], np.int64)
SHORT_GOES_ON = np.array([ord(c) for c in "镇乡村街路市区县巷"], np.uint32)
GOES_ON_TWO = np.array([[ord(c) for c in w] for w in ("大道", "新区", "开发")], np.uint32)
FULL_GOES_ON = np.array([ord(c) for c in "场民政域府人第"], np.uint32)


@compiled
def extend_divisions(facts, work, at, slot, first, last):
    """Names of divisions that begin here, read in the context of one state."""
    context = context_of(work, at, slot)
    for hit in range(work.hit_first[at], work.hit_first[at + 1]):
        name = work.hit_name[hit]
        for meaning in members(facts.table, work.at_names_first + name):
            if worth_reading(facts, work, meaning, context):
                _division(facts, work, at, slot, np.int64(work.hit_end[hit]), meaning, context, first, last)


@compiled
def _division(facts, work, at, slot, end, meaning, context, first, last):
    label, quality = (
        cell(facts.table, work.at_meaning_label + meaning),
        cell(facts.table, work.at_meaning_quality + meaning),
    )
    edge = open_edge(work, end, label, PLAIN)
    if edge < 0:
        return
    pay(work, edge, work.at_division + quality * len(DIVISION_LABELS) + DIVISION_ROW[label])
    goes_on = _goes_on(work, end, quality == SHORT)
    if goes_on:
        pay_scalar(work, edge, GOES_ON if quality == SHORT else NAME_GOES_ON)
    how, count = fit(facts, work, meaning, context)
    if how == WITHIN:
        context = _within(facts, work, edge, context, count, quality == SHORT and not goes_on)
        no_dearer(work, edge, first, last)
    elif how == OUTSIDE:
        context = _outside(facts, work, edge, label, meaning, context)
        if context != context_of(work, at, slot):
            no_dearer(work, edge, first, last, HALF_KNOWN if quality == SUFFIX else KNOWN)
    else:
        _again(work, edge, seen_of(work, at, slot))
        no_dearer(work, edge, first, last)
        work.edge_kind[edge] = SILENT
        work.edge_label[edge] = label + AGAIN
        cost = work.state_cost[at, slot] + work.edge_cost[edge] + unwanted(work, at, edge)
        key = work.state_key[at, slot] & WITHOUT_CONTEXT | context << CONTEXT_AT
        put(work, end, cost, key, link_of(at, slot, edge))
        return
    along(work, at, slot, edge, context)


@compiled
def _within(facts, work, edge, context, count, short):
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
        if work.classes[work.edge_end[edge]] == NAME and not _leads_on(facts, work, work.edge_end[edge], narrower):
            pay_scalar(work, edge, SHORT_FIRST_CITY if _is_county_city(work, edge, narrower) else SHORT_FIRST)
    return narrower


@compiled
def _is_county_city(work, edge, context):
    """义乌: cities of county rank (codes from 81 on, GB/T 2260) are called by their stem alone, districts hardly."""
    code = work.arena_code[work.context_start[context]]
    return context > 0 and work.edge_label[edge] == COUNTY and code // COUNTY_SPAN % 100 > LAST_COUNTY


@compiled
def _leads_on(facts, work, at, context):
    """Whether a division inside the context is named next: 杭州|滨江 are two, 南岸|明珠 is an estate."""
    for hit in range(work.hit_first[at], work.hit_first[at + 1]):
        name = work.hit_name[hit]
        for meaning in members(facts.table, work.at_names_first + name):
            if fit(facts, work, meaning, context)[0] == WITHIN:
                return True
    return False


@compiled
def _outside(facts, work, edge, label, meaning, context):
    moved = moved_town(facts, work, meaning, context)
    if moved >= 0:
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


@compiled
def _goes_on(work, end, short):
    """龙港|镇, 杭州|市民中心: what follows belongs to the same name."""
    following, second = work.characters[end], work.characters[end + 1]
    if not short:
        for character in FULL_GOES_ON:
            if following == character:
                return True
        return False
    for character in SHORT_GOES_ON:
        if following == character:
            return True
    for pair in range(len(GOES_ON_TWO)):
        if following == GOES_ON_TWO[pair, 0] and second == GOES_ON_TWO[pair, 1]:
            return True
    return False
