"""Links not yet at an address, in the order in which they are listed."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the index: without it a page of a county's list sorts the whole county."""
    op.execute("CREATE INDEX ix_link_unplaced ON link (division_code, link_id) WHERE aid IS NULL AND closed_at IS NULL")


def downgrade() -> None:
    """Drop the index."""
    op.drop_index("ix_link_unplaced", "link")
