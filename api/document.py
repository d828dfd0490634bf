"""The OpenAPI document: what FastAPI derives from the routes, and which of them need a key."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from api.deps import Guard
from api.readers import COOKIE, PURPOSE_HEADER

SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "Authorization: Bearer abk_… or an issuer's token"},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "changes need X-CSRF-Token as well"},
}

PURPOSE = {
    "name": PURPOSE_HEADER, "in": "header", "required": False, "schema": {"type": "string", "maxLength": 40},
    "description": "the code of a purpose 用途: with one an officer sees persons of its areas in full, without masked",
}  # fmt: skip


def document_of(app: FastAPI) -> dict[str, Any]:
    """The document, OpenAPI 3.1; the role a route needs stands in `x-role`."""
    if app.openapi_schema is None:
        document = app.openapi()
        document["components"]["securitySchemes"] = SCHEMES
        for route in app.routes:
            if isinstance(route, APIRoute) and route.include_in_schema:
                _describe(route, document["paths"][route.path])
    return app.openapi()


def guard_of(route: APIRoute) -> Guard:
    """The guard of a route. Raises LookupError: a route without one must not be served."""
    guards = [found.call for found in route.dependant.dependencies if isinstance(found.call, Guard)]
    if len(guards) != 1:
        raise LookupError(f"{route.path} has {len(guards)} policies, not one")
    return guards[0]


def _describe(route: APIRoute, item: dict[str, Any]) -> None:
    policy = guard_of(route).policy
    if policy.minimum is None:
        return
    for method in route.methods or ():
        operation = item[method.lower()]
        operation |= {"security": [{name: []} for name in SCHEMES], "x-role": policy.minimum.value}
        if policy.persons == "full":
            operation["parameters"] = [*operation.get("parameters", []), PURPOSE]
