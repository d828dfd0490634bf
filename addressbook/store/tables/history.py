"""What addresses were before: their versions, beside them by `site_id`, and what became of codes that ended.

A version was known from its `event_id` until its `until_event`, and says what held in the world from `valid_from`,
inclusive, until `valid_to`, exclusive; null is without bound. The address itself is the newest version, which nothing
has superseded yet. A version without `until_event` is a slice: still believed, of the world before the address's
`valid_from`.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, Identity, Index, PrimaryKeyConstraint, Table

from addressbook.store.tables.addresses import content
from addressbook.store.tables.base import METADATA, code, text

ADDRESS_VERSION = Table(
    "address_version",
    METADATA,
    Column("site_id", BigInteger, nullable=False, comment="of the address today: versions move with it"),
    Column("version_id", BigInteger, Identity(), nullable=False),
    code("aid"),
    Column("own_site_id", BigInteger, nullable=False, comment="the site it lay in"),
    *content(),
    Column("state_event_id", BigInteger),
    Column("until_event", BigInteger, comment="the event that superseded it"),
    Column("is_slice", Boolean, nullable=False, comment="of a time before the address's valid_from"),
    PrimaryKeyConstraint("site_id", "version_id"),
)
Index("ix_address_version_site_id_aid", ADDRESS_VERSION.c.site_id, ADDRESS_VERSION.c.aid)
Index("ix_address_version_own_site_id", ADDRESS_VERSION.c.own_site_id, ADDRESS_VERSION.c.path)
Index(
    "ix_address_version_road_aid", ADDRESS_VERSION.c.road_aid, postgresql_where=ADDRESS_VERSION.c.road_aid.is_not(None)
)
Index("ix_address_version_event_id", ADDRESS_VERSION.c.event_id)
Index("ix_address_version_until_event", ADDRESS_VERSION.c.until_event)

ADDRESS_SUCCESSION = Table(
    "address_succession",
    METADATA,
    code("aid"),
    code("successor_aid"),
    text("relation", comment="merged, split or same_as"),
    Column("event_id", BigInteger, nullable=False),
    Column("until_event", BigInteger, comment="the event that took it back"),
    PrimaryKeyConstraint("aid", "successor_aid", "event_id"),
    CheckConstraint("relation IN ('merged','split','same_as')", name="relation"),
)
Index("ix_address_succession_successor_aid", ADDRESS_SUCCESSION.c.successor_aid)
Index("ix_address_succession_event_id", ADDRESS_SUCCESSION.c.event_id)
