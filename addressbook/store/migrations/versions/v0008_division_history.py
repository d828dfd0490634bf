"""Divisions in both times, what became of them, and the outlines that were replaced."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the tables and columns."""
    op.get_bind().exec_driver_sql(Path(__file__).with_name("0008_division_history.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Drop them; the divisions in force stay, what they were before goes."""
    op.execute("DELETE FROM division WHERE until_event IS NOT NULL OR valid_to IS NOT NULL")
    op.drop_constraint("pk_division", "division")
    op.drop_column("division", "until_event")
    op.drop_column("division", "event_id")
    op.drop_column("division", "made_by")
    op.create_primary_key("pk_division", "division", ["code", "valid_from"])
    for table in ("division_root", "division_lineage", "area_version", "review_division"):
        op.drop_table(table)
