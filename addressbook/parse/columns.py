"""Structured columns → the same ParsedAddress as free text, so that both meet in one plan."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from addressbook.divisions import Gazetteer
from addressbook.model import ELEMENT_NAMES, Element, Level, ParsedAddress
from addressbook.normalise import normalise
from addressbook.parse.parser import REMEMBERED, Parser
from addressbook.parse.told import coded, given_division
from addressbook.parse.values import value_of

DIVISIONS = ("province", "city", "county", "town", "community")


def parsed_from_columns(
    columns: Mapping[str, str], gazetteer: Gazetteer, *, division: str | None = None
) -> ParsedAddress:
    """Columns named like elements (county, road, road_no, place, building …) as one parsed address.

    Columns with other names or without text are passed over; values are normalised as those from text are.
    `division` is where the row is taken to be when it names no division.
    """
    given = {name: text for name in ELEMENT_NAMES if name in columns and (text := columns[name].strip())}
    head = "".join(given.get(name, "") for name in DIVISIONS)
    code, level, community = _division(gazetteer, head, division)
    elements: list[Element] = []
    at = 0
    for name, text in given.items():
        value = community if name == "community" and community else _value(name, text)
        elements.append(Element(text, name, at, at + len(text), value))
        at += len(text)
    normal = "".join(_normal(text) for text in given.values())
    return ParsedAddress("".join(given.values()), normal, tuple(elements), code, level)


@lru_cache(maxsize=4)
def _reader(gazetteer: Gazetteer) -> Parser:
    return Parser(gazetteer, None)


# Columns of a list repeat themselves: a street in a thousand rows, a building number in all.
@lru_cache(maxsize=REMEMBERED)
def _division(gazetteer: Gazetteer, head: str, division: str | None) -> tuple[str | None, Level, str]:
    """The division that the names mean: its code and level, and its name where it is a community."""
    reader = _reader(gazetteer)
    codes = reader.codes_of(head, division) if head else ()
    code, level = coded(codes[0]) if codes else given_division(division)
    return code, level, reader.divisions.community_name(code) if level is Level.COMMUNITY and code else ""


@lru_cache(maxsize=REMEMBERED)
def _normal(text: str) -> str:
    return normalise(text).normal


@lru_cache(maxsize=REMEMBERED)
def _value(name: str, text: str) -> str:
    return value_of(name, _normal(text))
