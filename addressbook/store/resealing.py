"""Sealed values by the key that sealed them: found in batches by key, exchanged for the same sealed by another key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, LiteralString
from uuid import UUID

from sqlalchemy import Connection, text

from addressbook.store.engine import driver_of, translated
from addressbook.store.reading import Row, read

_EXCHANGE: dict[str, LiteralString] = {
    "person": (
        "UPDATE person SET name_sealed = %(name_sealed)s, identity_sealed = %(identity_sealed)s,"
        " phone_sealed = %(phone_sealed)s WHERE element_key = %(key)s AND name_sealed = %(was)s"
    ),
    "source_row": (
        "UPDATE source_row SET received_sealed = %(received_sealed)s WHERE row_key = %(key)s"
        " AND received_sealed = %(was)s"
    ),
    "webhook": (
        "UPDATE webhook SET secret_sealed = %(secret_sealed)s WHERE webhook_id = %(key)s AND secret_sealed = %(was)s"
    ),
}
"""`was` is one of the old values: whatever somebody else has sealed anew in the meantime stays."""
FIRST: dict[str, Any] = {"person": UUID(int=0), "source_row": UUID(int=0), "webhook": 0}
"""Where each table begins."""


def sealed_otherwise(connection: Connection, table: str, after: Any, mark: bytes, most: int) -> list[Row]:
    """The next rows of a table of which something does not begin with `mark`; `key` is the row's."""
    return read(connection, f"resealing_{table}", after=after, mark=mark, most=most)


def exchange(connection: Connection, table: str, rows: Sequence[Row]) -> int:
    """Store values sealed anew; returns how many rows were still as they were.

    A load that holds one of the rows is waited for a tenth of a second, then DatabaseError is raised: long before the
    database would look for a deadlock and might end the load in place of this.
    """
    with translated(), driver_of(connection).cursor() as cursor:
        connection.execute(text("SET LOCAL lock_timeout = '100ms'"))
        cursor.executemany(_EXCHANGE[table], rows)
        return cursor.rowcount


def count_by_mark(connection: Connection) -> dict[bytes, int]:
    """How many values each key has sealed, of all tables."""
    counts: Counter[bytes] = Counter()
    for table in FIRST:
        counts.update({bytes(row["mark"]): row["number"] for row in read(connection, f"seal_marks_{table}")})
    return dict(counts)
