"""What views promise: everything at or below and nothing beside, sums that add up, nobody sees more than their role."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, create_engine, text

from addressbook import identity
from addressbook.errors import DatabaseError, NotFoundError
from addressbook.model import AddressKind, ElementKind
from addressbook.privacy.disclosure import Noise, at_address
from addressbook.privacy.policy import AccessRole, Reader
from addressbook.store.asking import Asking
from addressbook.store.counting import RollupKey, add_to_rollup
from addressbook.store.engine import transaction
from addressbook.store.steps import asked, done
from addressbook.views import address as views_of_addresses
from addressbook.views.address import address_record, address_view, address_view_steps
from addressbook.views.addresses import AddressQuery, address_page
from addressbook.views.area import area_feature, area_view, children_features
from addressbook.views.area_counts import newest_months
from addressbook.views.unplaced import unplaced
from tests.small_world import COUNTY, HERE, OTHER_TOWN, SECRET, THERE, TOWN, Codes, World, build

ANALYST = Reader(AccessRole.ANALYST, key_id=1, route="/test", request_id="r1")
VIEWER = Reader(AccessRole.VIEWER, key_id=2)
PUBLIC = Reader(AccessRole.PUBLIC, key_id=3)


@pytest.fixture(scope="module")
def world(make_database: Callable[[], str]) -> Iterator[tuple[Engine, Codes]]:
    engine = create_engine(make_database())
    yield engine, build(engine)
    engine.dispose()


@pytest.fixture
def codes(world: tuple[Engine, Codes]) -> Codes:
    return world[1]


@pytest.fixture
def connection(world: tuple[Engine, Codes]) -> Iterator[Connection]:
    with world[0].connect() as connection:
        yield connection  # rolled back at the end: every test meets the same world


def totals(view: dict[str, Any]) -> dict[str, Any]:
    return {kind: found["total"] for kind, found in view["counts"].items()}


def test_a_building_shows_what_is_at_it_and_below_it_and_not_its_namesake_beside(
    connection: Connection, codes: Codes
) -> None:
    view = address_view(connection, codes.building, ANALYST)
    assert totals(view) == {"person": 8, "house": 1, "enterprise": 1, "event": 0, "thing": 1}
    assert view["counts"]["person"]["roles"] == {"residence": 7, "household_registration": 1}
    assert [found["aid"] for found in view["ancestors"]] == [codes.compound]
    assert [found["name"] for found in view["divisions"]] == ["萧山区", "城厢街道", "梅花楼社区"]


def test_the_building_table_holds_each_room_once_with_its_occupancy(connection: Connection, codes: Codes) -> None:
    table = address_view(connection, codes.building, ANALYST)["building"]
    assert table["rooms"] == 2
    floors = table["units"][0]["floors"]
    assert [floor["floor"] for floor in floors] == ["10", "5"]
    assert floors[1]["rooms"] == [
        {"aid": codes.room, "name": "502室", "room": "502", "persons": 4, "houses": 1, "enterprises": 0,
         "tenure": "owner_occupied", "monthly_rent_yuan": None}
    ]  # fmt: skip
    assert floors[0]["rooms"][0]["persons"] == 0


def test_a_compound_shows_its_whole_site_and_children_with_their_counts(connection: Connection, codes: Codes) -> None:
    view = address_view(connection, codes.compound, ANALYST)
    assert totals(view) == {"person": 8, "house": 1, "enterprise": 1, "event": 4, "thing": 1}
    children = {child["name"]: child for child in view["children"]["items"]}
    assert list(children) == ["3幢", "30幢", "260号"]
    assert children["3幢"]["counts"] == {"person": 8, "house": 1, "enterprise": 1, "event": 0, "thing": 1}
    assert children["30幢"]["counts"]["person"] == 0
    assert view["aliases"][0]["name"] == "明珠苑"


def test_a_compounds_plate_has_nothing_below_it_and_names_its_compound_and_street(
    connection: Connection, codes: Codes
) -> None:
    view = address_view(connection, codes.plate, ANALYST)
    assert set(totals(view).values()) == {0}
    assert view["ancestors"][0]["aid"] == codes.compound
    assert view["road"] == {"aid": codes.street, "name": "市心北路"}


def test_a_street_lists_the_plates_on_it_whatever_site_they_belong_to(connection: Connection, codes: Codes) -> None:
    plates = address_view(connection, codes.street, ANALYST)["plates"]
    assert [plate["aid"] for plate in plates["items"]] == [codes.shop, codes.plate]
    assert plates["total"] == 2


def test_a_retired_address_still_answers_with_its_state(connection: Connection, codes: Codes) -> None:
    assert address_record(connection, codes.retired_room)["state"] == "retired"
    assert address_view(connection, codes.retired_room, ANALYST)["state"] == "retired"


def test_a_code_never_issued_is_not_found(connection: Connection) -> None:
    aid = identity.mint(AddressKind.ROOM)
    with pytest.raises(NotFoundError):
        address_record(connection, aid)
    with pytest.raises(NotFoundError):
        address_view(connection, aid, ANALYST)


def test_each_link_says_why_in_both_languages(connection: Connection, codes: Codes) -> None:
    links = address_view(connection, codes.room, ANALYST)["elements"]["house"]["located_at"]
    evidence = links["items"][0]["evidence"]
    assert evidence["received_text"] == "3幢502"
    assert "某小区" in evidence["reasons"][0]["zh"]
    assert "not in the registry" in evidence["reasons"][0]["en"]


def test_a_reason_the_table_no_longer_knows_is_shown_by_its_code(connection: Connection, codes: Codes) -> None:
    connection.execute(text("""UPDATE link SET reasons = '[{"code": "of_old", "cost": 0.1}]'"""))
    view = address_view(connection, codes.room, ANALYST)
    assert view["elements"]["house"]["located_at"]["items"][0]["evidence"]["reasons"][0]["zh"] == "of_old"


def test_the_timeline_has_beginnings_and_ends_newest_first(connection: Connection, codes: Codes) -> None:
    items = address_view(connection, codes.room, ANALYST)["timeline"]["items"]
    assert [(item["change"], str(item["date"])) for item in items][:2] == [
        ("ended", "2025-06-01"),
        ("began", "2024-03-01"),
    ]


def test_persons_are_masked_for_an_officer_without_areas(connection: Connection, codes: Codes) -> None:
    officer = Reader(AccessRole.OFFICER)
    person = address_view(connection, codes.room, officer)["elements"]["person"]["residence"]["items"][0]["element"]
    assert person == {
        "name": "王**",
        "identity": "330**************4",
        "phone": "138****5678",
        "sex": "男",
        "birth_year": 1980,
    }


def test_a_viewer_sees_firms_and_things_but_of_persons_only_counts_that_are_not_small(
    connection: Connection, codes: Codes
) -> None:
    view = address_view(connection, codes.building, VIEWER, secret=lambda: SECRET)
    assert set(view["elements"]) == {"enterprise", "thing"}
    noisy = at_address(Noise(SECRET), codes.building, "B", 8, is_top=False)
    assert view["counts"]["person"]["total"] == noisy
    assert view["counts"]["person"]["distinct"] is None
    assert view["counts"]["person"]["roles"] == {"residence": None, "household_registration": None}
    assert {room["persons"] for unit in view["building"]["units"] for f in unit["floors"] for room in f["rooms"]} == {
        None
    }
    assert {item["kind"] for item in view["timeline"]["items"]} <= {"enterprise", "thing"}


def test_an_empty_room_and_a_lived_in_room_look_alike_to_a_viewer(connection: Connection, codes: Codes) -> None:
    lived_in = address_view(connection, codes.room, VIEWER)["counts"]["person"]
    empty = address_view(connection, codes.empty_room, VIEWER)["counts"]["person"]
    assert lived_in["total"] is None
    assert empty["total"] is None


def test_reading_persons_is_logged_and_reading_none_is_not(connection: Connection, codes: Codes) -> None:
    address_view(connection, codes.empty_room, ANALYST)
    address_view(connection, codes.room, VIEWER)
    address_view(connection, codes.room, ANALYST)
    lines = connection.execute(text("SELECT key_id, route, subject, persons, request_id FROM access_log")).all()
    assert [tuple(line) for line in lines] == [(1, "/test", codes.room, 5, "r1")]


def test_without_a_log_line_there_is_no_answer(connection: Connection, codes: Codes) -> None:
    connection.execute(text("ALTER TABLE access_log ADD CONSTRAINT full_up CHECK (false) NOT VALID"))
    with pytest.raises(DatabaseError):
        address_view(connection, codes.room, ANALYST)


@pytest.mark.parametrize("most", [1, 2, 3, 200])
def test_outside_its_areas_a_reader_is_not_told_how_much_was_left_out(
    connection: Connection, codes: Codes, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(views_of_addresses, "LIST_LIMIT", most)
    elsewhere = Reader(AccessRole.ANALYST, areas=("110101",))
    for aid in (codes.compound, codes.building):
        seen, viewed = (address_view(connection, aid, reader, secret=lambda: SECRET) for reader in (elsewhere, VIEWER))
        assert seen == viewed


def test_who_may_see_a_building_may_not_see_a_room_of_it_that_was_moved_elsewhere(
    connection: Connection, codes: Codes
) -> None:
    here = Reader(AccessRole.ANALYST, areas=(HERE[:9],))
    assert "person" in address_view(connection, codes.building, here)["elements"]
    connection.execute(
        text("UPDATE address SET division_code = :there WHERE aid = :aid"), {"there": "110101001001", "aid": codes.room}
    )
    assert address_view(connection, codes.building, here, secret=lambda: SECRET) == address_view(
        connection, codes.building, VIEWER, secret=lambda: SECRET
    )


def test_what_was_elsewhere_once_and_has_ended_keeps_nobody_out(connection: Connection, codes: Codes) -> None:
    here = Reader(AccessRole.ANALYST, areas=(HERE[:9],))
    connection.execute(
        text(
            "UPDATE link SET division_code = :there, closed_at = now()"
            " WHERE aid = :aid AND link_id = (SELECT min(link_id) FROM link WHERE aid = :aid)"
        ),
        {"there": "110101001001", "aid": codes.room},
    )
    assert address_view(connection, codes.building, here) == address_view(connection, codes.building, ANALYST)


@pytest.mark.parametrize("reader", [ANALYST, VIEWER, Reader(AccessRole.OFFICER)])
def test_a_view_is_two_reads_whatever_it_shows(connection: Connection, codes: Codes, reader: Reader) -> None:
    for aid in (codes.compound, codes.building, codes.room, codes.street):
        steps, reads = address_view_steps(aid, reader, secret=lambda: SECRET), 0
        ask = next(steps)
        with suppress(StopIteration):
            while True:
                reads += 1
                ask = steps.send(done(connection, asked(ask)))
        assert reads == 2


def test_the_event_loop_is_told_what_a_transaction_is(world: tuple[Engine, Codes]) -> None:
    engine, codes = world

    async def told(aid: str) -> dict[str, Any]:
        asking = Asking(engine)
        try:
            return await asking.done(address_view_steps(aid, VIEWER, secret=lambda: SECRET))
        finally:
            await asking.close()

    with engine.connect() as connection:
        for aid in (codes.compound, codes.building, codes.room, codes.street):
            assert asyncio.run(told(aid)) == address_view(connection, aid, VIEWER, secret=lambda: SECRET)


def slow_recount(connection: Connection, prefix: str) -> Counter[tuple[str, str, str, str, int]]:
    """Counts from the rows themselves, one by one in Python: the oracle of the roll-ups."""
    found: Counter[tuple[str, str, str, str, int]] = Counter()
    links = "SELECT division_code, element_kind, role, category, month, aid, closed_at FROM link"
    for row in connection.execute(text(links)):
        if row.division_code.startswith(prefix) and row.closed_at is None:
            month = "" if row.month.year == 1 else f"{row.month:%Y-%m}"
            found[row.element_kind, row.role, row.category, month, int(row.aid is not None)] += 1
    return found


@pytest.mark.parametrize("code", ["33", "330109", TOWN, OTHER_TOWN, HERE, THERE])
def test_an_area_view_equals_a_slow_recount(connection: Connection, code: str) -> None:
    if code == "33":
        connection.execute(
            text("INSERT INTO division VALUES ('330000000000', '0001-01-01', NULL, '浙江省', 'province')")
        )
    view = area_view(connection, code, ANALYST)
    oracle = slow_recount(connection, code.rstrip("0") if len(code) == 12 and code != HERE else code)
    for kind, found in view["elements"].items():
        mine = {key: count for key, count in oracle.items() if key[0] == kind}
        assert found["total"] == sum(mine.values())
        assert found["located"] == sum(count for key, count in mine.items() if key[4])
        for place, name in ((1, "roles"), (2, "categories")):
            expected: Counter[str] = Counter()
            for key, count in mine.items():
                expected[str(key[place])] += count
            assert found[name] == expected
        assert {m["month"]: m["count"] for m in found["months"] if m["count"]} == _by_month(mine)


def test_months_without_anything_are_told_between_those_with(connection: Connection) -> None:
    months = area_view(connection, COUNTY, ANALYST)["elements"]["event"]["months"]
    told = [month["month"] for month in months]
    assert told == [*(f"2024-{n:02}" for n in range(5, 13)), *(f"2025-{n:02}" for n in range(1, 6))]
    assert (months[1]["count"], months[1]["month_on_month"]) == (0, -1.0), "a fall to nothing is seen"


def test_no_more_than_two_years_up_to_the_newest_month_are_told() -> None:
    first, last = date(2020, 1, 1), date(2025, 2, 1)
    found = newest_months({first: 3, date(2024, 1, 1): 0}, {last: 1, date(1, 1, 1): 9})
    assert (found[0], found[-1], len(found)) == (date(2023, 3, 1), last, 24)
    assert newest_months({date(1, 1, 1): 9}) == newest_months() == []


def _by_month(counts: dict[tuple[str, str, str, str, int], int]) -> dict[str, int]:
    months: Counter[str] = Counter()
    for key, count in counts.items():
        if key[3]:
            months[key[3]] += count
    return dict(months)


@pytest.mark.parametrize("code", [COUNTY, TOWN])
def test_a_division_is_the_sum_of_its_parts_and_of_what_reaches_no_part(connection: Connection, code: str) -> None:
    view = area_view(connection, code, ANALYST)
    parts = [child for child in view["children"] if child["kind"] == "division"]
    for kind in ElementKind:
        own = sum(_own(connection, code, kind))
        assert view["in_no_child"][kind] == own
        assert view["elements"][kind]["total"] == own + sum(part["counts"][kind]["total"] for part in parts)


def test_the_sums_kept_above_the_community_equal_the_communities(connection: Connection) -> None:
    """Also after rows were taken away again, and when a town's own links are among them."""
    add_to_rollup(connection, {RollupKey(HERE, "person", "residence", "流动", date(1, 1, 1), 1): -4})
    above = "SELECT DISTINCT rpad(left(community_code, n), 12, '0') AS code FROM unnest(ARRAY[{levels}]) n"
    summed = "SELECT a.code, {keys}, sum(count) FROM rollup CROSS JOIN LATERAL ({above}) a GROUP BY 1, {keys}"
    for table, keys, levels in (
        ("rollup_division", "kind, role, category, located", "2, 4, 6, 9"),
        ("rollup_month", "kind, month", "2, 4, 6, 9"),
        ("rollup_total", "kind, located", "2, 4, 6, 9, 12"),
    ):
        expected = text(summed.format(keys=keys, above=above.format(levels=levels)))
        kept = text(f"SELECT division_code, {keys}, count FROM {table}")
        assert set(connection.execute(kept).all()) == set(connection.execute(expected).all())


