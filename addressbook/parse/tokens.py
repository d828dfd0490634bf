"""Normal text → name text and typed tokens (numbers with units, brackets, separators), in one regex pass."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from addressbook.parse.knowledge import noise_pattern

# What the unit behind a number says. Longest spelling first where one begins another.
UNIT_KINDS: dict[str, str] = {
    "号楼": "building", "号院": "building", "号厂房": "building", "号库": "building", "幢楼": "building",
    "幢": "building", "栋": "building", "座": "building", "#楼": "building", "#": "building", "号门": "unit",
    "单元": "unit", "梯": "unit", "楼层": "floor", "楼": "floor", "层": "floor", "F": "floor",
    "室": "room", "房间": "room", "房": "room", "户": "room", "号铺": "room", "号商铺": "room", "铺": "room",
    "号摊位": "room", "组": "group", "队": "group", "社": "group", "弄": "lane", "巷": "lane", "期": "phase",
    "区": "zone", "号房": "room", "号室": "room", "号": "no",
}  # fmt: skip
_UNITS = "|".join(sorted((u for u in UNIT_KINDS if u != "F"), key=len, reverse=True))
_GUARDED = {
    "区": "区(?!域)", "社": "社(?!区)", "组": "组(?!团)", "楼": "楼(?![村下])", "层": "层(?!次)", "房": "房(?!产)",
    "巷": "巷(?![口村路])", "号": "号(?![线])", "期": "期",
}  # fmt: skip
_UNIT = "|".join(_GUARDED.get(u, re.escape(u)) for u in _UNITS.split("|")) + "|F(?![A-Z])"
_ITEM = r"[甲乙丙丁附临特]?[A-Z]{0,2}[0-9]{1,6}(?:[A-EG-Z]{1,2}(?![0-9A-Z]))?"
_JOIN = r"(?:-+|[/、,&~.至到和及_ ]{1,2})"
_LETTER = r"[A-Z]{1,2}"
_TOKEN = rf"""
    (?P<keep>4S|第?[A-Z]?[0-9]{{1,4}}号?(?:大街|大道|国道|省道|县道|乡道|公路|支路|大院|地块|桥|路(?!口)|街(?![道区面]))|第[0-9]{{1,3}}(?![0-9]*(?:{_UNIT})))
  | (?P<far>(?:往|向)?[东南西北前后左右]{{0,2}}(?:走|行|约)?[0-9]{{1,5}}米(?:处|左右)?)
  | (?P<phone>(?:电话|手机)?(?:(?<![0-9])1[3-9][0-9]{{9}}|0[0-9]{{2,3}}-[0-9]{{7,8}}|[0-9]{{7,}}))
  | (?P<number>
        (?:(?<![A-Z])|(?=[0-9]))(?P<low>地下|负)?
        (?P<items>
            (?:{_LETTER}{_JOIN})?{_ITEM}(?![0-9])(?:{_JOIN}(?:{_ITEM}(?![0-9])|{_LETTER}(?![A-Z])))*
          | [东西南北中](?=单元)
          | {_LETTER}(?=座|幢|栋|区|单元|号楼|楼|-[0-9])
        )
        (?P<unit>{_UNIT})?
        (?P<after>之[0-9]{{1,4}}|附[0-9]{{1,4}}号?|[甲乙丙丁](?![0-9一-龥]))?
    )
  | (?P<basement>底层|底楼|地下室|顶楼|顶层)
  | (?P<open>\()
  | (?P<close>\))
  | (?P<sep>[^0-9A-Z一-龥〇]+)
    """


@cache
def token_pattern() -> re.Pattern[str]:
    """One pattern for all tokens; what it leaves out is name text."""
    return re.compile(f"(?P<noise>{noise_pattern()})|{_TOKEN}", re.VERBOSE)


LONGEST_CODE = 3
FIRST_IDEOGRAPH = "一"


class Token(NamedTuple):
    """A piece of normal text: kind is name, number, noise, far, phone, basement, open, close or sep."""

    kind: str
    start: int
    end: int
    unit: str = ""
    items: str = ""


def tokenise(text: str, names: Sequence[tuple[int, int]] = ()) -> list[Token]:
    """All of `text` as tokens, in order, nothing left out. Linear in the length of the text.

    `names` are spans known to be names although they hold numbers (21世纪大厦).

    >>> [(t.kind, t.unit, t.items) for t in tokenise("市心北路260号3幢1单元502室")][1:3]
    [('number', 'no', '260'), ('number', 'building', '3')]
    """
    tokens: list[Token] = []
    done = start = 0
    for stop, resume in (*names, (len(text), len(text))):
        for match in token_pattern().finditer(text, start, stop):
            if match.lastgroup == "keep":
                continue
            if _begins_a_name(match, text):
                continue
            if match.start() > done:
                tokens.append(Token("name", done, match.start()))
            tokens.append(_token(match, *match.span()))
            done = match.end()
        start = resume
    if done < len(text):
        tokens.append(Token("name", done, len(text)))
    return tokens


def _begins_a_name(match: re.Match[str], text: str) -> bool:
    """T3航站楼, E8文创大厦: a short code with a letter and no unit, right before name text."""
    if match["unit"] or match["items"] is None or match.end() - match.start() > LONGEST_CODE:
        return False
    return not match.group().isdigit() and text[match.end() : match.end() + 1] >= FIRST_IDEOGRAPH


def _token(match: re.Match[str], start: int, end: int) -> Token:
    for kind in ("number", "noise", "sep", "open", "close", "far", "phone", "basement"):
        if match[kind] is not None:
            break
    if kind != "number":
        return Token(kind, start, end)
    unit = UNIT_KINDS.get(match["unit"] or "", "")
    return Token("number", start, end, unit, (match["low"] or "") + match["items"])
