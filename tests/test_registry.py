"""Transactions on addresses: what is minted, confirmed and given a point, and that nobody does it twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from operator import itemgetter

from sqlalchemy import Connection

from addressbook import identity
from addressbook.divisions import Gazetteer
from addressbook.match import NameIndex, tree_plan
from addressbook.model import AddressKind, Level
from addressbook.parse import Parser
from addressbook.registry import Grower, Grown, Wish, kinds_wanted
from addressbook.registry.tree import loosened
from addressbook.store import minting
from addressbook.store.lookup import SqlPathLookup
from addressbook.store.names import read_names
from tests.worlds import ESTATE, ESTATE_ROWS, PLATE, ROOM, TOWN, World

COUNTY_CODE = "330109000000"


def grow(connection: Connection, texts: Sequence[str]) -> tuple[list[Grown], Grower]:
    """What the registry would do for these texts, without writing it."""
    gazetteer = Gazetteer.shipped()
    index = NameIndex(read_names(connection)[0], gazetteer)
    grower = Grower(gazetteer, index, SqlPathLookup(connection), identity.mint)
    plans = [tree_plan(Parser(gazetteer, index).parse(text)) for text in texts]
    wishes = [Wish(plan) for plan in plans if plan]
    grower.learn(wishes)
    answers = [grown for _, grown in sorted(grower.grow(wishes), key=itemgetter(0))]
    wanted = Counter(kind for wish in wishes for kind in kinds_wanted(wish.plan))
    assert Counter(node.kind for node in grower.created) <= wanted
    return answers, grower


def test_parents_are_minted_before_their_children_and_carry_their_paths(world: World) -> None:
    with world.engine.connect() as connection:
        (grown,), grower = grow(connection, [ROOM])
    made = [(node.kind.value, node.path if node.kind is not AddressKind.DOOR_PLATE else "D") for node in grower.created]
    assert made == [("R", ""), ("C", ""), ("D", "D"), ("B", "B3"), ("E", "B3/E1"), ("H", "B3/E1/H502")]
    seen: set[str] = set()
    for node in grower.created:
        assert node.parent_aid is None or node.parent_aid in seen
        seen.add(node.aid)
    assert grown.node is grower.created[-1]
    assert (grown.is_new, grown.node.loose_path) == (True, "B3/H502")


def test_a_street_belongs_to_the_county_and_is_nobodys_parent(world: World) -> None:
    with world.engine.connect() as connection:
        _, grower = grow(connection, [ROOM, f"{TOWN}市心北路18号", "萧山区城厢街道市心北路20号"])
    (street,) = [node for node in grower.created if node.kind is AddressKind.STREET]
    plates = [node for node in grower.created if node.kind is AddressKind.DOOR_PLATE]
    assert street.division_code == COUNTY_CODE
    assert {plate.road_aid for plate in plates} == {street.aid}
    assert street.aid not in {node.parent_aid for node in grower.created}
    assert sorted(plate.division_code for plate in plates) == ["330109001000", "330109002000", "330109002000"]


def test_what_is_known_is_found_and_not_minted(world: World) -> None:
    world.texts(ESTATE_ROWS)
    known = world.addresses()
    with world.engine.connect() as connection:
        grown, grower = grow(connection, [ROOM, f"{PLATE}3幢1单元502室", f"{TOWN}南岸明珠3幢502室"])
    assert grower.created == []
    assert {answer.node.aid for answer in grown if answer.node} == {known[f"{TOWN}南岸明珠3幢1单元502室"]}
    assert not any(answer.is_new for answer in grown)


def test_a_text_without_a_county_grows_nothing(world: World) -> None:
    with world.engine.connect() as connection:
        grown, grower = grow(connection, ["市心北路260号", "浙江省市心北路260号"])
    assert [(answer.node, answer.reason_code) for answer in grown] == [(None, "division_missing")] * 2
    assert grower.created == []


def test_a_name_that_two_places_have_is_for_a_person_to_settle(world: World) -> None:
    world.propose(["萧山区北干街道虚构花园", "萧山区城厢街道虚构花园"])
    with world.engine.connect() as connection:
        (vague, exact), _ = grow(connection, ["萧山区虚构花园3幢", "萧山区城厢街道虚构花园3幢"])
    assert (vague.node, vague.reason_code) == (None, "several_candidates")
    assert exact.node is not None
    assert exact.node.division_code == "330109001000"


def test_the_entrance_is_left_out_of_loose_paths_only() -> None:
    assert [loosened(path) for path in ("B3/E1/F2/H502", "B3/H502", "C二期/B3/E1/H502", "")] == [
        "B3/H502", "B3/H502", "C二期/B3/H502", "",
    ]  # fmt: skip


# -- points


def point_of(world: World, kind: str) -> tuple[str, str]:
    ((text, level),) = world.rows("SELECT ST_AsText(geom), coordinate_level FROM address WHERE kind = :kind", kind=kind)
    return text, level


def load_point(world: World, address: str, lon: str, source: str, key: str = "1") -> None:
    world.load_rows("addresses", [{"source_key": key, "address": address, "lon": lon, "lat": "30.15"}], source)


def test_an_address_is_drawn_where_its_parent_is_until_it_has_a_point_of_its_own(world: World) -> None:
    load_point(world, ESTATE, "120.2", "estates")
    world.texts([ROOM])
    assert point_of(world, "H") == ("POINT(120.2 30.15)", Level.PLACE)
    load_point(world, ROOM, "120.21", "rooms")
    assert point_of(world, "H") == ("POINT(120.21 30.15)", Level.ROOM)
    assert point_of(world, "E") == ("POINT(120.2 30.15)", Level.PLACE)


def test_a_known_address_takes_a_point_from_a_row_for_which_only_its_plate_was_minted(world: World) -> None:
    world.texts([ESTATE])
    before = world.addresses()
    load_point(world, f"{TOWN}金城路99号南岸明珠", "120.2", "plates")
    assert [text for text in world.addresses() if text not in before] == [
        "浙江省杭州市萧山区金城路",
        f"{TOWN}金城路99号",
    ]
    assert point_of(world, "C") == ("POINT(120.2 30.15)", Level.PLACE)


def test_a_source_corrects_its_own_point_and_no_other(world: World) -> None:
    load_point(world, ROOM, "120.21", "rooms")
    load_point(world, ROOM, "120.25", "others")
    assert point_of(world, "H") == ("POINT(120.21 30.15)", Level.ROOM)
    load_point(world, ROOM, "120.22", "rooms")
    assert point_of(world, "H") == ("POINT(120.22 30.15)", Level.ROOM)


# -- codes


def test_every_code_is_in_the_directory_with_its_site(world: World) -> None:
    world.texts(ESTATE_ROWS)
    asked = "SELECT count(*) FROM address a JOIN aid_directory d ON d.aid = a.aid AND d.site_id = a.site_id"
    assert world.one(asked) == 19
    assert world.one("SELECT count(*) FROM address WHERE left(aid, 1) <> kind") == 0


def test_codes_issued_before_are_told_whatever_became_of_their_address(world: World) -> None:
    world.texts([ROOM])
    issued, fresh = list(world.addresses().values()), identity.mint(AddressKind.ROOM)
    with world.engine.connect() as connection:
        assert minting.taken_codes(connection, [*issued, fresh]) == set(issued)


def test_an_event_that_changed_nothing_is_withdrawn(world: World) -> None:
    world.texts([ROOM], "one")
    events = world.rows("SELECT * FROM registry_event")
    world.texts([ROOM, f"{PLATE}3幢1单元502室"], "another")
    assert world.rows("SELECT * FROM registry_event") == events


def test_two_loads_at_the_same_moment_mint_each_place_once(world: World) -> None:
    sources = [f"source {n}" for n in range(4)]
    with ThreadPoolExecutor(len(sources)) as pool:
        worlds = [World(world.engine, world.folder) for _ in sources]
        jobs = [
            pool.submit(own.load_rows, "addresses", [{"address": t} for t in ESTATE_ROWS], name, chunk_rows=3)
            for own, name in zip(worlds, sources, strict=True)
        ]
        reports = [job.result() for job in jobs]
    assert sum(report.totals.minted for report in reports) == 19
    assert len(world.paths()) == 19
    assert all(report.totals.linked == len(ESTATE_ROWS) for report in reports)
    assert world.one("SELECT count(DISTINCT (source_key, aid)) FROM source_row") == len(ESTATE_ROWS)
