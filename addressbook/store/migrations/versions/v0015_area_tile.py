"""Squares in which what lies inside an outline is found counted already."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    """Create them, every division stale: the service counts its squares in a while, and point by point till then."""
    op.get_bind().exec_driver_sql(Path(__file__).with_name("0015_area_tile.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Drop them; they are counted from links and addresses."""
    op.drop_table("area_tile")
    op.drop_table("area_tiling")
