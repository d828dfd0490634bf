"""Connections: what of a request is not there within a time, or has no end, is not waited for and not kept, and of
whoever hangs up what he asked is ended.

The server in use has no bound on either: a head sent byte by byte would hold a connection for ever, and one without an
end would fill the memory. What is asked in an orderly way is not slowed down: no timer is set for it.
"""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.errors import problem

HEAD_WITHIN_S = 30.0
"""So long a client may take to send a request's head, counted from its connection or from the answer before."""
MOST_HEAD_BYTES = 64 * 1024


class Connection(HttpToolsProtocol):
    """A connection whose requests begin in time. Bodies are bounded where they are read (api/edge.py)."""

    _late: asyncio.TimerHandle | None = None
    _unfinished = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin; the first head is waited for from now on."""
        super().connection_made(transport)
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._stop_waiting()
        scope: dict[str, Any] = cast("dict[str, Any]", self.cycle.scope) if self._is_answering() else {}
        super().connection_lost(exc)
        scope["left"] = True
        if "caller" in scope:
            scope["caller"].leave()

    def data_received(self, data: bytes) -> None:
        """Take what came, and count how much of it belongs to something that has no end yet."""
        self._unfinished += len(data)
        super().data_received(data)
        if self._unfinished > MOST_HEAD_BYTES:
            self._refuse(
                431, "head-too-large", f"a request's head may have at most {MOST_HEAD_BYTES // 1024} KB.",
                f"请求头不得超过 {MOST_HEAD_BYTES // 1024} KB。",
            )  # fmt: skip
        elif self._is_answering():
            self._stop_waiting()
        elif self._late is None:
            self._wait_for_head()

    def on_headers_complete(self) -> None:
        """A head is whole."""
        self._unfinished = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of a body."""
        self._unfinished = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """A request is whole."""
        self._unfinished = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - as the server calls it
        """Refuse what is no HTTP, in the form of every other refusal."""
        self._refuse(400, "not-http", "this is no request in HTTP/1.1.", "这不是有效的 HTTP 请求。")

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _wait_for_head(self) -> None:
        self._late = self.loop.call_later(HEAD_WITHIN_S, self._too_late)

    def _stop_waiting(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _too_late(self) -> None:
        self._late = None
        if not self._unfinished:  # nobody asked anything: no answer
            self.transport.close()
        elif not self._is_answering():
            self._refuse(
                408, "request-timeout", f"a request's head has to be there within {HEAD_WITHIN_S:.0f} seconds.",
                f"请求头须在 {HEAD_WITHIN_S:.0f} 秒内发送完毕。",
            )  # fmt: skip

    def _refuse(self, status: int, name: str, en: str, zh: str) -> None:
        """Hang up; with an answer, unless there is one under way or behind."""
        self._stop_waiting()
        if self.transport.is_closing():
            return
        if not self._is_answering():
            answer = problem(status, name, en, zh, instance="")
            lines = [
                f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode(),
                *(b": ".join(pair) for pair in answer.raw_headers),
            ]
            self.transport.write(b"\r\n".join([*lines, b"connection: close", b"", bytes(answer.body)]))
        self.transport.close()
