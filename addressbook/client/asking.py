"""What a request is, apart from how it travels: the transports of both clients send these, and nothing else.

A question is a generator: it yields what is to be done (`Asked`, `Pause`), is sent the answer, returns what it found.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar
from urllib.parse import parse_qsl, quote, urlsplit

Found = TypeVar("Found")
Parameters = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request. With `into` the answer is a file, written there piece by piece; `after_s` is waited before.

    A request is sent again only where it was refused before anything was done: what begins or ends something as well.
    """

    path: str
    query: Parameters = ()
    body: Any = None
    into: Path | None = None
    timeout_s: float | None = None
    method: Literal["GET", "POST", "DELETE"] = "GET"
    after_s: float = 0.0

    def following(self, link: str) -> Asked:
        """The same request with the query of a link.

        Only the query is taken: behind a proxy a service may know itself by another name; the key goes nowhere else.

        >>> Asked("/ogc/items").following("http://inside:8000/ogc/items?cursor=x%2By").query
        (('cursor', 'x+y'),)
        """
        return replace(self, query=tuple(parse_qsl(urlsplit(link).query, keep_blank_values=True)))


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait so long before the next request."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. The names of headers are lower case; of a file the body is empty."""

    status: int
    headers: Mapping[str, str]
    body: bytes


Step = Asked | Pause
Question = Generator[Asked, Answer, Found]
"""What is asked of the service, request by request."""
Conversation = Generator[Step, Answer | None, Found]
"""The same with patience: what a transport carries out."""


@dataclass(frozen=True, slots=True)
class Pages(Generic[Found]):
    """Rows that come page by page: the first request, and how a page is read into its rows and the next request."""

    first: Asked
    read: Callable[[Asked, Answer], tuple[list[Found], Asked | None]]

    def page(self, asked: Asked) -> Question[tuple[list[Found], Asked | None]]:
        """One page: its rows, and what to ask for the next one, None behind the last."""
        answer = yield asked
        return self.read(asked, answer)


def parameters(**values: object) -> Parameters:
    """Query parameters as the service writes them; those that are None are left out.

    >>> parameters(kind="person", limit=None, bbox=(120.0, 30.0), explain=True)
    (('kind', 'person'), ('bbox', '120.0,30.0'), ('explain', 'true'))
    """
    return tuple((name, _written(value)) for name, value in values.items() if value is not None)


def below(*parts: str) -> str:
    """A path of parts that may hold anything.

    >>> below("areas", "a/b?c", "view")
    '/areas/a%2Fb%3Fc/view'
    """
    return "".join(f"/{quote(part, safe='')}" for part in parts)


def _written(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return str(value)
