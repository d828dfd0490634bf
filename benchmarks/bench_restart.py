"""The database stopped, and killed, under load: how long the service refuses, and how soon after it is back it answers.

Run: python -m benchmarks.bench_restart [--addresses 5000] [--clients 8]
"""

from __future__ import annotations

import argparse
import os
import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from http import HTTPStatus
from http.client import HTTPConnection
from itertools import cycle, islice
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple

from addressbook.divisions import Gazetteer
from addressbook.privacy.policy import AccessRole
from addressbook.store import cluster
from benchmarks.bench_rate import ADDRESSES, ANY
from benchmarks.bench_views import chosen
from benchmarks.serving import serving
from benchmarks.world import console, print_table, processors, world
from loaders.demo import FILES
from loaders.request import LoadRequest
from loaders.running import run_load
from loaders.sample import write_sample

BEFORE_S, AWAY_S, AFTER_S = 3.0, 2.0, 6.0


class Heard(NamedTuple):
    """A request: when it was sent, when it was answered, and how."""

    begun: float
    ended: float
    status: int


def main(addresses: int, clients: int) -> None:
    """Load a sample, serve it, and take the database away twice."""
    with world("restart") as here, tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        folder = Path(name)
        write_sample(folder, addresses=addresses, seed=7)
        request = LoadRequest("addresses", folder / FILES["addresses"], "addresses")
        run_load(here.engine, here.secret, request, gazetteer=Gazetteer.shipped())
        rows: list[tuple[object, ...]] = []
        with serving(here.settings, "bench_restart", AccessRole.ANALYST) as (client, connection):
            paths = [f"/addresses/{aid}/view" for aid in chosen(connection, ANY, ADDRESSES)]
            connection.close()
            for word, end in (("stopped", _stop), ("killed", _kill)):
                rows.append((word, *_taken_away(here.home, client.port, client.key, paths, clients, end)))
            here.engine.dispose()
    columns = ["database", "requests", "refused (503)", "other than 200 and 503", "refused after it was back",
               "first answer after it was back, s", "every client has one, s"]  # fmt: skip
    print_table(f"{clients} clients, {processors()}", columns, rows)
    console.print("the bar: refusals only while it is down, every client answered within 3 s")


def _taken_away(
    home: Path, port: int, key: str, paths: Sequence[str], clients: int, end: Callable[[Path], None]
) -> tuple[object, ...]:
    heard: list[list[Heard]] = [[] for _ in range(clients)]
    over = Event()
    asking = [Thread(target=_ask, args=(port, key, paths, n, heard[n], over)) for n in range(clients)]
    for thread in asking:
        thread.start()
    time.sleep(BEFORE_S)
    end(home)
    time.sleep(AWAY_S)
    cluster.up(home)
    back = time.perf_counter()
    time.sleep(AFTER_S)
    over.set()
    for thread in asking:
        thread.join()
    whole = [answer for answers in heard for answer in answers]
    first = [min(a.ended for a in answers if a.ended > back and a.status == HTTPStatus.OK) - back for answers in heard]
    refused = [answer for answer in whole if answer.status == HTTPStatus.SERVICE_UNAVAILABLE]
    others = len(whole) - len(refused) - sum(answer.status == HTTPStatus.OK for answer in whole)
    late = sum(answer.begun > back for answer in refused)
    return len(whole), len(refused), others, late, f"{min(first):.2f}", f"{max(first):.2f}"


def _ask(port: int, key: str, paths: Sequence[str], number: int, heard: list[Heard], over: Event) -> None:
    client = HTTPConnection("127.0.0.1", port, timeout=60)
    asked = islice(cycle(paths), number, None)
    while not over.is_set():
        begun = time.perf_counter()
        client.request("GET", next(asked), headers={"X-API-Key": key})
        answer = client.getresponse()
        answer.read()
        heard.append(Heard(begun, time.perf_counter(), answer.status))
    client.close()


def _stop(home: Path) -> None:
    cluster.down(home)


def _kill(home: Path) -> None:
    os.kill(cluster.status(home).pid or 0, signal.SIGKILL)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--addresses", type=int, default=5000)
    parser.add_argument("--clients", type=int, default=8)
    given = parser.parse_args()
    main(given.addresses, given.clients)
