"""Structured columns → the same ParsedAddress as free text, so that both meet in one plan."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from addressbook.divisions import Gazetteer
from addressbook.model import ELEMENT_NAMES, Element, ParsedAddress
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
    elements: list[Element] = []
    text = ""
    for name in ELEMENT_NAMES:
        received = (columns.get(name) or "").strip()
        if received:
            value = value_of(name, normalise(received).normal)
            elements.append(Element(received, name, len(text), len(text) + len(received), value))
            text += received
    head = "".join(e.text for e in elements if e.name in DIVISIONS)
    codes = _reader(gazetteer).codes_of(head, division) if head else ()
    code, level = division_of(codes, division)
    return ParsedAddress(text, normalise(text).normal, tuple(elements), code, level)


@lru_cache(maxsize=4)
def _reader(gazetteer: Gazetteer) -> Parser:
    return Parser(gazetteer, None)
