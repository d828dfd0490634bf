"""Many clients at once: requests a second of a service, with as little of a client as will do."""

from __future__ import annotations

import asyncio
import itertools
import re
import time
from collections.abc import Iterator, Sequence

import uvloop

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


def rate_at(port: int, key: str, paths: Sequence[str], clients: int, seconds: float) -> tuple[float, list[float]]:
    """Answers a second to `clients` connections that ask one thing after another, and what each took in ms.

    Raises RuntimeError for any answer but 200.
    """
    return uvloop.run(_all(port, key, paths, clients, seconds))


async def _all(
    port: int, key: str, paths: Sequence[str], clients: int, seconds: float
) -> tuple[float, list[float]]:  # fmt: skip
    requests = itertools.cycle([_request(path, key) for path in paths])
    started = time.perf_counter()
    took = await asyncio.gather(*(_ask(port, requests, started + seconds) for _ in range(clients)))
    times = list(itertools.chain.from_iterable(took))
    return len(times) / (time.perf_counter() - started), times


async def _ask(port: int, requests: Iterator[bytes], until: float) -> list[float]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    times = []
    while (begun := time.perf_counter()) < until:
        writer.write(next(requests))
        head = await reader.readuntil(b"\r\n\r\n")
        found = _LENGTH.search(head)
        if not head.startswith(b"HTTP/1.1 200") or found is None:
            raise RuntimeError(head[:200])
        await reader.readexactly(int(found[1]))
        times.append((time.perf_counter() - begun) * 1000)
    writer.close()
    return times


def _request(path: str, key: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-API-Key: {key}\r\n\r\n".encode()
