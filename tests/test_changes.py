"""The change feed, and a mirror that follows it through storms and its own deaths."""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from random import Random
from typing import Any

import geopandas
import orjson
import pytest
from sqlalchemy import text

from addressbook.divisions import Gazetteer
from addressbook.errors import InputError, NotFoundError, RuleError
from addressbook.parse import Parser
from addressbook.privacy.policy import AccessRole
from addressbook.store.engine import transaction
from addressbook.store.mirror import Mirror
from addressbook.store.transactions import Because, revert, transact
from loaders.mirroring import Source, compare, follow
from tests.desk import Desk, refused, served_desk
from tests.registry_storm import Storm
from tests.worlds import ESTATE, ROOM, Terminal, World, until

WHY = Because("测试员", "风暴")


@pytest.fixture(name="desk")
def _desk(estate: World, tmp_path: Path) -> Iterator[Desk]:
    with served_desk(estate, tmp_path) as desk:
        yield desk


def source_of(desk: Desk, role: AccessRole = AccessRole.VIEWER) -> Source:
    return Source(str(desk.client.base_url), desk.keys[role])


def lines(desk: Desk, **params: Any) -> list[Any]:
    answer = desk.ask("GET", "/changes", AccessRole.VIEWER, params=params)
    assert answer.status_code == 200, answer.text
    return [orjson.loads(line) for line in answer.content.splitlines()]


def storm(desk: Desk, seed: int, number: int) -> None:
    """Random transactions, some of them taken back."""
    random, drawn, parser = Storm(seed), list[int](), Parser(Gazetteer.shipped())
    for _ in range(number):
        with suppress(RuleError, NotFoundError), transaction(desk.world.engine) as connection:
            if drawn and random.random.random() < 0.2:
                revert(connection, drawn.pop(), WHY)
            else:
                drawn.append(transact(connection, random.draw(connection), WHY, parser).event_id)


def test_every_change_is_a_line_of_a_numbered_transaction(desk: Desk) -> None:
    room = str(desk.resolve(ROOM))
    loaded = lines(desk)
    assert {line["event"] for line in loaded} == {"register"}
    assert len(loaded) == desk.world.one("SELECT count(*) FROM address")
    newest = max(line["tx"] for line in loaded)
    body = {"transaction": "renumber", "aid": room, "number": "602", "reason": "核对"}
    event = desk.ask("POST", "/registry/transactions", json=body).json()["event_id"]
    address, alias = lines(desk, since=newest)
    assert (address["tx"], address["aid"], address["event"], address["action"]) == (event, room, "renumber", "put")
    assert address["address"]["path"] == "B3/E1/H602"
    assert (alias["action"], alias["alias"]["path"]) == ("put", "B3/E1/H502")
    assert len(lines(desk)) == len(loaded) + 2, "the earlier version keeps its line"
    desk.ask("POST", f"/registry/events/{event}/revert", json={"reason": "有误"})
    ended = [line["action"] for line in lines(desk, since=event)]
    assert sorted(ended) == ["end", "put"]


def test_pages_of_any_size_have_the_same_lines_in_the_same_order(desk: Desk) -> None:
    storm(desk, 1, 25)
    whole = lines(desk, limit=10_000)
    for size in (1, 3, 7):
        paged, path = [], f"/changes?limit={size}"
        while True:
            answer = desk.ask("GET", path, AccessRole.VIEWER)
            found = [orjson.loads(line) for line in answer.content.splitlines()]
            if not found:
                break
            paged += found
            path = answer.links["next"]["url"]
        assert paged == whole
    assert [line["tx"] for line in whole] == sorted(line["tx"] for line in whole)


def reached(copy: Path) -> int:
    """The last transaction that a copy has whole; 0 where there is none."""
    with closing(Mirror(copy)) as mirror:
        followed = mirror.followed()
    return followed.tx if followed else 0


@pytest.mark.parametrize("seed", range(1))
def test_a_mirror_killed_in_a_storm_ends_up_the_same(desk: Desk, tmp_path: Path, seed: int) -> None:
    copy, random, source = tmp_path / "copy.sqlite", Random(seed), source_of(desk)  # noqa: S311 a case to repeat
    terminal = Terminal.open(desk.world.engine.url.render_as_string(hide_password=False), tmp_path / "home")
    for step in range(3):
        begun = reached(copy)
        mirror = terminal.start("mirror", source.url, "--key", source.key, "-o", copy, "--every", "0.1")
        storm(desk, 10 * seed + step, 10)
        until(lambda: reached(copy) > begun, mirror)  # noqa: B023 called here
        storm(desk, 10 * seed + 5 + step, 10)
        time.sleep(random.uniform(0.0, 0.5))
        mirror.kill()
        mirror.communicate()
    storm(desk, 10 * seed + 9, 10)
    follow(source, copy)
    same, tx, number = compare(source, copy)
    assert same
    assert (tx, number) == desk.world.rows("SELECT (SELECT max(event_id) FROM registry_event), count(*) FROM address")[
        0
    ]
    done = terminal.run("mirror", source.url, "--key", source.key, "-o", copy, "--check")
    assert (done.code, "校验一致" in done.out) == (0, True), done.err


