"""Statistics in tiles of areas: those of the area's view, for whoever asks, under names that say what they are."""

from __future__ import annotations

import base64
import csv
import math
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from addressbook.model import ElementKind
from addressbook.privacy.policy import AccessRole
from addressbook.views.statistics import MOST_STATISTICS, NAMES, statistics_from, words_of
from tests.ogc_world import Ogc, served_ogc
from tests.small_world import COUNTY, HERE, OTHER_TOWN, TOWN, World
from tests.vector_tiles import read_tile

QUAD = "WebMercatorQuad"
LON, LAT = 120.05, 30.2
ZOOMS = {7: {COUNTY}, 9: {COUNTY, TOWN}, 12: {TOWN, HERE, "grid-1"}}
"""Zoom → the areas that are drawn in it."""
READERS = ("public", "viewer", "analyst", "officer", "admin")
COMMA = "占道,经营"
TOLD = ("count", "per_10000", "month_on_month", "year_on_year")


@pytest.fixture(scope="module", name="ogc")
def _ogc(make_database: Callable[[], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ogc]:
    """The small world with a crowd, so that not all counts of people are small; the officer is bound to the town."""
    home = tmp_path_factory.mktemp("tiles")
    (home / "secret.key").write_bytes(base64.b64encode(bytes(32)))  # the same noise in every run
    (home / "secret.key").chmod(0o600)
    with served_ogc(make_database(), home) as ogc:
        with ogc.engine.begin() as connection:
            world = World(connection, number=1000)
            for number in range(120):
                category, role = ("常住", "流动")[number % 2], ("residence", "household_registration")[number % 3 == 0]
                world.person(role, category, division=(HERE, TOWN)[number % 4 == 0], month=date(2025, 5, 1))
            world.link("event", "occurred_at", COMMA, division=HERE, month=date(2024, 4, 1), title="x", status="在办")
            world.link("event", "occurred_at", "噪声", division=TOWN, month=date(2025, 4, 1), title="x", status="在办")
            world.finish()
        ogc.keys["officer"] = ogc.key(AccessRole.OFFICER, areas=(TOWN,))
        yield ogc


def over(z: int) -> str:
    """The tile of a zoom over the estate, as z/row/column."""
    side, latitude = 2**z, math.radians(LAT)
    row = (1 - math.log(math.tan(latitude) + 1 / math.cos(latitude)) / math.pi) / 2 * side
    return f"{z}/{int(row)}/{int((LON + 180) / 360 * side)}"


def areas(ogc: Ogc, reader: str, z: int, *names: str) -> dict[str, dict[str, Any]]:
    """The areas of a tile by code, asked with these statistics."""
    more: dict[str, Any] = {"statistics": words_of(names)} if names else {}
    answer = ogc.get(f"/collections/areas/tiles/{QUAD}/{over(z)}", ogc.keys[reader], **more)
    assert answer.status_code == 200, answer.text
    return {feature["code"]: feature for feature in read_tile(answer.content)["areas"]}


def asked(ogc: Ogc, reader: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = ogc.client.get(path, headers={"X-API-Key": ogc.keys[reader]}).json()
    return found


def of_month(month: dict[str, Any], name: str) -> dict[str, Any]:
    return {name if told == "count" else f"{name}.{told}": month[told] for told in TOLD}


def flat(ogc: Ogc, reader: str, code: str) -> dict[str, Any]:
    """Every statistic of an area's view by the name it has in tiles; None where the view tells none."""
    view = asked(ogc, reader, f"/areas/{code}/view")
    found = {"residents": view["residents"], "address": view["addresses"]["total"]}
    found |= {f"address.category.{kind}": count for kind, count in view["addresses"]["kinds"].items()}
    for kind in ElementKind:
        of = view["elements"][kind]
        found |= {kind.value: of["total"]}
        found |= {f"{kind}.{plain}": of[plain] for plain in ("located", "unplaced", "per_10000")}
        found |= {f"{kind}.role.{role}": count for role, count in of["roles"].items()}
        found |= {f"{kind}.category.{category}": count for category, count in of["categories"].items()}
        rates = of["categories_per_10000"]
        found |= {f"{kind}.category.{category}.per_10000": rate for category, rate in rates.items()}
        for month in of["months"]:
            found |= of_month(month, f"{kind}.month.{month['month']}")
    # A view tells the total and the kinds of addresses: each is at an address, itself.
    total, residents = view["addresses"]["total"], view["residents"]
    found |= {"address.located": total, "address.unplaced": 0}
    found["address.per_10000"] = round(total * 10_000 / residents, 2) if residents else None
    return found


@pytest.mark.parametrize("reader", READERS)
def test_every_statistic_is_that_of_the_areas_view(ogc: Ogc, reader: str) -> None:
    """All that anybody is told of any area is asked of all of them: what a view does not list is 0, or withheld."""
    names = sorted({name for code in (COUNTY, TOWN, HERE) for name in flat(ogc, "admin", code)} - {"residents"})
    views = {code: flat(ogc, reader, code) for code in (COUNTY, TOWN, HERE)}
    compared = 0
    for z, drawn in ZOOMS.items():
        for first in range(0, len(names), MOST_STATISTICS):
            ten = names[first : first + MOST_STATISTICS]
            tile = areas(ogc, reader, z, *ten)
            assert set(tile) == drawn
            for code in drawn - {"grid-1"}:
                for name in ten:
                    compared += 1
                    same(ogc, reader, code, name, tile[code], views[code])
    assert compared == 5 * len(names)


def same(ogc: Ogc, reader: str, code: str, name: str, feature: dict[str, Any], view: dict[str, Any]) -> None:
    """That a tile tells of an area what its view tells, or that it is withheld."""
    hidden = reader in ("public", "viewer") or (reader == "officer" and code == COUNTY)
    protected = hidden and (name.startswith("person") or "per_10000" in name)
    told, nothing = feature.get(name), None if name.endswith("per_10000") and not view["residents"] else 0
    if name in view or (hidden and name.startswith("person")):
        assert told == view.get(name), (code, name)
    elif "_on_" in name:  # of a month that is none of those the view lists
        kind, _, month, change = name.split(".")
        before = asked(ogc, reader, f"/areas/{code}/view?month={month}")["event_comparison"]
        assert kind != "event" or told == before[change], (code, name)
    else:  # of what the view lists nothing of there is none
        assert told == nothing, (code, name)
    withheld, noisy = (next(csv.reader([feature.get(mark, "")]), []) for mark in ("withheld", "noisy"))
    assert (name in withheld, name in noisy) == (protected and told is None, protected), (code, name)


def test_the_public_is_told_noisy_counts_of_people_and_no_months_and_places_of_them(ogc: Ogc) -> None:
    names = (
        "person.role.residence", "person.category.常住", "person.located", "person.unplaced", "person.per_10000",
        "person.month.2025-05", "person.month.2025-05.year_on_year", "event.per_10000", "event.month.2025-05",
    )  # fmt: skip
    town = areas(ogc, "public", 12, *names)[TOWN]
    view = asked(ogc, "public", f"/areas/{TOWN}/view")
    assert town["person.role.residence"] == view["elements"]["person"]["roles"]["residence"] == town["residents"]
    assert town["event.per_10000"] == view["elements"]["event"]["per_10000"]
    assert town["event.month.2025-05"] == 2
    assert set(town["withheld"].split(",")) == {*names[2:7]}
    assert set(town["noisy"].split(",")) == {"person", "residents", *names[:8]}
    exact = areas(ogc, "analyst", 12, *names)[TOWN]
    assert not {"withheld", "noisy"} & set(exact)
    assert exact["person.month.2025-05"] == 120
    assert "person.month.2025-05.year_on_year" not in exact  # from nothing: there is no such number


def test_a_rate_of_residents_that_are_withheld_is_withheld(ogc: Ogc) -> None:
    """Whatever it is a rate of: it would tell how many they are."""
    rates = ("thing.per_10000", "address.per_10000", "event.month.2025-05.per_10000")
    change = "UPDATE area SET code = :new, kind = :kind, level = :level WHERE code = :old RETURNING 1"
    grid = {"new": "grid-1", "kind": "grid", "level": "none"}
    town_of_nobody = {"new": OTHER_TOWN, "kind": "division", "level": "town"}
    ogc.rows(change, old="grid-1", **town_of_nobody)
    try:
        town, exact = (areas(ogc, reader, 12, *rates, "event")[OTHER_TOWN] for reader in ("public", "admin"))
    finally:
        ogc.rows(change, old=OTHER_TOWN, **grid)
    assert town["event"] == exact["event"] == 1
    assert not set(rates) & set(town)
    assert set(rates) <= set(town["withheld"].split(",")) & set(town["noisy"].split(","))
    assert not set(rates) & set(exact)  # a rate of nobody is none
    assert "withheld" not in exact


def test_a_month_stands_beside_the_months_before(ogc: Ogc) -> None:
    month = "event.month.2025-05"
    town = areas(ogc, "viewer", 12, month, f"{month}.month_on_month", f"{month}.year_on_year")[TOWN]
    assert (town[month], town[f"{month}.month_on_month"], town[f"{month}.year_on_year"]) == (2, 0.0, 1.0)
    assert areas(ogc, "viewer", 12, "event.month.1999-01")[TOWN]["event.month.1999-01"] == 0


def test_without_the_parameter_a_tile_is_as_before_and_its_tag_another_one(ogc: Ogc) -> None:
    path = f"/collections/areas/tiles/{QUAD}/{over(12)}"
    plain, some = ogc.get(path), ogc.get(path, statistics="event.per_10000")
    others = ogc.get(path, statistics="thing.per_10000")
    assert len({answer.headers["etag"] for answer in (plain, some, others)}) == 3
    assert not [key for area in read_tile(plain.content)["areas"] for key in area if "." in key]
    again = ogc.get(path, headers={"If-None-Match": some.headers["etag"]}, statistics="event.per_10000")
    assert again.status_code == 304
    assert ogc.get(path, headers={"If-None-Match": plain.headers["etag"]}, statistics="event").status_code == 200


def test_what_is_no_division_has_no_statistics(ogc: Ogc) -> None:
    for reader in ("admin", "public"):
        for names in ((), ("event", "event.per_10000", "event.category.噪声")):
            grid = areas(ogc, reader, 12, *names)["grid-1"]
            assert set(grid) - {"at"} == {"code", "kind", "name", "level"}, "a nought would be a lie"


def test_a_name_with_a_comma_stands_in_quotes(ogc: Ogc) -> None:
    name = f"event.category.{COMMA}"
    assert areas(ogc, "viewer", 12, "event", name)[HERE][name] == 1
    assert [one.name for one in statistics_from(f'event, "{name}",event')] == ["event", name]


def test_every_form_of_a_name_is_known_of_every_kind() -> None:
    for name in NAMES:
        for kind in ElementKind:
            form = ".".join((kind, *name.split(".")[1:]))
            assert [one.name for one in statistics_from(form)] == [form]


@pytest.mark.parametrize(
    "words",
    ["", ",", "events", "event.", "event.total", "event.role.resident", "event.category.", "event.month", "residents",
     "event.month.2024-13", "event.month.0001-01", "event.month.2024-03.count", "event.month.2024-3", "person.name",
     "address.role.residence", "address.month.2024-03", "event.per_10000.x", "event,nothing", "event.category.a\nb",
     '"event', "event.month.２０２４-03", ",".join(f"event.category.{n}" for n in range(MOST_STATISTICS + 1))],
)  # fmt: skip
def test_a_name_that_there_is_not_is_refused_by_field_and_with_a_remedy(ogc: Ogc, words: str) -> None:
    if words == '"event':  # a quote left open ends with the text
        assert statistics_from(words)[0].name == "event"
        return
    for path in (f"/collections/areas/tiles/{QUAD}/{over(12)}", f"/collections/areas/tiles/{QUAD}", f"/tiles/{QUAD}"):
        answer = ogc.get(path, statistics=words)
        found = answer.json()
        assert (answer.status_code, found["field"]) == (400, "statistics"), path
        assert "event.per_10000" in found["remedy"]
        assert found["detail_zh"] != found["detail"]


def test_layers_without_areas_have_no_statistics(ogc: Ogc) -> None:
    for path in (f"/collections/heat/tiles/{QUAD}/{over(12)}", f"/collections/labels/tiles/{QUAD}"):
        assert ogc.fault(path, statistics="event") == (400, "statistics")
    assert ogc.fault(f"/tiles/{QUAD}/{over(12)}", collections="heat", statistics="event") == (400, "statistics")


@pytest.mark.parametrize("path", ["/collections/areas/tiles", "/tiles"])
def test_what_describes_tiles_takes_the_same_parameter(ogc: Ogc, path: str) -> None:
    names = ("event.per_10000", f"event.category.{COMMA}", "event.month.2025-05.year_on_year")
    words = words_of(names)
    told = ogc.document(f"{path}/{QUAD}", f="tilejson", statistics=words)
    fields = {layer["id"]: layer["fields"] for layer in told["vector_layers"]}
    assert set(names) <= set(fields["areas"])
    z, row, column = over(12).split("/")
    url = told["tiles"][0].replace("{z}", z).replace("{y}", row).replace("{x}", column)
    features = read_tile(ogc.client.get(url, headers={"X-API-Key": ogc.keys["analyst"]}).content)["areas"]
    (town,) = [feature for feature in features if feature["code"] == TOWN]
    assert set(names) <= set(town)
    assert {key for feature in features for key in feature} - {"at"} <= set(fields["areas"])
    tileset = ogc.document(f"{path}/{QUAD}", statistics=words)
    (layer,) = [layer for layer in tileset["layers"] if layer["id"] == "areas"]
    assert layer["propertiesSchema"]["properties"][names[0]] == {"type": "number"}
    for link in tileset["links"]:
        assert ("statistics=" in link["href"]) == (not link["rel"].endswith("tiling-scheme"))
    plain = ogc.document(f"{path}/{QUAD}", f="tilejson")
    assert "?" not in plain["tiles"][0]
