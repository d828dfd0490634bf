"""Identity and phone numbers in free text, masked however they are written; other numbers stay as they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from addressbook import identity
from addressbook.masking.folding import INVISIBLE, SEPARATORS, folded
from addressbook.masking.forms import MASK, mask_identity, mask_phone

_OF_A_RUN = rf"[\d)）{re.escape(''.join(map(''.join, SEPARATORS.items())) + INVISIBLE)}]"
SHORT_RUN = re.compile(rf"\d{_OF_A_RUN}{{6}}")
_RUN = re.compile(rf"\d{_OF_A_RUN}{{10,}}")
"""What every number below lies in, before it is folded. Hardly any text of an address has eleven such characters."""
_S = "[-./ ]{0,3}"
_GAP = "[-./ ]{1,3}"
_PROVINCE = "(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3])"
"""Where identity numbers were issued: the first two digits of a division (GB/T 2260)."""
_MONTH, _DAY = f"(?:0{_S}[1-9]|1{_S}[0-2])", f"(?:0{_S}[1-9]|[12]{_S}[0-9]|3{_S}[01])"
_IDENTITY = re.compile(
    rf"(?<![0-9])(?=([1-9](?:{_S}[0-9]){{5}}{_S}(?:1{_S}[89]|2{_S}0)(?:{_S}[0-9]){{2}}{_S}{_MONTH}{_S}{_DAY}"
    rf"(?:{_S}[0-9]){{3}}{_S}(?:[0-9](?![0-9])|[Xx×])))"
)
_OLD_IDENTITY = re.compile(
    rf"(?<![0-9])(?=({_PROVINCE}[0-9]{{4}}{_S}[1-9][0-9]{_S}(?:0[1-9]|1[0-2]){_S}(?:0[1-9]|[12][0-9]|3[01]){_S}"
    r"[0-9]{3}(?![0-9])))"
)
"""Fifteen digits, as they were issued until 1999: division, two digits of the year, month, day, number."""
_MOBILE_GROUPS = (
    "[0-9]{9}", "[0-9]{5}_[0-9]{4}", "[0-9]_[0-9]{8}", "[0-9]_[0-9]{4}_[0-9]{4}", "[0-9]_[0-9]{3}_[0-9]{5}",
    "[0-9]{2}_[0-9]{3}_[0-9]{4}", "[0-9]{2}_[0-9]{4}_[0-9]{3}", "[0-9](?:_[0-9]{2}){4}",
)  # fmt: skip
"""How people cut a mobile number, behind its first two digits; `_` is a gap. Any cut would take house numbers too."""
_MOBILE = re.compile(
    rf"(?<![0-9])(?:(?:\+|00)?86{_S})?"
    rf"(?=((?:1[3-9](?:{'|'.join(_MOBILE_GROUPS).replace('_', _GAP)})|1 [3-9](?: [0-9]){{9}})(?![0-9])))"
)
_AREA = "(?:10|2[0-9]|[3-9][0-9]{2})"
_LOCAL = f"(?:[0-9]{{7,8}}|[2-9][0-9]{{2,3}}{_GAP}[0-9]{{4}})(?![0-9])"
_LANDLINE = re.compile(rf"(?<![0-9])(?:(?:\+|00)?86{_S})?(?=(0{_AREA}[)]?{_S}{_LOCAL}))")
_FROM_ABROAD = re.compile(rf"(?<![0-9])(?:\+|00)86{_S}(?=({_AREA}{_GAP}{_LOCAL}))")
_CANONICAL = frozenset({6, 10, 12, 14, 17})
"""After how many digits of an identity number people begin a new group: division, year, month, day, number, check."""
_HOUSE_BEHIND = re.compile("[ -]?(?:号(?!码)|室|幢|栋|层|弄|铺|#|楼(?!长)|单元|座(?!机)|房(?![东主产]))")
_PLACE_BEFORE = re.compile("(?:[路街巷弄道村里号园苑城庭湾府幢栋座][ -]?|[0-9]-)$")
_FIRM = re.compile("(?:1[1-39]|5[1-39]|9[1-39])[1-8]")
"""How a 统一社会信用代码 begins: who registers what, and a division."""
_HEXADECIMAL = re.compile("[0-9A-Fa-f-]{32,36}")
_LONGEST_CODE = 36
_TOKEN = re.compile("[0-9A-Za-z-]*")
_DIGITS = re.compile("[0-9]+")


class Found(NamedTuple):
    """A stretch of a text, and what stands for it where it is shown."""

    start: int
    end: int
    masked: str


def mask_numbers(text: str) -> str:
    """A free text with the identity and phone numbers in it masked; everything else as it is.

    >>> mask_numbers("市心北路260号，电话13812345678，身份证330109199001011234")
    '市心北路260号，电话138****5678，身份证330**************4'
    >>> mask_numbers("3-2-101室，+86 139-1234 5671，１１０１０１ １９７５０３０７ １２３０")
    '3-2-101室，+86 139****5671，110**************0'
    """
    return replaced(text, found) if (found := numbers_in(text)) else text


def replaced(text: str, found: Iterable[Found]) -> str:
    """The text with what was found in it replaced; of what overlaps the first counts."""
    parts, at = [], 0
    for start, end, masked in sorted(found):
        if start >= at:
            parts += [text[at:start], masked]
            at = end
    return "".join([*parts, text[at:]])


def _may_hold_one(run: re.Match[str]) -> bool:
    """Whether a run of digits looks like a number of a person by itself: dates, points and codes of firms do not."""
    before, behind = run.string[max(0, run.start() - 1) : run.start()], run.string[run.end() : run.end() + 1]
    alone = run[0] if run[0].isascii() and "_" not in run[0] else folded(run[0]).text
    if before and before in "+＋":
        alone = f"+{alone}"
    if behind and behind in "XxＸｘ×":
        alone = f"{alone}X"
    return any(pattern.search(alone) for pattern, _ in _SORTS)


def numbers_in(text: str) -> list[Found]:
    """Every identity and phone number in a text, each part of a text in one at most."""
    if _RUN.search(text) is None or not any(map(_may_hold_one, _RUN.finditer(text))):
        return []
    plain, found = folded(text), list[Found]()
    rest = plain.text
    for pattern, mask in _SORTS:
        taken = list(_taken(pattern, mask, rest))
        found += [Found(plain.places[start], plain.end(end), masked) for start, end, masked in taken]
        rest = replaced(rest, [Found(start, end, MASK * (end - start)) for start, end, _ in taken])
    return found


def _taken(pattern: re.Pattern[str], mask: Callable[[str, re.Match[str]], str], text: str) -> Iterator[Found]:
    """What is of one sort, from left to right: `mask` says what stands for a candidate, or "" where it is none."""
    last = 0
    for candidate in pattern.finditer(text):
        start, end = candidate.span(1)
        if start >= last and not _is_code(text, start, end) and (masked := mask(text, candidate)):
            yield Found(start, end, masked)
            last = end


def _identity(_text: str, found: re.Match[str]) -> str:
    number = "".join([symbol for symbol in found[1] if symbol.isalnum() or symbol == "×"])
    number = number.upper().replace("×", "X")
    if len(found[1]) == len(number):
        is_one = not _is_firm(number)
    elif _breaks(found[1]) <= _CANONICAL:
        is_one = True
    else:
        # However else it is cut, it might be numbers of rooms or a pair of coordinates.
        is_one = identity.is_identity_number(number) and re.match(_PROVINCE, number) is not None
        is_one = is_one and "." not in found[1] and "/" not in found[1]
    return mask_identity(number) if is_one else ""


def _old_identity(_text: str, found: re.Match[str]) -> str:
    return mask_identity("".join(_DIGITS.findall(found[1])))


def _mobile(text: str, found: re.Match[str]) -> str:
    start, end = found.span(1)
    groups = _DIGITS.findall(found[1])
    if len(groups) > 1 and (_HOUSE_BEHIND.match(text, end) or _are_rooms(groups, text[max(0, start - 2) : start])):
        return ""
    return mask_phone("".join(groups))


def _landline(text: str, found: re.Match[str]) -> str:
    if len(_DIGITS.findall(found[1])) > 2 and _HOUSE_BEHIND.match(text, found.end(1)):
        return ""
    return _DIGITS.sub(lambda group: MASK * len(group[0]), found[1][:-2]) + found[1][-2:]


_SORTS = ((_IDENTITY, _identity), (_OLD_IDENTITY, _old_identity), (_MOBILE, _mobile), (_LANDLINE, _landline),
          (_FROM_ABROAD, _landline))  # fmt: skip


def _breaks(written: str) -> set[int]:
    """After how many symbols of a number a separator stands."""
    places, count = set(), 0
    for symbol in written:
        if symbol in "-./ ":
            places.add(count)
        else:
            count += 1
    return places


def _are_rooms(groups: list[str], before: str) -> bool:
    """Whether it is a house number behind a name: 市心北路151-1101-1103, two rooms of one floor."""
    rooms = any(len(a) == len(b) == 4 and a[:2] == b[:2] and a < b for a, b in pairwise(groups))
    return rooms and _PLACE_BEFORE.search(before) is not None


def _is_code(text: str, start: int, end: int) -> bool:
    """Whether a candidate is part of a code: an AID, a 统一社会信用代码, a UUID or digest."""
    head = _token(text[max(0, start - _LONGEST_CODE) : start][::-1])[::-1]
    tail = _token(text[end : end + _LONGEST_CODE])
    if not head and not tail:
        return False
    token = f"{head}{text[start:end]}{tail}"
    code = "".join([symbol for symbol in token if symbol.isalnum()]).upper()
    if code.isdigit():
        return False
    if len(code) == identity.AID_LENGTH:
        return identity.is_valid(code)
    return _is_firm(code) or _HEXADECIMAL.fullmatch(token) is not None


def _token(text: str) -> str:
    """The letters, digits and hyphens with which a text begins."""
    found = _TOKEN.match(text)
    return found[0] if found else ""


def _is_firm(code: str) -> bool:
    """Whether it is a 统一社会信用代码, and not an identity number that might be one."""
    return _FIRM.match(code) is not None and identity.is_valid_uscc(code) and not identity.is_identity_number(code)
