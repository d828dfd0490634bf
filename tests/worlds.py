"""Small drawn worlds for the loaders: write a file, load it, ask what became of it.

Every load checks what must hold after any load whatever: the totals add up and agree with the batch, and the roll-ups
equal the recount.
"""

from __future__ import annotations

import base64
import csv
import io
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import openpyxl
from sqlalchemy import URL, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from addressbook.divisions import Gazetteer
from addressbook.identity import check_character
from addressbook.privacy.sealing import Secret
from addressbook.store.engine import at_one_moment
from addressbook.store.rollups import check_rollups
from addressbook.store.squares import refresh_tiles
from loaders.outcomes import RowOutcome
from loaders.request import LoadRequest
from loaders.running import LoadReport, run_load
from tests.pictures import Picture, empty_tables

SECRET = Secret(bytes(32))
TOWN = "浙江省杭州市萧山区北干街道"
TOWN_CODE = "330109002000"
PLATE = f"{TOWN}市心北路260号"
ESTATE = f"{PLATE}南岸明珠"
ROOM = f"{ESTATE}3幢1单元502室"
ESTATE_ROWS = [
    ESTATE,
    *(f"{ESTATE}{b}幢1单元{room}室" for b in (3, 13) for room in (501, 502)),
    *(f"{ESTATE}{b}幢2单元{room}室" for b in (3, 13) for room in (503, 504)),
    f"{TOWN}金城路12号",
]
"""Two buildings of two entrances with two rooms each, and a shop on another street."""
PATIENCE_S = 120.0
PICTURES: dict[str, Picture] = {}
"""Worlds that this process has made, by name."""
ROOT = Path(__file__).resolve().parents[1]
KEPT = ("address", "address_alias", "address_version", "address_succession", "aid_directory",
        "external_identifier", "link", "source_row", "review_item",
        "rollup", "rollup_division", "rollup_month", "rollup_total", "registry_event", "person", "house", "enterprise",
        "event", "thing")  # fmt: skip
"""The tables in which a load that has nothing to say must not touch a row."""

Row = Mapping[str, Any]


def csv_text(rows: Sequence[Row]) -> str:
    """Rows as CSV with a header of all their columns."""
    columns = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write_csv(path: Path, rows: Sequence[Row], encoding: str = "utf-8") -> Path:
    """A CSV file of these rows."""
    path.write_text(csv_text(rows), encoding=encoding)
    return path


def write_lines(path: Path, lines: Sequence[bytes]) -> Path:
    """A file of exactly these lines."""
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def write_workbook(path: Path, *sheets: Sequence[Sequence[Any]], merged: Sequence[str] = ()) -> Path:
    """An .xlsx file of these sheets, rows of cells as they are; `merged` ranges are merged on the first sheet."""
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for number, cells in enumerate(sheets, 1):
        sheet = book.create_sheet(f"Sheet{number}")
        for row in cells:
            sheet.append(list(row))
    for cell_range in merged:
        book.worksheets[0].merge_cells(cell_range)
    book.save(path)
    return path


def write_geojson(path: Path, features: Sequence[Any], **members: Any) -> Path:
    """A GeoJSON feature collection."""
    collection = {"type": "FeatureCollection", **members, "features": list(features)}
    path.write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")
    return path


def feature(properties: Any, point: Any = None) -> dict[str, Any]:
    """A feature, at a point where one is given."""
    geometry = None if point is None else {"type": "Point", "coordinates": point}
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def identity_number(number: int) -> str:
    """An invented identity number with the right check character; the county 990000 does not exist."""
    body = f"99000019900101{number:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def uscc(number: int) -> str:
    """An invented 统一社会信用代码 with the right check character."""
    body = f"91330109FAKE{number:05d}"
    return body + check_character(body)


@cache
def for_loads(url: URL) -> Engine:
    """Connections for loads, which end theirs: a world keeps its own, and what PostgreSQL has planned on them."""
    return create_engine(url, poolclass=NullPool)


