"""The access log as a chain: each line's keyed hash covers the line and the hash before it.

Readers append and wait for nobody. One sealer at a time takes what was committed and gives each line its place in the
chain, a moment later; so the chain never forks, and no read waits for another. Between append and seal the database's
trigger alone keeps a line as it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import orjson
from sqlalchemy import Connection

from addressbook.errors import LogAltered
from addressbook.privacy.sealing import Secret
from addressbook.store.access_log import (
    Anchor,
    Line,
    chain_end,
    count_unsealed,
    count_until,
    is_sealing,
    read_anchors,
    remove_until,
    sealed_after,
    store_seals,
    unsealed,
    whole_until,
)

AT_ONCE = 5_000


class Head(NamedTuple):
    """The end of the chain: whoever notes it elsewhere can tell later that nothing before it was cut off.

    >>> str(Head(7, bytes(3))), Head.read("7:000000")
    ('7:000000', Head(position=7, hash=b'\\x00\\x00\\x00'))
    """

    position: int
    hash: bytes

    def __str__(self) -> str:
        return f"{self.position}:{self.hash.hex()}"

    @classmethod
    def read(cls, words: str) -> Head:
        """A head as it is printed. Raises ValueError."""
        position, _, digest = words.partition(":")
        return cls(int(position), bytes.fromhex(digest))


class Verified(NamedTuple):
    """A chain that holds: how many lines, where it ends, what is not sealed yet, how often lines were removed."""

    lines: int
    head: Head
    unsealed: int
    anchors: int


def seal(connection: Connection, secret: Secret, *, wait: bool = True) -> int:
    """Seal the next lines that wait; returns how many. 0 where another sealer is at it and `wait` is False."""
    if not is_sealing(connection, wait=wait):
        return 0
    lines = unsealed(connection, AT_ONCE)
    if lines:
        last, previous = chain_end(connection)
        seals = []
        for position, line in enumerate(lines, last + 1):
            previous = _hash(secret, previous, position, line)
            seals.append((line.entry_id, position, previous))
        store_seals(connection, seals)
    return len(lines)


def verify(connection: Connection, secret: Secret, noted: Head | None = None) -> Verified:
    """The chain from its first line, or from the newest anchor, to its end. Raises LogAltered that names the place.

    `noted`: a head that was noted elsewhere, and must be in it.
    """
    anchors = _checked_anchors(connection, secret)
    start = Head(anchors[-1].position, anchors[-1].hash) if anchors else Head(0, b"")
    heads = {Head(anchor.position, anchor.hash) for anchor in anchors}
    position, previous = start
    for line in _sealed(connection, start.position):
        if line.position != position + 1:
            raise _altered(position + 1, "is missing", "缺失")
        position, previous = position + 1, _hash(secret, previous, position + 1, line)
        if line.hash != previous:
            raise _altered(position, "is not what was written, or not what was written there", "与写入时不符")
        if noted and noted.position == position:
            heads.add(Head(position, previous))
    if noted and noted not in heads and noted.position >= start.position:
        raise _altered(noted.position, "is not the one that was noted", "与所记录的不符")
    return Verified(position - start.position, Head(position, previous), count_unsealed(connection), len(anchors))


def remove_older(connection: Connection, secret: Secret, before: datetime, actor: str) -> int:
    """Remove lines older than that from the beginning of the chain; returns how many.

    An anchor keeps the hash of the last of them, so that what is left can be verified from there. The database refuses
    it (DatabaseError) for lines of the last three years.
    """
    is_sealing(connection, wait=True)
    last = whole_until(connection, before)
    if last is None or last.position is None or last.hash is None:
        return 0
    bare = Anchor(last.position, last.hash, count_until(connection, last.position), actor, datetime.now(UTC), b"")
    return remove_until(connection, bare._replace(mac=_mac(secret, bare)))


def _sealed(connection: Connection, position: int) -> Iterator[Line]:
    while lines := sealed_after(connection, position, AT_ONCE):
        yield from lines
        position = lines[-1].position or 0


def _checked_anchors(connection: Connection, secret: Secret) -> list[Anchor]:
    anchors = read_anchors(connection)
    for anchor in anchors:
        if anchor.mac != _mac(secret, anchor):
            raise _altered(anchor.position, "has an anchor that nobody with the secret wrote", "的锚点系伪造")
    return anchors


def _hash(secret: Secret, previous: bytes, position: int, line: Line) -> bytes:
    content = line._replace(position=position, hash=None, at=line.at.astimezone(UTC))
    return secret.chained(previous + orjson.dumps(list(content)))


def _mac(secret: Secret, anchor: Anchor) -> bytes:
    content = [anchor.position, anchor.hash.hex(), anchor.lines, anchor.actor, anchor.at.astimezone(UTC)]
    return secret.chained(b"anchor" + orjson.dumps(content))


def _altered(position: int, en: str, zh: str) -> LogAltered:
    return LogAltered(
        f"the access log was altered: line {position} of the chain {en}.",
        zh=f"访问日志被改动：链上第 {position} 行{zh}。",
        remedy="Compare it with a backup; lines before it hold.",
    )
