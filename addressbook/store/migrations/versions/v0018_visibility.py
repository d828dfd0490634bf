"""After how many days a person is told of reads for a purpose."""

from __future__ import annotations

import csv

import sqlalchemy as sa
from alembic import op

from addressbook.resources import data_path

revision = "0018"
down_revision = "0017"
NAME = "visible_after_days"


def upgrade() -> None:
    """Add it: of purposes that ship as the file says, of others at once."""
    op.add_column(
        "purpose",
        sa.Column(
            NAME, sa.Integer, nullable=False, server_default="0",
            comment="so long lines of it stay out of what a person is told of its readers",
        ),
    )  # fmt: skip
    op.create_check_constraint("visible_after_days", "purpose", f"{NAME} BETWEEN 0 AND 1095")
    purpose = sa.table("purpose", sa.column("code"), sa.column(NAME))
    with data_path("access", "purposes.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            op.execute(purpose.update().where(purpose.c.code == row["code"]).values({NAME: int(row[NAME])}))


def downgrade() -> None:
    """Drop it: everything is told at once."""
    op.drop_column("purpose", NAME)
