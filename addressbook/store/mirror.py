"""The file of a mirror: addresses and aliases of another registry in SQLite, and how far its feed was followed.

Whoever follows says from where the page that is stored goes on: where somebody else has stored meanwhile it is not, so
that two that write one file are slower than one, and never wrong.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from hashlib import md5
from pathlib import Path
from typing import Any, NamedTuple

from addressbook.errors import BusyError, FileError

PATIENCE_S = 30.0
"""So long is waited for somebody else who writes; a page is stored in less than a second."""
VERSION = 2
"""Of the tables below, kept in the file; a copy made for others is built anew."""
SCHEMA = f"""
PRAGMA journal_mode = WAL;
PRAGMA user_version = {VERSION};
CREATE TABLE IF NOT EXISTS address (
    aid TEXT PRIMARY KEY, kind TEXT NOT NULL, state TEXT NOT NULL, name TEXT NOT NULL, standard_text TEXT NOT NULL,
    path TEXT NOT NULL, parent_aid TEXT, road_aid TEXT, plate_no TEXT, division_code TEXT NOT NULL,
    coordinate_level TEXT NOT NULL, lon TEXT, lat TEXT, valid_from TEXT, tx INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS alias (
    aid TEXT NOT NULL, name TEXT NOT NULL, path TEXT, path_site TEXT, road_aid TEXT, plate_no TEXT, valid_from TEXT,
    tx INTEGER NOT NULL, PRIMARY KEY (aid, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS followed (url TEXT PRIMARY KEY, next TEXT NOT NULL, tx INTEGER NOT NULL);
"""
_PUT = (
    "INSERT OR REPLACE INTO address VALUES (:aid, :kind, :state, :name, :standard_text, :path, :parent_aid, :road_aid,"
    " :plate_no, :division_code, :coordinate_level, :lon, :lat, :valid_from, :tx)"
)
_PUT_ALIAS = (
    "INSERT OR REPLACE INTO alias VALUES (:aid, :name, :path, :path_site, :road_aid, :plate_no, :valid_from, :tx)"
)
_END_ALIAS = "DELETE FROM alias WHERE aid = :aid AND name = :name"
# In the order in which the source puts them (store/sql/checksum.sql).
_SUMMED = (
    "SELECT aid, kind, state, name, standard_text, path, parent_aid, road_aid, plate_no, division_code,"
    " coordinate_level, lon, lat, valid_from FROM address ORDER BY aid"
)
_SUMMED_ALIASES = (
    "SELECT aid, name, path, path_site, road_aid, plate_no, valid_from FROM alias ORDER BY aid, name"
)  # fmt: skip


class Followed(NamedTuple):
    """What a mirror follows: the source, where its feed goes on, and the last transaction that the mirror has whole."""

    url: str
    next: str
    tx: int


class Mirror:
    """The file, made where it is not there.

    Raises FileError for a file that is something else, BusyError where somebody else writes it all the time.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._file = sqlite3.connect(path, isolation_level=None, timeout=PATIENCE_S)
            known = self._file.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
            if known and self._file.execute("PRAGMA user_version").fetchone()[0] != VERSION:
                raise FileError(
                    f"{path} is no mirror of this version.", zh=f"{path} 不是本版本的镜像文件。",
                    remedy="Give another file, or remove it and build it anew.",
                )  # fmt: skip
            self._file.executescript(SCHEMA)
        except sqlite3.Error as fault:
            if _is_busy(fault):
                raise _busy() from None
            raise FileError(
                f"{path} is no mirror: {fault}.", zh=f"{path} 不是镜像文件。", remedy="Give another file."
            ) from None

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def followed(self) -> Followed | None:
        """What it follows; None while it is new."""
        found = self._file.execute("SELECT url, next, tx FROM followed").fetchone()
        return Followed(*found) if found else None

    def store(self, lines: Iterable[dict[str, Any]], followed: Followed, known: Followed | None) -> bool:
        """Store a page of the feed and where it goes on, both or neither; False where `known` is no longer the place.

        Raises BusyError where somebody else writes all the time.
        """
        try:
            self._file.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as fault:
            if _is_busy(fault):
                raise _busy() from None
            raise
        try:
            is_next = self.followed() == known
            if is_next:
                for line in lines:
                    self._file.execute(*_statement(line))
                self._file.execute("INSERT OR REPLACE INTO followed VALUES (?, ?, ?)", followed)
            self._file.execute("COMMIT")
        except BaseException:
            self._file.execute("ROLLBACK")
            raise
        return is_next

    def summed(self) -> tuple[Followed | None, int, str]:
        """What it follows and its checksum, of one moment: somebody else may be writing."""
        self._file.execute("BEGIN")
        try:
            return self.followed(), *self.checksum()
        finally:
            self._file.execute("COMMIT")

    def checksum(self) -> tuple[int, str]:
        """Number of addresses, and checksum of all addresses and aliases, as the source makes it of its own."""
        number, addresses = self._summed(_SUMMED)
        _, aliases = self._summed(_SUMMED_ALIASES)
        return number, md5((addresses + aliases).encode(), usedforsecurity=False).hexdigest()

    def _summed(self, asked: str) -> tuple[int, str]:
        whole, number = md5(usedforsecurity=False), 0
        for number, row in enumerate(self._file.execute(asked), 1):  # noqa: B007 the last value is the count
            whole.update(md5(_as_text(row).encode(), usedforsecurity=False).hexdigest().encode())
        return number, whole.hexdigest()


def _is_busy(fault: sqlite3.Error) -> bool:
    return fault.sqlite_errorcode == sqlite3.SQLITE_BUSY


def _busy() -> BusyError:
    return BusyError(
        "somebody else writes this mirror.",
        zh="另有进程正在写入该镜像文件。",
        remedy="Give another file, or end the other one.",
    )


def _as_text(row: Sequence[str | None]) -> str:
    return "|".join("" if value is None else value for value in row)


def _statement(line: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """What a line of the feed does to the mirror."""
    key = {"aid": line["aid"], "tx": line["tx"]}
    if "address" in line:
        return _PUT, {**line["address"], **key}
    return (_PUT_ALIAS if line["action"] == "put" else _END_ALIAS), {**line["alias"], **key}
