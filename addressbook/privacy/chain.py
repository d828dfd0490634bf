"""The access log as a chain: each line's keyed hash covers the line and the hash before it.

Readers append and wait for nobody. One sealer at a time takes what was committed and gives each line its place in the
chain, a moment later; so the chain never forks, and no read waits for another. Between append and seal the database's
trigger alone keeps a line as it is. privacy/kept_head.py remembers outside the database where the chain ended.
"""

from __future__ import annotations

from collections import deque
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
    first_position,
    hash_at,
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


class Sealed(NamedTuple):
    """How many lines were sealed now, and where the chain ends with them."""

    lines: int
    head: Head


BEGINNING = Head(0, b"")


def seal(connection: Connection, secret: Secret, kept: Head | None = None, *, wait: bool = True) -> Sealed:
    """Seal the next lines that wait. None where another sealer is at it and `wait` is False.

    `kept`: where an earlier sealing ended. Raises LogAltered where the log does not go on from there.
    """
    lines = unsealed(connection, AT_ONCE) if is_sealing(connection, wait=wait) else []
    if not lines:
        return Sealed(0, BEGINNING)
    last, previous = Head(*chain_end(connection)) if kept is None else _end_from(connection, secret, kept)
    seals = []
    for position, line in enumerate(lines, last + 1):
        previous = _hash(secret, previous, position, line)
        seals.append((line.entry_id, position, previous))
    store_seals(connection, seals)
    return Sealed(len(lines), Head(last + len(lines), previous))


def verify(connection: Connection, secret: Secret, *noted: Head | None) -> Verified:
    """The chain from its first line, or from the newest anchor, to its end. Raises LogAltered that names the place.

    `noted`: heads that were noted elsewhere, and must be in it.
    """
    heads = sorted(filter(None, noted))
    anchors = _checked_anchors(connection, secret)
    start = _start(anchors)
    first = first_position(connection)
    if first is not None and first <= start.position:
        raise _altered(first, "does not belong to it: it begins later", "不属于该链")
    for head in heads:
        if head.position == start.position:
            _check_noted(head, start.hash)
    end = start
    for end in _followed(connection, secret, start):
        while heads and heads[0].position <= end.position:
            if heads[0].position == end.position:
                _check_noted(heads[0], end.hash)
            del heads[0]
    if heads and heads[-1].position > end.position:
        raise _cut_off(end, heads[-1])
    if count_until(connection, end.position) != end.position - start.position:
        raise _altered(end.position, "has more lines before it than there are places", "之前的行数多于位置数")
    return Verified(end.position - start.position, end, count_unsealed(connection), len(anchors))


def remove_older(
    connection: Connection, secret: Secret, before: datetime, actor: str, kept: Head | None = None
) -> int:  # fmt: skip
    """Remove lines older than that from the beginning of the chain; returns how many.

    An anchor keeps the hash of the last of them, so that what is left can be verified from there. It vouches for all
    that it covers: so the chain is verified first, with `kept` in it. Raises LogAltered. The database refuses it
    (DatabaseError) for lines of the last three years.
    """
    is_sealing(connection, wait=True)
    last = whole_until(connection, before)
    if last is None or last.position is None or last.hash is None:
        return 0
    verify(connection, secret, kept)
    bare = Anchor(last.position, last.hash, count_until(connection, last.position), actor, datetime.now(UTC), b"")
    return remove_until(connection, bare._replace(mac=_mac(secret, bare)))


def _end_from(connection: Connection, secret: Secret, kept: Head) -> Head:
    """The end of a chain that holds `kept` and goes on from there."""
    start, found = kept, hash_at(connection, kept.position)
    if found is None:
        start = _start(_checked_anchors(connection, secret))
        if start.position < kept.position:
            raise _altered(kept.position, "is missing", "缺失")
        found = start.hash if start.position == kept.position else kept.hash
    _check_noted(kept, found)
    return next(iter(deque(_followed(connection, secret, start), maxlen=1)), start)


def _followed(connection: Connection, secret: Secret, start: Head) -> Iterator[Head]:
    """Each place behind `start`, and the hash that belongs there. Raises LogAltered at the first that is not so."""
    position, previous = start
    while lines := sealed_after(connection, position, AT_ONCE):
        for line in lines:
            if line.position != position + 1:
                raise _altered(position + 1, "is missing", "缺失")
            position, previous = position + 1, _hash(secret, previous, position + 1, line)
            if line.hash != previous:
                raise _altered(position, "is not what was written, or not what was written there", "与写入时不符")
            yield Head(position, previous)


def _check_noted(noted: Head, found: bytes | None) -> None:
    if noted.hash != found:
        raise _altered(noted.position, "is not the one that was noted", "与所记录的不符")


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


def _start(anchors: list[Anchor]) -> Head:
    """Where what was not removed goes on from."""
    return Head(anchors[-1].position, anchors[-1].hash) if anchors else BEGINNING


def _cut_off(end: Head, noted: Head) -> LogAltered:
    return _altered(
        end.position + 1, f"is missing, though line {noted.position} was sealed",
        f"缺失，而此前已封存至第 {noted.position} 行",
    )  # fmt: skip


def _altered(position: int, en: str, zh: str) -> LogAltered:
    return LogAltered(
        f"the access log was altered: line {position} of the chain {en}.",
        zh=f"访问日志被改动：链上第 {position} 行{zh}。",
        remedy="Compare it with a backup; lines before it hold. After a restore from one: docs/privacy.md, Restored.",
    )
