"""The access log against whoever owns the database: what the head that is kept elsewhere tells, and what it cannot."""

from __future__ import annotations

import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, make_url, text
from structlog.testing import capture_logs

from addressbook.errors import DatabaseError, LogAltered, SettingError
from addressbook.privacy.chain import BEGINNING, Head, Sealed, Verified, remove_older, seal, verify
from addressbook.privacy.kept_head import ACCEPTING, KeptHead, accept, keep, seal_next
from addressbook.privacy.sealing import Secret
from addressbook.store.access_log import chain_end
from addressbook.store.cluster import binaries
from addressbook.store.engine import make_engine, transaction
from api.sealer import Sealer
from tests.conftest import Databases
from tests.pictures import empty_tables
from tests.test_access_log import LONG_AGO, aged, checked, read, reads, run, unguarded
from tests.worlds import SECRET, Terminal

REWRITE = "UPDATE access_log SET position = NULL, hash = NULL, purpose = 'census' WHERE position > 3"
FORGED = (
    "INSERT INTO access_log (key_id, route, purpose, subject, fields, persons, request_id, position, hash)"
    " VALUES (9, '', 'census', '', '', 1, '', {}, '\\x00')"
)


@pytest.fixture(name="log")
def _log(database: Engine) -> Engine:
    with database.begin() as connection:
        empty_tables(connection)
    return database


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> KeptHead:
    return KeptHead(tmp_path / "home", SECRET)


def end_of(engine: Engine) -> Head:
    with transaction(engine) as connection:
        return Head(*chain_end(connection))


def sealed_but_not_kept(engine: Engine, file: KeptHead) -> Sealed:
    """What is there when a sealer is killed once it has committed."""
    with transaction(engine) as connection:
        return seal(connection, SECRET, file.read())


def altered(engine: Engine, statement: str) -> None:
    with unguarded(engine) as connection:
        connection.execute(text(statement))


def back_to(engine: Engine, position: int) -> None:
    """What a restored backup is to the log: the lines behind it were never there."""
    altered(engine, f"DELETE FROM access_log WHERE position IS NULL OR position > {position}")


def test_the_head_of_what_was_sealed_is_kept_where_only_its_owner_reads_it(log: Engine, file: KeptHead) -> None:
    assert file.read() is None
    reads(log, 3)
    assert (seal_next(log, file), seal_next(log, file)) == (3, 0)
    assert file.read() == end_of(log)
    reads(log, 2)
    assert seal_next(log, file) == 2
    assert file.read() == end_of(log)
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    assert [path.name for path in file.home.iterdir()] == ["access-log.head"], "nothing is left beside it"


def test_lines_that_were_unsealed_and_rewritten_are_not_sealed_anew(log: Engine, file: KeptHead) -> None:
    reads(log, 5)
    seal_next(log, file)
    kept = file.read()
    altered(log, REWRITE)
    with pytest.raises(LogAltered, match="line 5 "):
        seal_next(log, file)
    with pytest.raises(LogAltered, match=r"line 4 .*line 5 was sealed"):
        checked(log, kept)
    assert (end_of(log).position, file.read()) == (3, kept)


@pytest.mark.parametrize("change", [REWRITE, "UPDATE access_log SET hash = '\\x00' WHERE position = 5"])
def test_the_service_says_loudly_that_it_seals_no_further(log: Engine, file: KeptHead, change: str) -> None:
    reads(log, 5)
    sealer = Sealer(log, lambda: SECRET, file.home)
    with capture_logs() as said:
        sealer.once()
        assert [line["event"] for line in said] == ["no head was kept here: made anew", "sealed"]
    altered(log, change)
    read(log)
    sealer.stopped = StopsAfter(2)
    with capture_logs() as said:
        sealer.run()
    assert [(line["log_level"], line["event"]) for line in said] == [("critical", "altered")], "once an hour"
    assert "line 5 " in said[0]["why"]
    assert end_of(log).position < 6


class StopsAfter(threading.Event):
    """Nobody has to wait for the passes of a sealer."""

    def __init__(self, passes: int) -> None:
        super().__init__()
        self.left = passes

    def wait(self, timeout: float | None = None) -> bool:
        self.left -= 1
        return self.left < 0


