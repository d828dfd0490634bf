"""Doubts about single attributes of addresses: the record stays usable while somebody looks."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Identity, Index, PrimaryKeyConstraint, Table, Text

from addressbook.store.tables.base import METADATA, code, moment, text

DOUBT = Table(
    "doubt",
    METADATA,
    code("aid"),
    Column("doubt_id", BigInteger, Identity(), nullable=False),
    text("attribute"),
    text("sentence", comment="what is doubtful, for whoever reads the record"),
    text("actor"),
    Column("opened_event", BigInteger, nullable=False, comment="the registry event that keeps who, why and when"),
    moment("opened_at"),
    Column("closed_event", BigInteger),
    moment("closed_at", now=False),
    Column("closed_by", Text),
    PrimaryKeyConstraint("aid", "doubt_id"),
)
Index(
    "uq_doubt_aid_attribute", DOUBT.c.aid, DOUBT.c.attribute, unique=True, postgresql_where=DOUBT.c.closed_at.is_(None)
)
