"""Names as they are typed in Latin letters: pinyin without tones, and initials."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Final

LONGEST_PHRASE: Final = 4
Syllables = tuple[str, ...]
"""One a character; a letter or digit is its own, in lower case."""


def readings(name: str) -> list[Syllables]:
    """The ways a name is spelt in pinyin: with the commonest reading of each character, and as its words are read.

    >>> readings("南岸明珠"), readings("重庆路")
    ([('nan', 'an', 'ming', 'zhu')], [('chong', 'qing', 'lu'), ('zhong', 'qing', 'lu')])
    """
    plain = tuple([_common(character) for character in name])
    read = _as_words(name, plain)
    return [plain] if read == plain else [read, plain]


def initials(syllables: Syllables) -> str:
    """The first letter of each syllable.

    >>> initials(("nan", "an", "ming", "zhu"))
    'namz'
    """
    return "".join([syllable[0] for syllable in syllables])


def _as_words(name: str, plain: Syllables) -> Syllables:
    """With the readings that words give their characters: 重庆 is chong qing, 重 alone is zhong."""
    told, phrases, at = list(plain), _phrases(), 0
    while at < len(name):
        longest = min(LONGEST_PHRASE, len(name) - at)
        length = next((n for n in range(longest, 1, -1) if name[at : at + n] in phrases), 1)
        if length > 1:
            told[at : at + length] = _spelt(phrases[name[at : at + length]])
        at += length
    return tuple(told)


@cache
def _common(character: str) -> str:
    first: str = _characters().get(ord(character), "").split(",")[0]
    return _toneless(first) if first else character.lower()


def _spelt(phrase: Sequence[Sequence[str]]) -> list[str]:
    return [_toneless(syllable[0]) for syllable in phrase]


@cache
def _toneless(reading: str) -> str:
    """As it is typed: without tone, ü as v."""
    letters = unicodedata.normalize("NFD", reading.replace("ü", "v"))
    bare = "".join([c for c in letters if not unicodedata.combining(c)])
    return bare if "\u0308" not in letters else bare.replace("u", "v")


# Imported at the first name: most commands need neither table.
@cache
def _characters() -> dict[int, str]:
    from pypinyin.constants import PINYIN_DICT

    table: dict[int, str] = PINYIN_DICT
    return table


@cache
def _phrases() -> dict[str, list[list[str]]]:
    from pypinyin.constants import PHRASES_DICT

    table: dict[str, list[list[str]]] = PHRASES_DICT
    return table
