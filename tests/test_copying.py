"""Claims about COPY: what arrives is what was given, exactly as the driver itself would have written it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given, strategies as st
from sqlalchemy import Connection, Engine, create_engine, text

from addressbook.errors import DatabaseError
from addressbook.model import Role
from addressbook.store.copying import block_of, copy_in, sending
from addressbook.store.engine import driver_of, transaction
from addressbook.store.loading import array_of

COLUMNS = {
    "t": "text", "i": "bigint", "f": "float8", "b": "boolean", "u": "uuid", "d": "date", "s": "bytea", "j": "jsonb",
}  # fmt: skip
TABLE = f"CREATE TEMP TABLE arrived (n int PRIMARY KEY, {', '.join(f'{c} {kind}' for c, kind in COLUMNS.items())})"
NAMES = ("n", *COLUMNS)
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])) | st.text("\\\t\n\r.N'\",{}x")
VALUES = (
    TEXTS, st.integers(-(2**63), 2**63 - 1), st.floats(), st.booleans(), st.uuids(),
    st.dates(max_value=date(9999, 12, 31)), st.binary(), st.sampled_from(["{}", '{"a": "\\\\ \\t \\" 幢"}', "[null]"]),
)  # fmt: skip
ROWS = st.lists(st.tuples(*(st.none() | value for value in VALUES)), max_size=6)


@pytest.fixture(scope="module")
def copied(make_database: Callable[[], str]) -> Iterator[Connection]:
    """A connection with an empty table of its own, in one transaction."""
    engine = create_engine(make_database())
    with engine.begin() as connection:
        connection.execute(text(TABLE))
        yield connection
    engine.dispose()


def arrived(connection: Connection) -> list[str]:
    found = connection.execute(text("SELECT arrived::text FROM arrived ORDER BY n"))
    rows = [str(row[0]) for row in found]
    connection.execute(text("TRUNCATE arrived"))
    return rows


@given(st.lists(TEXTS))
def test_texts_arrive_in_an_array_as_they_are(copied: Connection, texts: list[str]) -> None:
    found = driver_of(copied).execute("SELECT %s::text[]", [array_of(texts)]).fetchone()
    assert found == (texts,)


@pytest.mark.parametrize("others", [[], [None]])
def test_a_term_arrives_as_the_text_that_it_is(copied: Connection, others: list[None]) -> None:
    copy_in(copied, "arrived", ("n", "t"), enumerate([Role.RESIDENCE, "a\\b", *others]))
    rows = arrived(copied)
    copy_in(copied, "arrived", ("n", "t"), enumerate([Role.RESIDENCE.value, "a\\b", *others]))
    assert rows == arrived(copied)


@given(ROWS)
@example([("\\.", None, None, None, None, None, b"\\\n\0", None), ("\\N", 0, -0.0, False, UUID(int=0), None, b"", "1")])
def test_rows_arrive_as_the_driver_would_have_written_them(copied: Connection, rows: list[tuple[Any, ...]]) -> None:
    numbered = [(number, *row) for number, row in enumerate(rows)]
    copy_in(copied, "arrived", NAMES, numbered)
    ours = arrived(copied)
    with driver_of(copied).cursor() as cursor, cursor.copy("COPY arrived FROM STDIN") as copy:
        for row in numbered:
            copy.write_row(row)
    assert ours == arrived(copied)
    assert len(ours) == len(rows)


def test_a_value_of_a_type_that_nobody_has_thought_of_is_refused() -> None:
    with pytest.raises(TypeError, match="list"):
        block_of("arrived", ("t",), [(["a"],)])


def test_rows_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="shorter"):
        block_of("arrived", ("n", "t"), [(1, "a"), (2,)])


def test_what_a_thread_sends_is_there_afterwards(copied: Connection) -> None:
    with sending(copied) as send:
        for number in range(3):
            send(block_of("arrived", ("n",), [(number,)]))
    assert len(arrived(copied)) == 3


def send_twins(connection: Connection) -> None:
    connection.execute(text(TABLE.replace("TEMP ", "")))
    with sending(connection) as send:
        for number in (1, 1, 2):
            send(block_of("arrived", ("n",), [(number,)]))
    pytest.fail("the twin was not told")


def test_what_the_database_refuses_of_a_thread_is_raised_where_it_was_given_and_nothing_is_stored(
    database: Engine,
) -> None:
    with pytest.raises(DatabaseError, match="23505"), transaction(database) as connection:
        send_twins(connection)
    with transaction(database) as connection:
        assert connection.execute(text("SELECT to_regclass('arrived')")).scalar() is None


def send_and_stumble(connection: Connection) -> None:
    with sending(connection) as send:
        send(block_of("arrived", ("n",), [(1,), (1,)]))
        raise ZeroDivisionError


def test_a_fault_of_the_body_is_the_one_that_is_raised(copied: Connection) -> None:
    with copied.begin_nested() as inner:
        with pytest.raises(ZeroDivisionError):
            send_and_stumble(copied)
        inner.rollback()
    assert arrived(copied) == []


def stumble_over_a_lock(connection: Connection, holder: Connection) -> None:
    with sending(connection) as send:
        send(block_of("arrived", ("n",), [(1,)]))
        while not holder.execute(text("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")).scalar():
            time.sleep(0.01)
        raise ZeroDivisionError


def test_a_fault_of_the_body_does_not_wait_for_another_transaction(database: Engine) -> None:
    with transaction(database) as connection:
        connection.execute(text(TABLE.replace("TEMP ", "")))
    with transaction(database) as holder:
        holder.execute(text("LOCK TABLE arrived"))
        with pytest.raises(ZeroDivisionError), transaction(database) as connection:
            stumble_over_a_lock(connection, holder)
        holder.execute(text("DROP TABLE arrived"))
