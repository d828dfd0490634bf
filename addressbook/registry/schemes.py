"""Outside codes by scheme: what a code of each looks like, and whether its check character is right.

JGJ/T 246-2012 房屋代码: 22 digits (* where one is not known) and a check character, ISO 7064 MOD 11-2 as in GB 11643,
an unknown digit counting 10. GB/T 37346-2019 不动产单元代码: 28 characters, of which 12 name the cadastral division, 7
the parcel and 9 the building on it. Codes of any other scheme are taken as they are.
"""

from __future__ import annotations

import re
from typing import overload

from addressbook.errors import FieldError

HOUSE_CODE, ESTATE_UNIT, STRUCTURE_CODE = "JGJ/T 246", "不动产单元代码", "25位编码"
LONGEST_CHARACTERS = 100
_CHECK = "10X98765432"
_SHAPES = {
    HOUSE_CODE: re.compile(r"[0-9*]{22}[0-9X]"),
    ESTATE_UNIT: re.compile(r"[0-9]{12}[GJZ][A-Z][0-9]{5}(?:F[0-9]{8}|[LQ][0-9]{8}|W0{8})"),
    STRUCTURE_CODE: re.compile(r"[0-9A-Z]{25}"),
}

SHAPED = list(_SHAPES)
"""Schemes whose codes have a known shape."""
_KNOWN = {re.sub(r"\s", "", scheme).upper(): scheme for scheme in _SHAPES}


def check_character(body: str) -> str:
    """The check character behind a body of digits: ISO 7064 MOD 11-2, right to left; * counts 10.

    >>> check_character("11010519491231002")
    'X'
    """
    weight, total = 1, 0
    for character in reversed(body):
        weight = 2 * weight % 11
        total += weight * (10 if character == "*" else int(character))
    return _CHECK[total % 11]


def squeezed(value: str) -> str:
    """A code whose shape is known, as it is kept: in capitals, without what was put in for the eye.

    >>> squeezed(" 330109-001001 gb00001")
    '330109001001GB00001'
    """
    return re.sub(r"[\s-]", "", value).upper()


@overload
def cleaned(scheme: str, value: str) -> tuple[str, str]: ...
@overload
def cleaned(scheme: str | None, value: str | None) -> tuple[str | None, str | None]: ...
def cleaned(scheme: str | None, value: str | None) -> tuple[str | None, str | None]:
    """Scheme and value spelled as they are kept, on every way in; nothing is checked, and either may be absent.

    >>> cleaned("jgj/t246", "1-2"), cleaned("网格", " G-1 ")
    (('JGJ/T 246', '12'), ('网格', 'G-1'))
    """
    if scheme is not None:
        scheme = _KNOWN.get(re.sub(r"\s", "", scheme).upper(), scheme.strip())
    if value is not None:
        value = squeezed(value) if scheme in _SHAPES else value.strip()
    return scheme, value


def checked(scheme: str, value: str) -> tuple[str, str]:
    """Scheme and value as they are kept. Raises FieldError for a code that none of its scheme can be."""
    scheme, value = cleaned(scheme, value)
    for field, words in (("scheme", scheme), ("value", value)):
        if not 0 < len(words) <= LONGEST_CHARACTERS or not words.isprintable():
            raise FieldError(
                "outside_code_wrong", field, f"{field} is empty, longer than {LONGEST_CHARACTERS}, or not one line.",
                zh=f"{field} 为空、过长或含有控制字符。",
            )  # fmt: skip
    shape = _SHAPES.get(scheme)
    if shape is None:
        return scheme, value
    if not shape.fullmatch(value):
        raise _wrong(scheme, value, "does not have the shape of one", "格式不符")
    if scheme == HOUSE_CODE and check_character(value[:-1]) != value[-1]:
        raise _wrong(scheme, value, "has a wrong check character", "校验码不符")
    return scheme, value


def _wrong(scheme: str, value: str, en: str, zh: str) -> FieldError:
    return FieldError(
        "outside_code_wrong", "value", f"{value} {en} ({scheme}).", zh=f"{scheme} {value} {zh}。",
        remedy="Compare it with the original.",
    )  # fmt: skip
