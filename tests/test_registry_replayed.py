"""The feed is the registry: replayed into nothing it gives each address and alias as the source has it, no more."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from addressbook.errors import AccessError, FileError, InputError
from addressbook.views.changes import CONTENT, OF_ALIAS
from loaders.mirroring import Source, compare, follow
from tests.desk import Desk, served_desk
from tests.test_changes import lines, source_of, storm
from tests.worlds import World

ADDRESSES = """
    SELECT aid, kind, state, name, standard_text, path, parent_aid, road_aid, plate_no, division_code, coordinate_level,
        round(ST_X(geom)::numeric, 7)::text, round(ST_Y(geom)::numeric, 7)::text, valid_from::text, event_id
    FROM address ORDER BY aid
"""
ALIASES = """
    SELECT aid, name, path, path_site_id::text, road_aid, plate_no, valid_from::text, event_id FROM address_alias
    WHERE valid_to IS NULL ORDER BY aid, name COLLATE "C"
"""


@pytest.fixture(name="desk")
def _desk(estate: World, tmp_path: Path) -> Iterator[Desk]:
    with served_desk(estate, tmp_path) as desk:
        yield desk


@pytest.mark.parametrize("seed", range(2))
def test_the_feed_of_a_storm_replayed_into_nothing_gives_the_same_state(desk: Desk, tmp_path: Path, seed: int) -> None:
    storm(desk, 100 + seed, 80)
    addresses: dict[str, Any] = {}
    aliases: dict[tuple[str, str], Any] = {}
    for line in lines(desk, limit=10_000):
        if "address" in line:
            addresses[line["aid"]] = (line["aid"], *(line["address"][name] for name in CONTENT), line["tx"])
        elif line["action"] == "put":
            told = [line["alias"][name] for name in ("name", "path", *OF_ALIAS)]
            aliases[line["aid"], told[0]] = (line["aid"], *told, line["tx"])
        else:
            aliases.pop((line["aid"], line["alias"]["name"]), None)
    assert sorted(addresses.values()) == desk.world.rows(ADDRESSES)
    assert sorted(aliases.values()) == desk.world.rows(ALIASES)
    assert len(aliases) > 5, "a storm leaves former names"
    source, copy = source_of(desk), tmp_path / "copy.sqlite"
    follow(source, copy)
    assert compare(source, copy)[0]


def test_a_copy_in_which_anything_at_all_differs_is_found_out(stormy: tuple[Source, Path]) -> None:
    source, copy = stormy
    changed = copy.with_name("changed.sqlite")
    columns = [("address", name) for name in ("aid", *CONTENT)]
    columns += [("alias", name) for name in ("aid", "name", "path", *OF_ALIAS)]
    for table, column in columns:
        changed.write_bytes(copy.read_bytes())
        with sqlite3.connect(changed) as file:
            key = file.execute(f"SELECT aid, name FROM {table} ORDER BY 1, 2 LIMIT 1").fetchone()
            file.execute(f"UPDATE {table} SET {column} = 'X' WHERE (aid, name) = (?, ?)", key)
        assert not compare(source, changed)[0], (table, column)
    assert compare(source, copy)[0]


@pytest.fixture
def stormy(desk: Desk, tmp_path: Path) -> tuple[Source, Path]:
    """A copy of a registry that has former names."""
    storm(desk, 7, 12)
    copy = tmp_path / "copy.sqlite"
    follow(source_of(desk), copy)
    return source_of(desk), copy


def test_an_alias_that_is_lost_is_found_out(stormy: tuple[Source, Path]) -> None:
    source, copy = stormy
    assert compare(source, copy)[0]
    with sqlite3.connect(copy) as file:
        file.execute("DELETE FROM alias WHERE aid = (SELECT min(aid) FROM alias)")
    assert not compare(source, copy)[0]


@pytest.mark.parametrize(
    "url",
    ["", "registry", "ftp://a", "http://", "http://[", "http://a b/", "http://a:x", "http://a:99999", "http://登记"],
)
def test_a_mirror_of_what_is_no_address_is_refused_at_once(tmp_path: Path, url: str) -> None:
    with pytest.raises(InputError, match="no address"):
        follow(Source(url, ""), tmp_path / "copy.sqlite")
    assert not (tmp_path / "copy.sqlite").exists()


@pytest.mark.parametrize("key", ["密钥", "a\nb", "a\r\nX-Admin: 1", "\x00"])
def test_a_key_that_can_be_none_is_refused_at_once(tmp_path: Path, key: str) -> None:
    with pytest.raises(InputError, match="no key"):
        follow(Source("http://127.0.0.1:1", key), tmp_path / "copy.sqlite")


def test_a_wrong_key_and_an_older_copy_are_told(desk: Desk, tmp_path: Path) -> None:
    for key in ("", "wrong", "x" * 5000):
        with pytest.raises(AccessError):
            follow(Source(str(desk.client.base_url), key), tmp_path / "copy.sqlite")
    with sqlite3.connect(tmp_path / "old.sqlite") as file:
        file.execute("CREATE TABLE address (aid TEXT PRIMARY KEY)")
    with pytest.raises(FileError, match="no mirror"):
        follow(source_of(desk), tmp_path / "old.sqlite")
