"""Writing the access log: what the chain costs the readers, beside a chain that is computed as each line is written.

    python -m benchmarks.bench_access_log [--seconds 5] [--writers 4]

On a private cluster of its own. Three ways in turn, each with the same writers: lines alone, lines while a sealer
works, and lines that are hashed and placed at the insert, under a lock until they are committed: what is not done.
"""

from __future__ import annotations

import argparse
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

from sqlalchemy import Engine

from addressbook.privacy.chain import seal, verify
from addressbook.privacy.log import log_read
from addressbook.privacy.policy import AccessRole, Reader
from addressbook.privacy.sealing import Secret
from addressbook.store.engine import make_engine, transaction
from benchmarks.world import world

SECRET = Secret(bytes(32))
READER = Reader(AccessRole.ANALYST, 1, "bench", "/addresses/{aid}/view", "bench")
PERSONS = 3
SEAL_EVERY_S = 2.0
ROUNDS = 3


def append(engine: Engine) -> None:
    """One read, logged as the service does."""
    with transaction(engine) as connection:
        log_read(connection, READER, "B7K3M9QXW2HF", [str(uuid4()) for _ in range(PERSONS)])


def append_sealed(engine: Engine) -> None:
    """One read whose line is sealed before it is committed."""
    with transaction(engine) as connection:
        log_read(connection, READER, "B7K3M9QXW2HF", [str(uuid4()) for _ in range(PERSONS)])
        seal(connection, SECRET)


def rate(engine: Engine, work: Callable[[Engine], None], writers: int, seconds: float) -> float:
    """How often the work is done in a second by so many threads."""
    done = [0] * writers
    until = time.perf_counter() + seconds

    def go_on(number: int) -> None:
        while time.perf_counter() < until:
            work(engine)
            done[number] += 1

    threads = [threading.Thread(target=go_on, args=[number]) for number in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / seconds


@contextmanager
def sealer_at_work(engine: Engine) -> Iterator[None]:
    """What the service's sealer does meanwhile; in the end everything is sealed, and how fast is told."""
    over = threading.Event()

    def go_on() -> None:
        while not over.wait(SEAL_EVERY_S):
            with transaction(engine) as connection:
                seal(connection, SECRET, wait=False)

    sealer = threading.Thread(target=go_on)
    sealer.start()
    yield
    over.set()
    sealer.join()
    started, sealed = time.perf_counter(), 0
    more = True
    while more:
        with transaction(engine) as connection:
            more = bool(now := seal(connection, SECRET).lines)
            sealed += now
    print(f"sealing {sealed:,} lines: {sealed / (time.perf_counter() - started):,.0f} a second")


def main() -> None:
    """Measure, and verify what was written."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--seconds", type=float, default=5.0)
    arguments.add_argument("--writers", type=int, default=4)
    asked = arguments.parse_args()
    with world("access-log") as here:
        url = here.engine.url.set(query={**here.engine.url.query, "options": "-c synchronous_commit=off"})
        engine = make_engine(url.render_as_string(hide_password=False), pool_size=asked.writers)
        append(engine)
        totals = {"alone": 0.0, "beside": 0.0, "within": 0.0}
        for _ in range(ROUNDS):
            totals["alone"] += rate(engine, append, asked.writers, asked.seconds / ROUNDS)
            with sealer_at_work(engine):
                totals["beside"] += rate(engine, append, asked.writers, asked.seconds / ROUNDS)
            totals["within"] += rate(engine, append_sealed, asked.writers, asked.seconds / ROUNDS)
        alone, beside, within = (total / ROUNDS for total in totals.values())
        with transaction(engine) as connection:
            started = time.perf_counter()
            found = verify(connection, SECRET)
            spent = time.perf_counter() - started
        print(f"{asked.writers} writers, lines a second: alone {alone:,.0f}")
        print(f"beside a sealer {beside:,.0f} (1 : {alone / beside:.2f})")
        print(f"sealed at the insert {within:,.0f} (1 : {alone / within:.2f})")
        print(f"verified {found.lines:,} lines, {found.lines / spent:,.0f} a second")
        engine.dispose()


if __name__ == "__main__":
    main()
