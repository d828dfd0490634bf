"""Exports that run behind the request that asked for them."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    """Create their queue."""
    op.get_bind().exec_driver_sql(Path(__file__).with_name("0017_exports.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Drop it; files that were made stay where they are."""
    op.drop_table("export_job")
