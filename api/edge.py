"""What every request passes: an id, a bound on its body, security headers, a log line, and a 500 that says nothing."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterable

import anyio
import structlog
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from addressbook.store.caller import CALLER, Caller
from api.errors import problem
from api.observing import Metrics, Tracing, route_of

MOST_BODY_BYTES = 4 * 1024 * 1024
MOST_UPLOAD_BYTES = 16 * 1024 * 1024
UPLOADS = frozenset({"/registry/divisions/plan/files", "/registry/divisions/changes", "/review/sheet"})
"""The routes that take files, which may be larger than other bodies."""
QUESTIONS = frozenset(
    {"/areas/view", "/compare", "/resolve", "/registry/divisions/plan", "/registry/divisions/plan/files"}
)
"""What is asked by POST. Whoever leaves ends what was asked; what is to be done is done to its end."""
TAKEN_WITHIN_S = 60.0
"""A client that takes a piece of an answer no faster is left: a place is held for it that others want."""
SENT_WITHIN_S = 120.0
"""So long a client may take to send its body."""
_REQUEST_ID = re.compile(r"[A-Za-z0-9_-]{8,64}")
# MapLibre draws in a worker it loads from our own files or from a blob; everything else comes from this origin only.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; worker-src 'self' blob:; child-src 'self' blob:; manifest-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_ID_HEADER = b"x-request-id"
_SECURITY = [(name.lower().encode(), value.encode()) for name, value in SECURITY_HEADERS.items()]
_OURS = frozenset([_ID_HEADER, *(name for name, _ in _SECURITY)])
_log = structlog.get_logger("api")


class _TooSlow(Exception):
    """A client that does not take what it asked for."""


class Edge:
    """ASGI middleware, outermost. The log names the route, never the path or the query: they may hold a person."""

    def __init__(self, app: ASGIApp, metrics: Metrics, tracing: Tracing) -> None:
        self.app, self._metrics, self._tracing = app, metrics, tracing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        if scope["method"] in ("GET", "HEAD") or scope["path"] in QUESTIONS:
            scope["caller"] = caller = Caller(has_left="left" in scope)
            CALLER.set(caller)
        scope["request_id"] = _request_id(Headers(scope=scope).get("x-request-id", ""))
        started = time.perf_counter()
        self._metrics.begin()
        status = 0
        try:
            with self._tracing.span(scope) as span:
                status = span.status = await self._answered(scope, receive, send)
        finally:  # a client that went away is told of as well
            seconds = time.perf_counter() - started
            self._metrics.end(scope, status, seconds)
        _log.info(
            "request", method=scope["method"], route=route_of(scope), status=status,
            request_id=scope["request_id"], key_id=getattr(scope.get("reader"), "key_id", None),
            ms=round(seconds * 1000, 1),
        )  # fmt: skip

    async def _answered(self, scope: Scope, receive: Receive, send: Send) -> int:
        """Let the application answer; returns the status."""
        answer = _Answer(scope, send)
        # The server leaves the body of a HEAD out; what the routes see is the GET it stands for.
        seen = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope
        try:
            await self.app(seen, _bounded(scope, receive), answer.send)
        except _TooSlow:
            _log.warning("left", why="the client takes its answer too slowly", request_id=scope["request_id"])
        except Exception:  # noqa: BLE001 - the process boundary: whatever it was, the client learns only its number
            _log.exception("fault", request_id=scope["request_id"], route=route_of(seen))
            await answer.fail(scope, receive)
        scope.update({name: seen[name] for name in ("route", "reader") if name in seen})
        return answer.status


class _Answer:
    """Adds the headers as the response starts, and remembers its status."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.status = 0
        self._request_id = scope["request_id"]
        self._send = send

    async def send(self, message: Message) -> None:
        """Pass a message on."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message["headers"] = _with_ours(message["headers"], self._request_id)
        if not message.get("more_body"):
            await self._send(message)
            return
        with anyio.move_on_after(TAKEN_WITHIN_S) as taking:
            await self._send(message)
        if taking.cancelled_caught:
            raise _TooSlow

    async def fail(self, scope: Scope, receive: Receive) -> None:
        """Answer 500, unless an answer is already under way."""
        if self.status:
            return
        en, zh = "the service failed; the fault is logged under this request id.", "服务内部错误，已按请求编号记录。"
        answer = problem(500, "internal", en, zh, instance=scope["path"], request_id=self._request_id)
        await answer(scope, receive, self.send)


def _with_ours(given: Iterable[tuple[bytes, bytes]], request_id: str) -> list[tuple[bytes, bytes]]:
    """The headers of an answer with ours in place of any of that name. Names in ASGI are in lower case."""
    headers = [pair for pair in given if pair[0] not in _OURS]
    if not any(name == b"cache-control" for name, _ in headers):
        headers.append((b"cache-control", b"no-store"))
    return [*headers, (_ID_HEADER, request_id.encode()), *_SECURITY]


def _request_id(given: str) -> str:
    """The caller's id when it is harmless, else a new one."""
    return given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex


def _bounded(scope: Scope, receive: Receive) -> Receive:
    """`receive` that refuses more than the route may be sent, whether announced or not, and what comes too slowly."""
    most = MOST_UPLOAD_BYTES if scope["path"] in UPLOADS else MOST_BODY_BYTES
    announced = Headers(scope=scope).get("content-length", "0")
    total, whole = 0, scope["method"] in ("GET", "HEAD")
    until = 0.0 if whole else anyio.current_time() + SENT_WITHIN_S

    async def bounded() -> Message:
        nonlocal total, whole
        if announced.isdigit() and int(announced[:12]) > most:
            raise HTTPException(413, f"a body may have at most {most} bytes")
        if whole:  # what comes now is the client's end
            return await receive()
        with anyio.move_on_after(until - anyio.current_time()) as receiving:
            message = await receive()
        if receiving.cancelled_caught:
            raise HTTPException(408, f"a body has to be there within {SENT_WITHIN_S:.0f} seconds")
        whole = not message.get("more_body")
        total += len(message.get("body", b""))
        if total > most:
            raise HTTPException(413, f"a body may have at most {most} bytes")
        return message

    return bounded
