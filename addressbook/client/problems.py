"""What goes wrong between a program and the service, as one tree.

AddressbookError
└── ServiceError            nothing came of a question to the service
    ├── Unreachable         no answer: refused, lost on the way, or later than the timeout
    ├── Unreadable          an answer that no such service gives: a wrong address, a proxy that asks for a login
    ├── ExportFailed        an export behind the request came to no file: it failed, was cancelled, or is gone
    └── Problem             the service said what is wrong (RFC 9457)
        ├── BadQuestion     400, 413, 422: a parameter or field is wrong; `field` names it
        ├── KeyRefused      401: no key, or one that is unknown, revoked or expired
        ├── NotAllowed      403: the key's role, areas or purpose do not reach so far
        ├── NotFound        404, 410: there is no such address, area or collection
        ├── Conflict        409: somebody else is at it, or too many exports run
        ├── TooManyAsked    429: more than the key may ask, also after waiting
        └── Unavailable     5xx: the service or its database does not answer, also after waiting
"""

from __future__ import annotations

import json
from email.utils import parsedate_to_datetime
from functools import partial
from http import HTTPStatus
from typing import Any

from addressbook.client.asking import Answer
from addressbook.errors import AddressbookError


class ServiceError(AddressbookError):
    """Nothing came of a question to the service."""


class Unreachable(ServiceError):
    """No answer: refused, lost on the way, or later than the timeout."""


class Unreadable(ServiceError):
    """An answer that no such service gives."""


class ExportFailed(ServiceError):
    """An export behind the request came to no file."""


class Problem(ServiceError):
    """What the service says is wrong. Members it did not send are empty."""

    def __init__(self, status: int, said: dict[str, Any], retry_after_s: float | None = None) -> None:
        phrase = str(said.get("title") or _phrase(status))
        super().__init__(
            str(said.get("detail") or f"the service answered {status} {phrase}."),
            zh=str(said.get("detail_zh") or ""), remedy=str(said.get("remedy") or ""),
        )  # fmt: skip
        self.status, self.title, self.retry_after_s = status, phrase, retry_after_s
        self.said = said

    def __reduce__(self) -> tuple[Any, ...]:
        """Problems travel between the processes of whoever asks in several."""
        return partial(type(self), self.status, self.said, self.retry_after_s), ()

    @property
    def detail(self) -> str:
        """What is wrong, in English."""
        return self.en

    @property
    def detail_zh(self) -> str:
        """What is wrong, in Chinese."""
        return self.zh

    @property
    def type(self) -> str:
        """The name of the problem: `urn:addressbook:problem:not-found`."""
        return str(self.said.get("type") or "about:blank")

    @property
    def field(self) -> str:
        """The parameter or field at fault."""
        return str(self.said.get("field") or "")

    @property
    def request_id(self) -> str:
        """By which the service's log knows the request."""
        return str(self.said.get("request_id") or "")


class BadQuestion(Problem):
    """A parameter or field is wrong; `field` names it."""


class KeyRefused(Problem):
    """No key, or one that is unknown, revoked or expired."""


class NotAllowed(Problem):
    """The key's role, areas or purpose do not reach so far."""


class NotFound(Problem):
    """There is no such address, area or collection."""


class Conflict(Problem):
    """Somebody else is at it, or too many exports run."""


class TooManyAsked(Problem):
    """More than the key may ask; `retry_after_s` says when to come again."""


class Unavailable(Problem):
    """The service or its database does not answer, or took too long."""


KINDS: dict[int, type[Problem]] = {
    400: BadQuestion, 413: BadQuestion, 422: BadQuestion, 401: KeyRefused, 403: NotAllowed, 404: NotFound,
    410: NotFound, 409: Conflict, 429: TooManyAsked,
}  # fmt: skip


def problem_of(answer: Answer) -> Problem:
    """The problem in an answer that is a refusal, whoever sent it: a proxy's has a status and nothing else."""
    kind = KINDS.get(answer.status, Unavailable if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR else Problem)
    return kind(answer.status, _said(answer), retry_after_s(answer))


def retry_after_s(answer: Answer) -> float | None:
    """The seconds that an answer asks to wait (RFC 9110: a number, or a date beside the answer's own); None for none.

    >>> retry_after_s(Answer(429, {"retry-after": "3"}, b""))
    3.0
    >>> day = "Fri, 31 Dec 1999 23:59:{}0 GMT".format
    >>> retry_after_s(Answer(503, {"retry-after": day(5), "date": day(3)}, b""))
    20.0
    """
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        until, since = (parsedate_to_datetime(answer.headers.get(name, "")) for name in ("retry-after", "date"))
        return max(0.0, (until - since).total_seconds())
    except (TypeError, ValueError):  # no date, or one with a zone beside one without
        return None


def document_of(answer: Answer) -> Any:
    """The JSON of an answer. Raises Unreadable."""
    try:
        return json.loads(answer.body)
    except ValueError:
        raise Unreadable(
            f"the answer ({answer.status}) is not JSON.", zh="返回内容不是 JSON。",
            remedy="Check the address of the service, and what stands between.",
        ) from None  # fmt: skip


def object_of(answer: Answer) -> dict[str, Any]:
    """The JSON object of an answer. Raises Unreadable."""
    found = document_of(answer)
    if not isinstance(found, dict):
        raise Unreadable("the answer is no JSON object.", zh="返回内容不是 JSON 对象。")
    return found


def _said(answer: Answer) -> dict[str, Any]:
    try:
        said = document_of(answer)
    except Unreadable:
        return {}
    return said if isinstance(said, dict) else {}


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus.__members__.values() else "unknown status"
