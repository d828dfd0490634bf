"""Totals by kind of every division."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the table and fill it from the roll-ups there are."""
    op.get_bind().exec_driver_sql(Path(__file__).with_name("0003_rollup_total.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Drop the table; the roll-ups it was summed from stay."""
    op.drop_table("rollup_total")
