"""What a run remembers of its rows: which were read in it already, and what earlier runs have stored of them.

The rows of a run must be noted in the order of the file, on one connection; worker processes ask for it over a pipe.
What is settled can be asked on any connection: no other run touches the source meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from multiprocessing.connection import Connection as Pipe
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Connection

from addressbook.privacy.sealing import key_of
from addressbook.store.loading import StoredRow, note_seen, settled_rows, stored_rows

KEY_BYTES = 16


class Ledger(Protocol):
    """What `Intake.admit` asks."""

    def settled(self, digests: Sequence[UUID]) -> dict[UUID, StoredRow]:
        """The rows of the source that are linked as they were received, of those with these digests."""
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

    def note(self, lines: Mapping[UUID, int]) -> dict[UUID, int]:
        """Remember rows with their lines; returns those noted before in this run."""
        return dict(self._ask("note", packed_keys(lines), list(lines.values()))) if lines else {}

    def stored(self, keys: Sequence[UUID]) -> dict[UUID, StoredRow]:
        """What is stored of the rows with these keys."""
        return dict(self._ask("stored", packed_keys(keys))) if keys else {}

    def _ask(self, *question: Any) -> Any:
        self._pipe.send(question)
        return self._pipe.recv()


def answer(ledger: Ledger, question: Sequence[Any]) -> dict[Any, Any]:
    """In the parent: the answer to a question of a RemoteLedger."""
    what, packed, *lines = question
    keys = unpacked_keys(packed)
    if what == "note":
        return ledger.note(dict(zip(keys, lines[0], strict=True)))
    return ledger.settled(keys) if what == "settled" else ledger.stored(keys)


def packed_keys(keys: Iterable[UUID]) -> bytes:
    """Keys as bytes in a row: pickling them one by one takes longer than looking them up."""
    return b"".join([key.bytes for key in keys])


def unpacked_keys(packed: bytes) -> list[UUID]:
    """The keys again."""
    return [key_of(packed[at : at + KEY_BYTES]) for at in range(0, len(packed), KEY_BYTES)]
