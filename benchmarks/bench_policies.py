"""The plans of what a reader bound to a town asks, beside those of one bound to none, on a registry that is there.

Run: python -m benchmarks.bench_policies [--town 330109001], on the database of ADDRESSBOOK_HOME or
ADDRESSBOOK_DATABASE_URL. Of each collection a page without and with each of some filters: the nodes of the plan that
read tables, and the time. Ends with 1 where a table of 50,000 rows or more is read from end to end with the policy
only; of a smaller one that is what a planner should do.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import shapely
from sqlalchemy import Connection, text

from addressbook.collections.asked import ItemsQuery
from addressbook.collections.declared import COLLECTIONS, Collection
from addressbook.config import Settings, read_settings
from addressbook.store.cluster import database_url
from addressbook.store.collections.reading import explained, read_items
from addressbook.store.engine import make_engine
from benchmarks.world import console, print_table, processors

TOWN = "330109001"
PAGE, LARGE = 101, 50_000
LARGE_SCAN = "all of the large"
FILTERS: dict[str, dict[str, Any]] = {
    "everything": {},
    "a town": {"divisions": ("330109002000", "330109002999")},
    "a box": {"bbox": shapely.to_wkb(shapely.box(120.2, 30.1, 120.3, 30.2))},
    "an outline": {"outline": shapely.to_wkb(shapely.Point(120.25, 30.15).buffer(0.02))},
}


def main(settings: Settings, town: str) -> int:
    """Print the table; 1 where a policy turned a plan into one that reads a whole table."""
    engine = make_engine(database_url(settings))
    rows, worse = list[tuple[object, ...]](), list[str]()
    with engine.connect() as connection:
        for name, collection in COLLECTIONS.items():
            if collection.kind is None:
                continue
            for words, asked in FILTERS.items():
                free, bound = (_measured(connection, collection, bounds, asked) for bounds in ((), (town,)))
                rows += [(name, words, "off", *free), (name, words, "on", *bound)]
                if LARGE_SCAN in bound[0] and LARGE_SCAN not in free[0]:
                    worse.append(f"{name}, {words}")
    print_table(f"pages of {PAGE - 1}, {processors()}", ["collection", "filter", "policy", "reads", "ms"], rows)
    console.print("read from end to end with the policy only: " + ("; ".join(worse) or "none"))
    return 1 if worse else 0


def _measured(
    connection: Connection, collection: Collection, bounds: tuple[str, ...], asked: dict[str, Any]
) -> tuple[str, str]:
    query = replace(ItemsQuery(collection, collection.properties, limit=PAGE, **asked), bounds=bounds)
    (found,) = explained(connection, query)
    took = []
    for _ in range(5):
        started = time.perf_counter()
        read_items(connection, query)
        took.append((time.perf_counter() - started) * 1000)
    return ", ".join(dict.fromkeys(_reads(connection, found["Plan"]))), f"{min(took):.1f}"


def _reads(connection: Connection, plan: dict[str, Any]) -> Iterator[str]:
    """The nodes that read something: an index by its name, or a table that is read from end to end."""
    if "Index Name" in plan:
        yield plan["Index Name"]
    elif plan["Node Type"] == "Seq Scan":
        table = plan["Relation Name"]
        rows = connection.execute(
            text("SELECT reltuples FROM pg_class WHERE relname = :name"), {"name": table}
        ).scalar()
        yield f"{LARGE_SCAN if (rows or 0) >= LARGE else 'all of the small'} {table}"
    for part in plan.get("Plans", []):
        yield from _reads(connection, part)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--town", default=TOWN, help="leading digits of the division that the reader is bound to")
    sys.exit(main(read_settings(), parser.parse_args().town))
