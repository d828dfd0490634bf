"""The divisions where a text is likely to lie, and what they say of a name that several divisions have; compiled."""

from __future__ import annotations

from addressbook.parse.compiled import cell, compiled
from addressbook.parse.workspace import ARENA_USED

MEANINGS_TRIED = 400
"""A name of more divisions than this (城关镇) says nothing by itself; only so many are looked at."""


@compiled
def near_hint(work, code, span):
    """Whether a division lies in or around the hint."""
    for at in range(work.hint_count):
        hint = work.hint_code[at]
        if hint <= code < hint + work.hint_span[at] or code <= hint < code + span:
            return True
    return False


@compiled
def near_ones(facts, work, meaning):
    """How many of the codes of a meaning lie in or around the hint."""
    first, last = cell(facts.table, work.at_code_first + meaning), cell(facts.table, work.at_code_first + meaning + 1)
    near = 0
    for at in range(first, min(last, first + MEANINGS_TRIED)):
        near += near_hint(work, cell(facts.table, work.at_code + at), cell(facts.table, work.at_span + at))
    return near


@compiled
def prefer(work, count):
    """Of the codes just taken those in or around the hint, when there are any; how many remain."""
    if count <= 1 or work.hint_count == 0:
        return count
    used, near = work.counts[ARENA_USED], 0
    for at in range(used, used + count):
        if near_hint(work, work.arena_code[at], work.arena_span[at]):
            work.arena_code[used + near] = work.arena_code[at]
            work.arena_span[used + near] = work.arena_span[at]
            near += 1
    return near if near > 0 else count
