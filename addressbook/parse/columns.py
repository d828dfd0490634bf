"""Structured columns → the same ParsedAddress as free text, so that both meet in one plan."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from addressbook.divisions import Gazetteer
from addressbook.model import ELEMENT_NAMES, Element, Level, ParsedAddress
from addressbook.normalise import normalise
from addressbook.parse.parser import Parser, division_of
from addressbook.parse.values import value_of

DIVISIONS = ("province", "city", "county", "town", "community")


def parsed_from_columns(
    columns: Mapping[str, str], gazetteer: Gazetteer, *, division: str | None = None
) -> ParsedAddress:
    """Columns named like elements (county, road, road_no, place, building …) as one parsed address.

    Columns with other names or without text are passed over; values are normalised as those from text are.
    `division` is where the row is taken to be when it names no division.
    """
    given = {name: text for name in ELEMENT_NAMES if (text := (columns.get(name) or "").strip())}
    reader = _reader(gazetteer)
    head = "".join(given.get(name, "") for name in DIVISIONS)
    code, level = division_of(reader.codes_of(head, division) if head else (), division)
    elements: list[Element] = []
    at = 0
    for name, text in given.items():
        value = value_of(name, normalise(text).normal)
        if name == "community" and level is Level.COMMUNITY and code:
            value = reader.divisions.community_name(code)
        elements.append(Element(text, name, at, at + len(text), value))
        at += len(text)
    received = "".join(given.values())
    return ParsedAddress(received, normalise(received).normal, tuple(elements), code, level)


@lru_cache(maxsize=4)
def _reader(gazetteer: Gazetteer) -> Parser:
    return Parser(gazetteer, None)
