"""Sums above the community without months, and by month alone."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Put the sums there are together again, each way by itself."""
    op.get_bind().exec_driver_sql(Path(__file__).with_name("0022_rollup_month.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Sum by all of it at once again, from the roll-ups."""
    op.drop_table("rollup_month")
    op.drop_table("rollup_division")
    op.get_bind().exec_driver_sql(Path(__file__).with_name("0002_rollup_division.sql").read_text(encoding="utf-8"))
