"""How the name of an enterprise is typed in Latin letters: from its beginning, and from the firm's own name on.

杭州萧山某某食品有限公司 is looked for as 某某食品: `own` is the name without the divisions in front of it, and those in
brackets.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache
from typing import Final, NamedTuple

from addressbook.divisions import Gazetteer
from addressbook.divisions.codes import significant
from addressbook.model import Level
from addressbook.search.sounds import initials, readings

MOST_LETTERS: Final = 200
"""Of a spelling that is kept: nobody types more, and an index cannot hold much more."""
SHORTEST_OWN: Final = 2
LONGEST_DIVISION: Final = 12
_LEVELS: Final = (Level.PROVINCE, Level.CITY, Level.COUNTY)
_IN_BRACKETS: Final = re.compile(r"[（(]([^（()）]*)[)）]")


class FirmSounds(NamedTuple):
    """Pinyin without tones and initials, of the whole name and of the firm's own; None where the two are one."""

    spelt: str
    initials: str
    own_spelt: str | None
    own_initials: str | None


def firm_sounds(name: str, gazetteer: Gazetteer) -> FirmSounds:
    """How a name is typed.

    >>> firm_sounds("杭州萧山明珠食品有限公司", Gazetteer.shipped())[1:]
    ('hzxsmzspyxgs', 'mingzhushipinyouxiangongsi', 'mzspyxgs')
    """
    whole, own = _sounds(name), _sounds(own_name(name, gazetteer))
    return FirmSounds(*whole, *(own if own != whole else (None, None)))


def own_name(name: str, gazetteer: Gazetteer) -> str:
    """The name without divisions in front, each in the one before, and in brackets.

    Of a firm that is itself called like a division a part is left: it is found by its whole name too.

    >>> own_name("明珠（杭州）食品有限公司", Gazetteer.shipped()), own_name("杭州市萧山重庆小面馆", Gazetteer.shipped())
    ('明珠食品有限公司', '重庆小面馆')
    """
    divisions = _divisions_named(gazetteer)
    rest = _IN_BRACKETS.sub(lambda found: "" if found[1] in divisions else found[0], name)
    within: tuple[str, ...] = ("",)
    while True:
        longest = min(LONGEST_DIVISION, len(rest) - SHORTEST_OWN)
        lengths = (n for n in range(longest, 1, -1) if _inside(divisions.get(rest[:n], ()), within))
        length = next(lengths, 0)
        if not length:
            return rest
        within, rest = _inside(divisions[rest[:length]], within), rest[length:]


def typed_letters(typed: str) -> str:
    """What is typed as spellings are kept, "" where it is none: Latin letters, digits among them."""
    return typed.lower() if typed.isascii() and typed.isalnum() and not typed.isdigit() and len(typed) > 1 else ""


def _sounds(name: str) -> tuple[str, str]:
    syllables = readings("".join(filter(str.isalnum, name)))[0]
    return "".join(syllables)[:MOST_LETTERS], initials(syllables)[:MOST_LETTERS]


def _inside(codes: tuple[str, ...], within: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the codes that lie in one of others, and are none of them."""
    return tuple(code for code in codes if code.startswith(within) and code not in within)


@lru_cache(maxsize=2)
def _divisions_named(gazetteer: Gazetteer) -> dict[str, tuple[str, ...]]:
    """Names of provinces, cities and counties, short and former ones too, with the leading digits of who has them."""
    named: defaultdict[str, list[str]] = defaultdict(list)
    for entry in gazetteer.name_set(_LEVELS):
        named[entry.name].append(significant(entry.code))
    return {name: tuple(codes) for name, codes in named.items()}
