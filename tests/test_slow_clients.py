"""Clients that do not go on: whoever takes or sends nothing any more is left, and what was held for it is free."""

from __future__ import annotations

import socket
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from itertools import islice

import anyio
import httpx
import pytest
from fastapi import FastAPI, Request

from addressbook.store.engine import make_engine
from api import edge
from api.edge import Edge
from api.errors import add_handlers
from api.exporting import Pieces
from api.observing import Metrics, Tracing
from tests.live_server import served

PIECE = bytes(256 * 1024)
PATIENCE_S = 30.0


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
