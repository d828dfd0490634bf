"""What is marked in a text before it is read: classes of characters, ends of suffixes, names of divisions, stops."""

# Compiled code: its arguments are the arrays of `workspace`.
from __future__ import annotations

import numpy as np

from addressbook.parse.compiled import cell, compiled, members
from addressbook.parse.contexts import FULL, front_context, over_kind, worth_reading
from addressbook.parse.costs import LABEL, OVER
from addressbook.parse.states import NO_BOUND, NO_EDGE
from addressbook.parse.trie import NOTHING, ROOT, ahead, payload, step
from addressbook.parse.workspace import (
    CLOSE,
    COUNT_HITS,
    COUNT_KNOWN,
    COUNT_WORDS,
    DIGIT,
    HITS,
    LETTER,
    NAME,
    OPEN,
    SEPARATOR,
    STEPS,
    SUFFIXES_AT,
    TUNING,
)

OVER_OF_LABEL = np.array([OVER.index(name) if name in OVER else -1 for name in LABEL], np.int64)
OVER_WORD, OVER_NUMBERED, OVER_NUMBER = OVER.index("word"), OVER.index("numbered"), OVER.index("number")
RELATION, REDUNDANT, SUB_ROAD, SUB_PLACE = LABEL["relation"], LABEL["redundant"], LABEL["sub_road"], LABEL["sub_place"]
FIRST_IDEOGRAPH, LAST_IDEOGRAPH, ZERO_SIGN = 0x4E00, 0x9FA5, 0x3007
COLON = ord(":")
ANY, AT_START, AT_END, BEFORE_NUMBER = range(4)
KINDS_OVER = len(OVER)


@compiled
def class_of(character):
    """SEPARATOR, DIGIT, LETTER, NAME, OPEN or CLOSE."""
    if FIRST_IDEOGRAPH <= character <= LAST_IDEOGRAPH or character == ZERO_SIGN:
        return NAME
    if 48 <= character <= 57:
        return DIGIT
    if 65 <= character <= 90:
        return LETTER
    if character == 40:
        return OPEN
    return CLOSE if character == 41 else SEPARATOR


@compiled
def mark(facts, work, n):
    """Prepare the text of `n` characters that lies in `work.characters`."""
    work.counts[:TUNING] = 0
    work.length = n
    work.text += 1
    work.village_at = -1
    _classes(work, n)
    _suffix_ends(facts, work, n)
    _numbers(facts, work, n)
    _words(facts, work, n)
    _registry_names(facts, work, n)
    _divisions(facts, work, n)
    for at in range(1, n + 1):
        work.over_cost[at] = work.over_cost[at - 1]
        for kind in range(KINDS_OVER):
            if work.over[at, kind]:
                work.over_cost[at] += work.weights[work.at_over + kind]
            work.over[at, kind] += work.over[at - 1, kind]


@compiled
def _classes(work, n):
    for at in range(n):
        kind = class_of(work.characters[at])
        work.classes[at] = kind
        work.letters[at + 1] = work.letters[at] + (kind == LETTER)
        work.names[at + 1] = work.names[at] + (kind == NAME)
    work.classes[n] = SEPARATOR
    work.characters[n] = 0
    work.bracket_at = n
    end = n
    for at in range(n, -1, -1):
        work.stop[at] = 0
        work.inside[at] = 0
        work.suffix_count[at] = 0
        work.state_count[at] = 0
        work.edge_latest[at] = NO_EDGE
        work.state_least[at] = work.state_bound[at] = NO_BOUND
        for kind in range(KINDS_OVER):
            work.over[at, kind] = 0
        if work.classes[at] == SEPARATOR or work.classes[at] >= OPEN:
            end = at
            work.stop[at] = 1
            if work.classes[at] == OPEN:
                work.bracket_at = at
        work.name_end[at] = end
    work.stop[n] = 1


@compiled
def _suffix_ends(facts, work, n):
    for end in range(1, n + 1):
        node, at = ROOT, end - 1
        while at >= 0:
            node = step(facts.table, work.at_backwards, node, work.characters[at])
            if node == NOTHING:
                break
            entry = payload(facts.table, work.at_backwards, node)
            if entry != NOTHING:
                for place in range(
                    cell(facts.table, work.at_backwards_first + entry),
                    cell(facts.table, work.at_backwards_first + entry + 1),
                ):
                    _keep_suffix(facts, work, end, end - at, cell(facts.table, work.at_suffix_id + place))
            at -= 1
        _suffix_over(facts, work, end)


@compiled
def _keep_suffix(facts, work, end, length, suffix):
    """One suffix for each label, the longest."""
    count = work.suffix_count[end]
    slot = count
    for known in range(count):
        if cell(facts.table, work.at_suffix_label + work.suffix_id[end, known]) == cell(
            facts.table, work.at_suffix_label + suffix
        ):
            slot = known
    if slot < SUFFIXES_AT:
        work.suffix_id[end, slot] = suffix
        work.suffix_length[end, slot] = length
        work.suffix_count[end] = max(count, slot + 1)
    if (
        cell(facts.table, work.at_suffix_label + suffix) == SUB_ROAD
        or cell(facts.table, work.at_suffix_label + suffix) == SUB_PLACE
    ):
        work.stop[end - length] = 1


