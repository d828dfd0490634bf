"""Every example of docs/matching.md, against the registry that the page describes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from addressbook.match import NameIndex, Resolver
from addressbook.match.reasons import faults
from addressbook.model import Category, Resolution
from tests.test_match import BEIGAN, GAZETTEER, GUALI, C, R, Registry

PAGE = (Path(__file__).parent.parent / "docs" / "matching.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| ([a-z_]+) \| (\S+) \| (\S+) \|$", re.MULTILINE)
SAFE_PART, _, REST = PAGE.partition("## The safe list")[2].partition("## Never taken for a slip")
UNSAFE_PART = REST.partition("## ")[0]
SAFE, UNSAFE = ROW.findall(SAFE_PART), ROW.findall(UNSAFE_PART)


def described() -> Registry:
    """The registry of the page."""
    registry = Registry()
    north, south = (registry.site(R, name, BEIGAN) for name in ("市心北路", "市心南路"))
    registry.plate(registry.site(R, "金城路", BEIGAN), "7")
    estate = registry.site(C, "南岸明珠", BEIGAN)
    registry.plate(north, "260", estate)
    for street, number in ((north, "12"), (north, "14"), (south, "12")):
        registry.plate(street, number)
    registry.below(estate, "B3/E1/H501", "B3/E1/H502", "B3/E2/H502", "B3/E2/H601", "B13/H501", "B5/F2/H8")
    registry.site(C, "北干工业园区", BEIGAN)
    registry.below(registry.site(C, "金城花园东区", BEIGAN), "B1/H101")
    registry.below(registry.site(C, "瓜沥花园", GUALI), "B1/H101")
    return registry


REGISTRY = described()
RESOLVER = Resolver(GAZETTEER, NameIndex(REGISTRY.names, GAZETTEER))


def resolve(text: str) -> Resolution:
    return RESOLVER.resolve_batch(["浙江省杭州市萧山区" + text], REGISTRY)[0]


def meant(text: str) -> str:
    """The code of an address that is written as it should be."""
    found = resolve(text)
    assert (found.category, found.aid is not None) == (Category.A, True), (text, found.reasons)
    return str(found.aid)


@pytest.mark.parametrize(("code", "text", "address"), SAFE)
def test_a_fault_of_the_safe_list_is_category_b(code: str, text: str, address: str) -> None:
    found = resolve(text)
    assert (found.category, found.aid) == (Category.B, meant(address)), found
    assert code in {reason.code for reason in found.reasons}


@pytest.mark.parametrize(("code", "text", "nearest"), UNSAFE)
def test_what_is_no_slip_is_never_linked_and_the_nearest_comes_first(code: str, text: str, nearest: str) -> None:
    found = resolve(text)
    assert (found.category, found.aid) == (Category.C, None), found
    assert code in {reason.code for reason in found.reasons}
    assert [candidate.aid for candidate in found.candidates][:1] == [meant(nearest)]


def test_the_page_has_every_fault_of_the_safe_list() -> None:
    safe = {code for code, fault in faults().items() if fault.severity == "warn"}
    assert {code for code, _, _ in SAFE} == safe - {"county_differs"}


def test_each_of_several_candidates_says_what_tells_it_apart() -> None:
    found = resolve("北干街道南岸明珠3幢502室")
    told = [{r.found for r in candidate.reasons if r.code == "candidate_differs"} for candidate in found.candidates]
    assert told == [{"1单元"}, {"2单元"}]
