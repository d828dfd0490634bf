"""What was retired can be looked up, aliases keep their site and every period, outside codes every period."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the column and the indexes; the path of an alias was one of its address's site until now."""
    op.get_bind().exec_driver_sql(Path(__file__).with_name("0010_retired.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    """The other way round; of several periods of an alias or an outside code only the latest is kept."""
    op.execute(
        "DELETE FROM address_alias WHERE (site_id, alias_id) NOT IN (SELECT DISTINCT ON (site_id, aid, name) site_id,"
        " alias_id FROM address_alias ORDER BY site_id, aid, name, valid_to DESC NULLS FIRST, alias_id)"
    )
    op.execute(
        "DELETE FROM external_identifier WHERE (site_id, identifier_id) NOT IN ("
        "SELECT DISTINCT ON (site_id, aid, scheme, value) site_id, identifier_id FROM external_identifier"
        " ORDER BY site_id, aid, scheme, value, valid_to DESC NULLS FIRST, identifier_id)"
    )
    for name in ("ix_address_retired_site_id_path", "ix_address_retired_name", "ix_address_void_aid"):
        op.drop_index(name, "address")
    for name in ("site_id_aid", "name", "path_site_id_path"):
        op.drop_index(f"ix_address_alias_{name}", "address_alias")
    op.drop_index("uq_address_alias_site_id_aid_name", "address_alias")
    op.drop_index("ix_external_identifier_site_id_aid", "external_identifier")
    op.create_index("uq_address_alias_site_id_aid_name", "address_alias", ["site_id", "aid", "name"], unique=True)
    has_path = sa.text("path IS NOT NULL")
    op.create_index("ix_address_alias_site_id_path", "address_alias", ["site_id", "path"], postgresql_where=has_path)
    op.drop_column("address_alias", "path_site_id")
    unique = "uq_external_identifier_site_id_aid_scheme_value"
    op.drop_index(unique, "external_identifier")
    op.create_index(unique, "external_identifier", ["site_id", "aid", "scheme", "value"], unique=True)