@compiled
def _suffix_over(facts, work, end):
    """A likely name ends here: of the kind that the longest suffix says."""
    longest, kind = 0, -1
    for slot in range(work.suffix_count[end]):
        if work.suffix_length[end, slot] > longest:
            longest = work.suffix_length[end, slot]
            kind = OVER_OF_LABEL[cell(facts.table, work.at_suffix_label + work.suffix_id[end, slot])]
    if kind >= 0:
        work.over[end, kind] = 1


@compiled
def _numbers(facts, work, n):
    for at in range(n):
        if work.classes[at] == DIGIT and (at == 0 or work.classes[at - 1] != DIGIT):
            work.stop[at] = 1
            if at > 0 and work.classes[at - 1] == LETTER:
                work.stop[at - 1] = 1
        elif work.classes[at] == LETTER and (at == 0 or work.classes[at - 1] != LETTER):
            work.stop[at] = 1
        if work.classes[at] == DIGIT and work.classes[at + 1] != DIGIT:
            unit = step(facts.table, work.at_units, ROOT, work.characters[at + 1])
            work.over[at + 1, OVER_NUMBER if unit == NOTHING else OVER_NUMBERED] = 1


@compiled
def _word_fits(work, n, start, end, place):
    """Whether a word may stand there: at the start, before the end, before a number, or anywhere."""
    if place == AT_START:
        return start == 0 and work.characters[end] != COLON
    if place == BEFORE_NUMBER:
        return work.classes[end] == DIGIT
    if place == AT_END:
        return end == n or work.classes[end] == SEPARATOR or work.classes[end] == CLOSE or work.classes[end] == DIGIT
    return True


@compiled
def _words(facts, work, n):
    """All fixed words that may stand where they do."""
    for start in range(n):
        work.word_first[start] = work.counts[COUNT_WORDS]
        node, end = ROOT, start
        while end < n:
            node = step(facts.table, work.at_words, node, work.characters[end])
            end += 1
            if node == NOTHING:
                break
            entry = payload(facts.table, work.at_words, node)
            if entry != NOTHING:
                for word in members(facts.table, work.at_words_first + entry):
                    if _word_fits(work, n, start, end, cell(facts.table, work.at_word_place + word)):
                        _mark_word(facts, work, start, end, word)
    work.word_first[n] = work.counts[COUNT_WORDS]


@compiled
def _registry_names(facts, work, n):
    """All names of the registry in the text."""
    for start in range(n):
        work.known_first[start] = work.counts[COUNT_KNOWN]
        node, end = ROOT, start
        while end < n:
            node = step(facts.registry, 0, node, work.characters[end])
            end += 1
            if node == NOTHING:
                break
            label, known = payload(facts.registry, 0, node), work.counts[COUNT_KNOWN]
            if label != NOTHING and known < HITS:
                work.stop[start] = 1
                work.known_end[known], work.known_label[known] = end, label
                work.counts[COUNT_KNOWN] = known + 1
    work.known_first[n] = work.counts[COUNT_KNOWN]


@compiled
def _mark_word(facts, work, start, end, word):
    found = work.counts[COUNT_WORDS]
    if found < HITS:
        work.word_end[found], work.word[found] = end, word
        work.counts[COUNT_WORDS] = found + 1
    work.stop[max(0, start - cell(facts.table, work.at_word_before + word))] = 1
    work.stop[start] = 1
    label = cell(facts.table, work.at_word_label + word)
    if end - start > 1 and (label == RELATION or label == REDUNDANT):
        work.over[end, OVER_WORD] = 1


@compiled
def _names_ahead(facts, work, n):
    """The trie of divisions is larger than a cache: what its first two characters need is asked for all at once."""
    for at in range(n):
        ahead(facts.table, work.at_names, ROOT, work.characters[at])
    for at in range(n - 1):
        node = step(facts.table, work.at_names, ROOT, work.characters[at])
        if node != NOTHING:
            ahead(facts.table, work.at_names, node, work.characters[at + 1])


@compiled
def _divisions(facts, work, n):
    """All names of divisions in the text, and which of them a longer name should not reach over."""
    _names_ahead(facts, work, n)
    for start in range(n):
        work.hit_first[start] = work.counts[COUNT_HITS]
        node, end = ROOT, start
        while end < n:
            node = step(facts.table, work.at_names, node, work.characters[end])
            end += 1
            if node == NOTHING:
                break
            if payload(facts.table, work.at_names, node) != NOTHING and work.counts[COUNT_HITS] < HITS:
                hit = work.counts[COUNT_HITS]
                work.hit_end[hit] = end
                work.hit_goes_on[hit] = -1
                work.hit_name[hit] = payload(facts.table, work.at_names, node)
                work.counts[COUNT_HITS] += 1
        work.counts[STEPS] += end - start
    work.hit_first[n] = work.counts[COUNT_HITS]
    context = front_context(facts, work, n)
    numbered = False
    for start in range(n):
        numbered = numbered or work.classes[start] == DIGIT
        for hit in range(work.hit_first[start], work.hit_first[start + 1]):
            name = work.hit_name[hit]
            for meaning in members(facts.table, work.at_names_first + name):
                if worth_reading(facts, work, meaning, context):
                    work.stop[start] = 1
                    kind = over_kind(facts, work, meaning, context)
                    if kind >= 0 and not numbered:
                        work.over[work.hit_end[hit], kind] = 1
                        if cell(facts.table, work.at_meaning_quality + meaning) == FULL:
                            work.inside[start + 1 : work.hit_end[hit]] = 1
