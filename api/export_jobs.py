"""Exports behind the request: run one at a time in each process, told of as they go, fetched by a signed link.

A link is good for one file until a time; whoever has it needs no key, but for persons in full. The key that asked has
to be in use meanwhile.
"""

from __future__ import annotations

import hmac
import os
import re
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Connection, Engine

from addressbook.collections.declared import COLLECTIONS, PERSONS
from addressbook.errors import AddressbookError, KeyRefused, RoleForbidden
from addressbook.privacy.policy import AccessRole, Reader
from addressbook.privacy.purposes import is_open_purpose
from addressbook.privacy.sealing import Secret
from addressbook.store.engine import transaction
from addressbook.store.export_jobs import expire, finish, key_in_use, take_job, tell, with_file
from addressbook.store.reading import Row
from addressbook.store.subjects import lock_subjects
from api.collections_asked import Filters, query_of
from api.exporting import Export
from api.files import Files, Shown

LOOK_AGAIN_S, TELL_EVERY_S = 2.0, 0.5
QUIET_S = 120.0
"""So long nobody has written what is left behind by a process that was killed."""
_WHOLE, _BEGUN = re.compile(r"(\d{1,18})\.\w+"), re.compile(r"\.\d+\.(\d{1,18})\.")
ROUTE = "/exports/{collection}"
FOLDER = "exports"
_log = structlog.get_logger("exports")


@dataclass(slots=True)
class Exporter:
    """Runs jobs until stopped."""

    engine: Engine
    files: Files
    folder: Path
    secret: Callable[[], Secret]
    stopped: threading.Event = field(default_factory=threading.Event)
    wanted: threading.Event = field(default_factory=threading.Event)
    _running: Export | None = None
    _job_id: int = 0

    def run(self) -> None:
        """Job after job. A database that is away is waited for."""
        while not self.stopped.is_set():
            try:
                while self.once():
                    pass
            except AddressbookError as fault:
                _log.warning("exports wait", why=fault.en)
            except Exception:  # noqa: BLE001 - the boundary of this thread: nobody else would hear of it
                _log.exception("export")
            self.wanted.wait(LOOK_AGAIN_S)
            self.wanted.clear()

    def stop(self) -> None:
        """Let `run` end; the job that runs is ended, and is told as failed."""
        self.stopped.set()
        self.wanted.set()
        if self._running:
            self._running.stop()

    def cancel(self, job_id: int) -> None:
        """End a job's query where it runs in this process; another process stops at its next rows."""
        if self._job_id == job_id and self._running:
            self._running.stop()

    def once(self) -> bool:
        """Remove files that are of no job, or whose time is over, and do the next job; False where none waits."""
        lying = lying_in(self.folder / FOLDER)  # before the jobs are looked at: what is begun meanwhile is not swept
        with transaction(self.engine) as connection:
            for over in expire(connection):
                self.path_of(over).unlink(missing_ok=True)
            kept = with_file(connection, {file.job_id for file in lying}) if lying else set()
            job = take_job(connection)
        for file in lying:
            if file.job_id not in kept:
                file.path.unlink(missing_ok=True)
        if job is None or self.stopped.is_set():
            return False
        try:
            self._end(job, "done", rows=self._write(job))
        except AddressbookError as fault:
            self._end(job, "failed", zh=fault.zh, en=fault.en)
        return True

    def path_of(self, job: Row) -> Path:
        """Where a job's file is."""
        return self.folder / FOLDER / f"{job['job_id']}.{job['format']}"

    def _end(self, job: Row, state: str, **told: Any) -> None:
        with transaction(self.engine) as connection:
            if not finish(connection, job["job_id"], state, **told):  # it was cancelled meanwhile
                self.path_of(job).unlink(missing_ok=True)

    def _write(self, job: Row) -> int:
        """Write the file; returns how many rows it has."""
        path, collection = self.path_of(job), COLLECTIONS[job["collection"]]
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = path.with_name(f".{os.getpid()}.{path.name}")
        asked = dict(job["question"])
        names = asked.pop("properties")
        with transaction(self.engine) as connection:
            lock_subjects(connection, alone=False)  # who is being restricted now is so before the first row is read
            reader = reader_of(connection, job, held=True)
            query = query_of(connection, collection, Filters(**asked), names)
        self._job_id = job["job_id"]
        self._running = export = Export(self.engine, reader, query, self.secret)
        export.told = telling = Telling(self.engine, job["job_id"], export)
        try:
            self.files.write_export(beside, Shown(job["format"], collection, query.properties), export.rows())
            beside.chmod(0o600)
            beside.replace(path)
            return telling.rows
        finally:
            self._running = None
            beside.unlink(missing_ok=True)


