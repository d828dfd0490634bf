"""The rent of a house; how the names of enterprises are typed in Latin letters, of those that are there too."""

from __future__ import annotations

from pathlib import Path

from alembic import op
from sqlalchemy import Connection, text

from addressbook.divisions import Gazetteer
from addressbook.search.firms import FirmSounds, firm_sounds

revision = "0019"
down_revision = "0018"
AT_ONCE = 10_000
INDEXES = {
    "ix_address_name": "address", "ix_address_kind_division_code_aid": "address", "ix_address_worded": "address",
    "ix_address_state_division_code_aid": "address", "ix_enterprise_category": "enterprise",
    "ix_enterprise_status": "enterprise", "ix_event_category": "event", "ix_event_status": "event",
    "ix_event_occurred_on": "event", "ix_house_category": "house", "ix_house_occupancy": "house",
    "ix_person_category": "person", "ix_thing_category": "thing",
}  # fmt: skip
_NEXT = text(
    "SELECT element_key::text, name FROM enterprise WHERE element_key > CAST(:after AS uuid)"
    " ORDER BY element_key LIMIT :most"
)
_SPELT = text(
    "UPDATE enterprise e SET spelt = s.spelt, initials = s.initials, own_spelt = s.own_spelt,"
    " own_initials = s.own_initials"
    " FROM unnest(CAST(:keys AS uuid[]), CAST(:spelt AS text[]), CAST(:initials AS text[]),"
    " CAST(:own_spelt AS text[]), CAST(:own_initials AS text[])) AS s (key, spelt, initials, own_spelt, own_initials)"
    " WHERE e.element_key = s.key"
)


def upgrade() -> None:
    """Add them, and spell what is there. The rent of houses loaded before is not known until their rows change."""
    connection = op.get_bind()
    connection.exec_driver_sql(Path(__file__).with_name("0019_lists.sql").read_text(encoding="utf-8"))
    spell(connection)
    for name in FirmSounds._fields:
        op.create_index(f"ix_enterprise_{name}", "enterprise", [name])


def spell(connection: Connection) -> None:
    """Spell the names of all enterprises, some at a time."""
    after = "00000000-0000-0000-0000-000000000000"
    while rows := connection.execute(_NEXT, {"after": after, "most": AT_ONCE}).all():
        sounds = [firm_sounds(name, Gazetteer.shipped()) for _, name in rows]
        columns = {name: [getattr(sound, name) for sound in sounds] for name in FirmSounds._fields}
        connection.execute(_SPELT, {"keys": [key for key, _ in rows], **columns})
        after = rows[-1][0]


def downgrade() -> None:
    """Drop them."""
    for name, table in INDEXES.items():
        op.drop_index(name, table)
    op.drop_column("house", "monthly_rent_yuan")
    for column in FirmSounds._fields:
        op.drop_column("enterprise", column)
