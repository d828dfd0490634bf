"""Text as received → normal text, keeping where every normal character came from."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Final, NamedTuple

from addressbook.normalise.characters import normal_character, other_than, unclean
from addressbook.normalise.numerals import NUMBER, NUMERAL, replace_numeral

# A space separates only where two numbers or Latin words would run together; elsewhere it is a typing habit.
SPACES: Final = re.compile("  +")
LOOSE_SPACE: Final = re.compile(f"(?<![0-9A-Z{NUMERAL}]) +| +(?![0-9A-Z{NUMERAL} ])| +(?= )")
# 3一502: the numeral one typed for a dash.
ONE_FOR_DASH: Final = re.compile("(?<=[0-9A-Z])[一丨](?=[0-9])")
ROMAN: Final = {"II": "2", "III": "3", "IV": "4", "VI": "6", "VII": "7", "VIII": "8", "IX": "9"}
ROMAN_BEFORE_UNIT: Final = re.compile("(?<![0-9A-Z])(?:VIII|VII|VI|IV|IX|III|II)(?=期|区|标段)")


class Normalised(NamedTuple):
    """`normal[i]` came from `received[offsets[i]]`; `offsets` has one more entry, the length of the received text."""

    received: str
    normal: str
    offsets: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where `normal[start:end]` lies in the received text (start and end, code points)."""
        if end <= start:
            return self.offsets[start], self.offsets[start]
        return self.offsets[start], self.offsets[end - 1] + 1


def normalise(text: str) -> Normalised:
    """The normal form of an address text, idempotent on `.normal`; never raises.

    >>> normalise("浙江省杭州市蕭山區市心北路２６０號三幢").normal
    '浙江省杭州市萧山区市心北路260号3幢'
    """
    if touched().search(text) is None:  # as in half of all texts
        return tuple.__new__(Normalised, (text, text, range(len(text) + 1)))
    normal, offsets = _characters(text) if unclean().search(text) else (text, range(len(text) + 1))
    if ANY_STEP.search(normal):
        for (pattern, replacement), needed in zip(STEPS, NEEDED, strict=True):
            if needed.search(normal) and pattern.search(normal):
                normal, offsets = _replace(pattern, replacement, normal, offsets)
    return tuple.__new__(Normalised, (text, normal, offsets))  # by its name it takes three times as long


@lru_cache(maxsize=200_000)
def normal_name(name: str) -> str:
    """The normal form of a name, without spaces and brackets: the key under which names are found.

    >>> normal_name("南岸明珠 （二期）")
    '南岸明珠二期'
    """
    return NOT_IN_KEYS.sub("", normalise(name).normal)


NOT_IN_KEYS: Final = re.compile(r"[\s()\"'“”·.]+")
STEPS: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...]] = (
    (SPACES, lambda _: " "),
    (LOOSE_SPACE, lambda _: ""),
    (ONE_FOR_DASH, lambda _: "-"),
    (ROMAN_BEFORE_UNIT, lambda match: ROMAN[match.group()]),
    (NUMBER, replace_numeral),
)
# Every match of a step holds one of these characters, which are found sooner than that nothing matches.
NEEDED: Final = tuple(re.compile(f"[{characters}]") for characters in (" ", " ", "一丨", "I", NUMERAL))
IN_STEPS: Final = f" 一丨I{NUMERAL}"
ANY_STEP: Final = re.compile(f"[{IN_STEPS}]")


@cache
def touched() -> re.Pattern[str]:
    """Finds the first character that normalising may change, by itself or in a step; half of all texts have none."""
    return other_than(IN_STEPS)


def _characters(text: str) -> tuple[str, Sequence[int]]:
    same_length = text.translate(_ONE_FOR_ONE)
    if NOT_ONE not in same_length:
        return same_length, range(len(text) + 1)
    parts, offsets = [], []
    for at, character in enumerate(text):
        normal = normal_character(character)
        parts.append(normal)
        offsets.extend([at] * len(normal))
    offsets.append(len(text))
    return "".join(parts), offsets


class _OneForOne(dict[int, str]):
    """The normal forms of characters by code point as they are met; NOT_ONE for those that become none or several."""

    def __missing__(self, code: int) -> str:
        normal = normal_character(chr(code))
        self[code] = normal if len(normal) == 1 else NOT_ONE
        return self[code]


NOT_ONE: Final = "\0"  # no normal form holds it
_ONE_FOR_ONE: Final = _OneForOne()


def _replace(
    pattern: re.Pattern[str], replacement: Callable[[re.Match[str]], str], text: str, offsets: Sequence[int]
) -> tuple[str, list[int]]:
    """Replace every match; the replacement's characters point at the first, middle and last character replaced."""
    parts, moved, done = [], [], 0
    for match in pattern.finditer(text):
        new = replacement(match)
        start, end = match.span()
        parts += [text[done:start], new]
        moved += [*offsets[done:start], *(_spread(offsets[start:end], len(new)))]
        done = end
    parts.append(text[done:])
    return "".join(parts), [*moved, *offsets[done:]]


def _spread(offsets: Sequence[int], length: int) -> list[int]:
    """`length` offsets that begin at the first and end at the last of those replaced."""
    if length == 0:
        return []
    last = len(offsets) - 1
    return [offsets[min(at, last)] for at in range(length - 1)] + [offsets[last]] if length > 1 else [offsets[0]]
