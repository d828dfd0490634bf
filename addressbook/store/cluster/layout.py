"""Where the private cluster lies below ADDRESSBOOK_HOME, and the marker that says it is ours.

HOME/addressbook-cluster.json   the marker: a random id, drawn before anything else is made
HOME/cluster.lock               held while somebody starts, stops or removes the cluster
HOME/cluster/                   0700, belongs to the user the server runs as
    data/                       the PostgreSQL data directory; data/addressbook.id repeats the marker's id
    sock/                       the socket directory, here unless its path is too long for a socket
    start.log                   what the server said before its own log was open
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from addressbook.errors import ClusterError

PORT = 5432  # only names the socket file: the server listens on no network address
LOCK_TIMEOUT_S = 180.0
SOCKET_PATH_BYTES = 107  # sun_path of Linux, without the closing zero


@dataclass(frozen=True)
class Marker:
    """What is written down about a cluster we made: its random id."""

    id: str

    @property
    def cluster_name(self) -> str:
        """The running server's cluster_name: whoever connects can tell that the server is the marker's."""
        return f"addressbook-{self.id}"


@dataclass(frozen=True)
class Layout:
    """The paths of one private cluster."""

    home: Path

    @property
    def marker(self) -> Path:
        """The file that says the cluster is ours."""
        return self.home / "addressbook-cluster.json"

    @property
    def lock(self) -> Path:
        """The file that is locked while the cluster is started, stopped or removed."""
        return self.home / "cluster.lock"

    @property
    def cluster(self) -> Path:
        """The directory of the server's user."""
        return self.home / "cluster"

    @property
    def data(self) -> Path:
        """The PostgreSQL data directory."""
        return self.cluster / "data"

    @property
    def identity(self) -> Path:
        """The marker's id, repeated inside the data directory."""
        return self.data / "addressbook.id"

    @property
    def start_log(self) -> Path:
        """What the server said before its own log was open."""
        return self.cluster / "start.log"

    def making(self, marker: Marker) -> Path:
        """The data directory while it is being made; a rename makes it `data`, so a half-made one is never used."""
        return self.cluster / f"making-{marker.id}"

    def socket_dir(self, marker: Marker) -> Path:
        """The socket directory: in the cluster, or in /tmp when that path is too long."""
        inside = self.cluster / "sock"
        socket = inside / f".s.PGSQL.{PORT}.lock"
        if len(os.fsencode(socket)) <= SOCKET_PATH_BYTES:
            return inside
        return Path("/tmp") / f"addressbook-{marker.id[:16]}"  # noqa: S108 - unguessable, and its owner is checked

    def read_marker(self) -> Marker | None:
        """The marker, or None when there is none. Raises ClusterError when it is damaged."""
        try:
            fields = json.loads(self.marker.read_text(encoding="utf-8"))
            return Marker(id=str(fields["id"]))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except PermissionError:
            raise not_permitted(self.home) from None
        except (ValueError, KeyError, TypeError):
            raise ClusterError(
                f"{self.marker} is damaged, so it cannot be told whether the cluster beside it is ours.",
                zh=f"标记文件 {self.marker} 已损坏，无法确认旁边的数据库是否由本程序建立。",
                remedy="Restore the file from a backup, or set ADDRESSBOOK_HOME to another directory.",
            ) from None

    def write_marker(self) -> Marker:
        """Draw an id and write the marker; on disk before anything is made under it."""
        marker = Marker(id=secrets.token_hex(16))
        new = self.marker.with_suffix(".new")
        with new.open("w", encoding="utf-8") as file:
            json.dump(asdict(marker), file)
            file.flush()
            os.fsync(file.fileno())
        new.rename(self.marker)
        return marker


def make_home(home: Path) -> None:
    """Make the home directory where it is absent.

    Raises ClusterError when it cannot be made, or is itself the data directory of some PostgreSQL.
    """
    if (home / "PG_VERSION").exists():
        raise ClusterError(
            f"ADDRESSBOOK_HOME={home} is itself the data directory of a PostgreSQL that addressbook did not make.",
            zh=f"ADDRESSBOOK_HOME={home} 是另一个 PostgreSQL 的数据目录，本程序不会动它。",
            remedy="Set ADDRESSBOOK_HOME to another directory, or ADDRESSBOOK_DATABASE_URL to that server.",
        )
    try:
        home.mkdir(mode=0o755, parents=True)
    except FileExistsError:
        if not home.is_dir():
            raise _unusable(home, "is not a directory") from None
    except OSError as error:
        raise _unusable(home, f"cannot be made: {error.strerror}") from None


@contextlib.contextmanager
def locked(layout: Layout) -> Iterator[None]:
    """Hold the cluster's lock; waits for whoever is starting or stopping it. Raises ClusterError after 3 minutes."""
    try:
        file = layout.lock.open("a")
    except PermissionError:
        raise not_permitted(layout.home) from None
    except OSError as error:
        raise _unusable(layout.home, f"cannot be written: {error.strerror}") from None
    with file:
        _wait_for(file.fileno(), layout)
        yield


def _wait_for(fd: int, layout: Layout) -> None:
    deadline = time.monotonic() + LOCK_TIMEOUT_S
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise ClusterError(
                    f"another addressbook has been starting or stopping the database in {layout.home} for too long.",
                    zh=f"另一个程序正在启动或停止 {layout.home} 中的数据库，等待超时。",
                    remedy=f"See who holds {layout.lock}, then try again.",
                ) from None
            time.sleep(0.05)
        else:
            return


def _unusable(home: Path, what: str) -> ClusterError:
    return ClusterError(
        f"ADDRESSBOOK_HOME={home} {what}.",
        zh=f"数据目录 ADDRESSBOOK_HOME={home} 无法使用。",
        remedy="Set ADDRESSBOOK_HOME to a directory you can write to.",
    )


def not_permitted(home: Path) -> ClusterError:
    """The error for a cluster that another user of this machine made."""
    return ClusterError(
        f"the registry in ADDRESSBOOK_HOME={home} belongs to another user.",
        zh=f"数据目录 ADDRESSBOOK_HOME={home} 属于其他用户。",
        remedy="Run as that user (or with sudo), or set ADDRESSBOOK_HOME to a directory of your own.",
    )
