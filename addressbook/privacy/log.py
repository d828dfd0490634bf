"""The access log: who saw persons, of which address or area, through which route. Written before the answer leaves."""

from __future__ import annotations

from sqlalchemy import Connection

from addressbook.privacy.policy import Reader
from addressbook.store.access import add_access

MASKED_FIELDS = "name,identity,phone,sex,birth_year (masked)"


def log_read(connection: Connection, reader: Reader, subject: str, persons: int, *, purpose: str = "") -> None:
    """Log an answer that shows `persons` persons of `subject`; nothing to log when it shows none.

    In the reading transaction: when the line cannot be written DatabaseError is raised and there is no answer.
    """
    if persons:
        add_access(
            connection, key_id=reader.key_id, route=reader.route, purpose=purpose, subject=subject,
            fields=MASKED_FIELDS, persons=persons, request_id=reader.request_id,
        )  # fmt: skip
