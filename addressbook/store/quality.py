"""Reads for the quality figures: each figure is one statement that lists rows, counted or paged as it stands.

A figure and the rows behind it cannot disagree, for both are the same statement.
"""

from __future__ import annotations

from collections.abc import Sequence

from psycopg import sql
from psycopg.rows import dict_row
from sqlalchemy import Connection

from addressbook.registry.duplicates import Named, Pair
from addressbook.store.engine import driver_of, translated
from addressbook.store.reading import Row, read, read_one
from addressbook.store.statements import statement

_COUNT = sql.SQL("SELECT part, count(*) AS number FROM ({}\n) AS q GROUP BY part ORDER BY part")
_PAGE = sql.SQL(
    "SELECT * FROM ({}\n) AS q WHERE (%(part)s::text IS NULL OR part = %(part)s::text)"
    ' AND (%(after)s::text IS NULL OR key COLLATE "C" > %(after)s::text COLLATE "C")'
    ' ORDER BY key COLLATE "C" LIMIT %(limit)s'
)


def totals(connection: Connection, asked: Row) -> Row:
    """What the figures are parts of: see store/sql/quality_totals.sql."""
    return read_one(connection, "quality_totals", **asked) or {}


def parts(connection: Connection, figure: str, asked: Row) -> dict[str, int]:
    """How many rows a figure has in each of its parts."""
    return {row["part"]: row["number"] for row in _run(connection, _COUNT, figure, asked)}


def page(
    connection: Connection, figure: str, asked: Row, *, part: str | None, after: str | None, limit: int
) -> list[Row]:  # fmt: skip
    """Rows of a figure behind the key `after`, in the order of keys."""
    return _run(connection, _PAGE, figure, {**asked, "part": part, "after": after, "limit": limit})


def _run(connection: Connection, frame: sql.SQL, figure: str, values: Row) -> list[Row]:
    asked = frame.format(sql.SQL(statement(f"quality_{figure}")))
    with translated(), driver_of(connection).cursor(row_factory=dict_row) as cursor:
        return cursor.execute(asked, values).fetchall()


def twins(connection: Connection, asked: Row) -> list[Pair]:
    """Pairs that equal values make suspicious."""
    found = read(connection, "quality_twins", **asked)
    return [Pair(row["aid"], row["other_aid"], row["part"]) for row in found]


def names(connection: Connection, asked: Row) -> list[Named]:
    """The live addresses that have a name."""
    return [Named(**row) for row in read(connection, "quality_names", **asked)]


def in_brief(connection: Connection, aids: Sequence[str]) -> dict[str, Row]:
    """Text, division and state of addresses, by code."""
    return {row["aid"]: row for row in read(connection, "addresses_in_brief", aids=list(aids))}