@dataclass
class World:
    """A database of the tests' and a folder for files."""

    engine: Engine
    folder: Path
    faults: list[RowOutcome] = field(default_factory=list)

    def load(self, kind: str, path: Path, source: str | None = None, **options: Any) -> LoadReport:
        """Load a file and check what must hold after every load; the outcomes not linked are in `faults`."""
        self.faults.clear()
        request = LoadRequest(kind, path, source or kind, **options)
        gazetteer, engine = Gazetteer.shipped(), for_loads(self.engine.url)
        report = run_load(engine, SECRET, request, gazetteer=gazetteer, keep_faults=self.faults.append)
        self.check(report)
        return report

    def load_rows(self, kind: str, rows: Sequence[Row], source: str | None = None, **options: Any) -> LoadReport:
        """Load rows through a CSV file."""
        return self.load(kind, write_csv(self.folder / f"{source or kind}.csv", rows), source, **options)

    def texts(self, texts: Sequence[str], source: str = "list") -> LoadReport:
        """Load an address list of one free-text column."""
        return self.load_rows("addresses", [{"source_key": t, "address": t} for t in texts], source)

    def propose(self, texts: Sequence[str], source: str = "texts", **options: Any) -> LoadReport:
        """Propose the addresses of a column."""
        return self.load_rows("proposals", [{"注册地址": t} for t in texts], source, column="注册地址", **options)

    def check(self, report: LoadReport) -> None:
        """Nothing lost, nothing doubled."""
        counts = report.totals.counts()
        assert counts["read"] == counts["linked"] + counts["review"] + counts["rejected"]
        names = ", ".join(counts)
        batch = self.rows(f"SELECT {names}, state FROM batch WHERE batch_id = :id", id=report.batch_id)
        assert batch == [(*counts.values(), "done")]
        self.check_stored()

    def check_stored(self) -> None:
        """What must hold of the stored rows whatever was loaded or interrupted.

        Squares are counted anew at the end, so that whatever changes something next has to say that they are stale.
        """
        with at_one_moment(self.engine) as connection:  # others may load at the same time
            assert check_rollups(connection) == []
            for faults in NEVER_STORED:
                assert connection.execute(text(faults)).all() == [], faults
        refresh_tiles(self.engine)

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(sql), values)]

    def one(self, sql: str, **values: Any) -> Any:
        """The first value of a query's only row."""
        ((value, *_),) = self.rows(sql, **values)
        return value

    def snapshot(self) -> dict[str, Any]:
        """A fingerprint of every row of every table that a load may write, its version (xmin) included."""
        return {
            table: self.rows(
                f"SELECT count(*), md5(string_agg(t.xmin || t::text, ',' ORDER BY t::text)) FROM {table} t"
            )
            for table in KEPT
        }

    def addresses(self) -> dict[str, str]:
        """Live addresses: standard text → AID, the shortest first: 3幢 before 13幢, whatever was written last."""
        return dict(
            self.rows(
                "SELECT standard_text, aid FROM address WHERE state IN ('provisional', 'current')"
                " ORDER BY length(standard_text), standard_text"
            )
        )

    def paths(self) -> set[tuple[str, str]]:
        """What row order must not change: standard texts and paths, without the random codes in plates' paths."""
        found = self.rows("SELECT standard_text, regexp_replace(path, 'D[0-9A-Z]{12}:', 'D:') FROM address")
        assert len(found) == len(set(found))
        return set(found)

    def linked_to(self, source: str = "people") -> dict[str, str | None]:
        """Source key → AID of the rows of a source that stand."""
        return dict(
            self.rows(
                "SELECT source_key, aid FROM source_row JOIN source USING (source_id)"
                " WHERE source.name = :source AND outcome = 'linked' AND gone_at IS NULL",
                source=source,
            )
        )

    def clear(self) -> None:
        """Empty every table but the purposes that ship. Only of a database that tests made."""
        assert (self.engine.url.database or "").startswith("addressbook_test_")
        with self.engine.begin() as connection:
            empty_tables(connection)

    def begin_as(self, name: str, make: Callable[[], object]) -> None:
        """Fill an empty world: by `make` the first time a process asks for that name, after that with the same rows.

        For worlds that tests begin with and make no claim about; to load one anew for each test takes longer than most
        of what is claimed of it.
        """
        picture = PICTURES.get(name)
        if picture is None:
            make()
            with self.engine.begin() as connection:
                PICTURES[name] = Picture.of(connection)
        else:
            with self.engine.begin() as connection:
                empty_tables(connection)  # a service that is just ending may have written since
                picture.put_back(connection)


