"""A receiver of webhooks on a real socket, which can be taken down, answer anything, and come up again."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Letter:
    """What arrived."""

    number: int
    body: bytes
    headers: dict[str, str]

    @property
    def said(self) -> Any:
        return json.loads(self.body)

    @property
    def lines(self) -> list[Any]:
        found: list[Any] = self.said["lines"]
        return found


@dataclass
class Receiver:
    """`status` is what it answers; `port` stays the same when it comes up again."""

    port: int = 0
    status: int = 200
    letters: list[Letter] = field(default_factory=list)
    entered: threading.Event = field(default_factory=threading.Event)
    may_answer: threading.Event = field(default_factory=threading.Event)
    _server: ThreadingHTTPServer | None = None

    def __post_init__(self) -> None:
        self.may_answer.set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?room=1"

    @property
    def lines(self) -> list[Any]:
        return [line for letter in self.letters for line in letter.lines]

    def up(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler())
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=[0.01], daemon=True).start()

    def down(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                number = int(self.headers["Addressbook-Delivery"])
                receiver.letters.append(Letter(number, body, dict(self.headers.items())))
                receiver.entered.set()
                receiver.may_answer.wait(30)
                self.send_response(receiver.status)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None: ...  # noqa: A002 the base class's name

        return Handler


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that is up."""
    receiver = Receiver()
    receiver.up()
    try:
        yield receiver
    finally:
        receiver.may_answer.set()
        receiver.down()
