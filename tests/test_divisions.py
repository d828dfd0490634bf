"""Divisions by code and by name: what the parser, the views and the store rely on."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise

import pytest
from hypothesis import given, strategies as st

from addressbook import divisions
from addressbook.divisions import Gazetteer, code_range, community_forms, level_of, pad, parent_code, short_name
from addressbook.divisions.history import CountyHistory, HistoryRow
from addressbook.errors import CodeError, NotFoundError
from addressbook.model import Division, Level

XIAOSHAN = "330109000000"
GAZETTEER = Gazetteer.shipped()
# Deferred: to list them takes seconds, which a process that collects and runs other files need not pay.
towns = st.deferred(
    lambda: st.sampled_from([town.code for p in GAZETTEER.provinces() for town in GAZETTEER.towns_of(p.code)])
)
county_names = st.deferred(
    lambda: st.sampled_from(sorted({entry.name for entry in GAZETTEER.name_set({Level.COUNTY})}))
)
codes = st.builds(
    lambda digits, length: digits[:length],
    st.from_regex(r"\A[1-9][0-9]{11}\Z"),
    st.sampled_from([2, 4, 6, 9, 12]),
)


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return GAZETTEER


def names(found: list[Division]) -> list[str]:
    return [division.name for division in found]


# Codes


@given(codes)
def test_a_padded_code_has_twelve_digits_and_padding_again_changes_nothing(code: str) -> None:
    assert len(pad(code)) == 12
    assert pad(pad(code)) == pad(code)


@given(codes)
def test_a_code_lies_in_its_own_range_and_in_its_parents(code: str) -> None:
    low, high = code_range(code)
    assert low <= pad(code) <= high
    parent = parent_code(code)
    if parent is not None:
        above_low, above_high = code_range(parent)
        assert above_low <= low <= high <= above_high
        assert level_of(parent).rank < level_of(code).rank


@pytest.mark.parametrize("code", ["", "3", "33010", "3301090", "33010900100a", "３３０１", "萧山", "3301090010001"])
def test_what_is_no_code_is_refused_with_a_remedy(code: str) -> None:
    with pytest.raises(CodeError, match="not a division code") as caught:
        pad(code)
    assert caught.value.zh


@pytest.mark.parametrize("code", ["33", "3301", "330109", "330109001", "330109001001"])
def test_short_codes_are_accepted(gazetteer: Gazetteer, code: str) -> None:
    found = gazetteer.get(code)
    assert found is not None
    assert found.code == pad(code)
    assert found.level is level_of(code)


# Places


@pytest.mark.parametrize(
    ("code", "full_name"),
    [
        ("330109001000", "浙江省杭州市萧山区城厢街道"),
        ("330109001001", "浙江省杭州市萧山区城厢街道陈公桥社区"),
        ("110101001000", "北京市东城区东华门街道"),
        ("500230", "重庆市丰都县"),
        ("419001", "河南省济源市"),
        ("469005", "海南省文昌市"),
        ("441900003", "广东省东莞市东城街道"),
        ("620201100", "甘肃省嘉峪关市新城镇"),
        ("659001", "新疆维吾尔自治区石河子市"),
        ("33", "浙江省"),
    ],
)
def test_full_names_are_those_people_write(gazetteer: Gazetteer, code: str, full_name: str) -> None:
    assert gazetteer.full_name(code) == full_name


def test_a_full_name_of_nothing_is_an_error_that_points_to_successors(gazetteer: Gazetteer) -> None:
    with pytest.raises(NotFoundError, match="successors"):
        gazetteer.full_name("330181")


def test_the_artificial_city_of_a_municipality_is_a_level_but_never_a_name(gazetteer: Gazetteer) -> None:
    assert names(gazetteer.ancestors("110101")) == ["北京市", "市辖区"]
    assert gazetteer.named("市辖区") == []
    assert gazetteer.named("省直辖县级行政区划", short=True) == []


@pytest.mark.parametrize("city", ["441900", "442000", "460400"])
def test_towns_of_a_city_without_counties_hang_on_the_city(gazetteer: Gazetteer, city: str) -> None:
    found = gazetteer.get(city)
    assert found is not None
    assert found.level is Level.CITY
    towns = gazetteer.children(city)
    assert towns == gazetteer.towns_of(city)
    assert {town.parent_code for town in towns} == {pad(city)}
    assert {town.level for town in towns} == {Level.TOWN}


@given(towns)
def test_children_and_ancestors_are_each_others_inverse(code: str) -> None:
    town = GAZETTEER.get(code)
    above = GAZETTEER.ancestors(code)
    assert above[0].level is Level.PROVINCE
    assert town in GAZETTEER.children(above[-1].code)
    for outer, inner in pairwise(above):
        assert inner in GAZETTEER.children(outer.code)
    assert GAZETTEER.full_name(code).endswith(town.name if town else "")


@given(towns)
def test_villages_of_a_town_are_inside_it_in_order(code: str) -> None:
    low, high = code_range(code)
    villages = GAZETTEER.villages_of(code)
    assert [v.code for v in villages] == sorted({v.code for v in villages})
    assert all(low < v.code <= high and v.parent_code == code for v in villages)
    assert villages == GAZETTEER.children(code)
    assert all(GAZETTEER.get(v.code) == v for v in villages[:3])


def test_villages_of_a_county_are_those_of_its_towns(gazetteer: Gazetteer) -> None:
    by_town = [v for town in gazetteer.towns_of("330109") for v in gazetteer.villages_of(town.code)]
    assert by_town == gazetteer.villages_of("330109")
    assert len(by_town) == 585


def test_an_unknown_code_has_no_division_children_or_ancestors(gazetteer: Gazetteer) -> None:
    assert gazetteer.get("990000") is None
    assert gazetteer.get("330109001999") is None
    assert gazetteer.children("990000") == []
    assert gazetteer.ancestors("990000") == []
    assert gazetteer.villages_of("990000") == []


# Names


@pytest.mark.parametrize(
    ("former", "today"),
    [
        ("萧山县", ["330109000000"]),
        ("萧山市", ["330109000000"]),
        ("余杭市", ["330110000000"]),
        ("下城区", ["330105000000"]),
        ("江干区", ["330102000000", "330114000000"]),
        ("崇文区", ["110101000000"]),
        ("襄樊市", ["420600000000"]),
        ("南汇区", ["310115000000"]),
        ("吴县市", ["320506000000", "320507000000"]),
    ],
)
def test_a_former_name_gives_the_divisions_of_today(gazetteer: Gazetteer, former: str, today: list[str]) -> None:
    assert [d.code for d in gazetteer.named(former)] == today


def test_a_name_of_today_comes_before_the_same_name_of_then(gazetteer: Gazetteer) -> None:
    found = gazetteer.named("郊区")
    holders = [d.name == "郊区" for d in found]
    assert holders == sorted(holders, reverse=True)
    assert True in holders
    assert False in holders


def test_names_are_narrowed_by_level_and_by_code_prefix(gazetteer: Gazetteer) -> None:
    assert len(gazetteer.named("鼓楼区")) > 3
    assert [d.code for d in gazetteer.named("鼓楼区", Level.COUNTY, "3201")] == ["320106000000"]
    assert gazetteer.named("鼓楼区", Level.TOWN) == []
    assert gazetteer.named("鼓楼区", within="330000000000") == []
    assert [d.code for d in gazetteer.named("城厢街道", within=XIAOSHAN)] == ["330109001000"]


@pytest.mark.parametrize(
    ("short", "code"),
    [
        ("浙江", "330000000000"),
        ("内蒙古", "150000000000"),
        ("杭州", "330100000000"),
        ("萧山", XIAOSHAN),
        ("景宁", "331127000000"),
        ("瓜沥", "330109113000"),
        ("神农架", "429021000000"),
        ("恩施", "422800000000"),
    ],
)
def test_short_forms_are_found_only_when_asked_for(gazetteer: Gazetteer, short: str, code: str) -> None:
    assert gazetteer.named_short(short)[0].code == code
    assert gazetteer.named(short, short=True)[0].code == code
    assert gazetteer.named(short) == []


def test_an_ambiguous_short_form_gives_all_that_bear_it(gazetteer: Gazetteer) -> None:
    found = gazetteer.named_short("朝阳")
    assert {"211300000000", "110105000000", "220104000000"} <= {d.code for d in found}
    assert [d.level.rank for d in found] == sorted(d.level.rank for d in found)


@pytest.mark.parametrize(
    ("name", "level", "short"),
    [
        ("张镇", Level.TOWN, None),
        ("郊区", Level.COUNTY, None),
        ("市辖区", Level.CITY, None),
        ("清新区", Level.COUNTY, "清新"),
        ("万柏林区", Level.COUNTY, "万柏林"),
        ("浦东新区", Level.COUNTY, "浦东"),
        ("东乡族自治县", Level.COUNTY, "东乡"),
        ("鄂伦春自治旗", Level.COUNTY, "鄂伦春"),
        ("积石山保安族东乡族撒拉族自治县", Level.COUNTY, "积石山"),
        ("克孜勒苏柯尔克孜自治州", Level.CITY, "克孜勒苏"),
        ("莪山畲族乡", Level.TOWN, "莪山"),
        ("科尔沁左翼中旗", Level.COUNTY, None),
    ],
)
def test_short_forms_are_those_people_say(name: str, level: Level, short: str | None) -> None:
    assert short_name(name, level) == short


@given(county_names)
def test_every_name_of_the_set_is_found_by_name(name: str) -> None:
    entries = [e for e in GAZETTEER.name_set({Level.COUNTY}) if e.name == name]
    found = {d.code for d in GAZETTEER.named(name, short=True)}
    assert {e.code for e in entries} <= found


def test_the_name_set_says_what_each_name_is(gazetteer: Gazetteer) -> None:
    of_xiaoshan = {(e.name, e.short, e.former) for e in gazetteer.name_set() if e.code == XIAOSHAN}
    expected = {("萧山区", False, False), ("萧山", True, False), ("萧山市", False, True), ("萧山县", False, True)}
    assert of_xiaoshan == expected
    assert all(len(e.name) > 1 for e in gazetteer.name_set())


@pytest.mark.parametrize("written", ["陈公桥社区", "陈公桥"])
@pytest.mark.parametrize("within", ["330109", XIAOSHAN, "330109001", "330109001000"])
def test_a_village_is_found_within_its_county_or_town(gazetteer: Gazetteer, written: str, within: str) -> None:
    assert [d.code for d in gazetteer.named(written, Level.COMMUNITY, within)] == ["330109001001"]


def test_a_village_is_never_searched_in_the_whole_country(gazetteer: Gazetteer) -> None:
    assert gazetteer.named("陈公桥社区", Level.COMMUNITY) == []
    assert gazetteer.named("陈公桥社区", Level.COMMUNITY, "33") == []
    assert gazetteer.named("陈公桥社区", Level.COMMUNITY, "330109002000") == []


@pytest.mark.parametrize("name", ["陈公桥社区居委会", "东方村民委员会", "东方村委会", "东方村居委会", "某某农场生活区"])
def test_the_first_form_of_a_village_is_its_name_and_none_is_one_character(name: str) -> None:
    forms = community_forms(name)
    assert forms[0] == name
    assert all(len(form) > 1 for form in forms)
    assert not any(form.endswith("委会") for form in forms[1:])


# History


def test_successors_follow_every_step_to_today(gazetteer: Gazetteer) -> None:
    for former in ("330121", "339005", "330181"):
        assert [d.code for d in gazetteer.successors(former)] == [XIAOSHAN]
    assert [d.code for d in gazetteer.successors("330104")] == ["330102000000", "330114000000"]
    assert [d.code for d in gazetteer.successors("330109")] == [XIAOSHAN]
    assert gazetteer.successors("999999") == []


def test_a_code_used_twice_answers_by_year(gazetteer: Gazetteer) -> None:
    """440106 was 芳村区 until 1987 and is 天河区 since."""
    assert names(gazetteer.successors("440106")) == ["天河区"]
    assert names(gazetteer.successors("440106", 1986)) == ["荔湾区"]


def test_a_split_gives_all_its_parts_and_an_open_end_gives_none() -> None:
    rows = [
        HistoryRow("100000000001", "甲县", Level.COUNTY, "100000000000", 1980, 1990, "100000000002", "recoded"),
        HistoryRow("100000000002", "甲市", Level.COUNTY, "100000000000", 1990, 2000, "100000000003", "split"),
        HistoryRow("100000000002", "甲市", Level.COUNTY, "100000000000", 1990, 2000, "100000000004", "split"),
        HistoryRow("100000000003", "乙区", Level.COUNTY, "100000000000", 2000, None, None, "current"),
        HistoryRow("100000000004", "丙区", Level.COUNTY, "100000000000", 2000, None, None, "current"),
        HistoryRow("100000000005", "丁县", Level.COUNTY, "100000000000", 1980, 1985, None, "ended"),
    ]
    history = CountyHistory(rows, ["100000000003", "100000000004"])
    assert history.today("100000000001") == ["100000000003", "100000000004"]
    assert history.today("100000000001", 1995) == []
    assert history.today("100000000005") == []
    assert ("甲县", "100000000004") in set(history.former_names())


def test_the_succession_of_xiaoshan_is_dated(gazetteer: Gazetteer) -> None:
    rows = [r for r in gazetteer.county_history() if r.name.startswith("萧山") and r.level is Level.COUNTY]
    rows.sort(key=lambda r: r.valid_from_year)
    assert [(r.code[:6], r.name) for r in (rows[0], rows[-1])] == [("330121", "萧山县"), ("330109", "萧山区")]
    assert rows[-1].valid_from_year == 2001
    for earlier, later in pairwise(rows):
        assert earlier.valid_to_year == later.valid_from_year
        assert earlier.new_code == later.code


# Tables


def test_tables_hold_every_division_with_its_parent_before_it(gazetteer: Gazetteer) -> None:
    table, succession = gazetteer.tables()
    assert table.column_names == ["code", "name", "level", "parent_code", "valid_from", "valid_to"]
    assert table.num_rows == 665_275
    seen: set[str] = set()
    for code, parent in zip(table["code"].to_pylist(), table["parent_code"].to_pylist(), strict=True):
        assert parent is None or parent in seen
        assert len(seen) % 20 or parent == parent_code(code)
        seen.add(code)
    assert succession.column_names == ["old_code", "old_name", "valid_from_year", "valid_to_year", "new_code"]
    assert None not in succession["valid_to_year"].to_pylist()


def test_the_gazetteer_does_not_read_villages_pandas_or_compute_kernels_at_start() -> None:
    """They are most of what the start would cost; the budget itself is measured in benchmarks, not here."""
    program = (
        "import sys; from addressbook.divisions import Gazetteer; g = Gazetteer.shipped(); g.named('萧山市');"
        "assert '_table' not in vars(g._villages);"
        "print([m for m in ('pandas', 'pyarrow.compute', 'pyarrow.dataset') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_everything_public_exists() -> None:
    assert [name for name in divisions.__all__ if not hasattr(divisions, name)] == []
