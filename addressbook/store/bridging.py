"""The bridge from a source's keys to identity codes."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from addressbook.store.batches import find_source
from addressbook.store.engine import driver_of, translated

FETCHED_ROWS = 10_000


def bridge_rows(connection: Connection, source: str) -> Iterator[list[tuple[str, str, str]]]:
    """(source_key, aid, state of the address) of a source's rows that have an address, in key order, in chunks.

    Raises NotFoundError when there is no such source.
    """
    source_id, _ = find_source(connection, source)
    with translated(), driver_of(connection).cursor(name="bridge") as cursor:
        cursor.itersize = FETCHED_ROWS
        cursor.execute(
            "SELECT r.source_key, r.aid, a.state FROM source_row r"
            " JOIN address a ON a.site_id = r.site_id AND a.aid = r.aid"
            " WHERE r.source_id = %s AND r.gone_at IS NULL ORDER BY r.source_key",
            [source_id],
        )
        while rows := cursor.fetchmany(FETCHED_ROWS):
            yield rows
