"""The registry where it is used otherwise than its makers thought: each of these went wrong once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import text

from addressbook.divisions import Gazetteer
from addressbook.errors import InputError, NotFoundError, RuleError
from addressbook.match import NameIndex
from addressbook.model import AddressKind as Kind, AddressState, Level
from addressbook.parse import Parser
from addressbook.registry import requests as asked
from addressbook.registry.records import AddressRecord, Changes
from addressbook.store.engine import transaction
from addressbook.store.identifiers import end, find, give
from addressbook.store.names import read_names
from addressbook.store.teaching import lesson_for
from addressbook.store.transactions import transact
from addressbook.views.ids import id_record
from tests.test_registry_transactions import WHY, Registry, _registry  # noqa: F401 the fixture
from tests.worlds import ESTATE, ROOM, TOWN

TODAY = date.today()  # noqa: DTZ011
DIVISION, COUNTY = "330109002000", "330109000000"


def days_ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def made(registry: Registry, kind: Kind, name: str, **more: Any) -> str:
    """A new address; where it has no parent in a division of the estate's town."""
    more = more if "parent_aid" in more else {"division_code": DIVISION, **more}
    (aid,) = registry.do(asked.Register(kind=kind, name=name, **more)).created
    return aid


def refused(registry: Registry, request: asked.Request) -> RuleError:
    with pytest.raises(RuleError) as refusal:
        registry.do(request)
    return refusal.value


def meant(registry: Registry, words: str) -> tuple[str, str | None]:
    found = registry.resolve(words)
    return found.category, found.aid


# -- long streets


def test_whether_a_place_is_free_is_told_by_those_there_and_not_by_all_changes() -> None:
    plate = AddressRecord(
        1, "", Kind.DOOR_PLATE, None, "R1", "", "", "", None, "", DIVISION, None, Level.NONE, AddressState.CURRENT, 1, 1
    )
    changes = Changes()
    for number in range(1000):
        before = replace(plate, aid=f"D{number}", site_id=number, plate_no=str(number))
        changes.change(before, replace(before, road_aid="R2"))
    wanted = replace(plate, aid="D0", road_aid="R2", plate_no="7")
    assert [other.aid for other in changes.at_place(wanted)] == ["D7"]
    gone = changes.before["D7"]
    changes.change(gone, gone)
    assert list(changes.at_place(wanted)) == [], "what stays as it was is no change"


# -- a load that was taken back


def test_a_file_whose_load_was_taken_back_is_loaded_anew(registry: Registry) -> None:
    words = [f"{TOWN}金城路14号", f"{TOWN}望江苑1幢101室"]
    registry.world.texts(words, source="two")
    event = registry.world.one("SELECT max(event_id) FROM registry_event")
    first = registry.world.linked_to("two")
    registry.undo(event)
    assert registry.resolve(words[0]).aid is None
    report = registry.world.texts(words, source="two")
    assert (report.totals.linked, report.totals.unchanged) == (2, 0)
    again = registry.world.linked_to("two")
    assert {registry.resolve(word).aid for word in words} == set(again.values())
    assert not set(again.values()) & set(first.values()), "a code that is void stays void"
    before = registry.world.snapshot()["address"]
    assert registry.world.texts(words, source="two").totals.unchanged == 2
    assert registry.world.snapshot()["address"] == before


def test_rows_of_a_load_that_was_taken_back_refer_to_what_stands_now(registry: Registry) -> None:
    words = f"{TOWN}金城路14号"
    registry.world.texts([words], source="two")
    registry.undo(registry.world.one("SELECT max(event_id) FROM registry_event"))
    road = registry.aid("萧山区金城路")
    plate = made(registry, Kind.DOOR_PLATE, "14", road_aid=road)
    report = registry.world.texts([words], source="two")
    assert (report.totals.minted, registry.world.linked_to("two")) == (0, {words: plate})


