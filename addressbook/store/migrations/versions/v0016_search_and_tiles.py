"""Indexes for suggestions and tiles: enterprises by name, what is drawn on a map by its point, elements by address."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Create them."""
    op.get_bind().exec_driver_sql(Path(__file__).with_name("0016_search_and_tiles.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_link_drawn", "link")
    op.drop_index("ix_address_drawn_geom", "address")
    op.drop_index("ix_enterprise_name_trgm", "enterprise")
    op.drop_index("ix_enterprise_name", "enterprise")
