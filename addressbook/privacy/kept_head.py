"""How far the access log was sealed, remembered outside the database: a file that only the secret can write.

Who owns the database can unseal lines, change them, and have them sealed anew; the chain then holds, but no longer the
head that was kept here. The file is written once the sealing is committed: killed in between, it is behind, and the
next sealing brings it on.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from hmac import compare_digest
from pathlib import Path

from sqlalchemy import Connection, Engine

from addressbook.errors import LogAltered, SettingError
from addressbook.privacy.chain import AT_ONCE, Head, Sealed, seal, verify
from addressbook.privacy.sealing import Secret, written_beside
from addressbook.store.access_log import access_added, add_access, is_sealing
from addressbook.store.engine import transaction
from addressbook.store.steps import array

NAME = "access-log.head"
ACCEPTING = "addressbook audit verify --accept-restored"


@dataclass(frozen=True, slots=True)
class KeptHead:
    """The file in a home: the head as it is printed, and a keyed hash of it."""

    home: Path
    secret: Secret

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self.home / NAME

    def read(self) -> Head | None:
        """The head that was kept; None where none was. Raises LogAltered for a file that is not ours, SettingError."""
        try:
            words = self.path.read_bytes().decode("ascii", "replace").split()
        except FileNotFoundError:
            return None
        except OSError as fault:
            raise self._fault(fault, "read", "读取") from None
        if len(words) == 2 and compare_digest(words[1], self._mac(words[0])):
            return Head.read(words[0])
        raise LogAltered(
            f"{self.path} was not written with this secret.", zh=f"{self.path} 不是用本密钥写入的。",
            remedy=f"Put back the file; where it is lost, run `{ACCEPTING}`.",
        )  # fmt: skip

    def advance(self, head: Head) -> None:
        """Keep this head, unless one further on is kept. For whoever holds the sealing lock. Raises SettingError."""
        kept = self.read()
        if kept is None or kept.position < head.position:
            self.replace(head)

    def replace(self, head: Head) -> None:
        """Keep this head, whatever was kept: in one move, and on disk. Raises SettingError."""
        words = str(head)
        try:
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            beside = written_beside(self.path, f"{words} {self._mac(words)}\n".encode())
            if os.geteuid() == 0:  # a command that root runs must not lock the service out
                owner = (self.path if self.path.exists() else self.home).stat()
                os.chown(beside, owner.st_uid, owner.st_gid)
            beside.replace(self.path)
            _flush(self.home)
        except OSError as fault:
            raise self._fault(fault, "written", "写入") from None

    def _mac(self, words: str) -> str:
        return self.secret.chained(b"head" + words.encode("ascii", "replace")).hex()

    def _fault(self, fault: OSError, done: str, zh: str) -> SettingError:
        return SettingError(
            f"ADDRESSBOOK_HOME: {self.path} cannot be {done}: {fault.strerror}.", zh=f"无法{zh} {self.path}。",
            remedy="It keeps how far the access log was sealed; let the service's user own it.",
        )  # fmt: skip


def seal_next(engine: Engine, file: KeptHead, *, wait: bool = True) -> int:
    """Seal the next lines that wait, where the log still holds the head that was kept, and keep the new one.

    Returns how many; see `chain.seal`. Raises LogAltered and SettingError.
    """
    kept = file.read()
    with transaction(engine) as connection:
        sealed = seal(connection, file.secret, kept, wait=wait)
    if sealed.lines:
        keep(engine, file, sealed.head)
    return sealed.lines


def keep(engine: Engine, file: KeptHead, head: Head) -> None:
    """Keep the head of what was committed, one process at a time."""
    with transaction(engine) as connection:
        is_sealing(connection, wait=True)
        file.advance(head)


def accept(engine: Engine, file: KeptHead, actor: str) -> Head:
    """Take the log as it is for the one to go on with, as after a restored backup; that is a line of it itself.

    Returns the head that is kept now. Raises LogAltered where the chain does not hold by itself.
    """
    with transaction(engine) as connection:
        is_sealing(connection, wait=True)
        found = verify(connection, file.secret)
        _log(connection, actor, f"{told(file)} -> {found.head}")
        sealed = _all_sealed(connection, file.secret)
    with transaction(engine) as connection:
        is_sealing(connection, wait=True)
        file.replace(sealed.head)
    return sealed.head


def _all_sealed(connection: Connection, secret: Secret) -> Sealed:
    sealed = seal(connection, secret)
    while sealed.lines == AT_ONCE and (more := seal(connection, secret)).lines:
        sealed = more
    return sealed


def told(file: KeptHead) -> str:
    """What is kept, in words, whatever it is."""
    try:
        return str(file.read() or "none")
    except LogAltered:
        return "unreadable"


def _log(connection: Connection, actor: str, fields: str) -> None:
    line = access_added(
        key_id=0, reader=actor, route=ACCEPTING, purpose="", subject="access log", fields=fields, persons=0,
        subjects=array([]), request_id="", in_full=True,
    )  # fmt: skip
    add_access(connection, line)


def _flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
