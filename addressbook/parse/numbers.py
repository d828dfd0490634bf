"""All ways to read a number: how far it reaches, with which unit, as which element. The best path decides."""

from __future__ import annotations

import numpy as np

from addressbook.parse.compiled import cell, compiled, members, one_of
from addressbook.parse.costs import LABEL, LABEL_COUNT, SCALARS, SHAPES
from addressbook.parse.edges import close_edge, open_edge, pay, pay_scalar
from addressbook.parse.name_edges import DASH, LETTER_F, SEPARATOR_COST, code_goes_on
from addressbook.parse.trie import NOTHING, ROOT, payload, step
from addressbook.parse.workspace import DIGIT, LETTER, NAME, PLAIN, SEPARATOR, SILENT

LONGEST_NUMBER, MOST_LETTERS, MOST_ITEMS = 6, 2, 12
TELEPHONE_DIGITS = 7
ORDER_WORDS = np.array([ord(c) for c in "甲乙丙丁附临特"], np.uint32)
LIST_MARKS = np.array([ord(c) for c in "/、,&~.至到和及"], np.uint32)
STRICT_MARKS = np.array([ord(c) for c in "、,/&~至到和及"], np.uint32)
LISTED_UNITS = np.array([ord(c) for c in "号室幢栋"], np.uint32)
SIDES = np.array([ord(c) for c in "东西南北中"], np.uint32)
ORDINAL = ord("第")
ORDINAL_UNITS = np.array([ord(c) for c in "层幢栋座楼号室"], np.uint32)
UNDER, GROUND, MINUS, NUMBER_SIGN = (ord(c) for c in "地下负号")
OF, ATTACHED, ENTRANCE, ENTRANCE_2 = ord("之"), ord("附"), ord("单"), ord("元")
TELEPHONE, UNIT_LEFT = SCALARS.index("telephone"), SCALARS.index("unit_left")
REDUNDANT = LABEL["redundant"]
(
    ONE, TWO, THREE, FOUR, FIVE, LETTER_ALONE, LETTER_IN, PARTS_2, PARTS_3, PARTS_4, LIST, AFTER_DASH, BEFORE_DASH,
    BEFORE_NAME, BEFORE_NUMBER, BEFORE_END, ORDER, SUB_NUMBER, BELOW, CODE_NAME, LONG_SHORT, PLATE, BEFORE_LIST,
) = range(len(SHAPES))  # fmt: skip


@compiled
def number_edges(facts, work, n, at):
    """All readings of a number that begins at a place."""
    kind = work.classes[at]
    before = work.classes[at - 1] if at > 0 else SEPARATOR
    if kind == DIGIT or kind == LETTER:
        if before != kind and not code_goes_on(work, at):
            if kind == DIGIT:
                _telephone(work, n, at)
            _items(facts, work, n, at, at, kind == NAME, kind == NAME)
    elif kind == NAME:
        begin = _number_after(work, n, at)
        if begin > at:
            ordered = one_of(work.characters[at], ORDER_WORDS)
            _items(facts, work, n, at, begin, ordered, not ordered)
        elif one_of(work.characters[at], SIDES) and work.characters[at + 1] == ENTRANCE:
            part, no = np.int64(1), kind != NAME
            _units(facts, work, n, at, at + 1, part, part - 1, not no, no, no, no)
        elif work.characters[at] == ORDINAL and work.classes[at + 1] == DIGIT:
            _ordinal(facts, work, n, at)


@compiled
def _ordinal(facts, work, n, at):
    """第3层, 第10幢: with its unit only, for 第3中学 is a name."""
    end, digits, letters = item_end(work, n, at + 1)
    if end > 0 and one_of(work.characters[end], ORDINAL_UNITS):
        part, no = np.int64(1), digits < 0
        _units(facts, work, n, at, end, part, digits, letters > 0, no, no, no)


@compiled
def _number_after(work, n, at):
    """Where the number of 甲1, 负1 or 地下1 begins; `at` when there is none."""
    character, following = work.characters[at], work.classes[at + 1]
    if one_of(character, ORDER_WORDS):
        return at + 1 if following == DIGIT or following == LETTER else at
    if character == MINUS:
        return at + 1 if following == DIGIT else at
    if character == UNDER and work.characters[at + 1] == GROUND and work.classes[min(at + 2, n)] == DIGIT:
        return at + 2
    return at