def test_what_a_person_voided_is_not_brought_back_by_the_same_file(registry: Registry) -> None:
    words = f"{TOWN}金城路14号"
    registry.world.texts([words], source="two")
    registry.do(asked.Void(aid=registry.aid("金城路14号")))
    report = registry.world.texts([words], source="two")
    assert (report.totals.minted, report.totals.unchanged) == (0, 1)


# -- places


def test_streets_are_no_duplicates_where_a_plate_of_one_lies_in_that_of_the_other(registry: Registry) -> None:
    spring, autumn = (made(registry, Kind.STREET, name, division_code=COUNTY) for name in ("春江路", "秋江路"))
    outer = made(registry, Kind.DOOR_PLATE, "1", road_aid=spring)
    market = made(registry, Kind.PLACE, "大市场", parent_aid=outer)
    made(registry, Kind.DOOR_PLATE, "1", road_aid=autumn, parent_aid=market)
    for junior, senior in ((spring, autumn), (autumn, spring)):
        assert refused(registry, asked.VoidDuplicate(junior=junior, senior=senior)).rule == "descendant"


def test_streets_are_no_duplicates_where_their_plates_would_lie_in_each_other(registry: Registry) -> None:
    spring, autumn = (made(registry, Kind.STREET, name, division_code=COUNTY) for name in ("春江路", "秋江路"))
    for number in (1, 2):
        plate = made(registry, Kind.DOOR_PLATE, str(number), road_aid=spring)
        market = made(registry, Kind.PLACE, "大市场", parent_aid=plate)
        made(registry, Kind.DOOR_PLATE, str(3 - number), road_aid=autumn, parent_aid=market)
    assert refused(registry, asked.VoidDuplicate(junior=spring, senior=autumn)).rule == "cycle"


def test_what_is_registered_without_a_day_is_no_older_than_what_it_lies_in(registry: Registry) -> None:
    estate = made(registry, Kind.COMPOUND, "望江苑", effective=days_ago(10))
    building = made(registry, Kind.BUILDING, "1", parent_aid=estate)
    assert registry.one(building).valid_from == days_ago(10)
    street = made(registry, Kind.STREET, "春江路", effective=days_ago(5))
    plate = made(registry, Kind.DOOR_PLATE, "1", road_aid=street, parent_aid=estate)
    assert registry.one(plate).valid_from == days_ago(5)
    early = asked.Register(
        kind=Kind.DOOR_PLATE, name="2", road_aid=street, division_code=DIVISION, effective=days_ago(6)
    )
    assert refused(registry, early).rule == "before_birth"
    assert registry.one(made(registry, Kind.COMPOUND, "江畔苑")).valid_from is None


@pytest.mark.parametrize("name", ["(苑)", "（望江苑）", "【】", "()", "", " ", "——", "\u200b", "<3>"])
def test_a_name_of_nothing_but_brackets_is_none(registry: Registry, name: str) -> None:
    estate, building = registry.aid("北干街道南岸明珠"), registry.aid("南岸明珠3幢")
    for request in (asked.Rename(aid=estate, name=name), asked.Renumber(aid=building, number=name)):
        assert refused(registry, request).rule == "name"
    assert refused(registry, asked.Register(kind=Kind.PLACE, name=name, parent_aid=estate)).rule == "name"


def test_a_change_before_that_of_a_child_names_the_child_and_the_day(registry: Registry) -> None:
    building, room = registry.aid("南岸明珠3幢"), registry.aid("南岸明珠3幢1单元502室")
    registry.do(asked.Renumber(aid=room, number="509", effective=days_ago(2)))
    refusal = refused(registry, asked.Renumber(aid=building, number="5", effective=days_ago(20)))
    assert refusal.rule == "before_birth"
    for told in (str(refusal), refusal.zh):
        assert "南岸明珠3幢1单元509室" in told
        assert str(days_ago(2)) in told


