"""The rights of one person: what is told, corrected, restricted and erased, and that the accounts stay as they were."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, text

from addressbook.errors import AddressbookError, BusyError, FieldError, NotFoundError
from addressbook.privacy import subjects
from addressbook.privacy.subjects import Request
from addressbook.store.engine import transaction
from addressbook.store.subjects import lock_subjects
from addressbook.store.tables import METADATA
from tests.access_world import (
    ALIAS_TEXT,
    ASKERS,
    DISPUTED,
    HOME,
    PURPOSE,
    REVIEWER,
    Registry,
    served_registry,
)
from tests.review_world import UNKNOWN_ROOM, people
from tests.test_access import VIEW
from tests.worlds import SECRET, Terminal, World, identity_number, until

OFFICER = next(asker for asker in ASKERS if asker.name == "officer")
ANALYST = next(asker for asker in ASKERS if asker.name == "analyst")
PHONE = "13900001234"
KEY = SECRET.element_key("person", identity_number(50))
ASKED = Request(KEY, "档案员", "当事人来信")
ROW = {"姓名": "虚构50", "身份证号": identity_number(50), "手机号": PHONE, "现住地址": HOME, "备注": "找他弟弟"}


@pytest.fixture(name="registry")
def _registry(database: Engine, tmp_path: Path) -> Iterator[Registry]:
    with served_registry(World(database, tmp_path), tmp_path) as registry:
        registry.world.load_rows("people", [ROW], "one")
        yield registry


def do(registry: Registry, what: Callable[..., Any], *before: Any, **more: Any) -> Any:
    with transaction(registry.world.engine) as connection:
        return what(connection, *before, **more)


def persons(registry: Registry, asker: Any = OFFICER) -> dict[str, dict[str, Any]]:
    """The persons that a view of the home shows, by element key."""
    found = registry.ask(asker, "GET", VIEW).json()["elements"]["person"].values()
    return {item["element_key"]: item["element"] for role in found for item in role["items"]}


def texts(registry: Registry, asker: Any) -> dict[str, Any]:
    """What was received of each person whom a view of the home shows, and what is said of it."""
    found = registry.ask(asker, "GET", VIEW).json()["elements"]["person"].values()
    items = [(item["element_key"], item["evidence"]) for role in found for item in role["items"]]
    return {key: (evidence["received_text"], evidence["reasons"]) for key, evidence in items}


def listed(registry: Registry, asker: Any, condition: str = "TRUE") -> dict[str, dict[str, Any]]:
    """The persons of a list, by element key."""
    asked = httpx.QueryParams({"filter": condition, "limit": "1000"})
    found = registry.ask(asker, "GET", f"/ogc/collections/persons/items?{asked}").json()["features"]
    return {feature["id"]: feature["properties"] for feature in found}


def counts(registry: Registry) -> Any:
    view = registry.ask(OFFICER, "GET", VIEW).json()["counts"]
    return view, registry.world.rows("SELECT * FROM rollup WHERE count <> 0 ORDER BY 1, 2, 3, 4, 5, 6")


def plain_words(world: World, *words: str) -> list[str]:
    """The tables in which one of these words stands in plain."""
    asked = [(table.name, word) for table in METADATA.sorted_tables for word in words]
    return [
        name for name, word in asked
        if world.one(f"SELECT count(*) FROM {name} t WHERE t::text LIKE :word", word=f"%{word}%")
    ]  # fmt: skip


def test_everything_about_a_person_is_told_and_that_it_was_is_logged(registry: Registry) -> None:
    persons(registry)
    told = do(registry, subjects.export, SECRET, ASKED)
    assert (told["person"]["name"], told["person"]["identity"], told["person"]["phone"]) == (
        "虚构50", identity_number(50), PHONE
    )  # fmt: skip
    assert [(link["role"], link["aid"], link["closed_at"]) for link in told["links"]] == [
        ("residence", registry.here, None)
    ]  # fmt: skip
    assert [row["received"] for row in told["rows"]] == [ROW]
    assert [(line["reader"], line["purpose"]) for line in told["read_by"]] == [("officer", PURPOSE)]
    assert registry.log("reader, purpose, route, subject, subjects") == [
        ("档案员", "subject_request", "addressbook subject export", "当事人来信", [KEY])
    ]


def test_a_correction_is_shown_and_found_by_its_phone(registry: Registry) -> None:
    do(registry, subjects.correct, SECRET, ASKED, name="更名", phone="139-1111-2222")
    shown = persons(registry)[str(KEY)]
    assert (shown["name"], shown["phone"], shown["identity"]) == ("更名", "13911112222", identity_number(50))
    assert persons(registry, ANALYST)[str(KEY)]["name"] == "更*"
    asked = "SELECT element_key FROM person WHERE phone_hash = :phone"
    assert registry.world.one(asked, phone=SECRET.phone_hash("13911112222")) == KEY
    do(registry, subjects.correct, SECRET, ASKED, phone="")
    assert persons(registry)[str(KEY)]["phone"] == ""
    registry.world.load_rows("people", [ROW], "one")
    assert persons(registry)[str(KEY)]["name"] == "更名", "an unchanged row says nothing new"
    for nothing in ({}, {"name": " "}):
        with pytest.raises(FieldError):
            do(registry, subjects.correct, SECRET, ASKED, **nothing)


def test_whoever_is_restricted_is_counted_and_seen_by_nobody_until_released(registry: Registry) -> None:
    before, seen, masked = counts(registry), persons(registry), persons(registry, ANALYST)
    do(registry, subjects.restrict, ASKED)
    hidden = {"name": "*", "identity": "*", "phone": "*", "sex": "", "birth_year": None}
    for asker in (OFFICER, ANALYST):
        assert persons(registry, asker)[str(KEY)].items() >= hidden.items()
        assert listed(registry, asker)[str(KEY)].items() >= hidden.items()
        assert str(KEY) not in listed(registry, asker, f"birth_year = {seen[str(KEY)]['birth_year']} OR sex <> ''")
        assert texts(registry, asker)[str(KEY)] == ("", [])
    assert counts(registry) == before
    registry.world.load_rows("people", [ROW | {"手机号": "13911112222"}], "one")
    assert persons(registry)[str(KEY)].items() >= hidden.items(), "a load does not bring it back"
    with pytest.raises(FieldError):
        do(registry, subjects.correct, SECRET, ASKED, name="更名")
    do(registry, subjects.release, SECRET, ASKED)
    assert persons(registry)[str(KEY)] == seen[str(KEY)] | {"phone": "13911112222"}
    assert persons(registry, ANALYST)[str(KEY)] == masked[str(KEY)] | {"phone": "139****2222"}
    with pytest.raises(FieldError):
        do(registry, subjects.release, SECRET, ASKED)


def test_the_desk_withholds_the_texts_of_whoever_is_restricted(registry: Registry) -> None:
    world = registry.world
    waiting, item = world.rows(
        "SELECT element_key, review_id FROM review_item WHERE state = 'open' AND element_kind = 'person' LIMIT 1"
    )[0]
    disputed = world.one("SELECT array_agg(element_key) FROM review_item WHERE received_text = :text", text=DISPUTED)
    by_alias = world.one("SELECT element_key FROM link WHERE received_text = :text", text=ALIAS_TEXT)

    def told() -> list[Any]:
        """Each text that the desk shows of these four, and all that one leads to."""
        queue, whole, statistics, aliases = (
            registry.ask(REVIEWER, "GET", path).json()
            for path in ("/review", f"/review/{item}", "/review/statistics", "/aliases")
        )
        (line,) = [line for line in queue["items"] if line["review_id"] == item]
        linked = [link for alias in aliases["items"] for link in alias["linked"]["items"]]
        return [
            line["received_text"], line["candidates"], line["withheld"], whole["received_text"], whole["withheld"],
            [bool(whole[name]) for name in ("elements", "reasons", "unresolved_tail", "suggestion")],
            [text["received_text"] for text in statistics["decided_differently"]],
            [link["received_text"] for link in linked if link["element_key"] == str(by_alias)],
        ]  # fmt: skip

    before = told()
    assert UNKNOWN_ROOM in before
    assert [DISPUTED] in before
    assert [ALIAS_TEXT] in before
    for key in (waiting, *disputed, by_alias):
        do(registry, subjects.restrict, ASKED._replace(key=key))
    assert told() == ["", 0, True, "", True, [False] * 4, [""], [""]]
    for key in (waiting, *disputed, by_alias):
        do(registry, subjects.release, SECRET, ASKED._replace(key=key))
    assert told() == before


def state_of(registry: Registry, at: str) -> Any:
    """The state of an export."""
    return registry.ask(OFFICER, "GET", at).json()["state"]


def exported(registry: Registry, collection: str = "persons") -> dict[str, Any]:
    """An export by the officer that is done."""
    asked = registry.ask(OFFICER, "POST", f"/exports/{collection}?format=ndjson")
    assert asked.status_code == 202, asked.text
    found: dict[str, Any] = {}

    def has_got_there() -> bool:
        found.update(registry.ask(OFFICER, "GET", asked.headers["location"]).json())
        return bool(found["state"] == "done")

    until(has_got_there)
    return found


def fetched(registry: Registry, job: dict[str, Any]) -> httpx.Response:
    """The answer to the link of an export."""
    return registry.ask(OFFICER, "GET", str(httpx.URL(job["href"]).raw_path, "ascii"))


def test_a_file_of_persons_goes_when_one_is_corrected_restricted_or_erased(registry: Registry) -> None:
    other = exported(registry, collection="houses")
    for what, shown, before, more in (
        (subjects.correct, "虚构50", [SECRET], {"name": "更名"}), (subjects.restrict, "更名", [], {}),
        (subjects.erase, str(KEY), [], {}),
    ):  # fmt: skip
        job = exported(registry)
        assert shown in fetched(registry, job).text
        do(registry, what, *before, ASKED, **more)
        gone = fetched(registry, job)
        assert (gone.status_code, "重新导出" in gone.json()["detail_zh"]) == (404, True)
        until(lambda at=f"/exports/jobs/{job['job_id']}": state_of(registry, at) == "expired")
        assert not list((registry.world.folder / "exports").glob(f"{job['job_id']}.*")), "nor on the disk"
    assert fetched(registry, other).status_code == 200


AGAIN = """
    INSERT INTO export_job (key_id, purpose, collection, format, question)
    SELECT key_id, purpose, collection, format, question FROM export_job WHERE job_id = :like RETURNING job_id
