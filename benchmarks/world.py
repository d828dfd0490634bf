"""A private cluster for one measurement, thrown away afterwards, and small helpers to time and print."""

from __future__ import annotations

import multiprocessing
import os
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table
from sqlalchemy import Engine

from addressbook.config import Settings
from addressbook.divisions import Gazetteer
from addressbook.privacy.sealing import Secret
from addressbook.store import cluster
from addressbook.store.divisions import load_divisions
from addressbook.store.engine import make_engine, transaction
from addressbook.store.migrations import migrate

console = Console(width=160)


@dataclass(frozen=True)
class World:
    """An empty registry with the national divisions in it."""

    home: Path
    settings: Settings
    engine: Engine
    secret: Secret


@contextmanager
def world(name: str, *, keep: Path | None = None) -> Iterator[World]:
    """A fresh cluster; below `keep` it stays for a look, else it is removed."""
    if keep is not None and keep.exists():
        cluster.remove(keep)
    home = keep or Path(tempfile.mkdtemp(prefix=f"addressbook-{name}-", dir="/var/tmp"))
    home.mkdir(exist_ok=True)
    home.chmod(0o755)
    try:
        url = cluster.up(home)
        migrate(url)
        settings = Settings(home=home, database_url=url)
        engine = make_engine(url)
        secret = Secret.from_file(settings.key_file, create=True)
        with transaction(engine) as connection, timed("national divisions → PostGIS"):
            load_divisions(connection, Gazetteer.shipped())
        yield World(home, settings, engine, secret)
        engine.dispose()
    finally:
        if keep is None:
            cluster.remove(home)
            shutil.rmtree(home, ignore_errors=True)


@contextmanager
def timed(label: str) -> Iterator[None]:
    """Print how long the block took."""
    start = time.perf_counter()
    yield
    console.print(f"{label}: {time.perf_counter() - start:.1f} s")


def print_table(title: str, columns: list[str], rows: list[tuple[object, ...]]) -> None:
    """A table, numbers as they come."""
    table = Table(*columns, title=title, title_justify="left")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell).replace("[", "\\[") for cell in row))
    console.print(table)


def peak_memory_mb(who: int = resource.RUSAGE_SELF) -> float:
    """The largest resident size of this process so far, or of the largest of its children, in MB (Linux)."""
    return resource.getrusage(who).ru_maxrss / 1024


def processors() -> str:
    """How many processors the measurement ran on."""
    return f"{len(os.sched_getaffinity(0))} cores"


def both_processors() -> float:
    """How much more two busy processes get done than one: what "2 cores" is worth here, 2.0 at best."""
    alone = _seconds_of_work(0)
    with multiprocessing.Pool(2) as pool:
        together = max(pool.map(_seconds_of_work, [0, 0]))
    return 2 * alone / together


def _seconds_of_work(_: int) -> float:
    start, total = time.perf_counter(), 0
    for number in range(5_000_000):
        total += number * number % 7
    return time.perf_counter() - start
