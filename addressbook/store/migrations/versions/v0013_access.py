"""Purposes, keys with areas that rotate, the access log by subject and as a chain, and what opens sealed values."""

from __future__ import annotations

import csv
from pathlib import Path

import sqlalchemy as sa
from alembic import op

from addressbook.resources import data_path

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Create them; a new table of purposes holds those that ship."""
    op.get_bind().exec_driver_sql(Path(__file__).with_name("0013_access.sql").read_text(encoding="utf-8"))
    with data_path("access", "purposes.csv").open(encoding="utf-8", newline="") as file:
        op.bulk_insert(
            sa.table("purpose", *map(sa.column, COLUMNS)),
            [{name: row[name] for name in COLUMNS} for row in csv.DictReader(file)],
        )


def downgrade() -> None:
    """Drop them; with them go purposes, areas of keys, marks on persons, and the chain of the log; its lines stay."""
    op.execute(
        "DROP FUNCTION opened_persons(bigint, text, uuid[]), access_log_stands(), access_log_is_never_emptied(),"
        " access_anchor_is_due(), access_anchor_stands() CASCADE"
    )
    op.drop_table("purpose")
    op.drop_table("access_anchor")
    op.drop_table("subject_mark")
    for table, columns in NEW_COLUMNS.items():
        for column in columns:
            op.drop_column(table, column)
    op.drop_index("ix_access_log_at", "access_log")
    op.drop_index("ix_access_log_key_id", "access_log")


COLUMNS = ("code", "name_zh", "name_en", "legal_basis")
NEW_COLUMNS = {
    "api_key": ("areas", "last_used_at", "previous_hash", "previous_until"),
    "access_log": ("reader", "subjects", "position", "hash"),
}
