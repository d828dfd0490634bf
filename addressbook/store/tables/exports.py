"""Exports that run behind the request that asked for them: a plain local queue, and what became of each."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Identity, Index, Table, text as sql

from addressbook.store.tables.base import JSON, METADATA, moment, text

EXPORT_JOB = Table(
    "export_job",
    METADATA,
    Column("job_id", BigInteger, Identity(), primary_key=True),
    Column("key_id", BigInteger, nullable=False, comment="whose it is: nobody else is told of it"),
    text("purpose", comment="that was stated with the request"),
    text("collection"),
    text("format"),
    Column("question", JSON, nullable=False, comment="the filters and properties, as they were written"),
    text("state", server_default="waiting"),
    Column("rows", BigInteger, nullable=False, server_default="0", comment="so many are written"),
    Column("expected", BigInteger, comment="so many the planner expects"),
    text("fault_zh", server_default=""),
    text("fault_en", server_default=""),
    moment("created_at"),
    moment("beat_at", now=False),
    moment("finished_at", now=False),
    moment("expires_at", now=False),
    CheckConstraint("state IN ('waiting','running','done','failed','cancelled','expired')", name="state"),
)
Index("ix_export_job_waiting", EXPORT_JOB.c.job_id, postgresql_where=sql("state IN ('waiting', 'running')"))
Index("ix_export_job_key_id", EXPORT_JOB.c.key_id, EXPORT_JOB.c.job_id)
