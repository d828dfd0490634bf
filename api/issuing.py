"""The keys with which an OpenID Connect issuer signs, fetched from where its discovery document says."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.request import Request, build_opener

import anyio
import structlog

from addressbook.config import Settings
from addressbook.errors import KeyRefused
from addressbook.privacy.tokens import Claims, Issuer, SigningKey, claims_of, key_id_of, keys_published

KEPT_S, ASKED_AGAIN_S, TIMEOUT_S = 3600.0, 30.0, 5.0
MOST_BYTES = 1024 * 1024
_log = structlog.get_logger("issuer")


class Tokens:
    """Checks bearer tokens. Its keys are kept for an hour; a token signed with another asks for them anew.

    They are asked for every 30 s at most, so that tokens with invented key numbers cannot make us hammer the issuer.
    While the issuer is away the keys that are there stay good.
    """

    def __init__(self, issuer: Issuer, clock: Callable[[], float] = time.monotonic) -> None:
        self.issuer = issuer
        self._clock = clock
        self._keys: dict[str | None, SigningKey] = {}
        self._asked_at = float("-inf")
        self._fetching = anyio.Lock()

    async def claims(self, token: str) -> Claims:
        """What a token says. Raises KeyRefused where it is not good here."""
        wanted = key_id_of(token)
        if wanted not in self._keys or self._clock() - self._asked_at > KEPT_S:
            await self._fetch(wanted)
        if wanted not in self._keys:
            raise KeyRefused(
                "the token is refused: its issuer has no such key, or cannot be reached.",
                zh="令牌的签名密钥未知，或认证服务暂不可用。", remedy="Sign in again, or try later.",
            )  # fmt: skip
        return claims_of(token, self._keys[wanted], self.issuer)

    async def _fetch(self, wanted: str | None) -> None:
        async with self._fetching:
            age = self._clock() - self._asked_at
            if age < ASKED_AGAIN_S or (wanted in self._keys and age <= KEPT_S):
                return
            self._asked_at = self._clock()
            try:
                self._keys = await anyio.to_thread.run_sync(self._asked)
            except Exception as fault:  # noqa: BLE001 - whatever the other side does, a token is refused or an old key used
                _log.warning("the issuer's keys could not be fetched", issuer=self.issuer.url, why=type(fault).__name__)

    def _asked(self) -> dict[str | None, SigningKey]:
        found = _document(self.issuer.url.rstrip("/") + "/.well-known/openid-configuration")
        if found.get("issuer") != self.issuer.url:
            raise ValueError("the document is of another issuer")
        return keys_published(_document(str(found["jwks_uri"])))


def tokens_of(settings: Settings) -> Tokens | None:
    """What checks bearer tokens, where an issuer is set."""
    if settings.oidc_issuer is None:
        return None
    return Tokens(
        Issuer(settings.oidc_issuer, settings.oidc_audience, settings.oidc_role_claim, settings.oidc_areas_claim)
    )


def _document(url: str) -> dict[str, Any]:
    if not url.startswith(("https://", "http://127.0.0.1", "http://localhost", "http://[::1]")):
        raise ValueError("keys are fetched by https only")
    request = Request(url, headers={"Accept": "application/json"})  # noqa: S310 - the schemes are checked above
    with build_opener().open(request, timeout=TIMEOUT_S) as answer:
        found = json.loads(answer.read(MOST_BYTES))
    if not isinstance(found, dict):
        raise TypeError("not an object")
    return found
