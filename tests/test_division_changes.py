"""Division changes: a new year's list planned, applied as one event, undone; codes stay, old names still resolve."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from addressbook.divisions import Gazetteer
from addressbook.divisions.comparing import compare
from addressbook.divisions.plan import Change, Plan
from addressbook.errors import BusyError, FieldError, RuleError
from addressbook.model import Category
from addressbook.parse import Parser
from addressbook.privacy.policy import AccessRole
from addressbook.registry.requests import Rename
from addressbook.store.division_changes import begin_with
from addressbook.store.division_planning import plan_divisions
from addressbook.store.divisions import load_divisions
from addressbook.store.gazetteer import gazetteer_of
from addressbook.store.transactions import transact
from loaders.bench import Bench
from tests.desk import Desk, served_desk
from tests.division_worlds import CITY, CLERK, DAY, EAST, OLD, WEST, DivisionWorld, given, points, square
from tests.worlds import SECRET, Terminal, identity_number, until, write_csv

SHIDU = "浙江省杭州市云溪区石渡镇"
QINGWU = "浙江省杭州市云溪区青坞街道"
ZHUPU = "浙江省杭州市月塘区竹浦街道"
TEXTS = [
    f"{SHIDU}渡口村柳岸小区1幢101室",
    f"{SHIDU}柳岸小区2幢",
    f"{SHIDU}长堤路12号",
    f"{QINGWU}上坞村桃源苑3幢502室",
    f"{QINGWU}长堤路88号",
    f"{ZHUPU}竹浦社区荷花苑5幢",
]
"""Two districts; 长堤路 runs through two towns of one of them."""
TOWN_ONLY = f"{SHIDU}塘湾村"
"""The text of somebody who gives no address."""


def without(*heads: str, **more: str) -> dict[str, str]:
    """The old list without the divisions whose codes begin so, and with others: 330198005000="石渡镇"."""
    kept = {code: name for code, name in OLD.items() if not code.startswith(heads)} if heads else dict(OLD)
    return kept | {code.removeprefix("c"): name for code, name in more.items()}


MOVED = without("330197002", c330198005000="石渡镇", c330198005001="渡口村委会", c330198005002="塘湾村委会")
"""石渡镇 goes from 云溪区 to 月塘区."""
CARVED = without(c330197003000="新渡街道")
"""新渡街道 is carved out of 石渡镇; no village tells it."""
CARVED_HOW = {
    "successions": [("330197002000", "330197002000"), ("330197002000", "330197003000")],
    "outlines": [square("330197003000", 120.5, 120.9)],
}


@pytest.fixture(name="world")
def _world(database: Engine, tmp_path: Path) -> DivisionWorld:
    world = DivisionWorld(database, tmp_path)
    world.clear()
    world.begin_as("two districts", lambda: draw(world))
    return world


def draw(world: DivisionWorld) -> None:
    world.begin(OLD)
    world.texts(TEXTS)
    people = [
        {"姓名": "虚构甲", "身份证号": identity_number(1), "现住地址": TEXTS[0]},
        {"姓名": "虚构乙", "身份证号": identity_number(2), "现住地址": TOWN_ONLY},
    ]
    unsure = {"姓名": "虚构丁", "身份证号": identity_number(4), "现住地址": f"{SHIDU}柳岸小区99幢"}
    world.load_rows("people", [*people, unsure])


def found(world: DivisionWorld, *texts: str) -> list[tuple[str | None, Category]]:
    return [(answer.aid, answer.category) for answer in world.resolve(*texts)]


def changes(plan: Plan) -> dict[str, Change]:
    return {entry.old.name if entry.old else entry.new[0].name: entry.change for entry in plan.entries}


def planned(world: DivisionWorld, names: dict[str, str], **more: Any) -> Plan:
    with world.reading() as connection:
        return plan_divisions(connection, given(names, **more))


def test_a_town_that_goes_to_another_district_takes_its_addresses_along(world: DivisionWorld) -> None:
    before, answers = world.standing(), found(world, *TEXTS)
    assert {category for _, category in answers} == {Category.A}
    done = world.apply(MOVED)
    assert changes(done.plan)["石渡镇"] is Change.MOVED
    assert found(world, *TEXTS) == answers, "texts with the old names keep their codes and their category"
    new = [words.replace("云溪区石渡镇", "月塘区石渡镇") for words in TEXTS]
    assert found(world, *new) == answers
    assert {words for words in world.addresses() if "柳岸" in words} == {
        f"浙江省杭州市月塘区石渡镇柳岸小区{rest}" for rest in ("", "1幢", "1幢101室", "2幢")
    }
    assert world.rows("SELECT DISTINCT site_id, division_code FROM link WHERE aid IS NULL AND closed_at IS NULL") == [
        (-330198005002, "330198005002")
    ]
    assert world.rows("SELECT division_code FROM review_item WHERE state = 'open'") == [("330198005000",)]
    world.revert(done.event_id)
    assert world.standing() == before
    assert found(world, *TEXTS) == answers


def test_the_counts_of_a_plan_are_what_applying_touches(world: DivisionWorld) -> None:
    plan = planned(world, MOVED)
    done = world.apply(MOVED)
    assert plan.touched == done.plan.touched
    assert (
        plan.touched.addresses
        == done.addresses
        == world.one("SELECT count(*) FROM address WHERE division_code LIKE '330198005%'")
    )
    assert plan.touched.links == 2
    summary = plan.summary()["changes"]
    assert summary == {"split": {"county": 1}, "moved": {"town": 1, "community": 2}}


def test_a_town_that_becomes_a_subdistrict_gives_its_addresses_the_new_name(world: DivisionWorld) -> None:
    answers = found(world, *TEXTS)
    new = without("330197002", c330197009000="石渡街道", c330197009001="渡口社区居委会", c330197009002="塘湾村委会")
    done = world.apply(new)
    assert changes(done.plan)["石渡镇"] is Change.RENAMED
    assert found(world, *TEXTS) == answers
    assert found(world, *(words.replace("石渡镇", "石渡街道") for words in TEXTS)) == answers
    renamed = world.apply(new | {"330197009000": "云渡街道"}, day=DAY + timedelta(days=30))
    assert changes(renamed.plan) == {"石渡街道": Change.RENAMED}
    assert found(world, *TEXTS) == answers, "a name of before the last but one as well"
    assert any(words.startswith("浙江省杭州市云溪区云渡街道长堤路12号") for words in world.addresses())


def test_a_town_without_a_successor_is_settled_by_the_file_of_successions_only(world: DivisionWorld) -> None:
    before, answers = world.standing(), found(world, *TEXTS)
    new = without("330197002")
    with pytest.raises(RuleError) as refused:
        world.apply(new)
    assert refused.value.rule == "undecided"
    assert world.standing() == before
    assert changes(planned(world, new))["石渡镇"] is Change.UNDECIDED
    pairs = [(old, "330197001000") for old in OLD if old.startswith("330197002")]
    done = world.apply(new, successions=pairs)
    assert changes(done.plan)["石渡镇"] is Change.MERGED
    assert found(world, *TEXTS) == answers
    assert world.addresses().keys() >= {f"{QINGWU}长堤路12号", f"{QINGWU}柳岸小区2幢"}
    world.revert(done.event_id)
    assert world.standing() == before


def test_points_in_the_new_outline_tell_the_addresses_of_a_divided_town_apart(world: DivisionWorld) -> None:
    points(world, [(f"{SHIDU}东岸小区7幢", 120.6, 30.2), (f"{SHIDU}西岸小区8幢", 120.1, 30.2)])
    texts = [f"{SHIDU}东岸小区7幢", f"{SHIDU}西岸小区8幢", *TEXTS]
    before, answers = world.standing(), found(world, *texts)
    done = world.apply(CARVED, **CARVED_HOW)
    assert changes(done.plan) == {"石渡镇": Change.SPLIT}
    where = {words: world.one("SELECT division_code FROM address WHERE aid = :aid", aid=aid)
             for words, (aid, _) in zip(texts, answers, strict=True)}  # fmt: skip
    assert where[texts[0]] == "330197003000"
    assert where[texts[1]] == "330197002000"
    assert where[TEXTS[0]] == "330197002001", "what has a community follows it"
    assert done.plan.settled.by_outline > 0, "points"
    assert done.plan.settled.by_default > 0, "and those without are counted"
    assert found(world, *texts) == answers, "石渡镇东岸小区 is found in 新渡街道"
    assert found(world, "浙江省杭州市云溪区新渡街道东岸小区7幢") == answers[:1]
    world.revert(done.event_id)
    assert world.standing() == before


def test_a_new_room_under_an_old_name_is_minted_where_its_estate_lies_now(world: DivisionWorld) -> None:
    points(world, [(f"{SHIDU}东岸小区7幢", 120.6, 30.2)])
    world.apply(CARVED, **CARVED_HOW)
    world.texts([f"{SHIDU}东岸小区9幢"], source="later")
    assert [words for words in world.addresses() if words.endswith("东岸小区9幢")] == [
        "浙江省杭州市云溪区新渡街道东岸小区9幢"
    ]
    assert world.one("SELECT count(*) FROM address WHERE name = '东岸小区'") == 1


def test_loading_unchanged_sources_after_a_change_mints_and_retires_nothing(world: DivisionWorld) -> None:
    world.apply(MOVED)
    before = world.standing()
    report = world.texts(TEXTS)
    assert (report.totals.minted, report.totals.counts()["unchanged"]) == (0, len(TEXTS))
    again = world.texts(TEXTS, source="another")
    assert again.totals.minted == 0
    now = world.standing()
    assert (now["addresses"], now["links"]) == (before["addresses"], before["links"])


def test_an_event_that_later_ones_build_on_is_not_taken_back(world: DivisionWorld) -> None:
    first = world.apply(MOVED)
    second = world.apply(MOVED | {"330198005000": "石渡街道"}, day=DAY + timedelta(days=1))
    before = world.standing()
    for event, rule in ((first.event_id, "built_on"), (second.event_id, "")):
        if rule:
            with pytest.raises(RuleError) as refused:
                world.revert(event)
            assert refused.value.rule == rule
            assert world.standing() == before
        else:
            world.revert(event)
    world.texts(["浙江省杭州市月塘区石渡镇新建小区1幢"], source="later")
    with pytest.raises(RuleError) as refused:
        world.revert(first.event_id)
    assert refused.value.rule == "built_on"


def test_a_link_to_a_new_division_keeps_the_event(world: DivisionWorld) -> None:
    done = world.apply(MOVED)
    person = {"姓名": "虚构丙", "身份证号": identity_number(3), "现住地址": "浙江省杭州市月塘区石渡镇塘湾村"}
    world.load_rows("people", [person], source="later")
    with pytest.raises(RuleError) as refused:
        world.revert(done.event_id)
    assert refused.value.rule == "linked"


@pytest.mark.parametrize(
    ("names", "day", "rule"),
    [
        (MOVED, date.today() + timedelta(days=2), "future"),  # noqa: DTZ011 any day to come
        (OLD, DAY, "unchanged"),
    ],
)
def test_a_change_that_is_to_come_or_none_is_refused(
    world: DivisionWorld, names: dict[str, str], day: date, rule: str
) -> None:
    before = world.standing()
    with pytest.raises(RuleError) as refused:
        world.apply(names, day=day)
    assert refused.value.rule == rule
    assert world.standing() == before


def test_a_change_before_an_earlier_one_is_refused(world: DivisionWorld) -> None:
    world.apply(MOVED)
    with pytest.raises(RuleError, match="Give a later date") as refused:
        world.apply(MOVED | {"330198005000": "石渡街道"}, day=DAY)
    assert refused.value.rule == "before_birth"


def test_a_plan_is_refused_where_an_address_that_it_touches_was_changed_later(world: DivisionWorld) -> None:
    estate = world.one("SELECT aid FROM address WHERE name = '柳岸小区'")
    change = Rename(aid=estate, name="新柳岸小区", effective=DAY + timedelta(days=9))
    with world.engine.begin() as connection:
        transact(connection, change, CLERK, Parser(gazetteer_of(connection)))
    for act in (planned, lambda world, names: world.apply(names)):
        with pytest.raises(RuleError, match="was changed as of") as refused:
            act(world, MOVED)
        assert refused.value.rule == "before_birth"
    assert planned(world, MOVED, day=DAY + timedelta(days=9)).entries
    assert planned(world, OLD | {"330198001000": "竹溪街道"}).entries  # another town: nothing was changed there


@pytest.mark.parametrize(
    ("row", "field", "said"),
    [
        (("33019", "石渡镇"), "code", "not a division code"),
        (("330197002000", "石渡镇"), "code", "twice"),
        (("440305001000", "别处街道"), "code", "does not lie in"),
        (("330199001000", "无县街道"), "parent", "not in the list"),
        (("330197008000", " "), "name", "no name"),
    ],
)
def test_a_fault_of_a_list_names_its_line_and_field(
    world: DivisionWorld, row: tuple[str, str], field: str, said: str
) -> None:
    rows = given(OLD)
    listed = [*rows.rows, rows.rows[0]._replace(code=row[0], name=row[1], line=99)]
    with world.reading() as connection, pytest.raises(FieldError, match=said) as refused:
        plan_divisions(connection, replace(rows, rows=listed))
    assert refused.value.field == field
    assert "line 99" in str(refused.value)
    assert "第99行" in refused.value.zh
    assert refused.value.remedy


def test_a_succession_of_an_unknown_division_is_refused(world: DivisionWorld) -> None:
    for pair in (("330197777000", "330197001000"), ("330197002000", "330197777000")):
        with world.reading() as connection, pytest.raises(FieldError, match="line 2"):
            plan_divisions(connection, given(OLD, successions=[pair]))


def test_a_level_that_a_list_leaves_out_stays_as_it_is(world: DivisionWorld) -> None:
    towns = {code: name for code, name in OLD.items() if code.endswith("000")}
    plan = planned(world, towns | {"330197002000": "石渡街道"})
    assert changes(plan) == {"石渡镇": Change.RENAMED}
    away = {code: name for code, name in towns.items() if code != "330197002000"} | {"330198005000": "石渡镇"}
    ends = changes(planned(world, away))
    assert (ends["石渡镇"], ends["塘湾村委会"]) == (Change.MOVED, Change.MERGED), "its villages end in it"
    done = world.apply(away)
    assert set(done.plan.comparison.successors("330197002001")) == {"330198005000"}
    assert found(world, TEXTS[0])[0][1] is Category.A


def test_members_tell_a_divided_town_and_a_dissolved_district() -> None:
    old = {
        CITY: "杭州市", EAST: "云溪区", "330197001000": "甲镇", "330197001001": "一村", "330197001002": "二村",
        WEST: "月塘区", "330198001000": "乙镇", "330198001001": "三村",
    }  # fmt: skip
    new = {
        CITY: "杭州市", WEST: "月塘区", "330198001000": "乙镇", "330198001001": "三村", "330198001002": "一村",
        "330198002000": "丙镇", "330198002001": "二村",
    }  # fmt: skip
    result = compare(old, new)
    assert result.undecided == []
    assert result.successors("330197001000") == ["330198001000", "330198002000"]
    assert result.successors(EAST) == [WEST]


def test_a_load_under_way_stops_when_the_divisions_change(world: DivisionWorld) -> None:
    with world.engine.connect() as connection:
        bench = Bench.open(connection, SECRET, gazetteer_of(connection))
        bench.need_same_divisions()
        connection.rollback()
        world.apply(MOVED)
        with pytest.raises(BusyError):
            bench.need_same_divisions()


def test_the_gazetteer_leaves_alone_what_the_registry_keeps(world: DivisionWorld) -> None:
    world.apply(MOVED)
    before = world.standing()["divisions"]
    with world.engine.begin() as connection:
        load_divisions(connection, Gazetteer.shipped())
    kept = "SELECT code, name, parent_code, valid_from, valid_to FROM division WHERE until_event IS NULL"
    assert world.rows(f"{kept} AND code LIKE '3301%' ORDER BY 1, 4") == before
    assert world.one("SELECT count(*) FROM division WHERE code LIKE '44%'") > 1000


def test_a_beginning_that_lacks_a_division_in_use_is_refused(world: DivisionWorld) -> None:
    with world.engine.begin() as connection, pytest.raises(RuleError) as refused:
        begin_with(connection, given(without("330197002")), CLERK)
    assert refused.value.rule == "in_use"


@pytest.fixture(name="desk")
def _desk(world: DivisionWorld, tmp_path: Path) -> Iterator[Desk]:
    with served_desk(world, tmp_path) as desk:
        yield desk


def view(desk: Desk, code: str, **then: str) -> Any:
    answer = desk.ask("GET", f"/areas/{code}/view", AccessRole.OFFICER, params=then)
    assert answer.status_code == 200, answer.text
    return answer.json()


def numbers(seen: Any) -> tuple[int, int]:
    return seen["addresses"]["total"], seen["elements"]["person"]["total"]


def test_a_district_that_was_abolished_shows_what_it_was_and_what_became_of_it(
    world: DivisionWorld, desk: Desk
) -> None:
    known, held = datetime.now(UTC).isoformat(), numbers(view(desk, EAST))
    new = {code: name for code, name in OLD.items() if not code.startswith("330197")} | {
        "330198006000": "青坞街道", "330198006001": "上坞村委会", "330198006002": "下坞村委会",
        "330198005000": "石渡镇", "330198005001": "渡口村委会", "330198005002": "塘湾村委会",
    }  # fmt: skip
    done = world.apply(new)
    today = view(desk, EAST)
    assert numbers(today) == (0, 0)
    assert today["area"]["valid_to"] == str(DAY)
    assert [(heir["code"], heir["name"], heir["relation"]) for heir in today["area"]["successors"]] == [
        (WEST, "月塘区", "merged")
    ]
    for then in ({"valid_at": "2020-06-01"}, {"known_at": known}):
        seen = view(desk, EAST, **then)
        assert numbers(seen) == held
        assert [child["name"] for child in seen["children"]] == ["青坞街道", "石渡镇"]
    assert [child["name"] for child in view(desk, CITY)["children"]] == ["月塘区"]
    assert {child["name"] for child in view(desk, CITY, valid_at="2020-06-01")["children"]} == {"云溪区", "月塘区"}
    assert numbers(view(desk, WEST, valid_at=str(DAY))) == numbers(view(desk, WEST))
    room = found(world, TEXTS[0])[0][0]
    path = f"/addresses/{room}/view"
    then = desk.ask("GET", path, AccessRole.ANALYST, params={"valid_at": "2020-06-01"}).json()
    assert [division["name"] for division in then["divisions"]][1:] == ["云溪区", "石渡镇", "渡口村委会"]
    now = desk.ask("GET", path, AccessRole.ANALYST).json()
    assert [division["name"] for division in now["divisions"]][1:] == ["月塘区", "石渡镇", "渡口村委会"]
    event = desk.ask("GET", f"/registry/events/{done.event_id}").json()
    assert event["kind"] == "divisions"
    assert event["request"]["changes"] == {"merged": {"county": 1}, "moved": {"town": 2, "community": 4}}


def category(desk: Desk, words: str) -> str:
    found: str = desk.ask("GET", "/resolve", params={"text": words}).json()["category"]
    return found


def test_the_service_knows_the_new_names_at_its_next_look(world: DivisionWorld, desk: Desk) -> None:
    room = desk.resolve(TEXTS[0])
    words = TEXTS[0].replace("云溪区", "月塘区")
    assert category(desk, words) == "B", "the wrong district is a fault that is known to be safe"
    done = world.apply(MOVED)
    until(lambda: category(desk, words) == "A")
    assert (desk.resolve(words), category(desk, TEXTS[0])) == (room, "A")
    answer = desk.ask("POST", f"/registry/events/{done.event_id}/revert", json={"reason": "清单有误"})
    assert answer.status_code == 200, answer.text
    assert (category(desk, words), category(desk, TEXTS[0])) == ("B", "A")


def test_a_plan_is_told_over_http_and_changes_nothing(world: DivisionWorld, desk: Desk) -> None:
    before = world.standing()
    body = {
        "below": "3301", "effective": str(DAY),
        "divisions": [{"code": code, "name": name} for code, name in MOVED.items()],
    }  # fmt: skip
    answer = desk.ask("POST", "/registry/divisions/plan", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json()["changes"] == {"split": {"county": 1}, "moved": {"town": 1, "community": 2}}
    assert answer.json()["divisions"][1]["old"] == {"code": "330197002000", "name": "石渡镇"}
    wrong = desk.ask("POST", "/registry/divisions/plan", json={**body, "divisions": body["divisions"] * 2})
    assert (wrong.status_code, "twice" in wrong.json()["detail"]) == (400, True)
    assert desk.ask("POST", "/registry/divisions/plan", AccessRole.ANALYST, json=body).status_code == 403
    assert world.standing() == before


def test_the_commands_plan_apply_and_undo(world: DivisionWorld, tmp_path: Path) -> None:
    before = world.standing()
    terminal = Terminal.open(world.engine.url.render_as_string(hide_password=False), tmp_path / "home")
    rows = [{"code": code, "name": name} for code, name in MOVED.items()]
    file, out = write_csv(tmp_path / "new.csv", rows), tmp_path / "plan.csv"
    asked = [file, "--below", "3301", "--effective", str(DAY)]
    planned = terminal.run("divisions", "plan", *asked, "-o", out)
    assert (planned.code, "划转 moved" in planned.out) == (0, True), planned
    assert "moved,330197002000,石渡镇,330198005000,石渡镇" in out.read_text("utf-8-sig")
    assert world.standing() == before
    applied = terminal.run("divisions", "apply", *asked, "--reason", "区划调整")
    assert applied.code == 0, applied
    event = str(world.one("SELECT max(event_id) FROM registry_event"))
    assert f"event {event}" in applied.out
    undone = terminal.run("registry", "revert", event, "--reason", "清单有误")
    assert undone.code == 0, undone
    assert world.standing() == before
    wrong = write_csv(tmp_path / "wrong.csv", [*rows, {"code": "33019", "name": "某镇"}])
    refused = terminal.run("divisions", "plan", wrong, *asked[1:])
    assert (refused.code, f"line {len(rows) + 2}" in refused.err) == (3, True), refused
