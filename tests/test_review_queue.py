"""The queue of the review desk: nobody gets what another has, and what clerks did can be counted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from addressbook.errors import RuleError
from addressbook.registry.review import Judgement, Verdict
from addressbook.store.engine import transaction
from addressbook.store.review_deciding import decide
from addressbook.store.review_items import (
    Filters,
    read_counts,
    read_disagreements,
    read_queue,
    read_statistics,
    release,
)
from addressbook.store.review_tools import KeptTools
from addressbook.store.transactions import Because
from tests.review_world import CLERK, MISSPELT, OTHER_CLERK, UNKNOWN_ROOM, ReviewDesk, people
from tests.worlds import ESTATE, TOWN_CODE, World

ROOMS = [f"{ESTATE}3幢1单元{room}室" for room in range(601, 625)]
CLERKS = 6


@pytest.fixture(name="desk")
def _desk(estate: World) -> ReviewDesk:
    return ReviewDesk(estate)


def test_clerks_at_once_never_get_the_same_item_nor_its_twin(desk: ReviewDesk) -> None:
    items = desk.wait("people", people(*ROOMS, *ROOMS))
    clerks = [Because(f"审核员{n}", "核对") for n in range(CLERKS)]
    with ThreadPoolExecutor(CLERKS) as pool:
        given = list(pool.map(lambda clerk: desk.claim(clerk, limit=len(ROOMS) // CLERKS), clerks))
    flat = [item for items_of_one in given for item in items_of_one]
    assert len(flat) == len(set(flat)) == len(ROOMS)
    texts = desk.world.rows("SELECT received_text FROM review_item WHERE review_id = ANY(:ids)", ids=flat)
    assert len(set(texts)) == len(ROOMS), "twins of what somebody has are nobody's"
    assert desk.claim(Because("迟到者", "核对")) == []
    assert len(items) == 2 * len(ROOMS)


def test_two_clerks_who_decide_one_item_at_once_settle_it_once(desk: ReviewDesk) -> None:
    (item,) = desk.wait("people", people(UNKNOWN_ROOM))

    def one(because: Because) -> str:
        try:
            with transaction(desk.world.engine) as connection:
                tools = KeptTools(connection).now(connection)
                decide(connection, item, Judgement(verdict=Verdict.NONE), because, tools)
        except RuleError as told:
            return told.rule
        return "done"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(one, (CLERK, OTHER_CLERK))) == ["closed", "done"]
    desk.world.check_stored()
    assert desk.world.one("SELECT count(*) FROM link WHERE closed_at IS NULL") == 1


def test_an_item_stays_with_its_clerk_until_the_lease_ends(desk: ReviewDesk) -> None:
    (item,) = desk.wait("people", people(UNKNOWN_ROOM))
    assert desk.claim(CLERK) == desk.claim(CLERK) == [item]
    assert desk.claim(OTHER_CLERK) == []
    with desk.world.engine.begin() as connection:
        connection.execute(text("UPDATE review_item SET claimed_until = now() - interval '1 second'"))
    assert desk.claim(OTHER_CLERK) == [item]
    with transaction(desk.world.engine) as connection:
        assert release(connection, OTHER_CLERK.actor) == 1
    assert desk.claim(CLERK) == [item]


def test_what_is_put_off_comes_behind_and_back_on_its_day(desk: ReviewDesk) -> None:
    first, second = desk.wait("people", people(UNKNOWN_ROOM, MISSPELT))
    done = desk.say(first, Verdict.LATER)
    assert (done.event_id, desk.open()) == (None, [first, second])
    assert desk.claim(CLERK, limit=2) == [second, first]
    with transaction(desk.world.engine) as connection:
        release(connection, CLERK.actor)
    desk.undo(done.decision_id)
    assert desk.claim(CLERK) == [first]
    with desk.world.engine.begin() as connection:
        again = "UPDATE review_item SET claimed_by = '', claimed_until = NULL, put_off_until = now() + interval '1 day'"
        connection.execute(text(f"{again} WHERE review_id = :id"), {"id": first})
    assert desk.claim(CLERK, limit=2) == [second]


def test_the_queue_is_told_by_area_reason_source_and_kind(desk: ReviewDesk) -> None:
    desk.wait("people", people(UNKNOWN_ROOM, MISSPELT, UNKNOWN_ROOM))
    desk.wait("events", [{"工单编号": "1", "事发地址": UNKNOWN_ROOM}])
    with transaction(desk.world.engine) as connection:
        counted = [
            (row["area"], row["source"], row["kind"], row["items"]) for row in read_counts(connection, Filters())
        ]
        assert sum(number for *_, number in counted) == len(desk.open())
        assert {(area, kind) for area, _, kind, _ in counted} == {(TOWN_CODE, "person"), (TOWN_CODE, "event")}
        for filters, number in (
            (Filters(area="330109"), 4), (Filters(area="330109001000"), 0), (Filters(source="events"), 1),
            (Filters(kind="person"), 3), (Filters(reason="room_unknown"), 3),
        ):  # fmt: skip
            found = read_queue(connection, filters, after=0, limit=10)
            assert len(found) == number, filters
        page = read_queue(connection, Filters(), after=0, limit=1)
        assert (page[0]["twins"], page[0]["received_text"]) == (2, UNKNOWN_ROOM)
        assert (
            read_queue(connection, Filters(), after=page[0]["review_id"], limit=10)[0]["review_id"]
            > page[0]["review_id"]
        )
    assert desk.claim(CLERK, source="events") != desk.claim(OTHER_CLERK, reason="road_unknown")


def test_statistics_tell_who_chose_what_and_what_was_undone(desk: ReviewDesk) -> None:
    first, second = desk.wait("people", people(UNKNOWN_ROOM, MISSPELT))
    best = desk.world.one("SELECT candidates->0->>'aid' FROM review_item WHERE review_id = :id", id=first)
    undone = desk.decide(first, Judgement(verdict=Verdict.CHOSEN, aid=best))
    desk.undo(undone.decision_id)
    desk.say(first, Verdict.NOT_AN_ADDRESS)
    desk.say(second, Verdict.LATER, OTHER_CLERK)
    (again,) = set(desk.wait("events", [{"工单编号": "1", "事发地址": UNKNOWN_ROOM}])) - {second}
    desk.choose(again, "3幢1单元502室", OTHER_CLERK)
    with transaction(desk.world.engine) as connection:
        told = {(row["actor"], row["source"]): row for row in read_statistics(connection, Filters())}
        (differing,) = read_disagreements(connection, 10)
        of_events = read_statistics(connection, Filters(source="events"))
    mine, theirs = told[CLERK.actor, "people"], told[OTHER_CLERK.actor, "people"]
    assert (mine["decisions"], mine["first_candidate"], mine["undone"], mine["not_an_address"]) == (2, 1, 1, 1)
    assert (theirs["decisions"], theirs["later"]) == (0, 1)
    assert [row["source"] for row in of_events] == ["events"]
    assert [decision["actor"] for decision in differing["decisions"]] == [CLERK.actor, OTHER_CLERK.actor]
