"""The registry event that brought an outside code, so that whoever subscribes is told of those that a load brings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
INDEX = "ix_external_identifier_event_id"


def upgrade() -> None:
    """Add the column and its index; of what is there already nothing says which event brought it."""
    op.add_column(
        "external_identifier",
        sa.Column("event_id", sa.BigInteger, comment="the registry event that brought it; null before version 0011"),
    )
    op.create_index(INDEX, "external_identifier", ["event_id"], postgresql_where=sa.text("event_id IS NOT NULL"))


def downgrade() -> None:
    """Drop both."""
    op.drop_index(INDEX, "external_identifier")
    op.drop_column("external_identifier", "event_id")
