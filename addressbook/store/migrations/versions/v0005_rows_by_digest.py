"""What loading costs a row: rows are found by what was received, and a batch vouches for its source.

A foreign key from a big table to `source` asked of every row what is decided once a batch: a sixth of the database's
work. `batch` keeps its own, and without a batch nothing is loaded, so a source in use still cannot be deleted.
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"

BIG_TABLES = (
    "address", "address_alias", "external_identifier", "link", "source_row",
    "person", "house", "enterprise", "event", "thing",
)  # fmt: skip


def upgrade() -> None:
    """Index rows by digest, so that a row received before is told without reading it."""
    op.create_index("ix_source_row_source_id_digest", "source_row", ["source_id", "digest"])
    op.drop_index("ix_source_row_source_id_source_key", "source_row")
    for table in BIG_TABLES:
        op.drop_constraint(f"fk_{table}_source_id", table)


def downgrade() -> None:
    """The other way round."""
    for table in BIG_TABLES:
        op.create_foreign_key(f"fk_{table}_source_id", table, "source", ["source_id"], ["source_id"])
    op.create_index("ix_source_row_source_id_source_key", "source_row", ["source_id", "source_key"])
    op.drop_index("ix_source_row_source_id_digest", "source_row")
