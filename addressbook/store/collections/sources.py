"""Where the items of each collection come from: columns by property, key, and what narrows them before all else.

An element is read by its key and joined to one open link: the first of those that the whole question holds for, one
that reaches an address before one that does not. What narrows links (bounds, area, address, box) is asked of links and
of keys: so few elements are found through the links, and all of them in the order of their keys.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Date,
    FromClause,
    Text,
    and_,
    case,
    cast,
    func,
    literal_column,
    select,
    true,
    tuple_,
)

from addressbook.collections.asked import ItemsQuery
from addressbook.collections.conditions import Compared, Condition, Given, Named, conjuncts
from addressbook.collections.declared import ADDRESSES, GEOMETRY
from addressbook.masking import MASK
from addressbook.model import ElementKind
from addressbook.store.collections.conditions import Columns, Truth, expression_of, inside, intersects
from addressbook.store.collections.in_use import ever_below, period_in_use, standing
from addressbook.store.collections.links import SHOWN, chosen_link, found_by_links, narrowed
from addressbook.store.tables import ADDRESS, AREA, DIVISION, ENTERPRISE, EVENT, HOUSE, LINK, PERSON, THING
from addressbook.store.tables.addresses import NUMBERING, WORDED

_TABLES = {
    ElementKind.PERSON: PERSON, ElementKind.HOUSE: HOUSE, ElementKind.ENTERPRISE: ENTERPRISE, ElementKind.EVENT: EVENT,
    ElementKind.THING: THING,
}  # fmt: skip
UNDATED = "0001-01-01"


@dataclass(frozen=True, slots=True)
class Source:
    """What to select from: columns by property, the columns of the key in their order, and conditions that hold."""

    table: FromClause
    columns: Columns
    key: tuple[ColumnElement[Any], ...]
    where: tuple[Truth, ...]


def source_of(query: ItemsQuery) -> Source:
    """The source of a collection's items, narrowed as the query asks."""
    if query.collection.kind is not None:
        return _elements(query, query.collection.kind)
    return _addresses(query) if query.collection is ADDRESSES else _divisions(query)


def _addresses(query: ItemsQuery) -> Source:
    columns: dict[str, ColumnElement[Any]] = {found.name: ADDRESS.c[found.name] for found in ADDRESSES.properties}
    columns |= {**period_in_use(), GEOMETRY: ADDRESS.c.geom}
    where = standing(query)
    if query.period and query.below:
        where.append(ever_below(query.below))
        query = replace(query, below=None)
    where += narrowed(query, ADDRESS)
    where += [_worded(one) for one in conjuncts(query.condition) if _asks_for_a_word(one)]
    return Source(ADDRESS, columns, (ADDRESS.c.division_code, ADDRESS.c.aid), tuple(where))


_NAMED = ADDRESS.alias("named")
_HAS_WORDS: Truth = literal_column(f"named.{WORDED}", Boolean)
"""The condition of the index of such names, word for word, or the planner would not know it again."""
_OF_NUMBERS = re.compile(f"[{NUMBERING}%_]*")


def _asks_for_a_word(condition: Condition) -> bool:
    """Whether it holds only of names with a character that no number is written in: 明珠, and not 3幢."""
    match condition:
        case Compared("like", Named(what, folded=False), Given(str(pattern), folded=False)):
            return what.name == "name" and not _OF_NUMBERS.fullmatch(pattern.replace("\\", ""))
    return False


def _worded(condition: Condition) -> Truth:
    """Which addresses hold, told from the index of such names alone: no other row is looked at."""
    found = select(_NAMED.c.site_id, _NAMED.c.aid).where(_HAS_WORDS, expression_of(condition, {"name": _NAMED.c.name}))
    return tuple_(ADDRESS.c.site_id, ADDRESS.c.aid).in_(found)


def _divisions(query: ItemsQuery) -> Source:
    c = DIVISION.c
    columns: dict[str, ColumnElement[Any]] = {
        name: c[name] for name in ("code", "name", "level", "parent_code", "valid_to")
    }
    columns |= {"valid_from": func.nullif(c.valid_from, cast(UNDATED, Date), type_=Date), GEOMETRY: AREA.c.geom}
    where: list[Truth] = [c.until_event.is_(None), c.valid_to.is_(None)]
    if query.divisions:
        where.append(inside(c.code, *query.divisions))
    where += [intersects(AREA.c.geom, drawn) for drawn in (query.bbox, query.outline) if drawn]
    joined = DIVISION.outerjoin(AREA, AREA.c.code == c.code)
    return Source(joined, columns, (c.code,), tuple(where))


def _elements(query: ItemsQuery, kind: ElementKind) -> Source:
    table = _TABLES[kind]
    own, sought = _own(kind), found_by_links(query, kind, table.c.element_key)
    link = chosen_link(query, kind, own).where(LINK.c.element_key == table.c.element_key).lateral("placed")
    columns = {**own, **{name: link.c[column.name] for name, column in SHOWN.items()}}
    where = () if sought is None else (sought,)
    joined = table.join(link, true())
    return Source(joined, columns, (table.c.element_key,), where)


def _told_of_persons(c: Any) -> dict[str, ColumnElement[Any]]:
    """Sex and birth, shown and asked for: of who is restricted (three stars, store/subjects.py) nothing."""
    restricted = and_(c.name_masked == MASK, c.identity_masked == MASK, c.phone_masked == MASK)
    return {
        "sex": case((restricted, ""), else_=c.sex),
        "birth_year": case((restricted, None), else_=c.birth_year),
    }


def _own(kind: ElementKind) -> dict[str, ColumnElement[Any]]:
    """An element's own properties. Of persons the masked columns, and never the others."""
    c = _TABLES[kind].c
    found: dict[str, ColumnElement[Any]] = {"element_key": cast(c.element_key, Text), "category": c.category}
    if kind is ElementKind.PERSON:
        masked = {name: c[f"{name}_masked"] for name in ("name", "identity", "phone")}
        return {**found, **masked, **_told_of_persons(c)}
    if kind is ElementKind.THING:
        found |= {"lon": func.ST_X(c.geom), "lat": func.ST_Y(c.geom)}
    names = {
        ElementKind.ENTERPRISE: ("name", "uscc", "status", "established_on"),
        ElementKind.HOUSE: ("source_key", "use", "floor_area_m2", "built_year", "occupancy", "monthly_rent_yuan"),
        ElementKind.EVENT: ("source_key", "title", "status", "occurred_on"),
        ElementKind.THING: ("source_key", "name", "installed_on"),
    }[kind]
    return {**found, **{name: c[name] for name in names}}
