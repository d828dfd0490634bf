"""What route handlers need: the engine and the resolver, and the reader behind the key, checked against a policy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import orjson
from fastapi import Request
from fastapi.dependencies.utils import get_flat_params
from fastapi.params import Query
from fastapi.routing import APIRoute
from rapidfuzz import process
from sqlalchemy import Engine
from starlette.responses import Response

from addressbook import errors
from addressbook.privacy.keys import find_key
from addressbook.privacy.policy import Policy, Reader, check
from addressbook.privacy.purposes import need_purpose
from addressbook.privacy.sealing import Secret
from addressbook.store.engine import transaction
from api.comparing import SharedComparer
from api.limits import FailedAttempts, KeyLimits
from api.resolving import SharedResolver
from api.sending import Rules

GEOJSON = "application/geo+json"
PURPOSE_HEADER = "X-Purpose"
"""A header and no parameter: URLs are kept, shared and logged on the way, and a purpose is a reader's, not a page's."""


@dataclass(frozen=True, slots=True)
class Service:
    """What lives as long as the app: a pool of connections, the matcher, the secret. No state of any caller."""

    engine: Engine
    resolver: SharedResolver
    comparer: SharedComparer
    secret: Callable[[], Secret]
    rules: Rules
    limits: KeyLimits
    failed: FailedAttempts


def service_of(request: Request) -> Service:
    """The service this request came to."""
    found: Service = request.app.state.service
    return found


class Guard:
    """A route's policy as a dependency: key, role, then no parameter that the route does not know."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._known: dict[str, list[str]] = {}

    def __call__(self, request: Request) -> Reader | None:
        """The reader, or None on an open route. Raises KeyMissing, RoleForbidden or FieldError."""
        reader = None
        if self.policy.minimum is not None:
            reader = _reader(request)
            request.scope["reader"] = reader
            check(reader.role, self.policy)
        refuse_unknown_parameters(request, self._known_parameters(request.scope["route"]))
        refuse_nul(request)
        return reader

    def _known_parameters(self, route: APIRoute) -> list[str]:
        """The query parameters of a route, found once: finding them takes longer than the key's look-up."""
        known = self._known.get(route.unique_id)
        if known is None:
            flat = get_flat_params(route.dependant)
            known = [param.alias for param in flat if isinstance(param.field_info, Query)]
            self._known[route.unique_id] = known
        return known


def _reader(request: Request) -> Reader:
    key = _key(request)
    if not key:
        raise errors.KeyMissing(
            "this route needs a key.",
            zh="此接口需要密钥。",
            remedy="Send it as `Authorization: Bearer abk_…` or `X-API-Key: abk_…`.",
        )
    request.scope["wrong_key"] = True  # until it is found: api/errors.py answers a wrong one later
    purpose, service = request.headers.get(PURPOSE_HEADER, "").strip(), service_of(request)
    with transaction(service.engine) as connection:
        reader = find_key(connection, key)
        request.scope["wrong_key"] = False
        _check_limit(service.limits.wait_of(reader.key_id))
        if purpose:
            need_purpose(connection, purpose, field=PURPOSE_HEADER)
    route, request_id = request.scope["route"].path, request.scope.get("request_id", "")
    return replace(reader, route=route, request_id=request_id, purpose=purpose)


def _check_limit(wait_s: float) -> None:
    if wait_s > 0:
        raise errors.TooManyRequests(
            "this key asks more than it may.", zh="该密钥的请求过于频繁。",
            remedy="Ask again after Retry-After seconds.", retry_after_s=wait_s,
        )  # fmt: skip


def _key(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key", "").strip()


def refuse_unknown_parameters(request: Request, known: list[str]) -> None:
    """A misspelt filter that is ignored answers another question: name the nearest known parameter instead."""
    for name in request.query_params:
        if name not in known:
            raise _unknown(name[:40], known)
        if len(request.query_params.getlist(name)) > 1:
            raise errors.FieldError("repeated", name, f"{name} is given twice.", zh=f"参数 {name} 重复。")


def refuse_nul(request: Request) -> None:
    """A NUL is no character of any text here, and PostgreSQL stores none."""
    for name, value in [*request.path_params.items(), *request.query_params.items()]:
        if "\0" in str(value):
            raise errors.FieldError(
                "bad_text", name, f"{name} contains a NUL character.", zh=f"参数 {name} 含有空字符。"
            )


def _unknown(name: str, known: list[str]) -> errors.FieldError:
    nearest = process.extractOne(name, known)
    hint = f"did you mean {nearest[0]}?" if nearest else "this route takes none."
    hint_zh = f"是否应为 {nearest[0]}？" if nearest else "此接口没有参数。"
    return errors.FieldError(
        "unknown_parameter", name, f"{name!r} is not a parameter here; {hint}", zh=f"没有参数“{name}”，{hint_zh}"
    )


def answer(content: Any, media_type: str = "application/json", status: int = 200, **headers: str) -> Response:
    """A response in JSON; dates as ISO 8601."""
    return Response(orjson.dumps(content), status, media_type=media_type, headers=headers)
