"""A line of the access log comes without a place in the chain: the sealer alone gives one."""

from __future__ import annotations

from alembic import op

revision = "0025"
down_revision = "0024"

# The condition is looked at without a call of the function: to append costs no more than before.
GUARD = """
CREATE FUNCTION access_log_comes_unsealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a line of the access log is sealed after it was written' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER access_log_comes_unsealed BEFORE INSERT ON access_log FOR EACH ROW
    WHEN (NEW.position IS NOT NULL OR NEW.hash IS NOT NULL) EXECUTE FUNCTION access_log_comes_unsealed();
"""


def upgrade() -> None:
    """Refuse lines that bring one along. Those that are there already are for `addressbook audit verify` to find."""
    op.get_bind().exec_driver_sql(GUARD)


def downgrade() -> None:
    """Let them in again."""
    op.execute("DROP FUNCTION access_log_comes_unsealed() CASCADE")
