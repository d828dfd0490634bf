"""Service or database killed in the midst of transactions: after a restart each is there whole, or not at all."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import Any

import httpx
import pytest
from sqlalchemy.exc import DBAPIError

from addressbook.privacy.policy import AccessRole
from addressbook.registry import requests as asked
from addressbook.store import cluster
from loaders.mirroring import Source, compare, follow
from tests.registry_storm import Storm
from tests.served_process import Service, served_process
from tests.test_registry_transactions import Registry
from tests.worlds import (
    DOUBLED_LINKS,
    LINKED_ROWS_WITHOUT_LINK,
    World,
    until,
)

CLIENTS = 3
IN_A_TRANSACTION = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle'
"""
DANGLING = """
    WITH told AS (
        SELECT event_id AS event FROM address UNION SELECT state_event_id FROM address
        UNION SELECT event_id FROM address_version UNION SELECT until_event FROM address_version
        UNION SELECT event_id FROM address_alias UNION SELECT known_from FROM address_alias
        UNION SELECT event_id FROM address_succession UNION SELECT until_event FROM address_succession
        UNION SELECT opened_event FROM link UNION SELECT closed_event FROM link
        UNION SELECT event_id FROM review_item
    )
    SELECT event FROM told WHERE event NOT IN (SELECT event_id FROM registry_event)
"""
EMPTY = """
    SELECT event_id, kind FROM registry_event e WHERE request IS NOT NULL AND NOT EXISTS (
        SELECT FROM address a WHERE a.event_id = e.event_id
        UNION ALL SELECT FROM address_version v WHERE v.event_id = e.event_id OR v.until_event = e.event_id)
"""
LINKS_THAT_WENT_NOWHERE = """
    SELECT link_id FROM link l WHERE closed_event IS NOT NULL
        AND NOT EXISTS (SELECT FROM link n WHERE n.moved_from = l.link_id AND n.opened_event = l.closed_event)
"""
SUCCESSORS_OF_THE_LIVING = """
    SELECT s.aid FROM address_succession s JOIN address a ON a.aid = s.aid
    WHERE s.until_event IS NULL AND a.state IN ('provisional', 'current')
"""


@dataclass
class Clients:
    """Who asks a service for transactions, and the events that it said were done."""

    service: Service
    done: list[int] = field(default_factory=list)

    def ask(self, client: httpx.Client, request: asked.Request) -> None:
        """One transaction; what the service says is done is noted."""
        given = {name: value for name, value in asdict(request).items() if value is not None}
        body = {"transaction": request.EVENT, "reason": "风暴", **given}
        answer = client.post(f"{self.service.url}/registry/transactions", json=body)
        if answer.status_code == httpx.codes.OK:
            self.done.append(answer.json()["event_id"])
        else:
            assert answer.status_code in (404, 409, 500, 503), answer.text

    def keep_asking(self, stopped: Event, seed: int) -> None:
        """Transactions one after the other; what is refused, or not answered, is as good as not asked."""
        storm = Storm(seed)
        with httpx.Client(headers={"X-API-Key": self.service.keys[AccessRole.REVIEWER]}, timeout=30) as client:
            while not stopped.is_set():
                with suppress(httpx.TransportError, DBAPIError):
                    with self.service.world.engine.connect() as connection:
                        request = storm.draw(connection)
                    self.ask(client, request)


@contextmanager
def storming(clients: Clients, seed: int) -> Iterator[None]:
    """Several clients at once, until the end of the body."""
    stopped = Event()
    threads = [Thread(target=clients.keep_asking, args=(stopped, CLIENTS * seed + n)) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopped.set()
        for thread in threads:
            thread.join()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with served_process(tmp_path, AccessRole.REVIEWER, AccessRole.VIEWER) as service:
        yield service


def is_at_rest(world: World) -> bool:
    """Whether the database answers, and nobody is in a transaction: a service that lives on keeps its connections."""
    with suppress(DBAPIError):
        return not world.one(IN_A_TRANSACTION)
    return False


def needs_to_be_whole(clients: Clients, links: int) -> None:
    """What holds of a registry of which each transaction is there whole or not at all."""
    world = clients.service.world
    for broken in (
        DANGLING, EMPTY, LINKS_THAT_WENT_NOWHERE, SUCCESSORS_OF_THE_LIVING, DOUBLED_LINKS, LINKED_ROWS_WITHOUT_LINK
    ):  # fmt: skip
        assert [row for row in world.rows(broken) if row[0] is not None] == [], broken
    assert world.one("SELECT count(*) FROM link WHERE closed_at IS NULL") == links
    Registry(world).check()
    events = {event for (event,) in world.rows("SELECT event_id FROM registry_event")}
    assert set(clients.done) <= events, "what the service said was done"


def test_a_service_or_database_killed_at_any_moment_leaves_whole_transactions(service: Service, tmp_path: Path) -> None:
    links: Any = service.world.one("SELECT count(*) FROM link WHERE closed_at IS NULL")
    source, copy = Source(service.url, service.keys[AccessRole.VIEWER]), tmp_path / "copy.sqlite"
    clients, moments = Clients(service), Random(5)  # noqa: S311 a case to repeat, not a secret
    for seed, victim in enumerate(("database", "service", "database", "service")):
        before = len(clients.done)
        with storming(clients, seed):
            until(lambda: len(clients.done) > before + 2)  # noqa: B023 called here
            time.sleep(moments.uniform(0.0, 0.5))
            if victim == "service":
                service.kill()
            else:
                os.kill(cluster.status(service.home).pid or 0, signal.SIGKILL)
        service.restart_database()
        until(lambda: is_at_rest(service.world))
        needs_to_be_whole(clients, links)
        service.start()
        follow(source, copy)
        assert compare(source, copy)[0], "the feed replayed is the registry"
    assert len(clients.done) > CLIENTS * 4
