"""Items of collections as a reader may see them: one policy for lists, features, exports; reads of persons logged."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from uuid import UUID

import orjson
from sqlalchemy import Connection

from addressbook import identity
from addressbook.collections.asked import ItemsQuery, Subtree
from addressbook.collections.declared import (
    ADDRESSES,
    COLLECTIONS,
    DIVISIONS,
    GEOMETRY,
    PERSONS,
    Collection,
    collection_named,
)
from addressbook.errors import FieldError, NotFoundError
from addressbook.privacy.log import IN_LISTS
from addressbook.privacy.policy import LISTED, READS_AS, AccessRole, Reader
from addressbook.store.collections.reading import (
    ID,
    KEY,
    count_items,
    estimate_items,
    extent,
    read_items,
    stream_items,
    subtree,
)
from addressbook.store.reading import Row
from addressbook.store.steps import done
from addressbook.views.address import never_issued
from addressbook.views.elements import UNOPENED, SecretSource, opened_persons

SEALED = frozenset({"name", "identity", "phone"})
"""Properties of persons that are masked unless the reader opens them."""


def visible_collections(reader: Reader) -> list[Collection]:
    """The collections of which this reader may see items, inside its areas or everywhere."""
    return [found for found in COLLECTIONS.values() if found.kind is None or found.kind in reader.listed]


def need_visible(reader: Reader, name: str) -> Collection:
    """The collection. Raises NotFoundError, and RoleForbidden where its items are not for this reader."""
    found = collection_named(name)
    if found.kind is not None:
        reader.bounds_of(found.kind)
    return found


def tells_of_people(found: Collection) -> bool:
    """Whether items may show persons or tell about those at an address: houses and events too, as the policy has it."""
    return found.kind is not None and found.kind not in LISTED[READS_AS[AccessRole.VIEWER]]


def bounded(reader: Reader, query: ItemsQuery) -> ItemsQuery:
    """The query within what this reader may see. Raises RoleForbidden where that is nothing."""
    kind = query.collection.kind
    return query if kind is None else replace(query, bounds=reader.bounds_of(kind))


def items_page(
    connection: Connection, reader: Reader, query: ItemsQuery, secret: SecretSource | None = None
) -> tuple[list[Row], tuple[str, ...] | None]:
    """Features of a page of `query.limit`, and the key to go on after; None on the last page."""
    if query.limit is None:
        raise ValueError("a page has a limit")
    asked = bounded(reader, query)
    rows = read_items(connection, replace(asked, limit=query.limit + 1))
    page = shown_items(connection, reader, query, rows[: query.limit], secret)
    more = tuple(page[-1][KEY]) if len(rows) > query.limit else None
    return [feature(row) for row in page], more


def item(connection: Connection, reader: Reader, query: ItemsQuery, secret: SecretSource | None = None) -> Row:
    """The feature that `query.one` names. Raises NotFoundError."""
    rows = read_items(connection, bounded(reader, query))
    if not rows:
        raise _no_such(query.collection)
    return feature(shown_items(connection, reader, query, rows, secret)[0])


def matched(connection: Connection, reader: Reader, query: ItemsQuery, counting: str) -> int | None:
    """How many items there are for this reader, exactly, as the planner expects, or None where nobody asks.

    The planner knows the whole registry: of people outside its areas a bound reader is not told what it expects.
    """
    asked = replace(bounded(reader, query), after=(), limit=None)
    if counting == "none" or (counting == "estimated" and asked.bounds):
        return None
    return count_items(connection, asked) if counting == "exact" else estimate_items(connection, asked)


def streamed(
    connection: Connection, log: Callable[[], AbstractContextManager[Connection]], reader: Reader, query: ItemsQuery,
    secret: SecretSource | None = None,
) -> Iterator[list[Row]]:  # fmt: skip
    """All items, some at a time, as rows. What is shown of persons is on record before it leaves, through `log`.

    The database decides anew for each of them: what a key or purpose that ends meanwhile no longer opens comes masked.
    """
    for rows in stream_items(connection, bounded(reader, query)):
        with log() as logging:
            shown = shown_items(logging, reader, query, rows, secret)
        yield shown


def shown_items(
    connection: Connection, reader: Reader, query: ItemsQuery, rows: list[Row], secret: SecretSource | None
) -> list[Row]:
    """The rows as this reader may see them: persons in full where key and purpose open them, and all on record."""
    if query.collection is not PERSONS:
        return rows
    wanted = SEALED.intersection(found.name for found in query.properties)
    keys = [row[ID] for row in rows]
    steps = opened_persons(reader, keys, PERSONS.name, secret if wanted else None, IN_LISTS)
    opened = done(connection, steps)
    return [row | _wanted(opened.get(row[ID], {}), wanted) for row in rows]


def _wanted(fields: Row, names: frozenset[str]) -> Row:
    """What was asked for of what is opened; that something did not open is said whatever was."""
    return {name: value for name, value in fields.items() if name in names or name in UNOPENED}


def feature(row: Row) -> Row:
    """An item as a GeoJSON Feature; its geometry is JSON already."""
    properties = {name: value for name, value in row.items() if name not in (ID, KEY, GEOMETRY)}
    geometry = row.get(GEOMETRY)
    shown = None if geometry is None else orjson.Fragment(geometry)
    return {"type": "Feature", "id": row[ID], "geometry": shown, "properties": properties}


def address_below(connection: Connection, typed: str) -> Subtree:
    """The address that a code names, as `at or below` it is asked. Raises CodeError, NotFoundError."""
    aid = identity.parse(typed)
    found = subtree(connection, aid)
    if found is None:
        raise never_issued(aid)
    return found


def item_key(collection: Collection, typed: str) -> str:
    """The key of an item as it is kept, from how it was typed. Raises CodeError; NotFoundError for no key at all."""
    if collection is ADDRESSES:
        return identity.parse(typed)
    try:
        return typed if collection is DIVISIONS else str(UUID(typed))
    except ValueError:
        raise _no_such(collection) from None


def _no_such(collection: Collection) -> NotFoundError:
    return NotFoundError(f"{collection.name} has no such item.", zh=f"{collection.zh}中没有这一项。")


def extent_of(connection: Connection, collection: Collection) -> list[float] | None:
    """West, south, east, north of where items may be: of elements, where addresses are."""
    return extent(connection, "area" if collection is DIVISIONS else "address")


def extent_counted(connection: Connection, layer: str) -> list[float] | None:
    """The same of a layer of tiles that counts: of areas, or of heat, where no address is told, so of hundredths."""
    if layer != "heat":
        return extent(connection, "area")
    found = extent(connection, "address")
    if found is None:
        return None
    west, south, east, north = (at * 100 for at in found)
    return [math.floor(west) / 100, math.floor(south) / 100, math.ceil(east) / 100, math.ceil(north) / 100]


def need_answerable(collection: Collection, query: ItemsQuery) -> None:
    """Raise FieldError for a filter that means nothing of this collection."""
    asked = {"state": query.states and not collection.state, "aid": query.below and collection is DIVISIONS}
    for name, wrong in asked.items():
        if wrong:
            raise FieldError(
                "no_such_filter", name, f"{collection.name} cannot be filtered by {name}.",
                zh=f"{collection.zh}不能按 {name} 过滤。",
            )  # fmt: skip
