"""The server as a process: made by initdb, started and stopped by pg_ctl, always as an unprivileged user."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from addressbook.errors import ClusterError
from addressbook.store.cluster.binaries import Binaries
from addressbook.store.cluster.layout import Layout, Marker, not_permitted
from addressbook.store.cluster.tuning import configuration

SUPERUSER = "registry"
SERVER_USERS = ("postgres", "_postgres", "nobody")
NEEDED_FREE_BYTES = 300 * 1024 * 1024
START_TIMEOUT_S = 300  # crash recovery replays at most max_wal_size
RETRY_FOR_S = 15.0  # a killed server's processes are gone after about 1.5 s
SPARE_ORPHANS_FOR_S = 4.0
LAST_WORDS_S = 1.0


@dataclass(frozen=True)
class ServerUser:
    """The user the server runs as; another than ours only when we are root."""

    name: str
    uid: int
    gid: int

    def run(self, command: list[str], *, text: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run a program as this user, with an environment in which its messages are English."""
        switch = {} if os.geteuid() == self.uid else {"user": self.uid, "group": self.gid, "extra_groups": []}
        environ = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "HOME": "/"}
        return subprocess.run(  # type: ignore[call-overload,no-any-return]
            command,
            input=text,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            cwd="/",
            env=environ,
            **switch,
        )


def server_user(layout: Layout) -> ServerUser:
    """Who runs the server: the cluster's owner, else ourselves, else (for root) postgres or nobody.

    Raises ClusterError when the cluster belongs to somebody else and we are not root.
    """
    me = os.geteuid()
    owner = layout.cluster.stat().st_uid if layout.cluster.exists() else None
    if me != 0:
        if owner not in (None, me):
            raise not_permitted(layout.home)
        return ServerUser(str(me), me, os.getegid())
    if owner:
        return ServerUser(str(owner), owner, layout.cluster.stat().st_gid)
    return _unprivileged()


def _unprivileged() -> ServerUser:
    for name in SERVER_USERS:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return ServerUser(name, entry.pw_uid, entry.pw_gid)
    raise ClusterError(
        "PostgreSQL refuses to run as root, and this machine has neither a user postgres nor nobody.",
        zh="PostgreSQL 不能以 root 身份运行，而本机没有 postgres 或 nobody 用户。",
        remedy="Run: useradd --system postgres, or run addressbook as an ordinary user.",
    )


def make(layout: Layout, marker: Marker, binaries: Binaries, *, durable: bool = True) -> None:
    """Make the data directory where it is absent. Raises ClusterError when it cannot be made.

    One that need not be `durable` (for tests) is not flushed to the disk.
    """
    if layout.data.exists():
        return
    _check_space(layout)
    user = server_user(layout)
    _make_dir(layout.cluster, user)
    _check_reachable(layout.cluster, user)
    making = layout.making(marker)
    shutil.rmtree(making, ignore_errors=True)
    _initdb(making, binaries, user, durable=durable)
    _write(user, making / layout.identity.name, marker.id)
    _write(user, making / "postgresql.conf", "include 'addressbook.conf'\n", append=True)
    making.rename(layout.data)


