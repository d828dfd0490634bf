"""Claims about normal text: one way to write everything, nothing lost, nothing raised."""

from __future__ import annotations

import pytest
from hypothesis import example, given, strategies as st

from addressbook.normalise import normal_name, normalise
from addressbook.normalise.numerals import number_of

PIECES = st.sampled_from(
    ["三", "十", "百零二", "廿三", "〇", "号", "幢", "楼", "室", "单元", "三墩镇", "一", "-", "—", "～", " ",
     "\u3000", "1", "２", "a", "Ⅱ", "①", "㈠", "期", "區", "龍",
     "（", "】", "👍", "\ud800", "\u200f", "\x00", "é", "F", "II", "至", "、"]
)  # fmt: skip


@pytest.mark.parametrize(
    ("received", "normal"),
    [
        ("市心北路２６０號", "市心北路260号"),
        ("蕭山區義橋鎮", "萧山区义桥镇"),
        ("三幢二单元五〇二室", "3幢2单元502室"),
        ("一百零二室", "102室"),
        ("十二号", "12号"),
        ("二至四层", "2至4层"),
        ("Ⅱ期①幢", "2期1幢"),
        ("II期", "2期"),
        ("3—2－502", "3-2-502"),
        ("B8一1835", "B8-1835"),
        ("a座", "A座"),
        ("【南门】", "(南门)"),
        ("萧山 区 市心 北路", "萧山区市心北路"),
        ("3幢 502", "3幢502"),
        ("12 502室", "12 502室"),
    ],
)
def test_one_way_to_write(received: str, normal: str) -> None:
    assert normalise(received).normal == normal


@pytest.mark.parametrize(
    "name",
    [
        "三墩镇",
        "五一村",
        "八字桥",
        "三里亭",
        "九堡",
        "万达广场",
        "千岛湖",
        "三房巷",
        "文一西路",
        "第二人民医院",
        "三组团",
    ],
)
def test_a_numeral_inside_a_name_stays(name: str) -> None:
    assert normalise(name).normal == name


def test_a_thing_that_is_no_numeral_is_no_number() -> None:
    assert number_of("百") is None
    assert number_of("廿三") == "23"
    assert number_of("二〇三") == "203"


@given(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=40))
@example("12 二号")
@example("3一 5")
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = normalise(text).normal
    assert normalise(once).normal == once


@given(st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=40))
def test_every_normal_character_knows_where_it_came_from(text: str) -> None:
    normalised = normalise(text)
    offsets = list(normalised.offsets)
    assert len(offsets) == len(normalised.normal) + 1
    assert offsets == sorted(offsets)
    assert all(0 <= at <= len(text) for at in offsets)
    assert normalised.received == text


def test_a_span_points_at_the_text_received() -> None:
    normalised = normalise("　市心路一百零二號")
    start, end = normalised.span(3, len(normalised.normal))
    assert normalised.normal == "市心路102号"
    assert normalised.received[start:end] == "一百零二號"


def test_names_are_the_same_with_and_without_brackets_and_spaces() -> None:
    assert normal_name("南岸明珠（二期）") == normal_name("南岸明珠 二期") == "南岸明珠二期"