def test_a_rewritten_log_sealed_by_another_machine_is_found_where_the_head_is_kept(
    log: Engine, file: KeptHead, tmp_path: Path
) -> None:
    """One that was behind could not know."""
    elsewhere = KeptHead(tmp_path / "elsewhere", SECRET)
    reads(log, 3)
    seal_next(log, elsewhere)
    reads(log, 2)
    seal_next(log, file)
    altered(log, REWRITE)
    assert seal_next(log, elsewhere) == 2
    assert checked(log).lines == 5, "the chain alone holds"
    with pytest.raises(LogAltered, match="line 5 "):
        checked(log, file.read())
    read(log)
    with pytest.raises(LogAltered, match="line 5 "):
        seal_next(log, file)


def test_nothing_is_sealed_behind_a_line_that_was_forged(log: Engine, file: KeptHead) -> None:
    reads(log, 2)
    seal_next(log, file)
    altered(log, FORGED.format(3))
    read(log)
    with pytest.raises(LogAltered, match="line 3 "):
        seal_next(log, file)


@pytest.mark.parametrize("position", ["0", "-1", "2", "9", "NULL"])
def test_the_database_lets_nobody_insert_a_line_with_a_place_or_a_hash(log: Engine, position: str) -> None:
    with pytest.raises(DatabaseError):
        run(log, FORGED.format(position))


@pytest.mark.parametrize("position", [0, -7, 2])
def test_a_line_at_or_before_the_beginning_of_the_chain_is_found(log: Engine, position: int) -> None:
    aged(log, 2, LONG_AGO)
    reads(log, 2)
    seal_everything(log)
    with transaction(log) as connection:
        assert remove_older(connection, SECRET, LONG_AGO.replace(year=2020), "admin") == 2
    assert checked(log).lines == 2
    altered(log, FORGED.format(position))
    with pytest.raises(LogAltered, match=f"line {position} "):
        checked(log)


def test_a_line_that_was_read_is_hidden_from_the_sealer_in_vain(log: Engine) -> None:
    """The trigger lets a line be sealed, by whomever; a place that does not belong is found."""
    reads(log, 2)
    seal_everything(log)
    read(log)
    run(log, "UPDATE access_log SET position = 0, hash = '\\x00' WHERE position IS NULL")
    with pytest.raises(LogAltered, match="line 0 "):
        checked(log)


def test_two_lines_in_one_place_are_found(log: Engine) -> None:
    reads(log, 3)
    seal_everything(log)
    with log.connect() as connection, connection.begin() as attempt:
        connection.execute(text("ALTER TABLE access_log DROP CONSTRAINT uq_access_log_position"))
        connection.execute(text("ALTER TABLE access_log DISABLE TRIGGER USER"))
        connection.execute(text(TWICE))
        with pytest.raises(LogAltered):
            verify(connection, SECRET)
        attempt.rollback()


TWICE = """
    INSERT INTO access_log (at, key_id, reader, route, purpose, subject, fields, persons, subjects, request_id,
        position, hash)
    SELECT at, key_id, reader, route, purpose, subject, fields, persons, subjects, request_id, position, hash
    FROM access_log WHERE position = 2
"""


def seal_everything(engine: Engine) -> None:
    with transaction(engine) as connection:
        seal(connection, SECRET)


def test_an_invented_read_is_sealed_like_any_other(log: Engine, file: KeptHead) -> None:
    """The limit that docs/privacy.md tells: lines can be added, and none taken away."""
    reads(log, 2)
    seal_next(log, file)
    run(
        log,
        "INSERT INTO access_log (key_id, reader, route, purpose, subject, fields, persons, request_id)"
        " VALUES (8, 'another', '', 'census', '', '', 1, '')",
    )
    assert seal_next(log, file) == 1
    assert checked(log, file.read()).lines == 3


KILLED_BEFORE_IT_KEEPS = """
import os, signal, sys
from pathlib import Path
from addressbook.privacy.kept_head import KeptHead, seal_next
from addressbook.privacy.sealing import Secret
from addressbook.store.engine import make_engine

class Killed(KeptHead):
    def advance(self, head):
        os.kill(os.getpid(), signal.SIGKILL)

seal_next(make_engine(sys.argv[1]), Killed(Path(sys.argv[2]), Secret(bytes(32))))
"""


