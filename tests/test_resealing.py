"""Rotation of the key that seals: nothing stops, everything opens, and whoever is interrupted goes on where he was."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from addressbook.config import Settings
from addressbook.errors import CodeError, SettingError
from addressbook.privacy.keys import secret_of
from addressbook.privacy.resealing import reseal
from addressbook.privacy.sealing import FIRST_MARK, MOST_KEYS, Secret, add_key
from addressbook.privacy.subjects import Request, erase
from addressbook.store.engine import transaction
from addressbook.store.resealing import count_by_mark
from addressbook.store.tables import METADATA
from tests.access_world import ASKERS, Registry, served_registry
from tests.test_access import LIVING_HERE, VIEW
from tests.worlds import ROOM, SECRET, Terminal, World, identity_number, until

OFFICER = next(asker for asker in ASKERS if asker.name == "officer")
PHONE = "13900001234"


def key_file(folder: Path) -> Path:
    path = folder / "secret.key"
    path.write_bytes(base64.b64encode(bytes(32)) + b"\n")
    path.chmod(0o600)
    return path


def test_a_new_key_seals_and_all_keys_open_what_they_sealed(tmp_path: Path) -> None:
    path = key_file(tmp_path)
    running = Secret.from_file(path)
    before = running.seal(b"plain", b"row")
    second = add_key(path)
    between = second.seal(b"plain", b"row")
    third = add_key(path)
    after = third.seal(b"plain", b"row")
    assert [sealed[:1] for sealed in (before, between, after)] == [b"\x01", b"\x02", b"\x02"]
    assert (before[:1], between[:5], after[:5]) == tuple(third.marks)
    for sealed in (before, between, after):
        assert third.open(sealed, b"row") == b"plain"
        assert running.open(sealed, b"row") == b"plain", "who has run since before learns the new key"
        with pytest.raises(CodeError):
            third.open(sealed, b"other row")
        with pytest.raises(CodeError):
            third.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), b"row")
    with pytest.raises(CodeError):
        Secret(bytes(32)).open(after, b"row")
    with pytest.raises(CodeError):
        third.open(b"\x02abcd" + after[5:], b"row")
    for sealed in (b"", b"\x01", b"\x02", after[:5], b"\x03" + after[1:]):
        with pytest.raises(CodeError):
            third.open(sealed, b"row")


def test_keyed_hashes_are_those_of_the_first_key_for_ever(tmp_path: Path) -> None:
    path = key_file(tmp_path)
    rotated = add_key(path)
    assert rotated.element_key("person", "1") == SECRET.element_key("person", "1")
    assert (rotated.row_key("a", "1"), rotated.phone_hash("1")) == (SECRET.row_key("a", "1"), SECRET.phone_hash("1"))
    assert (rotated.fingerprint(), rotated.chained(b"x")) == (SECRET.fingerprint(), SECRET.chained(b"x"))


def test_the_file_is_replaced_whole_and_stays_private_and_has_an_end(tmp_path: Path) -> None:
    path = key_file(tmp_path)
    for _ in range(MOST_KEYS - 1):
        add_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(path.read_bytes().split()) == MOST_KEYS
    assert path.read_bytes().split()[0] == base64.b64encode(bytes(32))
    assert [found.name for found in tmp_path.iterdir()] == ["secret.key"]
    with pytest.raises(SettingError):
        add_key(path)


def test_a_file_of_another_secret_is_not_taken_for_a_rotated_one(tmp_path: Path) -> None:
    path = key_file(tmp_path)
    running = Secret.from_file(path)
    path.write_bytes(base64.b64encode(bytes([1]) * 32) + b"\n" + base64.b64encode(bytes([2]) * 32))
    with pytest.raises(CodeError):
        running.open(Secret.from_file(path).seal(b"plain", b"row"), b"row")


def test_the_secret_may_stand_in_the_environment(tmp_path: Path) -> None:
    first, second = (base64.b64encode(bytes([n]) * 32).decode() for n in (0, 1))
    given = secret_of(Settings(home=tmp_path, secret=f"{first}, {second}"), create=True)  # type: ignore[arg-type]
    assert given.fingerprint() == SECRET.fingerprint()
    assert given.open(SECRET.seal(b"plain", b"row"), b"row") == b"plain"
    assert len(given.marks) == 2
    assert not list(tmp_path.iterdir()), "no file is made beside it"
    for words in ("", ",", "c2VjcmV0", f"{first},c2VjcmV0", "é"):
        with pytest.raises(SettingError) as told:
            secret_of(Settings(home=tmp_path, secret=words), create=True)  # type: ignore[arg-type]
        assert "c2VjcmV0" not in str(told.value)


@pytest.fixture(name="registry")
def _registry(database: Engine, tmp_path: Path) -> Iterator[Registry]:
    with served_registry(World(database, tmp_path), tmp_path) as registry:
        registry.world.load_rows("events", [{"工单编号": "1", "事发地址": ROOM, "备注": f"找 {PHONE}"}])
        registry.ask(OFFICER, "POST", "/webhooks", {"url": "https://example.org/hook", "aid": "{aid}"})
        yield registry


def marks(engine: Engine) -> dict[bytes, int]:
    with transaction(engine) as connection:
        return count_by_mark(connection)


def names(registry: Registry) -> list[str]:
    found = registry.ask(OFFICER, "GET", VIEW).json()["elements"]["person"].values()
    return sorted(item["element"]["name"] for role in found for item in role["items"])


def test_everything_is_sealed_anew_while_the_service_goes_on(registry: Registry) -> None:
    world, engine = registry.world, registry.world.engine
    everyone = [f"虚构{n}" for n in LIVING_HERE]
    assert names(registry) == everyone
    before = marks(engine)
    assert set(before) == {FIRST_MARK}
    secret = add_key(world.folder / "secret.key")
    batches = reseal(engine, secret)
    first = next(batches)
    assert (first.table, first.unopened) == ("person", 0)
    batches.close()  # whoever was interrupted here …
    assert len(marks(engine)) == 2
    assert names(registry) == everyone, "the service has not been told of the new key, and opens what it sealed"
    rest = list(reseal(engine, secret))  # … goes on with what is left
    assert {batch.table for batch in rest} == {"source_row", "webhook"}
    assert marks(engine) == {secret.mark: before[FIRST_MARK]}
    assert list(reseal(engine, secret)) == []
    assert names(registry) == everyone
    ((row_key, sealed),) = world.rows("SELECT row_key, received_sealed FROM source_row WHERE element_kind = 'event'")
    assert json.loads(secret.open(sealed, row_key.bytes))["备注"] == f"找 {PHONE}"


def test_the_same_file_loads_as_unchanged_after_a_rotation(registry: Registry) -> None:
    world = registry.world
    secret = add_key(world.folder / "secret.key")
    list(reseal(world.engine, secret))
    report = world.load_rows("events", [{"工单编号": "1", "事发地址": ROOM, "备注": f"找 {PHONE}"}])
    assert report.totals.unchanged == 1


def test_who_was_erased_has_nothing_to_seal(registry: Registry) -> None:
    world = registry.world
    secret = add_key(world.folder / "secret.key")
    list(reseal(world.engine, secret))
    asked = Request(SECRET.element_key("person", identity_number(1)), "档案员", "来信")
    with transaction(world.engine) as connection:
        erase(connection, asked)
    assert list(reseal(world.engine, secret)) == []
    assert set(marks(world.engine)) == {secret.mark}


def test_what_does_not_open_stays_as_it_is_and_is_counted(registry: Registry) -> None:
    world = registry.world
    with world.engine.begin() as connection:
        connection.execute(text("UPDATE person SET name_sealed = '\\x0102' WHERE source_key <> '' AND element_key ="
                                " (SELECT min(element_key::text)::uuid FROM person)"))  # fmt: skip
    batches = list(reseal(world.engine, add_key(world.folder / "secret.key")))
    assert sum(batch.unopened for batch in batches) == 1
    assert world.one("SELECT count(*) FROM person WHERE name_sealed = '\\x0102'") == 1


def test_a_load_that_holds_a_row_is_waited_for_and_what_it_wrote_stays(registry: Registry) -> None:
    world = registry.world
    secret = add_key(world.folder / "secret.key")
    key = SECRET.element_key("person", identity_number(1))
    loaded = SECRET.seal("改名".encode(), key.bytes + b"name")
    done: list[int] = []
    sealing = threading.Thread(target=lambda: done.extend(batch.rows for batch in reseal(world.engine, secret)))
    with world.engine.begin() as load:
        change = text("UPDATE person SET name_sealed = :name WHERE element_key = :key")
        load.execute(change, {"name": loaded, "key": key})
        sealing.start()
        until(lambda: world.one(WAITING) > 0)
    sealing.join()
    assert done
    assert world.one("SELECT name_sealed FROM person WHERE element_key = :key", key=key) == loaded
    list(reseal(world.engine, secret))
    kept = world.one("SELECT name_sealed FROM person WHERE element_key = :key", key=key)
    assert secret.open(kept, key.bytes + b"name").decode() == "改名"
    assert set(marks(world.engine)) == {secret.mark}


WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def test_no_table_holds_an_identity_or_phone_number_in_plain(registry: Registry) -> None:
    """What a dump would hold: every column of every table, as text and as bytes."""
    world = registry.world
    world.load_rows(
        "people", [{"姓名": "虚构40", "身份证号": identity_number(40), "手机号": PHONE, "现住地址": ROOM}], "p"
    )
    for table in METADATA.sorted_tables:
        for words in (identity_number(1), identity_number(40), PHONE):
            for form in (words, words.encode().hex()):
                found = world.one(f"SELECT count(*) FROM {table.name} t WHERE t::text LIKE :form", form=f"%{form}%")
                assert found == 0, (table.name, words)


def test_the_commands_rotate_reseal_and_say_which_key_has_sealed_what(registry: Registry) -> None:
    url = registry.world.engine.url.render_as_string(hide_password=False)
    terminal = Terminal(url, registry.world.folder)
    assert "new key 02" in terminal.run("secret", "rotate").out
    status = terminal.run("secret", "status").out.splitlines()
    assert [line.split()[1] for line in status][1] == "0"
    assert terminal.run("secret", "reseal").code == 0
    status = terminal.run("secret", "status").out.splitlines()
    assert (status[0].split()[:2], "seals" in status[1]) == (["01", "0"], True)
    given = base64.b64encode(bytes(32)).decode()
    refused = terminal.run("secret", "rotate", ADDRESSBOOK_SECRET=given)
    assert (refused.code, given in refused.err) == (2, False)
