"""Claims about the sample district."""

from __future__ import annotations

import csv
import filecmp
import gc
import io
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import shapely
from shapely.geometry import shape

from addressbook.divisions import Gazetteer
from addressbook.errors import FieldError, InputError
from addressbook.identity import is_valid_uscc
from loaders.coordinates import to_wgs84
from loaders.fields import Fields
from loaders.mapping import well_known
from loaders.reading.rows import RawRow
from loaders.sample import files, write_sample
from loaders.sample.building_sites import SiteStream
from loaders.sample.district import District, spoken_name
from loaders.sample.drawing import Draw
from loaders.sample.elements import Elements, Record
from loaders.sample.estates import MAX_ROWS, build_estate
from loaders.sample.faults import FAULTS
from loaders.sample.firms import invent_code
from loaders.sample.naming import Names
from loaders.sample.people import invent_person, is_valid_identity_number
from loaders.sample.rents import Rents
from loaders.sample.sites import AddressRow, Site
from loaders.sample.tables import fault_rows, words
from loaders.sample.writing_wrong import Pen, Writing

ADDRESSES = 6000
KINDS = ("residents", "houses", "enterprises", "events", "things")
Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("sample")
    write_sample(out, addresses=ADDRESSES, seed=7)
    return out


@pytest.fixture(scope="module")
def addresses(sample: Path) -> Rows:
    return read(sample / "addresses.csv")


@pytest.fixture(scope="module")
def truth(sample: Path) -> dict[str, Rows]:
    return {kind: read(sample / "truth" / f"{kind}.csv") for kind in KINDS}


@pytest.fixture(scope="module")
def texts(sample: Path) -> dict[str, list[tuple[str, str]]]:
    """Source key and address text of every linked row, in file order."""
    sheet = openpyxl.load_workbook(sample / "residents.xlsx", read_only=True).active
    assert sheet is not None
    people = [
        (str(row[4]).strip(" '").upper(), str(row[6] or "")) for row in sheet.iter_rows(min_row=4, values_only=True)
    ]
    houses = [(r["房屋编号"], r["房屋地址"]) for r in read(sample / "houses.csv", "gb18030")]
    firms = [(r["统一社会信用代码"], r["注册地址"]) for r in read(sample / "enterprises.csv", "utf-8-sig")]
    events = [(r["工单编号"], r["事发地址"]) for r in read(sample / "events.csv")]
    things = [(f["properties"]["设备编号"], f["properties"]["安装地址"]) for f in features(sample / "things.geojson")]
    return {"residents": people, "houses": houses, "enterprises": firms, "events": events, "things": things}


@pytest.fixture(scope="module")
def outlines(sample: Path) -> list[dict[str, Any]]:
    return features(sample / "areas.geojson")


@pytest.fixture
def district() -> District:
    """Drawn anew for each test: what one test draws from it must not change what the next one finds."""
    draw = Draw(1)
    return District(Gazetteer.shipped(), Names(draw), draw)


@pytest.fixture
def estate(district: District) -> Site:
    """An estate at 9号 of a road with several buildings; its size depends on the seed only."""
    draw = Draw(10)
    community = district.built_up[0]
    site = Site(community, district.county, district.prefix, iter(range(1, 10_000)), draw)
    site.write_road(district.road_in(community.town))
    return build_estate(site, "南岸明珠", "育才新村", plates=["9"], scale=0.3)


def read(path: Path, encoding: str = "utf-8") -> Rows:
    with path.open(encoding=encoding, newline="") as lines:
        return list(csv.DictReader(lines))


