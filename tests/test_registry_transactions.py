"""Transactions on addresses: codes live for ever, texts and links follow, and everything can be taken back."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from addressbook.divisions import Gazetteer
from addressbook.errors import RuleError
from addressbook.links import Unresolved
from addressbook.match import NameIndex, Resolver
from addressbook.model import AddressKind, Resolution
from addressbook.registry import requests as asked
from addressbook.store.engine import transaction
from addressbook.store.lookup import SqlPathLookup
from addressbook.store.names import read_names
from addressbook.store.rollups import check_rollups
from addressbook.store.transactions import Because, Transacted, revert, transact
from tests.registry_storm import Storm
from tests.worlds import ESTATE, ESTATE_ROWS, PLATE, ROOM, TOWN, World, identity_number

WHY = Because("测试员", "核对现场", "萧地名〔2026〕1号")
TODAY = date.today()  # noqa: DTZ011 the database's day and this one may differ for a moment at midnight


@dataclass
class Registry:
    """A registry with an estate, its people, and short ways to change and to look at it."""

    world: World

    def aid(self, words: str) -> str:
        """The code of the live address whose standard text ends so."""
        with transaction(self.world.engine) as connection:
            found = connection.execute(
                text("SELECT aid FROM address WHERE standard_text LIKE '%' || :words AND state IN"
                     " ('current', 'provisional') ORDER BY length(standard_text), standard_text"), {"words": words},
            ).scalars().all()  # fmt: skip
        assert found, words
        return str(found[0])

    def do(self, request: asked.Request) -> Transacted:
        """One transaction, with what must hold after it."""
        with transaction(self.world.engine) as connection:
            resolver = self.resolver(connection)
            done = transact(connection, request, WHY, resolver.parser)
        self.check()
        return done

    def undo(self, event_id: int) -> Transacted:
        """The event taken back."""
        with transaction(self.world.engine) as connection:
            done = revert(connection, event_id, WHY)
        self.check()
        return done

    def resolver(self, connection: Any) -> Resolver:
        """A resolver over the names as they now are."""
        gazetteer = Gazetteer.shipped()
        return Resolver(gazetteer, NameIndex(read_names(connection)[0], gazetteer))

    def resolve(self, words: str) -> Resolution:
        """What a text means now."""
        with transaction(self.world.engine) as connection:
            return self.resolver(connection).resolve_batch([words], SqlPathLookup(connection))[0]

    def one(self, aid: str) -> Any:
        """The row of an address."""
        with transaction(self.world.engine) as connection:
            return connection.execute(
                text("SELECT a.* FROM address a JOIN aid_directory d USING (site_id, aid) WHERE aid = :aid"),
                {"aid": aid},
            ).one()

    def links(self) -> list[tuple[str, str]]:
        """(text received, code) of every open link, in order."""
        with transaction(self.world.engine) as connection:
            found = connection.execute(
                text("SELECT received_text, aid FROM link WHERE closed_at IS NULL ORDER BY received_text, role, aid")
            )
            return [(row[0], row[1]) for row in found]

    def check(self) -> None:
        """What holds after any transaction: a tree, a directory that knows each code, counts that are right."""
        with transaction(self.world.engine) as connection:
            assert not check_rollups(connection)
            for broken in BROKEN:
                assert connection.execute(text(broken)).all() == [], broken


BROKEN = (
    "SELECT aid FROM aid_directory WHERE (site_id, aid) NOT IN (SELECT site_id, aid FROM address)",
    "SELECT aid FROM address WHERE (site_id, aid) NOT IN (SELECT site_id, aid FROM aid_directory)",
    """
    SELECT c.aid FROM address c JOIN address p ON p.site_id = c.site_id AND p.aid = c.parent_aid
    WHERE c.state IN ('current', 'provisional')
        AND (p.state NOT IN ('current', 'provisional') OR NOT (p.path = '' OR starts_with(c.path, p.path || '/')))
    """,
    "SELECT aid FROM address WHERE state IN ('current', 'provisional') AND (parent_aid IS NULL) <> (path = '')",
    "SELECT link_id FROM link WHERE aid IS NOT NULL AND (site_id, aid) NOT IN (SELECT site_id, aid FROM address)",
    """
    SELECT l.link_id FROM link l JOIN address a USING (site_id, aid)
    WHERE l.closed_at IS NULL AND l.division_code <> a.division_code
    """,
)


@pytest.fixture(name="registry")
def _registry(world: World) -> Registry:
    world.begin_as("estate and people", lambda: _live_there(world))
    return Registry(world)


def _live_there(world: World) -> None:
    world.texts(ESTATE_ROWS)
    people = [ROOM, ROOM, f"{ESTATE}3幢1单元501室", f"{ESTATE}13幢1单元502室", PLATE, f"{TOWN}金城路12号"]
    rows = [
        {"姓名": f"测试{n}", "证件号码": identity_number(n), "居住地址": words} for n, words in enumerate(people, 1)
    ]
    world.load_rows("people", rows)


def test_a_renamed_estate_keeps_its_code_and_is_found_by_both_names(registry: Registry) -> None:
    estate = registry.aid("南岸明珠")
    room = registry.aid("3幢1单元502室")
    registry.do(asked.Rename(aid=estate, name="江南明珠苑", effective=TODAY - timedelta(days=3)))
    assert registry.one(estate).standard_text.endswith("北干街道江南明珠苑")
    assert registry.one(room).standard_text.endswith("江南明珠苑3幢1单元502室")
    for name in ("江南明珠苑", "南岸明珠"):
        found = registry.resolve(f"{TOWN}{name}3幢1单元502室")
        assert (found.category, found.aid) == ("A", room), name


def test_a_renumbered_building_is_found_by_both_numbers(registry: Registry) -> None:
    building, room = registry.aid("南岸明珠3幢"), registry.aid("南岸明珠3幢1单元502室")
    registry.do(asked.Renumber(aid=building, number="5幢"))
    assert registry.one(room).path == "B5/E1/H502"
    for number in (3, 5):
        found = registry.resolve(f"{ESTATE}{number}幢1单元502室")
        assert (found.category, found.aid) == ("A", room), number


def test_a_merged_room_takes_the_people_along(registry: Registry) -> None:
    rooms = [registry.aid(f"南岸明珠3幢1单元{room}室") for room in (501, 502)]
    before = registry.links()
    done = registry.do(asked.Merge(aids=tuple(rooms), name="501-502"))
    (new,) = done.created
    after = registry.links()
    assert len(after) == len(before)
    assert [aid for words, aid in after if "3幢1单元50" in words and "13幢" not in words] == [new] * 3
    found = registry.resolve(ROOM)
    assert (found.category, found.aid) == ("A", new)
    registry.undo(done.event_id)
    assert registry.links() == before
    assert registry.one(new).state == "void"
    assert registry.resolve(ROOM).aid == rooms[1]


def test_a_renumbered_plate_is_found_by_both_numbers(registry: Registry) -> None:
    plate = registry.aid("金城路12号")
    done = registry.do(asked.Renumber(aid=plate, number="14号"))
    for number in (12, 14):
        found = registry.resolve(f"{TOWN}金城路{number}号")
        assert (found.category, found.aid) == ("A", plate), number
    registry.undo(done.event_id)
    assert registry.resolve(f"{TOWN}金城路14号").aid is None


def test_plates_follow_a_street_that_is_merged_or_renamed(registry: Registry) -> None:
    plate, street = registry.aid("金城路12号"), registry.aid("萧山区金城路")
    registry.do(asked.Rename(aid=street, name="金城大道"))
    other = registry.do(asked.Register(kind=AddressKind.STREET, name="银河路", division_code="330109000000")).created[0]
    (new,) = registry.do(asked.Merge(aids=(street, other), name="金河大道")).created
    assert registry.one(plate).road_aid == new
    for name in ("金城路", "金城大道", "金河大道", "银河路"):
        found = registry.resolve(f"{TOWN}{name}12号")
        assert (found.category, found.aid) == ("A", plate), name


def test_a_split_moves_only_what_names_a_part(registry: Registry) -> None:
    room = registry.aid("南岸明珠3幢1单元502室")
    rows = [{"姓名": "测试9", "证件号码": identity_number(9), "居住地址": f"{ESTATE}3幢1单元502A室"}]
    registry.world.load_rows("people", rows, source="more", unresolved=Unresolved.ANCHOR)
    before = len(registry.links())
    done = registry.do(asked.Split(aid=room, parts=(asked.Part(name="502A"), asked.Part(name="502B"))))
    assert done.questions == 2
    assert len(registry.links()) == before
    items = registry.world.rows("SELECT anchor_aid, reason_code FROM review_item WHERE event_id = :e", e=done.event_id)
    assert items == [(room, "address_split")] * 2
    found = registry.resolve(ROOM)
    assert (found.category, set(done.created) <= {candidate.aid for candidate in found.candidates}) == ("C", True)
    registry.undo(done.event_id)
    assert registry.resolve(ROOM).aid == room


def test_what_a_load_confirms_is_kept_as_it_was(registry: Registry) -> None:
    registry.world.propose([f"{TOWN}市心北路300号"])
    plate = registry.aid("市心北路300号")
    registry.world.texts([f"{TOWN}市心北路300号"], source="official")
    assert registry.one(plate).state == "current"
    kept = registry.world.rows("SELECT state, is_slice FROM address_version WHERE aid = :aid", aid=plate)
    assert kept == [("provisional", False)]


def test_what_was_taken_back_is_no_part_of_what_came_later(registry: Registry) -> None:
    estate = registry.aid("南岸明珠")
    first = registry.do(asked.Rename(aid=estate, name="江东苑"))
    registry.undo(registry.do(asked.Rename(aid=estate, name="江南苑")).event_id)
    last = registry.do(asked.Rename(aid=estate, name="江北苑"))
    with pytest.raises(RuleError, match=f"event {last.event_id} builds on it"):
        registry.undo(first.event_id)
    registry.undo(last.event_id)
    registry.undo(first.event_id)
    assert registry.one(estate).name == "南岸明珠"


@pytest.mark.parametrize("change", ["renumber", "retire", "rename", "reparent"])
def test_an_end_is_not_taken_back_once_what_lies_above_has_changed(registry: Registry, change: str) -> None:
    room, building = registry.aid("南岸明珠3幢1单元502室"), registry.aid("南岸明珠3幢")
    retired = registry.do(asked.Retire(aid=room))
    estate = asked.Register(kind=AddressKind.COMPOUND, name="望江新苑", division_code="330109002000")
    (other,) = registry.do(estate).created
    request: dict[str, asked.Request] = {
        "renumber": asked.Renumber(aid=building, number="5"), "retire": asked.Retire(aid=building),
        "rename": asked.Rename(aid=registry.aid("南岸明珠"), name="江东苑"),
        "reparent": asked.Reparent(aid=building, parent_aid=other),
    }  # fmt: skip
    later = registry.do(request[change])
    with pytest.raises(RuleError, match=f"event {later.event_id} builds on it"):
        registry.undo(retired.event_id)
    registry.undo(later.event_id)
    registry.undo(retired.event_id)
    assert registry.resolve(ROOM).aid == room


def test_a_list_that_uses_the_old_number_mints_below_the_new_one(registry: Registry) -> None:
    building = registry.aid("南岸明珠3幢")
    registry.do(asked.Renumber(aid=building, number="5"))
    registry.world.texts([f"{ESTATE}5幢1单元777室"], source="new")
    report = registry.world.texts([f"{ESTATE}3幢1单元777室"], source="old")
    assert (report.totals.linked, report.totals.minted) == (1, 0)


def test_a_list_that_may_mean_either_part_of_a_split_waits_for_a_person(registry: Registry) -> None:
    building = registry.aid("南岸明珠3幢")
    units = tuple(registry.world.rows("SELECT aid FROM address WHERE parent_aid = :b ORDER BY path", b=building))
    parts = (asked.Part(name="3A", takes=units[0]), asked.Part(name="3B", takes=units[1]))
    registry.do(asked.Split(aid=building, parts=parts))
    report = registry.world.texts([f"{ESTATE}3幢2单元999室"], source="old")
    assert (report.totals.minted, report.totals.review) == (0, 1)


def test_children_of_what_was_merged_keep_their_old_numbers(registry: Registry) -> None:
    units = [registry.aid(f"南岸明珠3幢{unit}单元") for unit in (1, 2)]
    room = registry.aid("南岸明珠3幢2单元503室")
    registry.do(asked.Merge(aids=tuple(units), name="3"))
    for words in (f"{ESTATE}3幢2单元503室", f"{ESTATE}3幢3单元503室"):
        found = registry.resolve(words)
        assert (found.category, found.aid) == ("A", room), words


STATE = (
    """
    SELECT aid, site_id, kind, parent_aid, road_aid, plate_no, name, path, loose_path, standard_text, division_code,
        ST_AsText(geom), coordinate_level, state, valid_from, valid_to
    FROM address WHERE state <> 'void' ORDER BY aid
    """,
    "SELECT aid, name, path, road_aid, plate_no, origin FROM address_alias WHERE valid_to IS NULL ORDER BY aid, name",
    """
    SELECT aid, site_id, division_code, element_kind, element_key, role, category, month, source_id, row_key,
        received_text, match_category, score, flags, reasons::text, valid_from, valid_to, opened_batch
    FROM link WHERE closed_at IS NULL ORDER BY row_key, role
    """,
    "SELECT * FROM rollup WHERE count <> 0 ORDER BY 1, 2, 3, 4, 5, 6",
    "SELECT row_key, reason_code, candidates::text FROM review_item WHERE state = 'open' ORDER BY row_key",
    "SELECT aid, successor_aid, relation FROM address_succession WHERE until_event IS NULL ORDER BY 1, 2",
)
"""What a registry says now: all of it must come back when everything is taken back."""
HALF_OF_THEM = 6
"""Of the thirteen kinds of transactions."""


@pytest.mark.parametrize("seed", range(3))
def test_any_sequence_taken_back_gives_the_starting_state(registry: Registry, seed: int) -> None:
    storm, start = Storm(seed), [registry.world.rows(words) for words in STATE]
    links, events = len(registry.links()), []
    for _ in range(60):
        with transaction(registry.world.engine) as connection:
            request = storm.draw(connection)
        with suppress(RuleError):
            events.append((registry.do(request).event_id, request))
            assert len(registry.links()) == links, request
    assert len({request.EVENT for _, request in events}) > HALF_OF_THEM
    for event, request in reversed(events):
        registry.undo(event)
        assert len(registry.links()) == links, request
    assert [registry.world.rows(words) for words in STATE] == start
    registry.world.check_stored()
