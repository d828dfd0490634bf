"""Ways to read on from a place of the text that need no division: words, names with a suffix and without one."""

from __future__ import annotations

import numpy as np

from addressbook.parse.compiled import cell, compiled, members
from addressbook.parse.costs import LABEL, LABEL_COUNT, LENGTH_OF, LENGTHS, OVER, SCALARS
from addressbook.parse.edges import as_drafted, draft, length_cost, open_edge, pay, pay_length, pay_over, pay_scalar
from addressbook.parse.marks import ANY
from addressbook.parse.workspace import (
    BRACKETED,
    CLOSE,
    CLOSING,
    DIGIT,
    LETTER,
    MARK,
    NAME,
    OPEN,
    OPENING,
    PLAIN,
    SEPARATOR,
    SILENT,
)

LONGEST_SEGMENT, LONG_WORD = 24, 3
DASH, HASH, LETTER_F = ord("-"), ord("#"), ord("F")
BARE = ("place", "sub_place", "party", "community", "redundant", "relation", "road", "town")
BARE_LABEL = np.array([LABEL[name] for name in BARE], np.int8)
BARE_COLUMN = np.array([LENGTH_OF.index(f"bare_{name}") for name in BARE], np.int64)
STEM_COLUMN = np.array([LENGTH_OF.index(name) if name in LENGTH_OF else -1 for name in LABEL], np.int64)
DIGITS_ROAD, DIGITS_PLACE, NOISE = (LENGTH_OF.index(n) for n in ("digits_road", "digits_place", "noise"))
ROAD, PLACE, REDUNDANT, SUB_PLACE, OTHER = (LABEL[n] for n in ("road", "place", "redundant", "sub_place", "other"))
SEPARATOR_COST, BRACKET_COST, UNREAD_COST = (SCALARS.index(n) for n in ("separator", "bracket", "unread"))
REGISTRY_NAME, REGISTRY_CHARACTER = SCALARS.index("registry_name"), SCALARS.index("registry_character")
LETTERS_IN_NAME, COMPANY_DIVISION = SCALARS.index("letters_in_name"), SCALARS.index("company_division")
NUMBER_AT_END, INSIDE_DIVISION = SCALARS.index("number_at_end"), SCALARS.index("inside_division")
OVER_DIVISION, OVER_SHORT = OVER.index("division"), OVER.index("short_division")


@compiled
def pay_begin(work, edge, at):
    """宁围街|道澄化纤厂: a name that begins inside a division's."""
    if work.inside[at]:
        pay_scalar(work, edge, INSIDE_DIVISION)


@compiled
def edges_at(facts, work, n, at):
    """All edges of marks, words and names that begin at a place."""
    kind = work.classes[at]
    if kind == SEPARATOR:
        _separator(work, n, at)
    elif kind == OPEN or kind == CLOSE:
        edge = open_edge(work, at + 1, REDUNDANT, OPENING if kind == OPEN else CLOSING)
        pay_scalar(work, edge, BRACKET_COST)
    else:
        _names(facts, work, at)
        _registry_names(work, at)
    _word_edges(facts, work, n, at)


@compiled
def _separator(work, n, at):
    end = at + 1
    while end < n and work.classes[end] == SEPARATOR:
        end += 1
    edge = open_edge(work, end, REDUNDANT, MARK)
    behind_number = at > 0 and work.characters[at] == HASH and work.classes[at - 1] == DIGIT
    pay_scalar(work, edge, UNREAD_COST if behind_number else SEPARATOR_COST)  # 3#: the unit of a number


@compiled
def unread(work, n, at):
    """Where nothing else begins: the run of characters of one class, left unexplained."""
    end = at + 1
    while end < n and work.classes[end] == work.classes[at] and work.classes[at] != NAME:
        end += 1
    edge = open_edge(work, end, REDUNDANT, PLAIN)
    pay_scalar(work, edge, UNREAD_COST)


@compiled
def cut(work, at):
    """Whether a name may begin or end here: not inside a number or a word of letters."""
    if at == 0 or work.classes[at - 1] != work.classes[at]:
        return not code_goes_on(work, at)
    return work.classes[at] != DIGIT and work.classes[at] != LETTER


@compiled
def code_goes_on(work, at):
    """B1, E8: a digit behind one or two letters belongs to them."""
    if at == 0 or work.classes[at] != DIGIT or work.classes[at - 1] != LETTER:
        return False
    if at > 1 and work.characters[at - 1] == LETTER_F and work.classes[at - 2] == DIGIT:
        return False  # 9F902: the floor's sign
    return at < LONG_WORD or work.classes[at - 2] != LETTER or work.classes[at - 3] != LETTER


@compiled
def _names(facts, work, at):
    last = min(np.int64(work.name_end[at]), at + LONGEST_SEGMENT)
    work.ahead_bare = work.ahead_least[BARE_LABEL[0]]
    for choice in range(1, len(BARE_LABEL)):
        work.ahead_bare = min(work.ahead_bare, work.ahead_least[BARE_LABEL[choice]])
    for end in range(at + 1, last + 1):
        if cut(work, end):
            for slot in range(work.suffix_count[end]):
                stem = end - work.suffix_length[end, slot]
                if stem >= at:
                    _suffixed(facts, work, at, stem, end, work.suffix_id[end, slot])
            if work.stop[end] or end == last:
                _bare(work, at, end)
    end = np.int64(work.name_end[at])
    if end > last:
        _bare(work, at, end)


