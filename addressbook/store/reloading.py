"""What a run has read already, and what it need not read again: asked and noted a chunk at a time, keys as bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection

from addressbook.store.engine import driver_of
from addressbook.store.loading import uuids
from addressbook.store.statements import statement

UNREAD = 0
"""The line of a row that is in the file but could not be read."""
KEY_DIGITS = 32
MOST_TAKEN_BACK = 1000
"""Where more was taken back, rows are told one by one."""
# One value for all of them: fetched row by row they take five times as long.
_PLAIN = (
    "SELECT string_agg(uuid_send(digest) || uuid_send(row_key), ''::bytea) FROM source_row"
    " WHERE source_id = %s AND digest = ANY(%s::uuid[]) AND outcome = 'linked' AND reason_code = ''"
    " AND gone_at IS NULL AND (aid IS NULL OR aid <> ALL(%s::text[]))"
)
_ALL_TAKEN_BACK = (
    "SELECT a.aid FROM address a JOIN registry_event e ON e.event_id = a.event_id AND e.kind = 'revert'"
    " WHERE a.state = 'void' LIMIT %s"
)


def note_seen(connection: Connection, lines: Mapping[UUID, int]) -> dict[UUID, int]:
    """Remember the rows of this run; returns those read in an earlier chunk of it, with the line they stood on.

    A row noted as UNREAD counts as present, and is not returned.
    """
    return _noted(connection, {key.hex: line for key, line in lines.items()})


def note_settled(connection: Connection, keys: bytes, lines: Sequence[int]) -> dict[UUID, int]:
    """The same of rows whose keys are bytes in a row."""
    return _noted(connection, dict(zip(_hexes(keys), lines, strict=True)))


def plain_rows(connection: Connection, source_id: int, digests: bytes) -> bytes:
    """The rows of a source that are linked just as they were received, without a reason, to what was not taken back.

    `digests` are those of the rows received, 16 bytes each; returns of each row found its digest and its key.
    """
    with driver_of(connection).cursor(binary=True) as cursor:
        void = [row[0] for row in cursor.execute(_ALL_TAKEN_BACK, [MOST_TAKEN_BACK + 1])]
        if len(void) > MOST_TAKEN_BACK:
            return b""
        found = cursor.execute(_PLAIN, [source_id, f"{{{','.join(_hexes(digests))}}}", void]).fetchone()
    return (found and found[0]) or b""


def kept_cells(connection: Connection, keys: Iterable[UUID]) -> dict[UUID, tuple[dict[str, str], bytes | None]]:
    """What is kept of the cells of stored rows: those that may be read, and the others sealed."""
    found = driver_of(connection).execute(statement("rows_received"), {"keys": uuids(keys)})
    return {row[0]: (row[1], row[2]) for row in found}


def _noted(connection: Connection, lines: Mapping[str, int]) -> dict[UUID, int]:
    cursor = driver_of(connection).cursor()
    cursor.execute("SELECT row_key, line FROM seen WHERE row_key = ANY(%s::uuid[])", [f"{{{','.join(lines)}}}"])
    found: dict[UUID, int] = dict(cursor.fetchall())
    known = {key.hex for key in found}
    with cursor.copy("COPY seen (row_key, line) FROM STDIN") as copy:
        copy.write("".join([f"{key}\t{line}\n" for key, line in lines.items() if key not in known]))
    read_now = [(lines[key.hex], key) for key, line in found.items() if line == UNREAD != lines[key.hex]]
    if read_now:
        cursor.executemany("UPDATE seen SET line = %s WHERE row_key = %s", read_now)
    return {key: line for key, line in found.items() if line != UNREAD}


def _hexes(keys: bytes) -> list[str]:
    digits = keys.hex()
    return [digits[at : at + KEY_DIGITS] for at in range(0, len(digits), KEY_DIGITS)]
