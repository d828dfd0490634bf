"""The server's configuration: sized by the memory and disk of the machine. Durability is never traded away here."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from addressbook.store.cluster.layout import PORT

MIB = 1024 * 1024
CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


def memory_bytes() -> int:
    """The memory this machine, or the container on it, may use."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        return min(physical, int(CGROUP_LIMIT.read_text()))
    except (OSError, ValueError):  # no cgroup, or the word "max"
        return physical


def tuned(memory: int, disk_free: int) -> dict[str, str]:
    """Sizes for a machine with `memory` bytes that the server shares with the service and the loaders."""

    def share(divisor: int, low: int, high: int) -> str:
        return f"{min(max(memory // divisor // MIB, low), high)}MB"

    return {
        "shared_buffers": share(8, 128, 8192),
        "effective_cache_size": share(2, 256, 65536),
        "work_mem": share(512, 8, 64),
        "maintenance_work_mem": share(32, 64, 1024),
        "max_wal_size": f"{min(max(disk_free // 20 // MIB, 256), 4096)}MB",
        "min_wal_size": "128MB",
    }


def configuration(socket_dir: Path, cluster_name: str, home: Path, extra: Mapping[str, str]) -> str:
    """The text of the configuration file that the server includes; `extra` goes last and wins."""
    values = {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": str(socket_dir),
        "unix_socket_permissions": "0700",
        "cluster_name": cluster_name,
        "max_connections": "100",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "checkpoint_timeout": "15min",
        "wal_compression": "on",
        "random_page_cost": "1.1",
        "effective_io_concurrency": "200",
        # PostGIS functions declare high costs, so compilation would start for queries that take milliseconds.
        "jit": "off",
        "timezone": "UTC",
        "logging_collector": "on",
        "log_directory": "log",
        "log_filename": "postgresql-%a.log",
        "log_truncate_on_rotation": "on",
        "log_rotation_age": "1d",
        "log_rotation_size": "0",
        # A duplicate key's detail line and a failed statement's text hold names and identity numbers.
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
        "log_parameter_max_length_on_error": "0",
    }
    values |= _shared_memory() | tuned(memory_bytes(), shutil.disk_usage(home).free) | dict(extra)
    lines = [f"{name} = '{_quoted(value)}'" for name, value in values.items()]
    return "\n".join(["# Written at every start. Put your own settings elsewhere: ALTER SYSTEM.", *lines, ""])


def _shared_memory() -> dict[str, str]:
    # Containers often have 64 MB of /dev/shm: parallel queries would fail with "No space left on device".
    try:
        small = shutil.disk_usage("/dev/shm").total < 256 * MIB  # noqa: S108 - not a temporary file
    except OSError:
        small = True
    return {"dynamic_shared_memory_type": "mmap"} if small else {}


def _quoted(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "''")