def features(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["features"]
    return found


def room_of(site: Site) -> AddressRow:
    return next(row for row in site.rows if row.room)


def writing(row: AddressRow, site: Site, district: District) -> Writing:
    return Writing(row, site, district, Draw(1))


# --- how much, and the same every time


@pytest.mark.parametrize("count", [1, 37, 500])
def test_a_sample_has_exactly_as_many_addresses_as_asked_for(tmp_path: Path, count: int) -> None:
    write_sample(tmp_path, addresses=count, seed=1)
    assert len(read(tmp_path / "addresses.csv")) == count


def test_a_sample_of_no_addresses_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        write_sample(tmp_path, addresses=0, seed=1)


def test_linked_rows_come_in_the_promised_shares(addresses: Rows, truth: dict[str, Rows]) -> None:
    assert len(addresses) == ADDRESSES
    shares = {kind: len(rows) / ADDRESSES for kind, rows in truth.items()}
    wanted = {"residents": 0.5, "houses": 0.2, "enterprises": 0.1, "events": 0.1, "things": 0.1}
    assert shares == pytest.approx(wanted, rel=0.1)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    for name, seed in (("one", 5), ("two", 5), ("other", 6)):
        write_sample(tmp_path / name, addresses=900, seed=seed)
    made = sorted(str(p.relative_to(tmp_path / "one")) for p in (tmp_path / "one").rglob("*.*"))
    assert filecmp.cmpfiles(tmp_path / "one", tmp_path / "two", made, shallow=False) == (made, [], [])
    assert filecmp.cmpfiles(tmp_path / "one", tmp_path / "other", made, shallow=False)[0] == ["areas.geojson"]


def test_progress_ends_at_the_total(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    write_sample(tmp_path, addresses=600, seed=1, progress=lambda *step: seen.append(step))
    assert seen[-1] == ("addresses", 600, 600)
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)


def test_a_stream_of_a_thousand_million_addresses_keeps_one_site_in_memory(district: District) -> None:
    draw = Draw(2)
    stream: Iterator[Site] = iter(SiteStream(district, Names(draw), draw, addresses=10**9))
    for site in islice(stream, 60):
        assert len(site.rows) < MAX_ROWS + 300
    del site
    gc.collect()
    assert sum(isinstance(thing, Site) for thing in gc.get_objects()) <= 2


# --- the district


def test_outlines_are_valid_and_wound_as_rfc_7946_says(outlines: list[dict[str, Any]]) -> None:
    for feature in outlines:
        area = shape(feature["geometry"])
        assert area.is_valid
        assert all(part.exterior.is_ccw for part in getattr(area, "geoms", [area]))


@pytest.mark.parametrize(("level", "above"), [("community", "town"), ("town", "county")])
def test_divisions_tile_the_division_above(outlines: list[dict[str, Any]], level: str, above: str) -> None:
    areas = {f["properties"]["code"]: shape(f["geometry"]) for f in outlines}
    for parent in (f["properties"]["code"] for f in outlines if f["properties"]["level"] == above):
        parts = [areas[f["properties"]["code"]] for f in outlines if f["properties"]["parent_code"] == parent]
        assert shapely.union_all(parts).symmetric_difference(areas[parent]).area < 1e-12
        assert sum(part.area for part in parts) == pytest.approx(areas[parent].area, rel=1e-9)


def test_communities_share_edges_to_the_last_digit(outlines: list[dict[str, Any]]) -> None:
    lowest = [shape(f["geometry"]) for f in outlines if f["properties"]["level"] == "community"]
    assert shapely.coverage_is_valid(lowest)


def test_names_of_divisions_are_the_gazetteers(outlines: list[dict[str, Any]]) -> None:
    gazetteer = Gazetteer.shipped()
    for properties in (f["properties"] for f in outlines if f["properties"]["level"] != "community"):
        division = gazetteer.get(properties["code"])
        assert division is not None
        assert (division.name, division.parent_code) == (properties["name"], properties["parent_code"])


def test_every_address_lies_inside_its_communitys_outline(addresses: Rows, outlines: list[dict[str, Any]]) -> None:
    towns = {f["properties"]["code"]: f["properties"]["name"] for f in outlines}
    areas = {
        (towns[f["properties"]["parent_code"]], spoken_name(f["properties"]["name"])): shape(f["geometry"])
        for f in outlines
        if f["properties"]["level"] == "community"
    }
    for row in addresses:
        assert shapely.contains_xy(areas[row["town"], row["community"]], float(row["lon"]), float(row["lat"])), row


# --- the addresses


def test_parents_come_before_their_children(addresses: Rows) -> None:
    columns = ("road", "road_no", "place", "sub_place", "building", "unit", "floor", "room")
    seen: set[tuple[str, ...]] = set()
    for row in addresses:
        steps = [row[column] for column in columns]
        seen.add((row["town"], *steps))
        deepest = max(index for index, step in enumerate(steps) if step)
        if deepest >= columns.index("building"):
            above = [*steps[:deepest], *[""] * (len(steps) - deepest)]
            compound = ["", "", row["place"], *[""] * 5]
            assert (row["town"], *above) in seen or (row["town"], *compound) in seen, row


def test_every_plate_on_a_road_follows_the_roads_own_row(addresses: Rows) -> None:
    streets: set[tuple[str, str]] = set()
    for row in addresses:
        if row["road"] and not row["road_no"]:
            streets.add((row["town"], row["road"]))
        assert not row["road"] or (row["town"], row["road"]) in streets


def test_no_two_addresses_have_the_same_text(addresses: Rows) -> None:
    assert [text for text, times in Counter(row["address"] for row in addresses).items() if times > 1] == []


def test_every_kind_of_address_occurs(addresses: Rows) -> None:
    deepest = Counter(next(column for column in reversed(list(row)[5:13]) if row[column]) for row in addresses)
    assert set(deepest) == {"road", "road_no", "place", "sub_place", "building", "unit", "floor", "room"}
    assert any(row["building"] and row["room"] and not row["unit"] for row in addresses)


def test_hard_negatives_occur(addresses: Rows) -> None:
    places = {row["place"] for row in addresses}
    assert any(name + suffix in places for name in places if name for suffix in words("sibling_suffixes"))
    roads = {row["road"] for row in addresses}
    assert any(road.replace("北路", "南路") in roads for road in roads if road.endswith("北路"))
    plates = Counter((row["town"], row["road_no"]) for row in addresses if row["road"] and row["road_no"])
    assert max(plates.values()) > 1


def test_invented_names_do_not_repeat() -> None:
    names = Names(Draw(9))
    for source in (names.estates, names.aliases, names.villages, names.offices, names.works, names.places):
        drawn = list(islice(source, 30_000))
        assert len(set(drawn)) == len(drawn)
    roads = [road for _ in range(6000) for road in names.roads()]
    assert len(set(roads)) == len(roads)


# --- the truth


def test_every_row_has_its_truth_beside_it(texts: dict[str, list[tuple[str, str]]], truth: dict[str, Rows]) -> None:
    for kind in KINDS:
        assert [key for key, _ in texts[kind]] == [row["source_key"] for row in truth[kind]]


def test_the_truth_names_addresses_and_divisions_that_exist(addresses: Rows, truth: dict[str, Rows]) -> None:
    keys = {row["source_key"] for row in addresses}
    gazetteer = Gazetteer.shipped()
    for row in (row for rows in truth.values() for row in rows):
        assert row["expected"] in {"address", "division", "none", "ambiguous", "rejected"}
        assert row["address_key"] in keys or not row["address_key"]
        assert row["expected"] != "address" or row["address_key"]
        assert row["expected"] not in {"division", "ambiguous"} or not row["address_key"]
        assert not row["division_code"] or gazetteer.get(row["division_code"]) is not None


def test_a_text_that_identifies_an_address_never_means_two(
    texts: dict[str, list[tuple[str, str]]], truth: dict[str, Rows]
) -> None:
    meant: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for kind in KINDS:
        for (_, text), row in zip(texts[kind], truth[kind], strict=True):
            if row["expected"] != "rejected":
                meant[text].add((row["expected"], row["address_key"]))
    answers = {text: found for text, found in meant.items() if len(found) > 1}
    assert all(expected != "address" for found in answers.values() for expected, _ in found)


def test_a_clean_text_is_the_registers_own(
    texts: dict[str, list[tuple[str, str]]], truth: dict[str, Rows], addresses: Rows
) -> None:
    register = {row["source_key"]: row["address"] for row in addresses}
    for kind in KINDS:
        for (_, text), row in zip(texts[kind], truth[kind], strict=True):
            assert row["fault"] != "clean" or text == register[row["address_key"]]


def test_every_fault_of_the_table_occurs_and_no_other(truth: dict[str, Rows]) -> None:
    occurring = {name for rows in truth.values() for row in rows for name in row["fault"].split("+")}
    assert occurring == {row.name for row in fault_rows()}


def test_every_fault_of_the_table_has_its_function() -> None:
    drawn = {row.name for row in fault_rows() if row.severity not in {"clean", "rejected"}}
    assert drawn == set(FAULTS)


def test_one_row_in_ten_cannot_be_answered_with_an_address(truth: dict[str, Rows]) -> None:
    severity = {row.name: row.severity for row in fault_rows()}
    counts = Counter(severity[row["fault"].split("+")[0]] for rows in truth.values() for row in rows)
    total = sum(counts.values())
    assert (counts["clean"] + counts["mild"]) / total == pytest.approx(0.7, abs=0.06)
    assert counts["hard"] / total == pytest.approx(0.19, abs=0.05)
    assert counts["unanswerable"] / total == pytest.approx(0.1, abs=0.04)
    assert counts["rejected"] / total < 0.01


# --- ways of writing an address wrong


@pytest.mark.parametrize(
    ("fault", "written"),
    [
        ("numerals_chinese", "三幢"),
        ("leading_zero", "03幢"),
        ("hash_mark", "3#"),
        ("road_number_suffix_dropped", "9南岸明珠"),
        ("place_repeated", "南岸明珠南岸明珠3幢"),
        ("homophone_character", "南岸明株"),
        ("alias_of_place", "育才新村"),
        ("former_county_name", "萧山市"),
        ("traditional_characters", "9號"),
        ("digits_full_width", "９号"),
    ],
)
def test_a_fault_shows_in_the_text(fault: str, written: str, estate: Site, district: District) -> None:
    row = next(row for row in estate.rows if row.building == "3" and not row.room and not row.unit)
    estate.building_suffix = "幢"
    wrong = writing(row, estate, district)
    assert FAULTS[fault](wrong)
    assert written in wrong.text()
    assert (wrong.expected, wrong.key) == ("address", row.source_key)


def test_dashes_join_building_unit_and_room(district: District) -> None:
    site = Site(district.built_up[0], district.county, district.prefix, iter(range(9)), Draw(1))
    site.add("南岸明珠3幢2单元502室", site.point(), place="南岸明珠", building="3", unit="2", room="502")
    wrong = writing(site.rows[0], site, district)
    assert FAULTS["dashes"](wrong)
    assert wrong.text().endswith("南岸明珠3-2-502")


@pytest.mark.parametrize(("units", "expected"), [(1, "address"), (2, "ambiguous")])
def test_a_dropped_unit_is_ambiguous_only_where_two_units_have_the_room(
    district: District, units: int, expected: str
) -> None:
    site = Site(district.built_up[0], district.county, district.prefix, iter(range(9)), Draw(1))
    for unit in range(1, units + 1):
        site.add(
            f"南岸明珠3幢{unit}单元502室", site.point(), place="南岸明珠", building="3", unit=str(unit), room="502"
        )
    wrong = writing(site.rows[0], site, district)
    assert FAULTS["unit_dropped"](wrong)
    assert (wrong.text()[-10:], wrong.expected) == ("南岸明珠3幢502室", expected)


def test_a_building_that_does_not_exist_is_anchored_at_the_estate(estate: Site, district: District) -> None:
    row = room_of(estate)
    wrong = writing(row, estate, district)
    assert FAULTS["building_nonexistent"](wrong)
    anchor = next(r for r in estate.rows if r.source_key == wrong.key)
    assert wrong.expected == "none"
    assert (anchor.place, anchor.building) == (row.place, "")


def test_a_room_that_does_not_exist_is_anchored_above_it(estate: Site, district: District) -> None:
    row = room_of(estate)
    wrong = writing(row, estate, district)
    assert FAULTS["room_nonexistent"](wrong)
    anchor = next(r for r in estate.rows if r.source_key == wrong.key)
    assert (wrong.expected, anchor.building, anchor.unit, anchor.room) == ("none", row.building, row.unit, "")


# --- people, firms and files


def test_every_person_is_invented_and_marked(sample: Path, truth: dict[str, Rows]) -> None:
    sheet = openpyxl.load_workbook(sample / "residents.xlsx").active
    assert sheet is not None
    assert {str(area) for area in sheet.merged_cells.ranges} == {"A1:J1", "A2:A3", "B2:F2", "G2:H2", "I2:I3", "J2:J3"}
    rows = list(sheet.iter_rows(min_row=4, values_only=True))
    assert all("虚构人物" in str(row[9]) and str(row[5]).startswith("100") for row in rows)
    assert all(str(row[4]).strip(" '").startswith("99") for row in rows)
    assert {type(row[5]) for row in rows} == {int, str}
    assert {type(row[4]) for row in rows} == {int, str}
    faulty = {"wrong_check_character", "number_damaged"}
    for row in truth["residents"]:
        assert is_valid_identity_number(row["source_key"]) == (row["fault"] not in faulty), row


def test_every_firms_code_passes_its_check_but_those_that_must_not(truth: dict[str, Rows]) -> None:
    for row in truth["enterprises"]:
        assert is_valid_uscc(row["source_key"]) == (row["fault"] != "wrong_check_character")


def test_keys_repeat_only_where_the_truth_says_so(truth: dict[str, Rows]) -> None:
    for rows in truth.values():
        kept = [row["source_key"] for row in rows if row["expected"] != "rejected"]
        assert len(set(kept)) == len(kept)
        assert any(row["fault"] == "duplicate_key" and row["source_key"] in kept for row in rows)


def test_rejected_rows_are_few(truth: dict[str, Rows]) -> None:
    for rows in truth.values():
        for fault, times in Counter(row["fault"] for row in rows if row["expected"] == "rejected").items():
            assert times <= max(1, 0.002 * len(rows)), fault


def test_persons_and_firms_do_not_repeat_across_millions() -> None:
    draw = Draw(4)
    serials = [*range(3000), *range(4_999_000, 5_002_000), *range(9_999_000, 10_002_000)]
    assert len({invent_person(serial, draw).identity_number for serial in serials}) == len(serials)
    assert len({invent_code(serial) for serial in serials}) == len(serials)


def test_things_lie_in_gcj02_at_their_address(sample: Path, truth: dict[str, Rows], addresses: Rows) -> None:
    document = json.loads((sample / "things.geojson").read_text(encoding="utf-8"))
    assert document["coordinate_system"] == "GCJ-02"
    points = {row["source_key"]: (float(row["lon"]), float(row["lat"])) for row in addresses}
    for feature, row in zip(document["features"], truth["things"], strict=True):
        if row["fault"] == "clean":
            lon, lat = to_wgs84(*feature["geometry"]["coordinates"], system="gcj02")
            assert (lon, lat) == pytest.approx(points[row["address_key"]], abs=2e-6)


def rent_read(row: dict[str, str]) -> float | None:
    """The rent of a house as the loader reads it from a file that needs no mapping of its own."""
    return Fields(RawRow(2, row), well_known("houses")).number("monthly_rent_yuan", 0, 100_000)


def test_what_is_let_has_a_rent_that_the_loader_reads_however_it_is_written(sample: Path) -> None:
    houses = read(sample / "houses.csv", "gb18030")
    let = [row for row in houses if row["居住状态"] == "出租"]
    told = [row for row in let if row["月租金"]]
    assert len(told) / len(let) > 0.9
    assert not any(row["月租金"] for row in houses if row["居住状态"] in {"自住", "空置"})
    written = " ".join(row["月租金"] for row in told)
    assert all(form in written for form in ("元/月", ",", ".0", "万", "面议"))
    for row in told:
        if row["月租金"] == "面议":
            with pytest.raises(FieldError):
                rent_read(row)
        else:
            rent = rent_read(row)
            assert rent is not None
            assert 50 <= rent <= float(row["建筑面积"]) * 180 + 50, row


def test_rents_are_drawn_apart_from_everything_else(estate: Site, district: District) -> None:
    def houses(rents: int) -> list[Record]:
        draw = Draw(3)
        return list(Elements(Pen(district, draw, FAULTS), draw, Rents(rents)).of("houses", estate, 200))

    one, other = houses(1), houses(2)
    assert [record._replace(values=record.values[:-1]) for record in one] == [
        record._replace(values=record.values[:-1]) for record in other
    ]
    assert [record.values[-1] for record in one] != [record.values[-1] for record in other]


def test_tables_have_the_encodings_people_send(sample: Path) -> None:
    assert (sample / "enterprises.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with pytest.raises(UnicodeDecodeError):
        (sample / "houses.csv").read_text(encoding="utf-8")
    assert not (sample / "addresses.csv").read_bytes().startswith(b"\xef\xbb\xbf")


def test_residents_beyond_a_sheets_size_go_into_another_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_RESIDENTS_PER_FILE", 100)
    write_sample(tmp_path, addresses=500, seed=1)
    sizes = [
        len(list(openpyxl.load_workbook(tmp_path / name).active.iter_rows()))
        for name in ("residents.xlsx", "residents-2.xlsx")
    ]
    assert sizes == [103, 103]


def test_rows_that_need_quotes_are_quoted() -> None:
    lines = io.StringIO()
    table = files.Table(lines, ("a", "b"))
    rows = [["plain", "row"], ['say "so"', "one,two\nthree"], ["", ""]]
    for row in rows:
        table.write([row])
    assert list(csv.reader(io.StringIO(lines.getvalue()))) == [["a", "b"], *rows]
