"""Invented persons: names, dates of birth, identity numbers and telephone numbers that can belong to nobody."""

from __future__ import annotations

from datetime import date
from operator import mul
from typing import NamedTuple

from loaders.sample.drawing import Draw
from loaders.sample.tables import words

UNASSIGNED_REGION = "99"
UNASSIGNED_TELEPHONE = "100"
MARK = "虚构人物"
_FIRST_TELEPHONE = int(UNASSIGNED_TELEPHONE) * 100_000_000
_WEIGHTS = tuple(2**power % 11 for power in range(17, 0, -1))
_CHECKS = "10X98765432"
_REGIONS, _SEQUENCES = 10_000, 500
_BORN_FROM, _DAYS = date(1935, 1, 1).toordinal(), 32_000
_CYCLES = 8
"""Days of birth are dealt to eight cycles of five million persons, so that no number repeats before forty million."""


class Person(NamedTuple):
    """An invented person; `identity_number` passes GB 11643, its region 99xxxx is assigned to no place."""

    name: str
    sex: str
    born: date
    identity_number: str
    telephone: str


def check_character(body: str) -> str:
    """The last character of an identity number whose first 17 digits are `body` (GB 11643-1999, ISO 7064 MOD 11-2).

    >>> check_character("11010519491231002")
    'X'
    """
    return _CHECKS[sum(map(mul, map(int, body), _WEIGHTS)) % 11]


def is_valid_identity_number(number: str) -> bool:
    """Whether a number has 18 characters, a date that exists and the right check character."""
    if len(number) != 18 or not number[:17].isdigit():
        return False
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return check_character(number[:17]) == number[17]


def invent_person(serial: int, draw: Draw) -> Person:
    """The person with a serial number: no two serials below forty million share an identity number."""
    cycle, place = divmod(serial, _REGIONS * _SEQUENCES)
    sequence, region = divmod(place, _REGIONS)
    female = draw.random() < 0.5
    day = int(draw.random() * (_DAYS // _CYCLES)) * _CYCLES + cycle % _CYCLES
    born = date.fromordinal(_BORN_FROM + day)
    body = f"{UNASSIGNED_REGION}{region:04d}{born.year}{born.month:02d}{born.day:02d}{sequence * 2 + (not female):03d}"
    telephone = str(_FIRST_TELEPHONE + int(draw.random() * 100_000_000))
    return Person(invent_name(draw), "女" if female else "男", born, body + check_character(body), telephone)


def invent_name(draw: Draw) -> str:
    """A surname and one or two characters."""
    given = words("given_characters")
    second = draw.pick(given) if draw.random() < 0.7 else ""
    return draw.pick(words("surnames")) + draw.pick(given) + second
