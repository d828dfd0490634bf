"""The divisions a text may lie in, as compiled code: how a name found fits those named before it.

A context is a number; 0 is the empty one. Its codes (12 digits, and how many codes the prefix stands for) lie in the
arena of the workspace. `p` lies in `c` when c <= p < c + span.
"""

from __future__ import annotations

import numpy as np

from addressbook.parse.compiled import cell, compiled, members
from addressbook.parse.costs import LABEL, OVER, QUALITIES
from addressbook.parse.hints import MEANINGS_TRIED, near_ones, prefer
from addressbook.parse.workspace import ARENA, ARENA_USED, CONTEXTS, COUNT_CONTEXTS, REMEMBERED, STEPS

WITHIN, REPEATED, AROUND, OUTSIDE = range(4)
FULL, FORMER, SHORT, SUFFIX = range(len(QUALITIES))
PROVINCE, CITY, COUNTY, TOWN, DEVZONE = (LABEL[n] for n in ("province", "city", "county", "town", "devzone"))
OVER_DIVISION, OVER_SHORT = OVER.index("division"), OVER.index("short_division")
COUNTY_SPAN, CITY_SPAN, TOWN_SPAN = 10**6, 10**8, 10**3
MIXED = 0x5851F42D4C957F2D


@compiled
def length_of(work, context):
    """How many codes a context holds; 0 when nothing was named."""
    return 0 if context == 0 else work.context_length[context]


@compiled
def fit(facts, work, meaning, context):
    """How a meaning relates to the divisions named: WITHIN, REPEATED, AROUND or OUTSIDE, and how many codes do.

    Those codes are left at the end of the arena, to be kept by `kept` or overwritten.
    """
    first, last = cell(facts.table, work.at_code_first + meaning), cell(facts.table, work.at_code_first + meaning + 1)
    last = min(last, first + MEANINGS_TRIED)
    work.counts[STEPS] += last - first
    if context == 0:
        return WITHIN, _take_all(facts, work, first, last)
    inside = _take_inside(facts, work, first, last, context)
    if inside > 0:
        again = _only_repeated(work, inside, context)
        return (REPEATED, again) if again > 0 else (WITHIN, inside)
    around = _take_around(facts, work, first, last, context)
    if around > 0:
        return AROUND, around
    return OUTSIDE, _take_all(facts, work, first, last)


@compiled
def _take(work, at, code, span):
    place = work.counts[ARENA_USED] + at
    if place < ARENA:
        work.arena_code[place] = code
        work.arena_span[place] = span
        return at + 1
    return at


@compiled
def _take_all(facts, work, first, last):
    taken = 0
    for at in range(first, last):
        taken = _take(work, taken, cell(facts.table, work.at_code + at), cell(facts.table, work.at_span + at))
    return taken


@compiled
def lies_in(work, code, span, context):
    """Whether a division lies in one of a context. 北京 (11) lies not in 1101, although its padded code does."""
    start = work.context_start[context]
    for at in range(start, start + work.context_length[context]):
        inside = code - work.arena_code[at]
        if 0 <= inside < work.arena_span[at] and span <= work.arena_span[at]:
            return True
    return False


@compiled
def _take_inside(facts, work, first, last, context):
    taken = 0
    for at in range(first, last):
        if lies_in(work, cell(facts.table, work.at_code + at), cell(facts.table, work.at_span + at), context):
            taken = _take(work, taken, cell(facts.table, work.at_code + at), cell(facts.table, work.at_span + at))
    return taken


@compiled
def _only_repeated(work, inside, context):
    """Of the codes just taken those that the context holds already."""
    used, again = work.counts[ARENA_USED], 0
    start = work.context_start[context]
    for at in range(used, used + inside):
        for place in range(start, start + work.context_length[context]):
            if work.arena_code[at] == work.arena_code[place] and work.arena_span[at] == work.arena_span[place]:
                work.arena_code[used + again], work.arena_code[at] = work.arena_code[at], work.arena_code[used + again]
                work.arena_span[used + again], work.arena_span[at] = work.arena_span[at], work.arena_span[used + again]
                again += 1
                break
    return again


@compiled
def _take_around(facts, work, first, last, context):
    taken = 0
    start = work.context_start[context]
    for at in range(first, last):
        code, span = cell(facts.table, work.at_code + at), cell(facts.table, work.at_span + at)
        for place in range(start, start + work.context_length[context]):
            if code <= work.arena_code[place] < code + span:
                taken = _take(work, taken, code, span)
                break
    return taken


@compiled
def narrowed(work, context, around):
    """The context of those of its codes that lie in the codes just taken: of all 城关镇 those in 湖北省."""
    used, start, inside = work.counts[ARENA_USED], work.context_start[context], 0
    if used + around + work.context_length[context] >= ARENA:
        return context
    for at in range(start, start + work.context_length[context]):
        code = work.arena_code[at]
        for place in range(used, used + around):
            if work.arena_code[place] <= code < work.arena_code[place] + work.arena_span[place]:
                work.arena_code[used + around + inside] = code
                work.arena_span[used + around + inside] = work.arena_span[at]
                inside += 1
                break
    if inside == 0 or inside == work.context_length[context]:
        return context
    for at in range(inside):
        work.arena_code[used + at] = work.arena_code[used + around + at]
        work.arena_span[used + at] = work.arena_span[used + around + at]
    return kept(work, inside)


