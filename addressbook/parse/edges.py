"""Ways to read on from a place of the text that need no division: words, names with a suffix and without one."""

from __future__ import annotations

import numpy as np

from addressbook.parse.compiled import cell, compiled, members
from addressbook.parse.costs import LABEL, LABEL_COUNT, LENGTH_OF, LENGTHS, OVER, SCALARS
from addressbook.parse.marks import ANY, word_fits
from addressbook.parse.trie import NOTHING, ROOT, payload, step
from addressbook.parse.workspace import (
    BRACKETED,
    CLOSE,
    CLOSING,
    COUNT_EDGES,
    DIGIT,
    EDGES,
    FEATURES,
    LETTER,
    MARK,
    NAME,
    OPEN,
    OPENING,
    PLAIN,
    SEPARATOR,
    SILENT,
    TRACING,
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
KINDS_OVER = len(OVER)
LENGTH_COLUMNS = len(LENGTH_OF)


@compiled
def open_edge(work, end, label, kind):
    """A new edge to `end`, free of cost so far; -1 when there is no room."""
    edge = work.counts[COUNT_EDGES]
    if edge >= EDGES:
        return -1
    work.counts[COUNT_EDGES] = edge + 1
    work.edge_end[edge] = end
    work.edge_label[edge] = label
    work.edge_kind[edge] = kind
    work.edge_cost[edge] = 0.0
    work.edge_count[edge] = 0
    work.edge_village[edge] = 0
    work.edge_shadow[edge] = 0
    return edge


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
    pay(work, edge, work.at_lengths + min(length, LENGTHS - 1) * LENGTH_COLUMNS + column)


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
        _registry_names(facts, work, n, at)
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
    for choice in members(facts.table, work.at_role_first + kind):
        label = cell(facts.table, work.at_role_label + choice)
        role = work.at_roles + kind * LABEL_COUNT + label
        edge = open_edge(work, end, label, PLAIN)
        pay(work, edge, role)
        pay(work, edge, work.at_suffixes + suffix)
        pay_begin(work, edge, at)
        if _only_digits(work, at, stem):
            pay_length(work, edge, stem - at, DIGITS_ROAD if kind == ROAD else DIGITS_PLACE)
        else:
            pay_length(work, edge, stem - at, STEM_COLUMN[kind])
            pay_over(work, edge, at, stem)
            if cell(facts.table, work.at_suffix_company + suffix):
                divisions = work.over[stem, OVER_DIVISION] - work.over[at, OVER_DIVISION]
                for _ in range(divisions):
                    pay_scalar(work, edge, COMPANY_DIVISION)


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
    for choice in range(len(BARE_LABEL)):
        label = BARE_LABEL[choice]
        if label == REDUNDANT and at <= work.bracket_at:
            continue  # no state can stand in a bracket yet
        edge = open_edge(work, end, label, BRACKETED if label == REDUNDANT else PLAIN)
        pay_length(work, edge, end - at, BARE_COLUMN[choice])
        pay_over(work, edge, at, end - 1)
        pay_begin(work, edge, at)
        if letters > 0:
            pay_scalar(work, edge, LETTERS_IN_NAME)
        if work.classes[end - 1] == DIGIT:
            pay_scalar(work, edge, NUMBER_AT_END)


@compiled
def _number_goes_on(work, end):
    """湘久135|-1号: what ends here is half a number."""
    return work.classes[end - 1] == DIGIT and work.characters[end] == DASH and work.classes[end + 1] == DIGIT


@compiled
def _word_edges(facts, work, n, at):
    for start in range(at, min(at + 3, n)):
        node, end = ROOT, start
        while end < n:
            node = step(facts.table, work.at_words, node, work.characters[end])
            end += 1
            if node == NOTHING:
                break
            entry = payload(facts.table, work.at_words, node)
            if entry != NOTHING:
                for word in members(facts.table, work.at_words_first + entry):
                    free = cell(facts.table, work.at_word_before + word)
                    if (start == at or 0 < start - at <= free) and word_fits(
                        work, n, start, end, cell(facts.table, work.at_word_place + word)
                    ):
                        _word(facts, work, at, start, end, word)


@compiled
def _word(facts, work, at, start, end, word):
    """A fixed word with its free characters before and after it."""
    if cell(facts.table, work.at_word_before + word) > 0 and start == at:
        return
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
def _registry_names(facts, work, n, at):
    """Names of the registry: what it calls a place may be part of another place here."""
    node, end = ROOT, at
    while end < n:
        node = step(facts.registry, 0, node, work.characters[end])
        end += 1
        if node == NOTHING:
            break
        label = payload(facts.registry, 0, node)
        if label != NOTHING and cut(work, end) and cut(work, at):
            _registry_name(work, at, end, label)
            if label == PLACE:
                _registry_name(work, at, end, SUB_PLACE)


@compiled
def _registry_name(work, at, end, label):
    edge = open_edge(work, end, label, PLAIN)
    pay_scalar(work, edge, REGISTRY_NAME)
    pay_begin(work, edge, at)
    for _ in range(end - at):
        pay_scalar(work, edge, REGISTRY_CHARACTER)