def _own(connection: Connection, code: str, kind: str) -> list[int]:
    asked = text("SELECT count FROM rollup WHERE community_code = :code AND kind = :kind")
    return list(connection.execute(asked, {"code": code, "kind": kind}).scalars())


def test_a_month_is_compared_with_the_month_before_and_the_year_before(connection: Connection) -> None:
    assert area_view(connection, "330109", ANALYST)["event_comparison"] == {
        "month": "2025-05",
        "count": 3,
        "previous_month": 1,
        "month_on_month": 2.0,
        "same_month_last_year": 1,
        "year_on_year": 2.0,
    }
    january = area_view(connection, "330109", ANALYST, date(2025, 1, 1))["event_comparison"]
    assert (january["month"], january["count"], january["previous_month"]) == ("2025-01", 0, 0)


def test_a_grid_cell_counts_what_lies_inside_its_boundary(connection: Connection) -> None:
    view = area_view(connection, "grid-1", ANALYST)
    assert view["counted_by"] == "boundary"
    assert view["addresses"]["kinds"] == {"B": 2, "C": 1, "D": 1, "E": 1, "H": 3}
    assert view["elements"]["person"]["total"] == 8
    cell = next(child for child in area_view(connection, COUNTY, ANALYST)["children"] if child["code"] == "grid-1")
    assert cell["counts"]["person"]["total"] == 8


