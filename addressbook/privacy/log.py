"""The access log: who saw which persons, of which address or area, what of them, for what, through which route.

Written in the transaction that reads, in a view by the same statement, before the answer leaves; privacy/chain.py seals
what was written.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from sqlalchemy import Connection

from addressbook.privacy.policy import Reader
from addressbook.store.access_log import access_added, add_access, opening
from addressbook.store.steps import Ask, array

MASKED_FIELDS = "name,identity,phone (masked),sex,birth_year,received_text"
FULL_FIELDS = "name,identity,phone,sex,birth_year,received_text"
TEXT_FIELDS = "received_text"


class Fields(NamedTuple):
    """What an answer shows of a person: of one who is opened to its reader, and of one who stays masked."""

    full: str
    masked: str


IN_VIEWS: Final = Fields(FULL_FIELDS, MASKED_FIELDS)
IN_LISTS: Final = Fields("name,identity,phone,sex,birth_year", "name,identity,phone (masked),sex,birth_year")
_IN_FULL: Final = frozenset({IN_VIEWS.full, IN_LISTS.full})


def read_logged(
    reader: Reader, subject: str, persons: Iterable[str], *, fields: str = MASKED_FIELDS
) -> Ask | None:  # fmt: skip
    """The head of a statement that logs an answer which shows these persons, by element key, of `subject`.

    None when it shows none. When the line cannot be written, neither is what stands behind it read. What is shown in
    full waits for the disk too.
    """
    keys = sorted(set(persons))
    if not keys:
        return None
    return access_added(
        key_id=reader.key_id, reader=reader.label, route=reader.route, purpose=reader.purpose, subject=subject,
        fields=fields, persons=len(keys), subjects=array(keys), request_id=reader.request_id,
        in_full=fields in _IN_FULL,
    )  # fmt: skip


def opened_logged(
    reader: Reader, subject: str, persons: Iterable[str], elements: Ask, shown: Fields
) -> Ask:  # fmt: skip
    """The statement that reads these elements, opens those of the persons that the database gives out, and logs all."""
    return opening(
        elements, key_id=reader.key_id, reader=reader.label, route=reader.route, purpose=reader.purpose,
        subject=subject, full=shown.full, masked=shown.masked, subjects=array(persons), request_id=reader.request_id,
    )  # fmt: skip


def log_file(connection: Connection, reader: Reader, subject: str, persons: int) -> None:
    """On record before a file is sent that holds so many persons, whose keys were logged when it was written."""
    add_access(connection, access_added(
        key_id=reader.key_id, reader=reader.label, route=reader.route, purpose=reader.purpose, subject=subject,
        fields=IN_LISTS.full if reader.purpose else IN_LISTS.masked, persons=persons, subjects=array([]),
        request_id=reader.request_id, in_full=bool(reader.purpose),
    ))  # fmt: skip


def log_read(
    connection: Connection, reader: Reader, subject: str, persons: Iterable[str], *, fields: str = MASKED_FIELDS
) -> None:
    """The same in the reading transaction. Raises DatabaseError, and then there is no answer."""
    head = read_logged(reader, subject, persons, fields=fields)
    if head is not None:
        add_access(connection, head)
