"""Encryption at rest and keyed hashes, all from one secret of 32 bytes that never enters the database.

Personal columns are sealed with AES-256-GCM; natural keys (an identity number, a 统一社会信用代码) become 128 bits of
keyed BLAKE2b (RFC 7693; a third of the time of HMAC), so that equality survives and the number does not. Each use has
its own key, derived by HKDF (RFC 5869): a hash taken for one purpose says nothing about another.
"""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import stat
from hashlib import blake2b
from pathlib import Path
from uuid import UUID, SafeUUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from addressbook.errors import CodeError, SettingError

SECRET_BYTES = 32
NONCE_BYTES = 12
SEAL_VERSION = b"\x01"
"""First byte of everything sealed: a later version of the format, or of the key, can be told apart row by row."""


class Secret:
    """The secret and the keys derived from it. Costs a few µs a call; safe to share between threads."""

    __slots__ = ("_aead", "_chain_key", "_digest_key", "_element_key", "_fingerprint", "_phone_key", "_row_key")

    def __init__(self, material: bytes) -> None:
        if len(material) != SECRET_BYTES:
            raise SettingError(
                f"the secret has {len(material)} bytes, not {SECRET_BYTES}.", zh=f"密钥应为{SECRET_BYTES}字节。"
            )
        self._aead = AESGCM(_derived(material, b"seal"))
        self._element_key = _derived(material, b"element key")
        self._row_key = _derived(material, b"row key")
        self._digest_key = _derived(material, b"row digest")
        self._phone_key = _derived(material, b"phone hash")
        self._chain_key = _derived(material, b"access log")
        self._fingerprint = _derived(material, b"fingerprint")[:16].hex()

    def __repr__(self) -> str:
        return f"Secret({self._fingerprint[:8]}…)"

    @classmethod
    def from_file(cls, path: Path, *, create: bool = False) -> Secret:
        """The secret in `path` (base64, mode 0600); with `create` an absent file is written first.

        Raises SettingError when the file is absent, not 32 bytes of base64, or readable by group or world.
        """
        if create and not path.exists():
            _write_new(path)
        return cls(_read(path))

    def seal(self, plain: bytes, aad: bytes) -> bytes:
        """`plain` encrypted: version, nonce, ciphertext and tag. `aad` binds it to its row and column."""
        nonce = os.urandom(NONCE_BYTES)
        return SEAL_VERSION + nonce + self._aead.encrypt(nonce, plain, aad)

    def open(self, sealed: bytes, aad: bytes) -> bytes:
        """What was sealed. Raises CodeError when it was altered, moved to another row, or of another secret."""
        if sealed[:1] != SEAL_VERSION:
            raise CodeError("a sealed value has an unknown version.", zh="加密内容版本未知。")
        try:
            return self._aead.decrypt(sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :], aad)
        except (InvalidTag, ValueError):
            raise CodeError(
                "a sealed value does not open: altered, moved, or sealed with another secret.", zh="加密内容无法解开。"
            ) from None

    def element_key(self, kind: str, natural_key: str) -> UUID:
        """The key of an element: 128 bits of keyed hash of its kind and natural key (already normalised)."""
        return _hashed(self._element_key, f"{kind}\0{natural_key}".encode())

    def row_key(self, source: str, source_key: str) -> UUID:
        """The key of a source's row."""
        return _hashed(self._row_key, f"{source}\0{source_key}".encode())

    def digest(self, content: bytes) -> UUID:
        """A keyed hash of a row as received: equal rows are equal, and nobody without the secret can guess the row."""
        return _hashed(self._digest_key, content)

    def phone_hash(self, phone: str) -> UUID:
        """A keyed hash of a phone number (digits only), for equality."""
        return _hashed(self._phone_key, phone.encode())

    def chained(self, content: bytes) -> bytes:
        """32 bytes of keyed hash for the access log's chain: nobody without the secret can write a line of it."""
        return blake2b(content, digest_size=32, key=self._chain_key).digest()

    def fingerprint(self) -> str:
        """32 hexadecimal characters that tell secrets apart and reveal nothing of them; kept in table meta."""
        return self._fingerprint


def _derived(material: bytes, use: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"addressbook 1 " + use).derive(material)


def key_of(raw: bytes) -> UUID:
    """The UUID of 16 bytes, in a third of the time that UUID(bytes=raw) takes: a load makes several of each row."""
    key = UUID.__new__(UUID)
    object.__setattr__(key, "int", int.from_bytes(raw, "big"))
    object.__setattr__(key, "is_safe", SafeUUID.unknown)
    return key


def _hashed(key: bytes, message: bytes) -> UUID:
    return key_of(blake2b(message, digest_size=16, key=key).digest())


def _write_new(path: Path) -> None:
    """Write beside and link into place: of two processes starting together one wins, and no half file is ever seen."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(SECRET_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(beside, path)
    except FileExistsError:
        pass
    finally:
        beside.unlink()


def _read(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        content = path.read_bytes()
    except OSError as fault:
        raise _fault(path, f"cannot be read: {fault.strerror}", "无法读取") from None
    if stat.S_IMODE(mode) & 0o077:
        raise _fault(path, "is readable by others", "其他用户可读", f"Run `chmod 600 {path}`.")
    try:
        material = base64.b64decode(content.strip(), validate=True)
    except binascii.Error:
        material = b""
    if len(material) != SECRET_BYTES:
        raise _fault(path, f"is not {SECRET_BYTES} bytes in base64", f"不是{SECRET_BYTES}字节的 base64")
    return material


def _fault(path: Path, en: str, zh: str, remedy: str = "") -> SettingError:
    return SettingError(
        f"ADDRESSBOOK_KEY_FILE: {path} {en}.",
        zh=f"密钥文件 {path} {zh}。",
        remedy=remedy or "Restore it from your backup; without it personal columns cannot be read.",
    )