DOUBLED_LINKS = "SELECT row_key, role FROM link WHERE closed_at IS NULL GROUP BY 1, 2 HAVING count(*) > 1"
LINKED_ROWS_WITHOUT_LINK = """
    SELECT r.source_key FROM source_row r
    WHERE r.outcome = 'linked' AND r.element_kind <> 'address' AND (r.gone_at IS NULL)
        <> EXISTS (SELECT FROM link l WHERE l.row_key = r.row_key AND l.closed_at IS NULL)
"""
LINKS_WITHOUT_ELEMENT = """
    SELECT element_key FROM link WHERE closed_at IS NULL AND element_key NOT IN (
        SELECT element_key FROM person UNION SELECT element_key FROM house UNION SELECT element_key FROM enterprise
        UNION SELECT element_key FROM event UNION SELECT element_key FROM thing)
"""
REVIEWS_THAT_DISAGREE = """
    SELECT r.source_key FROM source_row r
    WHERE (r.outcome = 'review' AND r.gone_at IS NULL)
        <> EXISTS (SELECT FROM review_item i WHERE i.row_key = r.row_key AND i.state = 'open' AND i.event_id IS NULL)
"""


def sums_that_differ(table: str, columns: str, digits: str) -> str:
    """The rows in which the sums kept for divisions above differ from the counts of the communities."""
    return f"""
        WITH kept AS (SELECT division_code, {columns}, count FROM {table} WHERE count <> 0),
        summed AS (
            SELECT above.code, {columns}, sum(count)::bigint FROM rollup CROSS JOIN LATERAL (
                SELECT DISTINCT rpad(left(community_code, n), 12, '0') AS code FROM unnest(ARRAY[{digits}]) AS n
            ) AS above GROUP BY above.code, {columns} HAVING sum(count) <> 0
        )
        (TABLE kept EXCEPT TABLE summed) UNION ALL (TABLE summed EXCEPT TABLE kept)
    """


NEVER_STORED = (
    "SELECT WHERE (SELECT count(*) FROM aid_directory) <> (SELECT count(*) FROM address)",
    DOUBLED_LINKS,
    LINKED_ROWS_WITHOUT_LINK,
    LINKS_WITHOUT_ELEMENT,
    REVIEWS_THAT_DISAGREE,
    sums_that_differ("rollup_division", "kind, role, category, located", "2, 4, 6, 9"),
    sums_that_differ("rollup_month", "kind, month", "2, 4, 6, 9"),
    sums_that_differ("rollup_total", "kind, located", "2, 4, 6, 9, 12"),
)
"""What each of these finds is wrong."""


