"""What an element is can depend on the rest of the text: `match.roles`."""

from __future__ import annotations

import pytest

from addressbook.divisions import Gazetteer
from addressbook.match.roles import by_context
from addressbook.parse import Parser

PARSER = Parser(Gazetteer.shipped())
XIAOSHAN = "330109"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("市心北路857号104-2室", "市心北路/road 857/road_no 104-2/room"),
        ("青禾映月小区1-10幢", "青禾映月小区/place 1-10/building"),
        ("青禾映月小区3幢501-503室", "青禾映月小区/place 3/building 501-503/room"),
        ("青禾映月小区3幢501、502室", "青禾映月小区/place 3/building 501,502/room"),
        ("青禾映月小区3幢501室、502室", "青禾映月小区/place 3/building 501,502/room"),
        ("萧绍路845号、847号、849号", "萧绍路/road 845,847,849/road_no"),
        ("学绍南路102号三期15幢", "学绍南路/road 102/road_no 三期/sub_place 15/building"),
        ("瓜沥镇群益村1组1-1号", "瓜沥镇/town 群益村/community 1组/sub_place 1-1/road_no"),
    ],
)
def test_roles_that_the_rest_of_the_text_tells(text: str, expected: str) -> None:
    read = by_context(PARSER.parse(text, division=XIAOSHAN))
    told = " ".join(f"{e.value}/{e.name}" for e in read.elements if e.name != "redundant")
    assert told == expected
    assert "".join(element.text for element in read.elements) == text


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("杭州市萧山区党山镇", "330109113000"),  # part of 瓜沥镇 today; a village keeps the name
        ("萧山区河庄镇", "330114003000"),  # a subdistrict of 钱塘区 today
        ("浙江省海宁县硖石镇", "330481001000"),
        ("安微省颖上县", "341226000000"),
    ],
)
def test_divisions_as_people_go_on_writing_them(text: str, code: str) -> None:
    assert PARSER.parse(text).division_code == code
