"""A receiver of webhooks on a real socket, which can be taken down, answer anything, and come up again."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.live_server import free_port


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
    certificate: Path | None = None
    letters: list[Letter] = field(default_factory=list)
    entered: threading.Event = field(default_factory=threading.Event)
    may_answer: threading.Event = field(default_factory=threading.Event)
    _server: ThreadingHTTPServer | None = None

    def __post_init__(self) -> None:
        self.may_answer.set()

    @property
    def url(self) -> str:
        scheme, host = ("https", "localhost") if self.certificate else ("http", "127.0.0.1")
        return f"{scheme}://{host}:{self.port}/hook?room=1"

    @property
    def lines(self) -> list[Any]:
        return [line for letter in self.letters for line in letter.lines]

    def up(self) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port or free_port()), self._handler())
        if self.certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self.certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
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
def receiving(certificate: Path | None = None) -> Iterator[Receiver]:
    """A receiver that is up; over TLS with a certificate, a file that holds its key too."""
    receiver = Receiver(certificate=certificate)
    receiver.up()
    try:
        yield receiver
    finally:
        receiver.may_answer.set()
        receiver.down()


def self_signed(path: Path, host: str = "localhost") -> Path:
    """A file with a certificate of that host that is its own authority, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )  # fmt: skip
    path.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return path


@contextmanager
def dripping() -> Iterator[int]:
    """The port of somebody who answers one character after the other, without end."""
    stopped = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            with suppress(OSError):
                caller, _ = listening.accept()
                with caller:
                    caller.sendall(b"HTTP/1.1 ")
                    while not stopped.wait(0.02):
                        caller.sendall(b"2")

        thread = threading.Thread(target=drip, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        stopped.set()
    thread.join(10)
