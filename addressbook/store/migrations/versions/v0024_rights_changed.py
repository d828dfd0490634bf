"""What a key has begun ends with its rights: its exports, what it is told of, sessions of one that was rotated away."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
LOSE = """
    CREATE FUNCTION api_key_lost_rights() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        why CONSTANT text := 'the rights of the key that asked were changed: export it again.';
        why_zh CONSTANT text := '发起导出的密钥权限已变更，请重新导出。';
    BEGIN
        PERFORM set_config('synchronous_commit', 'on', true);
        UPDATE export_job SET expires_at = now(), fault_en = why, fault_zh = why_zh
            WHERE key_id = NEW.key_id AND state = 'done' AND expires_at > now();
        UPDATE export_job SET state = 'failed', finished_at = now(), fault_en = why, fault_zh = why_zh
            WHERE key_id = NEW.key_id AND state = 'running';
        -- Whoever sees less than before is told as the least who may subscribe, until he subscribes anew.
        IF NEW.role = 'public' THEN
            UPDATE webhook SET role = 'viewer', state = 'paused' WHERE owner_key_id = NEW.key_id;
        ELSIF NEW.role = 'viewer' OR (OLD.areas <> NEW.areas AND NEW.areas <> '{}') THEN
            UPDATE webhook SET role = 'viewer' WHERE owner_key_id = NEW.key_id AND role <> 'viewer';
        END IF;
        RETURN NULL;
    END $$
"""
LOST = """
    CREATE TRIGGER api_key_rights AFTER UPDATE OF role, areas, revoked_at ON api_key FOR EACH ROW
    WHEN ((OLD.role, OLD.areas, OLD.revoked_at) IS DISTINCT FROM (NEW.role, NEW.areas, NEW.revoked_at))
    EXECUTE FUNCTION api_key_lost_rights()
"""


def upgrade() -> None:
    """Say so in the database, whoever changes the key; sessions that are there end: nobody knows what began them."""
    comment = "of the key that began it, with which it ends"
    op.add_column("page_session", sa.Column("key_hash", sa.LargeBinary, comment=comment))
    for statement in (LOSE, LOST):
        op.execute(statement)


def downgrade() -> None:
    """Let them go on."""
    op.drop_column("page_session", "key_hash")
    op.execute("DROP FUNCTION api_key_lost_rights() CASCADE")
