"""What a release for research is made from: keys first, then links and elements by key, chunk by chunk.

Nothing that names anybody is read: no name, number, phone, or text as received.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, Engine

from addressbook.store.bridging import chunks_of
from addressbook.store.engine import at_one_moment, take_your_time, write_through
from addressbook.store.loading import uuids
from addressbook.store.reading import Row, read
from addressbook.store.subjects import marked_among

ADDRESS = "address"


class Range(NamedTuple):
    """Elements of a kind in the divisions from one code to another."""

    kind: str
    low: str
    high: str


@contextmanager
def unchanging(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees the registry as it was when it began: what is counted is what is written."""
    with at_one_moment(engine) as connection:
        take_your_time(connection)
        # What has left cannot be called back: that it did is on disk before it does.
        write_through(connection)
        yield connection


def release_keys(connection: Connection, asked: Range) -> Iterator[UUID]:
    """The element keys in a range, in no order."""
    return (row[0] for rows in chunks_of(connection, "release_keys", asked._asdict()) for row in rows)


def release_rows(connection: Connection, asked: Range, keys: Sequence[UUID]) -> list[Row]:
    """What may be told of these elements, in the order of the keys; nothing of who is restricted or erased."""
    given = uuids(keys)
    links = {row["element_key"]: row for row in read(connection, "release_links", keys=given, **asked._asdict())}
    elements = {row["element_key"]: row for row in read(connection, f"release_{asked.kind}", keys=given)}
    marked = marked_among(connection, keys)
    return [links[key] | elements[key] for key in keys if key in links and key in elements and key not in marked]


def keyed_things(connection: Connection, kind: str) -> Iterator[str]:
    """The element keys of a kind, or the codes of all addresses: what release codes are made from."""
    name = "release_addresses" if kind == ADDRESS else "release_codes"
    return (row[0] for rows in chunks_of(connection, name, {"kind": kind}) for row in rows)
