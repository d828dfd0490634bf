"""Elements of several links: lists, exports, views and plain SQL say the same of all of them."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import shapely

from addressbook.collections.asked import ItemsQuery
from addressbook.collections.declared import COLLECTIONS
from addressbook.collections.filtering import condition_of
from addressbook.privacy.policy import AccessRole
from addressbook.store.collections.reading import items
from tests.ogc_world import Ogc, served_ogc
from tests.small_world import COUNTY, HERE, OTHER_TOWN, THERE, TOWN, World

PERSONS = 60
ROLES = ("residence", "household_registration")
CELL, LONG_CELL, CUSTOM = "grid-1", "330109001001001", "custom-1"
AREAS = (COUNTY, TOWN, OTHER_TOWN, HERE, THERE, CELL, LONG_CELL, CUSTOM)
DRAWN = {LONG_CELL: (120.14, 30.0, 120.16, 30.4), CUSTOM: (120.05, 30.2, 120.2, 30.3)}


@pytest.fixture(scope="module", name="ogc")
def _ogc(make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ogc]:
    with served_ogc(make_database(), tmp_path_factory.mktemp("links")) as ogc:
        with ogc.engine.begin() as connection:
            _fill(World(connection, number=1000), ogc, random.Random(5))  # noqa: S311 - not for secrets
        yield ogc


def _fill(world: World, ogc: Ogc, rng: random.Random) -> None:
    """Persons who live and are registered in two places drawn by lot, some links closed; firms of two roles."""
    for code in (LONG_CELL, CUSTOM):
        world.area(code, "grid" if code == LONG_CELL else "custom", DRAWN[code])
    codes = ogc.codes
    lost = world.address("D", "无点", division=HERE, point=None)
    inside = {"top": codes.compound}
    places: list[dict[str, Any]] = [
        {"at": codes.room, **inside}, {"at": codes.building, **inside}, {"at": codes.retired_room, **inside},
        {"at": codes.shop, "division": THERE}, {"at": lost}, {"division": HERE}, {"division": THERE},
        {"division": TOWN}, {"division": OTHER_TOWN},
    ]  # fmt: skip
    for number in range(PERSONS):
        key, more = f"person {number}", True
        for role in ROLES:
            asked: dict[str, Any] = {**rng.choice(places), "key": key, "closed": rng.random() < 0.15}
            asked["month"] = date(2020 + rng.randrange(6), rng.randrange(1, 13), 1)
            if more:
                world.person(role, **asked)
            else:
                world.link("person", role, "常住", **asked)
            more = False
    for number in range(20):
        first, second = rng.sample(places, 2)
        firm: dict[str, Any] = {"name": f"商行{number}", "status": "存续"}
        world.link("enterprise", "registered", "批发业", key=f"firm {number}", **first, **firm)
        world.link("enterprise", "operating", "批发业", key=f"firm {number}", **second)
    for number in range(20):
        world.link("event", "occurred_at", "噪声", title=f"{number}", status="办结", **rng.choice(places))
    world.finish()


LINKS = """
    SELECT l.element_key::text, l.role, l.aid, l.division_code, l.valid_from::text
    FROM link l LEFT JOIN address a ON a.site_id = l.site_id AND a.aid = l.aid JOIN person e USING (element_key)
    WHERE l.closed_at IS NULL AND l.element_kind = 'person' AND ({}) AND ({}) ORDER BY 1