def test_a_point_a_float32_box_would_take_in_is_not_counted(connection: Connection) -> None:
    world = World(connection)
    world.area("edge", "custom", (120.0, 30.0, 120.3000001, 30.1))
    just_outside = world.address("P", "界外", point=(120.30000013, 30.05))
    near = text("SELECT a.aid FROM address a, area v WHERE v.code = 'edge' AND a.geom && v.geom")
    assert just_outside in connection.execute(near).scalars().all()
    assert area_view(connection, "edge", ANALYST)["addresses"]["total"] == 0


def test_public_counts_of_persons_are_withheld_without_a_secret_to_draw_noise_by(connection: Connection) -> None:
    found = area_view(connection, HERE, PUBLIC)["elements"]["person"]
    assert set(found["roles"].values()) == {None}
    assert found["suppressed"] is True
    assert (found["total"], found["unplaced"], found["located"]) == (None, None, None)


def test_children_are_features_with_counts_and_a_part_without_boundary_has_no_geometry(connection: Connection) -> None:
    collection = children_features(connection, "330109", ANALYST)
    parts = {feature["id"]: feature for feature in collection["features"]}
    assert set(parts) == {TOWN, OTHER_TOWN, "grid-1"}
    assert parts[TOWN]["geometry"]["type"] == "MultiPolygon"
    assert parts[OTHER_TOWN]["geometry"] is None
    assert parts[TOWN]["properties"]["counts"]["person"] == {"total": 10, "located": 8, "unplaced": 2}


