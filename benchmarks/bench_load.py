"""Loading a sample end to end: rows a second, peak memory, and the ratio to a bare COPY of the same rows.

Run: python -m benchmarks.bench_load [ADDRESSES] [SEED]; the address list is loaded first, then as many linked rows.
"""

from __future__ import annotations

import csv
import resource
import sys
import tempfile
import time
from pathlib import Path

from addressbook.divisions import Gazetteer
from addressbook.store.engine import driver_of, transaction
from benchmarks.world import World, both_processors, console, peak_memory_mb, print_table, processors, world
from loaders.areas import load_areas
from loaders.demo import FILES
from loaders.request import LoadRequest
from loaders.running import run_load
from loaders.sample import write_sample

FLOOR_COLUMNS = 6


def main(addresses: int, seed: int) -> None:
    """Generate, load, load again, and print the table."""
    with world("load") as here:
        run(here, addresses, seed)


def run(here: World, addresses: int, seed: int) -> None:
    """The same in a registry that is there."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        folder = Path(name)
        write_sample(folder, addresses=addresses, seed=seed)
        load_areas(here.engine, folder / "areas.geojson", "areas")
        before = peak_memory_mb()
        rows = [_load(here, kind, path) for kind, pattern in FILES.items() for path in sorted(folder.glob(pattern))]
        read = sum(int(row[1]) for row in rows)
        seconds = sum(float(row[5]) for row in rows)
        rows.append(("all", read, "", "", "", f"{seconds:.1f}", f"{read / seconds:,.0f}"))
        rows.append(_again(here, "addresses", folder / FILES["addresses"]))
        print_table(
            f"Loading a sample of {addresses:,} addresses on {processors()}",
            ["file", "read", "linked", "review", "rejected", "seconds", "rows a second"],
            rows,
        )
        console.print(f"two busy processes do {both_processors():.2f} times the work of one on this machine")
        floor = _bare_copy(here, folder / FILES["addresses"])
        console.print(f"floor: bare COPY of the address list with a primary key: {floor:,.0f} rows a second")
        console.print(f"ratio of the whole load to the floor: 1 : {floor / (read / seconds):.1f}")
        console.print(
            f"peak memory of the loading process: {peak_memory_mb():,.0f} MB (before the loads {before:,.0f});"
            f" of its largest helper, most of it shared: {peak_memory_mb(resource.RUSAGE_CHILDREN):,.0f} MB"
        )


def _load(here: World, kind: str, path: Path) -> tuple[object, ...]:
    start = time.perf_counter()
    request = LoadRequest(kind, path, path.stem)
    totals = run_load(here.engine, here.secret, request, gazetteer=Gazetteer.shipped()).totals
    seconds = time.perf_counter() - start
    return (
        path.name, totals.read, totals.linked, totals.review, totals.rejected, f"{seconds:.1f}",
        f"{totals.read / seconds:,.0f}",
    )  # fmt: skip


def _again(here: World, kind: str, path: Path) -> tuple[object, ...]:
    return (f"{path.name} again", *_load(here, kind, path)[1:])


def _bare_copy(here: World, path: Path) -> float:
    """The same rows, read by the csv module and copied into a logged table with a primary key: the floor."""
    start, rows = time.perf_counter(), 0
    with transaction(here.engine) as connection, path.open(encoding="utf-8", newline="") as file:
        cursor = driver_of(connection).cursor()
        cursor.execute("CREATE TABLE floor (a text PRIMARY KEY, b text, c text, d text, e text, f text)")
        with cursor.copy("COPY floor FROM STDIN") as copy:
            for rows, cells in enumerate(csv.reader(file), 1):  # noqa: B007 - the last value is the count
                copy.write_row(cells[:FLOOR_COLUMNS])
    return rows / (time.perf_counter() - start)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000, int(sys.argv[2]) if len(sys.argv) > 2 else 7)
