"""How two characters are alike: by sound (pinyin without tones), nearly by sound, or by shape.

The tables are data/matching/near_sounds.csv, look_alikes.csv and telling_characters.csv.
"""

from __future__ import annotations

import csv
from functools import cache

from addressbook.resources import data_path

HOMOPHONE, NEAR_SOUND, LOOK_ALIKE, OTHER, TELLING = (
    "name_homophone", "name_near_sound", "name_look_alike", "name_character_other", "name_part_differs",
)  # fmt: skip


@cache
def telling() -> frozenset[str]:
    """Characters whose difference is never a slip: directions, positions, numbers, letters, words of parts."""
    return frozenset("".join(row["characters"] for row in _rows("telling_characters.csv")))


@cache
def difference(written: str, known: str) -> str:
    """The fault of writing one character for another.

    >>> difference("株", "珠"), difference("林", "宁"), difference("末", "未"), difference("西", "东")
    ('name_homophone', 'name_near_sound', 'name_look_alike', 'name_part_differs')
    """
    if written in telling() and known in telling():
        return TELLING
    if sounds(written) & sounds(known):
        return HOMOPHONE
    if known in _look_alikes().get(written, ""):
        return LOOK_ALIKE
    if near_sound(written) == near_sound(known):
        return NEAR_SOUND
    return OTHER


@cache
def sounds(character: str) -> frozenset[str]:
    """All readings of a character without tones; the character itself when it has none."""
    return frozenset([_spelt(reading, "NORMAL") for reading in _readings(character)]) or frozenset(character)


@cache
def near_sound(character: str) -> str:
    """The commonest reading, with sounds that many speakers do not tell apart made one."""
    readings = _readings(character)
    if not readings:
        return character
    initial, final = _spelt(readings[0], "INITIALS"), _spelt(readings[0], "FINALS")
    like = _near_sounds()
    return (like.get(("initial", initial), initial) + like.get(("final", final), final)) or character


def _readings(character: str) -> list[str]:
    """With tones, the commonest first. Straight from the table of single characters: pypinyin splits texts first."""
    readings: str = _table().get(ord(character), "")
    return readings.split(",") if readings else []


# Imported at the first character that differs: the package reads dictionaries of phrases that most commands never need.
@cache
def _table() -> dict[int, str]:
    from pypinyin.constants import PINYIN_DICT

    table: dict[int, str] = PINYIN_DICT
    return table


@cache
def _spelt(reading: str, style: str) -> str:
    from pypinyin import Style
    from pypinyin.style import convert

    return str(convert(reading, getattr(Style, style), strict=True))


@cache
def _near_sounds() -> dict[tuple[str, str], str]:
    return {(row["part"], row["sound"]): row["like"] for row in _rows("near_sounds.csv")}


@cache
def _look_alikes() -> dict[str, str]:
    alike: dict[str, str] = {}
    for row in _rows("look_alikes.csv"):
        for character in row["characters"]:
            alike[character] = alike.get(character, "") + row["characters"]
    return alike


def _rows(name: str) -> list[dict[str, str]]:
    with data_path("matching", name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
