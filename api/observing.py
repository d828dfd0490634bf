"""What an operator watches: figures for Prometheus, and a span for each request where a collector is named.

Both name the route, never the path or the query: they may hold a person.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from sqlalchemy import Engine
from starlette.datastructures import Headers
from starlette.types import Scope

from addressbook import __version__
from addressbook.store.asking import Asking
from addressbook.store.engine import connections_in_use

METRICS_TYPE = CONTENT_TYPE_PLAIN_0_0_4
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
BUCKETS_S = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)


class Metrics:
    """The figures of this process, in a registry of its own."""

    def __init__(self, engine: Engine, *beside: Asking) -> None:
        """`beside`: who asks on connections of its own."""
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._requests = Counter(
            "addressbook_http_requests", "Requests answered", ["method", "route", "status"], registry=self._registry
        )
        self._seconds = Histogram(
            "addressbook_http_request_seconds", "Seconds until a request was answered", ["route"],
            registry=self._registry, buckets=BUCKETS_S,
        )  # fmt: skip
        self._under_way = Gauge(
            "addressbook_http_requests_under_way", "Requests not yet answered", registry=self._registry
        )
        connections = Gauge(
            "addressbook_database_connections_in_use", "Connections that requests hold", registry=self._registry
        )
        connections.set_function(lambda: connections_in_use(engine) + sum(one.in_use for one in beside))

    def begin(self) -> None:
        """A request came."""
        self._under_way.inc()

    def end(self, scope: Scope, status: int, seconds: float) -> None:
        """It was answered."""
        method, route = scope["method"] if scope["method"] in METHODS else "other", route_of(scope)
        self._under_way.dec()
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """The figures in Prometheus's text format."""
        return generate_latest(self._registry)


def _exporter(url: str) -> SpanExporter:
    # Imported here because it takes a quarter of a second, which a service that sends no spans need not pay.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter(endpoint=url)


class Tracing:
    """Spans to a collector that speaks OTLP over HTTP; without one nothing is made and nothing sent."""

    def __init__(self, url: str | None) -> None:
        self._provider = TracerProvider(resource=Resource.create({"service.name": "addressbook"})) if url else None
        if url and self._provider is not None:
            self._provider.add_span_processor(BatchSpanProcessor(_exporter(url)))
            self._tracer = self._provider.get_tracer("addressbook", __version__)

    @contextmanager
    def span(self, scope: Scope) -> Iterator[_Noted]:
        """The span of one request, below that of its caller; what is noted on the yielded object is in it."""
        noted = _Noted()
        if self._provider is None:
            yield noted
            return
        above = TraceContextTextMapPropagator().extract(dict(Headers(scope=scope)))
        with self._tracer.start_as_current_span(
            scope["method"], above, SpanKind.SERVER, record_exception=False, set_status_on_exception=False
        ) as span:
            yield noted
            span.update_name(f"{scope['method']} {route_of(scope)}")
            span.set_attributes(_attributes(scope, noted.status))
            if noted.status >= 500:
                span.set_status(StatusCode.ERROR)

    def flush(self) -> None:
        """Send what waits, now."""
        if self._provider is not None:
            self._provider.force_flush()

    def close(self) -> None:
        """Send what waits, and no more."""
        if self._provider is not None:
            self._provider.shutdown()


class _Noted:
    status = 0


def _attributes(scope: Scope, status: int) -> dict[str, Any]:
    return {
        "http.request.method": scope["method"],
        "http.route": route_of(scope),
        "http.response.status_code": status,
        "addressbook.request_id": scope["request_id"],
    }


def route_of(scope: Scope) -> str:
    """The route a request met, as it is written in the OpenAPI document."""
    route: Any = scope.get("route")
    return getattr(route, "path", "unmatched")
