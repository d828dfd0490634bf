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
    at: list[int] = []
    for n in range(len(known)):
        if ord(written[n]) != ord(known[n]):  # numbers, because a character by itself is a text that has to be made
            if len(at) == 2:
                return None
            at.append(n)
    if not at:
        return None
    if len(at) == 2 and at[1] == at[0] + 1 and written[at[0]] == known[at[1]] and written[at[1]] == known[at[0]]:
        return (SWAPPED,)
    faults = tuple([difference(written[n], known[n]) for n in at])
    return faults if len(at) == 1 or (len(known) > 3 and SLIPS.issuperset(faults)) else None


def _extra(longer: str, shorter: str, doubled: str, extra: str) -> tuple[str, ...] | None:
    """The one character that `longer` has more."""
    at = 0
    while at < len(shorter) and ord(longer[at]) == ord(shorter[at]):
        at += 1
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
        # A tuple of one lies in one place of memory, a list in two, and most keys have one form.
        self._near: dict[str, tuple[str, ...]] = {}
        self._whole: dict[str, tuple[str, ...]] = {}

    def add(self, name: str) -> None:
        """Make a name findable."""
        if not SHORTEST <= len(name) <= LONGEST:
            return
        stem = without_suffix(name)
        for form in (name, stem) if stem else (name,):
            self._whole[form] = (*self._whole.get(form, ()), name)
            for key in _keys(form):
                self._near[key] = (*self._near.get(key, ()), form)

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
    keys = [form]
    keys += [form[:at] + form[at + 1 :] for at in range(len(form))]
    keys.append(" " + form.translate(_SOUNDS))  # no name holds a space
    return keys


class _Sounds(dict[int, str]):
    """A character of its own for the sound of each character met, by code point: there are no more than characters."""

    def __init__(self) -> None:
        super().__init__()
        self._signs: dict[str, str] = {}

    def __missing__(self, code: int) -> str:
        sound = near_sound(chr(code))
        self[code] = sign = self._signs.setdefault(sound, chr(PRIVATE + len(self._signs)))
        return sign


PRIVATE: Final = 0xF0000
_SOUNDS: Final = _Sounds()


__all__ = ["OTHER", "Spellings", "omitted_suffixes", "spelling_faults", "without_suffix"]
