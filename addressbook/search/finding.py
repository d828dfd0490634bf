"""How what is typed leads to names: as it stands, by its sound, by initials, with one slip; the surest way first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Final

from rapidfuzz.distance import OSA

from addressbook.match.characters import TELLING
from addressbook.match.spelling import spelling_faults, without_suffix
from addressbook.search.shelf import Shelf
from addressbook.search.sounds import initials, readings

MOST_COMPARED: Final = 200
SHORTEST_WITH_SLIP, SHORTEST_SPELT_WITH_SLIP = 3, 5
Look = Callable[[str, int], list[str]]


class How(StrEnum):
    """How a suggestion was found, the surest first."""

    CODE = "code"
    NEAREST = "nearest"
    CONTAINS = "contains"
    EXACT = "exact"
    CANDIDATE = "candidate"
    RETIRED = "retired"
    NUMBER = "number"
    BELOW = "below"
    PREFIX = "prefix"
    PINYIN = "pinyin"
    INITIALS = "initials"
    PART = "part"
    PARTIAL = "partial"
    SOUND = "sound"
    TYPO = "typo"
    TEXT = "text"

    @property
    def rank(self) -> int:
        """Its place in the order."""
        return _RANKS[self]


_RANKS: Final = {how: place for place, how in enumerate(How)}


def found(shelf: Shelf, typed: str, most: int, *, slips: bool = False) -> Iterator[tuple[How, str]]:
    """Names on a shelf, each with the surest way to it: those that hold all of `typed`, or those with a slip.

    `typed` is a normal name. After `most` names no less sure way is tried.
    """
    seen: set[str] = set()
    for how, way in _WAYS[is_latin(typed), slips]:
        if len(seen) >= most:
            return
        for name in way(shelf, typed, most):
            if name not in seen:
                seen.add(name)
                yield (How.EXACT if name == typed else how), name


def is_latin(text: str) -> bool:
    """Whether a text may be pinyin or initials."""
    return text.isascii() and text.isalpha()


def _starting(shelf: Shelf, typed: str, most: int) -> list[str]:
    return shelf.starting(typed, most)


def _holding(shelf: Shelf, typed: str, most: int) -> list[str]:
    return shelf.holding(typed, most) if len(typed) > 1 else []


def _without_its_suffix(shelf: Shelf, typed: str, _most: int) -> list[str]:
    """南岸明珠小区 is called 南岸明珠; what only begins alike is another name."""
    stem = without_suffix(typed)
    return [name for name in shelf.starting(stem, MOST_COMPARED) if name == stem] if stem else []


def _sounding_alike(shelf: Shelf, typed: str, most: int) -> list[str]:
    return shelf.sounding("".join(readings(typed)[0]), most) if len(typed) > 1 else []


def _with_a_slip(shelf: Shelf, typed: str, most: int) -> list[str]:
    if len(typed) < SHORTEST_WITH_SLIP:
        return []
    near = _half_right(shelf.starting, shelf.holding, typed)
    return [name for name in dict.fromkeys(near) if _one_slip(typed, name)][:most]


def _half_right(starting: Look, holding: Look, typed: str) -> list[str]:
    """One half is right wherever the slip is, but where two neighbours are swapped across the middle.

    Those are swapped back, and so are those of the first half where more names hold the second than are compared.
    """
    half = len(typed) // 2
    held = holding(typed[half:], MOST_COMPARED)
    near = [*starting(typed[:half], MOST_COMPARED), *held]
    for cut in range(1 if len(held) == MOST_COMPARED else half, half + 1):
        near += starting(_swapped(typed, cut), MOST_COMPARED)
    return near


def _swapped(text: str, cut: int) -> str:
    """With the characters on both sides of a cut in each other's place."""
    return text[: cut - 1] + text[cut] + text[cut - 1] + text[cut + 1 :]


def _one_slip(typed: str, name: str) -> bool:
    """Whether the name begins with what is typed but for one fault; 南 for 北 is no fault but another name."""
    for length in range(len(typed) - 1, len(typed) + 2):
        faults = spelling_faults(typed, name[:length]) if length <= len(name) else None
        if faults is not None and len(faults) == 1 and TELLING not in faults:
            return True
    return False


def _sounding(shelf: Shelf, typed: str, most: int) -> list[str]:
    return shelf.sounding(typed.lower(), most)


def _with_initials(shelf: Shelf, typed: str, most: int) -> list[str]:
    return shelf.with_initials(typed.lower(), most)


def _sounding_within(shelf: Shelf, typed: str, most: int) -> list[str]:
    """From the beginning of a syllable on: 明珠 is mingzhu, and so no name that holds "gming"."""
    if len(typed) < SHORTEST_WITH_SLIP:
        return []
    letters = typed.lower()
    return [name for name in shelf.sounding_within(letters, most) if _from_a_syllable(letters, name)]


def _from_a_syllable(letters: str, name: str) -> bool:
    return any(
        "".join(syllables[at:]).startswith(letters) or initials(syllables[at:]).startswith(letters)
        for syllables in readings(name)
        for at in range(len(syllables))
    )


def _spelt_with_a_slip(shelf: Shelf, typed: str, most: int) -> list[str]:
    if len(typed) < SHORTEST_SPELT_WITH_SLIP:
        return []
    letters = typed.lower()
    near = _half_right(shelf.sounding, shelf.sounding_within, letters)
    return [name for name in dict.fromkeys(near) if _one_letter_off(letters, name)][:most]


def _one_letter_off(letters: str, name: str) -> bool:
    return any(
        OSA.distance(letters, "".join(syllables)[:length], score_cutoff=1) <= 1
        for syllables in readings(name)
        for length in range(len(letters) - 1, len(letters) + 2)
    )


Way = Callable[[Shelf, str, int], list[str]]
_WAYS: Final[dict[tuple[bool, bool], tuple[tuple[How, Way], ...]]] = {
    (False, False): ((How.PREFIX, _starting), (How.PREFIX, _without_its_suffix), (How.PART, _holding)),
    (False, True): ((How.SOUND, _sounding_alike), (How.TYPO, _with_a_slip)),
    (True, False): (
        (How.PREFIX, _starting), (How.PINYIN, _sounding), (How.INITIALS, _with_initials), (How.PART, _holding),
        (How.PART, _sounding_within),
    ),
    (True, True): ((How.TYPO, _spelt_with_a_slip),),
}  # fmt: skip
"""By whether it is Latin, and whether slips are wanted."""
