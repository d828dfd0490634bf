"""Whether the database answers at all."""

from __future__ import annotations

from sqlalchemy import Connection, text


def ask_for_life(connection: Connection) -> None:
    """Come back when the database answers; raises what the driver raises when it does not."""
    connection.execute(text("SELECT 1"))