@compiled
def _suffixed(facts, work, at, stem, end, suffix):
    """A name that ends with a suffix, in every role that names of its kind may have."""
    kind = cell(facts.table, work.at_suffix_label + suffix)
    name = draft(work, end)
    pay(work, name, work.at_suffixes + suffix)
    pay_begin(work, name, at)
    if _only_digits(work, at, stem):
        pay_length(work, name, stem - at, DIGITS_ROAD if kind == ROAD else DIGITS_PLACE)
    else:
        pay_length(work, name, stem - at, STEM_COLUMN[kind])
        pay_over(work, name, at, stem)
        if cell(facts.table, work.at_suffix_company + suffix):
            divisions = work.over[stem, OVER_DIVISION] - work.over[at, OVER_DIVISION]
            for _ in range(divisions):
                pay_scalar(work, name, COMPANY_DIVISION)
    for choice in members(facts.table, work.at_role_first + kind):
        label = cell(facts.table, work.at_role_label + choice)
        as_drafted(work, label, PLAIN, work.at_roles + kind * LABEL_COUNT + label)


@compiled
def _only_digits(work, at, stem):
    """18号大街, 104国道, X103县道: the stem is a number."""
    if stem <= at or work.classes[stem - 1] != DIGIT:
        return False
    while at < stem and (work.classes[at] == DIGIT or work.classes[at] == LETTER):
        at += 1
    return at == stem


@compiled
def _bare(work, at, end):
    """A name without a suffix. Digits alone are a number, and one or two letters a part of one."""
    letters, names = work.letters[end] - work.letters[at], work.names[end] - work.names[at]
    if (names == 0 and letters < LONG_WORD) or _number_goes_on(work, end):
        return
    name = draft(work, end)
    pay_over(work, name, at, end - 1)
    pay_begin(work, name, at)
    if letters > 0:
        pay_scalar(work, name, LETTERS_IN_NAME)
    if work.classes[end - 1] == DIGIT:
        pay_scalar(work, name, NUMBER_AT_END)
    length = min(end - at, LENGTHS - 1)
    if work.edge_cost[name] + work.bare_least[length] + work.ahead_bare >= work.state_bound[end]:
        return  # most lead nowhere, whatever the name is of
    for choice in range(len(BARE_LABEL)):
        label = BARE_LABEL[choice]
        if label == REDUNDANT and at <= work.bracket_at:
            continue  # no state can stand in a bracket yet
        how = BRACKETED if label == REDUNDANT else PLAIN
        as_drafted(work, label, how, length_cost(work, end - at, BARE_COLUMN[choice]))


@compiled
def _number_goes_on(work, end):
    """湘久135|-1号: what ends here is half a number."""
    return work.classes[end - 1] == DIGIT and work.characters[end] == DASH and work.classes[end + 1] == DIGIT


@compiled
def _word_edges(facts, work, n, at):
    """Fixed words that begin here, or a few free characters further on."""
    for start in range(at, min(at + 3, n)):
        for hit in range(work.word_first[start], work.word_first[start + 1]):
            free = cell(facts.table, work.at_word_before + work.word[hit])
            if (free == 0) if start == at else (start - at <= free):
                _word(facts, work, at, start, np.int64(work.word_end[hit]), np.int64(work.word[hit]))


@compiled
def _word(facts, work, at, start, end, word):
    """A fixed word with its free characters before and after it."""
    for place in range(at, start):
        if work.classes[place] != NAME:
            return
    reach = end
    while reach < min(work.name_end[end], end + cell(facts.table, work.at_word_after + word)):
        reach += 1
    label = cell(facts.table, work.at_word_label + word)
    noise = cell(facts.table, work.at_word_place + word) != ANY
    edge = open_edge(work, reach, label, MARK if noise else SILENT if label == REDUNDANT else PLAIN)
    pay(work, edge, cell(facts.table, work.at_word_cost + word))
    pay_length(work, edge, start - at + reach - end, NOISE)


@compiled
def _registry_names(work, at):
    """Names of the registry: what it calls a place may be part of another place here."""
    for known in range(work.known_first[at], work.known_first[at + 1]):
        end, label = np.int64(work.known_end[known]), np.int64(work.known_label[known])
        if cut(work, end) and cut(work, at):
            _registry_name(work, at, end, label)
            if label == PLACE:
                _registry_name(work, at, end, np.int64(SUB_PLACE))


@compiled
def _registry_name(work, at, end, label):
    edge = open_edge(work, end, label, PLAIN)
    pay_scalar(work, edge, REGISTRY_NAME)
    pay_begin(work, edge, at)
    for _ in range(end - at):
        pay_scalar(work, edge, REGISTRY_CHARACTER)
