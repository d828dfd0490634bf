"""Items of collections: a page, one, how many, and all of them as a stream."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import ClauseElement, ColumnElement, Connection, Executable, Select, Text, cast, func, select, tuple_
from sqlalchemy.dialects.postgresql import array
from sqlalchemy.ext.compiler import compiles

from addressbook.collections.asked import ItemsQuery, Subtree
from addressbook.collections.crs import STORED
from addressbook.collections.declared import ADDRESSES, GEOMETRY
from addressbook.store.collections.conditions import expression_of, meets
from addressbook.store.collections.sources import Source, crowd, source_of
from addressbook.store.engine import plan_for_what_is_asked, translated
from addressbook.store.reading import Row, read_one
from addressbook.store.tables import ADDRESS, AID_DIRECTORY

KEY, ID = "_key", "_id"
AT_ONCE = 1_000
CROWD = 20_000
"""So many addresses in a place are more than it takes to find a page of elements by walking along their keys."""


def read_items(connection: Connection, query: ItemsQuery) -> list[Row]:
    """Items in the order of their keys, each with `_id`, `_key` (a list of texts), the properties and `geometry`.

    `geometry` is GeoJSON as text in the CRS asked for, or None.
    """
    with translated():
        plan_for_what_is_asked(connection)
        return [dict(row) for row in connection.execute(items(weighed(connection, query))).mappings()]


def weighed(connection: Connection, query: ItemsQuery) -> ItemsQuery:
    """The query, told whether so much lies where it looks for elements that it had better walk along their keys."""
    asked = crowd(query, CROWD + 1) if query.collection.kind else None
    if asked is None:
        return query
    found = connection.execute(select(func.count()).select_from(asked.subquery())).scalar_one()
    return replace(query, crowded=found > CROWD)


def stream_items(connection: Connection, query: ItemsQuery) -> Iterator[list[Row]]:
    """The same, all of them, some at a time through a cursor on the server; ends when the connection is closed."""
    plan_for_what_is_asked(connection)  # first: from here on every statement of the connection is a cursor
    streaming = connection.execution_options(stream_results=True, max_row_buffer=AT_ONCE)
    with translated():
        for rows in streaming.execute(items(query)).mappings().partitions(AT_ONCE):
            yield [dict(row) for row in rows]


def count_items(connection: Connection, query: ItemsQuery) -> int:
    """How many there are, counted."""
    source = source_of(query)
    with translated():
        plan_for_what_is_asked(connection)
        found = select(func.count()).select_from(source.table).where(*_conditions(query, source))
        return int(connection.execute(found).scalar_one())


def estimate_items(connection: Connection, query: ItemsQuery) -> int:
    """How many the planner expects."""
    (plan,) = explained(connection, query)
    return int(plan["Plan"]["Plan Rows"])


def explained(connection: Connection, query: ItemsQuery) -> list[Row]:
    """The plan of the statement for these items."""
    with translated():
        plan_for_what_is_asked(connection)
        found: list[Row] = connection.execute(_Explained(items(query))).scalar_one()
    return found


def subtree(connection: Connection, aid: str) -> Subtree | None:
    """Where an address lies, whatever its state; None where its code was never issued."""
    found = read_one(connection, "address_place", aid=aid)
    return Subtree(aid, found["site_id"], found["path"], found["live"]) if found else None


def extent(connection: Connection, table: str) -> list[float] | None:
    """West, south, east, north of all points of a table, as its index has them; None where it has none."""
    found = read_one(connection, "extent", table=table)
    return list(found.values()) if found and found["west"] is not None else None


def items(query: ItemsQuery) -> Select[Any]:
    """The statement for these items."""
    source = source_of(query)
    shown = [source.columns[found.name].label(found.name) for found in query.properties]
    key = array([cast(part, Text) for part in source.key])
    shown += [source.columns[query.collection.key].label(ID), key.label(KEY)]
    if query.geometry:
        shown.append(_geometry(source, query).label(GEOMETRY))
    asked = select(*shown).select_from(source.table).where(*_conditions(query, source)).order_by(*source.key)
    return asked if query.limit is None else asked.limit(query.limit)


def _geometry(source: Source, query: ItemsQuery) -> ColumnElement[Any]:
    found, crs = source.columns[GEOMETRY], query.crs
    if crs.srid != STORED:
        found = func.ST_Transform(found, crs.srid)
    if crs.north_first:
        found = func.ST_FlipCoordinates(found)
    return func.ST_AsGeoJSON(found, crs.decimals, 0, type_=Text)


def _conditions(query: ItemsQuery, source: Source) -> list[ColumnElement[bool]]:
    columns, collection = source.columns, query.collection
    found = list(source.where)
    if query.period and collection is not ADDRESSES:  # of those their source has seen to it
        found.append(meets(columns[collection.begin], columns[collection.end], query.period))
    if query.category:
        found.append(columns[collection.category].in_(query.category))
    if query.states:
        found.append(columns[collection.state].in_(query.states))
    if query.one is not None:
        found.append(_one(query, source))
    if query.condition is not None:
        found.append(expression_of(query.condition, columns))
    if query.after:
        found.append(_after(query, source))
    return found


def _one(query: ItemsQuery, source: Source) -> ColumnElement[bool]:
    if query.collection is not ADDRESSES:
        return source.key[0] == query.one
    site = select(AID_DIRECTORY.c.site_id).where(AID_DIRECTORY.c.aid == query.one).scalar_subquery()
    return (ADDRESS.c.site_id == site) & (ADDRESS.c.aid == query.one)


def _after(query: ItemsQuery, source: Source) -> ColumnElement[bool]:
    if len(source.key) == 1:
        return source.key[0] > query.after[0]
    return tuple_(*source.key) > tuple_(*query.after)


class _Explained(Executable, ClauseElement):
    """A statement that is planned and not run."""

    inherit_cache = False

    def __init__(self, statement: Select[Any]) -> None:
        self.statement = statement


@compiles(_Explained)
def _explain(element: _Explained, compiler: Any, **options: Any) -> str:
    return f"EXPLAIN (FORMAT JSON) {compiler.process(element.statement, **options)}"
