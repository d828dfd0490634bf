"""The address family, stored together by `site_id`: addresses, aliases, links and outside codes; and the directory."""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKeyConstraint,
    Identity,
    Index,
    PrimaryKeyConstraint,
    Table,
    Text,
    text as sql,
)
from sqlalchemy.dialects.postgresql import ARRAY

from addressbook.store.tables.base import JSON, KEY, METADATA, code, moment, text

LIVE = sql("state IN ('provisional', 'current')")
"""Addresses that a text can resolve to; also the only ones whose path must be unique within their site."""

NUMBERING = "-0-9A-Za-z号幢室层单元栋座楼"
"""The characters that numbers of plates, buildings and rooms are written in, as a regular expression lists them."""
WORDED = f"name ~ '[^{NUMBERING}]'"
"""Names with any other character: some thousands among millions. Whoever asks for one is answered from their index."""


def content() -> list[Column[Any]]:
    """What an address says of itself, now or in an earlier version; fresh columns for each table."""
    return [
        code("kind"),
        code("parent_aid", nullable=True),
        code("road_aid", nullable=True, comment="the street a door plate stands on; a street is never a parent"),
        code("plate_no", nullable=True, comment="normalised number of a door plate"),
        text("name", comment="the name of a street, compound or place; else the number with its suffix"),
        code("path", comment="kind letters and normalised values from the site's top, '' for the top: B3/E1/H502"),
        code("loose_path", nullable=True, comment="of a room: its path without entrance and floor"),
        text("standard_text"),
        code("division_code", comment="the deepest division known, 12 digits"),
        Column("geom", Geometry("POINT", srid=4326, spatial_index=False), nullable=True),
        text("coordinate_level", server_default="none"),
        text("state"),
        Column("source_id", BigInteger, nullable=False),
        Column("event_id", BigInteger, nullable=False, comment="the registry event of the last change"),
        Column("valid_from", Date),
        Column("valid_to", Date),
    ]


ADDRESS = Table(
    "address",
    METADATA,
    Column("site_id", BigInteger, nullable=False),
    code("aid"),
    *content(),
    moment("created_at"),
    Column("state_event_id", BigInteger, comment="where a revert restored this content: the event that first made it"),
    PrimaryKeyConstraint("site_id", "aid"),
    ForeignKeyConstraint(["site_id", "parent_aid"], ["address.site_id", "address.aid"]),
    CheckConstraint("kind IN ('R','C','D','B','E','F','H','P')", name="kind"),
    CheckConstraint("state IN ('provisional','current','retired','rejected','void')", name="state"),
)
Index("uq_address_site_id_path", ADDRESS.c.site_id, ADDRESS.c.path, unique=True, postgresql_where=LIVE)
Index(
    "ix_address_site_id_loose_path",
    ADDRESS.c.site_id,
    ADDRESS.c.loose_path,
    postgresql_where=ADDRESS.c.loose_path.is_not(None),
)
Index(
    "ix_address_road_aid_plate_no",
    ADDRESS.c.road_aid,
    ADDRESS.c.plate_no,
    postgresql_where=ADDRESS.c.road_aid.is_not(None),
)
Index("ix_address_event_id", ADDRESS.c.event_id)
RETIRED = sql("state = 'retired'")
Index("ix_address_retired_site_id_path", ADDRESS.c.site_id, ADDRESS.c.path, postgresql_where=RETIRED)
Index(
    "ix_address_retired_name",
    ADDRESS.c.name,
    postgresql_where=sql("state = 'retired' AND kind IN ('R', 'C', 'P')"),
)
Index("ix_address_void_aid", ADDRESS.c.aid, postgresql_where=sql("state = 'void'"))
Index("ix_address_division_code_aid", ADDRESS.c.division_code, ADDRESS.c.aid)
Index("ix_address_geom", ADDRESS.c.geom, postgresql_using="gist")
Index(
    "ix_address_drawn_geom",
    ADDRESS.c.geom,
    postgresql_using="gist",
    postgresql_where=sql("kind IN ('C', 'D', 'B', 'P') AND state IN ('provisional', 'current')"),
)
Index(
    "ix_address_name_trgm",
    ADDRESS.c.name,
    postgresql_using="gin",
    postgresql_ops={"name": "gin_trgm_ops"},
    postgresql_where=sql("kind IN ('R', 'C', 'P')"),
)
Index("ix_address_name", ADDRESS.c.name, postgresql_ops={"name": "text_pattern_ops"})
Index(
    "ix_address_kind_division_code_aid",
    ADDRESS.c.kind,
    ADDRESS.c.division_code,
    ADDRESS.c.aid,
    postgresql_where=sql("kind IN ('R', 'C', 'P')"),
)
Index("ix_address_worded", ADDRESS.c.name, ADDRESS.c.site_id, ADDRESS.c.aid, postgresql_where=sql(WORDED))
Index(
    "ix_address_state_division_code_aid",
    ADDRESS.c.state,
    ADDRESS.c.division_code,
    ADDRESS.c.aid,
    postgresql_where=sql("state IN ('retired', 'rejected', 'void')"),
)
Index(
    "ix_address_names_event_id",
    ADDRESS.c.event_id,
    postgresql_where=sql("kind IN ('R', 'C', 'P')"),
)

