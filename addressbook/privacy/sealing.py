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
NONCES_DRAWN = 256
MARK_BYTES = 5
FIRST_MARK = b"\x01"
"""How what the first key sealed begins. What a later key sealed begins with \x02 and four bytes that name the key."""
MOST_KEYS = 16


class Secret:
    """The secret and the keys derived from it. Costs a few µs a call; safe to share between threads.

    The first key of a secret is for ever: keyed hashes are made with it, and are the keys of tables. Later ones seal:
    the newest seals, each opens what it sealed.
    """

    __slots__ = ("_chain_key", "_digest", "_element_key", "_fingerprint", "_noise_key", "_path", "_phone_key",
                 "_release_key", "_row_key", "_seals")  # fmt: skip

    def __init__(self, material: bytes, *later: bytes, path: Path | None = None) -> None:
        for key in (material, *later):
            if len(key) != SECRET_BYTES:
                raise SettingError(
                    f"the secret has {len(key)} bytes, not {SECRET_BYTES}.", zh=f"密钥应为{SECRET_BYTES}字节。"
                )
        self._seals = {FIRST_MARK: AESGCM(_derived(material, b"seal"))} | {
            b"\x02" + _derived(key, b"seal mark")[: MARK_BYTES - 1]: AESGCM(_derived(key, b"seal")) for key in later
        }
        self._path = path
        self._element_key = _keyed(_derived(material, b"element key"))
        self._row_key = _keyed(_derived(material, b"row key"))
        self._digest = _keyed(_derived(material, b"row digest"))
        self._phone_key = _keyed(_derived(material, b"phone hash"))
        self._chain_key = _derived(material, b"access log")
        self._noise_key = _derived(material, b"noise")
        self._release_key = _derived(material, b"release")
        self._fingerprint = _derived(material, b"fingerprint")[:16].hex()

    def __repr__(self) -> str:
        return f"Secret({self._fingerprint[:8]}…)"

    @classmethod
    def from_file(cls, path: Path, *, create: bool = False) -> Secret:
        """The secret in `path` (base64, a key a line, mode 0600); with `create` an absent file is written first.

        Raises SettingError when the file is absent, not of keys of 32 bytes, or readable by group or world.
        """
        if create and not path.exists():
            _write_new(path)
        return cls(*_read(path), path=path)

    @classmethod
    def from_words(cls, words: str) -> Secret:
        """The secret in a text: keys of 32 bytes in base64, the first one first, between commas or blanks.

        Raises SettingError, which repeats none of it.
        """
        keys = _decoded(words.replace(",", " ").encode())
        if keys is None:
            raise SettingError(
                f"ADDRESSBOOK_SECRET is not {SECRET_BYTES} bytes in base64.",
                zh=f"ADDRESSBOOK_SECRET 不是{SECRET_BYTES}字节的 base64。",
            )  # fmt: skip
        return cls(*keys)

    @property
    def mark(self) -> bytes:
        """How what is sealed from now on begins: it tells, without opening, which key sealed a value."""
        return next(reversed(self._seals))

    @property
    def marks(self) -> list[bytes]:
        """Those of all keys, the first key's first."""
        return list(self._seals)

    def seal(self, plain: bytes, aad: bytes) -> bytes:
        """`plain` encrypted by the newest key: mark, nonce, ciphertext, tag. `aad` binds it to its row and column."""
        nonce, mark = _nonce(), self.mark
        return mark + nonce + self._seals[mark].encrypt(nonce, plain, aad)

    def open(self, sealed: bytes, aad: bytes) -> bytes:
        """What was sealed. Raises CodeError when it was altered, moved to another row, or of another secret."""
        mark = sealed[:1] if sealed[:1] == FIRST_MARK else sealed[:MARK_BYTES]
        if mark not in self._seals and mark[:1] == b"\x02":
            self._read_again()
        aead, end = self._seals.get(mark), len(mark) + NONCE_BYTES
        if aead is None:
            raise CodeError(
                "a sealed value is of an unknown version, or of a key that is not in the key file.",
                zh="加密内容版本未知，或其密钥不在密钥文件中。",
            )  # fmt: skip
        try:
            return aead.decrypt(sealed[len(mark) : end], sealed[end:], aad)
        except (InvalidTag, ValueError):
            raise CodeError(
                "a sealed value does not open: altered, moved, or sealed with another secret.", zh="加密内容无法解开。"
            ) from None

    def _read_again(self) -> None:
        """Somebody has rotated: a process that runs learns the new key when it first meets it."""
        if self._path is not None:
            found = Secret.from_file(self._path)
            if found._fingerprint == self._fingerprint:
                self._seals = found._seals

    def element_key(self, kind: str, natural_key: str) -> UUID:
        """The key of an element: 128 bits of keyed hash of its kind and natural key (already normalised)."""
        return _hashed(self._element_key, f"{kind}\0{natural_key}".encode())

    def row_key(self, source: str, source_key: str) -> UUID:
        """The key of a source's row."""
        return _hashed(self._row_key, f"{source}\0{source_key}".encode())

    def digest(self, content: bytes) -> UUID:
        """A keyed hash of a row as received: equal rows are equal, and nobody without the secret can guess the row."""
        return key_of(self.digest_bytes(content))

    def digest_bytes(self, content: bytes) -> bytes:
        """The 16 bytes of that digest: most rows of a file that is loaded again are told by no more."""
        hashed = self._digest.copy()
        hashed.update(content)
        return hashed.digest()

    def phone_hash(self, phone: str) -> UUID:
        """A keyed hash of a phone number (digits only), for equality."""
        return _hashed(self._phone_key, phone.encode())

    def chained(self, content: bytes) -> bytes:
        """32 bytes of keyed hash for the access log's chain: nobody without the secret can write a line of it."""
        return blake2b(content, digest_size=32, key=self._chain_key).digest()

    def noise(self, content: bytes) -> int:
        """128 bits for the noise of a count: always the same, and nobody without the secret can guess them."""
        return int.from_bytes(blake2b(content, digest_size=16, key=self._noise_key).digest(), "big")

    def release_codes(self, recipient: str) -> blake2b:
        """A hash of 16 bytes, keyed for one recipient of releases: copy it for each code."""
        return _keyed(blake2b(recipient.encode(), digest_size=32, key=self._release_key).digest())

    def fingerprint(self) -> str:
        """32 hexadecimal characters that tell secrets apart and reveal nothing of them; kept in table meta."""
        return self._fingerprint


