"""Chinese numerals where they are numbers: before a unit (三幢, 一百零二室), never in a name (三墩镇, 五一村)."""

from __future__ import annotations

import re
from typing import Final

DIGITS: Final = {c: str(i) for i, c in enumerate("零一二三四五六七八九")} | {"〇": "0", "两": "2"}
TENS: Final = {"十": 1, "百": 2, "廿": 1, "卅": 1}
NUMERAL: Final = "零〇一二三四五六七八九十百廿卅两"
# A unit in front of one of these is part of a name: 三房巷, 五层街, 七组村.
NAME_AFTER: Final = "(?![村巷路街桥镇乡社里坊湾塘弄])"
UNITS: Final = "|".join(
    [f"{unit}{NAME_AFTER}" for unit in ("幢", "座", "层", "楼", "组(?!团)", "房(?!产)")]
    + ["号", "#", "栋", "单元", "室", "弄", "户", "梯", "F(?![A-Z])"]
)
_ONE: Final = f"[{NUMERAL}]{{1,7}}"
# A list before a unit has an end: a list of numerals without a unit would cost the square of its length.
_LIST: Final = f"(?:[至到、,-]{_ONE}){{0,19}}"
NUMBER: Final = re.compile(f"{_ONE}(?={_LIST}(?:{UNITS}))")
LONGEST_VALUE: Final = 5


def number_of(numeral: str) -> str | None:
    """The digits of a Chinese numeral, None when it is not one.

    >>> number_of("十二"), number_of("一百零二"), number_of("二〇三"), number_of("廿三"), number_of("百")
    ('12', '102', '203', '23', None)
    """
    if not any(c in TENS for c in numeral):
        return "".join(DIGITS[c] for c in numeral)
    return _positional(numeral)


def _positional(numeral: str) -> str | None:
    total, pending = 0, 0
    for at, c in enumerate(numeral):
        if c in DIGITS:
            pending = int(DIGITS[c])
        elif c == "百":
            if not pending:
                return None
            total, pending = total + pending * 100, 0
        else:
            tens = {"廿": 2, "卅": 3}.get(c) or pending or (1 if at == 0 or total else 0)
            if not tens:
                return None
            total, pending = total + tens * 10, 0
    return str(total + pending)


def replace_numeral(match: re.Match[str]) -> str:
    """The replacement for a match of NUMBER: its digits, or itself when it is no number."""
    return number_of(match.group()) or match.group()
