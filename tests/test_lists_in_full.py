"""Lists, features and exports by the policy of views: an officer with a purpose sees its areas in full, on record."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx
import pyarrow.parquet as pq
import pytest
from sqlalchemy import Engine, text

from addressbook.privacy.policy import AccessRole
from addressbook.store.access import close_purpose
from addressbook.store.engine import transaction
from tests.access_world import ASKERS, OTHER_CODE, PURPOSE, Asker, Registry, served_registry
from tests.desk import refused
from tests.worlds import SECRET, TOWN_CODE, World, identity_number

BY_NAME = {asker.name: asker for asker in ASKERS}
OFFICER = BY_NAME["officer"]
HERE = (1, 2, 4, 20, 21, 30)
"""Who has an open link in the officer's town."""
KEYS = {SECRET.element_key("person", identity_number(n)) for n in HERE}
ITEMS, EXPORT = "/ogc/collections/persons/items", "/exports/persons?format=ndjson"
FULL, MASKED = "name,identity,phone,sex,birth_year", "name,identity,phone (masked),sex,birth_year"
PATIENCE_S = 30.0


@pytest.fixture(scope="module", name="registry")
def _registry(database: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    home = tmp_path_factory.mktemp("lists")
    with served_registry(World(database, home), home) as registry:
        yield registry


def read(registry: Registry, asker: Asker, path: str) -> list[dict[str, Any]]:
    """The properties of the persons of a list or an export, by name."""
    answer = registry.ask(asker, "GET", path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    features = (
        [json.loads(line) for line in answer.text.splitlines()] if "ndjson" in path else answer.json()["features"]
    )
    return sorted((one["properties"] for one in features), key=lambda one: str(one["name"]))


@pytest.mark.parametrize("path", [ITEMS, EXPORT])
def test_an_officer_with_a_purpose_sees_the_persons_of_its_areas_in_full(registry: Registry, path: str) -> None:
    found = read(registry, OFFICER, path)
    assert sorted((one["name"], one["identity"]) for one in found) == sorted(
        (f"虚构{n}", identity_number(n)) for n in HERE
    )
    assert "*" not in str(found)
    assert {one["division_code"][:9] for one in found} == {TOWN_CODE[:9]}
    ((*line, subjects),) = registry.log("reader, purpose, subject, fields, persons, subjects")
    assert line == ["officer", PURPOSE, "persons", FULL, len(HERE)]
    assert set(subjects) == KEYS


@pytest.mark.parametrize("path", [ITEMS, EXPORT])
@pytest.mark.parametrize("name", ["officer, no purpose", "officer, no area", "analyst", "loader", "reviewer", "admin"])
def test_everybody_else_who_sees_persons_sees_them_masked(registry: Registry, name: str, path: str) -> None:
    for asker in (BY_NAME[name], replace(BY_NAME[name], purpose=PURPOSE)):
        if name == "officer, no purpose" and asker.purpose:
            continue  # it is the officer then
        assert {one["name"] for one in read(registry, asker, path)} == {"虚**"}
        assert registry.log("fields") == [(MASKED,)]


def test_outside_its_areas_an_officer_lists_nobody(registry: Registry) -> None:
    for path in (f"{ITEMS}?area={OTHER_CODE}", f"{EXPORT}&area={OTHER_CODE}"):
        assert read(registry, OFFICER, path) == []
    there = SECRET.element_key("person", identity_number(5))
    refused(registry.ask(OFFICER, "GET", f"{ITEMS}/{there}"), 404)


def test_one_person_by_its_key_is_opened_as_in_a_list(registry: Registry) -> None:
    key = SECRET.element_key("person", identity_number(1))
    feature = registry.ask(OFFICER, "GET", f"{ITEMS}/{key}").json()
    assert (feature["properties"]["name"], feature["properties"]["identity"]) == ("虚构1", identity_number(1))
    assert registry.log("fields, subjects") == [(FULL, [key])]
    masked = registry.ask(BY_NAME["analyst"], "GET", f"{ITEMS}/{key}").json()
    assert masked["properties"]["name"] == "虚**"


def test_pages_are_opened_one_by_one_and_each_is_on_record(registry: Registry) -> None:
    names: list[str] = []
    path = f"{ITEMS}?limit=2"
    while path:
        page = registry.ask(OFFICER, "GET", path).json()
        names += [one["properties"]["name"] for one in page["features"]]
        ((persons, subjects),) = registry.log("persons, subjects")
        assert persons == len(page["features"])
        assert set(subjects) == {UUID(one["id"]) for one in page["features"]}
        path = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
        path = path and httpx.URL(path).raw_path.decode()
    assert sorted(names) == sorted(f"虚构{n}" for n in HERE)


def test_only_what_is_wanted_is_opened_and_told_as_opened(registry: Registry) -> None:
    page = registry.ask(OFFICER, "GET", f"{ITEMS}?properties=name,sex").json()["features"]
    assert {frozenset(one["properties"]) for one in page} == {frozenset({"name", "sex"})}
    page = registry.ask(OFFICER, "GET", f"{ITEMS}?properties=sex,birth_year").json()["features"]
    assert {frozenset(one["properties"]) for one in page} == {frozenset({"sex", "birth_year"})}
    assert registry.log("fields") == [(MASKED,)], "nothing was opened"


def test_what_is_sealed_cannot_be_asked_for_even_by_who_sees_it(registry: Registry) -> None:
    told = refused(registry.ask(OFFICER, "GET", f"{ITEMS}?filter=name='虚构1'"), 400)
    assert told["field"] == "filter"


def test_a_person_of_whom_something_does_not_open_stays_masked_and_says_so(registry: Registry) -> None:
    key = SECRET.element_key("person", identity_number(2))
    with registry.world.engine.begin() as connection:
        was = connection.execute(text("SELECT phone_sealed FROM person WHERE element_key = :k"), {"k": key}).scalar()
        connection.execute(text("UPDATE person SET phone_sealed = name_sealed WHERE element_key = :k"), {"k": key})
    found = {one["name"]: one.get("unopened") for one in read(registry, OFFICER, ITEMS)}
    assert found == {"虚**": True, **{f"虚构{n}": None for n in HERE if n != 2}}
    assert registry.log("fields, subjects") == [(MASKED, [key])]
    with registry.world.engine.begin() as connection:
        back = text("UPDATE person SET phone_sealed = :was WHERE element_key = :k")
        connection.execute(back, {"k": key, "was": was})


def test_every_form_of_a_file_holds_what_lists_show(registry: Registry) -> None:
    names = {f"虚构{n}" for n in HERE}
    lines = csv.DictReader(io.StringIO(exported(registry, OFFICER, "csv").decode("utf-8-sig")))
    assert {line["name"] for line in lines} == names
    table = pq.read_table(io.BytesIO(exported(registry, OFFICER, "parquet")))
    assert set(table["name"].to_pylist()) == names
    assert set(table["identity"].to_pylist()) == {identity_number(n) for n in HERE}
    features = json.loads(exported(registry, OFFICER, "geojson"))["features"]
    assert {one["properties"]["name"] for one in features} == names
    masked = csv.DictReader(io.StringIO(exported(registry, BY_NAME["analyst"], "csv").decode("utf-8-sig")))
    assert {line["name"] for line in masked} == {"虚**"}


def exported(registry: Registry, asker: Asker, form: str) -> bytes:
    answer = registry.ask(asker, "GET", f"/exports/persons?format={form}")
    assert answer.status_code == 200, answer.text
    return answer.content


def test_without_a_line_of_the_log_nothing_leaves(registry: Registry) -> None:
    """The line is written before the rows: where it cannot be, there is no list, and a file has no rows."""
    with registry.world.engine.begin() as connection:
        connection.execute(text("ALTER TABLE access_log ADD CONSTRAINT full_up CHECK (false) NOT VALID"))
    try:
        for path in (ITEMS, "/exports/persons?format=csv", "/exports/persons?format=parquet"):
            try:
                answer = registry.ask(OFFICER, "GET", path)
            except httpx.HTTPError:  # a file that was begun is broken off
                continue
            assert "虚" not in answer.text, path
    finally:
        with registry.world.engine.begin() as connection:
            connection.execute(text("ALTER TABLE access_log DROP CONSTRAINT full_up"))


def job_of(registry: Registry, asker: Asker) -> dict[str, Any]:
    """A finished job that exports persons."""
    asked = registry.ask(asker, "POST", EXPORT)
    assert asked.status_code == 202, asked.text
    deadline = time.monotonic() + PATIENCE_S
    while True:
        job: dict[str, Any] = registry.ask(asker, "GET", asked.headers["location"]).json()
        if job["state"] not in ("waiting", "running"):
            return job
        assert time.monotonic() < deadline, job
        time.sleep(0.1)


def fetched(registry: Registry, job: dict[str, Any], **headers: str) -> httpx.Response:
    registry.client.cookies.clear()
    return registry.client.get(job["href"], headers=headers)


def test_a_job_reads_as_its_key_does_and_its_file_in_full_is_for_that_key_only(registry: Registry) -> None:
    job = job_of(registry, OFFICER)
    assert (job["state"], job["rows"]) == ("done", len(HERE))
    ((*line, subjects),) = registry.log("reader, purpose, route, fields, subjects")
    assert line == ["officer", PURPOSE, "/exports/{collection}", FULL]
    assert set(subjects) == KEYS
    told = refused(fetched(registry, job), 403)
    assert "只" in told["detail_zh"] or "须" in told["detail_zh"]
    refused(fetched(registry, job, **{"X-API-Key": registry.keys["admin"]}), 403)
    answer = fetched(registry, job, **{"X-API-Key": registry.keys["officer"]})
    assert {json.loads(one)["properties"]["name"] for one in answer.text.splitlines()} == {f"虚构{n}" for n in HERE}
    assert answer.headers["cache-control"] == "no-store"


def test_a_file_of_masked_persons_is_fetched_by_its_link_alone(registry: Registry) -> None:
    job = job_of(registry, BY_NAME["analyst"])
    answer = fetched(registry, job)
    assert answer.status_code == 200
    assert {json.loads(one)["properties"]["name"] for one in answer.text.splitlines()} == {"虚**"}


def test_a_job_whose_purpose_was_closed_meanwhile_writes_nothing(registry: Registry) -> None:
    """It is decided when the rows are read, not when they were asked for."""
    world = registry.world
    number = world.one("SELECT key_id FROM api_key WHERE label = 'officer'")
    with transaction(world.engine) as connection:
        assert close_purpose(connection, "emergency")
    insert = (
        "INSERT INTO export_job (key_id, purpose, collection, format, question) SELECT :key, 'emergency', collection,"
        " format, question FROM export_job WHERE collection = 'persons' AND state = 'done' LIMIT 1 RETURNING job_id"
    )
    with world.engine.begin() as connection:
        job_id = connection.execute(text(insert), {"key": number}).scalar_one()
    deadline = time.monotonic() + PATIENCE_S
    while (job := registry.ask(OFFICER, "GET", f"/exports/jobs/{job_id}").json())["state"] in ("waiting", "running"):
        assert time.monotonic() < deadline, job
        time.sleep(0.1)
    assert (job["state"], "用途已停用" in job["detail_zh"], "href" in job) == ("failed", True, False)


def test_a_key_of_two_towns_opens_both(registry: Registry) -> None:
    key = registry.key("two towns", AccessRole.OFFICER, areas=(TOWN_CODE, OTHER_CODE))
    registry.keys["two towns"] = key
    found = read(registry, Asker("two towns", AccessRole.OFFICER, purpose=PURPOSE), ITEMS)
    assert {one["name"] for one in found} == {f"虚构{n}" for n in (*HERE, 5, 6, 7)}
