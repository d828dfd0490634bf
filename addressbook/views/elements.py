"""Elements as a reader may see them: persons masked, or opened where key and purpose allow; every read logged."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from addressbook.errors import CodeError
from addressbook.privacy.log import IN_VIEWS, Fields, read_logged
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
    """The elements of links, by key; what is shown of persons is logged by the statement that reads it.

    `reader` is who it is at this place (Reader.at). Without a secret nothing is opened. A person of whom something does
    not open stays masked and says so: `unopened`.
    """
    persons = persons_among(rows)
    found = yield from _opened(reader, persons, secret)
    lines = _lines(reader, subject, persons, found, IN_VIEWS)
    read = yield from _behind(lines, elements_asked(keys_by_kind(rows)))
    elements: dict[str, Row] = {row["element_key"]: row["element"] for row in read}
    return elements | {key: elements[key] | fields for key, fields in found.items() if key in elements}


def opened_persons(
    reader: Reader, persons: Sequence[str], subject: str, secret: SecretSource | None, shown: Fields
) -> Steps[dict[str, Row]]:  # fmt: skip
    """What this reader is given in full of persons whom an answer shows, by key; all are on record, opened or masked.

    The one way of views, lists and exports alike. Who is in none is shown masked.
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


def _behind(lines: Sequence[Ask], ask: Ask) -> Steps[list[Row]]:
    """What is asked, the last line at its head and those before it first."""
    for line in lines[:-1]:
        yield NOTHING.behind(line)
    return (yield ask.behind(lines[-1]) if lines else ask)


def _fields(secret: Secret, row: Row) -> Row:
    try:
        return dict(person_fields(secret, row))
    except CodeError:
        return UNOPENED
