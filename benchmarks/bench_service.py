"""The service at the size of a large county: 1,000,000 addresses, 2,000,000 elements; every bar of it in one run.

Run: python -m benchmarks.bench_service [--addresses N] [--elements N] [--keep FOLDER] [--tipg PYTHON]. With --keep the
filled registry stays in FOLDER for the next run, as ADDRESSBOOK_HOME of the other benchmarks.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from addressbook.config import Settings
from addressbook.privacy.policy import AccessRole
from addressbook.store import cluster
from addressbook.store.migrations import migrate
from benchmarks import bench_areas, bench_export, bench_policies, bench_rate, bench_search, bench_tiles, bench_views
from benchmarks.serving import serving
from benchmarks.world import World, timed, world
from loaders.demo import load_sample
from loaders.sample import write_sample

SEED = 7
LABEL = "bench_service"
REQUESTS, TILES, PEOPLE = 200, 50, 100_000


def main(asked: argparse.Namespace) -> None:
    """Fill a registry where none is kept, and print every table."""
    with large(asked.addresses, asked.elements, asked.keep) as settings:
        bench_views.measure(settings, REQUESTS)
        bench_rate.measure(settings, asked)
        with serving(settings, LABEL, AccessRole.ANALYST) as (client, connection):
            bench_areas.report(client, connection, PEOPLE, AccessRole.ANALYST)
            bench_search.report(client, connection, REQUESTS)
            bench_tiles.report(client, connection, TILES, AccessRole.ANALYST)
            bench_export.report(client, connection, "addresses")
        with serving(settings, LABEL, AccessRole.PUBLIC) as (client, connection):
            bench_areas.report(client, connection, PEOPLE, AccessRole.PUBLIC)
            bench_tiles.report(client, connection, TILES, AccessRole.PUBLIC)
        bench_policies.main(settings, bench_policies.TOWN)


@contextmanager
def large(addresses: int, elements: int, keep: Path | None) -> Iterator[Settings]:
    """The settings of a filled registry; in `keep` it is found again the next time."""
    if keep is not None and (keep / "filled").exists():
        url = cluster.up(keep)
        migrate(url)
        try:
            yield Settings(home=keep, database_url=url)
        finally:
            cluster.down(keep)
        return
    with world("service", keep=keep) as here:
        _fill(here, addresses, elements)
        if keep is not None:
            (keep / "filled").touch()
        here.engine.dispose()
        yield here.settings


def _fill(here: World, addresses: int, elements: int) -> None:
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        with timed(f"a sample of {addresses:,} addresses and {elements:,} elements"):
            write_sample(Path(name), addresses=addresses, seed=SEED, elements=elements)
        with timed("loaded"):
            load_sample(here.engine, here.secret, Path(name))
    with here.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def options() -> argparse.Namespace:
    """The command line: that of bench_rate, and how large."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--addresses", type=int, default=1_000_000)
    parser.add_argument("--elements", type=int, default=2_000_000)
    parser.add_argument("--keep", type=Path)
    return bench_rate.options(parser)


if __name__ == "__main__":
    main(options())