def _derived(material: bytes, use: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"addressbook 1 " + use).derive(material)


def webhook_binding(url: str) -> bytes:
    """What binds the sealed secret of a webhook to its URL: moved to another one it does not open."""
    return f"webhook\0{url}".encode()


def key_of(raw: bytes) -> UUID:
    """The UUID of 16 bytes, in a third of the time that UUID(bytes=raw) takes: a load makes several of each row."""
    key = UUID.__new__(UUID)
    _SET_NUMBER(key, int.from_bytes(raw, "big"))
    _SET_SAFETY(key, SafeUUID.unknown)
    return key


# Past the setter of UUID, which refuses.
_SET_NUMBER = UUID.__dict__["int"].__set__
_SET_SAFETY = UUID.__dict__["is_safe"].__set__


def _keyed(key: bytes) -> blake2b:
    """A hash that has taken in its key: copying it costs a third of making it anew."""
    return blake2b(digest_size=16, key=key)


def _hashed(keyed: blake2b, message: bytes) -> UUID:
    hashed = keyed.copy()
    hashed.update(message)
    return key_of(hashed.digest())


_nonces: list[bytes] = []
# Else two forked processes would seal with the same nonces.
os.register_at_fork(after_in_child=_nonces.clear)


def _nonce() -> bytes:
    """Random bytes, used once; drawn many at a time, because each call to the system costs as much as sealing."""
    try:
        return _nonces.pop()
    except IndexError:
        drawn = os.urandom(NONCES_DRAWN * NONCE_BYTES)
        _nonces.extend([drawn[at : at + NONCE_BYTES] for at in range(NONCE_BYTES, len(drawn), NONCE_BYTES)])
        return drawn[:NONCE_BYTES]


def add_key(path: Path) -> Secret:
    """Append a new key to the file of a secret, which from now on seals; the others stay and open what they sealed.

    The file is replaced whole, with its owner, so that nobody ever reads half of it. Raises SettingError.
    """
    keys = _read(path)
    if len(keys) >= MOST_KEYS:
        raise _fault(
            path, f"holds {MOST_KEYS} keys already", f"已有 {MOST_KEYS} 个密钥", "Remove keys that seal nothing."
        )
    owner = path.stat()
    beside = written_beside(path, _encoded([*keys, secrets.token_bytes(SECRET_BYTES)]))
    if os.geteuid() == 0:
        os.chown(beside, owner.st_uid, owner.st_gid)
    beside.replace(path)
    return Secret.from_file(path)


def _write_new(path: Path) -> None:
    """Write beside and link into place: of two processes starting together one wins, and no half file is ever seen."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = written_beside(path, _encoded([secrets.token_bytes(SECRET_BYTES)]))
    try:
        os.link(beside, path)
    except FileExistsError:
        pass
    finally:
        beside.unlink()


def written_beside(path: Path, content: bytes) -> Path:
    """A new file of mode 0600 in the folder of `path`, on disk, to be put in its place in one move. Raises OSError."""
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return beside


def _encoded(keys: list[bytes]) -> bytes:
    return b"".join(base64.b64encode(key) + b"\n" for key in keys)


def _read(path: Path) -> list[bytes]:
    try:
        mode = path.stat().st_mode
        content = path.read_bytes()
    except OSError as fault:
        raise _fault(path, f"cannot be read: {fault.strerror}", "无法读取") from None
    if stat.S_IMODE(mode) & 0o077:
        raise _fault(path, "is readable by others", "其他用户可读", f"Run `chmod 600 {path}`.")
    keys = _decoded(content)
    if keys is None:
        raise _fault(path, f"is not {SECRET_BYTES} bytes in base64", f"不是{SECRET_BYTES}字节的 base64")
    return keys


def _decoded(content: bytes) -> list[bytes] | None:
    """The keys that a text holds; None where it holds none, or anything else."""
    try:
        keys = [base64.b64decode(word, validate=True) for word in content.split()]
    except binascii.Error:
        return None
    return keys if {len(key) for key in keys} == {SECRET_BYTES} else None


def _fault(path: Path, en: str, zh: str, remedy: str = "") -> SettingError:
    return SettingError(
        f"ADDRESSBOOK_KEY_FILE: {path} {en}.",
        zh=f"密钥文件 {path} {zh}。",
        remedy=remedy or "Restore it from your backup; without it personal columns cannot be read.",
    )
