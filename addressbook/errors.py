"""Every fault the project raises, as one tree.

AddressbookError
├── SettingError            a setting is missing, misspelt or wrong: names the setting and the remedy
├── ClusterError            the private PostGIS cannot be found, started or trusted
├── DatabaseError           the database refused: driver errors are translated here once (store/engine.py)
│   ├── DatabaseUnreachable
│   └── DiskFull
├── InputError              what was received is wrong: names the line, the field and the remedy
│   ├── FileError           the file as a whole cannot be read
│   ├── FieldError          one field of one row
│   ├── CodeError           an identity code or a 统一社会信用代码 is malformed or fails its check
│   └── RuleError           a rule of the registry forbids it: names the rule
├── NotFoundError           no such address, area, source …
│   └── NoLongerTold        the change feed no longer reaches so far back: says how far it does
├── ServiceError            a question to the service came to nothing: see addressbook/client/problems.py
├── BusyError               somebody else is doing the same thing right now
├── LogAltered              the access log is not what was written
└── AccessError             no key, a wrong key, or a role that may not
    ├── KeyMissing
    ├── RoleForbidden
    └── TooManyRequests     more than a key may ask at a time: says when to come again

The HTTP status of each is one table in api/errors.py, the exit code one table in addressbook/cli.
"""

from __future__ import annotations

from functools import partial
from typing import Any


class AddressbookError(Exception):
    """Base of all; `zh` is a sentence for a clerk, `en` one for an operator, `remedy` what to do about it."""

    def __init__(self, en: str, *, zh: str = "", remedy: str = "") -> None:
        super().__init__(en)
        self.en = en
        self.zh = zh or en
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.en} {self.remedy}".strip()


class SettingError(AddressbookError):
    """A setting is missing, misspelt or wrong."""


class ClusterError(AddressbookError):
    """The private PostGIS cannot be found, started or trusted."""


class DatabaseError(AddressbookError):
    """The database refused a statement."""


class DatabaseUnreachable(DatabaseError):
    """No connection to the database could be made, or it was lost."""


class CallerLeft(DatabaseError):
    """Whoever asked does not wait for the answer any more."""


class DiskFull(DatabaseError):
    """The database has no space left; the transaction was rolled back."""


class InputError(AddressbookError):
    """What was received is wrong."""


class FileError(InputError):
    """A file as a whole cannot be read: wrong format, empty, broken encoding, missing column."""


class FieldError(InputError):
    """One field of one row is wrong; `code` is the reason code stored with the row, `line` its place (0: unknown)."""

    def __init__(self, code: str, field: str, en: str, *, zh: str = "", remedy: str = "", line: int = 0) -> None:
        super().__init__(en, zh=zh, remedy=remedy)
        self.code = code
        self.field = field
        self.line = line

    def __reduce__(self) -> tuple[Any, ...]:
        """Rows with their faults travel between the processes of a load."""
        return partial(type(self), zh=self.zh, remedy=self.remedy, line=self.line), (self.code, self.field, self.en)


class CodeError(InputError):
    """An identity code or a 统一社会信用代码 is malformed or fails its check character."""


class RuleError(InputError):
    """A rule of the registry forbids a transaction; `rule` is its name, by which docs/registry.md explains it."""

    def __init__(self, rule: str, en: str, *, zh: str = "", remedy: str = "") -> None:
        super().__init__(en, zh=zh, remedy=remedy)
        self.rule = rule


class NotFoundError(AddressbookError):
    """There is no such address, area, source or file."""


class NoLongerTold(NotFoundError):
    """The change feed no longer reaches back to a transaction; `earliest` is the one it can be followed from."""

    def __init__(self, en: str, *, zh: str = "", remedy: str = "", earliest: int) -> None:
        super().__init__(en, zh=zh, remedy=remedy)
        self.earliest = earliest


class BusyError(AddressbookError):
    """Somebody else is doing the same thing right now."""


class LogAltered(AddressbookError):
    """The access log is not what was written: a line was altered, removed or put in."""


class AccessError(AddressbookError):
    """The caller may not do this."""


class KeyMissing(AccessError):
    """No key was given, or the key is unknown or expired."""


class RoleForbidden(AccessError):
    """The key's role may not use this route."""


class TooManyRequests(AccessError):
    """A key asks more than it may; `retry_after_s` is when the next request is answered."""

    def __init__(self, en: str, *, zh: str = "", remedy: str = "", retry_after_s: float) -> None:
        super().__init__(en, zh=zh, remedy=remedy)
        self.retry_after_s = retry_after_s
