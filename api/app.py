"""The application: `create_app(settings)`. Nothing happens at import, nothing is global."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import FastAPI
from sqlalchemy.engine import make_url

from addressbook import __version__
from addressbook.config import Settings
from addressbook.parse.costs import use_tables
from addressbook.store.cluster import database_url
from addressbook.store.engine import make_engine
from api.comparing import SharedComparer
from api.delivering import AT_ONCE
from api.deps import Service
from api.edge import Edge
from api.errors import add_handlers
from api.files import Files
from api.limits import FailedAttempts, KeyLimits
from api.page import add_page
from api.resolving import SharedResolver
from api.routes import (
    addresses,
    aliases,
    areas,
    changes,
    compare,
    division_files,
    divisions,
    health,
    identifiers,
    quality,
    registry,
    resolve,
    review,
    review_sheets,
    search,
    snapshot,
    tiles,
    webhooks,
)
from api.sealer import Sealer
from api.subscribing import LazySecret, courier_of
from api.tiling import SharedHeat

CONNECTIONS = 16
FILE_ROUTES = (review_sheets, division_files, snapshot)
ROUTES = (
    addresses, areas, resolve, compare, aliases, registry, review, divisions, changes, identifiers, webhooks, quality,
    search, tiles, health,
)  # fmt: skip
SESSION = "-c statement_timeout=15s -c idle_in_transaction_session_timeout=60s -c jit=off -c synchronous_commit=off"
"""jit: compiling costs these short statements more than it gives. synchronous_commit: nearly all the service writes is
its access log; a crash of the whole machine may lose the last half second of that, a crash of the service or of
PostgreSQL nothing. Decisions are written through (store/engine.py)."""


def create_app(settings: Settings, files: Files | None = None) -> FastAPI:
    """The service for `settings`. Starts the private PostGIS where no database is named; connects at first use.

    `files`: what reads and writes files; without it there are no routes that take or give any.
    """
    use_tables(settings.tables)
    resolver = SharedResolver(settings.division)
    engine = make_engine(_session_url(database_url(settings)), pool_size=CONNECTIONS // 2 + AT_ONCE)
    secret = LazySecret(settings, engine)
    courier, sealer = courier_of(settings, engine, secret), Sealer(engine, secret)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = CONNECTIONS
        threading.Thread(target=resolver.warm_up, args=[engine], daemon=True).start()
        delivering = threading.Thread(target=courier.run, daemon=True)
        if settings.webhook_worker:
            delivering.start()
        threading.Thread(target=sealer.run, daemon=True).start()
        yield
        courier.stopped.set()
        sealer.stopped.set()
        engine.dispose()

    app = FastAPI(
        title="addressbook 统一地址库", version=__version__,
        summary="One identity code per address, everything at it joined",
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"}, lifespan=lifespan,
        docs_url=None, redoc_url=None, openapi_url=None,
    )  # fmt: skip
    app.state.service = Service(
        engine, resolver, SharedComparer(settings.division), secret, courier.rules,
        KeyLimits(settings.key_requests_per_second), FailedAttempts(),
    )  # fmt: skip
    add_handlers(app)
    app.state.files, app.state.heat = files, SharedHeat()
    for module in (*(FILE_ROUTES if files else ()), *ROUTES):
        app.router.routes.extend(module.router.routes)
    add_page(app)
    app.add_middleware(Edge)
    return app


def _session_url(url: str) -> str:
    parsed = make_url(url)
    given = parsed.query.get("options", "")
    options = " ".join([*([given] if isinstance(given, str) else given), SESSION]).strip()
    return parsed.update_query_dict({"options": options}).render_as_string(hide_password=False)