@dataclass
class Terminal:
    """Where the real command runs, as a process of its own, on a database and in a home of the tests'."""

    url: str
    home: Path

    @classmethod
    def open(cls, url: str, home: Path) -> Terminal:
        """A terminal whose secret is that of the worlds."""
        home.mkdir(exist_ok=True)
        key = home / "secret.key"
        key.write_bytes(base64.b64encode(bytes(32)))
        key.chmod(0o600)
        return cls(url, home)

    def start(self, *words: str | Path, **settings: str) -> subprocess.Popen[str]:
        """The command, started; `settings` are environment variables."""
        return subprocess.Popen(
            [sys.executable, "-m", "addressbook", *map(str, words)],
            env={**self._environ(), **settings},
            cwd=self.home,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str | Path, **settings: str) -> Ended:
        """The command, run to its end, without the seconds in which it imports (tests.warm)."""
        said = [self.home / name for name in (".out", ".err")]
        code = _call_warm(
            {
                "words": [*map(str, words)], "environ": {**self._environ(), **settings}, "folder": str(self.home),
                **dict(zip(("out", "err"), map(str, said), strict=True)),
            }
        )  # fmt: skip
        out, err = (path.read_text(encoding="utf-8", errors="replace") for path in said)
        assert "Traceback" not in err, err
        return Ended(code, out, err)

    def _environ(self) -> dict[str, str]:
        # Without bytecode every process would compile its libraries anew.
        inherited = {n: v for n, v in os.environ.items() if not n.startswith(("ADDRESSBOOK_", "PYTHONDONTWRITE"))}
        own = {"ADDRESSBOOK_DATABASE_URL": self.url, "ADDRESSBOOK_HOME": str(self.home), "COLUMNS": "200"}
        return {**inherited, **own, "PYTHONPATH": str(ROOT)}


@cache
def _warm() -> subprocess.Popen[str]:
    """The process that forks itself for each command; it ends with this one, at the end of its input."""
    environ = {**os.environ, "COLUMNS": "200"}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.warm"], env=environ, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True,
    )  # fmt: skip


_ONE_AT_A_TIME = Lock()


def _call_warm(call: dict[str, Any]) -> int:
    """The exit code of a command."""
    process = _warm()
    assert process.stdin is not None
    assert process.stdout is not None
    with _ONE_AT_A_TIME:
        process.stdin.write(json.dumps(call) + "\n")
        process.stdin.flush()
        assert select.select([process.stdout], [], [], PATIENCE_S)[0], f"{call['words']} does not end"
        return int(process.stdout.readline())


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, and what it said on standard output and on standard error."""

    code: int
    out: str
    err: str


def ended(process: subprocess.Popen[str]) -> Ended:
    """Wait for the end of a command; a traceback is never what it should say."""
    out, err = process.communicate(timeout=PATIENCE_S)
    assert "Traceback" not in err, err
    return Ended(process.returncode, out, err)


def until(
    condition: Callable[[], object], process: subprocess.Popen[str] | None = None, *, within_s: float = PATIENCE_S
) -> None:
    """Wait for something that another process does; fails when that process ends first."""
    deadline = time.monotonic() + within_s
    while not condition():
        if process is not None and process.poll() is not None:
            raise AssertionError(process.communicate())
        if time.monotonic() > deadline:
            raise TimeoutError("what was waited for did not happen")
        time.sleep(0.02)


@contextmanager
def held_up(world: World, kind: str, source: str, source_key: str) -> Iterator[None]:
    """A transaction of somebody else's that holds one row of a source: a load waits there until it is over."""
    register = text("INSERT INTO source (name, kind) VALUES (:name, :kind) ON CONFLICT DO NOTHING")
    hold = text(
        "INSERT INTO source_row (row_key, source_id, source_key, batch_id, line, digest, outcome, reason_code, field,"
        " message, received, element_kind) SELECT :key, source_id, '', 0, 0, :key, 'linked', '', '', '', '{}', ''"
        " FROM source WHERE name = :name"
    )
    with world.engine.begin() as connection:
        connection.execute(register, {"name": source, "kind": kind})
    with world.engine.connect() as connection:
        connection.execute(hold, {"key": SECRET.row_key(source, source_key), "name": source})
        yield
        with suppress(DBAPIError):
            connection.rollback()


def is_held_up(world: World) -> bool:
    """Whether somebody waits for a lock."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return bool(world.one(asked))


def is_alone(world: World) -> bool:
    """Whether nobody else is connected."""
    asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    return not world.one(asked)
