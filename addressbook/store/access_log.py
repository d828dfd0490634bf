"""The access log: lines are appended by whoever reads persons."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, insert

from addressbook.store.engine import translated
from addressbook.store.tables import ACCESS_LOG


def add_access(connection: Connection, **entry: Any) -> None:
    """Append a line to the access log."""
    with translated():
        connection.execute(insert(ACCESS_LOG).values(**entry))
