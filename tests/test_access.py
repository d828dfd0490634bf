"""Purposes, areas and keys: who sees persons in full, what the database itself refuses, and what is told of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from psycopg import AsyncRawCursor
from sqlalchemy import Connection, Engine, text

from addressbook.errors import CodeError, FieldError, KeyMissing, NotFoundError
from addressbook.privacy import known_keys, known_purposes
from addressbook.privacy.keys import create_key, find_key, revoke_key, rotate_key
from addressbook.privacy.known_purposes import LONGEST_S
from addressbook.privacy.policy import AccessRole
from addressbook.privacy.purposes import add_purpose
from addressbook.store.access import close_purpose, list_keys
from addressbook.store.engine import transaction
from addressbook.store.reading import Row, opened_persons_asked
from addressbook.store.steps import asked, done
from tests.access_world import ASKERS, OTHER_CODE, PURPOSE, Asker, Registry, served_registry
from tests.desk import refused
from tests.source_tree import ROOT
from tests.worlds import PATIENCE_S, SECRET, TOWN_CODE, Terminal, World, identity_number, until

BY_NAME = {asker.name: asker for asker in ASKERS}
OFFICER = BY_NAME["officer"]
VIEW = "/addresses/{aid}/view"
LIVING_HERE = (1, 2, 21, 30)


@pytest.fixture(scope="module", name="registry")
def _registry(database: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    home = tmp_path_factory.mktemp("access")
    with served_registry(World(database, home), home) as registry:
        yield registry


def persons(registry: Registry, asker: Asker, **headers: str) -> list[dict[str, Any]]:
    """The persons that the view of the home shows, by name."""
    answer = registry.ask(asker, "GET", VIEW, **headers)
    assert answer.status_code == 200, answer.text
    roles = answer.json()["elements"].get("person", {})
    return sorted((item["element"] for role in roles.values() for item in role["items"]), key=lambda one: one["name"])


def given_out(connection: Connection, number: int, purpose: str, keys: list[str]) -> list[Row]:
    """What the database itself gives out to a key."""
    return done(connection, asked(opened_persons_asked(number, purpose, keys)))


def key_id(registry: Registry, asker: Asker) -> int:
    found: int = registry.world.one("SELECT key_id FROM api_key WHERE label = :label", label=asker.name)
    return found


def test_an_officer_with_a_purpose_sees_the_persons_of_its_areas_in_full(registry: Registry) -> None:
    found = persons(registry, OFFICER)
    assert [(one["name"], one["identity"]) for one in found] == [
        (f"虚构{n}", identity_number(n)) for n in LIVING_HERE
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["officer, no purpose", "officer, no area", "analyst", "reviewer", "admin"])
def test_everybody_else_who_sees_persons_sees_them_masked(registry: Registry, name: str) -> None:
    found = persons(registry, BY_NAME[name])
    assert {(one["name"], one["identity"][3:6]) for one in found} == {("虚**", "***")}
    assert [one["name"] for one in persons(registry, BY_NAME[name], **{"X-Purpose": PURPOSE})].count("虚**") == (
        0 if name == "officer, no purpose" else len(LIVING_HERE)
    )


def test_outside_its_areas_a_key_reads_as_a_viewer(registry: Registry) -> None:
    for name in ("officer elsewhere", "analyst elsewhere"):
        view = registry.ask(BY_NAME[name], "GET", VIEW).json()
        as_viewer = registry.ask(replace(BY_NAME["viewer"], elsewhere=True), "GET", VIEW).json()
        assert view == as_viewer
        told = view["counts"]["person"]
        assert (told["suppressed"], told["distinct"]) == (True, None), "a total, where there is one, is a noisy one"
        assert set(view["elements"]) == {"enterprise", "thing"}
        assert registry.ask(BY_NAME[name], "GET", "/areas/{code}/unplaced").json()["items"] == []


def test_a_county_or_a_polygon_is_not_inside_a_town(registry: Registry) -> None:
    county = registry.ask(OFFICER, "GET", "/areas/330109/view").json()
    assert county["elements"]["person"]["suppressed"]
    assert registry.ask(OFFICER, "GET", "/areas/{code}/view").json()["elements"]["person"]["total"] == 6
    refused(registry.ask(OFFICER, "GET", "/quality"), 403)
    refused(registry.ask(OFFICER, "GET", f"/quality/links?division={OTHER_CODE}"), 403)
    assert registry.ask(OFFICER, "GET", "/quality/links?division={code}").status_code == 200


def test_a_bound_key_subscribes_outside_its_areas_as_a_viewer(registry: Registry) -> None:
    roles = []
    for subject in ({"division": TOWN_CODE}, {"division": OTHER_CODE}, {"division": "330109"}, {"aid": "{aid}"}):
        answer = registry.ask(OFFICER, "POST", "/webhooks", {"url": "https://example.org/hook", **subject})
        roles.append(answer.json()["role"])
    assert roles == ["officer", "viewer", "viewer", "viewer"]
    body = {"url": "https://example.org/hook", "element": "person"}
    refused(registry.ask(OFFICER, "POST", "/webhooks", body), 403)


@pytest.mark.parametrize("purpose", ["curiosity", "ADDRESS_VERIFICATION", "x" * 300, "'; --"])
def test_an_unknown_purpose_is_refused_and_those_there_are_are_named(registry: Registry, purpose: str) -> None:
    told = refused(registry.ask(OFFICER, "GET", VIEW, **{"X-Purpose": purpose}), 400)
    assert told["field"] == "X-Purpose"
    assert PURPOSE in told["remedy"]
    assert purpose not in told["detail"]


def test_a_purpose_that_is_closed_opens_nothing_and_its_code_is_not_used_again(registry: Registry) -> None:
    asker = replace(OFFICER, purpose="flood")
    with transaction(registry.world.engine) as connection:
        add_purpose(connection, "flood", "防汛", "flood", "《防洪法》")
    assert {one["name"] for one in persons(registry, asker)} == {f"虚构{n}" for n in LIVING_HERE}
    with transaction(registry.world.engine) as connection:
        assert close_purpose(connection, "flood")
        assert not close_purpose(connection, "flood")
        for code in ("flood", "Flood", "a", "x" * 41, "a b"):
            with pytest.raises(FieldError):
                add_purpose(connection, code, "防汛", "flood", "《防洪法》")
        with pytest.raises(FieldError):
            add_purpose(connection, "storm", "防台", "storm", " ")
    until(lambda: _is_refused(registry, asker), within_s=LONGEST_S)
    refused(registry.ask(asker, "GET", VIEW), 400)


def _is_refused(registry: Registry, asker: Asker) -> bool:
    """Whether its purpose is; until that is heard the database opens nobody."""
    answer = registry.ask(asker, "GET", VIEW)
    assert answer.status_code == 400 or "虚构" not in answer.text
    return answer.status_code == 400


@pytest.mark.parametrize("then", ["", "?valid_at=2026-01-01"])
@pytest.mark.parametrize(("name", "purpose"), [("officer", PURPOSE), ("analyst", PURPOSE), ("analyst", "")])
def test_a_view_is_two_statements_whoever_asks_and_why_and_of_which_day(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, name: str, purpose: str, then: str
) -> None:
    """The second opens, logs and reads; keys and purposes that are known are asked for by none."""
    for module in (known_keys, known_purposes):
        monkeypatch.setattr(module, "LONGEST_S", 2 * PATIENCE_S)
    asker, told, execute = replace(BY_NAME[name], purpose=purpose), list[str](), AsyncRawCursor.execute

    async def noted(cursor: Any, query: bytes, *given: Any) -> Any:
        told.append(query.decode())
        return await execute(cursor, query, *given)

    before = registry.ask(asker, "GET", VIEW + then).json()
    monkeypatch.setattr(AsyncRawCursor, "execute", noted)
    assert registry.ask(asker, "GET", VIEW + then).json() == before
    assert before["counts"]["person"]["total"] == len(LIVING_HERE)
    assert len(told) == 2
    assert ["INSERT INTO access_log" in words for words in told] == [False, True]
    assert ("opened_persons(" in told[1]) == (name == "officer")


def test_every_read_of_persons_is_logged_with_whose_which_fields_and_why(registry: Registry) -> None:
    columns = "reader, purpose, route, subject, fields, persons, subjects, request_id"
    registry.ask(OFFICER, "GET", VIEW, **{"X-Request-ID": "request-full"})
    ((*line, subjects, request_id),) = registry.log(columns)
    read = "name,identity,phone,sex,birth_year,received_text"
    assert line == ["officer", PURPOSE, "/addresses/{aid}/view", registry.here, read, len(LIVING_HERE)]
    keys = {SECRET.element_key("person", identity_number(n)) for n in LIVING_HERE}
    assert (set(subjects), request_id) == (keys, "request-full")
    registry.ask(BY_NAME["analyst"], "GET", VIEW)
    assert registry.log("reader, purpose, fields, subjects") == [
        ("analyst", "", "name,identity,phone (masked),sex,birth_year,received_text", subjects)
    ]
    before = registry.world.one("SELECT count(*) FROM access_log")
    registry.ask(BY_NAME["officer elsewhere"], "GET", VIEW)
    assert registry.world.one("SELECT count(*) FROM access_log") == before, "a viewer sees nobody"


def test_a_person_of_whom_something_does_not_open_stays_masked_and_says_so(registry: Registry) -> None:
    key = SECRET.element_key("person", identity_number(2))
    engine = registry.world.engine
    with engine.begin() as connection:
        was = connection.execute(
            text("SELECT phone_sealed FROM person WHERE element_key = :key"), {"key": key}
        ).scalar()
        moved = "UPDATE person SET phone_sealed = name_sealed WHERE element_key = :key"
        connection.execute(text(moved), {"key": key})
    found = {one["name"]: one.get("unopened") for one in persons(registry, OFFICER)}
    assert found == {"虚**": True, **{f"虚构{n}": None for n in LIVING_HERE if n != 2}}
    everybody = {SECRET.element_key("person", identity_number(n)) for n in LIVING_HERE}
    ((fields, subjects),) = registry.log("fields, subjects")
    assert fields == "name,identity,phone,sex,birth_year,received_text", "the database gave it out"
    assert set(subjects) == everybody
    with engine.begin() as connection:
        back = text("UPDATE person SET phone_sealed = :was WHERE element_key = :key")
        connection.execute(back, {"key": key, "was": was})


def test_texts_of_persons_are_logged_as_texts_with_whose_they_are(registry: Registry) -> None:
    for path in ("/review", "/review/statistics", "/aliases"):
        registry.ask(BY_NAME["reviewer"], "GET", path)
        ((route, fields, persons_read, subjects),) = registry.log("route, fields, persons, subjects")
        assert (route, fields, len(subjects)) == (path, "received_text", persons_read)
        assert UUID(int=0) not in subjects


def test_the_database_opens_nothing_against_role_area_purpose_or_end(registry: Registry) -> None:
    """The service is left out: whatever it might ask for, these are the answers."""
    keys = [str(SECRET.element_key("person", identity_number(n))) for n in range(1, 8)]
    here = {str(SECRET.element_key("person", identity_number(n))) for n in (1, 2, 4)}
    engine = registry.world.engine

    def opened(number: int, purpose: str = PURPOSE) -> set[str]:
        with transaction(engine) as connection:
            return {str(row["key"]) for row in given_out(connection, number, purpose, keys)}

    assert opened(key_id(registry, OFFICER)) == here, "those of the other town and those under review are not opened"
    assert opened(key_id(registry, OFFICER), "curiosity") == set()
    assert opened(0) == opened(999) == set()
    for asker in ASKERS:
        if asker.role not in (None, AccessRole.OFFICER):
            assert opened(key_id(registry, asker)) == set(), asker.name
    registry.key("ends", AccessRole.OFFICER, areas=[TOWN_CODE])
    ends = key_id(registry, Asker("ends"))
    assert opened(ends) == here
    with engine.begin() as connection:
        connection.execute(text("UPDATE api_key SET expires_at = now() WHERE key_id = :id"), {"id": ends})
    assert opened(ends) == set()


def test_a_person_who_moved_away_is_opened_no_more(registry: Registry) -> None:
    number, gone = key_id(registry, OFFICER), SECRET.element_key("person", identity_number(4))
    with registry.world.engine.connect() as connection, connection.begin() as attempt:
        close = text("UPDATE link SET closed_at = now() WHERE element_key = :key")
        connection.execute(close, {"key": gone})
        assert given_out(connection, number, PURPOSE, [str(gone)]) == []
        attempt.rollback()


def test_opening_reads_by_index_however_many_there_are(registry: Registry) -> None:
    """The plans with the policy on: the statements of the function itself, in a table in which a scan would hurt."""
    number = key_id(registry, OFFICER)
    keys = [str(SECRET.element_key("person", identity_number(n))) for n in (1, 2)]
    with registry.world.engine.connect() as connection, connection.begin() as attempt:
        connection.execute(text(MANY_LINKS))
        connection.execute(text(MANY_PERSONS))
        connection.execute(text("ANALYZE link, person"))
        plans = [
            "\n".join(connection.execute(text(f"EXPLAIN {found}"), {"keys": keys, "areas": [TOWN_CODE]}).scalars())
            for found in statements_of_the_function(connection)
        ]
        before = {row.relname: row.seq_scan for row in connection.execute(text(SCANS))}
        for _ in range(7):  # beyond the five for which PostgreSQL plans with the values at hand
            assert len(given_out(connection, number, PURPOSE, keys)) == 2
        scans = {row.relname: row.seq_scan for row in connection.execute(text(SCANS))}
        attempt.rollback()
    assert "ix_link_element_key" in plans[0]
    assert "pk_person" in plans[1]
    assert not [plan for plan in plans if "Seq Scan" in plan], plans
    assert scans == before, "how often they were scanned whole"


def statements_of_the_function(connection: Connection) -> tuple[str, str]:
    """The two statements of opened_persons that read big tables, with parameters in place of its variables."""
    source = connection.execute(text("SELECT prosrc FROM pg_proc WHERE proname = 'opened_persons'")).scalar_one()
    parameters = {
        "wanted": "CAST(:keys AS uuid[])",
        "allowed": "CAST(:areas AS text[])",
        "inside": "CAST(:keys AS uuid[])",
    }
    found = [re.search(pattern, source, re.DOTALL) for pattern in (r"ARRAY\(\n(.*?)\);", r"RETURN QUERY(.*?);")]
    first, second = (
        re.sub(r"\b(wanted|allowed|inside)\b", lambda word: parameters[word[0]], one[1]) for one in found if one
    )
    return first, second


SCANS = "SELECT relname, seq_scan::int FROM pg_stat_xact_user_tables WHERE relname IN ('link', 'person')"
MANY_LINKS = """
    INSERT INTO link (site_id, division_code, element_kind, element_key, role, category, month, source_id, row_key,
        received_text, match_category, match_level, coordinate_level, score, reasons, opened_batch)
    SELECT -n, '330109002000', 'person', gen_random_uuid(), 'residence', '', '0001-01-01', 1, gen_random_uuid(), '',
        'A', 'town', 'none', 1, '[]', 1 FROM generate_series(1, 20000) n