def test_a_snapshot_is_of_any_transaction(desk: Desk, tmp_path: Path) -> None:
    estate, room = str(desk.resolve(ESTATE)), str(desk.resolve(ROOM))
    before = desk.ask("GET", "/changes/checksum").json()["transaction"]
    body = {"transaction": "rename", "aid": estate, "name": "江南明珠苑", "reason": "更名"}
    desk.ask("POST", "/registry/transactions", json=body)
    desk.ask(
        "POST",
        "/registry/transactions",
        json={"transaction": "move", "aid": room, "point": [120.25, 30.18], "reason": "测绘"},
    )
    terminal = Terminal.open(desk.world.engine.url.render_as_string(hide_password=False), tmp_path / "home")
    for name in ("now.parquet", "then.csv"):
        at = ("--at", str(before)) if name == "then.csv" else ()
        done = terminal.run("export", "snapshot", "-o", tmp_path / name, *at)
        assert done.code == 0, done.err
    now = geopandas.read_parquet(tmp_path / "now.parquet").set_index("aid")
    assert len(now) == desk.world.one("SELECT count(*) FROM address")
    assert now.crs.to_authority() == ("OGC", "CRS84")
    assert (now.geometry[room].x, now.geometry[room].y) == (120.25, 30.18)
    assert now.standard_text[room].endswith("江南明珠苑3幢1单元502室")
    then = {row["aid"]: row for row in csv.DictReader((tmp_path / "then.csv").open(encoding="utf-8"))}
    assert then[room]["standard_text"].endswith("南岸明珠3幢1单元502室")
    assert (then[room]["lon"], int(then[room]["tx"]) <= before) == ("", True)
    assert terminal.run("export", "snapshot", "-o", tmp_path / "x.docx").code == 3
    assert terminal.run("export", "snapshot", "-o", tmp_path / "x.csv", "--at", "999999").code == 4


def test_a_bridge_leads_to_what_stands_today(desk: Desk, tmp_path: Path) -> None:
    rooms = [str(desk.resolve(ROOM)), str(desk.resolve(ROOM.replace("502", "501")))]
    body = {"transaction": "merge", "aids": rooms, "name": "501-502", "reason": "打通"}
    (new,) = desk.ask("POST", "/registry/transactions", json=body).json()["created"]
    terminal = Terminal.open(desk.world.engine.url.render_as_string(hide_password=False), tmp_path / "home")
    assert terminal.run("export", "bridge", "--source", "list", "-o", tmp_path / "bridge.csv").code == 0
    rows = list(csv.DictReader((tmp_path / "bridge.csv").open(encoding="utf-8")))
    assert [row["source_key"] for row in rows if row["aid"] == new] == sorted([ROOM, ROOM.replace("502", "501")])
    assert {row["state"] for row in rows} == {"current"}


def test_a_copy_that_was_tampered_with_is_found_out(desk: Desk, tmp_path: Path) -> None:
    import sqlite3

    copy, source = tmp_path / "copy.sqlite", source_of(desk)
    follow(source, copy)
    assert compare(source, copy)[0]
    with sqlite3.connect(copy) as mirror:
        mirror.execute("UPDATE address SET standard_text = '别处' WHERE kind = 'C'")
    assert not compare(source, copy)[0]


def test_a_checksum_is_of_any_transaction(desk: Desk) -> None:
    before = desk.ask("GET", "/changes/checksum").json()
    estate = str(desk.resolve(ESTATE))
    body = {"transaction": "rename", "aid": estate, "name": "江南明珠苑", "reason": "更名"}
    desk.ask("POST", "/registry/transactions", json=body)
    after = desk.ask("GET", "/changes/checksum").json()
    assert after["checksum"] != before["checksum"]
    assert desk.ask("GET", "/changes/checksum", params={"at": before["transaction"]}).json() == before
    refused(desk.ask("GET", "/changes/checksum", params={"at": 10**9}), 404)


