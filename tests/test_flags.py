"""Flags on a record: what does not fit together is told of the place, never of a person, nor to who sees none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from addressbook.privacy.policy import AccessRole, Reader
from addressbook.store.reading import as_of
from addressbook.views.address import address_view
from addressbook.views.flags import FLAGS, MOST_RESIDENTS_OF_A_ROOM
from tests.small_world import SECRET, Codes, World as Rows, build
from tests.worlds import ESTATE, ESTATE_ROWS, World

ANALYST, VIEWER = Reader(AccessRole.ANALYST, key_id=1), Reader(AccessRole.VIEWER, key_id=2)


@pytest.fixture(scope="module", name="made")
def _made(make_database: Callable[[], str]) -> Iterator[tuple[Engine, Codes]]:
    engine = create_engine(make_database())
    yield engine, build(engine)
    engine.dispose()


@pytest.fixture(name="codes")
def _codes(made: tuple[Engine, Codes]) -> Codes:
    return made[1]


@pytest.fixture(name="rows")
def _rows(made: tuple[Engine, Codes]) -> Iterator[Rows]:
    with made[0].connect() as connection:
        yield Rows(connection, number=1000)  # rolled back at the end: every test meets the same world


def house(rows: Rows, codes: Codes, at: str, **columns: Any) -> None:
    given = {"use": "", "occupancy": "", **columns}
    rows.link("house", "located_at", given["use"], at=at, top=codes.compound, **given)


def flags(rows: Rows, aid: str, reader: Reader = ANALYST) -> list[tuple[str, str]]:
    """The flags of a view: which, and of what."""
    view = address_view(rows.connection, aid, reader, secret=lambda: SECRET)
    return [(found["flag"], found["aid"]) for found in view["flags"]["items"]]


def test_where_all_fits_together_there_is_no_flag(rows: Rows, codes: Codes) -> None:
    for aid in (codes.building, codes.room, codes.compound, codes.shop, codes.street):
        assert flags(rows, aid) == []


def test_a_house_that_is_lived_in_without_a_resident_is_flagged(rows: Rows, codes: Codes) -> None:
    house(rows, codes, codes.empty_room, use="住宅", occupancy="出租")
    expected = [("nobody_linked", codes.empty_room)]
    assert flags(rows, codes.empty_room) == flags(rows, codes.building) == flags(rows, codes.entrance) == expected
    assert flags(rows, codes.compound) == [], "what lies far below is told where it is"


@pytest.mark.parametrize("occupancy", ["空置", "未出租", "商用", "", "不知道"])
def test_a_house_that_does_not_say_that_it_is_lived_in_is_not_flagged(
    rows: Rows, codes: Codes, occupancy: str
) -> None:  # fmt: skip
    house(rows, codes, codes.empty_room, use="住宅", occupancy=occupancy)
    assert flags(rows, codes.building) == []


def test_a_resident_below_a_house_lives_in_it(rows: Rows, codes: Codes) -> None:
    house(rows, codes, codes.building, use="住宅", occupancy="自住")  # in whose shop a firm is registered
    house(rows, codes, codes.entrance, use="住宅", occupancy="自住")
    assert flags(rows, codes.building) == flags(rows, codes.entrance) == []
    rows.connection.execute(text("UPDATE link SET closed_at = now() WHERE element_kind = 'person'"))
    of_the_room = ("nobody_linked", codes.room)
    assert flags(rows, codes.building) == [
        ("nobody_linked", codes.building),
        ("nobody_linked", codes.entrance),
        of_the_room,
    ]


def test_who_is_only_registered_there_is_no_resident(rows: Rows, codes: Codes) -> None:
    house(rows, codes, codes.empty_room, occupancy="自住")
    rows.person("household_registration", at=codes.empty_room, top=codes.compound)
    assert flags(rows, codes.empty_room) == [("nobody_linked", codes.empty_room)]


def test_forty_people_in_one_room_are_flagged_and_twenty_are_not(rows: Rows, codes: Codes) -> None:
    for _ in range(MOST_RESIDENTS_OF_A_ROOM):
        rows.person(at=codes.empty_room, top=codes.compound)
    assert flags(rows, codes.empty_room) == []
    for _ in range(40 - MOST_RESIDENTS_OF_A_ROOM):
        rows.person(at=codes.empty_room, top=codes.compound)
        rows.person(at=codes.building, top=codes.compound)
    assert flags(rows, codes.building) == [("many_residents", codes.empty_room)], "a building is no room"


def test_an_enterprise_registered_in_a_home_is_flagged(rows: Rows, codes: Codes) -> None:
    def firm(role: str, at: str) -> None:
        rows.link("enterprise", role, "批发业", at=at, top=codes.compound, name="虚构公司", status="存续")

    firm("operating", codes.room)
    house(rows, codes, codes.empty_room, use="办公")
    firm("registered", codes.empty_room)
    assert flags(rows, codes.building) == []
    firm("registered", codes.room)
    assert flags(rows, codes.building) == [("enterprise_in_home", codes.room)]


def test_a_flag_names_nobody_and_says_so_in_both_languages(rows: Rows, codes: Codes) -> None:
    house(rows, codes, codes.empty_room, occupancy="自住")
    (flag,) = address_view(rows.connection, codes.empty_room, ANALYST)["flags"]["items"]
    assert set(flag) == {"flag", "aid", "place", "zh", "en"}
    assert (flag["place"], "居住人员" in flag["zh"], "resident" in flag["en"]) == ("1单元1001室", True, True)


def test_rooms_of_one_number_are_told_apart_by_their_units(rows: Rows, codes: Codes) -> None:
    for number in (2, 3):
        below = {"top": codes.compound, "parent": codes.building}
        rows.address("E", f"{number}单元", f"B3/E{number}", **below)
        house(rows, codes, rows.address("H", "302室", f"B3/E{number}/H302", **below), occupancy="自住")
    house(rows, codes, rows.address("H", "302室", "B3/H302", **below), occupancy="自住")
    told = address_view(rows.connection, codes.building, ANALYST)["flags"]["items"]
    assert sorted(flag["place"] for flag in told) == ["2单元302室", "302室", "3单元302室"]


def test_who_sees_no_persons_is_told_the_same_whether_a_flag_holds_or_not(rows: Rows, codes: Codes) -> None:
    """Neither a viewer nor an analyst of another town learns of anybody from a flag, or from how many there are."""
    elsewhere = Reader(AccessRole.ANALYST, key_id=3, areas=("330109002",))
    house(rows, codes, codes.empty_room, use="住宅", occupancy="自住")
    rows.link("enterprise", "registered", "批发业", at=codes.room, top=codes.compound, name="虚构公司", status="存续")
    assert len(flags(rows, codes.building)) == 2
    told = {"total": None, "truncated": False, "items": [], "withheld": [flag.name for flag, _ in FLAGS]}
    for reader in (VIEWER, elsewhere):
        for aid in (codes.building, codes.room, codes.empty_room, codes.shop):
            assert address_view(rows.connection, aid, reader, secret=lambda: SECRET)["flags"] == told


def test_of_a_past_day_there_are_no_flags(rows: Rows, codes: Codes) -> None:
    house(rows, codes, codes.empty_room, occupancy="自住")
    then = as_of(rows.connection, date(2025, 7, 1), datetime.now(UTC))
    assert address_view(rows.connection, codes.empty_room, ANALYST, then)["flags"] is None


def test_the_building_table_says_who_has_each_room_and_for_how_much(rows: Rows, codes: Codes) -> None:
    house(rows, codes, codes.empty_room, occupancy="出租", monthly_rent_yuan=1500.0)
    house(rows, codes, codes.empty_room, occupancy="整租", monthly_rent_yuan=800.5)
    table = address_view(rows.connection, codes.building, ANALYST)["building"]
    rooms = {room["aid"]: room for floor in table["units"][0]["floors"] for room in floor["rooms"]}
    assert (rooms[codes.empty_room]["tenure"], rooms[codes.empty_room]["monthly_rent_yuan"]) == ("rented", 2300.5)
    assert (rooms[codes.room]["tenure"], rooms[codes.room]["monthly_rent_yuan"]) == ("owner_occupied", None)
    held = {name: count for name, count in table["totals"].pop("tenures").items() if count}
    assert held == {"owner_occupied": 1, "rented": 1}
    assert table["totals"] == {"rooms": 2, "with_persons": 1, "with_enterprises": 0}
    assert table["units"][0]["totals"]["tenures"]["rented"] == 1
    house(rows, codes, codes.room, occupancy="空置")
    again = address_view(rows.connection, codes.building, ANALYST)["building"]["totals"]["tenures"]
    assert (again["mixed"], again["owner_occupied"], again["vacant"]) == (1, 0, 0)


def test_who_sees_no_houses_is_told_no_tenure_no_vacancy_and_no_rent(rows: Rows, codes: Codes) -> None:
    house(rows, codes, codes.empty_room, occupancy="出租", monthly_rent_yuan=1500.0)
    table = address_view(rows.connection, codes.building, VIEWER, secret=lambda: SECRET)["building"]
    assert table["totals"] == {"rooms": 2, "with_persons": None, "with_enterprises": 0, "tenures": None}
    for floor in table["units"][0]["floors"]:
        assert {(room["tenure"], room["monthly_rent_yuan"]) for room in floor["rooms"]} == {(None, None)}


def test_a_rent_is_read_with_its_unit_and_what_is_none_does_not_cost_the_house(
    database: Engine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    world = World(database, tmp_path_factory.mktemp("rents"))
    world.clear()
    world.texts(ESTATE_ROWS)
    rents = {"F1": "1500元/月", "F2": "2,300", "F3": "面议", "F4": "", "F5": "0.2万"}
    where = f"{ESTATE}3幢1单元501室"
    world.load_rows("houses", [{"房屋编号": key, "房屋地址": where, "月租金": rent} for key, rent in rents.items()])
    found = world.rows("SELECT source_key, monthly_rent_yuan FROM house ORDER BY source_key")
    assert [tuple(row) for row in found] == [("F1", 1500), ("F2", 2300), ("F3", None), ("F4", None), ("F5", 2000)]
    flagged = world.rows(
        "SELECT h.source_key FROM link l JOIN house h USING (element_key) WHERE 'rent_unreadable' = ANY (l.flags)"
    )
    assert [tuple(row) for row in flagged] == [("F3",)]
