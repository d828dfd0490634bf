"""The review desk: what waits says which link is to be made; claims, decisions and what they settled."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the table, columns and indexes; rows in review are read anew by the next load of their source."""
    op.get_bind().exec_driver_sql(Path(__file__).with_name("0007_review.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Drop them; with them goes what clerks decided, but not what it linked. Of a row one question stays open."""
    op.execute(
        "DELETE FROM review_item i USING review_item o WHERE i.state = 'open' AND o.state = 'open'"
        " AND o.row_key = i.row_key AND o.review_id < i.review_id"
    )
    for index in NEW_INDEXES:
        op.drop_index(index, "review_item")
    for column in NEW_COLUMNS:
        op.drop_column("review_item", column)
    op.drop_table("review_decision")
    op.execute("CREATE UNIQUE INDEX uq_review_item_row_key ON review_item (row_key) WHERE state = 'open'")


NEW_INDEXES = (
    "uq_review_item_row_key_role", "ix_review_item_row_key", "ix_review_item_text_key", "ix_review_item_decision_id",
    "ix_review_item_queue", "ix_review_item_claimed_by",
)  # fmt: skip
NEW_COLUMNS = (
    "role", "element_key", "element_category", "month", "valid_from", "flags", "score", "text_key", "context",
    "put_off_until", "put_off_by", "claimed_by", "claimed_until", "decision_id", "row_was",
)  # fmt: skip