@pytest.mark.parametrize("division", ["330109003000", "110101001001"])
def test_nothing_is_registered_outside_the_division_of_what_it_lies_in(registry: Registry, division: str) -> None:
    request = asked.Register(kind=Kind.BUILDING, name="9", parent_aid=registry.aid("南岸明珠"), division_code=division)
    assert refused(registry, request).rule == "division"


def test_nothing_in_use_lies_in_what_is_only_proposed(registry: Registry) -> None:
    building = registry.aid("南岸明珠3幢")
    proposed = made(registry, Kind.COMPOUND, "望江苑", provisional=True)
    assert refused(registry, asked.Reparent(aid=building, parent_aid=proposed)).rule == "parent_provisional"
    number = made(registry, Kind.BUILDING, "3", parent_aid=proposed, provisional=True)
    registry.do(asked.VoidDuplicate(junior=building, senior=number))
    assert {registry.one(aid).state for aid in (proposed, number)} == {"current"}, "the senior is in use by now"
    assert registry.one(registry.aid("望江苑3幢1单元502室")).state == "current"


# -- codes and texts


def test_a_code_is_followed_to_the_end_of_a_long_chain(registry: Registry) -> None:
    registry.world.texts([f"{ESTATE}3幢1单元{number}室" for number in range(900, 961)])
    aids = [registry.aid(f"3幢1单元{number}室") for number in range(900, 961)]
    retired = text("UPDATE address SET state = 'retired' WHERE aid = ANY(:aids)")
    succeeded = text("INSERT INTO address_succession VALUES (:a, :b, 'merged', 1, NULL)")
    with transaction(registry.world.engine) as connection:
        connection.execute(retired, {"aids": aids[:-1]})
        connection.execute(succeeded, [{"a": one, "b": next_one} for one, next_one in pairwise(aids)])
        found = id_record(connection, aids[0])
    assert (found["today"], len(found["successors"])) == ([aids[-1]], 60)


def test_successions_in_a_circle_end(registry: Registry) -> None:
    one, other = (registry.aid(f"南岸明珠3幢1单元{room}室") for room in (501, 502))
    circle = text("INSERT INTO address_succession VALUES (:a, :b, 'merged', 1, NULL), (:b, :a, 'merged', 1, NULL)")
    with transaction(registry.world.engine) as connection:
        connection.execute(circle, {"a": one, "b": other})
        assert len(id_record(connection, one)["successors"]) == 2


def test_old_texts_of_a_building_and_its_rooms_lead_on_when_it_goes_to_another_estate(registry: Registry) -> None:
    building, room = registry.aid("南岸明珠3幢"), registry.aid("南岸明珠3幢1单元502室")
    third, other = made(registry, Kind.COMPOUND, "望江苑"), made(registry, Kind.COMPOUND, "春江花园")
    start = {words: meant(registry, words) for words in (ROOM, f"{ESTATE}3幢")}
    first = registry.do(asked.Reparent(aid=building, parent_aid=other))
    second = registry.do(asked.Reparent(aid=building, parent_aid=third))
    for name in ("南岸明珠", "春江花园", "望江苑"):
        assert meant(registry, f"{TOWN}{name}3幢1单元502室") == ("A", room), name
        assert meant(registry, f"{TOWN}{name}3幢") == ("A", building), name
    assert "alias_used" in [why.code for why in registry.resolve(ROOM).reasons]
    report = registry.world.texts([f"{TOWN}春江花园3幢1单元999室"], source="old")
    assert (report.totals.minted, registry.one(registry.aid("3幢1单元999室")).parent_aid) == (
        1, registry.one(room).parent_aid,
    )  # fmt: skip
    registry.do(asked.Retire(aid=registry.aid("3幢1单元999室")))
    registry.do(asked.Register(kind=Kind.BUILDING, name="3", parent_aid=other))
    assert meant(registry, f"{TOWN}望江苑3幢") == ("A", building)
    assert registry.resolve(f"{TOWN}春江花园3幢").aid is None, "either may be meant: the old one or the new one"
    for event in (second, first):
        with pytest.raises(RuleError, match="builds on it"):
            registry.undo(event.event_id)
    assert {words: meant(registry, words) for words in start} == start