"""
MANY_PERSONS = """
    INSERT INTO person (element_key, source_id, source_key, category, name_masked, name_sealed, identity_masked,
        phone_masked, sex, attributes, batch_id)
    SELECT gen_random_uuid(), 1, n::text, '', '', '', '', '', '', '{}', 1 FROM generate_series(1, 20000) n
"""


def test_a_rotated_key_goes_on_under_its_number_and_the_old_one_for_its_grace_only(registry: Registry) -> None:
    engine = registry.world.engine
    first = registry.key("rotated", AccessRole.OFFICER, areas=[TOWN_CODE, "3301"])
    with transaction(engine) as connection:
        number = find_key(connection, first).key_id
        second = rotate_key(connection, number, timedelta(hours=1))
        old, new = find_key(connection, first), find_key(connection, second)
        assert (old, old.areas) == (new, ("3301", "330109002"))
        third = rotate_key(connection, number, timedelta(hours=1))
        assert find_key(connection, second) == find_key(connection, third)
        with pytest.raises(KeyMissing):
            find_key(connection, first)
    with transaction(engine) as connection:
        fourth = rotate_key(connection, number, timedelta(0))
    with transaction(engine) as connection:
        with pytest.raises(KeyMissing):
            find_key(connection, third)
        assert revoke_key(connection, number)
        with pytest.raises(KeyMissing):
            find_key(connection, fourth)
        with pytest.raises(NotFoundError):
            rotate_key(connection, number, timedelta(0))
        for grace in (timedelta(seconds=-1), timedelta(days=91)):
            with pytest.raises(FieldError):
                rotate_key(connection, number, grace)


def test_a_key_says_when_it_was_last_used_and_ends_on_its_day(registry: Registry) -> None:
    engine = registry.world.engine
    key = registry.key("timed", AccessRole.VIEWER, expires_at=datetime.now(UTC) + timedelta(days=1))
    with transaction(engine) as connection:
        reader = find_key(connection, key)
    assert registry.client.get("/areas/330109", headers={"X-API-Key": key}).status_code == 200
    with transaction(engine) as connection:
        listed = {found.key_id: found for found in list_keys(connection)}[reader.key_id]
    assert listed.last_used_at is not None
    assert listed.last_used_at > listed.created_at
    with engine.begin() as connection:
        connection.execute(text("UPDATE api_key SET expires_at = now() WHERE key_id = :id"), {"id": reader.key_id})
    with transaction(engine) as connection, pytest.raises(KeyMissing):
        find_key(connection, key)


def test_only_who_reads_persons_is_bound_to_areas_and_only_to_divisions(registry: Registry) -> None:
    with transaction(registry.world.engine) as connection:
        for role in (AccessRole.PUBLIC, AccessRole.VIEWER, AccessRole.LOADER, AccessRole.REVIEWER, AccessRole.ADMIN):
            with pytest.raises(FieldError):
                create_key(connection, role, "bound", areas=[TOWN_CODE])
        with pytest.raises(CodeError):
            create_key(connection, AccessRole.OFFICER, "bound", areas=["33010"])
        with pytest.raises(FieldError):
            create_key(connection, AccessRole.OFFICER, "late", expires_at=datetime.now(UTC))


def test_keys_and_purposes_are_kept_on_the_command_line(registry: Registry) -> None:
    url = registry.world.engine.url.render_as_string(hide_password=False)
    terminal = Terminal.open(url, registry.world.folder)
    area = ("--area", "330109113", "--area", TOWN_CODE)
    made = terminal.run("key", "create", "--role", "officer", "--label", "瓜沥所", *area, "--expires", "2999-01-01")
    assert (made.code, made.out[:4]) == (0, "abk_"), made.err
    number = str(key_id(registry, Asker("瓜沥所")))
    rotated = terminal.run("key", "rotate", number, "--grace-hours", "2")
    assert rotated.out[:4] == "abk_"
    (line,) = [found for found in terminal.run("key", "list").out.splitlines() if "瓜沥所" in found]
    for words in (f"{number}  officer", "330109002,330109113", "until 2999-01-01", "old one until", "last used —"):
        assert words in line
    assert made.out.strip() not in line
    assert terminal.run("key", "revoke", number).code == 0
    assert terminal.run("key", "revoke", number).code == 4
    assert terminal.run("key", "create", "--role", "viewer", "--label", "x", *area).code == 3
    assert terminal.run("key", "create", "--role", "officer", "--label", "x", "--area", "99").code == 4
    added = terminal.run(
        "purpose", "add", "typhoon", "--zh", "防台", "--en", "typhoon", "--basis", "《突发事件应对法》"
    )
    assert added.code == 0, added.err
    assert terminal.run("purpose", "close", "typhoon").code == 0
    listed = terminal.run("purpose", "list").out
    assert "typhoon  防台 typhoon  《突发事件应对法》  停用 closed" in listed
    assert "emergency  应急处置 emergency response" in listed


READS_SEALED = {
    "elements_opened", "opened_logged", "opened_persons", "resealing_person", "resealing_source_row",
    "resealing_webhook", "rows_received", "seal_marks_person", "seal_marks_source_row", "seal_marks_webhook",
    "subject_person", "subject_rows",
}  # fmt: skip
"""What opens for an officer, what seals anew, what tells a person of itself, and what a load reads of its own rows."""


def test_no_other_statement_reads_what_is_sealed() -> None:
    store = ROOT / "addressbook" / "store"
    found = {
        path.stem for path in (store / "sql").glob("*.sql") if "_sealed" in without_comments(path.read_text("utf-8"))
    }
    assert found == READS_SEALED
    modules = [path for path in store.rglob("*.py") if "migrations" not in path.parts]
    assert {path.name for path in modules for words in texts_in(path) if selects_sealed(words)} == set()
    assert selects_sealed("SELECT name_sealed FROM person")


def texts_in(path: Path) -> Iterator[str]:
    """Every text that stands in a module, each statement by itself."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def selects_sealed(words: str) -> bool:
    return re.search("SELECT[^;]*_sealed", words) is not None


def without_comments(sql: str) -> str:
    return re.sub("--.*", "", sql)


def test_the_document_says_where_a_purpose_is_stated(registry: Registry) -> None:
    paths = registry.client.get("/openapi.json").json()["paths"]
    found = {
        path for path, item in paths.items() for operation in item.values()
        if any(parameter["name"] == "X-Purpose" for parameter in operation.get("parameters", []))
    }  # fmt: skip
    assert found == {
        "/addresses/{aid}/view", "/areas/{code}/unplaced", "/ogc/collections/{collection}/items",
        "/ogc/collections/{collection}/items/{item_id}", "/exports/{collection}",
    }  # fmt: skip
