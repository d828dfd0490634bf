"""Talking to the private server: whether it answers and is ours, and the role, database and extensions in it."""

from __future__ import annotations

from typing import Literal

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL

from addressbook.errors import ClusterError
from addressbook.store.cluster.binaries import Binaries, postgis_missing
from addressbook.store.cluster.layout import PORT, Layout, Marker
from addressbook.store.cluster.server import SUPERUSER, explained

ROLE = "addressbook"
DATABASE = "addressbook"
EXTENSIONS = ("postgis", "pg_trgm")
CONNECT_TIMEOUT_S = 10


def url(layout: Layout, marker: Marker) -> str:
    """The SQLAlchemy URL of the database in the private cluster."""
    query = {"host": str(layout.socket_dir(marker)), "port": str(PORT)}
    return URL.create("postgresql+psycopg", username=ROLE, database=DATABASE, query=query).render_as_string(False)


def is_ready(layout: Layout, marker: Marker) -> bool:
    """Whether the server answers, is the marker's, and has the database with its extensions."""
    asked = "SELECT current_setting('cluster_name'), count(*) FROM pg_extension WHERE extname = ANY(%s)"
    try:
        with _connect(layout, marker, ROLE, DATABASE) as connection:
            row = connection.execute(asked, [list(EXTENSIONS)]).fetchone()
    except psycopg.OperationalError:
        return False
    return row == (marker.cluster_name, len(EXTENSIONS))


def presence(layout: Layout, marker: Marker) -> Literal["accepts", "busy", "gone"]:
    """Whether a server answers on the socket; "busy" is one that says it is starting, stopping or recovering."""
    try:
        with _connect(layout, marker, SUPERUSER, "postgres"):
            return "accepts"
    except psycopg.OperationalError as error:
        return "busy" if "the database system is" in str(error) else "gone"


def prepare(layout: Layout, marker: Marker, binaries: Binaries) -> None:
    """Make the role, the database and its extensions where they are absent.

    The role is no superuser: a statement smuggled into the service must not reach the files of the server.
    """
    try:
        with _connect(layout, marker, SUPERUSER, "postgres") as connection:
            _check_ours(connection, layout, marker)
            _make_role(connection)
            _make_database(connection)
        with _connect(layout, marker, SUPERUSER, DATABASE) as connection:
            for extension in EXTENSIONS:
                connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
    except psycopg.errors.FeatureNotSupported as error:
        raise postgis_missing(binaries.major) from error
    except psycopg.Error as error:
        raise explained("the private database could not be prepared", str(error)) from None


def _connect(layout: Layout, marker: Marker, user: str, database: str) -> psycopg.Connection[tuple[object, ...]]:
    return psycopg.connect(
        host=str(layout.socket_dir(marker)),
        port=PORT,
        user=user,
        dbname=database,
        autocommit=True,
        connect_timeout=CONNECT_TIMEOUT_S,
        application_name="addressbook",
    )


def _check_ours(connection: psycopg.Connection[tuple[object, ...]], layout: Layout, marker: Marker) -> None:
    row = connection.execute("SELECT current_setting('cluster_name')").fetchone()
    if row != (marker.cluster_name,):
        raise ClusterError(
            f"the server on the socket of ADDRESSBOOK_HOME={layout.home} is not the one addressbook made.",
            zh=f"{layout.home} 中运行的数据库不是本程序建立的。",
            remedy="Stop that server, or set ADDRESSBOOK_HOME to another directory.",
        )


def _make_role(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [ROLE]).fetchone() is None:
        role = sql.Identifier(ROLE)
        connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(role))
        connection.execute(sql.SQL("GRANT pg_monitor TO {}").format(role))


def _make_database(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    if connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
        names = sql.Identifier(DATABASE), sql.Identifier(ROLE)
        connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*names))
