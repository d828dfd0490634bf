"""A source loaded again: what clerks decided of its rows holds as long as their texts are the same."""

from __future__ import annotations

import pytest

from addressbook.divisions import Gazetteer
from addressbook.errors import RuleError
from addressbook.parse import Parser
from addressbook.registry import requests as asked
from addressbook.registry.review import Verdict
from addressbook.store.engine import transaction
from addressbook.store.transactions import transact
from tests.review_world import ANY_UNIT, CLERK, UNKNOWN_ROOM, ReviewDesk, people
from tests.worlds import ESTATE, ROOM, World

VERDICTS = [Verdict.CHOSEN, Verdict.NONE, Verdict.NOT_AN_ADDRESS, Verdict.REGISTERED]


@pytest.fixture(name="desk")
def _desk(estate: World) -> ReviewDesk:
    return ReviewDesk(estate)


def decided(desk: ReviewDesk, item: int, verdict: Verdict) -> int:
    done = desk.choose(item, "3幢1单元502室") if verdict is Verdict.CHOSEN else desk.say(item, verdict)
    return done.decision_id


@pytest.mark.parametrize("verdict", VERDICTS)
def test_the_same_file_changes_nothing_of_what_was_decided(desk: ReviewDesk, verdict: Verdict) -> None:
    rows = people(UNKNOWN_ROOM, UNKNOWN_ROOM, ROOM)
    decided(desk, desk.wait("people", rows)[0], verdict)
    before, ends = desk.world.snapshot(), desk.row_ends()
    report = desk.world.load_rows("people", rows)
    assert desk.world.snapshot() == before
    assert report.totals.unchanged == report.totals.read == len(rows)
    counts = report.totals.counts()
    assert {end: counts[end] for end in ends} == ends
    assert counts["review"] == 0


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_row_whose_text_is_the_same_keeps_what_was_decided_of_it(desk: ReviewDesk, verdict: Verdict) -> None:
    decision = decided(desk, desk.wait("people", people(UNKNOWN_ROOM))[0], verdict)
    before, ends = desk.links(), desk.row_ends()
    links = desk.world.one("SELECT count(*) FROM link")
    desk.world.load_rows("people", [people(UNKNOWN_ROOM)[0] | {"电话": "13812345678"}])
    assert (desk.open(), desk.links(), desk.row_ends()) == ([], before, ends)
    assert desk.world.one("SELECT count(*) FROM link") == links, "the link was kept, not made anew"
    desk.undo(decision)
    assert desk.row_ends() == {"review": 1}
    desk.choose(desk.open()[0], "3幢1单元502室")
    assert desk.row_ends() == {"linked": 1}


def test_numbers_of_persons_are_masked_wherever_an_item_quotes_its_text(desk: ReviewDesk) -> None:
    desk.wait("people", people(f"{UNKNOWN_ROOM}13812345678", f"{ESTATE}13812345678幢", "电话13812345678"))
    for row in desk.world.rows("SELECT to_jsonb(i)::text FROM review_item i"):
        assert "13812345678" not in row[0]


def test_another_text_is_another_question(desk: ReviewDesk) -> None:
    decided(desk, desk.wait("people", people(UNKNOWN_ROOM))[0], Verdict.NOT_AN_ADDRESS)
    assert len(desk.wait("people", people(ANY_UNIT.replace("502", "599")))) == 1
    desk.world.load_rows("people", people(ROOM))
    assert (desk.open(), desk.row_ends()) == ([], {"linked": 1})


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_row_that_was_gone_comes_back_as_decided(desk: ReviewDesk, verdict: Verdict) -> None:
    rows = people(UNKNOWN_ROOM, ROOM)
    decision = decided(desk, desk.wait("people", rows)[0], verdict)
    before, ends = desk.links(), desk.row_ends()
    desk.world.load_rows("people", rows[1:], full_snapshot=True)
    assert desk.row_ends() == {"linked": 1}
    with pytest.raises(RuleError):
        desk.undo(decision)
    desk.world.load_rows("people", rows, full_snapshot=True)
    assert (desk.open(), desk.links(), desk.row_ends()) == ([], before, ends)


def test_a_decision_follows_its_address_into_what_it_was_merged_into(desk: ReviewDesk) -> None:
    rows = people(UNKNOWN_ROOM, ROOM)
    decided(desk, desk.wait("people", rows)[0], Verdict.CHOSEN)
    with transaction(desk.world.engine) as connection:
        rooms = (desk.aid("3幢1单元502室"), desk.aid("3幢1单元501室"))
        done = transact(connection, asked.Merge(aids=rooms, name="500"), CLERK, Parser(Gazetteer.shipped()))
    desk.world.load_rows("people", [row | {"电话": "13812345678"} for row in rows])
    assert (desk.open(), {aid for _, aid in desk.links()}) == ([], {done.created[0]})
    with transaction(desk.world.engine) as connection:
        transact(connection, asked.Retire(aid=done.created[0]), CLERK, Parser(Gazetteer.shipped()))
    assert len(desk.wait("people", [row | {"电话": "13912345678"} for row in rows])) == len(rows)


def test_a_decision_stands_against_what_the_registry_learns_later(desk: ReviewDesk) -> None:
    decided(desk, desk.wait("people", people(UNKNOWN_ROOM))[0], Verdict.CHOSEN)
    desk.world.texts([UNKNOWN_ROOM], source="new")
    desk.world.load_rows("people", [people(UNKNOWN_ROOM)[0] | {"电话": "13812345678"}])
    assert desk.links() == [(UNKNOWN_ROOM, desk.aid("3幢1单元502室"))]


def test_an_address_list_is_settled_for_good_too(desk: ReviewDesk) -> None:
    desk.world.texts([f"{ESTATE}3幢2单元502室"], source="second")
    row = {"source_key": "1", "address": ANY_UNIT, "lon": "120.25", "lat": "30.18"}
    desk.world.load_rows("addresses", [row], "third")
    (item,) = desk.open()
    desk.choose(item, "3幢1单元502室")
    report = desk.world.load_rows("addresses", [row | {"lon": "120.26"}], "third")
    assert (report.totals.linked, report.totals.minted, desk.open()) == (1, 0, [])
    desk.world.load_rows("addresses", [row | {"address": ANY_UNIT.replace("3幢", "13幢")}], "third")


def test_what_was_decided_of_another_text_of_an_address_list_is_not_undone(desk: ReviewDesk) -> None:
    desk.world.texts([f"{ESTATE}3幢2单元502室"], source="second")
    row = {"source_key": "1", "address": ANY_UNIT}
    desk.world.load_rows("addresses", [row], "third")
    decision = desk.choose(desk.open()[0], "3幢1单元502室").decision_id
    desk.world.load_rows("addresses", [row | {"address": ROOM}], "third")
    assert desk.world.linked_to("third") == {"1": desk.aid("3幢1单元502室")}, "what was decided, found without it"
    with pytest.raises(RuleError, match="a later load has changed"):
        desk.undo(decision)
    desk.world.load_rows("addresses", [row], "third")
    desk.undo(decision)
    assert desk.row_ends("third") == {"review": 1}
