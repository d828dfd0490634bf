"""One engine, one place where driver errors become ours."""

from __future__ import annotations

import select
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
from psycopg import Connection as DriverConnection, errors as driver
from psycopg.pq import ConnStatus
from psycopg.pq.abc import PGconn
from psycopg.types.json import set_json_loads
from sqlalchemy import Connection, Engine, QueuePool, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError, SQLAlchemyError

from addressbook.errors import DatabaseError, DatabaseUnreachable, DiskFull, SettingError
from addressbook.store.caller import CANCEL_S, waited_for

_REFUSALS = {
    "42501": (
        "the database role lacks a right",
        "数据库角色缺少权限",
        "Let its owner CREATE EXTENSION postgis and pg_trgm, and GRANT CREATE ON DATABASE to the role.",
    ),
    "3D000": ("the database named in ADDRESSBOOK_DATABASE_URL does not exist", "数据库不存在", "Create it first."),
    "28": (
        "the database refused the role or its password",
        "数据库拒绝该角色或密码",
        "Check ADDRESSBOOK_DATABASE_URL.",
    ),
    "0A000": ("the server lacks an extension", "数据库缺少扩展", "Install PostGIS and pg_trgm on the server."),
    "58P01": ("the server lacks an extension", "数据库缺少扩展", "Install PostGIS and pg_trgm on the server."),
}
"""SQLSTATE, or its class, → what an operator can do about it."""
MOST_SAYINGS = 4
"""So many times an idle connection is read from before it counts as broken: notices and the like are no fault."""
set_json_loads(orjson.loads)  # a view is mostly JSON: the driver's own way takes three times as long
_LOST = (driver.OperationalError, driver.AdminShutdown, driver.CrashShutdown, driver.CannotConnectNow)


def make_engine(url: str, *, pool_size: int = 8) -> Engine:
    """An engine for a PostGIS URL; connects at first use and checks a pooled connection before handing it out.

    Raises SettingError when the URL is not one of PostgreSQL; any of postgres://, postgresql:// is taken.
    """
    try:
        parsed = make_url(url.replace("postgres://", "postgresql://", 1))
    except SQLAlchemyError as fault:
        raise SettingError(
            "ADDRESSBOOK_DATABASE_URL is not a database URL.", remedy="Write postgresql://user:password@host:5432/name."
        ) from fault
    if parsed.get_backend_name() != "postgresql":
        raise SettingError(
            f"ADDRESSBOOK_DATABASE_URL names {parsed.get_backend_name()}, not PostgreSQL.",
            remedy="Write postgresql://user:password@host:5432/name.",
        )
    engine = create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_size=pool_size,
        max_overflow=pool_size,
        # Parameters hold personal data: they belong in no message.
        hide_parameters=True,
        connect_args={"prepare_threshold": 1},
    )
    event.listen(engine, "checkout", _need_silence)
    return engine


def is_silent(connection: PGconn) -> bool:
    """Whether an idle connection is as it was left. A server that goes away says so or hangs up, and then there is
    something to read: to look for that takes microseconds, to ask the server a question takes a tenth of a request."""
    if connection.status != ConnStatus.OK:
        return False
    said = select.poll()
    said.register(connection.socket, select.POLLIN)
    for _ in range(MOST_SAYINGS):
        if not said.poll(0):
            return True
        try:
            connection.consume_input()
        except driver.OperationalError:  # the end of the stream
            return False
    return False


def connections_in_use(engine: Engine) -> int:
    """How many connections of its pool are handed out."""
    return engine.pool.checkedout() if isinstance(engine.pool, QueuePool) else 0


def _need_silence(connection: DriverConnection[Any], _record: object, _proxy: object) -> None:
    """Let the pool open another connection in place of one that the server has closed."""
    if not is_silent(connection.pgconn):
        raise DisconnectionError


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """A connection in one transaction: committed at the end, rolled back on any fault, driver errors translated."""
    with translated(), engine.begin() as connection, waited_for(driver_of(connection)):
        yield connection


@contextmanager
def at_one_moment(engine: Engine) -> Iterator[Connection]:
    """A transaction all of whose statements see what was committed when its first one began, whatever others do."""
    with translated(), engine.connect() as fresh:
        connection = fresh.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin(), waited_for(driver_of(connection)):
            yield connection


def write_through(connection: Connection) -> None:
    """Let this transaction's commit wait for the disk, whatever the session was opened with.

    The service opens its sessions with synchronous_commit off for the sake of its access log; a decision must not be
    lost with that log's last half second.
    """
    connection.execute(text("SET LOCAL synchronous_commit = on"))


def take_your_time(connection: Connection) -> None:
    """Let this transaction take as long as it needs: the service ends the statements of others after some seconds."""
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))


def plan_for_what_is_asked(connection: Connection) -> None:
    """Let this transaction's statements be planned for their values: what is rare is found by an index.

    After five times PostgreSQL may settle on a plan for any value, in which a rare one is looked for along all others.
    """
    connection.execute(text("SET LOCAL plan_cache_mode = force_custom_plan"))


def end_running(connection: Connection) -> None:
    """End the statement that another thread runs on this connection; nothing where none runs."""
    driver_of(connection).cancel_safe(timeout=CANCEL_S)


@contextmanager
def translated() -> Iterator[None]:
    """Turn what the driver or SQLAlchemy raise into DatabaseError, DatabaseUnreachable or DiskFull."""
    try:
        yield
    except DBAPIError as fault:
        raise _translation(fault.orig or fault) from fault
    except driver.Error as fault:
        raise _translation(fault) from fault


def _translation(fault: BaseException) -> DatabaseError:
    if isinstance(fault, driver.DiskFull):
        return DiskFull(
            "the database's disk is full; the transaction was rolled back and nothing of it is stored.",
            zh="数据库磁盘已满，本次操作已撤销，未写入任何内容。",
            remedy="Free some space (ADDRESSBOOK_HOME says where the data lies) and run the same command again.",
        )
    if isinstance(fault, _LOST) and getattr(fault, "sqlstate", None) in (None, "57P01", "57P02", "57P03", "08006"):
        return DatabaseUnreachable(
            "the database cannot be reached.",
            zh="无法连接数据库。",
            remedy="Run `addressbook status`; with ADDRESSBOOK_DATABASE_URL set, check that server.",
        )
    state = getattr(fault, "sqlstate", None) or type(fault).__name__
    known = _REFUSALS.get(state) or _REFUSALS.get(state[:2])
    if known:
        en, zh, remedy = known
        return DatabaseError(f"{en} (SQLSTATE {state}).", zh=f"{zh}（{state}）。", remedy=remedy)
    return DatabaseError(f"the database refused a statement (SQLSTATE {state}).", zh=f"数据库拒绝执行（{state}）。")


def driver_of(connection: Connection) -> DriverConnection[Any]:
    """The psycopg connection below a SQLAlchemy one, inside the same transaction: for COPY."""
    raw = connection.connection.driver_connection
    if not isinstance(raw, DriverConnection):
        raise TypeError("the engine does not use psycopg")
    return raw
