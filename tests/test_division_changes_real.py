"""The real cases: 宁围街道 gave 盈丰街道 its villages in 2020; Hangzhou was drawn anew in 2021. Skipped without the files."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from addressbook.divisions import Gazetteer, pad
from addressbook.divisions.plan import Change
from addressbook.errors import RuleError
from addressbook.model import Category
from tests.division_worlds import CITY, DivisionWorld, given
from tests.worlds import identity_number

FILE = Path(__file__).resolve().parents[2] / "shared" / "data" / "divisions" / "hangzhou_town_village_multiyear.csv"
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="real inputs are not here")
IN_2020, IN_2021 = date(2020, 6, 30), date(2021, 4, 9)
HANGZHOU = "浙江省杭州市"
THEN = {
    f"{HANGZHOU}萧山区宁围街道盈二村虚构小区1幢101室": "盈丰街道",
    f"{HANGZHOU}萧山区宁围街道虚构大道12号": "宁围街道",
    f"{HANGZHOU}萧山区宁围街道宁新村虚构园3幢": "宁围街道",
    f"{HANGZHOU}萧山区河庄街道虚构家园2幢1单元502室": "钱塘区河庄街道",
    f"{HANGZHOU}萧山区河庄街道江虚路77号": "钱塘区河庄街道",
    f"{HANGZHOU}萧山区南阳街道江虚路9号": "萧山区南阳街道",
    f"{HANGZHOU}江干区采荷街道虚荷苑5幢": "上城区采荷街道",
    f"{HANGZHOU}江干区下沙街道虚沙公寓8幢": "钱塘区下沙街道",
    f"{HANGZHOU}下城区武林街道虚林路1号": "拱墅区武林街道",
    f"{HANGZHOU}余杭区南苑街道虚苑9幢": "临平区南苑街道",
    f"{HANGZHOU}余杭区仓前街道虚前路3号": "余杭区仓前街道",
}  # fmt: skip
"""Addresses as they were written in 2019, and where they lie in 2023."""


def lists() -> dict[str, dict[str, str]]:
    """Date → code → name of the divisions of Hangzhou."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    with FILE.open(encoding="utf-8-sig") as lines:
        for row in csv.DictReader(lines):
            found[row["snapshot"].partition("@")[2]][pad(row["code"])] = row["name"]
    gazetteer = Gazetteer.shipped()
    counties = gazetteer.children(CITY)
    below = [d for county in counties for d in (*gazetteer.towns_of(county.code), *gazetteer.villages_of(county.code))]
    found["2023"] = {d.code: d.name for d in (*counties, *below)}
    return {when: {CITY: "杭州市", **names} for when, names in found.items()}


@pytest.fixture(name="world", scope="module")
def _world(database: Engine, tmp_path_factory: pytest.TempPathFactory) -> DivisionWorld:
    world = DivisionWorld(database, tmp_path_factory.mktemp("real"))
    world.clear()
    world.begin(lists()["2019-04-26"])
    world.texts(list(THEN))
    return world


def test_old_texts_lead_to_the_same_codes_through_both_changes(world: DivisionWorld) -> None:
    begun = world.standing()
    texts = list(THEN)
    aids = [answer.aid for answer in world.resolve(*texts)]
    assert None not in aids
    first = world.apply(lists()["2020-11-20"], day=IN_2020, successions=[("330109105001", "330109105000")])
    between = world.standing()
    assert [(a.aid, a.category) for a in world.resolve(*texts)] == [(aid, Category.A) for aid in aids]
    second = world.apply(lists()["2023"], day=IN_2021)
    changes = {entry.old.name: entry for entry in second.plan.entries if entry.old}
    assert {heir.name for heir in changes["江干区"].new} == {"上城区", "钱塘区"}
    assert [heir.name for heir in changes["下城区"].new] == ["拱墅区"]
    assert (changes["下城区"].change, changes["河庄街道"].change) == (Change.MERGED, Change.MOVED)
    for words, aid, answer in zip(texts, aids, world.resolve(*texts), strict=True):
        assert (answer.aid, answer.category) == (aid, Category.A), (words, answer.category, answer.reasons)
        assert THEN[words] in (answer.standard_text or ""), (words, answer.standard_text)
    assert [a.aid for a in world.resolve(*(a for a in sorted(world.addresses())))] is not None
    world.revert(second.event_id)
    assert world.standing() == between
    world.revert(first.event_id)
    assert world.standing() == begun


__all__ = ["RuleError", "given", "identity_number"]
