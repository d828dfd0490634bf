"""What a run remembers of its rows: which were read in it already, and what earlier runs have stored of them.

The rows of a run must be noted in the order of the file, on one connection; worker processes ask for it over a pipe.
What is settled can be asked on any connection: no other run touches the source meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from multiprocessing.connection import Connection as Pipe
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Connection

from addressbook.privacy.sealing import key_of
from addressbook.store.loading import StoredRow, settled_rows, stored_rows
from addressbook.store.reloading import kept_cells, note_seen, note_settled, plain_rows

KEY_BYTES = 16
Cells = tuple[dict[str, str], bytes | None]
"""Those that may be read, and the others sealed."""


class Ledger(Protocol):
    """What `Intake.admit` asks."""

    def settled(self, digests: Sequence[UUID]) -> dict[UUID, StoredRow]:
        """The rows of the source that are linked as they were received, of those with these digests."""
        ...

    def plain(self, digests: bytes) -> bytes:
        """Of the same rows those without a reason: digest and key of each, 16 bytes every one of them."""
        ...

    def note_settled(self, keys: bytes, lines: Sequence[int]) -> dict[UUID, int]:
        """What `note` does, of rows by their keys in a row."""
        ...

    def kept_cells(self, keys: Sequence[UUID]) -> dict[UUID, Cells]:
        """What is kept of the cells of stored rows: those that may be read, and the others sealed."""
        ...

    def note(self, lines: Mapping[UUID, int]) -> dict[UUID, int]:
        """Remember rows with their lines; returns those noted before in this run, with the line they stood on."""
        ...

    def stored(self, keys: Sequence[UUID]) -> dict[UUID, StoredRow]:
        """What is stored of the rows with these keys."""
        ...


class DatabaseLedger:
    """The ledger itself, on the connection whose temporary table holds the run's rows."""

    def __init__(self, connection: Connection, source_id: int) -> None:
        self._connection, self._source_id = connection, source_id

    def settled(self, digests: Sequence[UUID]) -> dict[UUID, StoredRow]:
        """The rows of the source that are linked as they were received, of those with these digests."""
        return settled_rows(self._connection, self._source_id, digests) if digests else {}

    def plain(self, digests: bytes) -> bytes:
        """Of the same rows those without a reason: digest and key of each."""
        return plain_rows(self._connection, self._source_id, digests) if digests else b""

    def note_settled(self, keys: bytes, lines: Sequence[int]) -> dict[UUID, int]:
        """What `note` does, of rows by their keys in a row."""
        return note_settled(self._connection, keys, lines) if keys else {}

    def kept_cells(self, keys: Sequence[UUID]) -> dict[UUID, Cells]:
        """What is kept of the cells of stored rows."""
        return kept_cells(self._connection, keys) if keys else {}

    def note(self, lines: Mapping[UUID, int]) -> dict[UUID, int]:
        """Remember rows with their lines; returns those noted before in this run."""
        return note_seen(self._connection, lines) if lines else {}

    def stored(self, keys: Sequence[UUID]) -> dict[UUID, StoredRow]:
        """What is stored of the rows with these keys."""
        return stored_rows(self._connection, keys) if keys else {}


class RemoteLedger:
    """The same in a worker process: the parent answers on the other end of the pipe (`answer`)."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe

    def settled(self, digests: Sequence[UUID]) -> dict[UUID, StoredRow]:
        """The rows of the source that are linked as they were received, of those with these digests."""
        return dict(self._ask("settled", packed_keys(digests))) if digests else {}

    def plain(self, digests: bytes) -> bytes:
        """Of the same rows those without a reason: digest and key of each."""
        return bytes(self._ask("plain", digests)) if digests else b""

    def note_settled(self, keys: bytes, lines: Sequence[int]) -> dict[UUID, int]:
        """What `note` does, of rows by their keys in a row."""
        return dict(self._ask("note_settled", keys, lines)) if keys else {}

    def kept_cells(self, keys: Sequence[UUID]) -> dict[UUID, Cells]:
        """What is kept of the cells of stored rows."""
        return dict(self._ask("kept_cells", packed_keys(keys))) if keys else {}

    def note(self, lines: Mapping[UUID, int]) -> dict[UUID, int]:
        """Remember rows with their lines; returns those noted before in this run."""
        return dict(self._ask("note", packed_keys(lines), list(lines.values()))) if lines else {}

    def stored(self, keys: Sequence[UUID]) -> dict[UUID, StoredRow]:
        """What is stored of the rows with these keys."""
        return dict(self._ask("stored", packed_keys(keys))) if keys else {}

    def _ask(self, *question: Any) -> Any:
        self._pipe.send(question)
        return self._pipe.recv()


def answer(ledger: Ledger, question: Sequence[Any]) -> dict[Any, Any] | bytes:
    """In the parent: the answer to a question of a RemoteLedger."""
    what, packed, *lines = question
    if what == "plain":
        return ledger.plain(packed)
    if what == "note_settled":
        return ledger.note_settled(packed, lines[0])
    keys = unpacked_keys(packed)
    if what == "note":
        return ledger.note(dict(zip(keys, lines[0], strict=True)))
    asked: dict[str, Callable[[Sequence[UUID]], dict[Any, Any]]] = {
        "settled": ledger.settled, "stored": ledger.stored, "kept_cells": ledger.kept_cells,
    }  # fmt: skip
    return asked[what](keys)


def packed_keys(keys: Iterable[UUID]) -> bytes:
    """Keys as bytes in a row: pickling them one by one takes longer than looking them up."""
    return b"".join([key.bytes for key in keys])


def unpacked_keys(packed: bytes) -> list[UUID]:
    """The keys again."""
    return [key_of(packed[at : at + KEY_BYTES]) for at in range(0, len(packed), KEY_BYTES)]
