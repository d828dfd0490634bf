"""Conditions as SQL expressions over the columns of a collection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, LargeBinary, and_, bindparam, func, literal, not_, or_, true
from sqlalchemy.sql import expression

from addressbook.collections.conditions import (
    Absent,
    Always,
    Among,
    Both,
    Compared,
    Condition,
    Given,
    Moment,
    Named,
    Not,
    Place,
    Spatial,
    Temporal,
    Within,
)
from addressbook.collections.crs import STORED
from addressbook.collections.declared import GEOMETRY

Columns = Mapping[str, ColumnElement[Any]]
Truth = ColumnElement[bool]
Ends = tuple[ColumnElement[Any], ColumnElement[Any]]
_COMPARE: dict[str, Callable[[Any, Any], Truth]] = {
    "=": lambda a, b: a == b,
    "<>": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    ">=": lambda a, b: a >= b,
    "like": lambda a, b: a.like(b),
}
_ALLEN: dict[str, Callable[[Any, Any, Any, Any], Truth]] = {
    "t_after": lambda a, b, c, d: a > d,  # noqa: ARG005 - one signature for all
    "t_before": lambda a, b, c, d: b < c,  # noqa: ARG005
    "t_contains": lambda a, b, c, d: and_(a < c, b > d),
    "t_disjoint": lambda a, b, c, d: or_(a > d, b < c),
    "t_during": lambda a, b, c, d: and_(a > c, b < d),
    "t_equals": lambda a, b, c, d: and_(a == c, b == d),
    "t_finishedBy": lambda a, b, c, d: and_(a < c, b == d),
    "t_finishes": lambda a, b, c, d: and_(a > c, b == d),
    "t_intersects": lambda a, b, c, d: and_(a <= d, b >= c),
    "t_meets": lambda a, b, c, d: b == c,  # noqa: ARG005
    "t_metBy": lambda a, b, c, d: a == d,  # noqa: ARG005
    "t_overlappedBy": lambda a, b, c, d: and_(a > c, a < d, b > d),
    "t_overlaps": lambda a, b, c, d: and_(a < c, b > c, b < d),
    "t_startedBy": lambda a, b, c, d: and_(a == c, b > d),
    "t_starts": lambda a, b, c, d: and_(a == c, b < d),
}
"""Allen's relations of a…b to c…d, as OGC 21-065r2 defines them."""


def expression_of(condition: Condition, columns: Columns) -> Truth:
    """The expression of a condition. What is absent compares as false either way, as SQL has it."""
    match condition:
        case Always(value):
            return true() if value else expression.false()
        case Both(parts, every):
            found = [expression_of(part, columns) for part in parts]
            return and_(true(), *found) if every else or_(expression.false(), *found)
        case Not(part):
            return not_(expression_of(part, columns))
        case Compared(op, left, right):
            return _COMPARE[op](_scalar(left, columns), _scalar(right, columns))
        case Within(what, low, high):
            return inside(_scalar(what, columns), _scalar(low, columns), _scalar(high, columns))
        case Among(what, values):
            among: Truth = _scalar(what, columns).in_([_folded(given) for given in values])
            return among
        case Absent(what):
            return columns[what.name].is_(None)
        case Spatial() | Temporal():
            return _relation(condition, columns)


def _relation(condition: Spatial | Temporal, columns: Columns) -> Truth:
    if isinstance(condition, Spatial):
        asked = getattr(func, f"ST_{condition.op.capitalize()}")
        found: Truth = asked(_geometry(condition.left, columns), _geometry(condition.right, columns))
        return found
    return _ALLEN[condition.op](*_ends(condition.left, columns), *_ends(condition.right, columns))


def inside(column: ColumnElement[Any], low: Any, high: Any) -> Truth:
    """From `low` to `high`. Not BETWEEN, whose grammar takes no COLLATE, which codes are bound with."""
    return and_(column >= low, column <= high)


def geometry(wkb: bytes) -> ColumnElement[Any]:
    """A bound geometry."""
    found: ColumnElement[Any] = func.ST_GeomFromWKB(bindparam(None, wkb, LargeBinary, unique=True), STORED)
    return found


def intersects(column: ColumnElement[Any], wkb: bytes) -> Truth:
    """Whether the column's geometry meets a given one: by the index first, then exactly."""
    found: Truth = func.ST_Intersects(column, geometry(wkb))
    return found


def meets(begin: ColumnElement[Any], end: ColumnElement[Any], period: tuple[date | None, date | None]) -> Truth:
    """Whether what holds from `begin` on and no longer on `end` holds on a day of the period, both days included.

    What happens on a day (`begin` is `end`) has to be dated; a period without a first or last day is open there.
    """
    first, last = period
    if begin is end:
        return and_(begin.is_not(None), *([begin >= first] if first else []), *([begin <= last] if last else []))
    lower = [or_(end.is_(None), end > first)] if first else []
    upper = [or_(begin.is_(None), begin <= last)] if last else []
    return and_(true(), *lower, *upper)


def _scalar(operand: Named | Given, columns: Columns) -> Any:
    if isinstance(operand, Given):
        return literal(_folded(operand))
    column = columns[operand.what.name]
    return func.lower(column) if operand.folded else column


def _folded(given: Given) -> Any:
    return given.value.lower() if given.folded and isinstance(given.value, str) else given.value


def _geometry(place: Place | None, columns: Columns) -> ColumnElement[Any]:
    return columns[GEOMETRY] if place is None else geometry(place.wkb)


def _ends(period: tuple[Moment, Moment], columns: Columns) -> Ends:
    """First and last day; of a property that is absent, and of one given as open, before and after all days."""
    first, last = period
    if first is last:
        alone = _day(first, columns, None)
        return alone, alone
    return _day(first, columns, "-infinity"), _day(last, columns, "infinity")


def _day(moment: Moment, columns: Columns, absent: str | None) -> ColumnElement[Any]:
    if moment.at is None:
        return expression.cast(absent or "infinity", Date)
    if isinstance(moment.at, date):
        return literal(moment.at, Date)
    column = columns[moment.at.name]
    return column if absent is None else func.coalesce(column, expression.cast(absent, Date))
