"""Links and where they lead: which of an element's a question is about, and how few elements are found through them.

Area, address, box and bounds are asked of links and of addresses alike.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, Select, false, func, or_, select, tuple_

from addressbook.collections.asked import LIVE_STATES, ItemsQuery, Subtree
from addressbook.collections.conditions import (
    Absent,
    Among,
    Compared,
    Condition,
    Given,
    Named,
    Spatial,
    Within,
    conjuncts,
    named_in,
)
from addressbook.collections.declared import GEOMETRY
from addressbook.model import ElementKind
from addressbook.store.collections.conditions import Columns, Truth, expression_of, inside, intersects, meets
from addressbook.store.tables import ADDRESS, AID_DIRECTORY, LINK

SHOWN: Columns = {
    **{name: LINK.c[name] for name in ("aid", "division_code", "role", "valid_from", "valid_to")},
    "standard_text": ADDRESS.c.standard_text, GEOMETRY: ADDRESS.c.geom,
}  # fmt: skip
"""What is said of an element by its link."""
_LINKED = LINK.outerjoin(ADDRESS, (ADDRESS.c.site_id == LINK.c.site_id) & (ADDRESS.c.aid == LINK.c.aid))


def _implied(query: ItemsQuery) -> list[Truth]:
    """What a filter asks of links that an index tells: asked of keys too, so that few are found through their links."""
    found = [_told_by_index(one, query) for one in conjuncts(query.condition)]
    return [one for one in found if one is not None]


def _told_by_index(condition: Condition, query: ItemsQuery) -> Truth | None:
    match condition:
        case Compared("=", Named(what, False), Given()) | Among(Named(what, False)):
            if what.name == "aid":
                return _at(condition)
            told = what.name == "division_code"
        case Within(Named(what, False), Given(), Given()):
            told = what.name == "division_code"
        case Compared("like", Named(what, False), Given(str(pattern))):
            told = what.name == "division_code" and pattern[:1].isdigit()
        case Absent(what):
            told = what.name == "aid"
        case Spatial(op):
            told = op != "disjoint" and not query.crowded
        case _:
            told = False
    return expression_of(condition, SHOWN) if told else None


def _at(condition: Condition) -> Truth:
    """Links are found by site and code: of which site a code is, the directory says."""
    c = AID_DIRECTORY.c
    found = select(c.site_id, c.aid).where(expression_of(condition, {"aid": c.aid}))
    return tuple_(LINK.c.site_id, LINK.c.aid).in_(found)


def crowd(query: ItemsQuery, most: int) -> Select[Any] | None:
    """Some addresses where elements are looked for, at most so many; None where no place is named."""
    spatial = [one for one in conjuncts(query.condition) if isinstance(one, Spatial) and one.op != "disjoint"]
    if not (spatial or query.bbox or query.outline):
        return None
    where = [expression_of(one, {GEOMETRY: ADDRESS.c.geom}) for one in spatial]
    return select(ADDRESS.c.aid).where(*where, *narrowed(query, ADDRESS), *_bounded(query, ADDRESS)).limit(most)


def chosen_link(query: ItemsQuery, kind: ElementKind, own: Columns) -> Select[Any]:
    """The open link that an element is shown with; its caller says of which element, whose own properties are `own`."""
    c = LINK.c
    order = (c.aid.is_(None), c.valid_from.desc().nulls_last(), c.link_id)
    asked = (*_open(kind), *_where(query), *_asked_of_each(query, own))
    return select(*SHOWN.values()).select_from(_LINKED).where(*asked).order_by(*order).limit(1)


def _asked_of_each(query: ItemsQuery, own: Columns) -> list[Truth]:
    """Filter and time, as far as they name what a link says.

    An element would else be judged by one of its links, and missed where another holds. The link that is chosen is
    asked again with all the rest, which changes no answer.
    """
    columns: Columns = {**own, **SHOWN}
    parts = [one for one in conjuncts(query.condition) if not SHOWN.keys().isdisjoint(named_in(one))]
    found = [expression_of(one, columns) for one in parts]
    if query.period and query.collection.begin in SHOWN:
        found.append(meets(columns[query.collection.begin], columns[query.collection.end], query.period))
    return found


def found_by_links(query: ItemsQuery, kind: ElementKind, key: ColumnElement[Any]) -> Truth | None:
    """Whether the element of that key has a link where it is looked for; None where it is looked for everywhere.

    Where few are known to lie there they are found first: the planner takes what lies in an outline and what lies in a
    division for independent, and would walk along all the keys for what lies in both, which may be nothing.
    """
    known = replace(query, bbox=None, outline=None) if query.crowded else query
    where = [*_where(known), *_implied(query)]
    if not where:
        return None
    found = select(LINK.c.element_key).select_from(_LINKED).where(*_open(kind), *where)
    return key.in_(found) if query.crowded is not False else key == func.any(func.array(found.scalar_subquery()))


def _open(kind: ElementKind) -> tuple[Truth, ...]:
    return LINK.c.closed_at.is_(None), LINK.c.element_kind == kind.value


def _where(query: ItemsQuery) -> list[Truth]:
    return narrowed(query, LINK) + _bounded(query, LINK)


def _bounded(query: ItemsQuery, divided: Any) -> list[Truth]:
    """That it lies where the reader may look: an element of which no link does is not there for it."""
    if not query.bounds:
        return []
    # Text of one length: what begins with these digits lies between them and them filled up with nines.
    return [or_(false(), *(inside(divided.c.division_code, head, head.ljust(12, "9")) for head in query.bounds))]


def narrowed(query: ItemsQuery, divided: Any) -> list[Truth]:
    """What area, address and box ask, of addresses or of links, whose division is that of `divided`."""
    found: list[Truth] = []
    if query.divisions:
        found.append(inside(divided.c.division_code, *query.divisions))
    if query.below:
        found.extend(_below(query.below, divided))
    if query.bbox:
        found.append(intersects(ADDRESS.c.geom, query.bbox))
    if query.outline:
        found.append(intersects(ADDRESS.c.geom, query.outline))
        if divided is not ADDRESS:  # as views of areas count
            found.append(ADDRESS.c.state.in_(LIVE_STATES))
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
