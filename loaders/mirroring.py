"""A copy of another registry, built and followed by its change feed, in a file of SQLite that anything can read.

A page of the feed and the place to go on from are stored in one transaction: a mirror that is killed goes on where it
was. It is compared with its source by a checksum over all addresses as a transaction left them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import Request, urlopen

import orjson

from addressbook.errors import AccessError, DatabaseUnreachable, InputError
from addressbook.store.mirror import Followed, Mirror

PAGE_LINES = 5000
TIMEOUT_S = 60.0
TRIES, PAUSE_S = 5, 0.5
Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Source:
    """The registry that is mirrored: its address, and a key that may read addresses."""

    url: str
    key: str

    def get(self, path: str) -> tuple[bytes, Any]:
        """The body and headers of an answer; waits and asks again where the service does not answer.

        Raises AccessError for a key that may not, InputError for what it refuses, DatabaseUnreachable where nothing
        answers.
        """
        request = Request(urljoin(self.url, path), headers={"X-API-Key": self.key})  # noqa: S310 checked on opening
        for attempt in range(1, TRIES + 1):
            try:
                with urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
                    return answer.read(), answer.headers
            except HTTPError as refusal:
                if refusal.code < 500:
                    raise _refused(refusal) from None
            except (URLError, OSError, HTTPException):
                pass
            time.sleep(PAUSE_S * attempt)
        raise DatabaseUnreachable(
            f"{self.url} does not answer.", zh=f"{self.url} 没有响应。",
            remedy="Run the same command again: it goes on where it stopped.",
        )  # fmt: skip


def _refused(refusal: HTTPError) -> AccessError | InputError:
    kind = AccessError if refusal.code in (401, 403) else InputError
    try:
        said = orjson.loads(refusal.read())
    except orjson.JSONDecodeError:
        said = {}
    return kind(
        said.get("detail", f"the source answered {refusal.code}."),
        zh=said.get("detail_zh", f"来源返回 {refusal.code}。"),
        remedy=said.get("remedy", ""),
    )


def follow(source: Source, path: Path, *, pause_s: float | None = None, progress: Progress | None = None) -> int:
    """Bring the mirror up to its source, and with `pause_s` keep it so; returns the last transaction it has.

    Raises InputError when the file mirrors another source, and what `Source.get` raises.
    """
    _need_reachable(source)
    with closing(Mirror(path)) as mirror:
        done = 0
        while True:
            number, tx, newest = _next_page(source, mirror)
            done += number
            if progress:
                progress(done, None)
            if number < PAGE_LINES and tx >= newest:
                if pause_s is None:
                    return tx
                time.sleep(pause_s)


def _need_reachable(source: Source) -> None:
    try:
        parts = urlsplit(source.url)
        whole = parts.scheme in ("http", "https") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        whole = False
    if not whole or not source.url.isascii() or not source.url.isprintable() or " " in source.url:
        raise InputError(f"{source.url!r} is no address of a registry.", zh=f"“{source.url}”不是登记服务的网址。")
    if not source.key.isascii() or not source.key.isprintable():
        raise InputError("this is no key of a registry.", zh="密钥格式不正确。", remedy="Copy the whole key.")


def _next_page(source: Source, mirror: Mirror) -> tuple[int, int, int]:
    """Store a page; returns its lines, the last transaction the mirror has whole, and the source's newest.

    A page that somebody else has stored while it was on its way is dropped, and the next one asked for.
    """
    while True:
        known = mirror.followed()
        begun = known or Followed(source.url, f"/changes?limit={PAGE_LINES}", 0)
        if begun.url != source.url:
            raise InputError(
                f"this file mirrors {begun.url}.", zh=f"该文件是 {begun.url} 的镜像。", remedy="Give another file."
            )
        body, headers = source.get(begun.next)
        lines = [orjson.loads(line) for line in body.splitlines()]
        newest = int(headers["Addressbook-Newest-Transaction"])
        following = headers["Link"].partition("<")[2].partition(">")[0]
        # A page that is full may end within a transaction; one that is not has all there was.
        whole = newest if len(lines) < PAGE_LINES else max(begun.tx, lines[-1]["tx"] - 1)
        if mirror.store(lines, Followed(source.url, following, whole), known):
            return len(lines), whole, newest


def compare(source: Source, path: Path) -> tuple[bool, int, int]:
    """Whether the mirror is what its source was after the mirror's last transaction; that transaction, and how many.

    Only a mirror that was brought up to date can be compared: call `follow` first.
    """
    with closing(Mirror(path)) as mirror:
        followed, number, checksum = mirror.summed()
    tx = followed.tx if followed else 0
    said = orjson.loads(source.get(f"/changes/checksum?at={tx}")[0])
    return (number, checksum) == (said["addresses"], said["checksum"]), tx, number
