"""A registry filled with sample addresses, the code of each, and dirty queries about them."""

from __future__ import annotations

import csv
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, text

from addressbook.config import Settings
from addressbook.divisions import Gazetteer
from addressbook.match import NameIndex, Resolver
from addressbook.privacy.sealing import Secret
from addressbook.store import cluster
from addressbook.store.engine import make_engine, transaction
from addressbook.store.names import read_names
from benchmarks.dirty import Facts, Query, QueryWriter
from benchmarks.dirty_faults import NEGATIVES, POSITIVES
from benchmarks.world import World, timed, world
from loaders.request import LoadRequest
from loaders.running import run_load
from loaders.sample import write_sample
from loaders.sample.sites import AddressRow

BRIDGE = text(
    "SELECT r.source_key, r.aid FROM source_row r JOIN source s USING (source_id) WHERE s.name = 'sample:addresses'"
)
COLUMN_LIMIT = 1 << 24


@dataclass(slots=True)
class Filled:
    """A filled registry: the codes by source key, the rows, and a resolver over its names."""

    connection: Connection
    resolver: Resolver
    gazetteer: Gazetteer
    rows: list[AddressRow]
    aids: dict[str, str]

    def queries(self, number: int, seed: int) -> list[Query]:
        """Dirty queries about these addresses."""
        facts = Facts.of(iter(self.rows))
        known = [row for row in self.rows if row.source_key in self.aids]
        return QueryWriter(known, facts, seed, POSITIVES, NEGATIVES).queries(number)


@contextmanager
def filled(addresses: int, seed: int, keep: Path | None) -> Iterator[Filled]:
    """A registry of a sample of that size; below `keep` it is found again the next time."""
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
    home = keep / f"{addresses}-{seed}" if keep else None
    if home is not None and (home / "filled").exists():
        with _kept(home) as connection:
            yield _read(connection, home / "sample")
            return
    with world("match", keep=home) as here:
        folder = here.home / "sample"
        write_sample(folder, addresses=addresses, seed=seed)
        with timed(f"{addresses:,} addresses → PostGIS"):
            request = LoadRequest("addresses", folder / "addresses.csv", "sample:addresses")
            run_load(here.engine, here.secret, request)
        _analyse(here)
        if home is not None:
            (home / "filled").touch()
        with transaction(here.engine) as connection:
            yield _read(connection, folder)


@contextmanager
def _kept(home: Path) -> Iterator[Connection]:
    url = cluster.up(home)
    Secret.from_file(Settings(home=home, database_url=url).key_file, create=False)
    engine = make_engine(url)
    try:
        with transaction(engine) as connection:
            yield connection
    finally:
        engine.dispose()
        cluster.down(home)


def _analyse(here: World) -> None:
    with here.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def _read(connection: Connection, folder: Path) -> Filled:
    gazetteer = Gazetteer.shipped()
    names, _ = read_names(connection)
    resolver = Resolver(gazetteer, NameIndex(names, gazetteer))
    aids = {row.source_key: row.aid for row in connection.execute(BRIDGE) if row.aid}
    with (folder / "addresses.csv").open(encoding="utf-8", newline="") as file:
        lines = csv.reader(file)
        next(lines)
        rows = [AddressRow._make(line) for line in lines]
    gc.collect()
    gc.freeze()  # as the service does: names and rows last, and a collection need not walk them
    return Filled(connection, resolver, gazetteer, rows, aids)
