"""The review desk where divisions change: what it decided and asked goes along with them, and comes back."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from addressbook.errors import RuleError
from addressbook.parse import Parser
from addressbook.registry import requests as asked
from addressbook.registry.review import Judgement, Verdict
from addressbook.store.engine import transaction
from addressbook.store.gazetteer import gazetteer_of
from addressbook.store.transactions import transact
from tests.desk import served_desk
from tests.division_worlds import DivisionWorld
from tests.receiver import receiving
from tests.review_world import CLERK, UNKNOWN_ROOM, ReviewDesk, people
from tests.test_division_changes import MOVED, SHIDU, TEXTS, _world
from tests.test_review_sheets import exported, fill, read_again, told
from tests.test_webhooks import Post, firm
from tests.worlds import World, identity_number

UNSURE, OTHER = f"{SHIDU}柳岸小区99幢", f"{SHIDU}柳岸小区77幢"
OLD_TOWN, NEW_TOWN = "330197002000", "330198005000"
ROOM = f"{SHIDU}渡口村柳岸小区1幢101室"


@pytest.fixture(name="world")
def _drawn(database: Engine, tmp_path: Path) -> DivisionWorld:
    return _world.__wrapped__(database, tmp_path)  # type: ignore[attr-defined, no-any-return]


def residents(unsure: str = UNSURE, name: str = "虚构丁") -> list[dict[str, str]]:
    texts = {1: TEXTS[0], 2: f"{SHIDU}塘湾村", 4: unsure}
    names = {1: "虚构甲", 2: "虚构乙", 4: name}
    return [{"姓名": names[n], "身份证号": identity_number(n), "现住地址": text} for n, text in texts.items()]


def where(world: World, words: str = UNSURE) -> list[str]:
    return [row[0] for row in world.rows(
        f"SELECT division_code FROM link WHERE received_text = '{words}' AND closed_at IS NULL"
    )]  # fmt: skip


def asked_in(world: World) -> list[str]:
    return [row[0] for row in world.rows("SELECT division_code FROM review_item WHERE state = 'open'")]


def test_what_was_decided_before_a_change_holds_in_the_new_division_when_its_row_is_loaded_again(
    world: DivisionWorld,
) -> None:
    desk = ReviewDesk(world)
    (item,) = desk.open()
    desk.say(item, Verdict.NONE)
    world.apply(MOVED)
    world.load_rows("people", residents(name="虚构戊"))
    assert where(world) == [NEW_TOWN]
    world.check_stored()


def test_an_item_that_is_asked_again_is_where_its_division_went(world: DivisionWorld) -> None:
    desk = ReviewDesk(world)
    (item,) = desk.open()
    chosen = desk.choose(item, "柳岸小区2幢")
    event = world.apply(MOVED).event_id
    desk.undo(chosen.decision_id)
    assert asked_in(world) == [NEW_TOWN]
    nowhere = desk.say(item, Verdict.NONE)
    assert where(world) == [NEW_TOWN]
    desk.undo(nowhere.decision_id)
    world.revert(event)
    assert asked_in(world) == [OLD_TOWN]
    world.check_stored()


def test_an_item_decided_between_a_change_and_its_revert_comes_back_with_it(world: DivisionWorld) -> None:
    desk = ReviewDesk(world)
    (item,) = desk.open()
    event = world.apply(MOVED).event_id
    chosen = desk.choose(item, "柳岸小区2幢")
    world.revert(event)
    desk.undo(chosen.decision_id)
    assert asked_in(world) == [OLD_TOWN]


def test_a_change_is_not_taken_back_while_something_is_asked_in_what_it_made(world: DivisionWorld) -> None:
    event = world.apply(MOVED).event_id
    world.load_rows("people", residents(OTHER), source="later")
    with pytest.raises(RuleError) as refused:
        world.revert(event)
    assert refused.value.rule == "linked"


@pytest.mark.parametrize("verdict", [Verdict.NOT_AN_ADDRESS, Verdict.NONE])
def test_a_subscriber_knows_where_links_stand_after_a_decision_on_a_split_is_undone(
    world: DivisionWorld, verdict: Verdict
) -> None:
    with receiving() as receiver:
        mail = Post(world, receiver)
        mail.subscribe(element="enterprise")
        world.load_rows("enterprises", [firm(1, ROOM), firm(2, ROOM)])
        desk = ReviewDesk(world)
        before = set(desk.open())
        with transaction(world.engine) as connection:
            parts = (asked.Part(name="101A"), asked.Part(name="101B"))
            split = asked.Split(aid=desk.aid("101室"), parts=parts)
            transact(connection, split, CLERK, Parser(gazetteer_of(connection)))
        item = min(set(desk.open()) - before)
        desk.undo(desk.decide(item, Judgement(verdict=verdict)).decision_id)
        mail.deliver()
        changes = [line["link"]["change"] for letter in receiver.letters for line in letter.lines if "link" in line]
    assert changes.count("opened") - changes.count("closed") == 2


def test_no_item_is_put_off_to_a_year_that_no_calendar_has(estate: World, tmp_path: Path) -> None:
    with served_desk(estate, tmp_path) as served:
        served.world.load_rows("people", people(UNKNOWN_ROOM))
        for until in ("9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"):
            answer = served.ask("POST", "/review/1/decisions", json={"verdict": "later", "until": until})
            assert answer.status_code == 409, answer.text
        assert served.ask("GET", "/review").status_code == 200
        odd = {"/review/claims": {"kind": "a\0b"}, "/webhooks": {"url": "https://a.example", "area": "a\0b"}}
        told_of = {path: served.ask("POST", path, json=body).status_code for path, body in odd.items()}
        assert told_of == dict.fromkeys(odd, 422)


def test_what_waits_is_a_part_of_what_is_linked_and_what_waits(world: DivisionWorld, tmp_path: Path) -> None:
    with served_desk(world, tmp_path) as served:
        figures = served.ask("GET", "/quality?division=330197").json()["figures"]
    value = {figure["figure"]: figure["value"] for figure in figures}
    assert value["in_review"] == 1
    assert {f["of"] for f in figures if f["figure"] == "in_review"} == {value["links"] + value["in_review"]}


def test_a_decision_that_is_a_formula_without_a_result_is_told(estate: World) -> None:
    desk = ReviewDesk(estate)
    desk.wait("people", people(UNKNOWN_ROOM))
    ends = told(read_again(desk, fill(exported(desk), {"决定": '=IF(1,"都不是","")'})))
    assert ("refused", "formula_without_value") in ends
