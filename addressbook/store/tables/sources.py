"""Where everything came from."""

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

META = Table("meta", METADATA, text("name"), text("value"), PrimaryKeyConstraint("name"))
