"""API keys: 256 random bits, shown once; the database keeps their SHA-256 only. And the check of the secret.

A plain hash is enough for a random key of 256 bits: there is nothing to guess, so nothing to slow down.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection

from addressbook.config import Settings
from addressbook.divisions.codes import significant
from addressbook.errors import FieldError, KeyRefused, NotFoundError, SettingError
from addressbook.privacy.known_keys import KnownKeys
from addressbook.privacy.policy import BOUND_TO_AREAS, AccessRole, Reader
from addressbook.privacy.sealing import Secret
from addressbook.store.access import (
    Key,
    add_key,
    key_by_hash,
    recalled,
    remembered,
    replace_hash,
    revoke,
)

KEY_PREFIX = "abk_"
KEY_FORM = re.compile(r"abk_[A-Za-z0-9_-]{43}")
LONGEST_GRACE = timedelta(days=90)


def create_key(
    connection: Connection,
    role: AccessRole,
    label: str,
    *,
    areas: Iterable[str] = (),
    expires_at: datetime | None = None,
) -> str:
    """A new key with `role`; this return value is the only time it is seen.

    Raises FieldError for areas of a role that is bound to none, and for a time that is past; CodeError for what is no
    division code.
    """
    heads = sorted({significant(code) for code in areas})
    if heads and role not in BOUND_TO_AREAS:
        raise FieldError(
            "bad_area", "area", f"a key with role {role} is bound to no area.", zh=f"{role} 角色的密钥不限定区域。",
            remedy=f"Only {' and '.join(sorted(BOUND_TO_AREAS))} are.",
        )  # fmt: skip
    if expires_at is not None and expires_at <= datetime.now(UTC):
        raise FieldError("bad_expiry", "expires", "the key would have expired already.", zh="到期时间已过。")
    key = _new_key()
    add_key(connection, _hash(key), AccessRole(role).value, label, heads, expires_at)
    return key


def find_key(connection: Connection, key: str) -> Reader:
    """Who holds `key`. Raises KeyRefused when it is malformed, unknown, revoked or expired: one answer for all four."""
    return holder_of(key_by_hash(connection, _hash(key)) if KEY_FORM.fullmatch(key) else None)


async def ask_key(known: KnownKeys, key: str) -> Reader:
    """The same from the event loop; the key counts as used just now."""
    return holder_of(await known.find(_hash(key)) if KEY_FORM.fullmatch(key) else None)


def holder_of(found: Key | None) -> Reader:
    """Who holds a key that was found. Raises KeyRefused for none."""
    if found is None:
        raise KeyRefused(
            "the key is unknown, revoked or expired.", zh="密钥无效、已撤销或已过期。", remedy="Ask your administrator."
        )
    return Reader(AccessRole(found.role), found.key_id, found.label, areas=tuple(found.areas))


def rotate_key(connection: Connection, key_id: int, grace: timedelta) -> str:
    """A new key in place of one in use: same number, role and areas; the old one stays good for `grace`.

    A key that was rotated away before is good no longer. Raises NotFoundError, FieldError for a grace below none.
    """
    if grace < timedelta(0) or grace > LONGEST_GRACE:
        raise FieldError(
            "bad_grace", "grace", f"the old key stays good for 0 to {LONGEST_GRACE.days} days.",
            zh=f"旧密钥的保留期应为 0 至 {LONGEST_GRACE.days} 天。",
        )  # fmt: skip
    key = _new_key()
    if not replace_hash(connection, key_id, _hash(key), grace):
        raise NotFoundError(f"no key in use has the number {key_id}.", zh=f"没有编号为 {key_id} 的在用密钥。")
    return key


def revoke_key(connection: Connection, key_id: int) -> bool:
    """Revoke a key at once; False when no key in use has that id."""
    return revoke(connection, key_id)


def secret_of(settings: Settings, *, create: bool) -> Secret:
    """The secret that the settings give, or the one in the file that they name; see Secret.from_file."""
    if settings.secret is not None:
        return Secret.from_words(settings.secret.get_secret_value())
    return Secret.from_file(settings.key_file, create=create)


def check_secret(connection: Connection, secret: Secret) -> None:
    """Refuse a secret other than the one this database was filled with; the first one is remembered.

    Raises SettingError: with another secret the same person would get a second key, and nothing sealed would open.
    """
    if remembered(connection, "secret_fingerprint", secret.fingerprint()) != secret.fingerprint():
        raise SettingError(
            "ADDRESSBOOK_KEY_FILE holds another secret than the one this database was filled with.",
            zh="密钥文件与数据库不匹配。",
            remedy="Point ADDRESSBOOK_KEY_FILE at the original file, or restore it from your backup.",
        )


def has_secret(connection: Connection) -> bool:
    """Whether this database was filled with some secret, so that no new one may be made for it."""
    return recalled(connection, "secret_fingerprint") is not None


def _new_key() -> str:
    return KEY_PREFIX + secrets.token_urlsafe(32)


def _hash(key: str) -> bytes:
    return sha256(key.encode("utf-8", "replace")).digest()