def test_a_mirror_says_what_is_wrong(desk: Desk, tmp_path: Path) -> None:
    copy, source = tmp_path / "copy.sqlite", source_of(desk)
    follow(source, copy)
    with pytest.raises(InputError, match="mirrors"):
        follow(Source("http://127.0.0.1:1", ""), copy)
    with pytest.raises(InputError, match="no address"):
        follow(Source("file:///etc/passwd", ""), tmp_path / "other.sqlite")
    (tmp_path / "text.sqlite").write_text("no database, but long enough to look like a file of some kind" * 20)
    with pytest.raises(InputError, match="no mirror"):
        follow(source, tmp_path / "text.sqlite")
    refused(desk.ask("GET", "/changes", AccessRole.PUBLIC), 403)
    refused(desk.ask("GET", "/changes", params={"cursor": "x"}), 400)
    refused(desk.ask("GET", "/changes", params={"since": -1}), 422)


# -- how far the feed reaches back


def aged(desk: Desk, event: int, years: int) -> None:
    """Let what happened up to an event be some years older."""
    older = text("UPDATE registry_event SET at = at - make_interval(years => :years) WHERE event_id <= :event")
    with desk.world.engine.begin() as connection:
        connection.execute(older, {"years": years, "event": event})


@pytest.fixture(name="forgetful")
def _forgetful(estate: World, tmp_path: Path) -> Iterator[Desk]:
    with served_desk(estate, tmp_path, changes_years=1) as desk:
        yield desk


def newest_of(desk: Desk) -> int:
    found: int = desk.ask("GET", "/changes/checksum").json()["transaction"]
    return found


def test_what_is_older_than_the_feed_reaches_is_refused_with_how_far_it_does(forgetful: Desk, tmp_path: Path) -> None:
    desk, early = forgetful, newest_of(forgetful)
    storm(desk, 4, 15)
    late = newest_of(desk)
    storm(desk, 5, 10)
    assert lines(desk, since=early), "a year has not passed"
    aged(desk, late, 2)
    for path, asked in (("/changes", "since"), ("/changes/checksum", "at"), ("/snapshot", "tx")):
        told = refused(desk.ask("GET", path, params={asked: early}), 410)
        assert (told["earliest"], str(late) in told["detail_zh"]) == (late, True)
        assert desk.ask("GET", path, params={asked: late}).status_code == 200
    terminal = Terminal.open(desk.world.engine.url.render_as_string(hide_password=False), tmp_path / "home")
    command = ("export", "snapshot", "-o", tmp_path / "then.csv", "--at", str(early))
    ended = terminal.run(*command, ADDRESSBOOK_CHANGES_YEARS="1")
    assert (ended.code, str(late) in ended.err) == (4, True)
    assert terminal.run(*command).code == 0, "nobody said how far back"


@pytest.mark.parametrize("size", [1, 3, 10_000])
def test_a_copy_begun_anew_is_not_told_what_had_ended_and_ends_up_the_same(
    forgetful: Desk, tmp_path: Path, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, source, copy = forgetful, source_of(forgetful), tmp_path / "copy.sqlite"
    storm(desk, 6, 25)
    whole = lines(desk, limit=10_000)
    aged(desk, newest_of(desk), 2)
    storm(desk, 7, 10)
    monkeypatch.setattr("loaders.mirroring.PAGE_LINES", size)
    assert follow(source, copy) == newest_of(desk)
    assert compare(source, copy)[0]
    assert len([line for line in lines(desk, limit=10_000) if line["tx"] <= whole[-1]["tx"]]) < len(whole)


def test_a_mirror_that_was_away_for_too_long_is_told_to_begin_anew(forgetful: Desk, tmp_path: Path) -> None:
    desk, source, copy = forgetful, source_of(forgetful), tmp_path / "copy.sqlite"
    follow(source, copy)
    storm(desk, 8, 10)
    aged(desk, newest_of(desk), 2)
    storm(desk, 9, 5)
    with pytest.raises(InputError, match="built anew"):
        follow(source, copy)
    copy.unlink()
    follow(source, copy)
    assert compare(source, copy)[0]


def test_a_copy_whose_making_was_interrupted_goes_on_though_time_has_passed(forgetful: Desk) -> None:
    desk = forgetful
    storm(desk, 10, 20)
    first = newest_of(desk)
    aged(desk, first, 2)
    answer = desk.ask("GET", "/changes?limit=3", AccessRole.VIEWER)
    storm(desk, 11, 10)
    aged(desk, newest_of(desk), 2)
    assert desk.ask("GET", answer.links["next"]["url"], AccessRole.VIEWER).status_code == 200
    refused(desk.ask("GET", "/changes", params={"since": 1}), 410)
