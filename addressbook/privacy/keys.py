"""API keys: 256 random bits, shown once; the database keeps their SHA-256 only. And the check of the secret.

A plain hash is enough for a random key of 256 bits: there is nothing to guess, so nothing to slow down.
"""

from __future__ import annotations

import re
import secrets
from hashlib import sha256

from sqlalchemy import Connection

from addressbook.errors import KeyMissing, SettingError
from addressbook.privacy.policy import AccessRole, Reader
from addressbook.privacy.sealing import Secret
from addressbook.store.access import add_key, key_by_hash, recalled, remembered, revoke

KEY_PREFIX = "abk_"
KEY_FORM = re.compile(r"abk_[A-Za-z0-9_-]{43}")


def create_key(connection: Connection, role: AccessRole, label: str) -> str:
    """A new key with `role`; this return value is the only time it is seen."""
    key = KEY_PREFIX + secrets.token_urlsafe(32)
    add_key(connection, _hash(key), AccessRole(role).value, label)
    return key


def find_key(connection: Connection, key: str) -> Reader:
    """Who holds `key`. Raises KeyMissing when it is malformed, unknown, revoked or expired: one answer for all four."""
    found = key_by_hash(connection, _hash(key)) if KEY_FORM.fullmatch(key) else None
    if found is None:
        raise KeyMissing(
            "the key is unknown, revoked or expired.", zh="密钥无效、已撤销或已过期。", remedy="Ask your administrator."
        )
    key_id, role, label = found
    return Reader(AccessRole(role), key_id, label)


def revoke_key(connection: Connection, key_id: int) -> bool:
    """Revoke a key at once; False when no key in use has that id."""
    return revoke(connection, key_id)


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


def _hash(key: str) -> bytes:
    return sha256(key.encode("utf-8", "replace")).digest()
