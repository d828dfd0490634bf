"""The one way to write the value of an element: building "3", unit "1", floor "-1", room "502", road_no "12-1"."""

from __future__ import annotations

import re
from typing import Final

from addressbook.normalise import normal_name
from addressbook.normalise.numerals import NUMERAL
from addressbook.normalise.text import NOT_IN_KEYS

_UNIT_AT_END: Final = re.compile(
    r"(?:号楼|号院|号厂房|号库|幢楼|幢|栋|座|#楼|#|号门|单元|梯|楼层|楼|层|F|室|房间|房|户|号商铺|号铺|铺|号摊位|号室|号房|号)$"
)
_LISTED_UNIT: Final = re.compile("[号室幢栋](?=[、,/&~至到和及])")
_ROOM_WORDS: Final = re.compile(r"^(?:室|房|铺)")
_SUB_NUMBER: Final = re.compile(r"^(?P<main>.*?)号?(?:之|附)(?P<sub>[0-9]+)号?$")
_ORDER_LETTER: Final = re.compile(r"^[甲乙丙丁]")
_LIST_JOIN: Final = re.compile(r"[、,/&~.至到和及_ ]+")
_CHINESE_DIGITS: Final = "零一二三四五六七八九十"
_FLOOR_WORDS: Final = {"底层": "1", "底楼": "1", "地下室": "-1", "地下": "-1", "顶楼": "顶", "顶层": "顶"}
_PHASE: Final = re.compile(r"^(?P<stem>.*?)第?(?P<number>10|[1-9])(?P<unit>[期区])$")


REMEMBERED: Final = 20_000
_PLAIN: Final = re.compile(f"[^ 一丨I{NUMERAL}{NOT_IN_KEYS.pattern[1:-2]}]+")
"""A normal text that is its own key: no step of normalising may find anything in it, nor is a character left out."""


def value_of(name: str, normal: str) -> str:
    """The value of an element from its normal text.

    >>> [value_of(*given) for given in (("building", "3幢"), ("floor", "B1层"), ("road_no", "12号之1"))]
    ['3', '-1', '12-1']
    """
    known = _VALUES.get(name, _NAMES)
    value = known.get(normal)
    if value is None:
        value = _RULES[name](normal) if name in _RULES else _key(normal)
        if len(known) > REMEMBERED:
            known.clear()
        known[normal] = value
    return value


def _key(normal: str) -> str:
    return normal if _PLAIN.fullmatch(normal) else normal_name(normal)


def _number(normal: str) -> str:
    bare = _UNIT_AT_END.sub("", _LISTED_UNIT.sub("", normal)).removeprefix("第")
    return _without_zeros(re.sub("-+", "-", bare))


def _without_zeros(value: str) -> str:
    return value.lstrip("0") or value[:1] if value.isdigit() else value


def _road_no(normal: str) -> str:
    """12-1号, 12号之1, 12号附1号, 甲12号, lists 845、847号 (kept with a comma between the numbers)."""
    sub = _SUB_NUMBER.match(normal)
    if sub:
        return f"{_number(sub['main'])}-{sub['sub']}"
    return _LIST_JOIN.sub(",", _number(normal)).removeprefix("附")


def _floor(normal: str) -> str:
    if normal in _FLOOR_WORDS:
        return _FLOOR_WORDS[normal]
    below = normal.startswith(("地下", "负", "B"))
    bare = _number(normal).removeprefix("地下").removeprefix("负")
    if below:
        bare = bare.removeprefix("B")
        return f"-{bare}" if bare else "-1"
    return _LIST_JOIN.sub(",", bare)


def _room(normal: str) -> str:
    return _LIST_JOIN.sub(",", _number(normal))


def _building(normal: str) -> str:
    return _LIST_JOIN.sub(",", _number(normal))


def _sub_place(normal: str) -> str:
    """二期 and 2期 are one; groups of a village keep digits: 12组."""
    name = normal_name(normal)
    phase = _PHASE.match(name)
    if phase:
        return f"{phase['stem']}{_CHINESE_DIGITS[int(phase['number'])]}{phase['unit']}"
    return name


def _lane(normal: str) -> str:
    return normal_name(normal)


_RULES: Final = {
    "road_no": _road_no, "sub_road_no": _road_no, "building": _building, "unit": _number, "floor": _floor,
    "room": _room, "sub_place": _sub_place, "sub_road": _lane,
}  # fmt: skip
_VALUES: Final[dict[str, dict[str, str]]] = {name: {} for name in _RULES}
_NAMES: Final[dict[str, str]] = {}
"""The values of numbers and of parts of places, and the keys of names, that were met: lists repeat them."""
