"""A row as it is kept: what may be read of it, and what must be sealed."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

import orjson

from addressbook.masking import NOBODY, Own, mask_text
from addressbook.privacy.sealing import Secret
from addressbook.store import loading
from loaders.mapping import ColumnMapping
from loaders.reading.rows import RawRow

FREE_TEXT = frozenset({"remark"})
"""Fields known by name that nothing reads: what people write there is about people."""
NO_CELLS = "{}"


class Received(NamedTuple):
    """Where a row stands, and its cells as JSON: what may be read, and what must be sealed ("" where nothing is)."""

    line: int
    sheet: str
    shown: str
    hidden: str

    def all_hidden(self) -> Received:
        """The same of a row that is refused."""
        cells = {**orjson.loads(self.shown), **orjson.loads(self.hidden or NO_CELLS)}
        return self._replace(shown=NO_CELLS, hidden=loading.json(cells))

    def sealed(self, secret: Secret, row_key: UUID) -> bytes | None:
        """The hidden cells, sealed for the row they belong to; None where there are none."""
        return secret.seal(self.hidden.encode(), row_key.bytes) if self.hidden else None


def received(row: RawRow, shown: frozenset[str], own: Own = NOBODY) -> Received:
    """The row as received in two parts; `shown` are the columns that may be kept readable.

    A readable cell in which somebody has written a phone or identity number, or the name of the row's `own` person, is
    masked there and sealed as it came.
    """
    values = row.values
    readable = {name: value for name, value in values.items() if name in shown}
    if mask_text(together := "\x1f".join(readable.values()), own) != together:
        readable = {name: mask_text(value, own) for name, value in readable.items()}
    elif len(readable) == len(values):
        return Received(row.line, row.sheet, loading.json(readable), "")
    hidden = {name: value for name, value in values.items() if readable.get(name) != value}
    return Received(row.line, row.sheet, loading.json(readable), loading.json(hidden) if hidden else "")


def refused(row: RawRow) -> Received:
    """A refused row: after slipped columns any cell may hold an identity number, so none is shown."""
    return Received(row.line, row.sheet, NO_CELLS, loading.json(row.values) if row.values else "")


def kept(
    line: int, row_key: UUID, shown: dict[str, str], sealed: bytes | None, secret: Secret
) -> Received:  # fmt: skip
    """A stored row as it was received, all of it hidden, read again on a line."""
    hidden = orjson.loads(secret.open(sealed, row_key.bytes)) if sealed else {}
    return Received(line, "", NO_CELLS, loading.json({**shown, **hidden}))


def open_columns(mapping: ColumnMapping, personal: frozenset[str]) -> frozenset[str]:
    """The columns that may be kept readable: those that a field which is not personal reads.

    Any other column is sealed, whatever the kind: it may hold anything, a landlord's name or a caller's number.
    """
    closed = personal | FREE_TEXT
    hidden = {column for field in closed for column in mapping.columns_of(field)}
    shown = {column for field in mapping.fields if field not in closed for column in mapping.columns_of(field)}
    return frozenset(shown - hidden)
