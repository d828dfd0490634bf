"""Every page of a collection is found by indexes: no statement needs to read a big table from end to end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
import shapely
from sqlalchemy import Connection, Engine, create_engine, text

from addressbook.collections.asked import ItemsQuery, Subtree
from addressbook.collections.declared import COLLECTIONS, Collection
from addressbook.collections.filtering import condition_of
from addressbook.store.collections.reading import explained
from tests.small_world import HERE, TOWN, build

BIG = {"address", "address_version", "link", "person", "house", "enterprise", "event", "thing", "division"}
BOX = shapely.to_wkb(shapely.box(120.1, 30.1, 120.2, 30.3))
DAY = date(2024, 1, 1)
SUBTREE = Subtree("B00000000000", 1, "B3", live=True)
KEY = "00000000-0000-0000-0000-000000000000"
ASKED: dict[str, dict[str, Any]] = {
    "everything": {}, "area": {"divisions": (TOWN, HERE)}, "box": {"bbox": BOX}, "address": {"below": SUBTREE},
    "bounds": {"bounds": ("330109001",)}, "time": {"period": (date(2024, 1, 1), None)}, "one": {"one": KEY},
    "day": {"period": (DAY, DAY)}, "address on a day": {"below": SUBTREE, "period": (DAY, DAY)},
    "area on a day": {"period": (DAY, DAY), "divisions": (TOWN, HERE)},
    "crowded box": {"bbox": BOX, "crowded": True},
}  # fmt: skip
FILTERS = (
    "S_INTERSECTS(geometry, BBOX(120, 30, 121, 31))",
    f"division_code = '{HERE}' AND NOT standard_text LIKE 'x%'",
)


@pytest.fixture(scope="module", name="planner")
def _planner(make_database: Callable[[], str]) -> Iterator[Connection]:
    """A world so small that reading all of it is cheapest: so that is forbidden, where there is any other way."""
    engine: Engine = create_engine(make_database())
    build(engine)
    with engine.connect() as connection:
        connection.execute(text("SET enable_seqscan = off"))
        yield connection
    engine.dispose()


def read_whole(plan: dict[str, Any]) -> Iterator[str]:
    """The big tables that a plan reads from end to end."""
    if plan["Node Type"] == "Seq Scan" and plan["Relation Name"] in BIG:
        yield plan["Relation Name"]
    for part in plan.get("Plans", []):
        yield from read_whole(part)


def tables_read_whole(planner: Connection, collection: Collection, **asked: Any) -> list[str]:
    (found,) = explained(planner, ItemsQuery(collection, collection.properties, limit=101, **asked))
    return list(read_whole(found["Plan"]))


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("collection", COLLECTIONS)
def test_a_page_is_found_by_indexes(planner: Connection, collection: str, asked: str) -> None:
    assert tables_read_whole(planner, COLLECTIONS[collection], **ASKED[asked]) == []


@pytest.mark.parametrize("collection", COLLECTIONS)
def test_the_next_page_is_found_by_indexes(planner: Connection, collection: str) -> None:
    after = (HERE, "B00000000000") if collection == "addresses" else (KEY,)
    assert tables_read_whole(planner, COLLECTIONS[collection], after=after) == []


@pytest.mark.parametrize("written", FILTERS)
@pytest.mark.parametrize("collection", [name for name in COLLECTIONS if name != "divisions"])
def test_a_filter_by_place_is_found_by_indexes(planner: Connection, collection: str, written: str) -> None:
    found = COLLECTIONS[collection]
    assert tables_read_whole(planner, found, condition=condition_of(written, "cql2-text", found)) == []
