"""The access log: append-only, chained, sealed by one at a time, searched by subject and by reader, kept for years."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, Engine, text

from addressbook.errors import DatabaseError, LogAltered
from addressbook.privacy.chain import Head, Verified, remove_older, seal, verify
from addressbook.privacy.log import log_read
from addressbook.privacy.policy import AccessRole, Reader
from addressbook.privacy.sealing import Secret
from addressbook.store.access_log import Anchor, read_anchors, remove_until, search_access
from addressbook.store.engine import make_engine, transaction
from tests.pictures import LOGS, empty_tables
from tests.worlds import SECRET, Terminal, identity_number

READER = Reader(AccessRole.OFFICER, 7, "瓜沥所", "/addresses/{aid}/view", "request-1", purpose="emergency")
LONG_AGO = datetime(2019, 5, 1, tzinfo=UTC)


@pytest.fixture(name="log")
def _log(database: Engine) -> Engine:
    with database.begin() as connection:
        empty_tables(connection)
    return database


def read(engine: Engine, *persons: UUID, subject: str = "B7K3M9QXW2HF") -> None:
    """Log one read."""
    with transaction(engine) as connection:
        log_read(connection, READER, subject, map(str, persons or [uuid4()]))


def reads(engine: Engine, number: int) -> None:
    for _ in range(number):
        read(engine)


def sealed(engine: Engine) -> int:
    with transaction(engine) as connection:
        return seal(connection, SECRET).lines


def checked(engine: Engine, noted: Head | None = None) -> Verified:
    with transaction(engine) as connection:
        return verify(connection, SECRET, noted)


def run(engine: Engine, sql: str, **values: Any) -> int:
    with transaction(engine) as connection:
        return connection.execute(text(sql), values).rowcount


@contextmanager
def unguarded(engine: Engine) -> Iterator[Connection]:
    """Somebody who may change tables, and switches the guards off."""
    with engine.begin() as connection:
        for table in LOGS:
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
        yield connection
        for table in LOGS:
            connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))


def test_lines_are_sealed_in_order_and_once(log: Engine) -> None:
    reads(log, 3)
    assert checked(log) == Verified(0, Head(0, b""), 3, 0)
    assert (sealed(log), sealed(log)) == (3, 0)
    reads(log, 2)
    first = checked(log)
    assert (first.lines, first.unsealed) == (3, 2)
    assert sealed(log) == 2
    assert checked(log, noted=first.head).head.position == 5


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE access_log SET purpose = 'other'",
        "UPDATE access_log SET hash = hash",
        "UPDATE access_log SET position = position + 100 WHERE position = 3",
        "UPDATE access_log SET position = 9, hash = '\\x00', subjects = '{}' WHERE position IS NULL",
        "DELETE FROM access_log WHERE position = 3",
        "DELETE FROM access_log WHERE position IS NULL",
        "TRUNCATE access_log",
        "TRUNCATE access_anchor",
    ],
)
def test_the_database_lets_nobody_change_or_remove_a_line(log: Engine, change: str) -> None:
    reads(log, 3)
    sealed(log)
    read(log)
    with pytest.raises(DatabaseError):
        run(log, change)
    assert sealed(log) == 1
    assert checked(log).lines == 4


@pytest.mark.parametrize(
    ("tampering", "place"),
    [
        ("UPDATE access_log SET purpose = 'other' WHERE position = 3", 3),
        ("UPDATE access_log SET subjects = '{}' WHERE position = 1", 1),
        ("UPDATE access_log SET at = at - interval '1 microsecond' WHERE position = 5", 5),
        ("DELETE FROM access_log WHERE position = 4", 4),
        ("DELETE FROM access_log WHERE position = 1", 1),
        (
            """
            UPDATE access_log SET position = 12 WHERE position = 2;
            UPDATE access_log SET position = 2 WHERE position = 3;
            UPDATE access_log SET position = 3 WHERE position = 12
            """,
            2,
        ),
        (
            """
            INSERT INTO access_log (key_id, route, purpose, subject, fields, persons, request_id, position, hash)
            VALUES (1, '', '', '', '', 1, '', 6, '\\x00')
            """,
            6,
        ),
        (
            """
            DELETE FROM access_log WHERE position <= 2;
            INSERT INTO access_anchor (position, hash, lines, actor, at, mac)
            VALUES (2, '\\x00', 2, 'somebody', now(), '\\x00')
            """,
            2,
        ),
    ],
)
def test_whoever_gets_past_the_guards_is_found_out_with_the_place(log: Engine, tampering: str, place: int) -> None:
    reads(log, 5)
    sealed(log)
    with unguarded(log) as connection:
        for statement in tampering.split(";"):
            connection.execute(text(statement))
    with pytest.raises(LogAltered, match=f"line {place} "):
        checked(log)


def test_a_chain_that_was_cut_off_at_its_end_is_told_by_a_head_noted_elsewhere(log: Engine) -> None:
    reads(log, 5)
    sealed(log)
    noted = checked(log).head
    with unguarded(log) as connection:
        connection.execute(text("DELETE FROM access_log WHERE position > 3"))
    assert checked(log).lines == 3, "the chain alone does not know how long it was"
    with pytest.raises(LogAltered, match="line 5 "):
        checked(log, noted)


def test_many_writers_and_several_sealers_make_one_chain(log: Engine) -> None:
    """Each on a connection of its own; the writers are still at it while the sealers work."""
    engine = make_engine(log.url.render_as_string(hide_password=False), pool_size=16)
    over = threading.Event()

    def go_on_sealing() -> None:
        while not over.is_set():
            with transaction(engine) as connection:
                seal(connection, SECRET, wait=False)

    sealers = [threading.Thread(target=go_on_sealing) for _ in range(2)]
    for sealer in sealers:
        sealer.start()
    with ThreadPoolExecutor(8) as writers:
        list(writers.map(lambda _: reads(engine, 25), range(8)))
    over.set()
    for sealer in sealers:
        sealer.join()
    sealed(engine)
    found = checked(engine)
    assert (found.lines, found.head.position, found.unsealed) == (200, 200, 0)
    engine.dispose()


def test_a_writer_that_is_not_done_holds_up_nobody_and_is_sealed_later(log: Engine) -> None:
    with log.connect() as slow, slow.begin():
        log_read(slow, READER, "slow", [str(uuid4())])
        read(log, subject="fast")
        assert sealed(log) == 1
    # The slow one is committed by now.
    assert sealed(log) == 1
    with transaction(log) as connection:
        lines = search_access(connection, **NOTHING, limit=10, even_delayed=True)
    assert {line["subject"]: line["position"] for line in lines} == {"fast": 1, "slow": 2}
    assert checked(log).lines == 2


NOTHING: dict[str, Any] = dict.fromkeys(("person", "place", "key_id", "reader", "since", "until"))


def test_lines_are_found_by_person_place_reader_and_time(log: Engine) -> None:
    first, second = uuid4(), uuid4()
    read(log, first, second)
    read(log, second, subject="330109002000")

    def found(**filters: Any) -> list[str]:
        with transaction(log) as connection:
            lines = search_access(connection, **{**NOTHING, **filters}, limit=10, even_delayed=True)
        return [line["subject"] for line in lines]

    assert found(person=str(first)) == ["B7K3M9QXW2HF"]
    assert found(person=str(second)) == ["330109002000", "B7K3M9QXW2HF"]
    assert found(place="330109002000", reader="瓜沥所", key_id=7) == ["330109002000"]
    assert found(reader="other") == found(key_id=8) == found(until=LONG_AGO) == []
    assert len(found(since=LONG_AGO, until=datetime.now(UTC) + timedelta(minutes=1))) == 2


def test_a_search_by_person_reads_by_index(log: Engine) -> None:
    with log.connect() as connection, connection.begin() as attempt:
        connection.execute(text(MANY))
        connection.execute(text("ANALYZE access_log"))
        plan = connection.execute(text(EXPLAINED), {"key": str(uuid4())})
        assert "ix_access_log_subjects" in "\n".join(plan.scalars())
        attempt.rollback()


EXPLAINED = "EXPLAIN SELECT 1 FROM access_log WHERE subjects @> ARRAY[CAST(:key AS uuid)]"
MANY = """
    INSERT INTO access_log (key_id, route, purpose, subject, fields, persons, request_id, subjects)
    SELECT 1, '', '', '', '', 1, '', ARRAY[gen_random_uuid()] FROM generate_series(1, 5000)
