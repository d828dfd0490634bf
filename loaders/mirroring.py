"""A copy of another registry, built and followed by its change feed, in a file of SQLite that anything can read.

A page of the feed and the place to go on from are stored in one transaction: a mirror that is killed goes on where it
was. It is compared with its source by a checksum over all addresses as a transaction left them.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import md5
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urljoin, urlsplit
from urllib.request import Request, urlopen

import orjson

from addressbook.errors import AccessError, DatabaseUnreachable, FileError, InputError

SCHEMA = """
CREATE TABLE IF NOT EXISTS address (
    aid TEXT PRIMARY KEY, kind TEXT NOT NULL, state TEXT NOT NULL, name TEXT NOT NULL, standard_text TEXT NOT NULL,
    path TEXT NOT NULL, parent_aid TEXT, road_aid TEXT, plate_no TEXT, division_code TEXT NOT NULL,
    coordinate_level TEXT NOT NULL, lon TEXT, lat TEXT, valid_from TEXT, tx INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS alias (
    aid TEXT NOT NULL, name TEXT NOT NULL, path TEXT, road_aid TEXT, plate_no TEXT, valid_from TEXT,
    tx INTEGER NOT NULL, PRIMARY KEY (aid, name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS followed (url TEXT PRIMARY KEY, next TEXT NOT NULL, tx INTEGER NOT NULL);
"""
ADDRESS = ("kind", "state", "name", "standard_text", "path", "parent_aid", "road_aid", "plate_no", "division_code",
           "coordinate_level", "lon", "lat", "valid_from")  # fmt: skip
ALIAS = ("path", "road_aid", "plate_no", "valid_from")
SUMMED = ("kind", "state", "standard_text", "path", "parent_aid", "road_aid", "plate_no", "division_code",
          "coordinate_level", "lon", "lat")  # fmt: skip
"""In the order in which the source's checksum puts them (store/sql/checksum.sql)."""
PAGE_LINES = 5000
TIMEOUT_S = 60.0
TRIES, PAUSE_S = 5, 0.5
Progress = Callable[[int, int | None], None]


@dataclass(frozen=True, slots=True)
class Source:
    """The registry that is mirrored: its address, and a key that may read addresses."""

    url: str
    key: str

    def get(self, path: str) -> tuple[bytes, Any]:
        """The body and headers of an answer; waits and asks again where the service does not answer.

        Raises AccessError for a key that may not, InputError for what it refuses, DatabaseUnreachable where nothing
        answers.
        """
        request = Request(urljoin(self.url, path), headers={"X-API-Key": self.key})  # noqa: S310 checked on opening
        for attempt in range(1, TRIES + 1):
            try:
                with urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
                    return answer.read(), answer.headers
            except HTTPError as refusal:
                if refusal.code < 500:
                    raise _refused(refusal) from None
            except (URLError, OSError, HTTPException):
                pass
            time.sleep(PAUSE_S * attempt)
        raise DatabaseUnreachable(
            f"{self.url} does not answer.", zh=f"{self.url} 没有响应。",
            remedy="Run the same command again: it goes on where it stopped.",
        )  # fmt: skip


def _refused(refusal: HTTPError) -> AccessError | InputError:
    kind = AccessError if refusal.code in (401, 403) else InputError
    try:
        said = orjson.loads(refusal.read())
    except orjson.JSONDecodeError:
        said = {}
    return kind(
        said.get("detail", f"the source answered {refusal.code}."),
        zh=said.get("detail_zh", f"来源返回 {refusal.code}。"),
        remedy=said.get("remedy", ""),
    )


def open_mirror(path: Path) -> sqlite3.Connection:
    """The file of a mirror, made where it is not there. Raises FileError for a file that is something else."""
    try:
        mirror = sqlite3.connect(path, isolation_level=None)
        mirror.executescript(f"PRAGMA journal_mode = WAL; {SCHEMA}")
    except sqlite3.Error as fault:
        raise FileError(
            f"{path} is no mirror: {fault}.", zh=f"{path} 不是镜像文件。", remedy="Give another file."
        ) from None
    return mirror


def follow(source: Source, path: Path, *, pause_s: float | None = None, progress: Progress | None = None) -> int:
    """Bring the mirror up to its source, and with `pause_s` keep it so; returns the last transaction it has.

    Raises InputError when the file mirrors another source.
    """
    if urlsplit(source.url).scheme not in ("http", "https"):
        raise InputError(f"{source.url!r} is no address of a registry.", zh=f"“{source.url}”不是登记服务的网址。")
    with closing(open_mirror(path)) as mirror:
        done = 0
        while True:
            lines, tx, newest = _page(source, mirror)
            done += len(lines)
            if progress:
                progress(done, None)
            if len(lines) < PAGE_LINES and tx >= newest:
                if pause_s is None:
                    return tx
                time.sleep(pause_s)


def _page(source: Source, mirror: sqlite3.Connection) -> tuple[list[Any], int, int]:
    """Store the next page; returns its lines, the last transaction the mirror has whole, and the source's newest."""
    others = mirror.execute("SELECT url FROM followed WHERE url <> ?", [source.url]).fetchone()
    if others:
        raise InputError(
            f"this file mirrors {others[0]}.", zh=f"该文件是 {others[0]} 的镜像。", remedy="Give another file."
        )
    known = mirror.execute("SELECT next, tx FROM followed").fetchone() or (f"/changes?limit={PAGE_LINES}", 0)
    body, headers = source.get(known[0])
    lines = [orjson.loads(line) for line in body.splitlines()]
    newest = int(headers["Addressbook-Newest-Transaction"])
    following = headers["Link"].partition("<")[2].partition(">")[0]
    # A page that is full may end within a transaction; one that is not has all there was.
    whole = newest if len(lines) < PAGE_LINES else max(known[1], lines[-1]["tx"] - 1)
    mirror.execute("BEGIN IMMEDIATE")
    try:
        for line in lines:
            mirror.execute(*_statement(line))
        mirror.execute("INSERT OR REPLACE INTO followed VALUES (?, ?, ?)", [source.url, following, whole])
        mirror.execute("COMMIT")
    except BaseException:
        mirror.execute("ROLLBACK")
        raise
    return lines, whole, newest


def _statement(line: dict[str, Any]) -> tuple[str, Sequence[Any]]:
    """What a line of the feed does to the mirror."""
    if "address" in line:
        values = [line["address"][name] for name in ADDRESS]
        return "INSERT OR REPLACE INTO address VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", [
            line["aid"],
            *values,
            line["tx"],
        ]
    alias = line["alias"]
    if line["action"] == "end":
        return "DELETE FROM alias WHERE aid = ? AND name = ?", [line["aid"], alias["name"]]
    values = [line["aid"], alias["name"], *(alias[name] for name in ALIAS), line["tx"]]
    return "INSERT OR REPLACE INTO alias VALUES (?,?,?,?,?,?,?)", values


def compare(source: Source, path: Path) -> tuple[bool, int, int]:
    """Whether the mirror is what its source was after the mirror's last transaction; that transaction, and how many.

    Only a mirror that is up to its last transaction can be compared: call `follow` first.
    """
    with closing(open_mirror(path)) as mirror:
        (tx,) = mirror.execute("SELECT tx FROM followed").fetchone() or (0,)
        said = orjson.loads(source.get(f"/changes/checksum?at={tx}")[0])
        number, checksum = _checksum(mirror)
    return (number, checksum) == (said["addresses"], said["checksum"]), tx, number


def _checksum(mirror: sqlite3.Connection) -> tuple[int, str]:
    whole, number = md5(usedforsecurity=False), 0
    for number, line in enumerate(_summed(mirror), 1):  # noqa: B007 the last value is the count
        whole.update(md5(line.encode(), usedforsecurity=False).hexdigest().encode())
    return number, whole.hexdigest()


def _summed(mirror: sqlite3.Connection) -> Iterator[str]:
    names = ", ".join(SUMMED)
    for row in mirror.execute(f"SELECT aid, {names} FROM address ORDER BY aid"):  # noqa: S608 names of ours
        yield "|".join("" if value is None else value for value in row)


__all__ = ["Source", "compare", "follow", "open_mirror"]
