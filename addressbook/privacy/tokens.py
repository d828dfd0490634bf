"""Bearer tokens of an OpenID Connect issuer: signed JWTs (RFC 7519) that say who comes and as what.

What a token says is kept beside the keys, under a number of its holder's own: limits, areas, the access log and what
the database opens are the same for both, and a holder can be revoked as a key can.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from addressbook.divisions.codes import significant
from addressbook.errors import CodeError, KeyRefused
from addressbook.privacy.policy import BOUND_TO_AREAS, AccessRole, Reader
from addressbook.store.access import Holder, ask_holder, ask_keep_holder
from addressbook.store.asking import Asking

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Signed with a private key that only the issuer has; never with a secret that we would have too, never unsigned."""
RSA_ALGORITHMS = tuple(name for name in ALGORITHMS if name.startswith(("RS", "PS")))
SigningKey = jwt.PyJWK | RSAPublicKey
"""A key of an issuer for its one algorithm; or an RSA key for any of RSA."""
LEEWAY_S = 30
MOST_CHARACTERS = 8192
LONGEST_LABEL = 100


class Issuer(NamedTuple):
    """Whose tokens are good here, and where they say what."""

    url: str
    audience: str
    role_claim: str
    areas_claim: str


class Claims(NamedTuple):
    """What a good token says."""

    issuer: str
    subject: str
    label: str
    role: AccessRole
    areas: tuple[str, ...]
    issued_at: datetime
    expires_at: datetime


def key_id_of(token: str) -> str | None:
    """Which of the issuer's keys signed a token, by its header. Raises KeyRefused for what is no token."""
    if len(token) > MOST_CHARACTERS:
        raise _refused("it is too long")
    try:
        return jwt.get_unverified_header(token).get("kid")
    except jwt.PyJWTError:
        raise _refused("it is malformed") from None


def keys_published(document: Mapping[str, Any]) -> dict[str | None, SigningKey]:
    """The keys of a JWK set that sign, by number. Raises what the library raises for a set that is none."""
    keys = [key for key in jwt.PyJWKSet.from_dict(dict(document)).keys if key.public_key_use in (None, "sig")]
    stated = {one.get("kid") for one in document["keys"] if one.get("alg")}
    # Where the issuer states no algorithm the library takes RS256 alone.
    is_rsa = {key.key_id: key.key_type == "RSA" and key.key_id not in stated for key in keys}
    return {key.key_id: key.key if is_rsa[key.key_id] else key for key in keys}


def claims_of(token: str, key: SigningKey, issuer: Issuer) -> Claims:
    """What a token says, once it has been found to be the issuer's, for us and in force. Raises KeyRefused."""
    algorithms = ALGORITHMS if isinstance(key, jwt.PyJWK) else RSA_ALGORITHMS
    try:
        said = jwt.decode(
            token, key, algorithms=algorithms, audience=issuer.audience, issuer=issuer.url, leeway=LEEWAY_S,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )  # fmt: skip
    except jwt.PyJWTError as fault:
        raise _refused(_WHY.get(type(fault), "it does not hold")) from None
    role = _role(said.get(issuer.role_claim))
    return Claims(
        issuer.url, _subject(str(said["sub"])),
        _label(f"{said.get('preferred_username') or said.get('email') or said['sub']}"), role,
        _areas(role, said.get(issuer.areas_claim)), _moment(said["iat"]), _moment(said["exp"]),
    )  # fmt: skip


def _subject(said: str) -> str:
    if "\0" in said or said != said.encode("utf-8", "replace").decode():
        raise _refused("its subject is no text")
    return said


def _label(said: str) -> str:
    """A name that its holder may have chosen, without what a terminal or a log would take for more than letters."""
    return "".join(letter if letter.isprintable() else "�" for letter in said[:LONGEST_LABEL])


def _moment(said: float) -> datetime:
    try:
        return datetime.fromtimestamp(int(said), UTC)
    except (ValueError, OverflowError, OSError):
        raise _refused("its time is none") from None


async def ask_token_holder(asking: Asking, claims: Claims) -> Reader:
    """Who comes with a token that says this. Raises KeyRefused for who was revoked, or has other rights now."""
    found = await ask_holder(asking, claims.issuer, claims.subject)
    if found is None or not _is_kept(found, claims):
        await ask_keep_holder(asking, secrets.token_bytes(32), claims._asdict())
        found = await ask_holder(asking, claims.issuer, claims.subject)
    if found is None or found.revoked_at is not None:
        raise _refused("its holder was revoked")
    if (found.role, tuple(found.areas)) != (claims.role, claims.areas):
        raise _refused("its holder has come with a newer one that says otherwise")
    return Reader(claims.role, found.key_id, found.label, areas=claims.areas)


def _is_kept(found: Holder, claims: Claims) -> bool:
    """Whether what is kept says the same, for at least as long as this token does."""
    same = (found.role, tuple(found.areas), found.label) == (claims.role, claims.areas, claims.label)
    return found.revoked_at is not None or (
        same and found.expires_at is not None and found.expires_at >= claims.expires_at
    )


def _role(said: object) -> AccessRole:
    """The one role that a token names among whatever else its issuer calls its groups."""
    named = said if isinstance(said, list) else [said]
    roles = {AccessRole(name) for name in named if isinstance(name, str) and name in set(AccessRole)}
    if len(roles) != 1:
        raise _refused("it names no role of ours, or several")
    return roles.pop()


def _areas(role: AccessRole, said: object) -> tuple[str, ...]:
    """The areas that a token binds its holder to; a role that is bound to none has none."""
    words = said.replace(",", " ").split() if isinstance(said, str) else said if isinstance(said, list) else []
    if said and not words:
        raise _refused("its areas are malformed")
    if words and role not in BOUND_TO_AREAS:
        raise _refused("its role is bound to no areas")
    try:
        return tuple(sorted({significant(str(word)) for word in words}))
    except CodeError:
        raise _refused("its areas are no division codes") from None


_WHY: Mapping[type[Exception], str] = {
    jwt.ExpiredSignatureError: "it has expired",
    jwt.ImmatureSignatureError: "it is not in force yet",
    jwt.InvalidAudienceError: "it is for another service",
    jwt.InvalidIssuerError: "it is of another issuer",
    jwt.InvalidSignatureError: "its signature does not hold",
    jwt.MissingRequiredClaimError: "it lacks a claim",
}


def _refused(why: str) -> KeyRefused:
    return KeyRefused(f"the token is refused: {why}.", zh="令牌无效、已过期或不适用于本服务。", remedy="Sign in again.")
