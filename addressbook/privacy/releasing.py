"""Pseudonymous releases for research: codes that only their recipient can join, and rows that nobody stands alone in.

A code is a keyed hash of the recipient and of what it stands for. The way back is to make the codes of everything
there is, which takes the secret.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from addressbook.divisions.codes import CODE_LENGTH, significant
from addressbook.errors import CodeError, FieldError, NotFoundError
from addressbook.model import ElementKind
from addressbook.privacy.generalising import Ladder, Plan, finest, plan
from addressbook.privacy.log import log_read
from addressbook.privacy.policy import AccessRole, Reader
from addressbook.privacy.purposes import check_purpose
from addressbook.privacy.sealing import Secret
from addressbook.store.access_log import access_added, add_access
from addressbook.store.releasing import ADDRESS, Range, keyed_things, release_keys, release_rows

MOST_SUPPRESSED = 0.05
"""Unless whoever releases says otherwise: the share of rows that may be suppressed for the sake of finer columns."""
AT_ONCE = 10_000
_ADDRESS_LETTER = "a"


class ReleaseKind(StrEnum):
    """What can be released."""

    PERSONS = "persons"
    HOUSES = "houses"
    ENTERPRISES = "enterprises"
    EVENTS = "events"


ELEMENTS = {
    ReleaseKind.PERSONS: ElementKind.PERSON,
    ReleaseKind.HOUSES: ElementKind.HOUSE,
    ReleaseKind.ENTERPRISES: ElementKind.ENTERPRISE,
    ReleaseKind.EVENTS: ElementKind.EVENT,
}
_PLACED = {"division": Ladder.DIVISION, "role": Ladder.WORD, "category": Ladder.WORD}
COLUMNS: dict[ReleaseKind, dict[str, Ladder]] = {
    ReleaseKind.PERSONS: {**_PLACED, "sex": Ladder.WORD, "birth_year": Ladder.BIRTH, "month": Ladder.MONTH},
    ReleaseKind.HOUSES: {**_PLACED, "use": Ladder.WORD, "occupancy": Ladder.WORD, "built_year": Ladder.BIRTH},
    ReleaseKind.ENTERPRISES: {**_PLACED, "status": Ladder.WORD, "month": Ladder.MONTH},
    ReleaseKind.EVENTS: {**_PLACED, "status": Ladder.WORD, "month": Ladder.MONTH},
}
"""What is released beside the codes."""
LETTERS = {"p": ElementKind.PERSON, "h": ElementKind.HOUSE, "e": ElementKind.ENTERPRISE, "v": ElementKind.EVENT,
           _ADDRESS_LETTER: ADDRESS}  # fmt: skip
"""How codes begin: also so that no spreadsheet takes one for a number."""
_LETTER_OF = {str(kind): letter for letter, kind in LETTERS.items()}


class Asked(NamedTuple):
    """A release: of what, for whom, for which purpose, by whom; in an area, where one is given."""

    kind: ReleaseKind
    recipient: str
    purpose: str
    actor: str
    area: str = ""
    k: int = 5
    most_suppressed: float = MOST_SUPPRESSED


class Codes:
    """The codes of one recipient: always the same for the same element or address, and for no other recipient."""

    def __init__(self, secret: Secret, recipient: str) -> None:
        self._keyed = secret.release_codes(recipient)

    def code(self, kind: str, thing: str) -> str:
        """The code of an element, by its key, or of an address, by its AID."""
        hashed = self._keyed.copy()
        hashed.update(f"{kind}\0{thing}".encode())
        return _LETTER_OF[kind] + hashed.hexdigest()


class Release:
    """A release that is planned. Its rows are read, and logged, while they are taken."""

    def __init__(self, connection: Connection, secret: Secret, asked: Asked) -> None:
        """Plan it. Raises FieldError for a purpose that is not in use and a recipient without a name, CodeError."""
        recipient = asked.recipient.strip()
        if not recipient:
            raise FieldError("bad_recipient", "recipient", "the recipient has no name.", zh="请写明接收方。")
        check_purpose(connection, asked.purpose, field="purpose")
        self.asked = asked._replace(recipient=recipient)
        self._connection, self._codes = connection, Codes(secret, recipient)
        head = significant(asked.area) if asked.area else ""
        self._kind = ELEMENTS[asked.kind]
        self._range = Range(self._kind, head.ljust(CODE_LENGTH, "0"), head.ljust(CODE_LENGTH, "9"))
        self._keys = self._shuffled()
        self.plan = self._planned()
        self.released = 0
        self.found: Counter[tuple[str, ...]] = Counter()

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of its rows, all of them texts."""
        return ("code", "address_code", *self.plan.columns)

    def rows(self) -> Iterator[list[tuple[str, ...]]]:
        """The rows, by code, in chunks. What has been taken is in the access log, in this transaction."""
        for keys in self._chunks():
            persons, told = [], []
            for row in release_rows(self._connection, self._range, keys):
                if (shown := self.plan.told(row)) is not None:
                    key = str(row["element_key"])
                    address = self._codes.code(ADDRESS, row["aid"]) if row["aid"] else ""
                    told.append((self._codes.code(self._kind, key), address, *shown))
                    persons.append(key)
                    self.found[shown] += 1
            self.released += len(told)
            self._log(persons)
            yield told

    def report(self) -> dict[str, object]:
        """What the file is, counted from the rows that were taken: for whoever receives it, too."""
        asked = self.asked
        return {
            "kind": asked.kind, "recipient": asked.recipient, "purpose": asked.purpose, "area": asked.area,
            "k_asked": asked.k, "k_reached": min(self.found.values(), default=None),
            "generalisation": self.plan.level_names(),
            "rows_released": self.released, "rows_suppressed": self.plan.rows - self.released,
            "equivalence_classes": {str(size): n for size, n in sorted(Counter(self.found.values()).items())},
        }  # fmt: skip

    def _shuffled(self) -> list[UUID]:
        """The keys in the order of their codes: in any order of our own two recipients could join line by line."""
        keys = release_keys(self._connection, self._range)
        return [key for _, key in sorted((self._codes.code(self._kind, str(key)), key) for key in keys)]

    def _planned(self) -> Plan:
        columns, counted = COLUMNS[self.asked.kind], Counter[tuple[object, ...]]()
        for keys in self._chunks():
            counted.update(finest(columns, row) for row in release_rows(self._connection, self._range, keys))
        return plan(columns, counted, self.asked.k, self.asked.most_suppressed)

    def _chunks(self) -> Iterator[Sequence[UUID]]:
        return (self._keys[first : first + AT_ONCE] for first in range(0, len(self._keys), AT_ONCE))

    def _log(self, keys: Sequence[str]) -> None:
        route = f"addressbook release {self.asked.kind}"
        log_release(self._connection, self.asked, route, self.asked.recipient, self._kind, keys, ",".join(self.columns))


