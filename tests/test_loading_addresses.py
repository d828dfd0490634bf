"""Loading address lists and proposing addresses: each place once, whatever it is called and in whatever order."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from addressbook import identity
from addressbook.errors import FieldError
from addressbook.model import AddressKind, PathToken, TreePlan
from addressbook.store.loading import StoredRow
from loaders.addresses import AddressDraft, PlannedColumns
from loaders.areas import load_areas
from loaders.intake import Entry
from loaders.parcel import packed, unpacked
from loaders.received import Received
from tests.worlds import ESTATE, ESTATE_ROWS, PLATE, ROOM, TOWN, TOWN_CODE, World, write_geojson

FIVE_WAYS = [
    ROOM,
    "萧山区北干街道市心北路260号南岸明珠3栋1单元502",
    "杭州市萧山区北干街道市心北路260号南岸明珠三幢一单元502室",
    "北干街道南岸明珠3-1-502",
    "萧山区北干街道南岸明珠 3 号楼 1 单元 502 室",
]
STRUCTURED = {
    "source_key": "1", "区县": "萧山区", "街道": "北干街道", "道路": "市心北路", "门牌号": "260号", "小区": "南岸明珠",
    "楼幢": "3幢", "单元": "1单元", "室": "502室", "经度": "120.27", "纬度": "30.18",
}  # fmt: skip


def test_a_list_makes_the_whole_tree_once(world: World) -> None:
    report = world.texts(ESTATE_ROWS)
    kinds = world.rows("SELECT kind, count(*) FROM address GROUP BY kind ORDER BY kind")
    assert kinds == [("B", 2), ("C", 1), ("D", 2), ("E", 4), ("H", 8), ("R", 2)]
    assert report.totals.minted == 19
    assert world.rows("SELECT DISTINCT state FROM address") == [("current",)]
    assert (
        all(identity.is_valid_aid(aid) for aid in world.addresses().values())
        if hasattr(identity, "is_valid_aid")
        else all(identity.parse(aid) == aid for aid in world.addresses().values())
    )


def test_columns_and_texts_mean_the_same_addresses(world: World) -> None:
    world.texts([ROOM], "texts")
    report = world.load_rows("addresses", [STRUCTURED], "columns")
    assert (report.totals.linked, report.totals.minted) == (1, 0)
    assert world.rows("SELECT count(*), count(DISTINCT aid) FROM source_row") == [(2, 1)]
    assert world.rows("SELECT kind, coordinate_level, ST_AsText(geom) FROM address WHERE geom IS NOT NULL") == [
        ("H", "room", "POINT(120.27 30.18)")
    ]


def test_five_ways_to_write_a_place_are_one_code(world: World) -> None:
    report = world.propose(FIVE_WAYS)
    assert (report.totals.linked, report.totals.review) == (5, 0)
    assert world.rows("SELECT count(DISTINCT aid) FROM source_row") == [(1,)]
    assert world.one("SELECT count(*) FROM address WHERE kind = 'H'") == 1
    assert world.rows("SELECT DISTINCT state FROM address") == [("provisional",)]


@pytest.mark.parametrize("first", range(5))
def test_whichever_way_comes_first_they_are_one_room(world: World, first: int) -> None:
    world.propose([*FIVE_WAYS[first:], *FIVE_WAYS[:first]], chunk_rows=1 + first % 2)
    assert world.one("SELECT count(*) FROM address WHERE kind = 'H'") == 1
    world.propose(FIVE_WAYS)
    assert world.rows("SELECT count(DISTINCT aid), count(*) FILTER (WHERE outcome = 'linked') FROM source_row") == [
        (1, 5)
    ]


WAYS_TO_ROOMS = [f"{PLATE}3幢1单元502室", f"{TOWN}南岸明珠13幢2单元504室", "北干街道南岸明珠3-1-501", TOWN]
COUNTY = TOWN.removesuffix("北干街道")
ENTRANCE_AND_ROOM = ((1, 501), (1, 502), (2, 503), (2, 504))
PATHS = {
    (f"{COUNTY}市心北路", ""), (f"{COUNTY}金城路", ""), (f"{TOWN}金城路12号", ""),
    (PLATE, "D:260"), (f"{TOWN}南岸明珠", ""),
    *((f"{TOWN}南岸明珠{b}幢", f"B{b}") for b in (3, 13)),
    *((f"{TOWN}南岸明珠{b}幢{e}单元", f"B{b}/E{e}") for b in (3, 13) for e in (1, 2)),
    *((f"{TOWN}南岸明珠{b}幢{e}单元{r}室", f"B{b}/E{e}/H{r}") for b in (3, 13) for e, r in ENTRANCE_AND_ROOM),
}  # fmt: skip


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations([*ESTATE_ROWS, *WAYS_TO_ROOMS]))
def test_the_order_of_the_rows_changes_nothing(world: World, order: list[str]) -> None:
    world.clear()
    report = world.texts(order)
    assert (report.totals.linked, report.totals.minted) == (14, 19)
    assert world.paths() == PATHS


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations([*ESTATE_ROWS[1:], *WAYS_TO_ROOMS]), chunk=st.integers(1, 7))
def test_once_the_estate_is_known_neither_order_nor_chunks_change_anything(
    world: World, order: list[str], chunk: int
) -> None:
    world.clear()
    report = world.load_rows("addresses", [{"source_key": t, "address": t} for t in [ESTATE, *order]], chunk_rows=chunk)
    assert (report.totals.linked, report.totals.minted) == (14, 19)
    assert world.paths() == PATHS


def test_the_plate_and_the_compound_meet_in_one_room(world: World) -> None:
    world.texts(ESTATE_ROWS)
    report = world.texts([f"{PLATE}3幢1单元502室", f"{TOWN}南岸明珠3幢1单元502室", f"{PLATE}3幢502"], "ways")
    assert report.totals.minted == 0
    room = world.addresses()[f"{TOWN}南岸明珠3幢1单元502室"]
    assert set(world.linked_to("ways").values()) == {room}


def test_a_text_with_a_division_only_makes_no_address(world: World) -> None:
    report = world.texts([TOWN, "萧山区北干街道银河社区"])
    assert (report.totals.linked, report.totals.minted) == (2, 0)
    assert world.rows("SELECT aid, division_code FROM source_row ORDER BY 2") == [
        (None, TOWN_CODE),
        (None, "330109002009"),
    ]


def test_an_address_outside_of_the_gazetteer_is_not_minted_here(world: World) -> None:
    report = world.load_rows("addresses", [{"编号": "1", "地址": "台湾省台北市中山区市心北路12号"}], division="330109")
    assert (report.totals.review, report.totals.minted) == (1, 0)
    assert [(fault.reason_code, "台湾省" in fault.zh) for fault in world.faults] == [("outside", True)]


def test_two_rooms_of_one_text_without_a_list_between_them_are_not_minted_as_one(estate: World) -> None:
    before = estate.addresses()
    report = estate.texts([f"{ESTATE}3幢1单元601 602室", f"{ESTATE}3幢1单元601室或602室"], source="more")
    assert (report.totals.review, report.totals.minted) == (2, 0)
    assert {fault.reason_code for fault in estate.faults} == {"several_addresses"}
    assert estate.addresses() == before


def test_an_administrative_village_given_as_an_address_gets_a_code_of_its_own(world: World) -> None:
    world.propose(["萧山区北干街道荣庄村", "萧山区北干街道荣庄村12组34号"])
    assert world.rows("SELECT kind, standard_text, division_code, path FROM address ORDER BY path") == [
        ("C", f"{TOWN}荣庄村", "330109002207", ""),
        ("C", f"{TOWN}荣庄村12组", "330109002207", "C12组"),
        ("D", f"{TOWN}荣庄村12组34号", "330109002207", "C12组/D34"),
    ]
    again = world.propose(["北干街道荣庄村"], "again")
    assert (again.totals.linked, again.totals.minted) == (1, 0)
    assert world.linked_to("again") == {"北干街道荣庄村": world.addresses()[f"{TOWN}荣庄村"]}


@pytest.mark.parametrize(
    "pair", [("3幢1单元502室", "13幢1单元502室"), ("3幢1单元501室", "3幢1单元502室"), ("3幢", "30幢")]
)
def test_numbers_that_differ_are_different_addresses(world: World, pair: tuple[str, str]) -> None:
    world.propose([f"{ESTATE}{tail}" for tail in pair])
    aids = list(world.linked_to("texts").values())
    assert len(set(aids)) == 2
    assert None not in aids


def test_loading_a_list_again_mints_nothing_and_changes_nothing(world: World) -> None:
    rows = [
        {"source_key": str(n), "address": t, "alias": "明珠苑" if t == ESTATE else ""}
        for n, t in enumerate(ESTATE_ROWS)
    ]
    rows[1] |= {"lon": "120.27", "lat": "30.18", "house_code": "3301090001"}
    world.load_rows("addresses", rows, chunk_rows=3)
    world.propose(FIVE_WAYS)
    before = world.snapshot()
    again = [world.load_rows("addresses", rows, chunk_rows=4), world.propose(FIVE_WAYS)]
    assert [(report.totals.minted, report.totals.unchanged) for report in again] == [(0, 10), (0, 5)]
    assert world.snapshot() == before


def test_a_list_confirms_what_was_proposed(world: World) -> None:
    world.propose([ROOM])
    proposed = world.addresses()
    report = world.texts([ROOM])
    assert report.totals.minted == 0
    assert world.addresses() == proposed
    assert world.rows("SELECT state FROM address WHERE kind = 'H'") == [("current",)]


def test_a_proposal_never_takes_back_what_a_list_confirmed(world: World) -> None:
    world.texts([ROOM])
    before = world.rows("SELECT aid, state FROM address ORDER BY aid")
    world.propose([ROOM])
    assert world.rows("SELECT aid, state FROM address ORDER BY aid") == before


def test_an_alias_is_another_name_of_the_same_code(world: World) -> None:
    rows = [{"source_key": "1", "address": ESTATE, "alias": "明珠苑；老粮站"}, {"source_key": "2", "address": ROOM}]
    world.load_rows("addresses", rows)
    report = world.propose([f"{TOWN}明珠苑3幢1单元502室", "萧山区北干街道老粮站3幢1单元502室"])
    assert (report.totals.linked, report.totals.minted) == (2, 0)
    assert world.rows("SELECT name, origin FROM address_alias ORDER BY name") == [
        ("明珠苑", "registered"), ("老粮站", "registered"),
    ]  # fmt: skip


def test_outside_codes_are_kept_with_their_scheme(world: World) -> None:
    world.load_rows("addresses", [{"source_key": "1", "address": ROOM, "房屋代码": "H-1", "不动产单元号": "B-1"}])
    assert world.rows("SELECT scheme, value FROM external_identifier ORDER BY value") == [
        ("不动产单元代码", "B1"), ("JGJ/T 246", "H1"),
    ]  # fmt: skip


def test_the_same_name_in_two_towns_is_two_places(world: World) -> None:
    world.propose(["萧山区北干街道虚构花园3幢", "萧山区城厢街道虚构花园3幢"])
    assert world.one("SELECT count(DISTINCT site_id) FROM address WHERE kind = 'C'") == 2
    report = world.propose(["萧山区虚构花园3幢"], "vague")
    assert (report.totals.linked, report.totals.minted) == (0, 0)


def test_a_room_without_its_entrance_is_the_only_room_of_that_number_or_waits(world: World) -> None:
    world.texts([f"{ESTATE}3幢1单元502室", f"{ESTATE}3幢1单元101室", f"{ESTATE}3幢2单元101室"])
    report = world.propose([f"{ESTATE}3幢502室", f"{ESTATE}3幢101室"])
    assert (report.totals.linked, report.totals.review, report.totals.minted) == (1, 1, 0)


def test_two_sources_that_mean_one_place_share_its_code(world: World) -> None:
    world.propose([ROOM], "firms")
    world.propose([FIVE_WAYS[1]], "shops")
    assert world.linked_to("firms")[ROOM] == world.linked_to("shops")[FIVE_WAYS[1]]


def test_a_point_far_from_its_division_is_told_and_not_taken(world: World) -> None:
    ring = [[120.2, 30.1], [120.3, 30.1], [120.3, 30.2], [120.2, 30.2], [120.2, 30.1]]
    town = {"type": "Feature", "properties": {"code": TOWN_CODE, "name": "x"}}
    town["geometry"] = {"type": "Polygon", "coordinates": [ring]}  # type: ignore[assignment]
    load_areas(world.engine, write_geojson(world.folder / "areas.geojson", [town]), "areas")
    rows = [
        {"source_key": str(n), "address": f"{PLATE}{n}幢", "lon": x, "lat": "30.15"}
        for n, x in ((1, "120.25"), (2, "123.5"))
    ]
    report = world.load_rows("addresses", rows)
    assert report.totals.reasons == {"point_outside_division": 1}
    assert world.rows("SELECT ST_AsText(geom) FROM address WHERE kind = 'B' ORDER BY path") == [
        ("POINT(120.25 30.15)",),
        (None,),
    ]


def test_every_change_of_the_registry_is_an_event_of_its_batch(world: World) -> None:
    first = world.texts(ESTATE_ROWS[:2])
    second = world.propose([f"{ESTATE}77幢"])
    world.propose([f"{ESTATE}77幢"])
    assert world.rows("SELECT kind, actor, source_document, batch_id FROM registry_event ORDER BY event_id") == [
        ("register", "loader", "list", first.batch_id), ("propose", "loader", "texts", second.batch_id),
    ]  # fmt: skip
    assert world.one("SELECT count(*) FROM address WHERE event_id NOT IN (SELECT event_id FROM registry_event)") == 0


def test_what_is_read_in_another_process_arrives_as_it_was() -> None:
    plan = TreePlan(
        "330109001000", "市心北路", "260", "南岸明珠", AddressKind.PLACE, [PathToken(AddressKind.ROOM, "502")]
    )
    draft = AddressDraft(ROOM, PlannedColumns(plan, "330109001000"), ("明珠",), (("JGJ/T 246", "1"),))
    row, keys = Received(7, "Sheet2", '{"地址":"x"}', ""), (UUID(int=1), UUID(int=2))
    stored = StoredRow(*keys, "linked", "", None, 5, "H", "330109001000", False, "A1")
    fault = FieldError("date_wrong", "date", "no date.")
    entries: list[Entry[AddressDraft]] = [
        Entry(row, "A1", *keys, draft, (120.2, 30.2)),
        Entry(row, "A1", *keys, AddressDraft(ROOM, PlannedColumns(None, None))),
        Entry(row, "A1", *keys, None, stored=stored),
        Entry(row, "A1", *keys, None, None, fault, stands_for=UUID(int=3)),
    ]
    assert unpacked(packed(entries)) == entries