def test_an_area_feature_names_its_ancestors(connection: Connection) -> None:
    feature = area_feature(connection, HERE)
    assert [found["name"] for found in feature["properties"]["ancestors"]] == ["萧山区", "城厢街道"]
    assert feature["bbox"] == [120.0, 30.0, 120.1, 30.4]
    with pytest.raises(NotFoundError):
        area_feature(connection, "99")


def test_what_reaches_only_a_division_is_listed_page_by_page_and_logged(connection: Connection) -> None:
    first = unplaced(connection, "330109", ANALYST, kind=None, after=0, limit=2)
    rest = unplaced(connection, "330109", ANALYST, kind=None, after=first["next_after"], limit=2)
    assert [item["kind"] for item in first["items"] + rest["items"]] == ["person", "person", "event"]
    assert rest["next_after"] is None
    assert connection.execute(text("SELECT sum(persons) FROM access_log")).scalar() == 2
    assert unplaced(connection, "330109", VIEWER, kind=None, after=0, limit=2)["items"] == []


def test_pages_of_addresses_hold_every_live_address_once(connection: Connection) -> None:
    seen: list[str] = []
    position = None
    while True:
        page, position = address_page(connection, AddressQuery(after=position, limit=3))
        seen += [feature["id"] for feature in page]
        if position is None:
            break
    live = text("SELECT aid FROM address WHERE state IN ('current', 'provisional')")
    assert sorted(seen) == sorted(connection.execute(live).scalars())
    assert len(seen) == len(set(seen))


def test_filters_hold_together(connection: Connection, codes: Codes) -> None:
    def found(**filters: Any) -> set[str]:
        return {feature["id"] for feature in address_page(connection, AddressQuery(**filters))[0]}

    assert found(bbox=(120.14, 30.1, 120.16, 30.3)) == {codes.shop}
    assert found(division=THERE) == {codes.shop}
    assert found(kinds=("R", "C")) == {codes.street, codes.compound}
    assert found(name="岸明") == {codes.compound}
    assert found(name="%") == set()
    assert found(kinds=("C",), division=THERE) == set()


def test_a_failed_answer_leaves_no_log_line(world: tuple[Engine, Codes]) -> None:
    engine, codes = world
    with pytest.raises(DatabaseError), transaction(engine) as connection:
        _view_and_fail(connection, codes.room)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM access_log")).scalar() == 0


def _view_and_fail(connection: Connection, aid: str) -> None:
    address_view(connection, aid, ANALYST)
    raise DatabaseError("later")
