"""Whoever remembers purposes is told when something about any of them changes."""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"
TELL = """
    CREATE FUNCTION purpose_told() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN PERFORM pg_notify('addressbook_purposes', ''); RETURN NULL; END$$
"""
CHANGED = """
    CREATE TRIGGER purpose_changed AFTER UPDATE OR DELETE OR TRUNCATE
    ON purpose FOR EACH STATEMENT EXECUTE FUNCTION purpose_told()
"""


def upgrade() -> None:
    """A statement that changes purposes is told of once, when its transaction is committed; a new one is looked up."""
    for statement in (TELL, CHANGED):
        op.execute(statement)


def downgrade() -> None:
    """Nobody is told."""
    op.execute("DROP FUNCTION purpose_told() CASCADE")