def test_an_old_number_means_nothing_in_an_estate_where_it_never_was(registry: Registry) -> None:
    building = registry.aid("南岸明珠3幢")
    other = made(registry, Kind.COMPOUND, "春江花园")
    registry.do(asked.Renumber(aid=building, number="5"))
    moved = registry.do(asked.Reparent(aid=building, parent_aid=other))
    assert registry.resolve(f"{TOWN}春江花园3幢").aid is None
    for words in (f"{ESTATE}3幢", f"{ESTATE}5幢", f"{TOWN}春江花园5幢"):
        assert meant(registry, words) == ("A", building), words
    registry.undo(moved.event_id)
    assert meant(registry, f"{ESTATE}3幢") == ("A", building)


def test_a_number_that_a_building_had_in_two_estates_leads_to_it_from_both(registry: Registry) -> None:
    building = registry.aid("南岸明珠3幢")
    other = made(registry, Kind.COMPOUND, "春江花园")
    registry.do(asked.Renumber(aid=building, number="5"))
    registry.do(asked.Reparent(aid=building, parent_aid=other))
    for number in ("3", "7"):
        registry.do(asked.Renumber(aid=building, number=number))
    for words in (f"{ESTATE}3幢", f"{ESTATE}5幢", f"{TOWN}春江花园3幢", f"{TOWN}春江花园5幢", f"{TOWN}春江花园7幢"):
        assert meant(registry, words) == ("A", building), words


def test_old_numbers_lead_on_when_their_estate_is_merged_or_was_a_duplicate(registry: Registry) -> None:
    building, estate = registry.aid("南岸明珠3幢"), registry.aid("北干街道南岸明珠")
    registry.do(asked.Renumber(aid=building, number="5"))
    other = made(registry, Kind.COMPOUND, "春江花园")
    event = registry.do(asked.VoidDuplicate(junior=estate, senior=other))
    assert meant(registry, f"{ESTATE}3幢") == ("A", building)
    registry.undo(event.event_id)
    assert meant(registry, f"{ESTATE}3幢") == ("A", building)
    registry.do(asked.Merge(aids=(estate, other), name="江南大苑"))
    for words in (f"{ESTATE}3幢", f"{ESTATE}5幢", f"{TOWN}江南大苑5幢"):
        assert meant(registry, words) == ("A", building), words


def test_a_duplicate_in_another_estate_is_found_by_where_it_was(registry: Registry) -> None:
    junior, room = registry.aid("南岸明珠3幢"), registry.aid("南岸明珠3幢1单元502室")
    other = made(registry, Kind.COMPOUND, "春江花园")
    senior = made(registry, Kind.BUILDING, "8", parent_aid=other)
    registry.do(asked.VoidDuplicate(junior=junior, senior=senior))
    assert meant(registry, f"{ESTATE}3幢") == ("A", senior)
    assert meant(registry, ROOM) == meant(registry, f"{TOWN}春江花园8幢1单元502室") == ("A", room)


def test_what_is_at_a_plate_is_found_there_once_the_plate_lies_in_an_estate(registry: Registry) -> None:
    registry.world.texts([f"{TOWN}金城路18号2幢101室"], source="two")
    words, plate = f"{TOWN}金城路18号2幢101室", registry.aid("金城路18号")
    room = meant(registry, words)
    registry.do(asked.Reparent(aid=plate, parent_aid=made(registry, Kind.COMPOUND, "望江苑")))
    assert meant(registry, words) == room


