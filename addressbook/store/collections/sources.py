"""Where the items of each collection come from: columns by property, key, and what narrows them before all else.

An element is read by its key and joined to one open link: the first of those that the question is about, one that
reaches an address before one that does not. What narrows links (bounds, area, address, box) is asked twice, of that
link and of keys: so few elements are found through the links, and all of them in the order of their keys.
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
    Select,
    Text,
    and_,
    case,
    cast,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
    tuple_,
)

from addressbook.collections.asked import LIVE_STATES, ItemsQuery, Subtree
from addressbook.collections.conditions import Among, Compared, Condition, Given, Named, Spatial, Within, conjuncts
from addressbook.collections.declared import ADDRESSES, GEOMETRY
from addressbook.masking import MASK
from addressbook.model import ElementKind
from addressbook.store.collections.conditions import Columns, Truth, expression_of, inside, intersects
from addressbook.store.collections.in_use import ever_below, period_in_use, standing
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
    where += _narrowed(query, ADDRESS)
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
    if query.bbox:
        where.append(intersects(AREA.c.geom, query.bbox))
    joined = DIVISION.outerjoin(AREA, AREA.c.code == c.code)
    return Source(joined, columns, (c.code,), tuple(where))


def _elements(query: ItemsQuery, kind: ElementKind) -> Source:
    table = _TABLES[kind]
    link = _links(query, kind).where(LINK.c.element_key == table.c.element_key).lateral("placed")
    columns = {**_own(kind), **{name: link.c[name] for name in _PLACED}, GEOMETRY: link.c.geom}
    where: list[Truth] = []
    narrowed = [*_link_conditions(replace(query, bbox=None) if query.crowded else query), *_implied(query)]
    if narrowed:
        keys = select(LINK.c.element_key).select_from(_LINKED).where(*_open(kind), *narrowed)
        where.append(table.c.element_key.in_(keys))
    joined = table.join(link, true())
    return Source(joined, columns, (table.c.element_key,), tuple(where))


_PLACED = ("aid", "standard_text", "division_code", "role", "valid_from", "valid_to")
_LINKED = LINK.outerjoin(ADDRESS, (ADDRESS.c.site_id == LINK.c.site_id) & (ADDRESS.c.aid == LINK.c.aid))


def _implied(query: ItemsQuery) -> list[Truth]:
    """What a condition asks of the link that is shown, so of one among the element's: found by an index."""
    columns: Columns = {"division_code": LINK.c.division_code, GEOMETRY: ADDRESS.c.geom}
    return [expression_of(one, columns) for one in conjuncts(query.condition) if _is_selective(one, query)]


def _is_selective(condition: Condition, query: ItemsQuery) -> bool:
    match condition:
        case Compared("=", Named(what), Given()) | Within(Named(what), Given(), Given()) | Among(Named(what)):
            return what.name == "division_code"
        case Spatial(op):
            return op != "disjoint" and not query.crowded
    return False


def crowd(query: ItemsQuery, most: int) -> Select[Any] | None:
    """Some addresses where elements are looked for, at most so many; None where no place is named."""
    columns: Columns = {GEOMETRY: ADDRESS.c.geom}
    spatial = [one for one in conjuncts(query.condition) if isinstance(one, Spatial) and one.op != "disjoint"]
    where = [expression_of(one, columns) for one in spatial]
    if query.bbox:
        where.append(intersects(ADDRESS.c.geom, query.bbox))
    return select(ADDRESS.c.aid).where(*where).limit(most) if where else None


def _links(query: ItemsQuery, kind: ElementKind) -> Select[Any]:
    """The open link that an element is shown with; its caller says of which element."""
    c = LINK.c
    chosen = select(c.aid, ADDRESS.c.standard_text, c.division_code, c.role, c.valid_from, c.valid_to, ADDRESS.c.geom)
    order = (c.aid.is_(None), c.valid_from.desc().nulls_last(), c.link_id)
    return chosen.select_from(_LINKED).where(*_open(kind), *_link_conditions(query)).order_by(*order).limit(1)


def _open(kind: ElementKind) -> tuple[Truth, ...]:
    return LINK.c.closed_at.is_(None), LINK.c.element_kind == kind.value


def _link_conditions(query: ItemsQuery) -> list[Truth]:
    found = _narrowed(query, LINK)
    if query.bounds:
        # Text of one length: what begins with these digits lies between them and them filled up with nines.
        found.append(or_(false(), *(inside(LINK.c.division_code, head, head.ljust(12, "9")) for head in query.bounds)))
    return found


def _narrowed(query: ItemsQuery, divided: Any) -> list[Truth]:
    """What area, address and box ask, of addresses or of links, whose division is that of `divided`."""
    found: list[Truth] = []
    if query.divisions:
        found.append(inside(divided.c.division_code, *query.divisions))
    if query.below:
        found.extend(_below(query.below, divided))
    if query.bbox:
        found.append(intersects(ADDRESS.c.geom, query.bbox))
    return found


def _below(subtree: Subtree, divided: Any) -> list[Truth]:
    found: list[Truth] = [divided.c.site_id == subtree.site_id, ADDRESS.c.site_id == subtree.site_id]
    if not subtree.live:  # its path may by now belong to another
        return [*found, ADDRESS.c.aid == subtree.aid]
    if divided is not ADDRESS:
        found.append(ADDRESS.c.state.in_(LIVE_STATES))
    if subtree.path:
        path = ADDRESS.c.path  # what lies below begins with it and a slash; "0" is what follows "/"
        found.append(or_(path == subtree.path, (path >= f"{subtree.path}/") & (path < f"{subtree.path}0")))
    return found


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
