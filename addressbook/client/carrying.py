"""What both transports share: how the service is reached, what a file on its way is, what faults are called."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Generic, TypeVar

import httpx

from addressbook import __version__
from addressbook.client.asking import Answer, Asked
from addressbook.client.patience import Patience
from addressbook.client.problems import Unreachable
from addressbook.errors import InputError

CONNECT_TIMEOUT_S = 10.0
Http = TypeVar("Http", httpx.Client, httpx.AsyncClient)


@dataclass(frozen=True, slots=True)
class Connection:
    """How the service is reached. The key is never shown: neither here nor in what httpx shows of its headers.

    >>> Connection("http://127.0.0.1:8000", "abk_secret", purpose="address_verification")
    Connection(url='http://127.0.0.1:8000', purpose='address_verification')
    """

    url: str
    key: str | None = field(default=None, repr=False)
    purpose: str | None = None
    timeout_s: float = field(default=60.0, repr=False)
    patience: Patience = field(default_factory=Patience, repr=False)
    trust_env: bool = field(default=False, repr=False)

    def __post_init__(self) -> None:
        """Raises InputError for what no service can be reached by."""
        if not _is_address(self.url):
            raise InputError(
                "this is no address of a service.", zh="服务网址格式不正确。",
                remedy="Write http://host:port or https://host, without a name or a password.",
            )  # fmt: skip
        for name, value in (("key", self.key), ("purpose", self.purpose)):
            if value and not (value.isascii() and value.isprintable()):
                raise InputError(f"this is no {name} of a service.", zh=f"{name} 格式不正确。", remedy="Copy it whole.")

    def options(self) -> dict[str, Any]:
        """What httpx is told. `Authorization` is the header that it hides by itself."""
        sent = {"User-Agent": f"addressbook-client/{__version__}", "Accept": "application/json, */*;q=0.5"}
        if self.key:
            sent["Authorization"] = f"Bearer {self.key}"
        if self.purpose:
            sent["X-Purpose"] = self.purpose
        timeout = httpx.Timeout(self.timeout_s, connect=min(self.timeout_s, CONNECT_TIMEOUT_S))
        return {"base_url": self.url, "headers": sent, "timeout": timeout, "trust_env": self.trust_env}


class Connected(Generic[Http]):
    """What both clients are: a connection to the service, over the httpx of their kind."""

    _opened: type[Http]

    def __init__(
        self, url: str, key: str | None = None, *, purpose: str | None = None, timeout_s: float = 60.0,
        patience: Patience | None = None, trust_env: bool = False,
    ) -> None:  # fmt: skip
        self._connection = Connection(url, key, purpose, timeout_s, patience or Patience(), trust_env)
        self._http: Http = self._opened(**self._connection.options())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._connection.url!r})"


def request_of(http: httpx.Client | httpx.AsyncClient, asked: Asked) -> httpx.Request:
    """The request as it travels. JSON in ASCII, so that half a character, which UTF-8 has not, arrives too."""
    content = None if asked.body is None else json.dumps(asked.body).encode()
    headers = {} if content is None else {"Content-Type": "application/json"}
    timeout = http.timeout if asked.timeout_s is None else httpx.Timeout(asked.timeout_s, connect=CONNECT_TIMEOUT_S)
    return http.build_request(
        asked.method, asked.path, params=asked.query or None, content=content, headers=headers, timeout=timeout
    )


def is_file(asked: Asked, response: httpx.Response) -> bool:
    """Whether the body is the file that was asked for, and not a refusal."""
    return asked.into is not None and response.is_success


def answer_of(response: httpx.Response, body: bytes = b"") -> Answer:
    """What came back, without httpx."""
    return Answer(response.status_code, {name.lower(): value for name, value in response.headers.items()}, body)


@contextmanager
def faults_named() -> Iterator[None]:
    """Raise Unreachable in place of httpx's faults; those hold the request, whose headers are nobody's to show."""
    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as fault:
        raise Unreachable(
            f"the service does not answer: {str(fault) or type(fault).__name__}.", zh="服务没有响应。",
            remedy="Check its address and that it runs; ask for less, or give a longer timeout_s.",
        ) from None  # fmt: skip


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """A file that takes its name when it is whole; until then it stands beside it, and goes when something fails."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with part.open("xb") as out:
            yield out
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _is_address(text: str) -> bool:
    try:
        url = httpx.URL(text)
    except (httpx.InvalidURL, TypeError):
        return False
    return url.scheme in ("http", "https") and bool(url.host) and not url.userinfo and not url.query
