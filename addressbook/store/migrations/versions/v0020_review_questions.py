"""What two registry events ask of a row's link are two questions, each open for itself."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"
UNIQUE = "CREATE UNIQUE INDEX {} ON review_item ({}) WHERE state = 'open'"


def upgrade() -> None:
    """One question a row, a role and an event; 0 where a load asks."""
    op.execute(UNIQUE.format("uq_review_item_question", "row_key, role, coalesce(event_id, 0)"))
    op.drop_index("uq_review_item_row_key_role", "review_item")


def downgrade() -> None:
    """One a row and a role; fails where two are open."""
    op.execute(UNIQUE.format("uq_review_item_row_key_role", "row_key, role"))
    op.drop_index("uq_review_item_question", "review_item")
