"""The service as a process of its own over a database of its own: either can be killed and started again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from addressbook.privacy.keys import create_key
from addressbook.privacy.policy import AccessRole
from addressbook.store import cluster
from addressbook.store.engine import transaction
from addressbook.store.migrations import migrate
from tests.live_server import free_port
from tests.test_cluster import temporary_home
from tests.worlds import ESTATE, ESTATE_ROWS, ROOM, TOWN, Terminal, World, identity_number, until

# As a real one, but for the disk: what a process had written before it was killed is with the system.
SETTINGS = {"fsync": "off", "shared_buffers": "32MB"}
LIVED_AT = (ROOM, ROOM, f"{ESTATE}3幢1单元501室", f"{ESTATE}13幢1单元502室", f"{TOWN}金城路12号")


@dataclass
class Service:
    """The process, its database, and a key for whoever asks it."""

    home: Path
    world: World
    port: int
    keys: dict[AccessRole, str]
    process: subprocess.Popen[bytes] | None = None

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

    def restart_database(self) -> None:
        """Start the database where it does not run; waits until it answers."""
        cluster.up(self.home, extra=SETTINGS)


@contextmanager
def served_process(folder: Path, *roles: AccessRole) -> Iterator[Service]:
    """The service over an estate and five residents, with a key for each of the roles."""
    with temporary_home() as home:
        url = cluster.up(home, extra=SETTINGS)
        migrate(url)
        world = World(create_engine(url, poolclass=NullPool), folder)
        world.texts(ESTATE_ROWS)
        people = [("测试", identity_number(n), words) for n, words in enumerate(LIVED_AT, 1)]
        world.load_rows("people", [dict(zip(("姓名", "证件号码", "居住地址"), row, strict=True)) for row in people])
        with transaction(world.engine) as connection:
            keys = {role: create_key(connection, role, "process") for role in roles}
        service = Service(home, world, free_port(), keys)
        try:
            service.start()
            yield service
        finally:
            if service.process is not None:
                service.kill()
