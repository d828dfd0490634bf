"""History by contract: `valid_at` and `known_at`, the world on a day as the registry knew it at a moment."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import Query
from pydantic import AwareDatetime
from sqlalchemy import Connection

from addressbook.errors import FieldError
from addressbook.store.reading import AsOf, as_of

EARLIEST = date(1900, 1, 1)
ValidAt = Annotated[
    date | None,
    Query(description="YYYY-MM-DD: as the world was on that day; today where absent", examples=["2024-06-01"]),
]
KnownAt = Annotated[
    AwareDatetime | None,
    Query(
        description="an instant with its zone: as it was known then; now where absent",
        examples=["2024-07-01T00:00:00Z"],
    ),
]


def time_asked(connection: Connection, valid_at: date | None, known_at: datetime | None) -> AsOf | None:
    """The time that a question names; None for here and now. Raises FieldError for what nobody can know."""
    if valid_at is None and known_at is None:
        return None
    now = datetime.now(UTC)
    if known_at is not None and not EARLIEST.year <= known_at.year <= now.year + 1:
        raise FieldError("not_answerable", "known_at", "no registry knew anything then.", zh="当时尚无登记。")
    if known_at is not None and known_at > now:
        raise FieldError("not_answerable", "known_at", "known_at is to come.", zh="known_at 尚未到来。")
    if valid_at is not None and not EARLIEST <= valid_at <= now.date():
        raise FieldError(
            "not_answerable",
            "valid_at",
            "valid_at is to come, or before 1900.",
            zh="valid_at 尚未到来，或早于 1900 年。",
        )
    return as_of(connection, valid_at, known_at)
