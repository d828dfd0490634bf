"""Service or database killed in the midst of transactions: after a restart each is there whole, or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
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
from sqlalchemy import create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from addressbook.privacy.keys import create_key
from addressbook.privacy.policy import AccessRole
from addressbook.registry import requests as asked
from addressbook.store import cluster
from addressbook.store.engine import transaction
from addressbook.store.migrations import migrate
from loaders.mirroring import Source, compare, follow
from tests.live_server import free_port
from tests.registry_storm import Storm
from tests.test_cluster import temporary_home
from tests.test_registry_transactions import Registry
from tests.worlds import (
    DOUBLED_LINKS,
    ESTATE,
    ESTATE_ROWS,
    LINKED_ROWS_WITHOUT_LINK,
    ROOM,
    TOWN,
    Terminal,
    World,
    identity_number,
    until,
)

# As a real one, but for the disk: what a process had written before it was killed is with the system.
SETTINGS = {"fsync": "off", "shared_buffers": "32MB"}
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
class Service:
    """The service as a process of its own over a database that can be killed, and who asks it."""

    home: Path
    world: World
    port: int
    keys: dict[AccessRole, str]
    process: subprocess.Popen[bytes] | None = None
    done: list[int] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it where it does not run, and wait until it answers."""
        if self.process is None or self.process.poll() is not None:
            inherited = {n: v for n, v in os.environ.items() if not n.startswith(("ADDRESSBOOK_", "PYTHONDONTWRITE"))}
            terminal = Terminal.open(
                self.world.engine.url.render_as_string(hide_password=False), self.world.folder / "home"
            )
            own = {
                "ADDRESSBOOK_DATABASE_URL": terminal.url, "ADDRESSBOOK_HOME": str(terminal.home),
                "ADDRESSBOOK_PORT": str(self.port), "PYTHONPATH": str(Path(__file__).resolve().parents[1]),
            }  # fmt: skip
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            command = [sys.executable, "-m", "addressbook", "serve"]
            self.process = subprocess.Popen(command, env={**inherited, **own}, cwd=self.world.folder, **quiet)
        until(self._answers)

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, "it ended by itself"
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.url}/health", timeout=5).status_code == httpx.codes.OK
        return False

    def kill(self) -> None:
        """No time to say goodbye."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def ask(self, client: httpx.Client, request: asked.Request) -> None:
        """One transaction; what the service says is done is noted."""
        given = {name: value for name, value in asdict(request).items() if value is not None}
        body = {"transaction": request.EVENT, "reason": "风暴", **given}
        answer = client.post(f"{self.url}/registry/transactions", json=body)
        if answer.status_code == httpx.codes.OK:
            self.done.append(answer.json()["event_id"])
        else:
            assert answer.status_code in (404, 409, 500, 503), answer.text

    def clients(self, stopped: Event, seed: int) -> None:
        """Transactions one after the other; what is refused, or not answered, is as good as not asked."""
        storm = Storm(seed)
        with httpx.Client(headers={"X-API-Key": self.keys[AccessRole.REVIEWER]}, timeout=30) as client:
            while not stopped.is_set():
                with suppress(httpx.TransportError, DBAPIError):
                    with self.world.engine.connect() as connection:
                        request = storm.draw(connection)
                    self.ask(client, request)


@contextmanager
def storming(service: Service, seed: int) -> Iterator[None]:
    """Several clients at once, until the end of the body."""
    stopped = Event()
    threads = [Thread(target=service.clients, args=(stopped, CLIENTS * seed + n)) for n in range(CLIENTS)]
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
    with temporary_home() as home:
        url = cluster.up(home, extra=SETTINGS)
        migrate(url)
        world = World(create_engine(url, poolclass=NullPool), tmp_path)
        world.texts(ESTATE_ROWS)
        texts = [ROOM, ROOM, f"{ESTATE}3幢1单元501室", f"{ESTATE}13幢1单元502室", f"{TOWN}金城路12号"]
        people = [("测试", identity_number(n), words) for n, words in enumerate(texts, 1)]
        world.load_rows("people", [dict(zip(("姓名", "证件号码", "居住地址"), row, strict=True)) for row in people])
        with transaction(world.engine) as connection:
            keys = {role: create_key(connection, role, "killed") for role in (AccessRole.REVIEWER, AccessRole.VIEWER)}
        service = Service(home, world, free_port(), keys)
        try:
            service.start()
            yield service
        finally:
            if service.process is not None:
                service.kill()


def is_at_rest(world: World) -> bool:
    """Whether the database answers, and nobody is in a transaction: a service that lives on keeps its connections."""
    with suppress(DBAPIError):
        return not world.one(IN_A_TRANSACTION)
    return False


def needs_to_be_whole(service: Service, links: int) -> None:
    """What holds of a registry of which each transaction is there whole or not at all."""
    world = service.world
    for broken in (
        DANGLING, EMPTY, LINKS_THAT_WENT_NOWHERE, SUCCESSORS_OF_THE_LIVING, DOUBLED_LINKS, LINKED_ROWS_WITHOUT_LINK
    ):  # fmt: skip
        assert [row for row in world.rows(broken) if row[0] is not None] == [], broken
    assert world.one("SELECT count(*) FROM link WHERE closed_at IS NULL") == links
    Registry(world).check()
    events = {event for (event,) in world.rows("SELECT event_id FROM registry_event")}
    assert set(service.done) <= events, "what the service said was done"


def test_a_service_or_database_killed_at_any_moment_leaves_whole_transactions(service: Service, tmp_path: Path) -> None:
    links: Any = service.world.one("SELECT count(*) FROM link WHERE closed_at IS NULL")
    source, copy = Source(service.url, service.keys[AccessRole.VIEWER]), tmp_path / "copy.sqlite"
    moments = Random(5)  # noqa: S311 a case to repeat, not a secret
    for seed, victim in enumerate(("database", "service", "database", "service")):
        before = len(service.done)
        with storming(service, seed):
            until(lambda: len(service.done) > before + 2)  # noqa: B023 called here
            time.sleep(moments.uniform(0.0, 0.5))
            if victim == "service":
                service.kill()
            else:
                os.kill(cluster.status(service.home).pid or 0, signal.SIGKILL)
        cluster.up(service.home, extra=SETTINGS)
        until(lambda: is_at_rest(service.world))
        needs_to_be_whole(service, links)
        service.start()
        follow(source, copy)
        assert compare(source, copy)[0], "the feed replayed is the registry"
    assert len(service.done) > CLIENTS * 4
