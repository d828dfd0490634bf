"""The real cases: 宁围街道 gave 盈丰街道 its villages in 2020; Hangzhou was drawn anew in 2021."""

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
from addressbook.privacy.policy import AccessRole, Reader
from addressbook.store.division_changes import apply_divisions
from addressbook.store.reading import as_of
from addressbook.views.area import area_view
from loaders.divisions import read_division_list
from tests.division_worlds import CITY, CLERK, DivisionWorld
from tests.worlds import identity_number, write_csv

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
FILE = DATA / "divisions" / "hangzhou_town_village_multiyear.csv"
DISTRICTS = DATA / "boundaries" / "datav_330100_full_2021plus.geojson"
pytestmark = pytest.mark.skipif(not FILE.is_file(), reason="real inputs are not here")
IN_2020, IN_2021 = date(2020, 6, 30), date(2021, 4, 9)
GONE_IN_2020 = [("330109105001", "330109105000")]
"""西市街社区 is in no list after 2020: its town takes what lay there."""
HANGZHOU = "浙江省杭州市"
THEN = {
    f"{HANGZHOU}萧山区宁围街道盈二村虚构小区1幢101室": "萧山区盈丰街道",
    f"{HANGZHOU}萧山区宁围街道盈二村": "萧山区盈丰街道",
    f"{HANGZHOU}萧山区宁围街道虚构大道12号": "萧山区宁围街道",
    f"{HANGZHOU}萧山区宁围街道宁新村虚构园3幢": "萧山区宁围街道",
    f"{HANGZHOU}萧山区河庄街道虚构家园2幢1单元502室": "钱塘区河庄街道",
    f"{HANGZHOU}萧山区河庄街道江虚路77号": "钱塘区河庄街道",
    f"{HANGZHOU}萧山区南阳街道江虚路9号": "萧山区南阳街道",
    f"{HANGZHOU}江干区采荷街道虚荷苑5幢": "上城区采荷街道",
    f"{HANGZHOU}江干区下沙街道虚沙公寓8幢": "钱塘区下沙街道",
    f"{HANGZHOU}下城区武林街道虚林路1号": "拱墅区武林街道",
    f"{HANGZHOU}余杭区南苑街道虚苑9幢": "临平区南苑街道",
    f"{HANGZHOU}余杭区仓前街道虚前路3号": "余杭区仓前街道",
}  # fmt: skip
"""Invented addresses as they would have been written in 2019, and where they lie in 2023."""
ADDRESSES = [words for words in THEN if not words.endswith("盈二村")]
NOW = {words: words.replace(words[len(HANGZHOU) : len(HANGZHOU) + 7], THEN[words]) for words in ADDRESSES}
"""The same as they are written today."""


