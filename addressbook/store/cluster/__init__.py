"""The private PostGIS: an own PostgreSQL cluster below ADDRESSBOOK_HOME, reached by a Unix socket only.

    url = up(home)        # made, started and ready; as often and by as many processes at once as you like
    down(home)            # stopped; the data stays
    remove(home)          # stopped and deleted

A cluster is touched only when its marker proves that addressbook made it (layout.py). Every fault is a ClusterError
that names the setting and the remedy.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from addressbook.config import Settings
from addressbook.errors import ClusterError
from addressbook.store.cluster import binaries, database, server
from addressbook.store.cluster.layout import PORT, Layout, Marker, locked, make_home, not_permitted

__all__ = ["ClusterStatus", "database_url", "down", "psql", "remove", "status", "up"]

EXISTING_START_TIMEOUT_S = 300.0


@dataclass(frozen=True)
class ClusterStatus:
    """How the private cluster is: `url`, `pid` only while it runs; `major` is the PostgreSQL version of the data."""

    state: Literal["absent", "stopped", "running"]
    home: Path
    data: Path
    url: str | None = None
    pid: int | None = None
    major: int | None = None


def database_url(settings: Settings) -> str:
    """The SQLAlchemy URL to use: ADDRESSBOOK_DATABASE_URL, else that of the private cluster, started on demand."""
    if settings.database_url is not None:
        return settings.database_url.get_secret_value()
    return up(settings.home)


def up(home: Path, *, extra: Mapping[str, str] | None = None) -> str:
    """Make (where absent) and start (where stopped) the private cluster in `home`; returns its SQLAlchemy URL.

    `extra` are PostgreSQL settings that win over ours, applied when the server starts. Raises ClusterError.
    """
    layout = Layout(_absolute(home))
    marker = layout.read_marker()
    if marker is not None and database.is_ready(layout, marker):
        return database.url(layout, marker)
    make_home(layout.home)
    with locked(layout):
        marker = layout.read_marker() or _claim(layout)
        _check_data(layout, marker)
        if not database.is_ready(layout, marker):
            _bring_up(layout, marker, extra or {})
    return database.url(layout, marker)


def _bring_up(layout: Layout, marker: Marker, extra: Mapping[str, str]) -> None:
    found = binaries.find(_data_major(layout))
    server.make(layout, marker, found, durable=extra.get("fsync") != "off")
    if not _already_started(layout, marker):
        server.start(layout, marker, found, extra)
    database.prepare(layout, marker, found)


def _already_started(layout: Layout, marker: Marker) -> bool:
    """Wait for a server that says it is starting, stopping or recovering; false when none is there."""
    deadline = time.monotonic() + EXISTING_START_TIMEOUT_S
    while (presence := database.presence(layout, marker)) != "gone":
        if presence == "accepts":
            return True
        if time.monotonic() > deadline:
            raise ClusterError(
                f"the database in {layout.data} has been starting or stopping for too long.",
                zh=f"{layout.data} 中的数据库启动或停止超时。",
                remedy=f"See the newest file in {layout.data / 'log'}.",
            )
        time.sleep(0.1)
    return False


def down(home: Path) -> bool:
    """Stop the private cluster; true when it was running. The data stays. Raises ClusterError."""
    layout = Layout(_absolute(home))
    marker = layout.read_marker()
    if marker is None:
        return False
    with locked(layout):
        _check_data(layout, marker)
        if not layout.data.exists() or not server.processes_in(layout.data):
            return False
        server.stop(layout, binaries.find(_data_major(layout)))
    return True


def status(home: Path) -> ClusterStatus:
    """How the private cluster in `home` is. Starts nothing. Raises ClusterError when it is not ours."""
    layout = Layout(_absolute(home))
    marker = layout.read_marker()
    try:
        if marker is None or not layout.data.exists():
            return ClusterStatus("absent", layout.home, layout.data)
    except PermissionError:
        raise not_permitted(layout.home) from None
    _check_data(layout, marker)
    major = _data_major(layout)
    if not database.is_ready(layout, marker):
        return ClusterStatus("stopped", layout.home, layout.data, major=major)
    url, pid = database.url(layout, marker), server.postmaster_pid(layout)
    return ClusterStatus("running", layout.home, layout.data, url, pid, major)


def psql(home: Path, args: Sequence[str] = ()) -> int:
    """Run psql on the private cluster, which is started on demand; returns psql's exit status."""
    up(home)
    layout = Layout(_absolute(home))
    marker = layout.read_marker()
    if marker is None:
        raise ClusterError(f"the cluster in {home} was removed meanwhile.", zh=f"{home} 中的数据库已被删除。")
    program = binaries.find(_data_major(layout)).program("psql")
    options = ["-h", str(layout.socket_dir(marker)), "-p", str(PORT), "-U", database.ROLE, "-d", database.DATABASE]
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C cancels psql's query, not us
    try:
        return subprocess.run([program, *options, *args], check=False).returncode
    finally:
        signal.signal(signal.SIGINT, before)


def remove(home: Path) -> bool:
    """Stop and delete the private cluster, its keys and its marker, and `home` itself when nothing else is in it.

    True when there was a cluster of ours. Raises ClusterError, and deletes nothing, when it is not ours.
    """
    layout = Layout(_absolute(home))
    marker = layout.read_marker()
    if marker is None:
        return False
    down(layout.home)
    socket_dir = layout.socket_dir(marker)
    for directory in (layout.cluster, socket_dir):
        shutil.rmtree(directory, ignore_errors=True)
    for file in (layout.home / "secret.key", layout.home / "demo.key", layout.lock, layout.marker):
        file.unlink(missing_ok=True)
    if not any(layout.home.iterdir()):
        layout.home.rmdir()
    return True


def _claim(layout: Layout) -> Marker:
    if layout.cluster.exists() and any(layout.cluster.iterdir()):
        raise _foreign(layout, "has no marker beside it")
    return layout.write_marker()


def _check_data(layout: Layout, marker: Marker) -> None:
    """Refuse a data directory that does not carry the marker's id."""
    if not layout.data.exists():
        return
    try:
        found = layout.identity.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        found = ""
    except PermissionError:
        raise not_permitted(layout.home) from None
    if found != marker.id:
        raise _foreign(layout, "does not carry the id of the marker")


def _foreign(layout: Layout, why: str) -> ClusterError:
    return ClusterError(
        f"{layout.data} was not made by addressbook (it {why}), so it is left alone.",
        zh=f"{layout.data} 不是本程序建立的，不会改动。",
        remedy="Set ADDRESSBOOK_HOME to another directory, or ADDRESSBOOK_DATABASE_URL to that server.",
    )


def _data_major(layout: Layout) -> int | None:
    try:
        return int((layout.data / "PG_VERSION").read_text().strip())
    except (OSError, ValueError):
        return None


def _absolute(home: Path) -> Path:
    return Path.cwd() / home.expanduser()
