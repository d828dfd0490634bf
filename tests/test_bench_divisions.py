"""The oracle of benchmarks/bench_divisions.py: what it claims to know, and what it leaves out."""

from __future__ import annotations

import pytest

from addressbook.resources import data_path
from benchmarks.bench_divisions import Address, Answered, Asked, Oracle, Undetermined, asked_of


@pytest.fixture(scope="module", name="oracle")
def _oracle() -> Oracle:
    return Oracle(data_path("gazetteer", "divisions.parquet"), data_path("gazetteer", "county_history.parquet"))


@pytest.mark.parametrize(
    ("names", "code", "written"),
    [
        (
            (("浙江省", "prov"), ("杭州市", "city"), ("萧山区", "district"), ("北干街道", "town")),
            "330109002",
            "in full",
        ),
        ((("杭州", "city"), ("萧山", "district")), "330109", "without suffix"),
        ((("萧山市", "district"),), "330109", "by a former name"),
        ((("萧山市", "district"), ("瓜沥镇", "town")), "330109113", "in full"),
        ((("义乌市", "city"),), "330782", "in full"),
        ((("上海市", "city"), ("黄浦区", "district")), "310101", "in full"),
        ((("景宁", "district"),), "331127", "without suffix"),
    ],
)
def test_a_line_of_names_that_fits_one_division_has_its_code(
    oracle: Oracle, names: tuple[tuple[str, str], ...], code: str, written: str
) -> None:
    asked = oracle.asked(Address("", names))
    assert (asked.code, asked.written) == (code, written)


@pytest.mark.parametrize(
    ("address", "why"),
    [
        (Address("市心北路12号", ()), "names no division"),
        (Address("", (("城关镇", "town"),)), "several divisions fit"),
        (Address("", (("萧山区", "district"), ("无此镇", "town"))), "a name is in neither table"),
        (Address("", (("西湖区", "district"), ("瓜沥镇", "town"))), "the names lie in no common line"),
        (Address("", (("萧山区", "district"),), ("江苏省", "无锡市")), "another city is named beside"),
        (Address("", (("萧山区", "district"),), ("衢州市",)), "another city is named beside"),
    ],
)
def test_what_is_not_determined_is_left_out_with_its_reason(oracle: Oracle, address: Address, why: str) -> None:
    with pytest.raises(Undetermined, match=why):
        oracle.asked(address)
    assert asked_of([address], oracle) == ([], {why: 1})


def test_an_answer_within_is_right_and_one_above_or_beside_is_not() -> None:
    asked = Asked(Address("", ()), "330109", "district", "in full")
    right = [
        Answered(asked, code).right for code in ("330109000000", "330109002001", "330100000000", "330110000000", "")
    ]
    assert right == [True, True, False, False, False]
