"""The rows of a whole database: emptied, kept, and put back as they were."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, text

from addressbook.store.engine import driver_of
from addressbook.store.tables import METADATA

LOGS = ("access_log", "access_anchor")
"""They let themselves be emptied by nobody else."""
WRITTEN_FIRST = (*LOGS, "area_tiling", "webhook", "export_job", "meta")
"""Of what a service writes behind its requests, each time the first: one that has just been stopped may be at it, and
would wait for rows that are deleted here while it is waited for."""
TABLES = [table.name for table in METADATA.sorted_tables if table.name != "purpose"]
"""All but the purposes that ship, each after those it refers to."""
LARGE_BYTES = 1 << 20
"""To empty a table larger than this row by row would take longer than to make new files for it and all its indexes."""
SIZES = text(
    "SELECT relname, pg_relation_size(oid) FROM pg_class WHERE relname = ANY(CAST(:names AS name[]))"
    " AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0"
)
RESTART = text(
    "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)"
    " FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
)
COUNTED = text(
    "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
)


def empty_tables(connection: Connection) -> None:
    """Empty every table but the purposes that ship, and let every sequence begin anew."""
    sizes = sizes_of_tables(connection)
    large = with_what_refers_to([name for name, size in sizes.items() if size > LARGE_BYTES])
    small = [name for name in reversed(sizes) if name not in large]
    logs = [name for name in LOGS if name in sizes]
    statements = [
        f"LOCK TABLE {', '.join(WRITTEN_FIRST)} IN EXCLUSIVE MODE",
        *(f"ALTER TABLE {name} DISABLE TRIGGER USER" for name in logs),
        *([f"TRUNCATE {', '.join(large)}"] if large else []),
        *(f"DELETE FROM {name}" for name in small),
        *(f"ALTER TABLE {name} ENABLE TRIGGER USER" for name in logs),
    ]
    connection.exec_driver_sql("; ".join(statements))
    connection.execute(RESTART)


def sizes_of_tables(connection: Connection) -> dict[str, int]:
    """The bytes of the tables that hold rows, or once did, each after those it refers to."""
    found = dict(map(tuple, connection.execute(SIZES, {"names": TABLES})))
    return {name: found[name] for name in TABLES if name in found}


def with_what_refers_to(names: Collection[str]) -> list[str]:
    """These tables and those with foreign keys to them, which PostgreSQL truncates together only, were they empty."""
    found = set(names)
    for table in METADATA.sorted_tables:  # each comes after those it refers to
        if any(key.column.table.name in found for key in table.foreign_keys):
            found.add(table.name)
    return [name for name in TABLES if name in found]


@dataclass(frozen=True)
class Picture:
    """Every row as PostgreSQL writes it, and how far the sequences had counted."""

    rows: dict[str, bytes]
    counted: dict[str, int]

    @classmethod
    def of(cls, connection: Connection) -> Picture:
        """What there is now."""
        counted = dict(map(tuple, connection.execute(COUNTED)))
        copied = {name: _copied(connection, name) for name in sizes_of_tables(connection)}
        return cls({name: rows for name, rows in copied.items() if rows}, counted)

    def put_back(self, connection: Connection) -> None:
        """Write all of it into empty tables."""
        with driver_of(connection).cursor() as cursor:
            guarded = [name for name in LOGS if name in self.rows]
            for name in guarded:
                cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
            for name, rows in self.rows.items():
                with cursor.copy(f"COPY {name} FROM STDIN") as copy:
                    copy.write(rows)
            for name in guarded:
                cursor.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")
            names, counted = list(self.counted), list(self.counted.values())
            cursor.execute(
                "SELECT setval(n::regclass, c) FROM unnest(%s::text[], %s::bigint[]) AS q (n, c)", [names, counted]
            )


def _copied(connection: Connection, name: str) -> bytes:
    with driver_of(connection).cursor() as cursor, cursor.copy(f"COPY {name} TO STDOUT") as copy:
        return b"".join(map(bytes, copy))
