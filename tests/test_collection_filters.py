"""What people narrow lists by is found by an index of its own: plans over tables that hurt to read whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text

from addressbook.collections.asked import ItemsQuery
from addressbook.collections.declared import COLLECTIONS
from addressbook.collections.filtering import condition_of
from addressbook.store.collections.reading import explained, read_items
from api.collections_asked import period_of
from tests.small_world import HERE, build

MANY = (
    """
    INSERT INTO aid_directory (aid, site_id) SELECT 'H' || lpad(n::text, 11, '0'), n FROM generate_series(1, 30000) n
    """,
    f"""
    INSERT INTO address (site_id, aid, kind, name, path, standard_text, division_code, state, source_id, event_id)
    SELECT n, 'H' || lpad(n::text, 11, '0'), CASE WHEN n % 1000 = 0 THEN 'P' WHEN n % 20 = 7 THEN 'C' ELSE 'H' END,
        CASE WHEN n % 1000 = 0 THEN '翠苑' || n ELSE n % 977 || '室' END, '', '', '{HERE}',
        CASE WHEN n % 3000 = 1 THEN 'retired' ELSE 'current' END, 1, 1
    FROM generate_series(1, 30000) n
    """,
    """
    INSERT INTO enterprise (element_key, source_id, source_key, category, name, status, attributes, batch_id)
    SELECT md5('f' || n)::uuid, 1, n::text, CASE WHEN n % 1000 = 0 THEN '采矿业' ELSE '批发业' END,
        '杭州大桥' || n || '商行', CASE WHEN n % 1000 = 1 THEN '吊销' ELSE '存续' END, '{}', 1
    FROM generate_series(1, 30000) n
    """,
    """
    INSERT INTO event (element_key, source_id, source_key, category, title, status, occurred_on, attributes, batch_id)
    SELECT md5('e' || n)::uuid, 1, n::text, CASE WHEN n % 1000 = 0 THEN '消防' ELSE '噪声' END, '占道',
        CASE WHEN n % 1000 = 1 THEN '在办' ELSE '办结' END, date '2000-01-01' + n % 9000, '{}', 1
    FROM generate_series(1, 30000) n
    """,
    """
    INSERT INTO house (element_key, source_id, source_key, category, use, occupancy, attributes, batch_id)
    SELECT md5('h' || n)::uuid, 1, n::text, CASE WHEN n % 1000 = 0 THEN '仓储' ELSE '住宅' END, '',
        CASE WHEN n % 1000 = 1 THEN '空置' ELSE '自住' END, '{}', 1 FROM generate_series(1, 30000) n
    """,
    """
    INSERT INTO thing (element_key, source_id, source_key, category, name, attributes, batch_id)
    SELECT md5('t' || n)::uuid, 1, n::text, CASE WHEN n % 1000 = 0 THEN '水泵' ELSE '井盖' END, '', '{}', 1
    FROM generate_series(1, 30000) n
    """,
    """
    INSERT INTO person (element_key, source_id, source_key, category, name_masked, name_sealed, identity_masked,
        phone_masked, sex, attributes, batch_id)
    SELECT md5('p' || n)::uuid, 1, n::text, CASE WHEN n % 1000 = 0 THEN '境外' ELSE '常住' END,
        '', '', '', '', '', '{}', 1 FROM generate_series(1, 30000) n
    """,
    """
    INSERT INTO link (site_id, division_code, element_kind, element_key, role, category, month, source_id, row_key,
        received_text, match_category, match_level, coordinate_level, score, reasons, opened_batch)
    SELECT -330109001001, '330109001001', kind, element_key, 'located_at', category, '0001-01-01', 1, element_key, '',
        'A', 'community', 'none', 1, '[]', 1
    FROM (
        SELECT 'enterprise', element_key, category FROM enterprise UNION ALL
        SELECT 'event', element_key, category FROM event UNION ALL
        SELECT 'house', element_key, category FROM house UNION ALL
        SELECT 'thing', element_key, category FROM thing UNION ALL
        SELECT 'person', element_key, category FROM person
    ) e (kind, element_key, category) WHERE NOT EXISTS (SELECT FROM link l WHERE l.element_key = e.element_key)
    """,
    """
    UPDATE address SET valid_from = date '2025-01-01' WHERE kind = 'H'
    """,
    """
    INSERT INTO address_version (site_id, aid, own_site_id, kind, name, path, standard_text, division_code, state,
        source_id, event_id, valid_from, valid_to, is_slice)
    SELECT site_id, aid, site_id, kind, name, path, '', division_code, 'current', 1, 1, '2020-01-01', valid_from, true
    FROM address WHERE valid_from IS NOT NULL
    """,
    "ANALYZE address, address_version, enterprise, event, house, thing, person, link",
)
ASKED: dict[str, tuple[str, dict[str, Any], str, int]] = {
    "how an address is called": ("addresses", {"filter": "name = '翠苑2000'"}, "ix_address_name", 1),
    "how its name begins": ("addresses", {"filter": "name LIKE '翠苑2%'"}, "ix_address_name|ix_address_worded", 11),
    "streets, compounds and places": ("addresses", {"category": ("P",)}, "ix_address_kind_division_code_aid", 30),
    "what any name holds": ("addresses", {"filter": "name LIKE '%苑1%'"}, "ix_address_worded", 11),
    "what any name ends in": ("addresses", {"filter": "name LIKE '%苑_000'"}, "ix_address_worded", 9),
    "a day long gone": ("addresses", {"period": period_of("2024-06-01")}, "ix_address_version_site_id_aid", 101),
    "a street on a day": (
        "addresses", {"period": period_of("2024-06-01"), "category": ("P",)}, "ix_address_kind_division_code_aid", 30,
    ),
    "what retired since": (
        "addresses", {"period": period_of("2024-06-01"), "states": ("retired",)}, "ix_address_state_division_code_aid",
        11,
    ),
    "what retired": ("addresses", {"states": ("retired",)}, "ix_address_state_division_code_aid", 11),
    "how a firm is called": ("enterprises", {"filter": "name LIKE '杭州大桥2999%'"}, "ix_enterprise_name", 11),
    "what its name holds": ("enterprises", {"filter": "name LIKE '%桥2999%'"}, "ix_enterprise_name_trgm", 11),
    "its trade": ("enterprises", {"category": ("采矿业",)}, "ix_enterprise_category", 30),
    "its trade by a filter": ("enterprises", {"filter": "category = '采矿业'"}, "ix_enterprise_category", 30),
    "its status": ("enterprises", {"states": ("吊销",)}, "ix_enterprise_status", 30),
    "the kind of an event": ("events", {"category": ("消防",)}, "ix_event_category", 31),
    "the status of an event": ("events", {"states": ("在办",)}, "ix_event_status", 31),
    "the day of an event": ("events", {"period": period_of("2010-05-03")}, "ix_event_occurred_on", 3),
    "the days of events": ("events", {"period": period_of("2010-05-01/2010-05-10")}, "ix_event_occurred_on", 30),
    "the use of a house": ("houses", {"category": ("仓储",)}, "ix_house_category", 30),
    "who has a house": ("houses", {"states": ("空置",)}, "ix_house_occupancy", 30),
    "which persons": ("persons", {"category": ("境外",)}, "ix_person_category", 30),
    "the kind of a thing": ("things", {"category": ("水泵",)}, "ix_thing_category", 30),
}  # fmt: skip


@pytest.fixture(scope="module", name="planner")
def _planner(make_database: Callable[[], str]) -> Iterator[Connection]:
    engine = create_engine(make_database())
    build(engine)
    with engine.connect() as connection:
        for statement in MANY:
            connection.execute(text(statement))
        yield connection
    engine.dispose()


def query_of(asked: str) -> ItemsQuery:
    name, filters, _, _ = ASKED[asked]
    collection = COLLECTIONS[name]
    known = dict(filters)
    if "filter" in known:
        known["condition"] = condition_of(known.pop("filter"), "cql2-text", collection)
    return ItemsQuery(collection, collection.properties, limit=101, **known)


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every node of a plan."""
    yield plan
    for part in plan.get("Plans", []):
        yield from nodes(part)


