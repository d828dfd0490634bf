"""Purposes: for what persons may be read in full, each with its legal basis, as whoever runs it decides."""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import Connection

from addressbook.errors import FieldError
from addressbook.store.access import Purpose, insert_purpose, list_purposes

LONGEST_DELAY_DAYS = 1095
"""Three years: so long lines are kept, and nobody may be left untold for longer."""
MAY_BE_WITHHELD = (
    "部分用途的读取记录依法延迟告知，可能未列出。 Reads for some purposes are told later and may not be listed."
)
"""Always the same sentence, whether there are such or not: it tells nothing."""
FORM = re.compile(r"[a-z][a-z0-9_]{1,39}")


def check_purpose(connection: Connection, code: str, *, field: str) -> str:
    """The code, where it is that of a purpose in use. Raises FieldError that lists those there are."""
    return need_among(_open(connection), code, field)


def is_open_purpose(connection: Connection, code: str) -> bool:
    """Whether this is the code of a purpose in use."""
    return code in _open(connection)


def _open(connection: Connection) -> list[str]:
    return [purpose.code for purpose in list_purposes(connection) if purpose.closed_at is None]


def need_among(known: Sequence[str], code: str, field: str) -> str:
    """The code, where it is among those in use. Raises FieldError that lists these."""
    if code not in known:
        listed = ", ".join(known)
        raise FieldError(
            "unknown_purpose", field, "this is no purpose for which persons may be read.",
            zh="该用途不在可用的用途清单中。", remedy=f"Use one of: {listed}.",
        )  # fmt: skip
    return code


def add_purpose(
    connection: Connection, code: str, zh: str, en: str, legal_basis: str, *, visible_after_days: int = 0
) -> None:
    """Add a purpose. Raises FieldError for a code that is malformed or was used before, empty words, too many days."""
    if not FORM.fullmatch(code):
        raise FieldError(
            "bad_purpose", "code", "a purpose's code has 2 to 40 of a-z, 0-9 and _, a letter first.",
            zh="用途代码由 2–40 个小写字母、数字或下划线组成，以字母开头。",
        )  # fmt: skip
    for field, words in (("zh", zh), ("en", en), ("basis", legal_basis)):
        if not words.strip():
            raise FieldError("bad_purpose", field, f"{field} is empty.", zh=f"{field} 为空。")
    if not 0 <= visible_after_days <= LONGEST_DELAY_DAYS:
        raise FieldError(
            "bad_delay", "visible_after_days", f"a delay is of 0 to {LONGEST_DELAY_DAYS} days.",
            zh=f"延迟应为 0 至 {LONGEST_DELAY_DAYS} 天。",
        )  # fmt: skip
    purpose = Purpose(code, zh.strip(), en.strip(), legal_basis.strip(), visible_after_days=visible_after_days)
    if not insert_purpose(connection, purpose):
        raise FieldError(
            "bad_purpose", "code", f"there is, or was, a purpose {code}.", zh=f"用途 {code} 已存在或曾经存在。",
            remedy="Lines of the access log name purposes by code: take another.",
        )  # fmt: skip


__all__ = ["add_purpose", "check_purpose", "is_open_purpose", "list_purposes", "need_among"]
