"""What the words of a house record come to: whether it is a home, and who has it. See data/quality/house_words.csv."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from enum import StrEnum
from functools import cache

from addressbook.resources import data_path
from addressbook.store.reading import Row

HOME = "home"
MIXED = "mixed"
"""The tenure of a room whose house records say different things."""


class Tenure(StrEnum):
    """Who has a house, as its record says."""

    OWNER_OCCUPIED = "owner_occupied"
    RENTED = "rented"
    LENT = "lent"
    LIVED_IN = "lived_in"
    BUSINESS = "business"
    VACANT = "vacant"


LIVED_IN = frozenset({Tenure.OWNER_OCCUPIED, Tenure.RENTED, Tenure.LENT, Tenure.LIVED_IN})
"""Tenures of a house in which somebody lives."""


def is_home(house: Row) -> bool:
    """Whether a house record says that it is for living in."""
    return _meanings().get(("use", _word(house, "use"))) == HOME


def tenure_of(house: Row) -> Tenure | None:
    """Who has it, None where the record says nothing that is known.

    >>> tenure_of({"occupancy": "已出租"}), tenure_of({"occupancy": "未出租"})
    (<Tenure.RENTED: 'rented'>, None)
    """
    found = _meanings().get(("occupancy", _word(house, "occupancy")))
    return Tenure(found) if found else None


def tenure_among(houses: Iterable[Row]) -> str | None:
    """What those of the records say that say anything; MIXED where they differ."""
    found = {tenure.value for house in houses if (tenure := tenure_of(house))}
    return MIXED if len(found) > 1 else next(iter(found), None)


def _word(house: Row, column: str) -> str:
    return str(house.get(column) or "").strip().lower()


@cache
def _meanings() -> dict[tuple[str, str], str]:
    with data_path("quality", "house_words.csv").open(encoding="utf-8", newline="") as file:
        return {(row["column"], row["word"]): row["meaning"] for row in csv.DictReader(file)}
