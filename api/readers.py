"""Who asks: the holder of a key, of an issuer's token, or of a session of the page."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fastapi import Request

from addressbook import errors
from addressbook.privacy.keys import KEY_PREFIX, ask_key
from addressbook.privacy.policy import Reader
from addressbook.privacy.sessions import ask_session, need_change_token
from addressbook.privacy.tokens import ask_token_holder

if TYPE_CHECKING:
    from api.deps import Service

PURPOSE_HEADER = "X-Purpose"
"""A header and no parameter: URLs are kept, shared and logged on the way, and a purpose is a reader's, not a page's."""
CHANGE_HEADER = "X-CSRF-Token"
COOKIE = "addressbook_session"
HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})


async def reader_of(request: Request, service: Service) -> Reader:
    """The reader behind a request, and why it reads. Raises KeyMissing, RoleForbidden, TooManyRequests, FieldError."""
    reader = await _holder(request, service)
    request.scope["wrong_key"] = False
    _check_limit(service.limits.wait_of(reader.key_id))
    purpose = request.headers.get(PURPOSE_HEADER, "").strip()
    if purpose:
        await service.purposes.need(purpose, field=PURPOSE_HEADER)
    route, request_id = request.scope["route"].path, request.scope.get("request_id", "")
    return replace(reader, route=route, request_id=request_id, purpose=purpose)


async def asker_if_any(request: Request, service: Service) -> Reader | None:
    """The same where a key, token or session comes with the request; None where none does."""
    return await reader_of(request, service) if key_sent(request) or request.cookies.get(COOKIE) else None


async def _holder(request: Request, service: Service) -> Reader:
    """A key in a header comes before a cookie: whoever sends one means it."""
    key, session = key_sent(request), request.cookies.get(COOKIE, "")
    request.scope["wrong_key"] = bool(key or session)  # until it is found: api/errors.py answers a wrong one later
    if key:
        if service.tokens is not None and not key.startswith(KEY_PREFIX):
            return await ask_token_holder(service.asking, await service.tokens.claims(key))
        return await ask_key(service.keys, key)
    if session:
        reader = await ask_session(service.asking, session)
        if request.method not in HARMLESS:
            need_change_token(session, request.headers.get(CHANGE_HEADER, ""))
        return reader
    raise errors.KeyMissing(
        "this route needs a key.",
        zh="此接口需要密钥。",
        remedy="Send it as `Authorization: Bearer abk_…` or `X-API-Key: abk_…`.",
    )


def _check_limit(wait_s: float) -> None:
    if wait_s > 0:
        raise errors.TooManyRequests(
            "this key asks more than it may.", zh="该密钥的请求过于频繁。",
            remedy="Ask again after Retry-After seconds.", retry_after_s=wait_s,
        )  # fmt: skip


def key_sent(request: Request) -> str:
    """The key or token in the headers of a request; empty where there is none."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key", "").strip()
