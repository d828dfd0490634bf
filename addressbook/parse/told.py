"""What the kernel read, in the words of the model: repetitions settled, lists joined, values written one way."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from addressbook.model import Level, ParsedAddress
from addressbook.normalise import Normalised
from addressbook.parse.costs import LABEL, LABELS
from addressbook.parse.division_names import prefix_of
from addressbook.parse.pieces import Piece, elements_of, merged_lists, settled_repeats
from addressbook.parse.reading import AGAIN, ANEW
from addressbook.parse.states import AGAIN as AGAIN_CODE, ANEW as ANEW_CODE
from addressbook.parse.workspace import LONGEST_TEXT

LEVELS = {2: Level.PROVINCE, 4: Level.CITY, 6: Level.COUNTY, 9: Level.TOWN, 12: Level.COMMUNITY}
NAMES = {
    at + code: mark + name
    for code, mark in ((0, ""), (AGAIN_CODE, AGAIN), (ANEW_CODE, ANEW))
    for at, name in enumerate(LABELS)
}
TOWN, HIGHER = LABEL["town"], [LABEL[name] for name in ("province", "city", "county")]
LISTS = re.compile("[,、/~;]")
NOTHING_KNOWN: dict[int, str] = {}


class Reading(NamedTuple):
    """What was read of one text: its pieces, villages by the place they start, and the division; "" when none is told.

    `division` is None when the text names none, so that the context given may stand for it.
    """

    pieces: list[Piece]
    values: dict[int, str]
    division: str | None


def readings_of(result: tuple[Any, ...], community_name: Callable[[str], str]) -> list[Reading]:
    """The arrays of `kernel.read_all` as one reading a text."""
    unsettled = result[3] >= AGAIN_CODE
    unsettled[1:] |= (result[3][:-1] == TOWN) & np.isin(result[3][1:], HIGHER)
    behind: Any = np.searchsorted(result[0], np.flatnonzero(unsettled), side="right")
    again = set((behind - 1).tolist())
    first, starts, ends, labels, village, code, digits = (array.tolist() for array in result[:7])
    pieces = list(zip(starts, ends, [NAMES[label] for label in labels], strict=True))
    values = {at: community_name(f"{one:012d}") for at, one in enumerate(village) if one}
    found = []
    for text, (start, stop) in enumerate(pairwise(first)):
        known = {starts[at]: values[at] for at in range(start, stop) if at in values} if values else NOTHING_KNOWN
        own = pieces[start:stop]
        found.append(
            Reading(settled_repeats(own) if text in again else own, known, _division(code[text], digits[text]))
        )
    return found


@lru_cache(maxsize=100_000)
def _division(code: int, digits: int) -> str | None:
    """The prefix of that many digits; "" when they are negative, None without any."""
    return f"{code:012d}"[: max(0, digits)] if digits else None


def given_division(division: str | None) -> tuple[str | None, Level]:
    """The context given, as the division of a text that names none."""
    prefix = prefix_of(division) if division else ""
    return coded(prefix)


@lru_cache(maxsize=100_000)
def coded(prefix: str) -> tuple[str | None, Level]:
    """A prefix as a code of 12 digits with its level; None and NONE for an empty one."""
    return (prefix.ljust(12, "0"), LEVELS[len(prefix)]) if prefix else (None, Level.NONE)


def told(normalised: Normalised, reading: Reading, given: tuple[str | None, Level]) -> ParsedAddress:
    """The parsed address of a reading."""
    normal, pieces = normalised.normal, reading.pieces
    code, level = given if reading.division is None else coded(reading.division)
    if LISTS.search(normal):
        pieces = merged_lists(pieces, normal)
    if len(normal) > LONGEST_TEXT:
        pieces = [*pieces, (LONGEST_TEXT, len(normal), "other")]
    return ParsedAddress(normalised.received, normal, elements_of(normalised, pieces, reading.values), code, level)
