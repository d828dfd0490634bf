"""How a written name differs from a known one, in faults of the cost table; and the known names worth comparing.

Names are found by what is left when one character is left out, and by their sound; the work grows with the number of
distinct names, never with the number of rooms.
"""

from __future__ import annotations

import csv
from functools import cache
from typing import Final

from addressbook.match.characters import (
    HOMOPHONE,
    LOOK_ALIKE,
    NEAR_SOUND,
    OTHER,
    TELLING,
    difference,
    near_sound,
    telling,
)
from addressbook.resources import data_path

MISSING, EXTRA, DOUBLED, SWAPPED, SUFFIX = (
    "name_character_missing", "name_character_extra", "name_character_doubled", "name_characters_swapped",
    "name_suffix_missing",
)  # fmt: skip
SHORTEST: Final = 2
LONGEST: Final = 20
MOST_COMPARED: Final = 300
SLIPS: Final = frozenset({HOMOPHONE, LOOK_ALIKE, NEAR_SOUND})
DIRECTIONS: Final = frozenset("东西南北中")


def spelling_faults(written: str, known: str) -> tuple[str, ...] | None:
    """The faults that make `known` into `written`, at most two; None when they are different names.

    >>> spelling_faults("南岸明株", "南岸明珠"), spelling_faults("市心路", "市心北路")
    (('name_homophone',), ('name_part_differs',))
    >>> spelling_faults("岸南明珠", "南岸明珠"), spelling_faults("南岸花园", "南岸明珠")
    (('name_characters_swapped',), None)
    """
    surplus = len(written) - len(known)
    if surplus == 0:
        return _replaced(written, known)
    if surplus == 1:
        return _extra(written, known, DOUBLED, EXTRA)
    if surplus == -1:
        return _extra(known, written, MISSING, MISSING)
    return None


def _replaced(written: str, known: str) -> tuple[str, ...] | None:
    at = [n for n in range(len(known)) if written[n] != known[n]]
    if len(at) == 2 and at[1] == at[0] + 1 and written[at[0]] == known[at[1]] and written[at[1]] == known[at[0]]:
        return (SWAPPED,)
    if not at or len(at) > 2:
        return None
    faults = tuple(difference(written[n], known[n]) for n in at)
    return faults if len(at) == 1 or (len(known) > 3 and SLIPS.issuperset(faults)) else None


def _extra(longer: str, shorter: str, doubled: str, extra: str) -> tuple[str, ...] | None:
    """The one character that `longer` has more."""
    at = next((n for n in range(len(shorter)) if longer[n] != shorter[n]), len(shorter))
    if longer[at + 1 :] != shorter[at:]:
        return None
    if longer[at] in (longer[at - 1 : at], longer[at + 1 : at + 2]):
        return (doubled,)
    return (TELLING,) if longer[at] in telling() else (extra,)


@cache
def omitted_suffixes() -> dict[str, str]:
    """Suffixes that people leave out of names, with the kinds of address that have them."""
    with data_path("matching", "omitted_suffixes.csv").open(encoding="utf-8", newline="") as file:
        return {row["suffix"]: row["kinds"] for row in csv.DictReader(file)}


def without_suffix(name: str) -> str:
    """The name without a suffix that people leave out; "" when nothing that names would be left."""
    for length in (3, 2, 1):
        if name[-length:] in omitted_suffixes() and len(name) - length >= SHORTEST:
            return name[:-length]
    return ""


class Spellings:
    """The known names by what is left without one character, by sound, and without their suffix."""

    def __init__(self) -> None:
        self._near: dict[str, list[str]] = {}
        self._whole: dict[str, list[str]] = {}

    def add(self, name: str) -> None:
        """Make a name findable."""
        if not SHORTEST <= len(name) <= LONGEST:
            return
        stem = without_suffix(name)
        for form in (name, stem) if stem else (name,):
            self._whole.setdefault(form, []).append(name)
            for key in _keys(form):
                self._near.setdefault(key, []).append(form)

    def around(self, written: str) -> dict[str, tuple[str, ...]]:
        """The known names that differ from `written` by known faults, with the faults; without any it is the name."""
        if not SHORTEST <= len(written) <= LONGEST:
            return {}
        found: dict[str, tuple[str, ...]] = {}
        for form in self._candidates(written):
            faults = () if form == written else spelling_faults(written, form)
            if faults is None:
                continue
            for name in self._whole[form]:
                told = faults if name == form else (*faults, SUFFIX)
                if name not in found or len(told) < len(found[name]):
                    found[name] = told
        return found

    def _candidates(self, written: str) -> list[str]:
        known = self._near
        forms = [written] if written in self._whole else []
        for key in _keys(written):
            sharing = known.get(key)
            if sharing is not None:
                forms += sharing
        return list(dict.fromkeys(forms))[:MOST_COMPARED] if len(forms) > 1 else forms


def _keys(form: str) -> list[str]:
    """What two forms share when they differ in one character; and their sound, spelt so that no name equals it."""
    omitted = [form[:at] + form[at + 1 :] for at in range(len(form))]
    return [form, *omitted, " ".join([_sound(character) for character in form])]


def _sound(character: str) -> str:
    sound = _SOUNDS.get(character)
    if sound is None:
        sound = _SOUNDS[character] = near_sound(character)
    return sound


_SOUNDS: Final[dict[str, str]] = {}
"""The sounds of the characters met: there are no more than characters."""


__all__ = ["OTHER", "Spellings", "omitted_suffixes", "spelling_faults", "without_suffix"]