def _initdb(making: Path, binaries: Binaries, user: ServerUser, *, durable: bool) -> None:
    options = ["--auth-local=trust", "--auth-host=reject", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums"]
    options += ["--lc-collate=C"]  # orders texts as C.UTF-8 does, in half the time
    options += [] if durable else ["--no-sync"]
    made = user.run([binaries.program("initdb"), "-D", str(making), "-U", SUPERUSER, *options])
    if made.returncode != 0:
        shutil.rmtree(making, ignore_errors=True)
        raise explained("the private database could not be made", made.stderr or made.stdout)


def _make_dir(path: Path, user: ServerUser) -> None:
    path.mkdir(mode=0o700, exist_ok=True)
    if os.geteuid() == 0:
        os.chown(path, user.uid, user.gid)
    found = path.lstat()
    if not path.is_dir() or path.is_symlink() or found.st_uid != user.uid or found.st_mode & 0o077:
        raise ClusterError(
            f"{path} must be a directory that only user {user.name} can enter.",
            zh=f"目录 {path} 必须只有用户 {user.name} 可以访问。",
            remedy=f"Remove or rename {path}, then try again.",
        )


def _check_space(layout: Layout) -> None:
    free = shutil.disk_usage(layout.home).free
    if free < NEEDED_FREE_BYTES:
        raise disk_full(
            f"only {free // 2**20} MB are free at ADDRESSBOOK_HOME={layout.home}; 300 MB are needed to begin"
        )


def _check_reachable(path: Path, user: ServerUser) -> None:
    if user.run(["test", "-w", str(path)]).returncode == 0:
        return
    closed = next((p for p in [*reversed(path.parents), path] if user.run(["test", "-x", str(p)]).returncode), path)
    raise ClusterError(
        f"ADDRESSBOOK_HOME={path.parent} cannot be reached by user {user.name}, as whom the database must run: "
        f"{closed} is closed to it.",
        zh=f"数据库以用户 {user.name} 运行，但该用户无法进入 {closed}（ADDRESSBOOK_HOME={path.parent}）。",
        remedy=f"Set ADDRESSBOOK_HOME to a directory everybody may pass, or run: chmod o+x {closed}",
    )


def _write(user: ServerUser, path: Path, text: str, *, append: bool = False) -> None:
    # As the server's user, not as root: the directory is that user's, who could have put a link there.
    redirect = ">>" if append else ">"
    wrote = user.run(["sh", "-c", f'umask 077; cat {redirect} "$1"', "sh", str(path)], text=text)
    if wrote.returncode != 0:
        raise explained(f"{path} could not be written", wrote.stderr)


def start(layout: Layout, marker: Marker, binaries: Binaries, extra: Mapping[str, str]) -> None:
    """Start the server and wait until it accepts connections; clears away what a hard kill left behind.

    Raises ClusterError with the server's own last words when it does not start.
    """
    user = server_user(layout)
    socket_dir = layout.socket_dir(marker)
    _make_dir(socket_dir, user)
    config = configuration(socket_dir, marker.cluster_name, layout.home, extra)
    _write(user, layout.data / "addressbook.conf", config)
    began = time.monotonic()
    while True:
        said = _try_to_start(layout, binaries, user)
        if said is None:
            return
        waited = time.monotonic() - began
        if not _may_pass(said) or waited > RETRY_FOR_S:
            raise explained("the private database does not start", said)
        _clear_remains(layout, socket_dir, kill_orphans=waited > SPARE_ORPHANS_FOR_S)
        time.sleep(0.3)


def _try_to_start(layout: Layout, binaries: Binaries, user: ServerUser) -> str | None:
    _write(user, layout.start_log, "")
    options = ["-D", str(layout.data), "-l", str(layout.start_log), "-w", "-t", str(START_TIMEOUT_S), "-s"]
    started = user.run([binaries.program("pg_ctl"), *options, "start"])
    if started.returncode == 0:
        return None
    _await_last_words(layout)
    return f"{started.stderr}\n{_tail(layout.start_log)}\n{_tail(_newest(layout.data / 'log'))}"


def _await_last_words(layout: Layout) -> None:
    """Wait until the log collector has written down why the server ended, which it may do after pg_ctl has given up."""
    until = time.monotonic() + LAST_WORDS_S
    while processes_in(layout.data) and time.monotonic() < until:
        time.sleep(0.02)


def _may_pass(said: str) -> bool:
    return any(sign in said for sign in ('lock file "', "shared memory block", "could not bind"))


def _clear_remains(layout: Layout, socket_dir: Path, *, kill_orphans: bool) -> None:
    """What a killed postmaster leaves: its lock files (the number may be another process by now) and busy children."""
    left = processes_in(layout.data)
    if not left:
        # Nobody works in the data directory and nobody answered on the socket: the pid is a zombie's or a stranger's.
        for lock in (layout.data / "postmaster.pid", *socket_dir.glob(".s.PGSQL.*.lock")):
            lock.unlink(missing_ok=True)
    elif kill_orphans and postmaster_pid(layout) not in left:
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def processes_in(data: Path) -> list[int]:
    """The live processes whose working directory is the data directory: the server's, and nobody else's."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if (entry / "cwd").readlink() == data.resolve():
                    found.append(int(entry.name))
    return found


def postmaster_pid(layout: Layout) -> int | None:
    """The process id in the pid file; whether that process lives is another question."""
    try:
        return int((layout.data / "postmaster.pid").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return None


def stop(layout: Layout, binaries: Binaries) -> None:
    """Stop the server; clients are disconnected, and what they had not committed is rolled back."""
    user = server_user(layout)
    for mode in ("fast", "immediate"):
        command = [binaries.program("pg_ctl"), "-D", str(layout.data), "-m", mode, "-w", "-t", "60", "-s", "stop"]
        stopped = user.run(command)
        if stopped.returncode == 0 or not processes_in(layout.data):
            return
    raise explained("the private database does not stop", stopped.stderr)


def _newest(logs: Path) -> Path:
    files = sorted(logs.glob("*.log"), key=lambda p: p.stat().st_mtime) if logs.exists() else []
    return files[-1] if files else logs


def _tail(path: Path, lines: int = 12) -> str:
    try:
        return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def disk_full(what: str) -> ClusterError:
    """The error for a disk with no space left."""
    return ClusterError(
        f"{what}.",
        zh="磁盘空间不足，数据库无法启动或写入。",
        remedy="Free some space, or set ADDRESSBOOK_HOME to a directory on a larger disk.",
    )


def explained(what: str, said: str) -> ClusterError:
    """An error that says what failed, why in PostgreSQL's own words, and the remedy where the words are known."""
    if "No space left on device" in said or "Disk quota exceeded" in said:
        return disk_full(f"{what}: no space left on the device")
    remedies = {
        "invalid locale name": "Install the locale C.UTF-8 (Debian: apt-get install libc-bin).",
        "shared memory": "Give the machine or container more shared memory, or stop what uses it.",
        "Permission denied": "See that ADDRESSBOOK_HOME and everything below it still belong to who made them.",
    }
    remedy = next((text for sign, text in remedies.items() if sign in said), "See the words of PostgreSQL above.")
    return ClusterError(f"{what}:\n{said.strip()}\n", zh="私有数据库无法启动，原因见英文说明。", remedy=remedy)
