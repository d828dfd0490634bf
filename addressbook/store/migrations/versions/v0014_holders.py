"""Keys of whoever comes with a token of an issuer, and sessions of the page."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    """Create them."""
    op.add_column("api_key", sa.Column("issuer", sa.Text, comment="of the tokens its holder comes with; null: a key"))
    op.add_column("api_key", sa.Column("subject", sa.Text, comment="who the issuer says it is"))
    op.add_column("api_key", sa.Column("issued_at", sa.DateTime(timezone=True), comment="of the newest token"))
    op.create_unique_constraint("uq_api_key_issuer_subject", "api_key", ["issuer", "subject"])
    op.create_table(
        "page_session",
        sa.Column("session_hash", sa.LargeBinary, primary_key=True, comment="SHA-256 of 256 random bits"),
        sa.Column("key_id", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()")),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_page_session_expires_at", "page_session", ["expires_at"])


def downgrade() -> None:
    """Drop them; what holders of tokens have read stays in the access log under their numbers."""
    op.drop_table("page_session")
    for column in ("issuer", "subject", "issued_at"):
        op.drop_column("api_key", column)