"""


def test_an_export_that_reads_who_is_just_being_restricted_fails(registry: Registry) -> None:
    before = exported(registry)
    with transaction(registry.world.engine) as lock:
        lock.execute(text("LOCK TABLE person IN ACCESS EXCLUSIVE MODE"))
        with registry.world.engine.begin() as connection:  # the service would wait for the lock too
            job_id = connection.execute(text(AGAIN), {"like": before["job_id"]}).scalar_one()
        at = f"/exports/jobs/{job_id}"
        until(lambda: state_of(registry, at) == "running")
        until(lambda: registry.world.one(WAITING) > 0)
        subjects.restrict(lock, ASKED)
    told = registry.ask(OFFICER, "GET", at).json()
    assert (told["state"], "重新导出" in told["detail_zh"], "href" in told) == ("failed", True, False)
    exported(registry)  # the one before has ended
    assert not list((registry.world.folder / "exports").glob(f"*{job_id}.*"))


def test_a_file_goes_with_the_purpose_it_was_asked_for(registry: Registry) -> None:
    job = exported(registry)
    assert fetched(registry, job).status_code == 200
    closing = text("UPDATE purpose SET closed_at = CASE WHEN :closed THEN now() END WHERE code = :code")
    for closed in (True, False):
        with registry.world.engine.begin() as connection:
            connection.execute(closing, {"code": PURPOSE, "closed": closed})
        if closed:
            path = str(httpx.URL(job["href"]).raw_path, "ascii")
            refused = registry.ask(replace(OFFICER, purpose=""), "GET", path)
    assert (refused.status_code, refused.json()["detail_zh"]) == (403, "该导出所声明的用途已停用。")


def test_whoever_is_erased_is_gone_from_every_table_and_the_accounts_stand(registry: Registry) -> None:
    world, before = registry.world, counts(registry)
    masked = {**persons(registry, ANALYST)[str(KEY)]}
    do(registry, subjects.erase, ASKED)
    assert counts(registry) == before
    world.check_stored()
    assert persons(registry)[str(KEY)] == {"name": "", "identity": "", "phone": "", "sex": "", "birth_year": None}
    assert "虚构50" not in json.dumps(persons(registry), ensure_ascii=False)
    assert world.rows("SELECT received::text, received_sealed FROM source_row WHERE element_key = :key", key=KEY) == [
        ("{}", None)
    ]
    assert plain_words(world, masked["identity"], masked["phone"], "虚构50") == []
    for row in (ROW, ROW | {"手机号": "13911112222"}):
        world.load_rows("people", [row], "one")
        assert persons(registry)[str(KEY)]["name"] == "", "no load brings it back"
        assert world.one("SELECT count(*) FROM source_row WHERE element_key = :key AND received_sealed IS NOT NULL",
                         key=KEY) == 0  # fmt: skip
    assert counts(registry) == before
    for what in (subjects.restrict, subjects.erase):
        with pytest.raises(FieldError):
            do(registry, what, ASKED)
    told = do(registry, subjects.export, SECRET, ASKED)
    assert told["person"]["mark"] == "erased"
    assert "name" not in told["person"]


def test_whoever_waits_at_the_desk_is_not_erased_before_it_is_settled(registry: Registry) -> None:
    waiting = registry.world.one("SELECT max(element_key::text) FROM review_item WHERE state = 'open'")
    with pytest.raises(BusyError):
        do(registry, subjects.erase, ASKED._replace(key=type(KEY)(waiting)))
    nobody = ASKED._replace(key=SECRET.element_key("person", "nobody"))
    for what, before in ((subjects.export, [SECRET]), (subjects.restrict, []), (subjects.erase, [])):
        with pytest.raises(NotFoundError):
            do(registry, what, *before, nobody)


def test_an_erasure_waits_for_the_load_that_is_writing_the_person(registry: Registry) -> None:
    faults: list[AddressbookError] = []

    def erase() -> None:
        try:
            do(registry, subjects.erase, ASKED)
        except AddressbookError as fault:
            faults.append(fault)

    erasing = threading.Thread(target=erase)
    with transaction(registry.world.engine) as load:
        lock_subjects(load, alone=False)
        erasing.start()
        until(lambda: registry.world.one(WAITING) > 0)
        load.execute(text("UPDATE person SET sex = 'late' WHERE element_key = :key"), {"key": KEY})
    erasing.join()
    assert faults == []
    assert registry.world.one("SELECT sex FROM person WHERE element_key = :key", key=KEY) == ""


WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def test_the_commands_do_the_same_and_an_export_is_for_one_reader_only(registry: Registry) -> None:
    terminal = Terminal(registry.world.engine.url.render_as_string(hide_password=False), registry.world.folder)
    out, because = registry.world.folder / "export.json", ("--reason", "当事人来信")
    assert terminal.run("subject", "export", identity_number(50), "-o", out, *because).code == 0
    assert out.stat().st_mode & 0o777 == 0o600
    assert json.loads(out.read_text("utf-8"))["person"]["phone"] == PHONE
    assert terminal.run("subject", "export", str(KEY), "-o", out, *because).code == 3, "no file is overwritten"
    assert terminal.run("subject", "correct", str(KEY), "--name", "更名", *because).code == 0
    assert persons(registry)[str(KEY)]["name"] == "更名"
    assert terminal.run("subject", "restrict", str(KEY), *because).code == 0
    assert terminal.run("subject", "release", str(KEY), *because).code == 0
    assert terminal.run("subject", "erase", str(KEY), *because).code == 1, "it asks, and nobody says yes"
    assert terminal.run("subject", "erase", str(KEY), "--yes", *because).code == 0
    assert persons(registry)[str(KEY)]["name"] == ""
    assert terminal.run("subject", "restrict", "somebody", *because).code == 3
    world = registry.world
    world.load_rows("people", people(HOME, first=60), "more")
    assert world.one("SELECT count(*) FROM subject_mark") == 1
