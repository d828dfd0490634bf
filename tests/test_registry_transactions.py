"""Transactions on addresses: codes live for ever, texts and links follow, and everything can be taken back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from addressbook.divisions import Gazetteer
from addressbook.errors import RuleError
from addressbook.match import NameIndex, Resolver
from addressbook.model import AddressKind, Resolution
from addressbook.registry import requests as asked
from addressbook.store.engine import transaction
from addressbook.store.lookup import SqlPathLookup
from addressbook.store.names import read_names
from addressbook.store.rollups import check_rollups
from addressbook.store.transactions import Because, Transacted, revert, transact
from tests.worlds import ESTATE, ESTATE_ROWS, PLATE, ROOM, TOWN, World

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
                     " ('current', 'provisional') ORDER BY length(standard_text)"), {"words": words},
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
    "SELECT d.aid FROM aid_directory d LEFT JOIN address a USING (site_id, aid) WHERE a.aid IS NULL",
    "SELECT a.aid FROM address a LEFT JOIN aid_directory d USING (site_id, aid) WHERE d.aid IS NULL",
    "SELECT c.aid FROM address c JOIN address p ON p.site_id = c.site_id AND p.aid = c.parent_aid"
    " WHERE c.state IN ('current', 'provisional') AND p.state NOT IN ('current', 'provisional')",
    "SELECT c.aid FROM address c JOIN address p ON p.site_id = c.site_id AND p.aid = c.parent_aid"
    " WHERE c.state IN ('current', 'provisional')"
    " AND NOT (p.path = '' OR starts_with(c.path, p.path || '/'))",
    "SELECT c.aid FROM address c WHERE c.state IN ('current', 'provisional') AND (c.parent_aid IS NULL) <> (c.path = '')",
    "SELECT l.link_id FROM link l LEFT JOIN address a USING (site_id, aid) WHERE l.aid IS NOT NULL AND a.aid IS NULL",
    "SELECT l.link_id FROM link l JOIN address a USING (site_id, aid)"
    " WHERE l.closed_at IS NULL AND l.division_code <> a.division_code",
)  # fmt: skip


@pytest.fixture
def registry(world: World) -> Registry:
    world.texts(ESTATE_ROWS)
    people = [ROOM, ROOM, f"{ESTATE}3幢1单元501室", f"{ESTATE}13幢1单元502室", PLATE, f"{TOWN}金城路12号"]
    rows = [
        {"姓名": f"测试{n}", "证件号码": number, "居住地址": words}
        for n, (words, number) in enumerate(zip(people, numbers(len(people)), strict=True))
    ]
    world.load_rows("people", rows)
    return Registry(world)


def numbers(count: int) -> Sequence[str]:
    from tests.worlds import identity_number

    return [identity_number(n) for n in range(1, count + 1)]


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
