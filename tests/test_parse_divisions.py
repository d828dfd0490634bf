"""Divisions in a text: which copy counts, where an address begins anew, names without their suffix. All invented."""

from __future__ import annotations

import pytest

from addressbook.divisions import Gazetteer
from addressbook.parse import Parser
from addressbook.parse.pieces import Piece, settled_repeats

PARSER = Parser(Gazetteer.shipped())


def read(text: str) -> str:
    """All elements as text/name, redundant ones too."""
    return " ".join(f"{e.text}/{e.name}" for e in PARSER.parse(text).elements)


def begins(text: str, elements: str) -> bool:
    return f"{read(text)} ".startswith(f"{elements} ")


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        ("丽水丽水缙云县仙都路7号", "丽水/redundant 丽水/city 缙云县/county"),
        (
            "浙江省衢州市浙江省衢州市龙游县荣昌路9号",
            "浙江省/redundant 衢州市/redundant 浙江省/province 衢州市/city 龙游县/county",
        ),
        ("湖州市浙江省湖州市德清县曲园路3号", "湖州市/redundant 浙江省/province 湖州市/city 德清县/county"),
        (
            "浙江嘉兴海盐县嘉兴市海盐县枣园路5号",
            "浙江/province 嘉兴/redundant 海盐县/redundant 嘉兴市/city 海盐县/county",
        ),
    ],
)
def test_the_last_copy_counts_when_all_of_the_chain_is_repeated_or_it_is_fuller(text: str, elements: str) -> None:
    assert begins(text, elements)


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        (
            "浙江省丽水市青田县丽水市青田县塔山路7号",
            "浙江省/province 丽水市/city 青田县/county 丽水市/redundant 青田县/redundant",
        ),
        (
            "浙江省台州市三门县浙江省台州市三门县",
            "浙江省/province 台州市/city 三门县/county 浙江省/redundant 台州市/redundant",
        ),
    ],
)
def test_the_first_copy_counts_when_a_part_is_repeated_or_nothing_follows(text: str, elements: str) -> None:
    assert begins(text, elements)


@pytest.mark.parametrize(
    ("text", "before", "code"),
    [
        (
            "湖南省常德市桃源县中国浙江省台州市天台县赤城路8号",
            "湖南省/redundant 常德市/redundant 桃源县/redundant 中国/country",
            "331023",
        ),
        (
            "浙江省丽水市云和县中国浙江省舟山市岱山县长河路6号",
            "浙江省/redundant 丽水市/redundant 云和县/redundant 中国/country",
            "330921",
        ),
        (
            "贵州省遵义市湄潭县浙江省丽水市庆元县石龙街4号",
            "贵州省/redundant 遵义市/redundant 湄潭县/redundant",
            "331126",
        ),
    ],
)
def test_the_country_or_another_province_begins_the_address_anew(text: str, before: str, code: str) -> None:
    assert begins(text, before)
    assert PARSER.parse(text).division_code == code.ljust(12, "0")


@pytest.mark.parametrize(
    ("text", "town", "code"),
    [
        ("城关镇湖北省黄冈市浠水县红烛路2号", "城关镇/redundant 湖北省/province", "421125000000"),
        ("武康街道浙江省湖州市德清县武康街道曲园路3号", "武康街道/redundant 浙江省/province", "330521001000"),
    ],
)
def test_a_town_before_the_province_is_no_part_of_the_address(text: str, town: str, code: str) -> None:
    assert begins(text, town)
    assert PARSER.parse(text).division_code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("柯桥东升布市七楼12号", "330603000000"),
        ("海盐枕湖新苑8幢3单元502室", "330424000000"),
        ("濮院羊绒名品6楼21号", "330483101000"),
        ("泽国夹岙北首12号", "331081100000"),
    ],
)
def test_a_name_that_hardly_another_place_has_says_where_the_text_lies(text: str, code: str) -> None:
    assert (PARSER.parse(text).division_code or "").startswith(code.rstrip("0"))