"""
FILTERS: dict[str, str] = {
    "role = 'household_registration'": "role = 'household_registration'",
    "NOT role = 'residence'": "role <> 'residence'",
    "CASEI(role) = CASEI('RESIDENCE')": "role = 'residence'",
    "aid IS NULL": "l.aid IS NULL",
    "aid IS NOT NULL AND role = 'residence'": "l.aid IS NOT NULL AND role = 'residence'",
    "aid = '{shop}'": "l.aid = '{shop}'",
    "aid IN ('{shop}', '{room}') AND NOT role = 'residence'": "l.aid IN ('{shop}', '{room}') AND role <> 'residence'",
    "NOT aid = '{shop}'": "l.aid <> '{shop}'",
    "division_code LIKE '330109001%'": "l.division_code LIKE '330109001%'",
    "division_code LIKE '%2'": "l.division_code LIKE '%2'",
    "division_code LIKE '330109002%' AND role = 'residence'": (
        "l.division_code LIKE '330109002%' AND role = 'residence'"
    ),
    "division_code = '330109001002'": "l.division_code = '330109001002'",
    "division_code = '330109001002' OR valid_from < DATE('2022-01-01')": (
        "l.division_code = '330109001002' OR l.valid_from < '2022-01-01'"
    ),
    "NOT (division_code = '330109001002' OR birth_year = 1979)": "l.division_code <> '330109001002'",
    "birth_year = 1979 OR role = 'residence'": "role = 'residence'",
    "standard_text LIKE '%12号%' AND sex = '男'": "a.standard_text LIKE '%12号%'",
    "S_INTERSECTS(geometry, BBOX(120.1, 30, 120.2, 31))": "ST_X(a.geom) > 120.1",
    "S_DISJOINT(geometry, BBOX(120.1, 30, 120.2, 31))": "ST_X(a.geom) < 120.1",
    "T_AFTER(valid_from, DATE('2023-05-01'))": "l.valid_from > '2023-05-01'",
    "true": "true",
}  # fmt: skip
IN_TOWN = "l.division_code BETWEEN '330109001000' AND '330109001999'"
OUTLINE = "a.state = 'current' AND EXISTS (SELECT FROM area v WHERE v.code = '{}' AND ST_Intersects(v.geom, a.geom))"
NARROWED: dict[str, tuple[dict[str, str], str]] = {
    "nothing": ({}, "true"),
    "a town": ({"area": TOWN}, IN_TOWN),
    "a community": ({"area": THERE}, "l.division_code = '330109001002'"),
    "a cell": ({"area": CELL}, OUTLINE.format(CELL)),
    "a cell with a code of digits": ({"area": LONG_CELL}, OUTLINE.format(LONG_CELL)),
    "an address": ({"aid": "{building}"}, "l.aid IN ('{building}', '{room}')"),
    "a box": ({"bbox": "120.1,30.1,120.2,30.3"}, "l.aid = '{shop}'"),
    "time": ({"datetime": "../2022-06-01"}, "l.valid_from <= '2022-06-01' OR l.valid_from IS NULL"),
    "a cell and a time": (
        {"area": CELL, "datetime": "../2022-06-01"},
        f"(l.valid_from <= '2022-06-01' OR l.valid_from IS NULL) AND {OUTLINE.format(CELL)}",
    ),
}  # fmt: skip
READERS: dict[str, tuple[tuple[str, ...], str]] = {
    "an analyst": ((), "true"),
    "an analyst of a community": ((THERE,), "l.division_code = '330109001002'"),
    "an analyst of two": (
        (HERE, OTHER_TOWN), "l.division_code LIKE '330109002%' OR l.division_code = '330109001001'"
    ),
}  # fmt: skip


@pytest.fixture(scope="module", name="keys")
def _keys(ogc: Ogc) -> dict[str, str]:
    return {name: ogc.key(AccessRole.ANALYST, areas=areas) for name, (areas, _) in READERS.items()}


@pytest.mark.parametrize("narrowed", NARROWED)
@pytest.mark.parametrize("condition", FILTERS)
def test_an_element_is_listed_by_any_of_its_links_that_the_whole_question_holds_for(
    ogc: Ogc, keys: dict[str, str], condition: str, narrowed: str
) -> None:
    asked, where = NARROWED[narrowed]
    codes = vars(ogc.codes)
    parameters = {name: value.format(**codes) for name, value in asked.items()}
    parameters["filter"] = condition.format(**codes)
    for reader, (_, bounds) in READERS.items():
        sql = LINKS.format(f"{where}) AND ({bounds}", FILTERS[condition])
        for name in ("shop", "room", "building"):
            sql = sql.replace(f"{{{name}}}", codes[name])
        links = ogc.rows(sql)
        expected = sorted({key for key, *_ in links})
        document = ogc.document("/collections/persons/items", keys[reader], limit=1000, count="exact", **parameters)
        assert [feature["id"] for feature in document["features"]] == expected, reader
        assert document["numberMatched"] == len(expected)
        assert {_link_of(feature) for feature in document["features"]} <= set(links), "it holds for the link shown"
        assert _exported(ogc, "persons", keys[reader], **parameters) == expected


def _link_of(feature: dict[str, Any]) -> tuple[Any, ...]:
    shown = feature["properties"]
    return (feature["id"], *(shown[name] for name in ("role", "aid", "division_code", "valid_from")))


def _exported(ogc: Ogc, collection: str, key: str, **parameters: str) -> list[str]:
    asked = {"format": "ndjson", **parameters}
    answer = ogc.client.get(f"/exports/{collection}", params=asked, headers={"X-API-Key": key})
    assert answer.status_code == 200, answer.text
    return [json.loads(line)["id"] for line in answer.text.splitlines()]


def test_pages_of_a_filter_hold_each_element_once(ogc: Ogc) -> None:
    for asked in ({"filter": "NOT role = 'residence'"}, {"filter": "aid IS NOT NULL", "area": CELL}, {"area": CELL}):
        every = [feature["id"] for feature in ogc.features("persons", limit=1000, **asked)]
        assert len(every) > 7
        assert ogc.every("persons", limit=3, **asked) == every


def test_wherever_it_begins_to_look_the_page_is_the_same(ogc: Ogc) -> None:
    """By keys or by links first, whichever a look at the place finds better."""
    found, box = COLLECTIONS["persons"], shapely.to_wkb(shapely.box(120.0, 30.0, 120.1, 30.25))
    condition = condition_of("NOT role = 'residence'", "cql2-text", found)
    asked = ItemsQuery(found, found.properties, outline=box, condition=condition, bounds=(TOWN[:9],), limit=100)
    with ogc.engine.connect() as connection:
        ways = [connection.execute(items(replace(asked, crowded=way))).all() for way in (None, True, False)]
    assert ways[0] == ways[1] == ways[2]
    assert ways[0]


@pytest.mark.parametrize("area", AREAS)
def test_a_list_by_role_is_as_long_as_the_view_of_the_area_says(ogc: Ogc, area: str) -> None:
    """Nobody of this world has two links of one role, so links and elements are as many."""
    view = ogc.client.get(f"/areas/{area}/view", headers={"X-API-Key": ogc.keys["analyst"]}).json()
    for collection, kind in (("persons", "person"), ("enterprises", "enterprise")):
        for role in (*ROLES, "registered", "operating"):
            asked = {"area": area, "filter": f"role = '{role}'", "count": "exact"}
            found = ogc.document(f"/collections/{collection}/items", **asked)["numberMatched"]
            assert found == view["elements"][kind]["roles"].get(role, 0), (kind, role)
    for collection, kind in (("events", "event"), ("houses", "house"), ("things", "thing")):
        assert len(ogc.every(collection, area=area)) == view["elements"][kind]["total"], kind
    assert len(ogc.every("addresses", area=area)) == view["addresses"]["total"]
    exported = _exported(ogc, "addresses", ogc.keys["analyst"], area=area)
    assert len(exported) == view["addresses"]["total"] >= (area != OTHER_TOWN)


def test_a_list_by_role_is_as_long_as_the_view_of_the_address_says(ogc: Ogc) -> None:
    """Elements are told at the address or below it, as the list is asked."""
    asked = (
        "SELECT count(*) FROM link WHERE closed_at IS NULL AND role = 'household_registration' AND aid = ANY (:aids)"
    )
    ((expected,),) = ogc.rows(asked, aids=[ogc.codes.building, ogc.codes.room])
    role = "role = 'household_registration'"
    assert len(ogc.features("persons", aid=ogc.codes.building, filter=role, limit=1000)) == expected > 1
    view = ogc.client.get(f"/addresses/{ogc.codes.building}/view", headers={"X-API-Key": ogc.keys["analyst"]}).json()
    assert view["counts"]["person"]["roles"]["household_registration"] == expected


def test_divisions_in_an_area_of_its_own_are_those_that_meet_it(ogc: Ogc) -> None:
    assert ogc.every("divisions", area=LONG_CELL) == [COUNTY, TOWN]
    assert ogc.every("divisions", area=CELL) == [COUNTY, TOWN, HERE]


def test_a_key_bound_to_a_division_reads_of_a_cell_what_lies_in_both(ogc: Ogc, keys: dict[str, str]) -> None:
    assert ogc.features("persons", keys["an analyst of a community"], area=CELL) == []
    inside = ogc.features("persons", keys["an analyst of two"], area=CELL, limit=1000)
    assert inside
    assert {one["properties"]["division_code"] for one in inside} == {HERE}
    assert ogc.get("/collections/persons/items", ogc.keys["viewer"], area=CELL).status_code == 403


@pytest.mark.parametrize(
    ("code", "status"),
    [("grid-9", 400), ("33010", 400), ("' OR true --", 400), ("330109999", 404), ("990000000000", 404)],
)
def test_an_area_that_is_not_there_is_refused_by_name(ogc: Ogc, code: str, status: int) -> None:
    assert ogc.fault("/collections/persons/items", area=code) == (status, "area")
    answer = ogc.client.get("/exports/events", params={"area": code}, headers={"X-API-Key": ogc.keys["analyst"]})
    assert (answer.status_code, answer.json()["field"]) == (status, "area")
    assert ogc.get("/collections/persons/items", area="x\0").status_code == 400
    assert ogc.get("/collections/persons/items", area="x" * 65).status_code == 422
