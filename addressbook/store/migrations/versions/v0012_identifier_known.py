"""Outside codes have a known time: what was recorded of them, by which event, until which event."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Add the columns; what had ended by now is known as open until the event that ended it."""
    op.get_bind().exec_driver_sql(Path(__file__).with_name("0012_identifier_known.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """The other way round; what was superseded is dropped."""
    op.execute("DELETE FROM external_identifier WHERE until_event IS NOT NULL")
    unique = "uq_external_identifier_site_id_aid_scheme_value"
    op.drop_index(unique, "external_identifier")
    op.drop_column("external_identifier", "until_event")
    columns, is_open = ["site_id", "aid", "scheme", "value"], sa.text("valid_to IS NULL")
    op.create_index(unique, "external_identifier", columns, unique=True, postgresql_where=is_open)