"""


def aged(engine: Engine, number: int, at: datetime) -> None:
    """Lines of another time."""
    for _ in range(number):
        run(
            engine,
            "INSERT INTO access_log (at, key_id, route, purpose, subject, fields, persons, request_id)"
            " VALUES (:at, 1, '', '', '', '', 1, '')",
            at=at,
        )


def test_old_lines_go_and_the_rest_is_verified_from_their_anchor(log: Engine) -> None:
    aged(log, 3, LONG_AGO)
    aged(log, 2, LONG_AGO + timedelta(days=400))
    reads(log, 2)
    sealed(log)
    before = checked(log)
    for until, removed in ((LONG_AGO, 0), (LONG_AGO + timedelta(days=1), 3), (LONG_AGO + timedelta(days=500), 2)):
        with transaction(log) as connection:
            assert remove_older(connection, SECRET, until, "admin") == removed
    assert checked(log, before.head) == Verified(2, before.head, 0, 2)
    read(log)
    sealed(log)
    assert checked(log).head.position == 8
    with transaction(log) as connection:
        assert [(anchor.position, anchor.lines, anchor.actor) for anchor in read_anchors(connection)] == [
            (3, 3, "admin"), (5, 2, "admin")
        ]  # fmt: skip


def test_a_log_of_which_everything_was_removed_goes_on_from_its_anchor(log: Engine) -> None:
    aged(log, 3, LONG_AGO)
    sealed(log)
    with transaction(log) as connection:
        assert remove_older(connection, SECRET, LONG_AGO + timedelta(days=1), "admin") == 3
    read(log)
    sealed(log)
    assert checked(log).head.position == 4


def test_the_last_three_years_stay_whatever_is_asked(log: Engine) -> None:
    aged(log, 2, LONG_AGO)
    aged(log, 1, datetime.now(UTC) - timedelta(days=3 * 365 - 2))
    sealed(log)
    with pytest.raises(DatabaseError), transaction(log) as connection:
        remove_older(connection, SECRET, datetime.now(UTC), "admin")
    with pytest.raises(DatabaseError), transaction(log) as connection:
        remove_until(connection, Anchor(2, b"not its hash", 2, "admin", LONG_AGO, b""))
    with pytest.raises(DatabaseError):
        run(log, "DELETE FROM access_log WHERE position = 1")
    assert checked(log).lines == 3


def test_the_commands_verify_search_and_remove(log: Engine, tmp_path: Path) -> None:
    person = SECRET.element_key("person", identity_number(1))
    aged(log, 1, LONG_AGO)
    read(log, person)
    terminal = Terminal.open(log.url.render_as_string(hide_password=False), tmp_path)
    told = terminal.run("audit", "verify")
    assert (told.code, "2 行 lines" in told.out) == (0, True), told
    head = told.out.split("链尾 head ")[1].strip()
    for subject in (str(person), identity_number(1), "B7K3-M9QX-W2HF"):
        found = terminal.run("audit", "search", "--subject", subject, "--reader", "瓜沥所", "--from", "2020-01-01").out
        assert str(person) in found, subject
        assert "用途 purpose emergency" in found
    assert "用途 purpose" not in terminal.run("audit", "search", "--subject", identity_number(2)).out
    assert "removed 1 行" in terminal.run("audit", "remove").out
    assert terminal.run("audit", "remove", "--years", "2").code == 2
    assert terminal.run("audit", "verify", "--expect", head).code == 0
    with unguarded(log) as connection:
        connection.execute(text("UPDATE access_log SET reader = 'somebody else'"))
    altered = terminal.run("audit", "verify")
    assert (altered.code, "第 2 行" in altered.err) == (1, True)
    assert terminal.run("audit", "verify", "--expect", "x").code == 3


def test_with_another_secret_nothing_is_verified(log: Engine) -> None:
    read(log)
    sealed(log)
    with transaction(log) as connection, pytest.raises(LogAltered):
        verify(connection, Secret(bytes([1]) * 32))
