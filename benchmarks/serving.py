"""The service as a process of its own, and a client that adds little to what a request costs."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPConnection, HTTPMessage, HTTPResponse
from pathlib import Path
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, text

from addressbook.config import Settings
from addressbook.privacy.keys import create_key
from addressbook.privacy.policy import AccessRole
from addressbook.store.cluster import database_url
from addressbook.store.engine import make_engine, transaction
from addressbook.store.squares import refresh_tiles

PIECE = 1 << 16


class Answer(NamedTuple):
    """What came back."""

    headers: HTTPMessage
    body: bytes


class Client:
    """One connection, which is kept."""

    def __init__(self, port: int, key: str, service: subprocess.Popen[bytes]) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=600)
        self.port, self.key = port, key
        self._headers = {"X-API-Key": key}
        self._service = service

    def get(self, path: str, **headers: str) -> Answer:
        """Ask and read the answer. Raises RuntimeError for a refusal or a fault."""
        answer = self._asked("GET", path, headers)
        return Answer(answer.headers, answer.read())

    def post(self, path: str, asked: object) -> Answer:
        """The same with JSON in the request."""
        answer = self._asked("POST", path, {"Content-Type": "application/json"}, orjson.dumps(asked))
        return Answer(answer.headers, answer.read())

    def pieces(self, path: str) -> Iterator[bytes]:
        """The answer as it comes, and no more of it in memory than a piece."""
        answer = self._asked("GET", path, {})
        while piece := answer.read(PIECE):
            yield piece

    def _asked(self, method: str, path: str, headers: dict[str, str], body: bytes | None = None) -> HTTPResponse:
        self._connection.request(method, path, body, headers=self._headers | headers)
        answer = self._connection.getresponse()
        if answer.status >= HTTPStatus.BAD_REQUEST:
            raise RuntimeError(f"{path}: {answer.status} {answer.read()[:300]!r}")
        return answer

    def close(self) -> None:
        """Let the connection go; the next question opens another."""
        self._connection.close()

    def wait(self) -> None:
        """Come back once the service answers. Raises RuntimeError when it has ended."""
        while True:
            try:
                self.get("/health")
            except OSError:
                self._connection.close()
                if self._service.poll() is not None:
                    raise RuntimeError("the service ended") from None
                time.sleep(0.1)
            else:
                return

    def peak_memory_mb(self) -> float:
        """The largest resident size of the service so far, or since `forget_peak` (Linux)."""
        return self._status("VmHWM")

    def memory_mb(self) -> float:
        """The resident size of the service (Linux)."""
        return self._status("VmRSS")

    def forget_peak(self) -> None:
        """The peak is what is resident now (Linux, proc(5): clear_refs)."""
        Path(f"/proc/{self._service.pid}/clear_refs").write_text("5")

    def _status(self, name: str) -> float:
        told = Path(f"/proc/{self._service.pid}/status").read_text()
        return int(re.findall(rf"{name}:\s+(\d+)", told)[0]) / 1024


@contextmanager
def serving(settings: Settings, label: str, role: AccessRole) -> Iterator[tuple[Client, Connection]]:
    """A client with a key of `role` that is revoked at the end, and a connection to the same database."""
    engine = make_engine(database_url(settings))
    refresh_tiles(engine)  # what the service does by itself in the minutes after a load, and is not measured here
    with transaction(engine) as connection:
        key = create_key(connection, role, label)
    try:
        with _service(settings, key) as client, engine.connect() as connection:
            yield client, connection
    finally:
        with transaction(engine) as connection:
            connection.execute(text("UPDATE api_key SET revoked_at = now() WHERE label = :label"), {"label": label})


@contextmanager
def _service(settings: Settings, key: str) -> Iterator[Client]:
    """As `addressbook serve` starts it, on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ADDRESSBOOK_")}
    given = {
        "HOME": settings.home, "DATABASE_URL": database_url(settings), "PORT": port, "LOG_LEVEL": "WARNING",
        "WORKERS": settings.workers, "KEY_REQUESTS_PER_SECOND": 1_000_000,
    }  # fmt: skip
    environment = kept | {f"ADDRESSBOOK_{name}": str(value) for name, value in given.items()}
    command = [sys.executable, "-m", "addressbook", "serve"]
    service = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    try:
        client = Client(port, key, service)
        client.wait()
        yield client
    finally:
        service.terminate()
        service.wait()
