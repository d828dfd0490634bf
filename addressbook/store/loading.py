"""What a load reads and writes, set by set: one statement a chunk for each purpose, never one a row.

Everything here runs inside the caller's transaction, so a chunk is stored whole or not at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from psycopg import sql
from sqlalchemy import Connection

from addressbook.registry.review import REFUSALS
from addressbook.store.copying import copy_in
from addressbook.store.engine import driver_of
from addressbook.store.tables import DISTRIBUTION, METADATA


class StoredRow(NamedTuple):
    """What the last load kept of a source's row."""

    row_key: UUID
    digest: UUID
    outcome: str
    reason_code: str
    element_key: UUID | None
    site_id: int | None
    aid: str | None
    division_code: str | None
    gone: bool
    source_key: str


class OpenLink(NamedTuple):
    """A link that stands."""

    site_id: int
    link_id: int
    row_key: UUID
    role: str
    aid: str | None
    division_code: str
    element_kind: str
    element_key: UUID
    category: str
    month: date


# What a load minted and a revert took back: its rows are to be loaded anew.
_TAKEN_BACK = (
    "SELECT a.aid FROM address a JOIN registry_event e ON e.event_id = a.event_id AND e.kind = 'revert'"
    " WHERE a.state = 'void' AND a.aid = ANY(%s::text[])"
)
NEVER = UUID(int=0)
"""The digest of a row that is as if it had never been received."""
_STORED = (
    "SELECT row_key, digest, outcome, reason_code, element_key, site_id, aid, division_code, gone_at IS NOT NULL,"
    " source_key FROM source_row r WHERE row_key = ANY(%s::uuid[])"
)
_SETTLED = (
    "SELECT row_key, digest, outcome, reason_code, element_key, site_id, aid, division_code, gone_at IS NOT NULL,"
    " source_key FROM source_row r"
    " WHERE source_id = %s AND digest = ANY(%s::uuid[]) AND outcome = 'linked' AND gone_at IS NULL"
)
_GONE = (
    "SELECT row_key, digest, outcome, reason_code, element_key, site_id, aid, division_code, gone_at IS NOT NULL,"
    " source_key FROM source_row r"
    " WHERE source_id = %s AND gone_at IS NULL AND NOT EXISTS (SELECT FROM seen s WHERE s.row_key = r.row_key)"
    " LIMIT %s"
)


def begin_run(connection: Connection) -> None:
    """Make ready a fresh connection, which holds what this run has seen until it is closed."""
    cursor = driver_of(connection).cursor()
    # Keys come in no order: an index larger than this is written and read again and again.
    cursor.execute("SET temp_buffers = '64MB'")
    cursor.execute("CREATE TEMP TABLE seen (row_key uuid PRIMARY KEY, line bigint NOT NULL)")


def stored_rows(connection: Connection, keys: Sequence[UUID]) -> dict[UUID, StoredRow]:
    """What is stored of the rows with these keys; of one whose address was taken back the digest is NEVER."""
    found = [StoredRow(*row) for row in driver_of(connection).execute(_STORED, [uuids(keys)])]
    void = _taken_back(connection, found)
    return {row.row_key: row._replace(digest=NEVER) if row.aid in void else row for row in found}


def settled_rows(connection: Connection, source_id: int, digests: Sequence[UUID]) -> dict[UUID, StoredRow]:
    """The rows of a source that are linked just as they were received, by their digest, to what was not taken back."""
    found = [StoredRow(*row) for row in driver_of(connection).execute(_SETTLED, [source_id, uuids(digests)])]
    void = _taken_back(connection, found)
    return {row.digest: row for row in found if row.aid not in void}


def _taken_back(connection: Connection, rows: Sequence[StoredRow]) -> set[str | None]:
    """The codes of rows that an event made which was taken back."""
    aids = {row.aid for row in rows if row.aid}
    found = driver_of(connection).execute(_TAKEN_BACK, [f"{{{','.join(aids)}}}"]) if aids else ()
    return {row[0] for row in found}


def has_rows(connection: Connection, source_id: int) -> bool:
    """Whether anything of a source is stored."""
    found = (
        driver_of(connection)
        .execute("SELECT EXISTS (SELECT FROM source_row WHERE source_id = %s)", [source_id])
        .fetchone()
    )
    return bool(found and found[0])


def open_links(connection: Connection, rows: Iterable[StoredRow]) -> dict[UUID, list[OpenLink]]:
    """The open links of stored rows, by row."""
    wanted = {row.row_key for row in rows}
    elements = list({row.element_key for row in rows if row.element_key})
    links: dict[UUID, list[OpenLink]] = {}
    if not elements:
        return links
    with driver_of(connection).cursor() as cursor:
        cursor.execute(
            "SELECT site_id, link_id, row_key, role, aid, division_code, element_kind, element_key, category, month"
            " FROM link WHERE element_key = ANY(%s::uuid[]) AND closed_at IS NULL",
            [uuids(elements)],
        )
        for row in cursor:
            link = OpenLink(*row)
            if link.row_key in wanted:
                links.setdefault(link.row_key, []).append(link)
    return links