@compiled
def _telephone(work, n, at):
    """13800000000, 0571-82800000: no number of an address."""
    end = at
    while end < n and work.classes[end] == DIGIT:
        end += 1
    if 3 <= end - at <= 4 and work.characters[end] == DASH and work.characters[at] == 48:
        rest = end + 1
        while rest < n and work.classes[rest] == DIGIT:
            rest += 1
        if rest - end > TELEPHONE_DIGITS:
            end = rest
    if end - at >= TELEPHONE_DIGITS:
        edge = open_edge(work, end, REDUNDANT, SILENT)
        pay_scalar(work, edge, TELEPHONE)


@compiled
def item_end(work, n, at):
    """(end, digits, letters) of one number with its letters: 12, A3, 12B, A; end is -1 when none begins here."""
    letters = digits = 0
    while at < n and work.classes[at] == LETTER and letters < MOST_LETTERS:
        at += 1
        letters += 1
    while at < n and work.classes[at] == DIGIT and digits < LONGEST_NUMBER:
        at += 1
        digits += 1
    if work.classes[at] == DIGIT or letters + digits == 0:
        return -1, 0, 0
    if digits == 0:
        return (at, 0, letters) if work.classes[at] != LETTER else (-1, 0, 0)
    end = at
    while end < n and work.classes[end] == LETTER and work.characters[end] != LETTER_F and end - at < MOST_LETTERS:
        end += 1
    if work.classes[end] != LETTER and work.classes[end] != DIGIT:
        letters += end - at
        at = end
    return at, digits, letters


@compiled
def _items(facts, work, n, start, at, ordered, below):
    """A number, then the chains and lists that begin with it: 3, 3-2, 3-2-502; 845、847."""
    parts, lists, all_letters = 0, False, 0
    while parts < MOST_ITEMS:
        end, digits, letters = item_end(work, n, at)
        if end < 0:
            return
        parts += 1
        all_letters += letters
        _units(facts, work, n, start, end, parts, digits, all_letters > 0, lists, ordered, below)
        at = end
        while at < n and work.characters[at] == DASH:
            at += 1
        if at == end:
            at = _list_goes_on(work, n, end)
            lists = lists or at > end
        if at == end:
            return


@compiled
def _list_goes_on(work, n, end):
    """Where the next number of a list begins: 845、|847, 845号、|847号; `end` itself when none does."""
    at = end
    while at < min(n, end + 2) and one_of(work.characters[at], LIST_MARKS):
        at += 1
    if at == end and end + 2 < n and one_of(work.characters[end], LISTED_UNITS):
        if one_of(work.characters[end + 1], STRICT_MARKS) and work.classes[end + 2] == DIGIT:
            following = item_end(work, n, end + 2)[0]
            if following > 0 and work.characters[following] == work.characters[end]:
                return end + 2
    return at


@compiled
def _units(facts, work, n, start, end, parts, digits, letters, lists, ordered, below):
    """The number without a unit and with each unit that follows, with 之1, 附3号 or 甲 behind it."""
    alone = work.classes[end] != DIGIT and (digits > 0 or _letter_stands(work, start, end))
    if alone and work.classes[end] != LETTER:
        _after(facts, work, n, start, end, work.at_no_unit, parts, digits, letters, lists, ordered, below)
    node, reach = ROOT, end
    while reach < n:
        node = step(facts.table, work.at_units, node, work.characters[reach])
        reach += 1
        if node == NOTHING:
            return
        unit = payload(facts.table, work.at_units, node)
        if unit != NOTHING and not _guarded(facts, work, unit, work.characters[reach]):
            _after(facts, work, n, start, reach, unit, parts, digits, letters, lists, ordered, below)


@compiled
def _letter_stands(work, start, end):
    """A letter alone is a number where a dash or an end says so: A-502, 3-B."""
    before = work.classes[start - 1] if start > 0 else NAME
    return work.characters[end] == DASH or (before == SEPARATOR and work.classes[end] != NAME)


@compiled
def _guarded(facts, work, unit, following):
    for at in members(facts.table, work.at_guard_first + unit):
        if cell(facts.table, work.at_guards + at) == following:
            return True
    return False


@compiled
def _after(facts, work, n, start, end, unit, parts, digits, letters, lists, ordered, below):
    behind = _sub_number_end(work, n, end)
    while True:
        _readings(facts, work, n, start, end, unit, parts, digits, letters, lists, ordered, below, end == behind)
        if behind <= end:
            return
        end = behind


