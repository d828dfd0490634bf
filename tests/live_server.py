"""An application on a real socket, for as long as a test needs it."""

from __future__ import annotations

import secrets
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI

from api.connections import Connection

STARTED_WITHIN_S = 30.0
OUTGOING = Path("/proc/sys/net/ipv4/ip_local_port_range")
LOWEST = 10_000
NO_CERTIFICATES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""To read those of the whole world takes longer than most tests, and nothing here is asked in secret."""


def free_port() -> int:
    """A port on which nobody listens, for a server that starts later, or comes again.

    Not one of those that the system gives to whoever connects to somewhere: another test would be there by then.
    """
    above = int(OUTGOING.read_text().split()[0]) if OUTGOING.exists() else 0
    while above > LOWEST:
        drawn = LOWEST + secrets.randbelow(above - LOWEST)
        with suppress(OSError), socket.create_server(("127.0.0.1", drawn)):
            return drawn
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def ask_and_go_away(request: httpx.Request, once: Callable[[], object]) -> None:
    """Send a request, and hang up `once` it has come to something, without waiting for the answer."""
    body = request.read()
    lines = [f"{name}: {value}" for name, value in request.headers.items()]
    head = "\r\n".join([f"{request.method} {request.url.raw_path.decode()} HTTP/1.1", *lines, "", ""])
    with socket.create_connection((request.url.host, request.url.port or 80)) as caller:
        caller.sendall(head.encode() + body)
        once()


@contextmanager
def served(app: FastAPI) -> Iterator[httpx.Client]:
    """A client of `app`, served by uvicorn in a thread on a free port of 127.0.0.1."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    server = uvicorn.Server(
        uvicorn.Config(app, http=Connection, log_config=None, access_log=False, server_header=False)
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        _wait_for(server)
        base = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with httpx.Client(base_url=base, timeout=60, trust_env=False, verify=NO_CERTIFICATES) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def _wait_for(server: uvicorn.Server) -> None:
    deadline = time.monotonic() + STARTED_WITHIN_S
    while not server.started:
        if time.monotonic() > deadline:
            raise TimeoutError("the server did not start")
        time.sleep(0.01)
