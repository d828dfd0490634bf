"""Invented names that never repeat: each kind of name walks through all combinations of its word lists once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, product
from math import gcd, prod

from loaders.sample.drawing import Draw
from loaders.sample.tables import words

CHINESE_DIGITS = "零一二三四五六七八九"


def combinations(lists: tuple[tuple[str, ...], ...], brands: tuple[str, ...], draw: Draw) -> Iterator[str]:
    """Every combination of one word of each list, scattered; then again behind each brand, each two brands … for ever.

    No name comes twice, and nothing is remembered but a counter: ten million addresses need no more memory than ten.
    The brands of a list are equally long, so that two of them never read like another three.
    """
    total = prod(len(choices) for choices in lists)
    step = _coprime(total, draw.between(total // 3, total - 1))
    start = draw.between(0, total - 1)
    for length in count():
        for prefix in product(brands, repeat=length):
            for turn in range(total):
                yield "".join(prefix) + _decoded((start + turn * step) % total, lists)


def _decoded(number: int, lists: tuple[tuple[str, ...], ...]) -> str:
    parts = []
    for choices in lists:
        number, at = divmod(number, len(choices))
        parts.append(choices[at])
    return "".join(parts)


def _coprime(total: int, wanted: int) -> int:
    return next(step for step in range(max(wanted, 1), 2 * total + 2) if gcd(step, total) == 1)


class Names:
    """The sources of invented names of one sample; two samples of one seed name alike."""

    def __init__(self, draw: Draw) -> None:
        def source(kind: str, *parts: str) -> Iterator[str]:
            lists = tuple(words(f"{kind}_{part}") for part in parts)
            return combinations(lists, words(f"{kind}_brand"), draw)

        self.estates = source("estate", "first", "second")
        self.aliases = source("alias", "first", "second")
        self.villages = source("village", "first", "second", "last")
        self.offices = source("office", "first", "second")
        self.works = source("works", "first", "second")
        self.places = source("place", "first", "second")
        self._stems = combinations((words("road_first"), words("road_second")), ("新", "老", "大"), draw)
        self._draw = draw

    def roads(self) -> list[str]:
        """One new road, or a pair that differs in one character: 市心北路 and 市心南路."""
        stem = next(self._stems)
        return [stem + form for form in self._draw.pick(words("road_forms")).split("|")]


def chinese_number(number: int) -> str:
    """三, 十二, 二十, 一百零五: a whole number from 1 to 999 as people write it on a form.

    >>> [chinese_number(n) for n in (3, 10, 12, 20, 45, 105, 110, 260)]
    ['三', '十', '十二', '二十', '四十五', '一百零五', '一百一十', '二百六十']
    """
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{CHINESE_DIGITS[hundreds]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else CHINESE_DIGITS[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (CHINESE_DIGITS[ones] if ones else "")
