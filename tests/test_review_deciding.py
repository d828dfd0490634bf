"""Decisions of the review desk: what they link, what they teach, and that undoing them leaves no trace."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from addressbook.divisions import Gazetteer
from addressbook.errors import RuleError
from addressbook.parse import Parser
from addressbook.registry import requests as asked
from addressbook.registry.review import Judgement, Verdict
from addressbook.store.aliases import withdraw_alias
from addressbook.store.engine import transaction
from addressbook.store.transactions import revert, transact
from tests.review_world import ANY_UNIT, CLERK, MISSPELT, OTHER_CLERK, UNKNOWN_ROOM, ReviewDesk, people
from tests.worlds import ESTATE, ROOM, TOWN, TOWN_CODE, World


@pytest.fixture(name="desk")
def _desk(estate: World) -> ReviewDesk:
    return ReviewDesk(estate)


def refused(rule: str, action: object, *given: object) -> RuleError:
    """The refusal, by the name of its rule."""
    with pytest.raises(RuleError) as told:
        action(*given)  # type: ignore[operator]
    assert told.value.rule == rule, told.value
    assert told.value.zh != told.value.en
    return told.value


def test_a_chosen_address_links_the_waiting_element_and_its_twins_at_once(desk: ReviewDesk) -> None:
    twin = UNKNOWN_ROOM.replace("509", "５０９")
    (first, *_) = desk.wait("people", people(UNKNOWN_ROOM, twin, ROOM))
    assert desk.row_ends() == {"linked": 1, "review": 2}
    done = desk.choose(first, "3幢1单元502室")
    assert (done.items, desk.open()) == (2, [])
    assert desk.row_ends() == {"linked": 3}
    assert {aid for _, aid in desk.links()} == {desk.aid("3幢1单元502室")}
    assert desk.world.one("SELECT count(*) FROM link WHERE opened_event = :e", e=done.event_id) == len((first, twin))
    assert desk.world.one("SELECT count(*) FROM registry_event WHERE kind = 'review'") == 1


@pytest.mark.parametrize("verdict", [Verdict.NONE, Verdict.NOT_AN_ADDRESS, Verdict.REGISTERED, Verdict.LATER, None])
def test_what_is_decided_and_undone_leaves_everything_as_it_was(desk: ReviewDesk, verdict: Verdict | None) -> None:
    first = desk.wait("people", people(UNKNOWN_ROOM, UNKNOWN_ROOM, MISSPELT))[0]
    before = desk.state()
    done = desk.choose(first, "3幢1单元502室") if verdict is None else desk.say(first, verdict)
    assert desk.state() != before
    assert desk.undo(done.decision_id).items == done.items == len((UNKNOWN_ROOM, UNKNOWN_ROOM))
    assert desk.state() == before
    refused("undone", desk.undo, done.decision_id)
    again = desk.choose(first, "3幢1单元502室")
    assert again.items == done.items


def test_an_address_that_is_registered_is_linked_in_the_same_event(desk: ReviewDesk) -> None:
    (item,) = desk.wait("people", people(UNKNOWN_ROOM))
    done = desk.say(item, Verdict.REGISTERED)
    text, state, event = desk.world.rows(
        "SELECT standard_text, state, event_id FROM address WHERE aid = :a", a=done.aid
    )[0]
    assert (text.endswith("3幢1单元509室"), state, event) == (True, "provisional", done.event_id)
    assert desk.links() == [(UNKNOWN_ROOM, done.aid)]
    refused("desk", _revert, desk, done.event_id)


def _revert(desk: ReviewDesk, event: int) -> None:
    with transaction(desk.world.engine) as connection:
        revert(connection, event, CLERK)


def test_what_to_register_may_be_said(desk: ReviewDesk) -> None:
    (item,) = desk.wait("people", people(f"{TOWN}无名里3弄2号"))
    refused("register", desk.say, item, Verdict.REGISTERED)
    request = asked.Register(kind=asked.AddressKind.COMPOUND, name="无名里", division_code=TOWN_CODE)
    done = desk.say(item, Verdict.REGISTERED, CLERK, request)
    assert desk.links() == [(f"{TOWN}无名里3弄2号", done.aid)]


def test_none_of_them_counts_in_the_division_that_is_known(desk: ReviewDesk) -> None:
    (item,) = desk.wait("people", people(UNKNOWN_ROOM))
    desk.say(item, Verdict.NONE)
    found = desk.world.rows("SELECT site_id, aid, division_code, match_level, flags FROM link WHERE closed_at IS NULL")
    code = desk.world.one("SELECT division_code FROM review_item")
    assert found == [(-int(code), None, code, "town", ["division_only", "reviewed"])]
    assert desk.row_ends() == {"linked": 1}


def test_what_is_no_address_is_a_refused_row(desk: ReviewDesk) -> None:
    (item,) = desk.wait("people", people("查无此人"))
    desk.say(item, Verdict.NOT_AN_ADDRESS)
    assert desk.row_ends() == {"rejected": 1}
    assert desk.world.rows("SELECT reason_code, field FROM source_row WHERE element_kind = 'person'") == [
        ("not_an_address", "address")
    ]  # fmt: skip


def test_each_address_of_a_row_is_asked_for_itself(desk: ReviewDesk) -> None:
    row = people(UNKNOWN_ROOM)[0] | {"户籍地址": MISSPELT}
    items = desk.wait("people", [row])
    assert len(items) == len(("residence", "household registration"))
    first = desk.choose(items[0], "3幢1单元502室")
    assert desk.row_ends() == {"review": 1}
    second = desk.say(items[1], Verdict.NOT_AN_ADDRESS)
    assert desk.row_ends() == {"linked": 1}
    refused("built_on", desk.undo, first.decision_id)
    desk.undo(second.decision_id)
    desk.undo(first.decision_id)
    assert desk.row_ends() == {"review": 1}


def test_twins_are_of_any_source_and_kind_but_of_one_division(desk: ReviewDesk) -> None:
    words = ANY_UNIT
    desk.world.texts([f"{ESTATE}3幢2单元502室"], source="second")
    desk.wait("people", people(words), division="330109")
    desk.wait("events", [{"工单编号": "1", "事发地址": words}], division="330109")
    desk.world.load_rows("addresses", [{"source_key": "1", "address": words}], "list2", division="330109")
    elsewhere = desk.wait("people", people(words, first=5), "other", division="330110")[-1]
    first, *_ = desk.open()
    done = desk.choose(first, "3幢1单元502室")
    assert (done.items, desk.open()) == (3, [elsewhere])
    assert {kind for (kind,) in desk.world.rows("SELECT element_kind FROM link")} == {"person", "event"}
    assert desk.world.linked_to("list2") == {"1": done.aid}


# -- what is taught


def test_a_text_becomes_an_alias_where_that_is_safe(desk: ReviewDesk) -> None:
    (item,) = desk.wait("people", people(MISSPELT))
    done = desk.choose(item, "3幢1单元502室")
    assert done.alias is not None
    assert done.alias.name == "望江新居"
    report = desk.world.load_rows("people", people(MISSPELT.replace("502", "501"), first=7), "more")
    assert (report.totals.linked, report.totals.review) == (1, 0)
    assert "望江新居" in refused("built_on", desk.undo, done.decision_id).zh
    with transaction(desk.world.engine) as connection:
        withdraw_alias(connection, done.alias.aid, done.alias.name, actor=CLERK.actor, reason="另一小区")
    desk.undo(done.decision_id)
    assert (desk.open(), desk.row_ends("more")) == ([item], {"linked": 1})


def test_a_text_that_fits_several_as_well_teaches_nothing(desk: ReviewDesk) -> None:
    desk.world.texts([f"{ESTATE}3幢2单元502室"], source="second")
    (item,) = desk.wait("people", people(ANY_UNIT))
    done = desk.choose(item, "3幢1单元502室")
    assert done.alias is None
    assert desk.wait("people", people(ANY_UNIT, first=5), "more") != []


# -- what is refused


def test_a_closed_item_is_not_decided_again(desk: ReviewDesk) -> None:
    first, second = desk.wait("people", people(UNKNOWN_ROOM, MISSPELT))
    desk.choose(first, "3幢1单元502室")
    told = refused("closed", desk.say, first, Verdict.NONE)
    assert CLERK.actor in told.zh
    desk.world.load_rows("people", people(UNKNOWN_ROOM, ROOM))
    refused("closed", desk.say, second, Verdict.NONE)


def test_what_another_clerk_works_on_is_not_decided(desk: ReviewDesk) -> None:
    (item,) = desk.wait("people", people(UNKNOWN_ROOM))
    assert desk.claim(OTHER_CLERK) == [item]
    refused("claimed", desk.say, item, Verdict.NONE)
    assert desk.say(item, Verdict.NONE, OTHER_CLERK).items == 1


def test_nor_is_a_twin_of_what_another_clerk_works_on(desk: ReviewDesk) -> None:
    first, second = desk.wait("people", people(UNKNOWN_ROOM, UNKNOWN_ROOM))
    assert desk.claim(OTHER_CLERK) == [first]
    refused("claimed", desk.say, second, Verdict.NONE)
    refused("claimed", desk.say, second, Verdict.LATER)


def test_what_is_no_more_is_not_chosen(desk: ReviewDesk) -> None:
    (item,) = desk.wait("people", people(UNKNOWN_ROOM))
    room = desk.aid("3幢1单元502室")
    with transaction(desk.world.engine) as connection:
        transact(connection, asked.Retire(aid=room), CLERK, Parser(Gazetteer.shipped()))
    refused("live", desk.decide, item, Judgement(verdict=Verdict.CHOSEN, aid=room))
    refused("choice", desk.say, item, Verdict.CHOSEN)


def test_what_something_later_builds_on_is_not_undone(desk: ReviewDesk) -> None:
    item, *_ = desk.wait("people", people(UNKNOWN_ROOM))
    done = desk.choose(item, "3幢1单元502室")
    with transaction(desk.world.engine) as connection:
        merged = transact(
            connection, asked.Merge(aids=(desk.aid("3幢1单元502室"), desk.aid("3幢1单元501室")), name="500"), CLERK,
            Parser(Gazetteer.shipped()),
        )  # fmt: skip
    refused("built_on", desk.undo, done.decision_id)
    _revert(desk, merged.event_id)
    desk.undo(done.decision_id)
    done = desk.choose(item, "13幢1单元502室")
    desk.world.load_rows("people", people(ROOM))
    refused("built_on", desk.undo, done.decision_id)


# -- what a split had asked


def test_a_link_that_a_split_left_behind_goes_where_the_clerk_says(desk: ReviewDesk) -> None:
    room = desk.aid("3幢1单元502室")
    desk.world.load_rows("people", people(ROOM, ROOM))
    with transaction(desk.world.engine) as connection:
        parts = (asked.Part(name="502A"), asked.Part(name="502B"))
        done = transact(connection, asked.Split(aid=room, parts=parts), CLERK, Parser(Gazetteer.shipped()))
    items = desk.open()
    before = desk.state()
    assert len(items) == len((ROOM, ROOM))
    decision = desk.decide(items[0], Judgement(verdict=Verdict.CHOSEN, aid=done.created[1]))
    assert (decision.items, decision.alias) == (2, None)
    assert {aid for _, aid in desk.links()} == {done.created[1]}
    refused("built_on", _revert, desk, done.event_id)
    desk.undo(decision.decision_id)
    assert desk.state() == before
    gone = desk.say(items[0], Verdict.NOT_AN_ADDRESS)
    assert (desk.links(), desk.row_ends()) == ([], {"rejected": 2})
    desk.undo(gone.decision_id)
    assert desk.state() == before
    desk.say(items[0], Verdict.NONE)
    assert {aid for _, aid in desk.links()} == {room}
    desk.world.load_rows("people", [row | {"电话": "13812345678"} for row in people(ROOM, ROOM)])
    assert (desk.open(), {aid for _, aid in desk.links()}) == ([], {room})


def test_a_row_of_an_address_list_is_settled_without_a_link(desk: ReviewDesk) -> None:
    desk.world.texts([f"{ESTATE}3幢2单元502室"], source="second")
    desk.world.texts([ANY_UNIT], source="third")
    (item,) = desk.open()
    before = desk.state()
    done = desk.choose(item, "3幢1单元502室")
    assert desk.world.linked_to("third") == {ANY_UNIT: desk.aid("3幢1单元502室")}
    desk.undo(done.decision_id)
    assert desk.state() == before


OF_THE_LINKED_ROW = (
    "UPDATE review_item i SET row_key = l.row_key, role = l.role, source_id = l.source_id FROM link l",
    (
        "UPDATE source_row SET outcome = CASE outcome WHEN 'linked' THEN 'review' ELSE 'rejected' END"
        " WHERE element_kind <> 'address'"
    ),
)


def test_what_a_split_asks_is_asked_beside_what_a_load_asked(desk: ReviewDesk) -> None:
    room = desk.aid("3幢1单元502室")
    desk.world.load_rows("people", people(ROOM))
    (waiting,) = desk.wait("people", people(UNKNOWN_ROOM, first=2), "others")
    with desk.world.engine.begin() as connection:
        for words in OF_THE_LINKED_ROW:
            connection.execute(text(words))
    with transaction(desk.world.engine) as connection:
        parts = (asked.Part(name="502A"), asked.Part(name="502B"))
        done = transact(connection, asked.Split(aid=room, parts=parts), CLERK, Parser(Gazetteer.shipped()))
    (question,) = {*desk.open()} - {waiting}
    desk.decide(question, Judgement(verdict=Verdict.CHOSEN, aid=done.created[1]))
    assert {aid for _, aid in desk.links()} == {done.created[1]}
    assert desk.open() == [waiting]
