"""Signatures of what is sent to others: HMAC-SHA256 (RFC 2104) over the time and the body, as receivers check it."""

from __future__ import annotations

import hmac
import secrets

SECRET_PREFIX = "abw_"  # noqa: S105 not a secret, but how one begins
TOLERANCE_S = 300


def new_secret() -> str:
    """256 random bits, for one receiver."""
    return SECRET_PREFIX + secrets.token_urlsafe(32)


def signature(secret: str, at_s: int, body: bytes) -> str:
    """The header's value: the time in seconds since 1970, and the HMAC of `time.body` in hexadecimal.

    >>> signature("abw_k", 1700000000, b"{}")[:16]
    't=1700000000,v1='
    """
    return f"t={at_s},v1={_mac(secret, at_s, body)}"


def is_genuine(secret: str, header: str, body: bytes, now_s: int, tolerance_s: int = TOLERANCE_S) -> bool:
    """Whether a header signs this body and is of now: what a receiver does.

    >>> is_genuine("abw_k", signature("abw_k", 1700000000, b"{}"), b"{}", 1700000010)
    True
    >>> is_genuine("abw_k", signature("abw_k", 1700000000, b"{}"), b"{ }", 1700000010)
    False
    >>> is_genuine("abw_k", signature("abw_k", 1700000000, b"{}"), b"{}", 1700009999)
    False
    >>> is_genuine("abw_k", "t=1700000000,v1=é", b"{}", 1700000000)
    False
    """
    parts = dict(part.partition("=")[::2] for part in header.split(","))
    at = parts.get("t", "")
    if not (at.isascii() and at.isdigit() and len(at) <= 12) or abs(now_s - int(at)) > tolerance_s:
        return False
    return hmac.compare_digest(_mac(secret, int(at), body).encode(), parts.get("v1", "").encode("utf-8", "replace"))


def _mac(secret: str, at_s: int, body: bytes) -> str:
    return hmac.new(secret.encode(), f"{at_s}.".encode() + body, "sha256").hexdigest()
