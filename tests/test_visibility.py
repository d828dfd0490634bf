"""Reads for some purposes are told to the person later: until then nothing of them shows, not even that there are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from addressbook.errors import FieldError
from addressbook.privacy import subjects
from addressbook.privacy.purposes import LONGEST_DELAY_DAYS, MAY_BE_WITHHELD, add_purpose, list_purposes
from addressbook.store.engine import transaction
from tests.access_world import Registry, served_registry
from tests.test_subjects import ASKED, KEY, ROW
from tests.worlds import SECRET, Terminal, World

READ = text(
    "INSERT INTO access_log (at, key_id, reader, route, purpose, subject, fields, persons, request_id, subjects)"
    " VALUES (now() - CAST(:ago AS interval), 1, :purpose, '', :purpose, '', '', 1, '', ARRAY[CAST(:key AS uuid)])"
)
WHOLE = "inquiry"


@pytest.fixture(name="registry")
def _registry(database: Engine, tmp_path: Path) -> Iterator[Registry]:
    with served_registry(World(database, tmp_path), tmp_path) as registry:
        registry.world.load_rows("people", [ROW], "one")
        with transaction(registry.world.engine) as connection:
            if WHOLE not in {purpose.code for purpose in list_purposes(connection)}:  # worlds keep purposes
                add_purpose(connection, WHOLE, "侦查", "inquiry", "《刑事诉讼法》", visible_after_days=90)
        yield registry


def read_ago(registry: Registry, purpose: str, ago: str) -> None:
    with transaction(registry.world.engine) as connection:
        connection.execute(READ, {"ago": ago, "purpose": purpose, "key": KEY})


def told(registry: Registry) -> list[str]:
    """The readers that the person is told of, newest first; the export itself is not among them yet."""
    with transaction(registry.world.engine) as connection:
        found = subjects.export(connection, SECRET, ASKED)
    assert found["read_by_note"] == MAY_BE_WITHHELD
    return [line["reader"] for line in found["read_by"] if line["reader"] != ASKED.actor]


def test_a_person_is_told_of_an_inquiry_once_its_days_are_over(registry: Registry) -> None:
    read_ago(registry, WHOLE, "90 days 1 minute")
    read_ago(registry, "census", "1 minute")
    before = told(registry)
    assert before == ["census", WHOLE]
    read_ago(registry, WHOLE, "89 days")
    read_ago(registry, WHOLE, "0")
    assert told(registry) == before


def test_lines_of_no_purpose_and_of_unknown_ones_are_told_at_once(registry: Registry) -> None:
    for purpose in ("", "of another time"):
        read_ago(registry, purpose, "0")
    assert told(registry) == ["of another time", ""]


def test_the_command_line_withholds_them_from_searches_by_subject_alone(registry: Registry, tmp_path: Path) -> None:
    url = registry.world.engine.url.render_as_string(hide_password=False)
    terminal = Terminal.open(url, tmp_path / "terminal")
    read_ago(registry, "census", "1 minute")
    asked = ("audit", "search", "--subject", str(KEY))
    before = terminal.run(*asked).out
    read_ago(registry, WHOLE, "1 minute")
    assert terminal.run(*asked).out == before, "the same answer, to the letter, whether something is withheld or not"
    assert MAY_BE_WITHHELD in before
    everything = terminal.run(*asked, "--all").out
    assert WHOLE in everything
    assert "census" in everything
    assert MAY_BE_WITHHELD not in everything
    assert WHOLE in terminal.run("audit", "search", "--reader", WHOLE).out
    out = tmp_path / "export.json"
    assert terminal.run("subject", "export", str(KEY), "-o", out, "--reason", "当事人来信").code == 0
    assert WHOLE not in [line["reader"] for line in json.loads(out.read_bytes())["read_by"]]
    added = terminal.run("purpose", "add", "tax_inquiry", "--zh", "税务稽查", "--en", "tax inquiry", "--basis",
                         "《税收征收管理法》", "--visible-after", "30")  # fmt: skip
    assert added.code == 0
    assert "30 天后可见" in terminal.run("purpose", "list").out


def test_no_purpose_is_kept_from_persons_for_longer_than_its_lines_are_kept(registry: Registry) -> None:
    for days in (-1, LONGEST_DELAY_DAYS + 1):
        with transaction(registry.world.engine) as connection, pytest.raises(FieldError):
            add_purpose(connection, "forever", "永久", "forever", "无", visible_after_days=days)


def test_purposes_that_ship_come_with_their_delay(registry: Registry) -> None:
    with transaction(registry.world.engine) as connection:
        delays = {purpose.code: purpose.visible_after_days for purpose in list_purposes(connection)}
    assert (delays["public_security"], delays["census"], delays["subject_request"]) == (90, 0, 0)