ADDRESS_ALIAS = Table(
    "address_alias",
    METADATA,
    Column("site_id", BigInteger, nullable=False),
    Column("alias_id", BigInteger, Identity(), nullable=False),
    code("aid"),
    text("name", comment="the other text, normalised as the name index is"),
    code("path", nullable=True, comment="for a numbered address: the other path within the site"),
    text("origin", comment="registered, former, review …"),
    Column("source_id", BigInteger, nullable=False),
    Column("event_id", BigInteger, nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("known_from", BigInteger, comment="the registry event that brought it; event_id is the last about it"),
    code("road_aid", nullable=True, comment="for a door plate: the street of its other number"),
    code("plate_no", nullable=True),
    Column("path_site_id", BigInteger, comment="the site in which `path` leads here, wherever the address lies"),
    PrimaryKeyConstraint("site_id", "alias_id"),
    ForeignKeyConstraint(["site_id", "aid"], ["address.site_id", "address.aid"]),
)
Index(
    "uq_address_alias_site_id_aid_name",
    ADDRESS_ALIAS.c.site_id,
    ADDRESS_ALIAS.c.aid,
    ADDRESS_ALIAS.c.name,
    unique=True,
    postgresql_where=ADDRESS_ALIAS.c.valid_to.is_(None),
)
Index("ix_address_alias_site_id_aid", ADDRESS_ALIAS.c.site_id, ADDRESS_ALIAS.c.aid)
Index("ix_address_alias_name", ADDRESS_ALIAS.c.name)
Index("ix_address_alias_event_id", ADDRESS_ALIAS.c.event_id)
Index(
    "ix_address_alias_path_site_id_path",
    ADDRESS_ALIAS.c.path_site_id,
    ADDRESS_ALIAS.c.path,
    postgresql_where=ADDRESS_ALIAS.c.path_site_id.is_not(None),
)
Index(
    "ix_address_alias_road_aid_plate_no",
    ADDRESS_ALIAS.c.road_aid,
    ADDRESS_ALIAS.c.plate_no,
    postgresql_where=ADDRESS_ALIAS.c.road_aid.is_not(None),
)

AID_DIRECTORY = Table(
    "aid_directory",
    METADATA,
    code("aid"),
    Column("site_id", BigInteger, nullable=False),
    PrimaryKeyConstraint("aid"),
)

EXTERNAL_IDENTIFIER = Table(
    "external_identifier",
    METADATA,
    Column("site_id", BigInteger, nullable=False),
    Column("identifier_id", BigInteger, Identity(), nullable=False),
    code("aid"),
    text("scheme"),
    code("value"),
    Column("source_id", BigInteger, nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    moment("added_at"),
    Column("event_id", BigInteger, comment="the registry event that recorded it; null: known since added_at"),
    Column("until_event", BigInteger, comment="the event that superseded it"),
    PrimaryKeyConstraint("site_id", "identifier_id"),
    ForeignKeyConstraint(["site_id", "aid"], ["address.site_id", "address.aid"]),
)
Index("ix_external_identifier_scheme_value", EXTERNAL_IDENTIFIER.c.scheme, EXTERNAL_IDENTIFIER.c.value)
Index("ix_external_identifier_site_id_aid", EXTERNAL_IDENTIFIER.c.site_id, EXTERNAL_IDENTIFIER.c.aid)
Index(
    "ix_external_identifier_event_id",
    EXTERNAL_IDENTIFIER.c.event_id,
    postgresql_where=EXTERNAL_IDENTIFIER.c.event_id.is_not(None),
)
Index(
    "uq_external_identifier_site_id_aid_scheme_value",
    EXTERNAL_IDENTIFIER.c.site_id,
    EXTERNAL_IDENTIFIER.c.aid,
    EXTERNAL_IDENTIFIER.c.scheme,
    EXTERNAL_IDENTIFIER.c.value,
    unique=True,
    postgresql_where=sql("valid_to IS NULL AND until_event IS NULL"),
)

LINK = Table(
    "link",
    METADATA,
    Column("site_id", BigInteger, nullable=False, comment="minus the division code where no address is reached"),
    Column("link_id", BigInteger, Identity(), nullable=False),
    code("aid", nullable=True),
    code("division_code", comment="the address's, or the one the text reaches"),
    text("element_kind"),
    Column("element_key", KEY, nullable=False),
    text("role"),
    text("category", comment="the element's, repeated so that counts need no join"),
    Column("month", Date, nullable=False, comment="first of the month it is counted under; 0001-01-01 undated"),
    Column("source_id", BigInteger, nullable=False),
    Column("row_key", KEY, nullable=False),
    text("received_text"),
    code("match_category"),
    text("match_level"),
    text("coordinate_level"),
    Column("score", Float, nullable=False),
    Column("flags", ARRAY(Text), nullable=False, server_default=sql("'{}'")),
    Column("reasons", JSON, nullable=False),
    Column("valid_from", Date),
    Column("valid_to", Date),
    Column("opened_batch", BigInteger, nullable=False),
    Column("closed_batch", BigInteger, nullable=True),
    moment("opened_at"),
    moment("closed_at", now=False),
    Column("opened_event", BigInteger, comment="the registry event that moved it here; null where a load opened it"),
    Column("closed_event", BigInteger, comment="the registry event that moved it away"),
    Column("moved_from", BigInteger, comment="the link that it continues"),
    PrimaryKeyConstraint("site_id", "link_id"),
    ForeignKeyConstraint(["site_id", "aid"], ["address.site_id", "address.aid"]),
)
OPEN = LINK.c.closed_at.is_(None)
Index("uq_link_site_id_row_key_role", LINK.c.site_id, LINK.c.row_key, LINK.c.role, unique=True, postgresql_where=OPEN)
Index("ix_link_site_id_aid", LINK.c.site_id, LINK.c.aid)
Index(
    "ix_link_unplaced", LINK.c.division_code, LINK.c.link_id, postgresql_where=sql("aid IS NULL AND closed_at IS NULL")
)
Index("ix_link_division_code", LINK.c.division_code, LINK.c.element_kind)
Index("ix_link_element_key", LINK.c.element_key)
Index("ix_link_opened_event", LINK.c.opened_event, postgresql_where=LINK.c.opened_event.is_not(None))
Index("ix_link_closed_event", LINK.c.closed_event, postgresql_where=LINK.c.closed_event.is_not(None))
Index(
    "ix_link_drawn",
    LINK.c.site_id,
    LINK.c.aid,
    postgresql_include=["element_kind", "element_key", "role", "category"],
    postgresql_where=sql("closed_at IS NULL AND element_kind IN ('enterprise', 'thing')"),
)
