"""When an address was in use: from its first day under whatever name, until it was retired, merged away or split.

What an address was before its `valid_from` is in its slices (store/tables/history.py), which follow upon each other. So
an address without `valid_from` has none, and for most addresses no other table is looked at. What is void, or was
rejected as a proposal, has no slice that is believed: it never was in use.

The slices are asked for the least and the greatest day and not whether there is one: that is looked up address by
address, by an index, whereas EXISTS might be answered by reading all slices there are for one page.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, case, cast, func, null, or_, select

from addressbook.collections.asked import LIVE_STATES, ItemsQuery, Subtree
from addressbook.collections.conditions import named_in
from addressbook.store.tables import ADDRESS, ADDRESS_VERSION

_EVER = cast("-infinity", Date)
_LIVE = ADDRESS.c.state.in_(LIVE_STATES)
_SLICE = ADDRESS_VERSION.alias("slice")


def _of_slices(what: ColumnElement[Any]) -> ColumnElement[Any]:
    """An aggregate over what an address in use was before; null where it was nothing."""
    c = _SLICE.c
    own = (c.site_id == ADDRESS.c.site_id, c.aid == ADDRESS.c.aid, c.is_slice, c.until_event.is_(None))
    return select(what).where(*own, c.state.in_(LIVE_STATES)).correlate(ADDRESS).scalar_subquery()


_first_day = _of_slices(func.min(func.coalesce(_SLICE.c.valid_from, _EVER)))
_last_day = _of_slices(func.max(_SLICE.c.valid_to))
_NOBODY_KNOWS = (ADDRESS.c.valid_from.is_(None), null())


def period_in_use() -> dict[str, ColumnElement[Any]]:
    """The columns `valid_from` and `valid_to` of a list of addresses."""
    own = case((_LIVE, ADDRESS.c.valid_from))
    first = case(_NOBODY_KNOWS, else_=func.nullif(func.coalesce(_first_day, own), _EVER, type_=Date))
    last = case((_LIVE, ADDRESS.c.valid_to), _NOBODY_KNOWS, else_=_last_day)
    return {"valid_from": first, "valid_to": last}


def standing(query: ItemsQuery) -> list[ColumnElement[bool]]:
    """What a list asks of the states of addresses where it names none: live today, or in use at the time it names."""
    if query.period:
        return [_was_in_use(query.period)]
    named = query.one is not None or query.states or "state" in named_in(query.condition)
    return [] if named else [_LIVE]


def ever_below(subtree: Subtree) -> ColumnElement[bool]:
    """What lies at an address or below it, gone or not, from parent to child: a path may have changed hands."""
    top, child = ADDRESS.alias("top"), ADDRESS.alias("child")
    found = select(top.c.aid).where(top.c.site_id == subtree.site_id, top.c.aid == subtree.aid).cte(recursive=True)
    lying = (child.c.site_id == subtree.site_id, child.c.parent_aid == found.c.aid)
    found = found.union(select(child.c.aid).where(*lying))
    return and_(ADDRESS.c.site_id == subtree.site_id, ADDRESS.c.aid.in_(select(found.c.aid)))


def _was_in_use(period: tuple[date | None, date | None]) -> ColumnElement[bool]:
    """Whether an address, whatever it is today, was in use on a day of the period, both days included."""
    first, last = period
    until, since = ADDRESS.c.valid_to, ADDRESS.c.valid_from
    live: list[ColumnElement[bool]] = [_LIVE]
    gone: list[ColumnElement[bool]] = [_LIVE.is_(False), since.is_not(None), _last_day.is_not(None)]
    if first:
        live.append(or_(until.is_(None), until > first))
        gone.append(_last_day > first)
    if last:
        live.append(or_(since.is_(None), since <= last, _first_day <= last))
        gone.append(_first_day <= last)
    return or_(and_(*live), and_(*gone))
