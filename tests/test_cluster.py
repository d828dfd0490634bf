"""The private PostGIS, on real clusters in temporary homes."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from addressbook.config import Settings
from addressbook.errors import ClusterError
from addressbook.store import cluster
from addressbook.store.cluster import binaries, server, tuning
from addressbook.store.cluster.binaries import Binaries
from addressbook.store.cluster.layout import Layout
from tests.worlds import until

QUICK = {"fsync": "off", "shared_buffers": "16MB"}
UP = "import sys, pathlib; from addressbook.store import cluster; print(cluster.up(pathlib.Path(sys.argv[1])))"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")


@contextlib.contextmanager
def temporary_home() -> Iterator[Path]:
    # Not tmp_path: as root that is closed to the server's user.
    parent = Path(tempfile.mkdtemp(prefix="addressbook-home-", dir="/tmp"))
    parent.chmod(0o755)
    home = parent / "home"
    yield home
    with contextlib.suppress(ClusterError):
        cluster.down(home)
    shutil.rmtree(parent)


@pytest.fixture
def home() -> Iterator[Path]:
    with temporary_home() as home:
        yield home


@pytest.fixture(scope="module")
def running() -> Iterator[Path]:
    """The home of a running cluster that the tests of this module share and leave running."""
    with temporary_home() as home:
        cluster.up(home, extra=QUICK)
        yield home


def ask(url: str, sql: str) -> Any:
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        result = connection.execute(text(sql))
        return result.scalar() if result.returns_rows else None


def postmaster(home: Path) -> int:
    pid = cluster.status(home).pid
    assert pid is not None
    return pid


def server_uid(home: Path) -> int:
    return (home / "cluster").stat().st_uid


def test_an_absent_cluster_is_made_with_postgis_and_trigrams(running: Path) -> None:
    url = cluster.up(running)
    assert ask(url, "SELECT ST_AsText(ST_Point(120, 30))") == "POINT(120 30)"
    assert ask(url, "SELECT similarity('市心北路', '市心北路') = 1")


def test_up_again_finds_the_same_server(running: Path) -> None:
    pid = postmaster(running)
    assert cluster.up(running) == cluster.up(running) == cluster.status(running).url
    assert postmaster(running) == pid


def test_chinese_text_has_trigrams_of_its_own(running: Path) -> None:
    # With the locale C they would all be dropped, and every fuzzy search would find nothing.
    assert ask(cluster.up(running), "SELECT cardinality(show_trgm('南岸明珠'))") > 2


def test_only_a_socket_that_only_its_owner_can_enter_is_open(running: Path) -> None:
    url = cluster.up(running)
    assert ask(url, "SHOW listen_addresses") == ""
    directory = Path(str(make_url(url).query["host"]))
    assert directory.stat().st_mode & 0o777 == 0o700
    assert directory.parent.stat().st_mode & 0o777 == 0o700


def test_the_service_s_role_cannot_reach_the_files_of_the_server(running: Path) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        ask(cluster.up(running), "SELECT pg_read_file('postgresql.conf')")


def test_what_is_committed_is_on_disk(home: Path) -> None:
    url = cluster.up(home)
    assert [ask(url, f"SHOW {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")] == ["on"] * 3
    assert ask(url, "SHOW data_checksums") == "on"


def logged(home: Path) -> str:
    return "".join(file.read_text(encoding="utf-8") for file in Layout(home).data.glob("log/*.log"))


def test_the_server_s_log_holds_no_values(running: Path) -> None:
    url = cluster.up(running)
    ask(url, "CREATE TABLE person_seen (identity text PRIMARY KEY)")
    for _ in range(2):
        with contextlib.suppress(DBAPIError):
            ask(url, "INSERT INTO person_seen VALUES ('330109199001011234')")
    until(lambda: "person_seen_pkey" in logged(running))  # another process writes it
    assert "330109199001011234" not in logged(running)


def test_two_at_once_make_one_cluster(home: Path) -> None:
    both = [subprocess.Popen([sys.executable, "-c", UP, home], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    urls = {process.communicate(timeout=120)[0].strip() for process in both}
    assert [process.returncode for process in both] == [0, 0]
    assert urls == {cluster.status(home).url}


def test_a_killed_server_comes_back_with_what_was_committed(running: Path) -> None:
    url = cluster.up(running, extra=QUICK)
    ask(url, "CREATE TABLE kept AS SELECT 7 AS n")
    os.kill(postmaster(running), signal.SIGKILL)
    assert cluster.up(running, extra=QUICK) == url
    assert ask(url, "SELECT n FROM kept") == 7


def test_a_killed_server_comes_back_although_a_child_of_it_is_still_busy(running: Path) -> None:
    url = cluster.up(running, extra=QUICK)
    busy = threading.Thread(target=_endless_query, args=(url,))
    busy.start()
    while not ask(url, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'DO %' AND state = 'active'"):
        time.sleep(0.05)
    os.kill(postmaster(running), signal.SIGKILL)
    assert ask(cluster.up(running, extra=QUICK), "SELECT 1") == 1
    busy.join(timeout=30)
    assert not busy.is_alive()


def _endless_query(url: str) -> None:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(plain) as connection:
        connection.execute("DO $$ BEGIN LOOP PERFORM count(*) FROM generate_series(1, 1000000); END LOOP; END $$")


def test_a_pid_file_that_names_a_stranger_does_not_stop_the_start(running: Path) -> None:
    cluster.up(running, extra=QUICK)
    pid_file = Layout(running).data / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    cluster.down(running)
    switch = {"user": server_uid(running)} if os.geteuid() == 0 else {}
    with subprocess.Popen(["sleep", "600"], **switch) as stranger:  # type: ignore[call-overload]
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        assert ask(cluster.up(running, extra=QUICK), "SELECT 1") == 1
        assert stranger.poll() is None
        stranger.kill()


def test_a_making_that_was_killed_is_begun_anew(home: Path) -> None:
    home.mkdir()
    marker = Layout(home).write_marker()
    server._make_dir(Layout(home).cluster, server.server_user(Layout(home)))
    half_made = Layout(home).making(marker)
    half_made.mkdir()
    (half_made / "PG_VERSION").write_text("15")
    assert ask(cluster.up(home, extra=QUICK), "SELECT 1") == 1
    assert not half_made.exists()


def test_down_keeps_the_data_and_may_be_said_twice(home: Path) -> None:
    assert not cluster.down(home)
    ask(cluster.up(home, extra=QUICK), "CREATE TABLE kept AS SELECT 7 AS n")
    assert cluster.down(home)
    assert cluster.status(home).state == "stopped"
    assert not cluster.down(home)
    assert ask(cluster.up(home, extra=QUICK), "SELECT n FROM kept") == 7


def test_remove_leaves_nothing_but_what_was_not_ours(home: Path) -> None:
    cluster.up(home, extra=QUICK)
    (home / "notes.txt").write_text("kept")
    assert cluster.remove(home)
    assert [path.name for path in home.iterdir()] == ["notes.txt"]
    assert cluster.status(home).state == "absent"


def foreign_without_marker(home: Path) -> None:
    (home / "cluster" / "data").mkdir(parents=True)
    (home / "cluster" / "data" / "PG_VERSION").write_text("15")


def foreign_beside_a_marker(home: Path) -> None:
    home.mkdir()
    Layout(home).write_marker()
    foreign_without_marker(home)


def foreign_itself(home: Path) -> None:
    home.mkdir()
    (home / "PG_VERSION").write_text("15")


def foreign_with_another_id(home: Path) -> None:
    foreign_beside_a_marker(home)
    Layout(home).identity.write_text("0123456789abcdef0123456789abcdef")


@pytest.mark.parametrize(
    "lay", [foreign_without_marker, foreign_beside_a_marker, foreign_itself, foreign_with_another_id]
)
def test_a_cluster_that_we_did_not_make_is_left_alone(home: Path, lay: Callable[[Path], None]) -> None:
    lay(home)
    before = sorted(path for path in home.rglob("*") if path.name != "cluster.lock")
    with pytest.raises(ClusterError, match=r"not ma|did not make"):
        cluster.up(home)
    with contextlib.suppress(ClusterError):
        assert not cluster.remove(home)
    assert sorted(path for path in home.rglob("*") if path.name != "cluster.lock") == before


@pytest.mark.parametrize("words", ["", "{", "[]", json.dumps({"made": "by hand"})])
def test_a_damaged_marker_is_no_marker(home: Path, words: str) -> None:
    home.mkdir()
    Layout(home).marker.write_text(words)
    with pytest.raises(ClusterError, match="damaged"):
        cluster.up(home)


def test_a_home_too_long_for_a_socket_has_its_socket_elsewhere(home: Path) -> None:
    deep = home / ("long" * 20) / ("longer" * 10)
    try:
        url = cluster.up(deep, extra=QUICK)
        assert ask(url, "SELECT 1") == 1
        directory = Path(str(make_url(url).query["host"]))
        assert directory.stat().st_mode & 0o777 == 0o700
    finally:
        cluster.remove(deep)
    assert not directory.exists()


@as_root
def test_a_home_closed_to_the_server_s_user_is_named(home: Path) -> None:
    closed = home.parent / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(ClusterError, match=f"chmod o\\+x {closed}$"):
        cluster.up(closed / "home")


def test_a_home_that_is_a_file_is_named(home: Path) -> None:
    home.write_text("")
    with pytest.raises(ClusterError, match=r"ADDRESSBOOK_HOME=.* is not a directory"):
        cluster.up(home)


def test_psql_gives_its_exit_status(running: Path) -> None:
    assert cluster.psql(running, ["-qc", "SELECT 1", "-o", os.devnull]) == 0
    assert cluster.psql(running, ["-qc", "DO $$ BEGIN END $$", "-f", "/no/such/file"]) != 0


def test_a_database_named_by_the_settings_is_used_as_it_is() -> None:
    settings = Settings(database_url=SecretStr("postgresql://reader:secret@db.example/addressbook"))
    assert cluster.database_url(settings) == "postgresql+psycopg://reader:secret@db.example/addressbook"


def test_the_newest_postgresql_with_postgis_is_chosen() -> None:
    found = [Binaries(13, Path("/13"), True), Binaries(15, Path("/15"), True), Binaries(16, Path("/16"), False)]
    assert binaries.choose(found).major == 15
    assert binaries.choose(found, 13).major == 13


@pytest.mark.parametrize(
    ("found", "data_major", "package"),
    [
        ([], None, "postgresql-15 postgresql-15-postgis-3"),
        ([], 14, "postgresql-14 postgresql-14-postgis-3"),
        ([Binaries(15, Path("/15"), True)], 14, "postgresql-14 postgresql-14-postgis-3"),
        ([Binaries(16, Path("/16"), False)], None, "postgresql-16-postgis-3"),
    ],
)
def test_a_missing_package_is_named(found: list[Binaries], data_major: int | None, package: str) -> None:
    with pytest.raises(ClusterError, match=f"apt-get install {package}"):
        binaries.choose(found, data_major)


def test_an_installation_that_is_too_old_or_is_none_is_not_found(tmp_path: Path) -> None:
    for name, said in [("old", "(PostgreSQL) 12.9"), ("fit", "(PostgreSQL) 16.2"), ("other", "hello")]:
        (tmp_path / name).mkdir()
        for program in ("initdb", "postgres"):
            (tmp_path / name / program).write_text(f"#!/bin/sh\necho '{program} {said}'\n")
            (tmp_path / name / program).chmod(0o755)
    assert [b.major for b in binaries.installed([*tmp_path.iterdir(), tmp_path / "absent"])] == [16]


def test_a_full_disk_is_said_to_be_full() -> None:
    error = server.explained("the private database does not start", "FATAL: could not write: No space left on device")
    assert "no space left" in str(error)
    assert "ADDRESSBOOK_HOME" in error.remedy
    assert "磁盘" in error.zh


@pytest.mark.parametrize("gib", [1, 4, 24, 512])
def test_the_server_leaves_most_of_the_memory_to_others(gib: int) -> None:
    sizes = tuning.tuned(gib * 1024**3, 100 * 1024**3)
    assert int(sizes["shared_buffers"].removesuffix("MB")) <= gib * 1024 / 4


def test_a_database_that_tests_did_not_make_is_not_dropped(databases: Any) -> None:
    with pytest.raises(RuntimeError, match="not made by these tests"):
        databases.drop(databases.server)
