"""The arithmetic of 12-digit statistical codes (国家统计局《统计用区划代码和城乡划分代码编制规则》): PP CC TT SSS VVV.

>>> pad("330109"), level_of("330109001000").value, parent_code("330109001000")
('330109000000', 'town', '330109000000')
"""

from __future__ import annotations

from addressbook.errors import CodeError
from addressbook.model import Level

CODE_LENGTH = 12
DIGITS: dict[Level, int] = {
    Level.PROVINCE: 2,
    Level.CITY: 4,
    Level.COUNTY: 6,
    Level.TOWN: 9,
    Level.COMMUNITY: 12,
}
"""Leading digits that say which division of a level a code lies in."""

_LEVELS_DEEPEST_FIRST = tuple(reversed(DIGITS.items()))
_LENGTHS = frozenset(DIGITS.values())


def pad(code: str) -> str:
    """The 12-digit form of a code of 2, 4, 6, 9 or 12 digits. Raises CodeError for anything else."""
    if len(code) not in _LENGTHS or not (code.isascii() and code.isdigit()):
        raise CodeError(
            f"{code!r} is not a division code.",
            zh=f"“{code}”不是行政区划代码。",
            remedy="Give 2, 4, 6, 9 or 12 digits, e.g. 330109 or 330109001000.",
        )
    return code.ljust(CODE_LENGTH, "0")


def level_of(code: str) -> Level:
    """The level a code has by its structure. 441900000000 (东莞市, a city without counties) is a city."""
    full = pad(code)
    for level, digits in _LEVELS_DEEPEST_FIRST:
        if int(full[_digits_above(digits) : digits]):
            return level
    return Level.NONE


def significant(code: str) -> str:
    """The leading digits that matter: 330109000000 → 330109, 441900000000 → 4419."""
    return pad(code)[: DIGITS.get(level_of(code), CODE_LENGTH)]


def parent_code(code: str) -> str | None:
    """The code one level up, by structure; None for a province.

    Levels that a place lacks are passed over: the parent of 441900003000 (东城街道 of 东莞市) is 441900000000.
    """
    head = significant(code)
    digits = _digits_above(len(head))
    return head[:digits].ljust(CODE_LENGTH, "0") if digits else None


def code_range(code: str) -> tuple[str, str]:
    """The lowest and highest 12-digit code inside a division, itself included: low <= c <= high, compared as text."""
    head = significant(code)
    return pad(code), head.ljust(CODE_LENGTH, "9")


def _digits_above(digits: int) -> int:
    return max((d for d in DIGITS.values() if d < digits), default=0)
