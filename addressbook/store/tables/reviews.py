"""What waits for a person, and what persons decided."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    func,
    text as sql,
)
from sqlalchemy.dialects.postgresql import ARRAY

from addressbook.store.tables.base import JSON, KEY, METADATA, code, moment, text

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
    text("role", server_default="", comment="of the link that waits; empty where an address list asks"),
    Column("element_key", KEY, comment="whose link waits; null where an address list or a registry event asks"),
    Column("element_category", Text, comment="of the link that waits, as are month, valid_from, flags and score"),
    Column("month", Date),
    Column("valid_from", Date),
    Column("flags", ARRAY(Text), nullable=False, server_default=sql("'{}'")),
    Column("score", Float, nullable=False, server_default="0"),
    Column("text_key", KEY, comment="of the normal text; null where no text was kept that could have twins"),
    text("context", server_default="", comment="where the text is meant: the load's division, or the asking event"),
    moment("put_off_until", now=False),
    Column("put_off_by", BigInteger, comment="the decision that put it off"),
    text("claimed_by", server_default=""),
    moment("claimed_until", now=False),
    Column(
        "decision_id", BigInteger, ForeignKey("review_decision.decision_id"), comment="the decision that settled it"
    ),
    Column("row_was", JSON, comment="the row before the decision, for undoing it"),
    CheckConstraint("state IN ('open','settled','withdrawn')", name="state"),
)
_OPEN = REVIEW_ITEM.c.state == "open"
Index(
    "uq_review_item_question",
    REVIEW_ITEM.c.row_key,
    REVIEW_ITEM.c.role,
    func.coalesce(REVIEW_ITEM.c.event_id, 0),
    unique=True,
    postgresql_where=_OPEN,
)
Index("ix_review_item_row_key", REVIEW_ITEM.c.row_key)
Index("ix_review_item_source_id", REVIEW_ITEM.c.source_id)
Index("ix_review_item_text_key", REVIEW_ITEM.c.text_key)
Index("ix_review_item_decision_id", REVIEW_ITEM.c.decision_id)
Index(
    "ix_review_item_queue",
    REVIEW_ITEM.c.put_off_until.nulls_first(),
    REVIEW_ITEM.c.review_id,
    postgresql_where=_OPEN,
)

Index(
    "ix_review_item_claimed_by",
    REVIEW_ITEM.c.claimed_by,
    postgresql_where=sql("state = 'open' AND claimed_by <> ''"),
)

REVIEW_DECISION = Table(
    "review_decision",
    METADATA,
    Column("decision_id", BigInteger, Identity(), primary_key=True),
    Column("review_id", BigInteger, nullable=False, comment="the item that the clerk saw; its twins go with it"),
    text("verdict"),
    text("actor"),
    text("reason"),
    code("aid", nullable=True),
    Column("rank", Integer, comment="the candidate that was chosen, from 1; null where it was none of them"),
    Column("items", Integer, nullable=False, comment="settled by it, or put off"),
    Column("event_id", BigInteger, comment="the registry event of it; null of what was put off"),
    code("alias_aid", nullable=True, comment="whose alias the text became"),
    Column("alias_name", Text),
    moment("put_off_was", now=False),
    Column("put_off_by_was", BigInteger),
    moment("decided_at"),
    moment("undone_at", now=False),
    Column("undone_by", Text),
    Column("undone_event", BigInteger),
    CheckConstraint("verdict IN ('chosen','none','registered','not_an_address','later')", name="verdict"),
)
Index("ix_review_decision_review_id", REVIEW_DECISION.c.review_id)
Index("ix_review_decision_event_id", REVIEW_DECISION.c.event_id)

REVIEW_DIVISION = Table(
    "review_division",
    METADATA,
    Column("review_id", BigInteger, nullable=False),
    Column("event_id", BigInteger, nullable=False),
    code("division_code", comment="of the item until that event"),
    Column("context", Text, nullable=False),
    PrimaryKeyConstraint("review_id", "event_id"),
)
"""Where an item waited before divisions were changed."""
