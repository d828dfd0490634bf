"""What is stored of one person, for the person: read, corrected, restricted, erased. Links and counts stay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString
from uuid import UUID

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from addressbook.store.engine import driver_of, translated, write_through
from addressbook.store.loading import uuids
from addressbook.store.reading import Row, read, read_one
from addressbook.store.tables import PERSON, SUBJECT_MARK

SUBJECT_LOCK = 7_301_112
MOST_READERS = 10_000
RESTRICTED, ERASED = "restricted", "erased"
_MARKED: LiteralString = "SELECT element_key, state FROM subject_mark WHERE element_key = ANY(%s::uuid[])"
_WITHHOLD: LiteralString = (
    "UPDATE person SET name_masked = '*', identity_masked = '*', phone_masked = '*' WHERE element_key = ANY(%s)"
)
_BLANK_PERSON: LiteralString = (
    "UPDATE person SET name_masked = '', name_sealed = '', identity_masked = '', identity_sealed = NULL,"
    " phone_masked = '', phone_sealed = NULL, phone_hash = NULL, sex = '', birth_year = NULL, attributes = '{}'"
    " WHERE element_key = ANY(%(keys)s)"
)
_BLANK_LINKS: LiteralString = "UPDATE link SET received_text = '', reasons = '[]' WHERE element_key = ANY(%(keys)s)"
_BLANK_REVIEWS: LiteralString = (
    "UPDATE review_item SET received_text = '', unresolved_tail = '', candidates = '[]', reasons = '[]',"
    " text_key = NULL WHERE element_key = ANY(%(keys)s)"
)
_BLANK_ROWS: LiteralString = (
    "UPDATE source_row SET received = '{}', received_sealed = NULL, message = '' WHERE row_key = ANY(%(rows)s)"
    " AND element_key = ANY(%(keys)s)"
)
_BLANK = (_BLANK_PERSON, _BLANK_LINKS, _BLANK_REVIEWS, _BLANK_ROWS)


def read_person(connection: Connection, key: UUID) -> Row | None:
    """A person whole, sealed as it is stored, with its mark: None where it has none. None where there is no such."""
    person = read_one(connection, "subject_person", key=key)
    wanted = select(SUBJECT_MARK.c.state, SUBJECT_MARK.c.reason, SUBJECT_MARK.c.at)
    with translated():
        marked = connection.execute(wanted.where(SUBJECT_MARK.c.element_key == key)).one_or_none()
    state, reason, at = marked or (None, None, None)
    return person and {**person, "mark": state, "mark_reason": reason, "marked_at": at}


def read_about(connection: Connection, key: UUID) -> dict[str, list[Row]]:
    """All else about a person: links, reviews, the rows that either came from, and who has read it."""
    links, reviews = read(connection, "subject_links", key=key), read(connection, "subject_reviews", key=key)
    rows = read(connection, "subject_rows", rows=list({row["row_key"] for row in [*links, *reviews]}))
    return {"links": links, "reviews": reviews, "rows": rows,
            "read_by": read(connection, "subject_readers", key=key, most=MOST_READERS)}  # fmt: skip


def change_person(connection: Connection, key: UUID, values: dict[str, Any]) -> None:
    """Store other values of a person."""
    write_through(connection)
    with translated():
        connection.execute(update(PERSON).where(PERSON.c.element_key == key).values(values))


def lock_subjects(connection: Connection, *, alone: bool) -> None:
    """Loads of people share this lock; whoever marks a person has it alone, so that no load misses the mark."""
    lock = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    with translated():
        connection.execute(select(getattr(func, lock)(SUBJECT_LOCK)))


def mark(connection: Connection, key: UUID, state: str, reason: str, actor: str) -> None:
    """Mark a person, in place of an earlier mark. The caller has lock_subjects alone."""
    values = {"element_key": key, "state": state, "reason": reason, "actor": actor}
    write_through(connection)
    with translated():
        added = upsert(SUBJECT_MARK).values(values)
        connection.execute(added.on_conflict_do_update(index_elements=["element_key"], set_=values))


def unmark(connection: Connection, key: UUID) -> None:
    """Take a mark away."""
    write_through(connection)
    with translated():
        connection.execute(delete(SUBJECT_MARK).where(SUBJECT_MARK.c.element_key == key))


def marked_among(connection: Connection, keys: Sequence[UUID]) -> set[UUID]:
    """Those of these persons that are restricted or erased."""
    with translated():
        return {key for key, _ in driver_of(connection).execute(_MARKED, [uuids(keys)])}


def hold_back(connection: Connection, keys: Sequence[UUID], rows: Sequence[UUID]) -> None:
    """Of those of these persons that are marked, take away what a load or somebody else has just written of them."""
    with translated():
        found = driver_of(connection).execute(_MARKED, [uuids(keys)]).fetchall() if keys else []
        restricted = [key for key, state in found if state == RESTRICTED]
        erased = [key for key, state in found if state == ERASED]
        if restricted:
            driver_of(connection).execute(_WITHHOLD, [restricted])
        for statement in _BLANK if erased else ():
            driver_of(connection).execute(statement, {"keys": erased, "rows": list(rows)})
