"""Divisions and areas (reference tables), and the roll-ups kept per community."""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
)

from addressbook.store.tables.base import JSON, METADATA, code, moment, text

DIVISION = Table(
    "division",
    METADATA,
    code("code", comment="12 digits: GB/T 2260 and the statistical code below it"),
    Column("valid_from", Date, nullable=False, comment="0001-01-01 where the source gives none"),
    Column("valid_to", Date),
    text("name"),
    text("level"),
    code("parent_code", nullable=True),
    Column(
        "event_id",
        BigInteger,
        nullable=False,
        server_default="0",
        comment="the registry event that made it known; 0: it came with the gazetteer",
    ),
    Column("until_event", BigInteger, comment="the event that superseded it"),
    Column(
        "made_by",
        BigInteger,
        nullable=False,
        server_default="0",
        comment="the event that first said so; event_id where no revert restored it",
    ),
    PrimaryKeyConstraint("code", "valid_from", "event_id"),
)
"""Versions in both times, as those of addresses: in force are those without `until_event` and `valid_to`."""
Index("ix_division_parent_code", DIVISION.c.parent_code)
Index("ix_division_name", DIVISION.c.name)

DIVISION_SUCCESSION = Table(
    "division_succession",
    METADATA,
    code("old_code"),
    text("old_name"),
    Column("valid_from_year", Integer),
    Column("valid_to_year", Integer, nullable=False),
    code("new_code", comment="'' where the source names no successor"),
    PrimaryKeyConstraint("old_code", "old_name", "valid_to_year", "new_code"),
)

DIVISION_ROOT = Table(
    "division_root",
    METADATA,
    code("code", comment="below it the divisions are those of this database, not of the gazetteer"),
    Column("event_id", BigInteger, nullable=False),
    PrimaryKeyConstraint("code"),
)

DIVISION_LINEAGE = Table(
    "division_lineage",
    METADATA,
    code("old_code"),
    code("new_code"),
    Column("event_id", BigInteger, nullable=False),
    Column("until_event", BigInteger, comment="the event that took it back"),
    Column("effective", Date, nullable=False),
    text("relation"),
    Column("place", Integer, nullable=False, comment="0 for the successor that takes what no other does"),
    PrimaryKeyConstraint("old_code", "new_code", "event_id"),
    CheckConstraint("relation IN ('renamed','merged','split','moved')", name="relation"),
)
"""What became of divisions by the registry's own events; division_succession is the gazetteer's, by the year."""
Index("ix_division_lineage_new_code", DIVISION_LINEAGE.c.new_code)

AREA = Table(
    "area",
    METADATA,
    code("code"),
    text("kind"),
    text("name"),
    text("level", server_default="none"),
    code("parent_code", nullable=True),
    Column("geom", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=False),
    Column("source_id", BigInteger, ForeignKey("source.source_id"), nullable=False),
    moment("loaded_at"),
    PrimaryKeyConstraint("code"),
    CheckConstraint("kind IN ('division','grid','custom')", name="kind"),
)
Index("ix_area_geom", AREA.c.geom, postgresql_using="gist")
Index("ix_area_parent_code", AREA.c.parent_code)

AREA_VERSION = Table(
    "area_version",
    METADATA,
    code("code"),
    text("kind"),
    text("name"),
    text("level"),
    code("parent_code", nullable=True),
    Column(
        "geom",
        Geometry("MULTIPOLYGON", srid=4326, spatial_index=False),
        nullable=True,
        comment="null: there was no outline before that event",
    ),
    Column("source_id", BigInteger, nullable=False),
    Column("until_event", BigInteger, nullable=False, comment="the event that replaced it"),
    PrimaryKeyConstraint("code", "until_event"),
)

ROLLUP = Table(
    "rollup",
    METADATA,
    code("community_code", comment="the deepest division of what is counted, 12 digits"),
    text("kind", comment="address, or an element kind"),
    text("role", comment="'' for addresses"),
    text("category", comment="kind letter for addresses, else the element's category"),
    Column("month", Date, nullable=False, comment="first of the month; 0001-01-01 undated"),
    Column("located", Integer, nullable=False, comment="1 at an address, 0 reaching only the division"),
    Column("count", BigInteger, nullable=False),
    PrimaryKeyConstraint("community_code", "kind", "role", "category", "month", "located"),
)

ROLLUP_DIVISION = Table(
    "rollup_division",
    METADATA,
    code("division_code", comment="a town, county, city or province, 12 digits: all within it"),
    text("kind"),
    text("role"),
    text("category"),
    Column("located", Integer, nullable=False),
    Column("count", BigInteger, nullable=False),
    PrimaryKeyConstraint("division_code", "kind", "role", "category", "located"),
)
"""The roll-ups summed for every division above the community, kept in the same transactions; months apart, for a county
has thousands of months of categories, and nobody asks for one."""

ROLLUP_MONTH = Table(
    "rollup_month",
    METADATA,
    code("division_code", comment="a town, county, city or province, 12 digits: all within it"),
    text("kind"),
    Column("month", Date, nullable=False),
    Column("count", BigInteger, nullable=False),
    PrimaryKeyConstraint("division_code", "kind", "month"),
)
"""The same by month."""

ROLLUP_TOTAL = Table(
    "rollup_total",
    METADATA,
    code("division_code", comment="any division, 12 digits: all within it"),
    text("kind"),
    Column("located", Integer, nullable=False),
    Column("count", BigInteger, nullable=False),
    PrimaryKeyConstraint("division_code", "kind", "located"),
)
"""The roll-ups summed by kind for every division: what the parts of an area are listed with."""

AREA_TILE = Table(
    "area_tile",
    METADATA,
    code("division_code", comment="of the addresses, 12 digits: the deepest division"),
    Column("step", SmallInteger, nullable=False, comment="0 to 3: squares of 1/25, 1/100, 1/400, 1/1600 of a degree"),
    Column("x", Integer, nullable=False, comment="longitude by the square's width, rounded down"),
    Column("y", Integer, nullable=False),
    Column("counts", JSON, nullable=False, comment="kind, then dimension, then value → count; top: addresses, events"),
    PrimaryKeyConstraint("division_code", "step", "x", "y"),
)
"""What is counted at the live addresses of a division with a point in a square. Whole only while the division is not
stale: see area_tiling."""
Index("ix_area_tile_step_x_y", AREA_TILE.c.step, AREA_TILE.c.x, AREA_TILE.c.y)

AREA_TILING = Table(
    "area_tiling",
    METADATA,
    code("division_code"),
    moment("stale_since", now=False),
    Column("top", JSON, comment="address → events of those with the most; of what is not stale"),
    PrimaryKeyConstraint("division_code"),
)
"""Every division that anything is or was counted in; stale from the transaction that changes something in it until its
squares are counted anew."""
Index("ix_area_tiling_stale", AREA_TILING.c.division_code, postgresql_where=AREA_TILING.c.stale_since.is_not(None))
