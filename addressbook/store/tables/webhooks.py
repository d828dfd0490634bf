"""Webhooks: the outbox of what happened, who is told, and what was told; all three stay on the first machine."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    text as sql,
)

from addressbook.store.tables.base import JSON, METADATA, code, moment, text

OUTBOX = Table(
    "outbox",
    METADATA,
    Column("notice_id", BigInteger, Identity(), primary_key=True, comment="in the order of commits"),
    Column("event_id", BigInteger, comment="the registry event that it tells of; null where a load moved links"),
    Column("batch_id", BigInteger, comment="the load that it tells of"),
    Column("links", JSON, nullable=False, comment="what became of links: counts, and keys of firms and things only"),
    Column("at", DateTime(timezone=True), nullable=False),
)

WEBHOOK = Table(
    "webhook",
    METADATA,
    Column("webhook_id", Integer, Identity(), primary_key=True),
    text("url"),
    Column("secret_sealed", LargeBinary, nullable=False),
    text("topic"),
    code("subject", comment="an AID, a division of 12 digits, the code of another area, or an element kind"),
    Column("owner_key_id", BigInteger, nullable=False, comment="0: the command line"),
    text("role", comment="as whom it is told"),
    text("state"),
    moment("created_at"),
    Column("resumed_at", DateTime(timezone=True), nullable=False, comment="time while it was paused makes nothing old"),
    Column("notice_id", BigInteger, nullable=False, comment="the last notice that was made into deliveries"),
    Column("failures", Integer, nullable=False, server_default="0", comment="in a row"),
    Column("next_attempt_at", DateTime(timezone=True), nullable=False),
    CheckConstraint("topic IN ('aid','division','area','element')", name="topic"),
    CheckConstraint("state IN ('active','paused')", name="state"),
)

WEBHOOK_DELIVERY = Table(
    "webhook_delivery",
    METADATA,
    Column("delivery_id", BigInteger, Identity(), primary_key=True),
    Column("webhook_id", Integer, ForeignKey("webhook.webhook_id", ondelete="CASCADE"), nullable=False),
    Column("notice_id", BigInteger, nullable=False),
    text("body", comment="as it is sent, every time the same; emptied once it was delivered"),
    text("state"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("waiting_since", DateTime(timezone=True), nullable=False),
    moment("last_attempt_at", now=False),
    Column("status", Integer, comment="of the last answer"),
    text("error", server_default=""),
    CheckConstraint("state IN ('waiting','delivered','dead')", name="state"),
)
Index(
    "ix_webhook_delivery_waiting",
    WEBHOOK_DELIVERY.c.webhook_id,
    WEBHOOK_DELIVERY.c.delivery_id,
    postgresql_where=sql("state = 'waiting'"),
)
Index("ix_webhook_delivery_webhook_id", WEBHOOK_DELIVERY.c.webhook_id, WEBHOOK_DELIVERY.c.delivery_id)