def test_an_alias_that_comes_again_keeps_when_it_was_first_known(registry: Registry) -> None:
    estate = registry.aid("北干街道南岸明珠")
    first = registry.do(asked.Rename(aid=estate, name="江南苑"))
    taken_back = registry.undo(first.event_id)
    again = registry.do(asked.Rename(aid=estate, name="江北苑"))
    found = registry.world.rows(
        "SELECT known_from, valid_to IS NULL, event_id FROM address_alias WHERE aid = :aid AND name = '南岸明珠'"
        " ORDER BY alias_id", aid=estate,
    )  # fmt: skip
    assert found == [(first.event_id, False, taken_back.event_id), (again.event_id, True, again.event_id)]
    assert meant(registry, ESTATE) == ("A", estate)


# -- outside codes


def test_a_code_belongs_to_an_address_for_several_periods(registry: Registry) -> None:
    room, other = (registry.aid(f"南岸明珠3幢1单元{number}室") for number in (501, 502))
    with transaction(registry.world.engine) as connection:
        give(connection, room, "房管", "QX-1", date(2020, 1, 1), WHY)
        end(connection, room, "房管", "QX-1", date(2021, 1, 1), WHY)
        with pytest.raises(InputError, match="until 2021-01-01"):
            give(connection, other, "房管", "QX-1", date(2020, 6, 1), WHY)
        give(connection, other, "房管", "QX-1", None, WHY)
        end(connection, other, "房管", "QX-1", date(2022, 1, 1), WHY)
        give(connection, room, "房管", "QX-1", date(2023, 1, 1), WHY)
        with pytest.raises(RuleError, match="has not come"):
            give(connection, room, "房管", "QX-2", TODAY + timedelta(days=2), WHY)
        found = [(row["aid"], row["valid_from"], row["valid_to"]) for row in find(connection, value="QX-1")]
    assert found == [
        (room, date(2023, 1, 1), None), (other, date(2021, 1, 1), date(2022, 1, 1)),
        (room, date(2020, 1, 1), date(2021, 1, 1)),
    ]  # fmt: skip


def test_a_code_of_a_duplicate_or_of_what_was_merged_leads_to_what_stands_today(registry: Registry) -> None:
    rooms = [registry.aid(f"南岸明珠3幢1单元{number}室") for number in (501, 502)]
    third = registry.aid("南岸明珠3幢2单元503室")
    with transaction(registry.world.engine) as connection:
        give(connection, rooms[0], "房管", "QX-1", None, WHY)
        give(connection, third, "房管", "QX-3", None, WHY)
    (new,) = registry.do(asked.Merge(aids=tuple(rooms), name="501-502")).created
    registry.do(asked.VoidDuplicate(junior=third, senior=new))
    with transaction(registry.world.engine) as connection:
        codes = find(connection, aid=new)
        (one,) = find(connection, value="QX-1")
        assert find(connection, aid=rooms[1]) == []
    assert [(row["value"], row["today"]) for row in codes] == [("QX-1", [new]), ("QX-3", [new])]
    assert (one["aid"], one["state"], one["today"]) == (rooms[0], "retired", [new])


# -- two at once


def test_an_alias_is_decided_of_the_address_as_it_is_when_it_is_stored(registry: Registry) -> None:
    room = registry.aid("南岸明珠3幢1单元502室")
    gazetteer, changed, told = Gazetteer.shipped(), Event(), list[Exception | str]()

    def teach() -> None:
        with transaction(registry.world.engine) as connection:
            index = NameIndex(read_names(connection)[0], gazetteer)
            changed.set()
            try:
                told.append(
                    lesson_for(connection, Parser(gazetteer, index), index, room, f"{ESTATE}3幢1单元888室").name
                )
            except NotFoundError as refusal:
                told.append(refusal)

    with transaction(registry.world.engine) as connection:
        transact(connection, asked.Retire(aid=room), WHY, Parser(gazetteer))
        teaching = Thread(target=teach)
        teaching.start()
        assert changed.wait(60)
        teaching.join(0.5)
        assert told == [], "who is to decide of an address waits for whoever changes it"
    teaching.join(60)
    assert isinstance(told[0], NotFoundError)
