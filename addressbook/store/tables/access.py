"""Who may read, for which purposes, and who has read what: keys, purposes, the access log and its anchors."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text as sql,
)
from sqlalchemy.dialects.postgresql import ARRAY

from addressbook.store.tables.base import KEY, METADATA, code, moment, text

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
    Column(
        "areas",
        ARRAY(Text),
        nullable=False,
        server_default=sql("'{}'"),
        comment="leading digits of divisions; none: a key that is bound to no area",
    ),
    Column("last_used_at", DateTime(timezone=True), comment="to the minute"),
    Column("previous_hash", LargeBinary, comment="of the key that was rotated away"),
    Column("previous_until", DateTime(timezone=True), comment="so long it is still good"),
    Column("issuer", Text, comment="of the tokens its holder comes with; null: a key"),
    Column("subject", Text, comment="who the issuer says it is"),
    Column("issued_at", DateTime(timezone=True), comment="of the newest token"),
    UniqueConstraint("key_hash"),
    UniqueConstraint("issuer", "subject"),
    UniqueConstraint("previous_hash"),
    CheckConstraint("'' <> ALL (areas)", name="areas"),
)

PURPOSE = Table(
    "purpose",
    METADATA,
    code("code"),
    text("name_zh"),
    text("name_en"),
    text("legal_basis"),
    moment("added_at"),
    moment("closed_at", now=False),
    Column(
        "visible_after_days",
        Integer,
        nullable=False,
        server_default="0",
        comment="so long lines of it stay out of what a person is told of its readers",
    ),
    PrimaryKeyConstraint("code"),
    CheckConstraint("visible_after_days BETWEEN 0 AND 1095", name="visible_after_days"),
)
"""For what persons may be read in full."""

SUBJECT_MARK = Table(
    "subject_mark",
    METADATA,
    Column("element_key", KEY, nullable=False, comment="of a person whom no load shows again"),
    text("state"),
    text("reason"),
    text("actor"),
    moment("at"),
    PrimaryKeyConstraint("element_key"),
    CheckConstraint("state IN ('restricted','erased')", name="state"),
)

PAGE_SESSION = Table(
    "page_session",
    METADATA,
    Column("session_hash", LargeBinary, primary_key=True, comment="SHA-256 of 256 random bits"),
    Column("key_id", BigInteger, nullable=False),
    moment("created_at"),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("key_hash", LargeBinary, comment="of the key that began it, with which it ends"),
)
Index("ix_page_session_expires_at", PAGE_SESSION.c.expires_at)

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
    text("reader", server_default="", comment="the label of the key, or who sat at the command line"),
    Column(
        "subjects",
        ARRAY(KEY),
        nullable=False,
        server_default=sql("'{}'"),
        comment="the element keys of the persons read",
    ),
    Column("position", BigInteger, comment="in the chain; null until it is sealed"),
    Column("hash", LargeBinary, comment="keyed, over the line and the hash before it"),
    UniqueConstraint("position"),
)
"""Append-only: triggers let a line come unsealed, be sealed once, go below an anchor (migrations 0013 and 0025)."""
Index("ix_access_log_at", ACCESS_LOG.c.at)
Index("ix_access_log_key_id", ACCESS_LOG.c.key_id, ACCESS_LOG.c.at)
Index("ix_access_log_subjects", ACCESS_LOG.c.subjects, postgresql_using="gin")
Index("ix_access_log_unsealed", ACCESS_LOG.c.entry_id, postgresql_where=sql("position IS NULL"))

ACCESS_ANCHOR = Table(
    "access_anchor",
    METADATA,
    Column(
        "position",
        BigInteger,
        nullable=False,
        autoincrement=False,
        comment="of the last line that was removed: the chain goes on from its hash",
    ),
    Column("hash", LargeBinary, nullable=False),
    Column("lines", BigInteger, nullable=False, comment="how many were removed"),
    text("actor"),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("mac", LargeBinary, nullable=False, comment="keyed, over all of it: nobody without the secret writes one"),
    PrimaryKeyConstraint("position"),
)
