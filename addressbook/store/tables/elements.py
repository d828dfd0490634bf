"""The element family, spread by `element_key`: the keyed hash of the natural key, so uniqueness comes for free.

Personal fields are stored encrypted, with the masked form beside them; the masked form is all that reads may see.
"""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    Float,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
)
from sqlalchemy.types import TypeEngine

from addressbook.store.tables.base import JSON, KEY, METADATA, code, moment, text


def _element(name: str, *columns: Column[Any]) -> Table:
    """An element table: its own columns between what all five kinds have."""
    return Table(
        name,
        METADATA,
        Column("element_key", KEY, nullable=False),
        Column("source_id", BigInteger, nullable=False),
        code("source_key", comment="as received; of persons the keyed hash, never the number"),
        text("category"),
        *columns,
        Column("attributes", JSON, nullable=False, comment="the other columns received, personal ones left out"),
        Column("batch_id", BigInteger, nullable=False, comment="the batch that last changed it"),
        moment("updated_at"),
        PrimaryKeyConstraint("element_key"),
    )


def _optional(name: str, kind: type[TypeEngine[Any]] | TypeEngine[Any], comment: str = "") -> Column[Any]:
    return Column(name, kind, nullable=True, comment=comment or None)


PERSON = _element(
    "person",
    text("name_masked"),
    Column("name_sealed", LargeBinary, nullable=False),
    text("identity_masked"),
    _optional("identity_sealed", LargeBinary),
    text("phone_masked"),
    _optional("phone_sealed", LargeBinary),
    _optional("phone_hash", KEY, "keyed hash for equality"),
    text("sex"),
    _optional("birth_year", Integer),
)
HOUSE = _element(
    "house",
    text("use"),
    _optional("floor_area_m2", Float),
    _optional("built_year", Integer),
    text("occupancy"),
    _optional("monthly_rent_yuan", Float, "where the source has it"),
)
Index("ix_house_occupancy", HOUSE.c.occupancy, HOUSE.c.element_key)
ENTERPRISE = _element(
    "enterprise",
    text("name"),
    code("uscc", nullable=True, comment="统一社会信用代码, GB 32100-2015"),
    text("status"),
    _optional("established_on", Date),
    code("spelt", nullable=True, comment="the name in pinyin: see search/firms.py"),
    code("initials", nullable=True),
    code("own_spelt", nullable=True, comment="the same without divisions in front; null where it is the same"),
    code("own_initials", nullable=True),
)
for _name in ("spelt", "initials", "own_spelt", "own_initials"):
    Index(f"ix_enterprise_{_name}", ENTERPRISE.c[_name])
Index("ix_enterprise_status", ENTERPRISE.c.status, ENTERPRISE.c.element_key)
Index("ix_enterprise_uscc", ENTERPRISE.c.uscc)
Index("ix_enterprise_name", ENTERPRISE.c.name, postgresql_ops={"name": "text_pattern_ops"})
Index("ix_enterprise_name_trgm", ENTERPRISE.c.name, postgresql_using="gin", postgresql_ops={"name": "gin_trgm_ops"})
EVENT = _element(
    "event",
    text("title"),
    text("status"),
    _optional("occurred_on", Date),
)
Index("ix_event_status", EVENT.c.status, EVENT.c.element_key)
Index("ix_event_occurred_on", EVENT.c.occurred_on, EVENT.c.element_key)
THING = _element(
    "thing",
    text("name"),
    _optional("installed_on", Date),
    _optional("geom", Geometry("POINT", srid=4326, spatial_index=False), "where its own source puts it, EPSG:4326"),
)
for _table in (
    PERSON,
    HOUSE,
    ENTERPRISE,
    EVENT,
    THING,
):  # by a word, in the order of pages: a page is a part of the index
    Index(f"ix_{_table.name}_category", _table.c.category, _table.c.element_key)
