"""Elements as a reader may see them: persons masked, or opened where key and purpose allow; every read logged."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from addressbook.errors import CodeError
from addressbook.privacy.log import IN_VIEWS, Fields, log_read
from addressbook.privacy.persons import person_fields
from addressbook.privacy.policy import Reader
from addressbook.privacy.sealing import Secret
from addressbook.store.reading import Row, read_elements, read_opened_persons
from addressbook.views.links import keys_by_kind, persons_among

UNOPENED: Row = {"unopened": True}
SecretSource = Callable[[], Secret]
"""Where the secret comes from, once it is wanted: most readers open nothing."""


def shown_elements(
    connection: Connection, reader: Reader, rows: Sequence[Row], subject: str, secret: SecretSource | None
) -> dict[str, Row]:
    """The elements of links, by key; what is shown of persons is logged in the same transaction.

    `reader` is who it is at this place (Reader.at). Without a secret nothing is opened. A person of whom something does
    not open stays masked and says so: `unopened`.
    """
    elements = read_elements(connection, keys_by_kind(rows))
    found = opened_persons(connection, reader, persons_among(rows), subject, secret, IN_VIEWS)
    return elements | {key: elements[key] | fields for key, fields in found.items() if key in elements}


def opened_persons(
    connection: Connection, reader: Reader, persons: Sequence[str], subject: str, secret: SecretSource | None,
    shown: Fields,
) -> dict[str, Row]:  # fmt: skip
    """What this reader is given in full of persons whom an answer shows, by key; all are on record, opened or masked.

    The one way of views, lists and exports alike. Who is in none is shown masked.
    """
    found: dict[str, Row] = {}
    if reader.opens_persons and secret is not None and persons:
        found = _opened(connection, reader, list(persons), secret())
    full = {key for key, fields in found.items() if fields != UNOPENED}
    log_read(connection, reader, subject, full, fields=shown.full)
    log_read(connection, reader, subject, set(persons) - full, fields=shown.masked)
    return found


def _opened(connection: Connection, reader: Reader, persons: list[str], secret: Secret) -> dict[str, Row]:
    """Name, identity and phone in full of those persons that the database gives out for this key and purpose."""
    rows = read_opened_persons(connection, reader.key_id, reader.purpose, persons)
    return {str(row["key"]): _fields(secret, row) for row in rows}


def _fields(secret: Secret, row: Row) -> Row:
    try:
        return dict(person_fields(secret, row))
    except CodeError:
        return UNOPENED
