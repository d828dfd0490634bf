"""Tiles as they are sent: what makes one another one, what a client has already, and the heat that all share."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from hashlib import blake2b

from fastapi import Request
from sqlalchemy import Connection
from starlette.responses import Response

from addressbook import __version__
from addressbook.privacy.policy import READS_AS, Reader
from addressbook.store.engine import take_your_time, transaction
from addressbook.store.tiles import Tile, data_version, read_heat
from addressbook.views.heat import FINEST, HeatGrid
from addressbook.views.tiles import Layer, layer_tile
from api.deps import service_of

MVT = "application/vnd.mapbox-vector-tile"
HEAT_KEPT_S = 60.0
"""Counting all links takes seconds: heat is as old as this at most, whatever changes."""
HEADERS = {"Cache-Control": "private, no-cache", "Vary": "Authorization, X-API-Key"}
"""Kept by whoever asked, who asks each time whether it has changed: what a key may see can change at any time."""


class SharedHeat:
    """The heat of the registry, counted once for all threads; who comes while it is counted again gets the last."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._grid: HeatGrid | None = None
        self._counted_at = float("-inf")

    def version(self, version: str) -> str:
        """The data version that `grid` answers with while the data is at `version`."""
        return self._grid.version if self._grid and not self._is_due(version) else version

    def grid(self, connection: Connection, version: str) -> HeatGrid:
        """The counts of that version, or of one a minute old."""
        due = self._grid is None or self._is_due(version)
        if due and self._lock.acquire(blocking=self._grid is None):
            try:
                self._count(connection, version)
            finally:
                self._lock.release()
        if self._grid is None:
            raise RuntimeError("heat was not counted")
        return self._grid

    def _count(self, connection: Connection, version: str) -> None:
        if self._grid is None or self._is_due(version):
            take_your_time(connection)
            self._grid = HeatGrid(version, read_heat(connection, FINEST))
            self._counted_at = self._clock()

    def _is_due(self, version: str) -> bool:
        kept = self._grid is not None and self._grid.version
        return kept != version and self._clock() - self._counted_at >= HEAT_KEPT_S


def sent(request: Request, reader: Reader, layers: Sequence[Layer], tile: Tile) -> Response:
    """The layers of a tile, one behind the other as the format allows; 204 where it is empty, 304 where it is known."""
    heat: SharedHeat = request.app.state.heat
    service = service_of(request)
    with transaction(service.engine) as connection:
        version = data_version(connection)
        tag = _tag(reader, layers, tile, version, heat.version(version))
        if _is_known(request, tag):
            return Response(status_code=304, headers={**HEADERS, "ETag": tag})
        parts = [
            layer_tile(connection, one, tile, reader, lambda: heat.grid(connection, version), service.secret)
            for one in layers
        ]
    content = b"".join(parts)
    return Response(content or None, 200 if content else 204, {**HEADERS, "ETag": tag}, MVT if content else None)


def _tag(reader: Reader, layers: Sequence[Layer], tile: Tile, *versions: str) -> str:
    """Another one whenever the tile may be another: by data, by reader, by what is asked, by version of the service.

    Weak: what is sent may be compressed, in one way or another.
    """
    told = [(layer.name, layer.statistics) for layer in layers]
    seen = (__version__, versions, told, tile, READS_AS[reader.role], reader.areas)
    return f'W/"{blake2b(repr(seen).encode(), digest_size=12).hexdigest()}"'


def _is_known(request: Request, tag: str) -> bool:
    given = [part.strip().removeprefix("W/") for part in request.headers.get("if-none-match", "").split(",")]
    return tag.removeprefix("W/") in given or "*" in given
