"""The database restarted under load: refusals only while it is down, then right answers from the first one on."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import NamedTuple

import httpx
import pytest

from addressbook.privacy.policy import AccessRole
from addressbook.store import cluster
from tests.served_process import Service, served_process
from tests.worlds import ROOM, until

CLIENTS, ENOUGH = 4, 20


class Answer(NamedTuple):
    """What was asked and when, and what came."""

    path: str
    begun: float
    status: int
    body: bytes
    media_type: str


class Askers:
    """Clients that ask for views one after the other until they are stopped."""

    def __init__(self, service: Service, paths: list[str]) -> None:
        self.service, self.paths = service, paths
        self.heard: list[list[Answer]] = [[] for _ in range(CLIENTS)]
        self.stopped = Event()
        self._threads = [Thread(target=self._ask, args=(n,)) for n in range(CLIENTS)]

    def __enter__(self) -> Askers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, number: int) -> None:
        with httpx.Client(headers={"X-API-Key": self.service.keys[AccessRole.ANALYST]}, timeout=30) as client:
            while not self.stopped.is_set():
                path = self.paths[(number + len(self.heard[number])) % len(self.paths)]
                self.heard[number].append(asked(client, self.service, path))

    def all_since(self, moment: float) -> Iterator[list[Answer]]:
        """What each client heard of what it asked since then."""
        return ([answer for answer in [*heard] if answer.begun >= moment] for heard in self.heard)


def asked(client: httpx.Client, service: Service, path: str) -> Answer:
    begun = time.monotonic()
    answer = client.get(service.url + path)
    return Answer(path, begun, answer.status_code, answer.content, answer.headers["content-type"])


def stopped(service: Service) -> None:
    cluster.down(service.home)


def killed(service: Service) -> None:
    os.kill(cluster.status(service.home).pid or 0, signal.SIGKILL)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with served_process(tmp_path, AccessRole.ANALYST) as service:
        yield service


def test_a_restarted_database_costs_the_answers_of_its_absence_only(service: Service) -> None:
    aids = [aid for (aid,) in service.world.rows("SELECT aid FROM address ORDER BY 1")]
    paths = [f"/addresses/{aid}/view" for aid in aids] + [f"/resolve?text={ROOM}"]
    with httpx.Client(headers={"X-API-Key": service.keys[AccessRole.ANALYST]}, timeout=30) as client:
        right = {path: asked(client, service, path) for path in paths}
    assert {answer.status for answer in right.values()} == {200}
    ends: list[Callable[[Service], None]] = [stopped, killed]
    for end in ends:
        with Askers(service, paths) as askers:
            until(lambda: all(len(heard) > ENOUGH for heard in askers.heard))
            end(service)
            until(lambda: any(answer.status == 503 for heard in askers.heard for answer in [*heard]))
            service.restart_database()
            back = time.monotonic()
            until(lambda: all(len(heard) > ENOUGH for heard in askers.all_since(back)))  # noqa: B023
        told = [answer for heard in askers.heard for answer in heard]
        assert {answer.status for answer in told} == {200, 503}
        assert [answer for answer in told if answer.status == 200 and answer.body != right[answer.path].body] == []
        assert {answer.media_type for answer in told if answer.status == 503} == {"application/problem+json"}
        assert [answer for answer in told if answer.status == 503 and answer.begun >= back] == []