@pytest.mark.parametrize("text", ["江南轮毂城C区9号", "新城名苑3幢502室", "东山花园二区8幢"])
def test_a_name_that_many_places_have_says_nothing(text: str) -> None:
    assert PARSER.parse(text).division_code is None


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("中山东路88号", "中山东路/road"), ("温州南站2号门", "温州南站/place"),
        ("瓯海大道12号", "瓯海大道/road"), ("绍兴大厦8楼", "绍兴大厦/place"),
    ],
)  # fmt: skip
def test_what_follows_a_short_name_may_belong_to_it(text: str, name: str) -> None:
    assert begins(text, name)


def test_a_short_name_before_another_division_is_complete() -> None:
    assert begins("宁波镇海蛟川街道俞范路7号", "宁波/city 镇海/county 蛟川街道/town")
    assert begins("温州乐清市虹桥车站路5号", "温州/city 乐清市/county 虹桥/town 车站路/road")


def test_a_zone_named_after_its_city_says_where_it_is() -> None:
    assert begins("湖州经济技术开发区红丰路8号", "湖州经济技术开发区/devzone")
    assert PARSER.parse("湖州经济技术开发区红丰路8号").division_code == "330500000000"


def test_a_city_named_behind_its_town_begins_the_name_of_a_company() -> None:
    assert "杭州/city" not in read("临浦镇高晖村杭州博屿电子科技有限公司")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("力洋镇南部滨海新区望潮路6号", "330226102000"),
        ("平阳县万全镇宋埠社区8号", "330326117000"),
        ("金华江东街道槐荫路3号", "330782002000"),
    ],
)
def test_a_town_of_today_is_never_read_as_an_unknown_one(text: str, code: str) -> None:
    assert PARSER.parse(text).division_code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("辽宁省阜蒙县文化路6号", "210921000000"),
        ("龙华新区梅观路6号", "440309000000"),
        ("云南省红河洲元阳县学府路6号", "532528000000"),
    ],
)
def test_customary_names_and_slips_give_the_code(text: str, code: str) -> None:
    assert PARSER.parse(text).division_code == code


def test_a_number_is_no_town() -> None:
    assert PARSER.parse("白沙路街道沈家弄7号").division_code == "330282005000"  # there is a town 七号镇


def test_three_copies_leave_one_of_each() -> None:
    chain: list[Piece] = [
        (0, 2, "province"), (2, 4, "city"), (4, 6, "again:province"), (6, 8, "again:city"), (8, 10, "county"),
        (10, 12, "again:city"), (12, 14, "again:county"), (14, 17, "town"),
    ]  # fmt: skip
    settled = settled_repeats(chain)
    assert [name for _, _, name in settled if name != "redundant"] == ["province", "city", "county", "town"]
    assert [start for start, _, name in settled if name != "redundant"] == [4, 10, 12, 14]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("南山区粤海街道科苑路15号", "440305007000"),
        ("河北省桥西区苑东街道1号", "130104010000"),
        ("乌鲁木齐市南山区1号", "650107000000"),
        ("浙江省杭州市淳安县千岛湖镇人民路1号", "330127100000"),
        ("萧山市党山镇1号", "330109113000"),
    ],
)
def test_a_former_name_never_beats_those_who_bear_it_today(text: str, code: str) -> None:
    assert PARSER.parse(text).division_code == code


def test_no_zone_is_the_former_new_district_of_tangshan() -> None:
    assert not str(PARSER.parse("河北雄安新区容城县奥威路1号").division_code).startswith("130208")


def test_a_text_with_more_readings_than_there_is_room_for_is_told_as_unread() -> None:
    text = ("院桥" * 125 + "，1号，(2)幢-3室，浙江省杭州市，a,b,c,d,e,f,g,h")[:300]
    for before in ("", "新疆维吾尔自治区吐鲁番市高昌区老城路街道1号", "北京市海淀区1号"):
        PARSER.parse(before)
        read = PARSER.parse(text)
        assert "".join(element.text for element in read.elements) == text
        assert read.division_code is None
