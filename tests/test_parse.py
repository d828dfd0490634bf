"""Claims about reading addresses: every character has one element, and nobody guesses between equals."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings, strategies as st

from addressbook.divisions import Gazetteer
from addressbook.match import NameIndex
from addressbook.model import ELEMENT_NAMES, AddressKind, Level, NamedAddress, ParsedAddress
from addressbook.parse import Parser, parsed_from_columns
from addressbook.parse.lexicon import villages

GAZETTEER = Gazetteer.shipped()
PARSER = Parser(GAZETTEER)
XIAOSHAN = "330109000000"


def read(text: str, division: str | None = None) -> str:
    """The elements as text/name, redundant ones left out."""
    elements = PARSER.parse(text, division=division).elements
    return " ".join(f"{e.text}/{e.name}" for e in elements if e.name != "redundant")


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        (
            "浙江省杭州市萧山区北干街道市心北路260号南岸明珠3幢1单元502室",
            (
                "浙江省/province 杭州市/city 萧山区/county 北干街道/town 市心北路/road 260号/road_no 南岸明珠/place "
                "3幢/building 1单元/unit 502室/room"
            ),
        ),
        ("南岸明珠3-2-502", "南岸明珠/place 3/building 2/unit 502/room"),
        ("南岸明珠3-502", "南岸明珠/place 3/building 502/room"),
        ("萧山区瓜沥镇群益村12组34号", "萧山区/county 瓜沥镇/town 群益村/community 12组/sub_place 34号/road_no"),
        ("萧山区建设四路甲12号", "萧山区/county 建设四路/road 甲12号/road_no"),
        ("市心路12号之1", "市心路/road 12号之1/road_no"),
        ("工人北路845、847、849号", "工人北路/road 845、847、849号/road_no"),
        ("美都广场C座1391", "美都广场/place C座/building 1391/room"),
        ("万象城六楼", "万象城/place 六楼/floor"),
        ("银隆大厦地下一层", "银隆大厦/place 地下一层/floor"),
        ("银通大厦1幢东单元1309室", "银通大厦/place 1幢/building 东单元/unit 1309室/room"),
        ("前孔路E8文创大厦805室", "前孔路/road E8文创大厦/place 805室/room"),
        ("商业城B1层", "商业城/place B1层/floor"),
        ("丽景华庭二期8栋", "丽景华庭/place 二期/sub_place 8栋/building"),
        ("解放东街1233号对面", "解放东街/road 1233号/road_no 对面/relation"),
        ("水心路39弄二号", "水心路/road 39弄/sub_road 二号/sub_road_no"),
        ("萧山区萧山经济技术开发区桥南区块", "萧山区/county 萧山经济技术开发区/devzone 桥南区块/community"),
        ("杭州经济技术开发区18号大街8号", "杭州经济技术开发区/devzone 18号大街/road 8号/road_no"),
    ],
)
def test_elements(text: str, elements: str) -> None:
    assert read(text) == elements


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        ("中山市中山路", "中山市/city 中山路/road"),
        ("萧山北路", "萧山北路/road"),
        ("北京路5号", "北京路/road 5号/road_no"),
        ("苍南县龙港镇塘洪路519号", "苍南县/county 龙港镇/town 塘洪路/road 519号/road_no"),
    ],
)
def test_a_road_may_carry_the_name_of_a_division(text: str, elements: str) -> None:
    assert read(text) == elements


@pytest.mark.parametrize("text", ["杭州市萧山区杭州市萧山区北干街道", "萧山区萧山区北干街道"])
def test_a_division_named_twice_counts_once(text: str) -> None:
    parsed = PARSER.parse(text)
    names = [e.name for e in parsed.elements]
    assert names.count("county") == 1
    assert "redundant" in names
    assert parsed.division_code == "330109002000"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("浙江省杭州市萧山区", "330109000000"),
        ("浙江杭州萧山瓜沥镇", "330109113000"),
        ("萧山市瓜沥镇", "330109113000"),
        ("萧山区瓜沥镇群益村", "330109113255"),
        ("萧山区瓜沥镇群益", "330109113255"),
        ("萧山区闻堰镇", "330109012000"),
        ("北京市东城区", "110101000000"),
        ("义乌市江东街道", "330782002000"),
    ],
)
def test_dropped_prefixes_suffixes_and_former_names_give_the_code(text: str, code: str) -> None:
    assert PARSER.parse(text).division_code == code


def test_between_equals_nobody_guesses() -> None:
    parsed = PARSER.parse("鼓楼区中山路1号")
    assert parsed.division_code is None
    assert parsed.division_level is Level.NONE


def test_context_decides_between_equals() -> None:
    assert PARSER.parse("鼓楼区中山路1号", division="320100").division_code == "320106000000"


def test_context_is_where_a_text_without_divisions_lies() -> None:
    parsed = PARSER.parse("市心北路260号", division=XIAOSHAN)
    assert (parsed.division_code, parsed.division_level) == (XIAOSHAN, Level.COUNTY)


def test_the_registry_knows_its_own_names_first() -> None:
    name = NamedAddress("R1", 1, AddressKind.COMPOUND, "中山市心北路", "330109002000")
    index = NameIndex([name], GAZETTEER)
    parser = Parser(GAZETTEER, index)
    parsed = parser.parse("中山市心北路3幢")
    assert [(e.text, e.name) for e in parsed.elements] == [("中山市心北路", "place"), ("3幢", "building")]
    index.remove("R1")
    assert parser.parse("中山市心北路3幢").elements[0].name != "place"


def test_a_registry_name_with_a_number_is_not_read_as_a_number() -> None:
    name = NamedAddress("C1", 1, AddressKind.COMPOUND, "21世纪大厦", "330109002000")
    parser = Parser(GAZETTEER, NameIndex([name], GAZETTEER))
    parsed = parser.parse("市心北路8号21世纪大厦3幢")
    assert [(e.text, e.name) for e in parsed.elements][2:] == [("21世纪大厦", "place"), ("3幢", "building")]
    assert parser.parse("121世纪大厦").first("place") != parsed.first("place")


@pytest.mark.parametrize(
    ("text", "noise"),
    [
        ("收货地址：北干街道市心北路260号", "收货地址："),
        ("市心北路260号 请放快递柜", "请放快递柜"),
        ("市心北路260号 胡先生收", "胡先生收"),
        ("市心北路260号13800000000", "13800000000"),
        ("市心北路260号3幢502室（出租房）", "出租房"),
    ],
)
def test_delivery_noise_is_set_aside(text: str, noise: str) -> None:
    assert (noise, "redundant") in {(e.text, e.name) for e in PARSER.parse(text, division=XIAOSHAN).elements}


def test_a_name_written_twice_counts_once() -> None:
    names = [e.name for e in PARSER.parse("人惠街39号云树嘉园云树嘉园西区2幢").elements]
    assert names.count("place") == 1


def test_a_company_in_brackets_is_a_party() -> None:
    assert ("杭州某某有限公司", "party") in {
        (e.text, e.name) for e in PARSER.parse("市心北路260号(杭州某某有限公司)").elements
    }


def covers(parsed: ParsedAddress) -> bool:
    """Every character of the text received lies in exactly one element, in order."""
    at = 0
    for element in parsed.elements:
        if (element.start, element.text) != (at, parsed.text[element.start : element.end]) or element.end <= at:
            return False
        at = element.end
    return at == len(parsed.text) and all(e.name in ELEMENT_NAMES for e in parsed.elements)


def test_elements_made_when_asked_for_are_those_made_at_once() -> None:
    parsed = PARSER.parse("浙江省杭州市萧山区市心北路260号南岸明珠3幢502室")
    one = parsed.element(3), parsed.value(4), parsed.first("room"), parsed.names
    elements = parsed.elements
    assert one == (elements[3], elements[4].value, elements[-1], tuple(e.name for e in elements))
    made = ParsedAddress(parsed.text, parsed.normal, elements, parsed.division_code, parsed.division_level)
    assert made == parsed == pickle.loads(pickle.dumps(parsed))  # noqa: S301 it was pickled here
    assert hash(made) == hash(parsed)


WORDS = st.sampled_from(
    ["浙江省", "杭州市", "萧山区", "萧山", "瓜沥镇", "群益村", "市心北路", "260号", "南岸明珠", "三幢", "1单元",
     "502室", "-", "502", "3-2-1", "(", ")", " ", "，", "旁", "对面", "A座", "B1", "地下一层", "二期", "12组", "附3号",
     "之1", "电话", "13800000000", "先生收", "👍", "\ud800", "<b>",
     "'; DROP TABLE", "=HYPERLINK(", "\u200f", "Ⅳ", "㈠", "號"]
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(WORDS, max_size=10).map("".join) | st.text(max_size=60))
def test_every_character_has_one_element(text: str) -> None:
    assert covers(PARSER.parse(text))
    assert covers(PARSER.parse(text, division=XIAOSHAN))


def test_text_beyond_reason_is_other() -> None:
    parsed = PARSER.parse("市心北路260号" * 1_250)
    assert covers(parsed)
    assert parsed.elements[-1].name == "other"


def test_columns_mean_what_text_means() -> None:
    columns = {
        "county": "萧山区",
        "town": "瓜沥镇",
        "community": "群益",
        "sub_place": "12组",
        "road_no": "34",
        "owner": "x",
    }
    of_columns = parsed_from_columns(columns, GAZETTEER)
    of_text = PARSER.parse("萧山区瓜沥镇群益村12组34号")
    assert of_columns.division_code == of_text.division_code
    values = {e.name: e.value for e in of_text.elements}
    assert {e.name: e.value for e in of_columns.elements} == values


def test_columns_without_divisions_lie_in_the_context() -> None:
    parsed = parsed_from_columns(
        {"road": "市心北路", "road_no": "260号", "building": "三幢"}, GAZETTEER, division="330109"
    )
    assert parsed.division_code == XIAOSHAN
    assert [e.value for e in parsed.elements] == ["市心北路", "260", "3"]


def test_threads_do_not_disturb_each_other() -> None:
    """Each asks for villages that nobody has read before, while the others read texts."""
    national = Gazetteer.shipped()
    cities = [city for province in national.provinces() for city in national.children(province.code)]
    counties = [county for city in cities for county in national.children(city.code)][::50]
    texts = [
        f"{national.full_name(county.code)}中山路{at + 1}号{at % 9 + 1}幢101室" for at, county in enumerate(counties)
    ]
    alone = [Parser(national).parse(text) for text in texts]
    villages.cache_clear()
    shared = Parser(national)
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(shared.parse, texts * 4))
    assert together == alone * 4
