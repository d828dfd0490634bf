"""Conditional requests (RFC 9110): an answer without persons has an ETag, and is not sent to whoever has it already.

An answer that may show persons is kept by nobody on the way: `no-store`, and no ETag.
"""

from __future__ import annotations

from hashlib import blake2b

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

OK, NOT_MODIFIED = 200, 304
VARY = "Authorization, X-API-Key"


class Conditional:
    """ASGI middleware. Answers that are streamed have no ETag: they would have to be held back whole."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        await self.app(scope, receive, _Tagging(scope, send).send)


class _Tagging:
    """Holds the start of an answer back until its body is known."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope, self._send = scope, send
        self._start: Message | None = None

    async def send(self, message: Message) -> None:
        """Pass a message on, tagged where it may be."""
        if message["type"] == "http.response.start" and self._may_be_kept(message):
            self._start = message
        elif self._start is not None and message["type"] == "http.response.body":
            start, self._start = self._start, None
            await self._answer(start, message)
        else:
            await self._send(message)

    def _may_be_kept(self, start: Message) -> bool:
        shows_persons = self._scope.get("persons", "full") != "none"
        return start["status"] == OK and not shows_persons and "cache-control" not in Headers(raw=start["headers"])

    async def _answer(self, start: Message, body: Message) -> None:
        headers = MutableHeaders(scope=start)
        headers.add_vary_header(VARY)
        if not body.get("more_body"):
            # Weak: what is sent may be compressed, in one way or another.
            etag = f'W/"{blake2b(body.get("body", b""), digest_size=12).hexdigest()}"'
            headers.setdefault("ETag", etag)
            headers["Cache-Control"] = "private, no-cache"
            if _has(Headers(scope=self._scope).get("if-none-match", ""), headers["ETag"]):
                start["status"] = NOT_MODIFIED
                del headers["Content-Length"], headers["Content-Type"]
                body = {"type": "http.response.body", "body": b""}
        await self._send(start)
        await self._send(body)


def _has(given: str, etag: str) -> bool:
    """Whether `If-None-Match` names that tag, compared weakly."""
    return given.strip() == "*" or etag.removeprefix("W/") in {
        tag.strip().removeprefix("W/") for tag in given.split(",")
    }
