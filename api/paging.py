"""Opaque cursors: where a page ended, bound to the filters it was asked with."""

from __future__ import annotations

import base64
import binascii
from hashlib import blake2b
from urllib.parse import urlencode
from uuid import UUID

import orjson
from fastapi import Request

from addressbook.errors import FieldError

MOST_DIGITS = 18


def encode(position: list[str], filters: str) -> str:
    """A cursor for the page after `position`; `filters` is any text that names the question."""
    return base64.urlsafe_b64encode(orjson.dumps([*position, _mark(filters)])).decode().rstrip("=")


def decode(cursor: str, filters: str, length: int) -> list[str]:
    """The position in a cursor. Raises FieldError for one that is damaged or belongs to another question."""
    try:
        found = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, orjson.JSONDecodeError, ValueError):
        raise _bad("is damaged", "已损坏") from None
    if not isinstance(found, list) or len(found) != length + 1 or not all(map(_is_plain, found)):
        raise _bad("is damaged", "已损坏")
    if found.pop() != _mark(filters):
        raise _bad("belongs to another question", "不属于此查询")
    return found


def decode_pair(cursor: str, filters: str) -> tuple[str, str]:
    """A position of two parts."""
    first, second = decode(cursor, filters, 2)
    return first, second


def number(text: str) -> int:
    """A number from a cursor. Raises FieldError."""
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise _bad("is damaged", "已损坏")
    return int(text)


def need_key(text: str) -> None:
    """Raise FieldError for a part of a cursor that is no element key."""
    try:
        UUID(text)
    except ValueError:
        raise _bad("is damaged", "已损坏") from None


def link(request: Request, relation: str, **changes: str) -> dict[str, str]:
    """A link to this very question with some parameters changed; relative, so that it holds behind any proxy."""
    query = urlencode({**request.query_params, **changes})
    return {"rel": relation, "href": f"{request.url.path}?{query}" if query else request.url.path}


def links(request: Request, filters: str, last: str | None) -> list[dict[str, str]]:
    """The links of a page: itself, and the next one behind the position `last`, where there is any."""
    found = [link(request, "self")]
    return found if last is None else [*found, link(request, "next", cursor=encode([last], filters))]


def _is_plain(part: object) -> bool:
    return isinstance(part, str) and part.isprintable()


def _mark(filters: str) -> str:
    return blake2b(filters.encode(), digest_size=6).hexdigest()


def _bad(en: str, zh: str) -> FieldError:
    return FieldError(
        "bad_cursor", "cursor", f"the cursor {en}.", zh=f"翻页标记{zh}。", remedy="Start again without cursor."
    )
