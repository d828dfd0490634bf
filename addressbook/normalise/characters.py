"""What becomes of a single character: NFKC width, traditional → simplified, capitals, dashes, brackets, noise.

Each character is mapped by itself, so that every normal character has one place in the received text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

import opencc

FIRST_IDEOGRAPH: Final = 19968
LAST_IDEOGRAPH: Final = 40959
DASHES: Final = "‐‑‒–—―−~～〜﹣－─━"
OPENING: Final = "[{【〔《〈「『﹝"
CLOSING: Final = "]}】〕》〉」』﹞"
ROMAN_NUMERALS: Final = {chr(0x2160 + i): str(i + 1) for i in range(12)} | {
    chr(0x2170 + i): str(i + 1) for i in range(12)
}
SINGLE: Final = (
    dict.fromkeys(DASHES, "-")
    | dict.fromkeys(OPENING, "(")
    | dict.fromkeys(CLOSING, ")")
    | {"；": ";", "。": ".", "＃": "#", "○": "〇", "◯": "〇", "﹟": "#"}
    | ROMAN_NUMERALS
)
# Control and format marks, surrogates, private use, symbols (emoji) and combining marks carry no address.
NOISE_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "So", "Sk", "Mn", "Me", "Mc"})


@cache
def simplified() -> dict[str, str]:
    """Traditional → simplified, single characters only: the same answer in every context."""
    ideographs = [chr(code) for code in range(FIRST_IDEOGRAPH, LAST_IDEOGRAPH + 1)]
    converted = opencc.OpenCC("t2s").convert("\n".join(ideographs)).split("\n")
    table = {old: new for old, new in zip(ideographs, converted, strict=True) if len(new) == 1 and old != new}
    return {old: table.get(new, new) for old, new in table.items()}


@cache
def normal_character(character: str) -> str:
    """The normal form of one character: "" for noise, " " for any white space."""
    text = character
    for _ in range(4):  # mappings chain (circled 甲 → 甲, full-width a → a → A); four steps reach the fixed point
        text = "".join(_step(one) for one in text)
    return text


def _step(character: str) -> str:
    if character in SINGLE:
        return SINGLE[character]
    if character.isspace():
        return " "
    if unicodedata.category(character) in NOISE_CATEGORIES and unicodedata.normalize("NFKC", character) == character:
        return ""
    return simplified().get(character, unicodedata.normalize("NFKC", character)).upper()


@cache
def unclean() -> re.Pattern[str]:
    """Finds the first character that has another normal form; many texts have none and skip the slow way."""
    return other_than()


def other_than(excepted: str = "") -> re.Pattern[str]:
    """Finds the first character that has another normal form, or is one of those excepted."""
    plain = [chr(c) for c in range(0x21, 0x7F) if normal_character(chr(c)) == chr(c)]
    plain += [chr(c) for c in range(FIRST_IDEOGRAPH, LAST_IDEOGRAPH + 1) if chr(c) not in simplified()]
    kept = [character for character in (*plain, "、", "〇") if character not in excepted]
    return re.compile(f"[^{re.escape(''.join(kept))}]")
