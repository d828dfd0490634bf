"""The rights of one person: everything about it told, corrected, restricted, released, erased; each logged.

What is counted stays: links and roll-ups are of somebody who lives there, whoever it is.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import Connection

from addressbook.collections.declared import PERSONS
from addressbook.errors import BusyError, FieldError, NotFoundError
from addressbook.masking import mask_identity, mask_name, mask_phone
from addressbook.privacy.log import FULL_FIELDS, log_read
from addressbook.privacy.persons import person_columns, person_fields
from addressbook.privacy.policy import AccessRole, Reader
from addressbook.privacy.purposes import MAY_BE_WITHHELD
from addressbook.privacy.sealing import Secret
from addressbook.store import subjects as stored
from addressbook.store.export_jobs import withdraw
from addressbook.store.reading import Row

PURPOSE = "subject_request"


class Request(NamedTuple):
    """Who does it, why, and about whom."""

    key: UUID
    actor: str
    reason: str


def export(connection: Connection, secret: Secret, asked: Request) -> dict[str, Any]:
    """Everything that is kept of a person: itself, links of all times, rows as received, reviews, and who has read it.

    Raises NotFoundError.
    """
    person = _person(connection, asked)
    about = stored.read_about(connection, asked.key)
    _log(connection, asked, "export", f"{FULL_FIELDS},links,rows,reviews,readers")
    shown = ("category", "sex", "birth_year", "attributes", "source", "updated_at", "mark", "mark_reason", "marked_at")
    return {
        "element_key": str(asked.key),
        "person": {**_plain(secret, person), **{name: person[name] for name in shown}},
        "links": [_without(row, "row_key") for row in about["links"]],
        "rows": [_opened(secret, row) for row in about["rows"]],
        "reviews": [_without(row, "row_key") for row in about["reviews"]],
        "read_by": about["read_by"],
        "read_by_note": MAY_BE_WITHHELD,
    }


def correct(connection: Connection, secret: Secret, asked: Request, **given: str | None) -> None:
    """Name or phone are others. They stay until a source delivers the person's row with a change in it.

    Raises NotFoundError, FieldError where nothing is given, or the person is restricted or erased.
    """
    stored.lock_subjects(connection, alone=True)
    person = _person(connection, asked)
    new = {name: value.strip() for name, value in given.items() if value is not None}
    if not new or not new.get("name", "x"):
        raise FieldError("nothing_given", "name", "give a name or a phone.", zh="请给出姓名或电话。")
    if person["mark"] is not None:
        raise FieldError("marked", "subject", f"the person is {person['mark']}.", zh="该人员信息已限制处理或已删除。")
    values = person_columns(secret, asked.key, **{**person_fields(secret, person), **new})
    stored.change_person(connection, asked.key, values)
    withdraw(connection, PERSONS.name)
    _log(connection, asked, "correct", ",".join(new))


def restrict(connection: Connection, asked: Request) -> None:
    """From now on nobody sees the person, neither in full nor masked; it is counted, and loads do not bring it back.

    Raises NotFoundError, FieldError where it is erased.
    """
    _mark(connection, asked, stored.RESTRICTED)
    _log(connection, asked, "restrict", "restricted")


def release(connection: Connection, secret: Secret, asked: Request) -> None:
    """The person is shown as any other again. Raises NotFoundError, FieldError where it is not restricted."""
    stored.lock_subjects(connection, alone=True)
    person = _person(connection, asked)
    if person["mark"] != stored.RESTRICTED:
        raise FieldError("not_restricted", "subject", "the person is not restricted.", zh="该人员未被限制处理。")
    plain = person_fields(secret, person)
    masks = {"name": mask_name, "identity": mask_identity, "phone": mask_phone}
    values = {f"{name}_masked": mask(plain[name]) for name, mask in masks.items()}
    stored.unmark(connection, asked.key)
    stored.change_person(connection, asked.key, values)
    _log(connection, asked, "release", "released")


def erase(connection: Connection, asked: Request) -> None:
    """Take away what is kept of a person for ever: name, numbers, birth, texts, rows as received.

    Its key, links without their texts, and counts stay, and no load brings it back. Raises NotFoundError, FieldError
    where it is erased already, BusyError while something of it waits at the review desk.
    """
    stored.lock_subjects(connection, alone=True)
    if any(row["state"] == "open" for row in stored.read_about(connection, asked.key)["reviews"]):
        raise BusyError(
            "a text of this person waits at the review desk.", zh="该人员尚有待审核的记录。", remedy="Settle it first."
        )
    _mark(connection, asked, stored.ERASED)
    _log(connection, asked, "erase", "erased")


def _mark(connection: Connection, asked: Request, state: str) -> None:
    stored.lock_subjects(connection, alone=True)
    if _person(connection, asked)["mark"] == stored.ERASED:
        raise FieldError("marked", "subject", "the person is erased already.", zh="该人员信息已删除。")
    about = stored.read_about(connection, asked.key)
    stored.mark(connection, asked.key, state, asked.reason, asked.actor)
    rows = [row["row_key"] for row in (*about["links"], *about["reviews"])]
    stored.hold_back(connection, [asked.key], rows)
    withdraw(connection, PERSONS.name)


def _person(connection: Connection, asked: Request) -> Row:
    found = stored.read_person(connection, asked.key)
    if found is None:
        raise NotFoundError("there is no such person.", zh="没有该人员。")
    return found


def _plain(secret: Secret, person: Row) -> dict[str, str]:
    return {} if person["mark"] == stored.ERASED else person_fields(secret, person)


def _opened(secret: Secret, row: Row) -> Row:
    sealed = row["received_sealed"]
    hidden = orjson.loads(secret.open(sealed, row["key"].bytes)) if sealed else {}
    return {**_without(row, "key", "received_sealed"), "received": {**row["received"], **hidden}}


def _without(row: Row, *names: str) -> Row:
    return {name: value for name, value in row.items() if name not in names}


def _log(connection: Connection, asked: Request, what: str, fields: str) -> None:
    route = f"addressbook subject {what}"
    reader = Reader(AccessRole.ADMIN, label=asked.actor, route=route, purpose=PURPOSE)
    log_read(connection, reader, asked.reason, [str(asked.key)], fields=fields)