def close_links(connection: Connection, links: Sequence[OpenLink], batch_id: int) -> None:
    """End links: they keep their row, dated."""
    driver_of(connection).execute(
        "UPDATE link SET closed_at = now(), closed_batch = %s FROM unnest(%s::bigint[], %s::bigint[])"
        " AS gone (site_id, link_id) WHERE link.site_id = gone.site_id AND link.link_id = gone.link_id"
        " AND closed_at IS NULL",
        [batch_id, [link.site_id for link in links], [link.link_id for link in links]],
    )


def upsert(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert or replace rows of a big table whose key is its distribution column (elements, source rows)."""
    cursor = driver_of(connection).cursor()
    stage, key = f"stage_{table}", DISTRIBUTION[table]
    cursor.execute(
        sql.SQL("CREATE TEMP TABLE IF NOT EXISTS {} (LIKE {} INCLUDING DEFAULTS) ON COMMIT DELETE ROWS").format(
            _name(stage), _name(table)
        )
    )
    cursor.execute(sql.SQL("TRUNCATE {}").format(_name(stage)))
    copy_in(connection, stage, columns, rows)
    changed = [column.name for column in METADATA.tables[table].columns if column.name != key]
    cursor.execute(
        sql.SQL(
            "INSERT INTO {table} SELECT * FROM {stage} ORDER BY {key} ON CONFLICT ({key}) DO UPDATE SET {sets}"
        ).format(
            table=_name(table),
            stage=_name(stage),
            key=_name(key),
            sets=sql.SQL(", ").join(sql.SQL("{c} = excluded.{c}").format(c=_name(column)) for column in changed),
        )
    )


def settle_reviews(connection: Connection, keys: Sequence[UUID]) -> None:
    """Withdraw the open review items of rows that no longer need one."""
    driver_of(connection).execute(
        "UPDATE review_item SET state = 'withdrawn', settled_at = statement_timestamp()"
        " WHERE state = 'open' AND row_key = ANY(%s::uuid[])",
        [uuids(keys)],
    )


def gone_rows(connection: Connection, source_id: int, limit: int) -> list[StoredRow]:
    """Rows of a source that this run has not seen and that are not yet marked gone, at most `limit`."""
    return [StoredRow(*row) for row in driver_of(connection).execute(_GONE, [source_id, limit])]


def mark_gone(connection: Connection, keys: Sequence[UUID]) -> None:
    """Date the end of rows that a full snapshot no longer has; they stay readable."""
    driver_of(connection).execute(
        "UPDATE source_row SET gone_at = statement_timestamp() WHERE row_key = ANY(%s::uuid[])", [uuids(keys)]
    )


def json(value: Any) -> str:
    """A value for a jsonb column of COPY, which takes text: a third of the time of the driver's own conversion."""
    return orjson.dumps(value).decode()


def uuids(keys: Iterable[UUID]) -> str:
    """A value for a uuid[] parameter; the driver's own conversion takes ten times as long."""
    return f"{{{','.join([key.hex for key in keys])}}}"


def array_of(values: Iterable[Any]) -> str:
    """A value for a parameter that is an array of texts, numbers or dates; for the same reason."""
    quoted = ['"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"' for value in values]
    return f"{{{','.join(quoted)}}}"


def words(values: Iterable[str]) -> str:
    """A value for a text[] column of COPY; the words are codes of ours, without quotes, commas or spaces."""
    return f"{{{','.join(values)}}}"


def _name(name: str) -> sql.Identifier:
    return sql.Identifier(name)


def retire_refusals(connection: Connection, source_id: int) -> None:
    """Date the end of refusals of earlier loads of the source: the rows refused are those of the latest one.

    What a clerk refused is not theirs.
    """
    driver_of(connection).execute(
        "UPDATE source_row r SET gone_at = statement_timestamp() WHERE source_id = %s AND outcome = 'rejected'"
        " AND gone_at IS NULL AND NOT EXISTS (SELECT FROM seen s WHERE s.row_key = r.row_key)"
        " AND NOT reason_code = ANY(%s)",
        [source_id, [code for code, *_ in REFUSALS.values()]],
    )


# Only the columns that loads look up by: statistics of the points alone would take as long as all others.
_ANALYZE_ADDRESSES = (
    "ANALYZE address (site_id, aid, path, loose_path, road_aid, plate_no, state), aid_directory,"
    " source_row (row_key, source_id)"
)
_ANALYZE_ELEMENTS = "ANALYZE link (site_id, element_key, row_key), source_row (row_key, source_id)"


def rows_known(connection: Connection) -> int:
    """How many rows of loads the planner knows of."""
    found = (
        driver_of(connection).execute("SELECT reltuples FROM pg_class WHERE oid = 'source_row'::regclass").fetchone()
    )
    return max(int(found[0]), 0) if found else 0


def refresh_statistics(connection: Connection, *, addresses: bool) -> None:
    """Tell the planner how large the tables have become that a load of addresses, or of elements, has grown."""
    driver_of(connection).execute(_ANALYZE_ADDRESSES if addresses else _ANALYZE_ELEMENTS)
