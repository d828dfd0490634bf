"""Clients that do not go on: whoever takes or sends nothing any more is left, and what was held for it is free."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from itertools import islice

import anyio
import httpx
import pytest
from fastapi import FastAPI, Request

from addressbook.store.engine import make_engine
from api import connections, edge
from api.edge import Edge
from api.errors import add_handlers
from api.exporting import Pieces
from api.observing import Metrics, Tracing
from tests.live_server import served

PIECE = bytes(256 * 1024)
PATIENCE_S, PATIENT_TRIES = 30.0, 3000


class Held:
    """What an answer holds for as long as it is made."""

    def __init__(self) -> None:
        self.free = threading.Event()

    async def pieces(self) -> AsyncGenerator[bytes]:
        try:
            while True:
                await anyio.sleep(0.001)
                yield PIECE
        finally:
            self.free.set()


@pytest.fixture(name="held")
def _held() -> Held:
    return Held()


@pytest.fixture(name="service")
def _service(held: Held) -> Iterator[httpx.Client]:
    app = FastAPI(openapi_url=None)
    add_handlers(app)

    @app.get("/endless")
    async def endless() -> Pieces:
        return Pieces(held.pieces())

    @app.post("/body")
    async def body(request: Request) -> int:
        return len(await request.body())

    engine = make_engine("postgresql://nobody@127.0.0.1/none")
    app.add_middleware(Edge, metrics=Metrics(engine), tracing=Tracing(None))
    with served(app) as client:
        yield client


@contextmanager
def asked(service: httpx.Client, head: str) -> Iterator[socket.socket]:
    """A connection on which that was sent, and that takes little at once."""
    with socket.socket() as caller:
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        caller.settimeout(PATIENCE_S)
        caller.connect((service.base_url.host, service.base_url.port))
        caller.sendall(f"{head}\r\nHost: x\r\n".encode())
        yield caller


def test_whoever_stops_reading_is_left_and_what_was_held_is_free(
    service: httpx.Client, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge, "TAKEN_WITHIN_S", 0.2)
    with asked(service, "GET /endless HTTP/1.1") as caller:
        caller.sendall(b"\r\n")
        assert held.free.wait(PATIENCE_S)


def test_whoever_reads_on_is_served_until_it_hangs_up(
    service: httpx.Client, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edge, "TAKEN_WITHIN_S", PATIENCE_S)
    with service.stream("GET", "/endless") as answer:
        pieces = islice(answer.iter_raw(len(PIECE)), 64)
        assert sum(map(len, pieces)) == 64 * len(PIECE)
    assert held.free.wait(PATIENCE_S)


def test_a_body_that_does_not_come_is_refused(service: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge, "SENT_WITHIN_S", 0.2)
    with asked(service, "POST /body HTTP/1.1") as caller:
        caller.sendall(b"Content-Length: 10\r\n\r\n12345")
        assert caller.recv(4096).startswith(b"HTTP/1.1 408 ")
    assert service.post("/body", content=b"1234567890").json() == 10


def answered(caller: socket.socket) -> tuple[int, str]:
    """Status and type of the problem that comes before the end of the connection."""
    head, _, body = b"".join(iter(lambda: caller.recv(4096), b"")).partition(b"\r\n\r\n")
    told = json.loads(body)
    assert b"application/problem+json" in head
    assert b"connection: close" in head
    assert told["detail_zh"]
    assert int(head.split()[1]) == told["status"]
    return told["status"], told["type"].rsplit(":", 1)[-1]


def test_a_head_that_does_not_end_in_time_is_refused(service: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_WITHIN_S", 0.3)
    with asked(service, "GET /endless HTTP/1.1") as caller:
        assert answered(caller) == (408, "request-timeout")
    with socket.create_connection((service.base_url.host, service.base_url.port), PATIENCE_S) as silent:
        assert silent.recv(1) == b"", "whoever asks nothing is told nothing"
    assert service.post("/body", content=b"123").json() == 3


def until_hung_up(caller: socket.socket, piece: bytes, pause_s: float) -> None:
    """Send a piece again and again, until that fails."""
    for _ in range(PATIENT_TRIES):
        caller.sendall(piece)
        time.sleep(pause_s)


@pytest.mark.parametrize("piece", [b"X: " + b"a" * 1000 + b"\r\n", b"a" * 1000, b"X-" * 500])
def test_a_head_without_an_end_is_refused_and_not_kept(service: httpx.Client, piece: bytes) -> None:
    with asked(service, "GET /endless HTTP/1.1") as caller:
        caller.sendall(b"Y: " + piece * (connections.MOST_HEAD_BYTES // len(piece) + 1))
        assert answered(caller) == (431, "head-too-large")


def test_trailers_without_an_end_are_not_kept(service: httpx.Client) -> None:
    """They would be: a list of headers, for as long as the body is waited for."""
    with asked(service, "POST /body HTTP/1.1") as caller:
        caller.sendall(b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n")
        with pytest.raises(ConnectionError):
            until_hung_up(caller, b"X: " + b"a" * 1000 + b"\r\n", 0)


def test_a_body_that_nobody_reads_any_more_is_not_taken_for_ever(
    service: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEAD_WITHIN_S", 0.3)
    with asked(service, "POST /nothing HTTP/1.1") as caller:
        caller.sendall(b"Content-Length: 1000000000\r\n\r\n")
        with pytest.raises(ConnectionError):
            until_hung_up(caller, bytes(100), 0.01)


def test_what_is_no_http_is_refused_as_anything_else(service: httpx.Client) -> None:
    with asked(service, "\0\1\2") as caller:
        assert answered(caller) == (400, "not-http")
