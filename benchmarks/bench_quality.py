"""What the quality figures of a whole registry cost, each beside a floor: one count of its addresses and links.

Run: python -m benchmarks.bench_quality [ADDRESSES]. Loads a sample first, or takes the one that HOME keeps:
python -m benchmarks.bench_quality ADDRESSES HOME.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from addressbook.store import cluster
from addressbook.store.engine import make_engine, transaction
from addressbook.views.quality import FIGURES, Scope, figure_page, figures
from benchmarks.world import console, print_table, processors, world
from loaders.demo import load_sample
from loaders.sample import write_sample

FLOOR = "SELECT (SELECT count(*) FROM address), (SELECT count(*) FROM link)"


def main(addresses: int, keep: Path | None) -> None:
    """Load a sample, then ask for every figure and its first page."""
    if keep is not None and keep.exists():
        measure(cluster.up(keep))
        return
    with world("quality", keep=keep) as here, tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        write_sample(Path(name), addresses=addresses, seed=7)
        load_sample(here.engine, here.secret, Path(name))
        measure(here.engine.url.render_as_string(hide_password=False))


def measure(url: str) -> None:
    """Time the floor, all figures together, and the first page of each."""
    engine, scope = make_engine(url), Scope(datetime.now(UTC))
    with transaction(engine) as connection:
        connection.execute(text("ANALYZE"))
    with transaction(engine) as connection:
        connection.execute(text("SET LOCAL jit = off"))  # as the service does
        connection.execute(text(FLOOR))
        counted, floor = timed(lambda: connection.execute(text(FLOOR)).one())
        found, whole = timed(lambda: figures(connection, scope))
        rows = [(f["figure"], f"{f['value']:,}", f"{f['of']:,}", *page(connection, f["figure"], scope)) for f in found]
    print_table("Quality figures", ["figure", "value", "of", "first 100 rows, ms"], rows)
    console.print(
        f"{counted[0]:,} addresses, {counted[1]:,} links, {processors()}: all {len(FIGURES)} figures {whole:.1f} s,"
        f" floor (one count of each table) {floor:.2f} s, 1 : {whole / floor:.0f}"
    )


def page(connection: Connection, name: str, scope: Scope) -> tuple[str]:
    """How long the first page of a figure takes."""
    _, seconds = timed(lambda: figure_page(connection, name, scope, part=None, after=None, limit=100))
    return (f"{seconds * 1000:,.0f}",)


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What it answers, and the seconds it takes."""
    started = time.perf_counter()
    answer = work()
    return answer, time.perf_counter() - started


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000, Path(sys.argv[2]) if len(sys.argv) > 2 else None)
