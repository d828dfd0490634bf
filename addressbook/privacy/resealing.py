"""Sealing anew with the newest key what older ones sealed: in batches, while all else goes on; stopped at any time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from sqlalchemy import Engine

from addressbook.errors import CodeError, DatabaseError
from addressbook.privacy.sealing import Secret, webhook_binding
from addressbook.store.engine import transaction
from addressbook.store.reading import Row
from addressbook.store.resealing import FIRST, exchange, sealed_otherwise

AT_ONCE = 500
PATIENCE, PAUSE_S = 50, 0.2
_BINDINGS: dict[str, dict[str, Callable[[Row], bytes]]] = {
    "person": {
        "name_sealed": lambda row: bytes(row["key"].bytes + b"name"),
        "identity_sealed": lambda row: bytes(row["key"].bytes + b"identity"),
        "phone_sealed": lambda row: bytes(row["key"].bytes + b"phone"),
    },
    "source_row": {"received_sealed": lambda row: bytes(row["key"].bytes)},
    "webhook": {"secret_sealed": lambda row: webhook_binding(row["url"])},
}
"""Table → sealed column → what binds a value to its row, as whoever seals it first has it."""


class Resealed(NamedTuple):
    """A batch: of which table, how many rows were sealed anew, and how many do not open with any key there is."""

    table: str
    rows: int
    unopened: int


def reseal(engine: Engine, secret: Secret) -> Iterator[Resealed]:
    """Seal everything anew that the newest key has not sealed, batch by batch, each a transaction of its own.

    Whoever stops it and begins again goes on with what is left. What does not open stays as it is. Raises DatabaseError
    when a load holds on to a row for longer than ten seconds: begin again after it.
    """
    for table, bindings in _BINDINGS.items():
        after: Any = FIRST[table]
        while True:
            with transaction(engine) as connection:
                rows = sealed_otherwise(connection, table, after, secret.mark, AT_ONCE)
            if not rows:
                break
            anew = [found for row in rows if (found := _sealed_anew(row, bindings, secret))]
            _patiently(engine, table, anew)
            yield Resealed(table, len(anew), len(rows) - len(anew))
            after = rows[-1]["key"]


def _sealed_anew(row: Row, bindings: dict[str, Callable[[Row], bytes]], secret: Secret) -> Row | None:
    anew: Row = {"key": row["key"], "was": row[next(iter(bindings))]}
    try:
        for column, binding in bindings.items():
            bound_to = binding(row)
            anew[column] = row[column] and secret.seal(secret.open(row[column], bound_to), bound_to)
    except CodeError:
        return None
    return anew


def _patiently(engine: Engine, table: str, rows: list[Row]) -> None:
    for attempt in range(1, PATIENCE + 1):
        try:
            with transaction(engine) as connection:
                exchange(connection, table, rows)
        except DatabaseError:
            if attempt == PATIENCE:
                raise
            time.sleep(PAUSE_S)
        else:
            return
