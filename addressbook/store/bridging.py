"""Tables that other systems join with: from a source's keys to codes, and all addresses as a transaction left them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection

from addressbook.errors import NotFoundError
from addressbook.store.batches import find_source
from addressbook.store.engine import driver_of, translated
from addressbook.store.statements import statement

FETCHED_ROWS = 10_000
SNAPSHOT_COLUMNS = (
    "aid", "kind", "state", "name", "standard_text", "path", "parent_aid", "road_aid", "plate_no", "division_code",
    "coordinate_level", "valid_from", "tx", "lon", "lat", "point",
)  # fmt: skip
"""`point` is WKB; `tx` the transaction that made the address what it is."""
_HAS_SCHEME = "SELECT 1 FROM external_identifier WHERE scheme = %s LIMIT 1"


def bridge_rows(connection: Connection, source: str) -> Iterator[list[tuple[Any, ...]]]:
    """(source_key, aid, state of the address) of a source's rows that have an address, in key order, in chunks.

    The code is the one that stands today for the one the row was given. Raises NotFoundError when there is no such
    source.
    """
    source_id, _ = find_source(connection, source)
    chunks = chunks_of(connection, "bridge_rows", {"source": source_id, "scheme": None})
    return ([row[:3] for row in rows] for rows in chunks)


def outside_code_rows(connection: Connection, scheme: str) -> Iterator[list[tuple[Any, ...]]]:
    """(value, aid, state, valid_from, valid_to, source) of every outside code of a scheme, in its order, in chunks.

    The code is the one that stands today for the one it was given to; a value has as many rows as it has periods.
    Raises NotFoundError where nothing has a code of the scheme.
    """
    if not driver_of(connection).execute(_HAS_SCHEME, [scheme]).fetchone():
        raise NotFoundError(
            f"no address has a code of {scheme}.", zh=f"没有地址带有 {scheme} 编码。",
            remedy="Write the scheme as it was given, e.g. 'JGJ/T 246'.",
        )  # fmt: skip
    return chunks_of(connection, "bridge_rows", {"source": None, "scheme": scheme})


def snapshot_rows(connection: Connection, event: int) -> Iterator[list[tuple[Any, ...]]]:
    """The values of SNAPSHOT_COLUMNS of every address as a transaction left it, in chunks."""
    return chunks_of(connection, "snapshot_rows", {"event": event})


def chunks_of(connection: Connection, name: str, values: dict[str, Any]) -> Iterator[list[Any]]:
    """The rows of store/sql/<name>.sql, FETCHED_ROWS at a time, so that no answer has to fit into memory."""
    with translated(), driver_of(connection).cursor(name=name) as cursor:
        cursor.itersize = FETCHED_ROWS
        cursor.execute(statement(name), values)
        while rows := cursor.fetchmany(FETCHED_ROWS):
            yield rows
