"""What stands behind the name of a division: more of the same name, or another division; compiled."""

from __future__ import annotations

import numpy as np

from addressbook.parse.compiled import cell, compiled, members, one_of
from addressbook.parse.contexts import DEVZONE, OUTSIDE, WITHIN, fit
from addressbook.parse.costs import LABEL

PLACE = LABEL["place"]
SHORT_GOES_ON = np.array([ord(c) for c in "镇乡村街路市区县巷湾"], np.uint32)
GOES_ON_TWO = np.array(
    [[ord(c) for c in w] for w in ("大道", "新区", "开发", *(d + sign for d in "东南西北中" for sign in "路街站"))],
    np.uint32,
)
LONGEST_GENERIC = 8
FULL_GOES_ON = np.array([ord(c) for c in "场民政域府人第"], np.uint32)
STREET_SIGNS = np.array([ord(c) for c in "路街巷弄"], np.uint32)
MOST_CODES = 40


@compiled
def goes_on(facts, work, end, short):
    """龙港|镇, 中山|东路, 杭州|大厦, 杭州|市民中心: what follows belongs to the same name."""
    following, second = work.characters[end], work.characters[end + 1]
    if not short:
        return one_of(following, FULL_GOES_ON)
    if one_of(following, SHORT_GOES_ON):
        return True
    for pair in range(len(GOES_ON_TWO)):
        if following == GOES_ON_TWO[pair, 0] and second == GOES_ON_TWO[pair, 1]:
            return True
    return _generic(facts, work, end)


@compiled
def _generic(facts, work, at):
    """大厦, 机场, 经济开发区: the suffix of a name and nothing before it."""
    return generic_end(facts, work, at, PLACE) >= 0 or generic_end(facts, work, at, DEVZONE) >= 0


@compiled
def generic_end(facts, work, at, label):
    """Where the suffix of a place or zone that begins there ends; -1 without one."""
    for end in range(min(np.int64(work.name_end[at]), at + LONGEST_GENERIC), at + 1, -1):
        for slot in range(work.suffix_count[end]):
            of_label = cell(facts.table, work.at_suffix_label + work.suffix_id[end, slot]) == label
            if of_label and work.suffix_length[end, slot] == end - at:
                return -1 if one_of(work.characters[end], STREET_SIGNS) else end  # 车站|路
    return -1


@compiled
def leads_on(facts, work, at, context):
    """Whether a division inside the context is named next: 杭州|滨江 are two, 南岸|明珠 is an estate."""
    for hit in range(work.hit_first[at], work.hit_first[at + 1]):
        name = work.hit_name[hit]
        for meaning in members(facts.table, work.at_names_first + name):
            if fit(facts, work, meaning, context)[0] == WITHIN:
                return True
    return False


@compiled
def leads_back(facts, work, at, context):
    """Whether another name of the same place follows: 浙江|宁波市 behind 鄞州区."""
    for hit in range(work.hit_first[at], work.hit_first[at + 1]):
        name = work.hit_name[hit]
        for meaning in members(facts.table, work.at_names_first + name):
            if fit(facts, work, meaning, context)[0] != OUTSIDE:
                return True
    return False


@compiled
def leads_into(facts, work, at, meaning):
    """Whether a name of what lies in a division follows it: 宁波|镇海 is no 宁波镇."""
    codes = cell(facts.table, work.at_code_first + meaning), cell(facts.table, work.at_code_first + meaning + 1)
    for hit in range(work.hit_first[at], work.hit_first[at + 1]):
        name = work.hit_name[hit]
        for inner in members(facts.table, work.at_names_first + name):
            first = cell(facts.table, work.at_code_first + inner)
            for at_code in range(first, min(first + MOST_CODES, cell(facts.table, work.at_code_first + inner + 1))):
                code = cell(facts.table, work.at_code + at_code)
                for around in range(codes[0], min(codes[0] + MOST_CODES, codes[1])):
                    begin = cell(facts.table, work.at_code + around)
                    if begin < code < begin + cell(facts.table, work.at_span + around):
                        return True
    return False
