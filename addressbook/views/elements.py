"""Elements as a reader may see them: persons masked, or opened where key and purpose allow; every read logged."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from addressbook.errors import CodeError
from addressbook.privacy.log import IN_VIEWS, Fields, opened_logged, read_logged
from addressbook.privacy.persons import person_fields
from addressbook.privacy.policy import Reader
from addressbook.privacy.sealing import Secret
from addressbook.store.reading import Row, elements_asked, opened_persons_asked
from addressbook.store.steps import NOTHING, Ask, Steps
from addressbook.views.links import keys_by_kind, persons_among

UNOPENED: Row = {"unopened": True}
SecretSource = Callable[[], Secret]
"""Where the secret comes from, once it is wanted: most readers open nothing."""


def shown_elements(
    reader: Reader, rows: Sequence[Row], subject: str, secret: SecretSource | None
) -> Steps[dict[str, Row]]:  # fmt: skip
    """The elements of links, by key: one statement, which logs what it shows of persons, opens and reads them.

    `reader` is who it is at this place (Reader.at). Without a secret nothing is opened. A person of whom something does
    not open stays masked and says so: `unopened`; it is logged as the others, for the database gave it out.
    """
    persons, ask = persons_among(rows), elements_asked(keys_by_kind(rows))
    if reader.opens_persons and secret is not None and persons:
        return _told(secret(), (yield opened_logged(reader, subject, persons, ask, IN_VIEWS)))
    line = read_logged(reader, subject, persons, fields=IN_VIEWS.masked)
    return {row["element_key"]: row["element"] for row in (yield ask.behind(line) if line else ask)}


def _told(secret: Secret, read: list[Row]) -> dict[str, Row]:
    """Elements by key, in full where their sealed values came along."""
    elements = {row["element_key"]: row["element"] for row in read if "sealed" not in row["element"]}
    for row in read:
        if "sealed" in row["element"]:
            key = row["element_key"]
            given = {name: value and bytes.fromhex(value) for name, value in row["element"]["sealed"].items()}
            elements[key] = elements[key] | _fields(secret, {"key": UUID(key), **given})
    return elements


def opened_persons(
    reader: Reader, persons: Sequence[str], subject: str, secret: SecretSource | None, shown: Fields
) -> Steps[dict[str, Row]]:  # fmt: skip
    """What this reader is given in full of persons whom an answer shows, by key; all are on record, opened or masked.

    The way of lists and exports, which read elements by themselves. Who is in none is shown masked.
    """
    found = yield from _opened(reader, persons, secret)
    for line in _lines(reader, subject, persons, found, shown):
        yield NOTHING.behind(line)
    return found


def _opened(reader: Reader, persons: Sequence[str], secret: SecretSource | None) -> Steps[dict[str, Row]]:
    """Name, identity and phone in full of those persons that the database gives out for this key and purpose."""
    if not reader.opens_persons or secret is None or not persons:
        return {}
    rows = yield opened_persons_asked(reader.key_id, reader.purpose, list(persons))
    return {str(row["key"]): _fields(secret(), row) for row in rows}


def _lines(
    reader: Reader, subject: str, persons: Sequence[str], found: dict[str, Row], shown: Fields
) -> list[Ask]:  # fmt: skip
    """The lines of the log about them: one of those shown in full, one of the others."""
    full = {key for key, fields in found.items() if fields != UNOPENED}
    lines = (
        read_logged(reader, subject, full, fields=shown.full),
        read_logged(reader, subject, set(persons) - full, fields=shown.masked),
    )
    return [line for line in lines if line is not None]


def _fields(secret: Secret, row: Row) -> Row:
    try:
        return dict(person_fields(secret, row))
    except CodeError:
        return UNOPENED
