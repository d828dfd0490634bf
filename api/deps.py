"""What route handlers need: the engine and the resolver, and the reader behind the key, checked against a policy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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
from addressbook.privacy.known_keys import KnownKeys
from addressbook.privacy.known_purposes import KnownPurposes
from addressbook.privacy.policy import Policy, Reader, check
from addressbook.privacy.sealing import Secret
from addressbook.store.asking import Asking
from api.comparing import SharedComparer
from api.issuing import Tokens
from api.limits import FailedAttempts, KeyLimits
from api.observing import Metrics
from api.readers import reader_of
from api.resolving import SharedResolver
from api.sending import Rules

GEOJSON = "application/geo+json"


@dataclass(frozen=True, slots=True)
class Service:
    """What lives as long as the app: a pool of connections, the matcher, the secret. No state of any caller."""

    engine: Engine
    asking: Asking
    viewing: Asking
    keys: KnownKeys
    purposes: KnownPurposes
    metrics: Metrics
    tokens: Tokens | None
    resolver: SharedResolver
    comparer: SharedComparer
    secret: Callable[[], Secret]
    rules: Rules
    limits: KeyLimits
    failed: FailedAttempts
    changes_years: int | None


def service_of(request: Request) -> Service:
    """The service this request came to."""
    found: Service = request.app.state.service
    return found


class Guard:
    """A route's policy as a dependency: key, role, then no parameter that the route does not know."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._known: dict[str, list[str]] = {}

    async def __call__(self, request: Request) -> Reader | None:
        """The reader, or None on an open route. Raises KeyMissing, RoleForbidden or FieldError."""
        reader = None
        request.scope["persons"] = self.policy.persons
        if self.policy.minimum is not None:
            reader = await reader_of(request, service_of(request))
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
    """A response in JSON; dates as ISO 8601. The links of a page are in the header `Link` too (RFC 8288)."""
    response = Response(orjson.dumps(content), status, media_type=media_type, headers=headers)
    links = content.get("links") if isinstance(content, dict) else None
    if isinstance(links, list) and links:  # a plan of divisions counts links of another kind
        response.headers["Link"] = ", ".join(f'<{link["href"]}>; rel="{link["rel"]}"' for link in links)
    return response
