"""What all tables share: the metadata, naming rules and column types."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, DateTime, MetaData, Text, func
from sqlalchemy.dialects.postgresql import JSONB, UUID

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

CODE = Text(collation="C")
"""Codes and paths: byte order, so that a range of codes or of paths is an index range whatever the server's locale."""

KEY = UUID(as_uuid=True)
"""128 bits of a keyed hash."""

JSON = JSONB(none_as_null=True)


def code(name: str, **options: Any) -> Column[str]:
    """A column of codes; not null unless said."""
    return Column(name, CODE, **{"nullable": False, **options})


def text(name: str, **options: Any) -> Column[str]:
    """A text column; not null unless said."""
    return Column(name, Text, **{"nullable": False, **options})


def moment(name: str, *, now: bool = True) -> Column[Any]:
    """An instant with time zone; filled by the database unless `now` is False, when it may be null."""
    return Column(name, DateTime(timezone=True), nullable=not now, server_default=func.now() if now else None)
