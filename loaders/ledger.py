"""What a run remembers of its rows: which were read in it already, and what earlier runs have stored of them.

The rows of a run must be noted in the order of the file, on one connection; worker processes ask for it over a pipe.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from multiprocessing.connection import Connection as Pipe
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Connection

from addressbook.store.loading import StoredRow, note_seen, stored_rows

KEY_BYTES = 16


class Ledger(Protocol):
    """What `Intake.admit` asks."""

    def note(self, lines: Mapping[UUID, int]) -> dict[UUID, int]:
        """Remember rows with their lines; returns those noted before in this run, with the line they stood on."""
        ...

    def stored(self, keys: Sequence[UUID]) -> dict[UUID, StoredRow]:
        """What is stored of the rows with these keys."""
        ...


class DatabaseLedger:
    """The ledger itself, on the connection whose temporary table holds the run's rows."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note(self, lines: Mapping[UUID, int]) -> dict[UUID, int]:
        """Remember rows with their lines; returns those noted before in this run."""
        return note_seen(self._connection, list(lines), list(lines.values())) if lines else {}

    def stored(self, keys: Sequence[UUID]) -> dict[UUID, StoredRow]:
        """What is stored of the rows with these keys."""
        return stored_rows(self._connection, keys) if keys else {}


class RemoteLedger:
    """The same in a worker process: the parent answers on the other end of the pipe (`answer`)."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe

    def note(self, lines: Mapping[UUID, int]) -> dict[UUID, int]:
        """Remember rows with their lines; returns those noted before in this run."""
        return dict(self._ask("note", _packed(lines), list(lines.values()))) if lines else {}

    def stored(self, keys: Sequence[UUID]) -> dict[UUID, StoredRow]:
        """What is stored of the rows with these keys."""
        return dict(self._ask("stored", _packed(keys))) if keys else {}

    def _ask(self, *question: Any) -> Any:
        self._pipe.send(question)
        return self._pipe.recv()


def answer(ledger: Ledger, question: Sequence[Any]) -> dict[Any, Any]:
    """In the parent: the answer to a question of a RemoteLedger."""
    what, packed, *lines = question
    keys = _unpacked(packed)
    return ledger.note(dict(zip(keys, lines[0], strict=True))) if what == "note" else ledger.stored(keys)


def _packed(keys: Iterable[UUID]) -> bytes:
    """Keys as bytes in a row: pickling them one by one takes longer than looking them up."""
    return b"".join([key.bytes for key in keys])


def _unpacked(packed: bytes) -> list[UUID]:
    return [UUID(bytes=packed[at : at + KEY_BYTES]) for at in range(0, len(packed), KEY_BYTES)]
