"""Alembic's entry point: one transaction, the schema lock held so that two upgrades cannot interleave."""

from __future__ import annotations

from alembic import context
from sqlalchemy import create_engine, text

from addressbook.store.tables import METADATA

SCHEMA_LOCK = 7_301_090


def run() -> None:
    """Upgrade online; offline scripts are not offered."""
    engine = create_engine(context.config.attributes["url"])
    with engine.connect() as connection:
        context.configure(connection=connection, target_metadata=METADATA)
        with context.begin_transaction():
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": SCHEMA_LOCK})
            context.run_migrations()
    engine.dispose()


run()
