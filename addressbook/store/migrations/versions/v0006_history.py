"""Versions of addresses, successions of codes, and what a registry transaction leaves on links and doubts."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the tables, columns and indexes."""
    op.get_bind().exec_driver_sql(Path(__file__).with_name("0006_history.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """Drop them; with them goes what addresses were before."""
    op.drop_table("address_version")
    op.drop_table("address_succession")
    op.drop_index("ix_address_event_id", "address")
    for table, columns in NEW_COLUMNS.items():
        for column in columns:
            op.drop_column(table, column)
    op.drop_index("ix_registry_event_at", "registry_event")


NEW_COLUMNS = {
    "address": ("state_event_id",),
    "address_alias": ("road_aid", "plate_no", "known_from"),
    "external_identifier": ("added_at",),
    "link": ("opened_event", "closed_event", "moved_from"),
    "registry_event": ("effective", "request", "reverts"),
    "review_item": ("event_id",),
}
