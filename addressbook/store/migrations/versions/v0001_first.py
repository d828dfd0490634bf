"""The first schema."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create every table; PostGIS and pg_trgm too, where the role may and they are not there yet."""
    op.execute("CREATE EXTENSION IF NOT EXISTS postgis")
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.get_bind().exec_driver_sql(Path(__file__).with_name("0001_first.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Refused: the first schema is the floor, and dropping it would lose every code ever issued."""
    raise NotImplementedError("drop the database instead")
