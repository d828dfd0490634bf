"""How alike two names are: the same but for a suffix, one inside the other, sounding the same, or spelt nearly so."""

from __future__ import annotations

from enum import StrEnum
from functools import cache, lru_cache

from rapidfuzz.distance import LCSseq

from addressbook.parse.knowledge import knowledge

SHORTEST_STEM = 2
REMEMBERED = 100_000
SIMILAR_SHARE = 0.6
LONGEST_BLOCK = 8


class Alike(StrEnum):
    """What two names have in common, the closest first."""

    AGREES = "agrees"
    CONTAINED = "contained"
    EXTENDED = "extended"
    SOUNDS = "sounds"
    SIMILAR = "similar"
    DIFFERS = "differs"


ORDER = tuple(Alike)
NEAR = frozenset({Alike.AGREES, Alike.CONTAINED, Alike.EXTENDED, Alike.SOUNDS})
"""Near enough to be taken for the same name."""


@lru_cache(maxsize=REMEMBERED)
def alike(first: str, second: str) -> Alike:
    """How alike two normal names are.

    >>> str(alike("南岸明珠小区", "南岸明珠")), str(alike("中海凤凰熙岸", "凤凰熙岸"))
    ('agrees', 'contained')
    >>> str(alike("香槟国际", "香槟国际售楼处"))
    'extended'
    >>> str(alike("名珠苑", "明珠苑")), str(alike("阳光花园", "阳光大厦"))
    ('sounds', 'differs')
    """
    if first == second or (stem(first) == stem(second) and stem(first) in (first, second)):
        return Alike.AGREES
    if first.startswith(second) or second.startswith(first):
        return Alike.EXTENDED
    if first in second or second in first or (stem(first) != stem(second) and _inside(first, second)):
        return Alike.CONTAINED
    if len(first) == len(second) and sound(first) == sound(second):
        return Alike.SOUNDS
    shared = LCSseq.similarity(first, second)
    return Alike.SIMILAR if 2 * shared >= SIMILAR_SHARE * (len(first) + len(second)) else Alike.DIFFERS


@lru_cache(maxsize=REMEMBERED)
def stem(name: str) -> str:
    """The name without the word for what it is; a stem of one character is none.

    >>> stem("南岸明珠小区"), stem("宁围镇"), stem("南苑")
    ('南岸明珠', '宁围', '南苑')
    """
    for length in range(min(knowledge().longest_suffix, len(name) - SHORTEST_STEM), 0, -1):
        if name[-length:] in knowledge().suffixes:
            return name[:-length]
    return name


def sound(name: str) -> tuple[str, ...]:
    """The syllables of a name, near-homophones made one (zh = z, ng = n): what people hear when they write.

    >>> sound("宁围") == sound("宁微")
    True
    """
    return tuple(_syllable(character) for character in name)


@cache
def _syllable(character: str) -> str:
    # Imported here: its dictionaries take a tenth of a second that most commands need not pay.
    from pypinyin import lazy_pinyin

    said = lazy_pinyin(character)[0]
    head = said[0] + said[2:] if said[:2] in ("zh", "ch", "sh") else said
    return head.removesuffix("g") if head.endswith("ng") else head


def _inside(first: str, second: str) -> bool:
    """The stem of one is in the other; two names with one stem and different words behind it are two."""
    return any(len(stem(a)) > SHORTEST_STEM and stem(a) in b for a, b in ((first, second), (second, first)))


def covered(text: str, other: str) -> float:
    """The share of `text` that stands in `other` in blocks of at least two characters, 0 for an empty text.

    >>> covered("凤凰熙岸2区", "中海凤凰熙岸")
    0.6666666666666666
    """
    if not text:
        return 0.0
    found = at = 0
    while at < len(text):
        longest = range(min(LONGEST_BLOCK, len(text) - at), 1, -1)
        length = next((n for n in longest if text[at : at + n] in other), 0)
        found += length
        at += max(1, length)
    return found / len(text)


__all__ = ["NEAR", "ORDER", "Alike", "alike", "covered", "sound", "stem"]