def test_killed_between_commit_and_file_the_next_sealing_brings_the_file_on(log: Engine, file: KeptHead) -> None:
    reads(log, 2)
    seal_next(log, file)
    behind = file.read()
    reads(log, 2)
    url = log.url.render_as_string(hide_password=False)
    killed = subprocess.run([sys.executable, "-c", KILLED_BEFORE_IT_KEEPS, url, str(file.home)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (file.read(), end_of(log).position) == (behind, 4)
    assert checked(log, behind).lines == 4
    read(log)
    assert seal_next(log, file) == 1
    assert file.read() == end_of(log) == checked(log, behind).head


def test_a_file_that_cannot_be_written_is_told_and_its_lines_stay_sealed(log: Engine, tmp_path: Path) -> None:
    reads(log, 2)
    file = KeptHead(tmp_path / "home", SECRET)
    file.home.mkdir()
    (file.home / "access-log.head").mkdir()
    with pytest.raises(SettingError, match="cannot be read"):
        seal_next(log, file)
    assert end_of(log) == BEGINNING
    (file.home / "access-log.head").rmdir()
    file.home.rmdir()
    tmp_path.joinpath("home").symlink_to("/proc/self")
    with pytest.raises(SettingError, match="cannot be written"):
        seal_next(log, file)
    assert end_of(log).position == 2


def test_the_file_never_goes_back(log: Engine, file: KeptHead) -> None:
    """Of two sealers the one that committed first may come to write last."""
    reads(log, 2)
    first = sealed_but_not_kept(log, file).head
    reads(log, 2)
    seal_next(log, file)
    keep(log, file, first)
    assert file.read() == end_of(log)
    assert end_of(log).position == 4


def test_two_sealers_at_once_keep_one_head(log: Engine, file: KeptHead) -> None:
    engine = make_engine(log.url.render_as_string(hide_password=False), pool_size=8)
    over, faults = threading.Event(), []
    heads: list[int] = []

    def go_on(what: Callable[[], object]) -> None:
        while not over.is_set():
            try:
                what()
            except Exception as fault:  # noqa: BLE001 - told below
                faults.append(fault)

    def look() -> None:
        heads.append((file.read() or BEGINNING).position)

    at_work = [lambda: seal_next(engine, file, wait=False), lambda: seal_next(engine, file), look]
    threads = [threading.Thread(target=go_on, args=[what]) for what in at_work]
    for thread in threads:
        thread.start()
    reads(engine, 100)
    over.set()
    for thread in threads:
        thread.join()
    seal_next(engine, file)
    assert faults == []
    assert heads == sorted(heads)
    assert file.read() == end_of(engine)
    assert checked(engine, file.read()).lines == 100
    engine.dispose()


def test_a_file_of_another_secret_or_with_another_head_is_refused(log: Engine, file: KeptHead) -> None:
    reads(log, 2)
    KeptHead(file.home, Secret(bytes([1]) * 32)).replace(BEGINNING)
    with pytest.raises(LogAltered, match="with this secret"):
        seal_next(log, file)
    file.replace(Head(7, b"\1"))
    file.path.write_text(file.path.read_text().replace("7:", "1:"))
    with pytest.raises(LogAltered, match="with this secret"):
        seal_next(log, file)
    file.path.write_text("")
    with pytest.raises(LogAltered, match="with this secret"):
        seal_next(log, file)
    assert end_of(log) == BEGINNING


def test_old_lines_go_from_under_the_head_that_is_kept(log: Engine, file: KeptHead) -> None:
    aged(log, 2, LONG_AGO)
    seal_next(log, file)
    behind = file.read()
    aged(log, 1, LONG_AGO)
    sealed_but_not_kept(log, file)
    with transaction(log) as connection:
        assert remove_older(connection, SECRET, LONG_AGO.replace(year=2020), "admin", behind) == 3
    read(log)
    assert seal_next(log, file) == 1, "what the file says is of a line that an anchor covers"
    assert checked(log, behind) == Verified(1, end_of(log), 0, 1)
    assert file.read() == end_of(log)


def test_no_anchor_vouches_for_lines_that_were_altered(log: Engine, file: KeptHead) -> None:
    """Recent reads made old, so that they are removed, and nobody asks any more."""
    reads(log, 5)
    seal_next(log, file)
    altered(log, "UPDATE access_log SET at = '2015-01-01' WHERE position <= 4")
    with transaction(log) as connection, pytest.raises(LogAltered, match="line 1 "):
        remove_older(connection, SECRET, LONG_AGO, "admin", file.read())
    altered(log, "DELETE FROM access_log WHERE position > 3")
    altered(log, "UPDATE access_log SET position = NULL, hash = NULL")
    seal_everything(log)
    with transaction(log) as connection, pytest.raises(LogAltered, match="line 4 "):
        remove_older(connection, SECRET, LONG_AGO, "admin", file.read())


def test_a_restored_database_is_gone_on_with_once_that_is_accepted(log: Engine, file: KeptHead) -> None:
    reads(log, 5)
    seal_next(log, file)
    before = file.read()
    back_to(log, 2)
    read(log)
    with pytest.raises(LogAltered, match="line 5 "):
        seal_next(log, file)
    head = accept(log, file, "somebody")
    assert file.read() == head == end_of(log)
    assert checked(log, head).lines == 4, "two restored, one read since, and the acceptance"
    with log.connect() as connection:
        said = connection.execute(text("SELECT reader, route, fields FROM access_log ORDER BY entry_id DESC")).first()
    assert said is not None
    assert tuple(said)[:2] == ("somebody", ACCEPTING)
    assert said.fields.startswith(f"{before} -> 2:")
    read(log)
    assert seal_next(log, file) == 1


def test_a_backup_of_the_whole_database_is_restored_past_the_guards(
    log: Engine, file: KeptHead, databases: Databases, tmp_path: Path
) -> None:
    """As operators do it: pg_dump and pg_restore, into a new database."""
    reads(log, 3)
    seal_next(log, file)
    dump = tmp_path / "backup"
    postgres("pg_dump", log.url, "-Fc", "-T", "spatial_ref_sys", "-f", dump)
    read(log)
    seal_next(log, file)
    url = databases.make("addressbook")
    postgres("pg_restore", make_url(url), "--no-comments", dump)
    restored = make_engine(url)
    assert checked(restored).lines == 3
    read(restored)
    with pytest.raises(LogAltered, match="line 4 "):
        seal_next(restored, file)
    assert accept(restored, file, "somebody") == end_of(restored)
    assert checked(restored, file.read()).lines == 5
    restored.dispose()
    databases.drop(url)


def postgres(name: str, url: URL, *words: str | Path) -> None:
    """Run a program of PostgreSQL's on a database."""
    there = url.set(drivername="postgresql").render_as_string(hide_password=False)
    ended = subprocess.run(
        [binaries.find().program(name), "-d", there, *words], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr


def test_what_does_not_hold_by_itself_is_not_accepted(log: Engine, file: KeptHead) -> None:
    reads(log, 5)
    seal_next(log, file)
    kept = file.read()
    altered(log, "UPDATE access_log SET purpose = 'census' WHERE position = 2")
    with pytest.raises(LogAltered, match="line 2 "):
        accept(log, file, "somebody")
    assert file.read() == kept


def test_the_command_tells_what_it_compared_and_accepts_a_restore_when_told_to(log: Engine, tmp_path: Path) -> None:
    terminal = Terminal.open(log.url.render_as_string(hide_password=False), tmp_path)
    reads(log, 4)
    assert "made anew at 4" in terminal.run("audit", "verify").out
    read(log)
    assert "agrees at position 4" in terminal.run("audit", "verify").out
    assert "nothing to accept" in terminal.run("audit", "verify", "--accept-restored").out
    altered(log, REWRITE)
    told = terminal.run("audit", "verify")
    assert (told.code, "line 4 " in told.err, "第 4 行" in told.err) == (1, True, True)
    back_to(log, 3)
    assert terminal.run("audit", "verify").code == 1
    assert terminal.run("audit", "verify", "--accept-restored").code == 1, "nobody says yes"
    assert terminal.run("audit", "verify").code == 1
    told = terminal.run("audit", "verify", "--accept-restored", "--yes")
    assert (told.code, "agrees at position 4" in told.out) == (0, True)
    assert ACCEPTING in terminal.run("audit", "search").out
    assert terminal.run("audit", "verify", "--accept-restored").code == 0
    assert KeptHead(tmp_path, SECRET).read() == end_of(log)
