"""Exports of a whole collection over a real socket: rows a second, and how far the service's memory grows meanwhile.

Run: python -m benchmarks.bench_export [COLLECTION], on the database of ADDRESSBOOK_HOME or ADDRESSBOOK_DATABASE_URL.
A short export of each form comes first, so that what grows is the export's and not that of libraries being read.
"""

from __future__ import annotations

import sys
import time

from sqlalchemy import Connection

from addressbook.config import read_settings
from addressbook.privacy.policy import AccessRole
from benchmarks.serving import Client, serving
from benchmarks.world import print_table, processors

LABEL = "bench_export"
FORMS = ("csv", "geojson", "ndjson", "parquet")
SHORT = "area=330109001001"


def main(collection: str) -> None:
    """Print the table for the registry of the settings."""
    with serving(read_settings(), LABEL, AccessRole.ANALYST) as (client, connection):
        report(client, connection, collection)


def report(client: Client, connection: Connection, collection: str) -> None:
    connection.rollback()
    for names in ("/resolve?text=1", "/search?q=1"):  # come back once the names are read
        client.get(names)
    for form in FORMS:
        size_of(client, f"/exports/{collection}?format={form}&{SHORT}")
    rows: list[tuple[object, ...]] = []
    for form in FORMS:
        client.forget_peak()
        before, begun = client.memory_mb(), time.perf_counter()
        size = size_of(client, f"/exports/{collection}?format={form}")
        seconds = time.perf_counter() - begun
        rows.append(
            (form, f"{size / 2**20:,.0f}", f"{seconds:.1f}", f"{before:.0f}", f"{client.peak_memory_mb() - before:.0f}")
        )
    columns = ["form", "MB", "seconds", "memory before, MB", "growth, MB"]
    print_table(f"Exports of all {collection}, {processors()}", columns, rows)


def size_of(client: Client, path: str) -> int:
    """Bytes that came."""
    return sum(map(len, client.pieces(path)))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "addresses")
