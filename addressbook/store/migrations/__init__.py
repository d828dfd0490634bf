"""Schema migrations: `migrate(url)` brings any PostGIS database to the newest version; a second run does nothing."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

HERE = Path(__file__).resolve().parent


def _config(url: str) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["url"] = url
    return config


def migrate(url: str) -> None:
    """Create or upgrade the schema at `url` (postgresql+psycopg://…)."""
    command.upgrade(_config(url), "head")


def is_current(engine: Engine) -> bool:
    """Whether the database's schema is the newest one."""
    with engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_heads()
    return set(found) == set(ScriptDirectory.from_config(_config("")).get_heads())


__all__ = ["is_current", "migrate"]