def log_release(
    connection: Connection, asked: Asked, route: str, subject: str, kind: str, keys: Sequence[str], fields: str
) -> None:  # fmt: skip
    """A line of the access log: of these persons, or of none where something else is released."""
    if kind == ElementKind.PERSON and keys:
        reader = Reader(AccessRole.ADMIN, label=asked.actor, route=route, purpose=asked.purpose)
        log_read(connection, reader, subject, keys, fields=fields)
    else:
        line = access_added(
            key_id=0, reader=asked.actor, route=route, purpose=asked.purpose, subject=subject, fields=fields,
            persons=0, subjects="{}", request_id="",
        )  # fmt: skip
        add_access(connection, line)


def whose(connection: Connection, secret: Secret, asked: Asked, code: str) -> tuple[str, str]:
    """What kind of thing a recipient's code stands for, and its element key or AID. That it was told is logged.

    Raises CodeError for what is no code, FieldError for a purpose that is not in use, NotFoundError.
    """
    check_purpose(connection, asked.purpose, field="purpose")
    kind = LETTERS.get(code[:1])
    if kind is None:
        raise CodeError("that is no code of a release.", zh="不是脱敏数据中的编码。")
    codes = Codes(secret, asked.recipient.strip())
    found = next((thing for thing in keyed_things(connection, kind) if codes.code(kind, thing) == code), None)
    subject = f"{asked.recipient.strip()} {code}"
    log_release(connection, asked, "addressbook release whose", subject, kind, [found] if found else [], "element_key")
    if found is None:
        raise NotFoundError(
            "this recipient was given no such code.", zh="该接收方没有此编码。",
            remedy="Codes differ by recipient: write the name as it was written for the release.",
        )  # fmt: skip
    return str(kind), found
