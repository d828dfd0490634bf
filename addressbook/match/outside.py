"""Texts of Taiwan, Hong Kong and Macau, whose divisions the gazetteer lacks: their streets are no namesakes of here."""

from __future__ import annotations

import csv
import re
from functools import cache
from typing import Final

from addressbook.resources import data_path

FIRST: Final = frozenset("台香澳中新桃高基嘉苗彰南云屏宜花澎")
"""What such a text may begin with: nearly all texts begin otherwise."""


@cache
def _beginnings() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """data/matching/outside.csv: how texts of a place begin. 香港路, 台湾路 and 桃园市场 are of here."""
    with data_path("matching", "outside.csv").open(encoding="utf-8", newline="") as file:
        return tuple((row["of"], re.compile(row["beginning"])) for row in csv.DictReader(file))


def outside(normal: str) -> str:
    """The place outside of the gazetteer whose address a normalised text is; "" when it is none."""
    if normal[:1] not in FIRST:
        return ""
    return next((place for place, beginning in _beginnings() if beginning.match(normal)), "")