@dataclass(slots=True)
class Telling:
    """How far a job is: counted row by row, told of now and then."""

    engine: Engine
    job_id: int
    export: Export
    rows: int = 0
    _told_at: float = 0.0

    def __call__(self, rows: int) -> None:
        """So many more rows are written; stops the export where it was cancelled."""
        self.rows += rows
        if time.monotonic() - self._told_at >= TELL_EVERY_S:
            self._told_at = time.monotonic()
            with transaction(self.engine) as connection:
                if not tell(connection, self.job_id, self.rows):
                    self.export.stop()


class Lying(NamedTuple):
    """A file in the folder of exports, and the job it seems to be of; -1 for none."""

    path: Path
    job_id: int


def lying_in(folder: Path) -> list[Lying]:
    """The files that lie there; without those that are being written, or were a short while ago.

    Who writes one removes it, unless it is killed: then it is quiet.
    """
    found = []
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):  # whoever wrote it has removed it
                is_quiet = not entry.name.startswith(".") or time.time() - entry.stat().st_mtime > QUIET_S
                if is_quiet and entry.is_file(follow_symlinks=False):
                    job = _WHOLE.fullmatch(entry.name) or _BEGUN.match(entry.name)
                    found.append(Lying(Path(entry.path), int(job[1]) if job else -1))
    return found


def reader_of(connection: Connection, job: Row, *, held: bool = False) -> Reader:
    """Who asked for a job, as they may read today. Raises KeyRefused where the key is no longer in use.

    Raises RoleForbidden where the purpose for which persons were asked in full is no longer one.
    """
    key = key_in_use(connection, job["key_id"], held=held)
    if key is None:
        raise KeyRefused("the key that asked is no longer in use.", zh="发起导出的密钥已停用。")
    if job["collection"] == PERSONS.name and job["purpose"] and not is_open_purpose(connection, job["purpose"]):
        raise RoleForbidden(
            "the purpose of this export is no longer in use.", zh="该导出所声明的用途已停用。",
            remedy="Export it again for a purpose that is.",
        )  # fmt: skip
    return Reader(
        AccessRole(key["role"]), job["key_id"], key["label"], ROUTE, f"export-{job['job_id']}", tuple(key["areas"]),
        job["purpose"],
    )  # fmt: skip


def need_own(job: Row, asker: Reader | None) -> None:
    """Raise RoleForbidden for a file that may hold persons in full, where the key that asked does not come along.

    A link is passed on more easily than a key, and whoever reads persons in full has to be the one who stated why.
    """
    if job["collection"] == PERSONS.name and job["purpose"] and (asker is None or asker.key_id != job["key_id"]):
        raise RoleForbidden(
            "this file may hold persons in full: only the key that asked for it fetches it.",
            zh="该文件可能含有未脱敏的人员信息，须由发起导出的密钥下载。", remedy="Send that key with the link.",
        )  # fmt: skip


def signature_of(secret: Secret, job_id: int, expires_s: int) -> str:
    """What makes a link to a job's file genuine until then, in seconds since 1970."""
    return secret.digest(f"export\0{job_id}\0{expires_s}".encode()).hex


def check_link(secret: Callable[[], Secret], job_id: int, expires: str, signature: str) -> None:
    """Raise RoleForbidden for a link that is over, or that nobody here signed."""
    readable = expires.isascii() and expires.isdigit() and len(expires) <= 12
    given = signature.encode("utf-8", "replace")  # as text it may hold ASCII only
    genuine = readable and hmac.compare_digest(signature_of(secret(), job_id, int(expires)).encode(), given)
    if not genuine or int(expires) < time.time():
        raise RoleForbidden(
            "the link is not genuine, or its time is over.", zh="链接无效或已过期。", remedy="Ask for the job again."
        )


def has_file(job: Row) -> bool:
    """Whether a job's file may still be fetched."""
    return bool(job["state"] == "done" and job["expires_at"] > datetime.now(UTC))


def job_shown(job: Row, secret: Callable[[], Secret], base: str) -> dict[str, Any]:
    """A job as its owner sees it, with the link where there is a file."""
    hidden = ("key_id", "purpose", "question", "beat_at", "fault_zh", "fault_en")
    found = {str(name): value for name, value in job.items() if name not in hidden}
    if job["fault_en"]:
        found |= {"detail": job["fault_en"], "detail_zh": job["fault_zh"]}
    if has_file(job):
        expires = int(job["expires_at"].timestamp())
        signed = signature_of(secret(), job["job_id"], expires)
        found["href"] = f"{base}/exports/files/{job['job_id']}?expires={expires}&signature={signed}"
    return found
