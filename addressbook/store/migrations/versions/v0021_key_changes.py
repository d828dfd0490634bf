"""Whoever remembers a key is told when something about any key changes."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"
TELL = """
    CREATE FUNCTION api_key_told() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN PERFORM pg_notify('addressbook_keys', ''); RETURN NULL; END$$
"""
CHANGED = """
    CREATE TRIGGER api_key_changed AFTER UPDATE OF
        key_hash, previous_hash, previous_until, role, label, areas, expires_at, revoked_at
    ON api_key FOR EACH STATEMENT EXECUTE FUNCTION api_key_told()
"""
REMOVED = """
    CREATE TRIGGER api_key_removed AFTER DELETE OR TRUNCATE
    ON api_key FOR EACH STATEMENT EXECUTE FUNCTION api_key_told()
"""


def upgrade() -> None:
    """A statement that changes keys is told of once, when its transaction is committed; last_used_at is no change."""
    for statement in (TELL, CHANGED, REMOVED):
        op.execute(statement)


def downgrade() -> None:
    """Nobody is told."""
    op.execute("DROP FUNCTION api_key_told() CASCADE")
