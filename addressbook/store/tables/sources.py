"""Where everything came from, what waits for a person, and who may read."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)

from addressbook.store.tables.base import JSON, KEY, METADATA, code, moment, text

SOURCE = Table(
    "source",
    METADATA,
    Column("source_id", BigInteger, Identity(), primary_key=True),
    text("name"),
    text("kind"),
    moment("created_at"),
    UniqueConstraint("name"),
)

BATCH = Table(
    "batch",
    METADATA,
    Column("batch_id", BigInteger, Identity(), primary_key=True),
    Column("source_id", BigInteger, ForeignKey("source.source_id"), nullable=False),
    text("file_name"),
    text("file_sha256"),
    text("state"),
    *(
        Column(name, BigInteger, nullable=False, server_default="0")
        for name in ("read", "linked", "review", "rejected", "unchanged", "minted", "closed")
    ),
    moment("started_at"),
    moment("finished_at", now=False),
    CheckConstraint("state IN ('running','done','failed')", name="state"),
)

REGISTRY_EVENT = Table(
    "registry_event",
    METADATA,
    Column("event_id", BigInteger, Identity(), primary_key=True),
    text("kind"),
    text("actor"),
    text("reason"),
    text("source_document"),
    Column("batch_id", BigInteger),
    moment("at"),
    Column("effective", Date, comment="from when it holds in the world; null: as long as the address is known"),
    Column("request", JSON, comment="what was asked; null where a load did it"),
    Column("reverts", BigInteger, comment="the event that this one took back"),
)
Index("ix_registry_event_at", REGISTRY_EVENT.c.at)

SOURCE_ROW = Table(
    "source_row",
    METADATA,
    Column("row_key", KEY, nullable=False, comment="keyed hash of source and source_key"),
    Column("source_id", BigInteger, nullable=False),
    code("source_key"),
    Column("batch_id", BigInteger, nullable=False, comment="the batch that last changed it"),
    Column("line", BigInteger, nullable=False),
    Column("digest", KEY, nullable=False, comment="of the row as received: an equal one changes nothing"),
    text("outcome"),
    text("reason_code"),
    text("field"),
    text("message"),
    Column("received", JSON, nullable=False),
    Column("received_sealed", LargeBinary, comment="personal columns as received, encrypted"),
    text("element_kind"),
    Column("element_key", KEY),
    Column("site_id", BigInteger),
    code("aid", nullable=True),
    code("division_code", nullable=True),
    Column("gone_at", DateTime(timezone=True), comment="absent from a later full snapshot"),
    PrimaryKeyConstraint("row_key"),
    CheckConstraint("outcome IN ('linked','review','rejected')", name="outcome"),
)
Index("ix_source_row_source_id_digest", SOURCE_ROW.c.source_id, SOURCE_ROW.c.digest)

REVIEW_ITEM = Table(
    "review_item",
    METADATA,
    Column("review_id", BigInteger, Identity(), primary_key=True),
    Column("row_key", KEY, nullable=False),
    Column("source_id", BigInteger, nullable=False),
    text("element_kind"),
    code("category"),
    text("reason_code"),
    text("received_text"),
    code("division_code", nullable=True),
    code("anchor_aid", nullable=True),
    text("unresolved_tail"),
    Column("candidates", JSON, nullable=False),
    Column("reasons", JSON, nullable=False),
    text("state"),
    Column("batch_id", BigInteger, nullable=False),
    moment("created_at"),
    moment("settled_at", now=False),
    Column("event_id", BigInteger, comment="the registry event that raised it; null where a load did"),
    CheckConstraint("state IN ('open','settled','withdrawn')", name="state"),
)
Index("uq_review_item_row_key", REVIEW_ITEM.c.row_key, unique=True, postgresql_where=REVIEW_ITEM.c.state == "open")
Index("ix_review_item_source_id", REVIEW_ITEM.c.source_id)

REVIEW_DIVISION = Table(
    "review_division",
    METADATA,
    Column("review_id", BigInteger, nullable=False),
    Column("event_id", BigInteger, nullable=False),
    code("division_code", comment="of the item until that event"),
    PrimaryKeyConstraint("review_id", "event_id"),
)

API_KEY = Table(
    "api_key",
    METADATA,
    Column("key_id", BigInteger, Identity(), primary_key=True),
    Column("key_hash", LargeBinary, nullable=False, comment="SHA-256 of 256 random bits; the key is shown once"),
    text("label"),
    text("role"),
    moment("created_at"),
    moment("expires_at", now=False),
    moment("revoked_at", now=False),
    UniqueConstraint("key_hash"),
)

ACCESS_LOG = Table(
    "access_log",
    METADATA,
    Column("entry_id", BigInteger, Identity(), primary_key=True),
    moment("at"),
    Column("key_id", BigInteger, nullable=False),
    text("route"),
    text("purpose"),
    text("subject", comment="the AID or area read"),
    text("fields"),
    Column("persons", Integer, nullable=False),
    text("request_id"),
)

META = Table("meta", METADATA, text("name"), text("value"), PrimaryKeyConstraint("name"))