def lists() -> dict[str, dict[str, str]]:
    """Date → code → name of the divisions of Hangzhou; those of 2023 are the shipped ones."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    with FILE.open(encoding="utf-8-sig") as lines:
        for row in csv.DictReader(lines):
            found[row["snapshot"].partition("@")[2]][pad(row["code"])] = row["name"]
    gazetteer = Gazetteer.shipped()
    counties = gazetteer.children(CITY)
    below = [d for county in counties for d in (*gazetteer.towns_of(county.code), *gazetteer.villages_of(county.code))]
    found["2023"] = {d.code: d.name for d in (*counties, *below)}
    return {when: {CITY: "杭州市", **names} for when, names in found.items()}


@pytest.fixture(name="world")
def _world(database: Engine, tmp_path: Path) -> DivisionWorld:
    world = DivisionWorld(database, tmp_path)
    world.clear()
    world.begin_as("Hangzhou in 2019", lambda: draw(world))
    return world


def draw(world: DivisionWorld) -> None:
    world.begin(lists()["2019-04-26"])
    world.texts(ADDRESSES)
    people = [
        {"姓名": f"虚构{number}", "身份证号": identity_number(number), "现住地址": words}
        for number, words in enumerate(THEN, 1)
    ]
    world.load_rows("people", people)


def test_old_texts_lead_to_the_same_codes_through_both_changes_and_back(world: DivisionWorld) -> None:
    begun = world.standing()
    aids = [answer.aid for answer in world.resolve(*ADDRESSES)]
    assert None not in aids
    first = world.apply(lists()["2020-11-20"], day=IN_2020, successions=GONE_IN_2020)
    ningwei = next(entry for entry in first.plan.entries if entry.old and entry.old.name == "宁围街道")
    assert (ningwei.change, [heir.name for heir in ningwei.new]) == (Change.SPLIT, ["宁围街道", "盈丰街道"])
    between = world.standing()
    assert [(a.aid, a.category) for a in world.resolve(*ADDRESSES)] == [(aid, Category.A) for aid in aids]
    second = world.apply(lists()["2023"], day=IN_2021)
    changes = {entry.old.name: entry for entry in second.plan.entries if entry.old}
    assert {heir.name for heir in changes["江干区"].new} == {"上城区", "钱塘区"}
    assert [heir.name for heir in changes["下城区"].new] == ["拱墅区"]
    assert (changes["下城区"].change, changes["河庄街道"].change) == (Change.MERGED, Change.MOVED)
    assert "钱塘区" in {heir.name for heir in changes["萧山区"].new}
    for words, aid, answer in zip(ADDRESSES, aids, world.resolve(*ADDRESSES), strict=True):
        assert (answer.aid, answer.category) == (aid, Category.A), (words, answer.reasons)
        assert (answer.standard_text or "").startswith(HANGZHOU + THEN[words])
    now = world.resolve(*NOW.values())
    assert [(answer.aid, answer.category) for answer in now] == [(aid, Category.A) for aid in aids]
    world.revert(second.event_id)
    assert world.standing() == between
    world.revert(first.event_id)
    assert world.standing() == begun


def test_areas_of_before_answer_for_before_and_say_what_became_of_them(world: DivisionWorld) -> None:
    world.apply(lists()["2020-11-20"], day=IN_2020, successions=GONE_IN_2020)
    world.apply(lists()["2023"], day=IN_2021)
    reader = Reader(AccessRole.OFFICER)
    with world.reading() as connection:
        then = as_of(connection, date(2020, 6, 1), None)
        jianggan, today = area_view(connection, "330104", reader, then=then), area_view(connection, "330104", reader)
        assert jianggan["elements"]["person"]["total"] == 2
        assert jianggan["area"]["name"] == "江干区"
        assert (today["elements"]["person"]["total"], today["area"]["valid_to"]) == (0, IN_2021)
        assert {heir["name"] for heir in today["area"]["successors"]} == {"上城区", "钱塘区"}
        assert area_view(connection, "330109015", reader, then=then)["addresses"]["total"] == 0
        yingfeng = area_view(connection, "330109015", reader)
        assert yingfeng["elements"]["person"]["total"] == 2
        xiaoshan = area_view(connection, "330109", reader, then=then)
        assert "河庄街道" in {child["name"] for child in xiaoshan["children"]}
        assert "河庄街道" not in {child["name"] for child in area_view(connection, "330109", reader)["children"]}


def test_what_the_lists_cannot_tell_is_named_and_stops_the_change_where_something_lies_there(
    world: DivisionWorld,
) -> None:
    world.texts([f"{HANGZHOU}萧山区临浦镇西市街社区虚市苑1幢"], source="more")
    before = world.standing()
    with pytest.raises(RuleError, match="西市街社区") as refused:
        world.apply(lists()["2020-11-20"], day=IN_2020)
    assert refused.value.rule == "undecided"
    assert world.standing() == before
    world.apply(lists()["2020-11-20"], day=IN_2020, successions=GONE_IN_2020)
    (answer,) = world.resolve(f"{HANGZHOU}萧山区临浦镇虚市苑1幢")
    assert answer.category is Category.A


def test_files_as_they_are_published_are_read(world: DivisionWorld, tmp_path: Path) -> None:
    rows = [{"code": code, "name": name} for code, name in lists()["2023"].items()]
    given = read_division_list(
        write_csv(tmp_path / "2023.csv", rows), "3301", IN_2021, boundaries=DISTRICTS, coordinates="gcj02",
        successions=write_csv(tmp_path / "more.csv", [{"old_code": o, "new_code": n} for o, n in GONE_IN_2020]),
    )  # fmt: skip
    assert len(given.outlines) == 13
    before = world.standing()
    with world.engine.begin() as connection:
        done = apply_divisions(connection, given, CLERK)
    world.check_stored()
    assert world.one("SELECT ST_Contains(geom, ST_SetSRID(ST_MakePoint(120.50, 30.28), 4326)) FROM area"
                     " WHERE code = '330114000000'")  # fmt: skip
    world.revert(done.event_id)
    assert world.standing() == before