@pytest.mark.parametrize("asked", ASKED)
def test_it_is_found_by_its_index(planner: Connection, asked: str) -> None:
    (found,) = explained(planner, query_of(asked))
    plan = list(nodes(found["Plan"]))
    assert set(ASKED[asked][2].split("|")) & {node.get("Index Name") for node in plan}
    whole = {node["Relation Name"] for node in plan if node["Node Type"] == "Seq Scan"}
    assert whole <= {"area", "division"}


@pytest.mark.parametrize("asked", ASKED)
def test_and_it_is_what_was_asked_for(planner: Connection, asked: str) -> None:
    assert len(read_items(planner, query_of(asked))) == ASKED[asked][3]


@pytest.mark.parametrize("pattern", ["%2室", "1%", "%_%", "3幢", "%\\%%", "%明%", "%\\\\明%", "A座%", "%（%"])
def test_the_index_of_words_changes_no_answer(planner: Connection, pattern: str) -> None:
    collection = COLLECTIONS["addresses"]
    condition = condition_of(f"name LIKE '{pattern}'", "cql2-text", collection)
    query = ItemsQuery(collection, collection.properties, condition=condition)
    asked = text("SELECT aid FROM address WHERE name LIKE :pattern AND state IN ('provisional', 'current')")
    expected = set(planner.execute(asked, {"pattern": pattern}).scalars())
    assert {row["aid"] for row in read_items(planner, query)} == expected


def test_the_plan_is_made_for_what_was_asked_however_often_it_is_asked(planner: Connection) -> None:
    """A plan for any value would be one for none: by the sixth time PostgreSQL might take one that fits nothing."""
    whole = (
        "SELECT sum(seq_scan)::int FROM pg_stat_xact_user_tables WHERE relname IN ('address', 'enterprise', 'event')"
    )
    before = planner.execute(text(whole)).scalar_one()
    for _ in range(8):
        for asked in ("how its name begins", "what its name holds", "the day of an event"):
            read_items(planner, query_of(asked))
    assert planner.execute(text(whole)).scalar_one() == before