@compiled
def kept(work, count):
    """The context of the `count` codes just taken; 0 when there is no room for more."""
    number = work.counts[COUNT_CONTEXTS] + 1
    used = work.counts[ARENA_USED]
    if count == 0 or number >= CONTEXTS or used + count >= ARENA:
        return 0
    mixed = 0
    for at in range(used, used + count):
        mixed += work.arena_code[at] * MIXED ^ work.arena_span[at]
    for known in range(max(1, number - 24), number):
        if work.context_hash[known] == mixed and work.context_length[known] == count:
            return known
    work.context_start[number] = used
    work.context_length[number] = count
    work.context_hash[number] = mixed
    work.counts[COUNT_CONTEXTS] = number
    work.counts[ARENA_USED] = used + count
    return number


@compiled
def narrowest(work, context):
    """The span of the first code: COUNTY_SPAN and less when a county or town was named; 0 when nothing was."""
    return 0 if context == 0 else work.arena_span[work.context_start[context]]


@compiled
def worth_reading(facts, work, meaning, context):
    """As `_worth_reading`, remembered while one text is read: most states at a place lie in the same context."""
    key = (np.int64(work.text) * CONTEXTS + context << 24) + meaning
    place = (meaning ^ context * 7) & (REMEMBERED - 1)
    if work.worth_key[place] != key:
        work.worth[place] = _worth_reading(facts, work, meaning, context)
        work.worth_key[place] = key
    return work.worth[place] != 0


@compiled
def _worth_reading(facts, work, meaning, context):
    """False for names that have nothing to do with what was named, and for short names that many towns have."""
    quality, label = (
        cell(facts.table, work.at_meaning_quality + meaning),
        cell(facts.table, work.at_meaning_label + meaning),
    )
    if quality == SUFFIX:
        if context == 0:
            return label == TOWN and work.hint_count > 0 and near_ones(facts, work, meaning) == 1
        if label == TOWN and narrowest(work, context) > CITY_SPAN:
            return False
        return fit(facts, work, meaning, context)[0] <= REPEATED or moved_town(facts, work, meaning, context) >= 0
    if context == 0:
        return quality != SHORT or _short_alone(facts, work, meaning, label)
    how, _ = fit(facts, work, meaning, context)
    if how != OUTSIDE:
        return True
    if quality != FULL or label == DEVZONE:
        return False
    return label != TOWN or moved_town(facts, work, meaning, context) >= 0


@compiled
def _short_alone(facts, work, meaning, label):
    if near_ones(facts, work, meaning) > 0:
        return True
    first, last = cell(facts.table, work.at_code_first + meaning), cell(facts.table, work.at_code_first + meaning + 1)
    if label != TOWN and label != DEVZONE:
        return True
    return last - first == 1 and work.hint_count == 0


@compiled
def moved_town(facts, work, meaning, context):
    """Where the one town of that name in the same city is, when the county named has none; -1 without one.

    萧山区义蓬街道 lies in 钱塘区 since 2021, and so does what was 河庄镇: counties are cut anew, towns stay.
    """
    quality = cell(facts.table, work.at_meaning_quality + meaning)
    if cell(facts.table, work.at_meaning_label + meaning) != TOWN or quality == SHORT:
        return -1
    if length_of(work, context) != 1 or not TOWN_SPAN <= narrowest(work, context) <= COUNTY_SPAN:
        return -1
    city = work.arena_code[work.context_start[context]] // CITY_SPAN
    found = -1
    for at in members(facts.table, work.at_code_first + meaning):
        if cell(facts.table, work.at_code + at) // CITY_SPAN == city:
            if found >= 0:
                return -1
            found = at
    return found


@compiled
def over_kind(facts, work, meaning, context):
    """Which cost a longer name pays for reaching over this one; -1 for none."""
    label = cell(facts.table, work.at_meaning_label + meaning)
    if cell(facts.table, work.at_meaning_quality + meaning) != SHORT:
        return OVER_DIVISION
    if (label == CITY or label == COUNTY) and context == 0:
        alone = (
            cell(facts.table, work.at_code_first + meaning + 1) - cell(facts.table, work.at_code_first + meaning) == 1
        )
        return OVER_SHORT if alone else -1
    if label == COUNTY:
        return OVER_DIVISION
    near = context != 0 and narrowest(work, context) <= COUNTY_SPAN
    return OVER_SHORT if label == TOWN and near else -1


@compiled
def front_context(facts, work, n):
    """What the full names at the very front say, each inside the one before it."""
    at, context = 0, 0
    while at < n:
        step = _front_step(facts, work, at, context)
        if step[0] < 0:
            break
        at, context = step
    return context


@compiled
def _front_step(facts, work, at, context):
    """Where the longest full name that begins at `at` ends, and the context it gives; -1 without one."""
    for hit in range(work.hit_first[at + 1] - 1, work.hit_first[at] - 1, -1):
        name = work.hit_name[hit]
        for meaning in members(facts.table, work.at_names_first + name):
            if (
                cell(facts.table, work.at_meaning_quality + meaning) == FULL
                and cell(facts.table, work.at_meaning_label + meaning) != DEVZONE
            ):
                how, count = fit(facts, work, meaning, context)
                if how == WITHIN and count <= MEANINGS_TRIED // 4:
                    return work.hit_end[hit], kept(work, prefer(work, count))
    return -1, context
