"""Sending a body to a receiver: https, no redirects, no address inside our own networks, a bound on the time.

A name is resolved once and the connection goes to the very address that was checked: a name that answers otherwise the
next moment leads nowhere else.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

from addressbook.errors import FieldError

CONNECT_S, WHOLE_S = 5.0, 15.0
MOST_CHARACTERS = 2000
OK = range(200, 300)
NAT64 = IPv6Network("64:ff9b::/96")
Networks = tuple[IPv4Network | IPv6Network, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """Where deliveries may go: plain http or not, and which of the networks that are not public."""

    plain_http: bool = False
    networks: Networks = ()

    def allow(self, address: IPv4Address | IPv6Address) -> bool:
        """Whether an address is public, or in a network that was named."""
        plain = _plain(address)
        if plain.is_global and not (plain.is_multicast or getattr(plain, "is_site_local", False)):
            return True
        return any(plain in network for network in self.networks if network.version == plain.version)


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address stands for (mapped, 6to4, NAT64), where it stands for one."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


class Answered(NamedTuple):
    """What became of an attempt; `status` is None where there was no answer."""

    status: int | None
    error: str

    @property
    def arrived(self) -> bool:
        """Whether the receiver has it."""
        return self.status in OK


class _Refused(Exception):
    """Where nothing may be sent."""


def checked_url(url: str, rules: Rules) -> str:
    """The URL. Raises FieldError for one that nothing is ever sent to; a host's addresses are checked on sending."""
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise _bad_url("is no URL", "不是网址") from None
    if len(url) > MOST_CHARACTERS or not (url.isascii() and url.isprintable() and " " not in url and has_host):
        raise _bad_url("is no URL", "不是网址")
    if parts.scheme != "https" and not (parts.scheme == "http" and rules.plain_http):
        raise _bad_url("is not https", "不是 https 网址")
    if "@" in parts.netloc or parts.fragment:
        raise _bad_url("has credentials or a fragment", "含有用户名、密码或片段")
    _check_literal(parts.hostname or "", rules)
    return url


def _check_literal(host: str, rules: Rules) -> None:
    try:
        address = ip_address(host)
    except ValueError:
        return
    if not rules.allow(address):
        raise _bad_url("is in a network that is not public", "位于内部网络")


def _bad_url(en: str, zh: str) -> FieldError:
    return FieldError("bad_url", "url", f"the url {en}.", zh=f"回调地址{zh}。", remedy="Give a public https URL.")


def post(url: str, body: bytes, headers: Mapping[str, str], rules: Rules) -> Answered:
    """Send the body; whatever happens is told in the answer, which names no part of the URL."""
    try:
        parts = urlsplit(checked_url(url, rules))
        with _connected(parts, rules) as connection:
            target = parts._replace(scheme="", netloc="").geturl() or "/"
            connection.request("POST", target if target.startswith("/") else f"/{target}", body, dict(headers))
            status = connection.getresponse().status
    except (_Refused, FieldError) as fault:
        return Answered(None, str(fault))
    except (OSError, HTTPException, UnicodeError) as fault:
        return Answered(None, f"no answer: {type(fault).__name__}")
    return Answered(status, "" if status in OK else f"answered {status}")


@contextmanager
def _connected(parts: SplitResult, rules: Rules) -> Iterator[HTTPConnection]:
    """A connection that is cut when its time is over, however slowly the other side goes on talking."""
    host, is_tls = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if is_tls else 80)
    sock = socket.create_connection((_address_of(host, port, rules), port), CONNECT_S)
    if is_tls:
        # Wrapped before its time begins to run: from here on the first socket is another's, and could not be cut.
        context = ssl.create_default_context()
        sock = context.wrap_socket(sock, server_hostname=host, do_handshake_on_connect=False)
    cut = threading.Timer(WHOLE_S, _cut, [sock])
    cut.daemon = True
    cut.start()
    try:
        sock.settimeout(WHOLE_S)
        if isinstance(sock, ssl.SSLSocket):
            sock.do_handshake()
        connection = _Given(host, port) if not is_tls else _GivenTls(host, port)
        connection.sock = sock
        yield connection
    finally:
        cut.cancel()
        sock.close()


class _Given(HTTPConnection):
    """One whose socket is given; it never opens another."""

    def connect(self) -> None:
        raise ConnectionError("the connection is closed")


class _GivenTls(_Given):
    """The same, whose name for itself leaves out the usual port of https."""

    default_port = HTTPSConnection.default_port


def _cut(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _address_of(host: str, port: int, rules: Rules) -> str:
    """The first address of a host, if all that it has may be sent to."""
    found: list[Any] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [entry[4][0] for entry in found]
    if not addresses or not all(rules.allow(ip_address(address)) for address in addresses):
        raise _Refused("the host is in a network that is not public")
    return str(addresses[0])
