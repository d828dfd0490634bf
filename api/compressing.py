"""Answers in pieces, compressed as they are made: in the thread that makes them, each piece at once for who waits."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Generator
from contextlib import closing

import zstandard

ZSTD, GZIP, PLAIN = "zstd", "gzip", ""
LEVEL = 4
_GZIP_WINDOW = 31
"""For zlib: a window of 32 KB, with the head and the end that gzip has."""


def coding_of(accepted: str) -> str:
    """The coding for an answer, of what a header `Accept-Encoding` takes: zstd, else gzip, else none.

    >>> coding_of("gzip, deflate, br"), coding_of("gzip;q=0.5, zstd"), coding_of("zstd;q=0, *"), coding_of("")
    ('gzip', 'zstd', 'gzip', '')
    """
    weights = dict(_weighed(part) for part in accepted.lower().split(","))
    anything = weights.get("*", 0.0)
    return next((coding for coding in (ZSTD, GZIP) if weights.get(coding, anything) > 0), PLAIN)


def _weighed(part: str) -> tuple[str, float]:
    coding, _, parameter = part.partition(";")
    name, _, weight = parameter.partition("=")
    try:
        return coding.strip(), float(weight) if name.strip() == "q" else 1.0
    except ValueError:
        return coding.strip(), 0.0


def headers_of(coding: str) -> dict[str, str]:
    """The headers of an answer in that coding; what is kept on the way is kept for each coding."""
    return {"Vary": "Accept-Encoding"} | ({"Content-Encoding": coding} if coding else {})


def compressed(pieces: Generator[bytes], coding: str) -> Generator[bytes]:
    """The pieces in that coding, each readable as soon as it comes. What makes them is closed with it."""
    pack, end = _packer(coding)
    with closing(pieces):
        for piece in pieces:
            yield pack(piece)
    if last := end():
        yield last


def _packer(coding: str) -> tuple[Callable[[bytes], bytes], Callable[[], bytes]]:
    """What packs a piece, and what ends it all."""
    if coding == ZSTD:
        zstd = zstandard.ZstdCompressor(level=LEVEL).compressobj()
        return lambda piece: zstd.compress(piece) + zstd.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK), zstd.flush
    if coding == GZIP:
        gzip = zlib.compressobj(LEVEL, zlib.DEFLATED, _GZIP_WINDOW)
        return lambda piece: gzip.compress(piece) + gzip.flush(zlib.Z_SYNC_FLUSH), gzip.flush
    return bytes, lambda: b""
