"""Small worlds whose divisions change: two fictitious districts of Hangzhou, and whoever lives there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, text

from addressbook.divisions.listing import Listed
from addressbook.match import NameIndex, Resolver
from addressbook.model import Resolution
from addressbook.store.division_changes import Applied, apply_divisions, begin_with
from addressbook.store.division_planning import DivisionList, Outline
from addressbook.store.gazetteer import gazetteer_of
from addressbook.store.lookup import SqlPathLookup
from addressbook.store.names import read_names
from addressbook.store.transactions import Because, Transacted, revert
from loaders.request import LoadRequest
from loaders.running import LoadReport, run_load
from tests.worlds import SECRET, World, for_loads, write_csv

CITY = "330100000000"
EAST, WEST = "330197000000", "330198000000"
CLERK = Because("档案员", "年度区划调整", "民发〔2026〕1号")
DAY = date(2025, 4, 1)
OLD = {
    CITY: "杭州市",
    EAST: "云溪区", "330197001000": "青坞街道", "330197001001": "上坞村委会", "330197001002": "下坞村委会",
    "330197002000": "石渡镇", "330197002001": "渡口村委会", "330197002002": "塘湾村委会",
    WEST: "月塘区", "330198001000": "竹浦街道", "330198001001": "竹浦社区居委会",
}  # fmt: skip


def listed(names: Mapping[str, str]) -> list[Listed]:
    """A list as a file would give it."""
    return [Listed(code, name, line=line) for line, (code, name) in enumerate(names.items(), 2)]


def given(names: Mapping[str, str], *, below: str = CITY, day: date = DAY, **more: Any) -> DivisionList:
    """A new list, with whatever else settles it."""
    pairs = [(line, *pair) for line, pair in enumerate(more.get("successions", ()), 2)]
    return DivisionList(below, day, listed(names), pairs, more.get("outlines", ()))


def square(code: str, west: float, east: float) -> Outline:
    """A rectangular outline from 30.0 to 30.4 north."""
    ring = f"{west} 30,{east} 30,{east} 30.4,{west} 30.4,{west} 30"
    return Outline(code, f"MULTIPOLYGON((({ring})))")


@dataclass
class DivisionWorld(World):
    """A world that reads texts with the divisions its own registry keeps."""

    def begin(self, names: Mapping[str, str], below: str = CITY) -> None:
        """Let the registry begin with these divisions."""
        row = text(
            "INSERT INTO division (code, valid_from, name, level, parent_code)"
            " VALUES (:code, '0001-01-01', :name, 'city', '330000000000')"
        )
        with self.engine.begin() as connection:
            connection.execute(row, {"code": below, "name": names[below]})
            begin_with(connection, DivisionList(below, DAY, listed(names)), CLERK)

    def load(self, kind: str, path: Any, source: str | None = None, **options: Any) -> LoadReport:
        """Load a file as the command would."""
        request = LoadRequest(kind, path, source or kind, **options)
        report = run_load(for_loads(self.engine.url), SECRET, request, keep_faults=self.faults.append)
        self.check(report)
        return report

    def apply(self, names: Mapping[str, str], **more: Any) -> Applied:
        """Apply a list; sums must agree with the recount afterwards."""
        with self.engine.begin() as connection:
            done = apply_divisions(connection, given(names, **more), CLERK)
        self.check_stored()
        return done

    def revert(self, event: int) -> Transacted:
        """Take an event back."""
        with self.engine.begin() as connection:
            done = revert(connection, event, CLERK)
        self.check_stored()
        return done

    def resolve(self, *texts: str) -> list[Resolution]:
        """The answers of a matcher built now."""
        with self.reading() as connection:
            gazetteer = gazetteer_of(connection)
            resolver = Resolver(gazetteer, NameIndex(read_names(connection)[0], gazetteer))
            return resolver.resolve_batch(list(texts), SqlPathLookup(connection))

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that changes nothing."""
        with self.engine.connect() as connection:
            yield connection

    def standing(self) -> dict[str, Any]:
        """What an undone change must leave as it found it."""
        return {
            "addresses": self.rows(
                "SELECT aid, standard_text, division_code, valid_from, state FROM address ORDER BY aid"
            ),
            "links": self.rows(
                "SELECT row_key, role, aid, site_id, division_code FROM link WHERE closed_at IS NULL ORDER BY 1, 2"
            ),
            "rows": self.rows("SELECT row_key, site_id, aid, division_code FROM source_row ORDER BY 1"),
            "divisions": self.rows(
                "SELECT code, name, parent_code, valid_from, valid_to FROM division WHERE until_event IS NULL"
                " ORDER BY 1, 4"
            ),
            "areas": self.rows("SELECT code, name, parent_code, ST_AsText(geom) FROM area ORDER BY 1"),
            "reviews": self.rows("SELECT review_id, division_code, state FROM review_item ORDER BY 1"),
            **{
                table: self.rows(f"SELECT * FROM {table} WHERE count <> 0 ORDER BY {table}::text")
                for table in ("rollup", "rollup_division", "rollup_month", "rollup_total")
            },
        }


def points(world: World, rows: Sequence[tuple[str, float, float]], source: str = "points") -> None:
    """An address list with points."""
    data = [{"source_key": words, "address": words, "lon": lon, "lat": lat} for words, lon, lat in rows]
    world.load("addresses", write_csv(world.folder / f"{source}.csv", data), source)
