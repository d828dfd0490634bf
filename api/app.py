"""The application: `create_app(settings)`. Nothing happens at import, nothing is global."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from sqlalchemy.engine import make_url
from starlette.middleware.cors import CORSMiddleware
from starlette_compress import CompressMiddleware

from addressbook import __version__
from addressbook.config import Settings
from addressbook.parse.costs import use_tables
from addressbook.privacy.known_keys import KnownKeys
from addressbook.privacy.known_purposes import KnownPurposes
from addressbook.store.asking import Asking
from addressbook.store.cluster import database_url
from addressbook.store.engine import make_engine
from addressbook.store.hearing import ACCESS, Hearing
from api.comparing import SharedComparer
from api.conditional import Conditional
from api.delivering import AT_ONCE
from api.deps import Service
from api.edge import Edge
from api.errors import add_handlers
from api.export_jobs import Exporter
from api.files import Files
from api.issuing import tokens_of
from api.limits import FailedAttempts, KeyLimits
from api.observing import Metrics, Tracing
from api.page import add_page
from api.readers import PURPOSE_HEADER
from api.resolving import SharedResolver
from api.routes import (
    addresses,
    aliases,
    area_compare,
    areas,
    changes,
    compare,
    division_files,
    divisions,
    exports,
    health,
    identifiers,
    metrics as metrics_routes,
    ogc,
    quality,
    registry,
    resolve,
    review,
    review_sheets,
    search,
    session,
    snapshot,
    tiles,
    webhooks,
)
from api.sealer import Sealer
from api.squares import SquareCounter
from api.subscribing import LazySecret, courier_of
from api.tiling import SharedHeat

CONNECTIONS = 16
LEAST_COMPRESSED = 1024
"""Bytes below which an answer is sent as it is."""
ASKED_HEADERS = ("Authorization", "X-API-Key", PURPOSE_HEADER, "Content-Type", "If-None-Match", "X-Request-ID")
ANSWERED_HEADERS = ("ETag", "Link", "Retry-After", "X-Request-ID", "Content-Crs", "Content-Disposition")
NO_TELEMETRY: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "operation_spans": False}
"""The framework's own spans hold paths, queries and the values of parameters: persons. Ours are in observing.py."""
FILE_ROUTES = (review_sheets, division_files, snapshot, exports)
MOST_ASKED_ROUTES = (addresses, area_compare, areas)
"""First: a request is compared with one route after another."""
ROUTES = (
    resolve, compare, aliases, registry, review, divisions, changes, identifiers,
    webhooks, quality, search, ogc, tiles, metrics_routes, session, health,
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
    asking, viewing = Asking(engine), Asking(engine, CONNECTIONS // 2)
    hearing = Hearing(engine, ACCESS)
    metrics, tracing = Metrics(engine, asking, viewing), Tracing(settings.telemetry_url)
    courier, squares = courier_of(settings, engine, secret), SquareCounter(engine)
    sealer = Sealer(engine, secret, settings.home)
    exporter = Exporter(engine, files, settings.home, secret) if files else None

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = CONNECTIONS
        threading.Thread(target=resolver.warm_up, args=[engine], daemon=True).start()
        at_work = [sealer, squares, *([courier] if settings.webhook_worker else ()), *([exporter] if exporter else ())]
        for worker in at_work:
            threading.Thread(target=worker.run, daemon=True).start()
        yield
        for worker in at_work:
            worker.stopped.set()
        if exporter:
            exporter.stop()
        await hearing.close()
        await asking.close()
        await viewing.close()
        tracing.close()
        engine.dispose()

    app = FastAPI(
        title="addressbook 统一地址库", version=__version__,
        summary="One identity code per address, everything at it joined",
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"}, lifespan=lifespan,
        docs_url=None, redoc_url=None, openapi_url=None, telemetry=NO_TELEMETRY,
    )  # fmt: skip
    app.state.service = Service(
        engine, asking, viewing, KnownKeys(hearing, asking), KnownPurposes(hearing, asking), metrics,
        tokens_of(settings), resolver, SharedComparer(settings.division), secret, courier.rules,
        KeyLimits(settings.key_requests_per_second), FailedAttempts(), settings.changes_years,
    )  # fmt: skip
    add_handlers(app)
    app.state.files, app.state.exporter, app.state.tracing = files, exporter, tracing
    app.state.heat = SharedHeat()
    for module in (*MOST_ASKED_ROUTES, *(FILE_ROUTES if files else ()), *ROUTES):
        app.router.routes.extend(module.router.routes)
    add_page(app)
    _add_layers(app, settings, metrics, tracing)
    return app


def _add_layers(app: FastAPI, settings: Settings, metrics: Metrics, tracing: Tracing) -> None:
    """What every request passes, the innermost first."""
    app.add_middleware(Conditional)
    app.add_middleware(CompressMiddleware, minimum_size=LEAST_COMPRESSED, brotli=False)
    if settings.cors_origins:
        app.add_middleware(
            CORSMiddleware, allow_origins=settings.cors_origins.split(","), allow_methods=["*"],
            allow_headers=ASKED_HEADERS, expose_headers=ANSWERED_HEADERS,
        )  # fmt: skip
    app.add_middleware(Edge, metrics=metrics, tracing=tracing)


def _session_url(url: str) -> str:
    parsed = make_url(url)
    given = parsed.query.get("options", "")
    options = " ".join([*([given] if isinstance(given, str) else given), SESSION]).strip()
    return parsed.update_query_dict({"options": options}).render_as_string(hide_password=False)