@compiled
def _sub_number_end(work, n, end):
    """Where 之1, 附3号 or 甲 behind a number ends; -1 without one."""
    mark = work.characters[end]
    if mark == OF or mark == ATTACHED:
        reach = end + 1
        while reach < n and work.classes[reach] == DIGIT and reach - end <= 4:
            reach += 1
        if reach > end + 1 and work.classes[reach] != DIGIT:
            return reach + (mark == ATTACHED and work.characters[reach] == NUMBER_SIGN)
    elif one_of(mark, ORDER_WORDS[:4]) and work.classes[end + 1] != DIGIT and work.classes[end + 1] != NAME:
        return end + 1
    return -1


@compiled
def _readings(facts, work, n, start, end, unit, parts, digits, letters, lists, ordered, below, sub):
    """One edge for every element that a number with this unit can be."""
    size = LETTER_ALONE if digits == 0 else min(digits, 5) - 1
    dashed = start > 0 and work.characters[start - 1] == DASH
    following = work.classes[end]
    unit_left = unit == work.at_no_unit and _unit_behind(facts, work, n, end)
    plate = parts == 1 and _plate_behind(work, n, end)
    long_short = size >= THREE and parts == 1 and _short_behind(work, n, end)
    what_follows = _before(work, end, following)
    for choice in members(facts.table, work.at_number_first + unit):
        label = cell(facts.table, work.at_number_label + choice)
        cost = work.at_numbers + unit * LABEL_COUNT + label
        edge = open_edge(work, end, label, SILENT if label == REDUNDANT else PLAIN)
        pay(work, edge, cost)
        shape = work.at_shapes + label
        pay(work, edge, shape + size * LABEL_COUNT)
        if unit_left:
            pay_scalar(work, edge, UNIT_LEFT)
        if letters and unit == work.at_no_unit and following == NAME:
            pay(work, edge, shape + CODE_NAME * LABEL_COUNT)
        if plate:
            pay(work, edge, shape + PLATE * LABEL_COUNT)
        if long_short:
            pay(work, edge, shape + LONG_SHORT * LABEL_COUNT)
        if letters and digits > 0:
            pay(work, edge, shape + LETTER_IN * LABEL_COUNT)
        if lists:
            for _ in range(parts - 1):
                pay(work, edge, shape + LIST * LABEL_COUNT)
        elif parts > 1:
            pay(work, edge, shape + (PARTS_2 + min(parts, 4) - 2) * LABEL_COUNT)
        if dashed:
            pay(work, edge, shape + AFTER_DASH * LABEL_COUNT)
        if ordered:
            pay(work, edge, shape + ORDER * LABEL_COUNT)
        if sub:
            pay(work, edge, shape + SUB_NUMBER * LABEL_COUNT)
        if below:
            pay(work, edge, shape + BELOW * LABEL_COUNT)
        for _ in range(parts - 1):
            pay_scalar(work, edge, SEPARATOR_COST)  # as what stands between two numbers read apart
        pay(work, edge, shape + what_follows * LABEL_COUNT)
        close_edge(work, edge)


@compiled
def _unit_behind(facts, work, n, end):
    """12|号: the number could have had a unit."""
    node, reach = ROOT, end
    while reach < n:
        node = step(facts.table, work.at_units, node, work.characters[reach])
        reach += 1
        if node == NOTHING:
            return False
        unit = payload(facts.table, work.at_units, node)
        if unit != NOTHING and not _guarded(facts, work, unit, work.characters[reach]):
            return True
    return False


@compiled
def _short_behind(work, n, end):
    """104-2室: behind the dash stands one digit or two, so the long number is no building."""
    if work.characters[end] != DASH or work.classes[end + 1] != DIGIT:
        return False
    return work.classes[min(n, end + 2)] != DIGIT or work.classes[min(n, end + 3)] != DIGIT


@compiled
def _plate_behind(work, n, end):
    """12-1号: the plate begins before the dash."""
    at = end + 1
    if work.characters[end] != DASH or work.classes[at] != DIGIT:
        return False
    while at < n and work.classes[at] == DIGIT:
        at += 1
    return work.characters[at] == NUMBER_SIGN


@compiled
def _before(work, end, following):
    """What follows a number."""
    if work.characters[end] == DASH:
        return BEFORE_DASH
    if following == DIGIT or following == LETTER:
        return BEFORE_NUMBER
    if following == SEPARATOR and work.classes[end + 1] == DIGIT and one_of(work.characters[end], LIST_MARKS):
        return BEFORE_LIST
    return BEFORE_NAME if following == NAME else BEFORE_END
