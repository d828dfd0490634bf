"""Days and instants as they are written, and history by contract: the world on a day as it was known at a moment."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import Query
from pydantic import AwareDatetime, BeforeValidator
from pydantic_core import PydanticCustomError
from sqlalchemy import Connection

from addressbook.errors import FieldError
from addressbook.store.reading import AsOf, as_of, as_of_asked
from addressbook.store.steps import Steps

EARLIEST = date(1900, 1, 1)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_LOST_PLUS = re.compile(r".*:[0-9]{2}(?:\.[0-9]+)? [0-9]{2}:?[0-9]{2}")


def _day_of(given: Any) -> Any:
    """A day as it is written: of a bare number nobody knows whether it is a year or seconds."""
    if (isinstance(given, str) and not _DAY.fullmatch(given)) or isinstance(given, (bool, int, float)):
        raise _badly_written("bad_day", "须写作 YYYY-MM-DD，如 2024-06-01", "write a day as YYYY-MM-DD")
    return given


def _instant_of(given: Any) -> Any:
    """An instant as it is written, with its zone (RFC 3339)."""
    if isinstance(given, str) and _LOST_PLUS.fullmatch(given):
        raise _badly_written(
            "lost_plus", "时区前的加号在网址中变成了空格，请写作 %2B，如 2024-07-01T00:00:00%2B08:00",
            "the + before the zone became a blank in the URL, write it as %2B",
        )  # fmt: skip
    if (isinstance(given, str) and not _INSTANT.fullmatch(given)) or isinstance(given, (bool, int, float)):
        raise _badly_written(
            "bad_instant", "须写明日期、时刻和时区，如 2024-07-01T00:00:00Z 或 2024-07-01T08:00:00+08:00",
            "write an instant with its zone, as 2024-07-01T00:00:00Z",
        )  # fmt: skip
    return given


def _badly_written(name: str, zh: str, en: str) -> PydanticCustomError:
    """What the refusal of a parameter says in both languages: see api/errors.py."""
    return PydanticCustomError(name, "{en}", {"zh": zh, "en": en})


Day = Annotated[date, BeforeValidator(_day_of)]
Instant = Annotated[AwareDatetime, BeforeValidator(_instant_of)]
ValidAt = Annotated[
    Day | None,
    Query(description="YYYY-MM-DD: as the world was on that day; today where absent", examples=["2024-06-01"]),
]
KnownAt = Annotated[
    Instant | None,
    Query(
        description="an instant with its zone: as it was known then; now where absent",
        examples=["2024-07-01T00:00:00Z"],
    ),
]


def time_asked(connection: Connection, valid_at: date | None, known_at: datetime | None) -> AsOf | None:
    """The time that a question names; None for here and now. Raises FieldError for what nobody can know."""
    _need_answerable(valid_at, known_at)
    return None if valid_at is None and known_at is None else as_of(connection, valid_at, known_at)


def time_steps(valid_at: date | None, known_at: datetime | None) -> Steps[AsOf | None]:
    """The same as steps."""
    _need_answerable(valid_at, known_at)
    return None if valid_at is None and known_at is None else (yield from as_of_asked(valid_at, known_at))


def _need_answerable(valid_at: date | None, known_at: datetime | None) -> None:
    """Raise FieldError for what nobody can know."""
    now = datetime.now(UTC)
    if known_at is not None and known_at.year < EARLIEST.year:
        raise FieldError("not_answerable", "known_at", "no registry knew anything then.", zh="当时尚无登记。")
    if known_at is not None and (known_at.year > now.year + 1 or known_at > now):
        raise FieldError("not_answerable", "known_at", "known_at is to come.", zh="known_at 尚未到来。")
    if valid_at is not None and not EARLIEST <= valid_at <= now.date():
        raise FieldError(
            "not_answerable",
            "valid_at",
            "valid_at is to come, or before 1900.",
            zh="valid_at 尚未到来，或早于 1900 年。",
        )
