"""Reads for the views: a named statement, bound parameters, rows as dictionaries. Nothing here decides who may see."""

from __future__ import annotations

from typing import Any

from psycopg.rows import dict_row
from sqlalchemy import Connection

from addressbook.store.engine import driver_of, translated
from addressbook.store.statements import statement

Row = dict[str, Any]


def read(connection: Connection, name: str, /, **parameters: Any) -> list[Row]:
    """The rows of store/sql/<name>.sql. Raises DatabaseError and its kin."""
    with translated(), driver_of(connection).cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement(name), parameters).fetchall()


def read_one(connection: Connection, name: str, /, **parameters: Any) -> Row | None:
    """The first row, or None."""
    rows = read(connection, name, **parameters)
    return rows[0] if rows else None


def read_address(connection: Connection, aid: str) -> Row | None:
    """The bare record of an address, whatever its state."""
    return read_one(connection, "address_record", aid=aid)


def read_address_view(connection: Connection, aid: str, kinds: list[str], limit: int) -> Row | None:
    """Everything of an address view but the elements, in one statement: see store/sql/address_view.sql."""
    return read_one(connection, "address_view", aid=aid, kinds=kinds, limit=limit)


def read_elements(connection: Connection, keys: dict[str, list[str]]) -> dict[str, Row]:
    """Elements by key, of all kinds in one statement; `keys` holds a list of keys for each kind."""
    kinds = ("person", "house", "enterprise", "event", "thing")
    found = read(connection, "elements_by_key", **{kind: keys.get(kind, []) for kind in kinds})
    return {row["element_key"]: row["element"] for row in found}


def read_addresses(connection: Connection, **filters: Any) -> list[Row]:
    """A page of addresses, ordered by division and code: see store/sql/address_page.sql."""
    return read(connection, "address_page", **filters)


def read_area(connection: Connection, code: str, *, geometry: bool) -> Row | None:
    """An area with its ancestors: a division, with or without boundary, or another area."""
    return read_one(connection, "area_record", code=code, geometry=geometry)


def read_division_counts(connection: Connection, code: str) -> list[Row]:
    """The roll-ups of a division, summed by kind and each of: located, role, category, month; the others are null."""
    return read(connection, "area_rollup", code=code)


def read_spatial_counts(connection: Connection, code: str) -> list[Row]:
    """The same sums of addresses and links inside the area's boundary; what has no point is in no polygon."""
    return read(connection, "area_spatial", code=code)


def read_area_children(connection: Connection, code: str, *, geometry: bool) -> list[Row]:
    """The areas and divisions right below, each with its counts by kind."""
    return read(connection, "area_children", code=code, geometry=geometry)


def read_unplaced(connection: Connection, low: str, high: str, kinds: list[str], after: int, limit: int) -> list[Row]:
    """Open links that reach only a division of the range, by link id."""
    return read(connection, "unplaced", low=low, high=high, kinds=kinds, after=after, limit=limit)
