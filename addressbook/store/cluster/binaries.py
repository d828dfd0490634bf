"""Finding PostgreSQL 13 to 17 with PostGIS among what the machine has installed."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from addressbook.errors import ClusterError

MAJORS = range(13, 18)
INSTALL_ROOTS = ("/usr/lib/postgresql/{major}/bin", "/usr/pgsql-{major}/bin")


@dataclass(frozen=True)
class Binaries:
    """One installed PostgreSQL: its major version, its programs, and whether PostGIS is installed for it."""

    major: int
    bin_dir: Path
    has_postgis: bool

    def program(self, name: str) -> str:
        """The path of `initdb`, `pg_ctl`, `psql` …"""
        return str(self.bin_dir / name)


def find(data_major: int | None = None) -> Binaries:
    """The newest installed PostgreSQL with PostGIS; of the data directory's own major version when there is one.

    Raises ClusterError naming the package to install.
    """
    return choose(installed(_places()), data_major)


def choose(found: Iterable[Binaries], data_major: int | None = None) -> Binaries:
    """The newest of `found` that has PostGIS and can read data of `data_major`. Raises ClusterError when none can."""
    able = [b for b in found if data_major in (None, b.major)]
    fit = [b for b in able if b.has_postgis]
    if fit:
        return max(fit, key=lambda b: b.major)
    if able:
        raise postgis_missing(max(b.major for b in able))
    raise _postgresql_missing(data_major)


def installed(places: Iterable[Path]) -> list[Binaries]:
    """The server installations among `places`, each once."""
    bin_dirs = {place.resolve() for place in places if (place / "initdb").exists() and (place / "postgres").exists()}
    return [b for b in map(_examine, sorted(bin_dirs)) if b is not None]


def _places() -> Iterator[Path]:
    for major in MAJORS:
        for root in INSTALL_ROOTS:
            yield Path(root.format(major=major))
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    pg_config = shutil.which("pg_config")
    if pg_config:
        yield Path(_said(pg_config, "--bindir"))


def _examine(bin_dir: Path) -> Binaries | None:
    version = re.search(r"\(PostgreSQL\) (\d+)", _said(str(bin_dir / "postgres"), "--version"))
    if version is None or int(version[1]) not in MAJORS:
        return None
    return Binaries(int(version[1]), bin_dir, _has_postgis(bin_dir, int(version[1])))


def _has_postgis(bin_dir: Path, major: int) -> bool:
    pg_config = bin_dir / "pg_config"
    share = _said(str(pg_config), "--sharedir") if pg_config.exists() else f"/usr/share/postgresql/{major}"
    return Path(share, "extension", "postgis.control").exists()


def _said(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False).stdout.strip()
    except OSError:
        return ""


def postgis_missing(major: int) -> ClusterError:
    """The error that says which package brings PostGIS for this PostgreSQL."""
    return ClusterError(
        f"PostgreSQL {major} is installed, but PostGIS for it is not.",
        zh=f"已安装 PostgreSQL {major}，但缺少对应的 PostGIS。",
        remedy=f"Run: apt-get install postgresql-{major}-postgis-3, or set ADDRESSBOOK_DATABASE_URL.",
    )


def _postgresql_missing(major: int | None) -> ClusterError:
    packages = f"postgresql-{major or 15} postgresql-{major or 15}-postgis-3"
    why = (
        f"the data was written by PostgreSQL {major}, which is not installed" if major else "no PostgreSQL 13-17 found"
    )
    return ClusterError(
        f"{why}.",
        zh=f"未找到 PostgreSQL {major or '13 至 17'}。",
        remedy=f"Run: apt-get install {packages}, or set ADDRESSBOOK_DATABASE_URL.",
    )
