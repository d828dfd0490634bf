"""The outbox of what happened, webhooks with what they were told, and doubts about single attributes."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Create the tables."""
    op.get_bind().exec_driver_sql(Path(__file__).with_name("0009_webhooks.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Drop them; with them go subscriptions, what was not delivered yet, and doubts."""
    for table in ("webhook_delivery", "webhook", "outbox", "doubt"):
        op.drop_table(table)
