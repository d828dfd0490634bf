"""The registry under whoever means it no good, or does not mean anything: each of these went wrong once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from addressbook.privacy.policy import AccessRole
from addressbook.registry.schemes import ESTATE_UNIT, HOUSE_CODE, check_character
from addressbook.store.migrations import HERE, migrate
from addressbook.store.mirror import Followed, Mirror
from addressbook.store.reading import read
from addressbook.store.transactions import Because
from api import delivering
from api.delivering import Courier
from loaders import mirroring
from loaders.mirroring import Source, compare, follow
from tests.desk import Desk, refused, served_desk
from tests.receiver import receiving
from tests.test_webhooks import Post, aid_of, txs
from tests.worlds import ESTATE, PATIENCE_S, ROOM, Terminal, World, until

OTHER_ROOM = ROOM.replace("502", "501")
WHY = Because("测试员", "核对")


@pytest.fixture(name="desk")
def _desk(estate: World, tmp_path: Path) -> Iterator[Desk]:
    with served_desk(estate, tmp_path) as desk:
        yield desk


def post(desk: Desk, path: str, /, **body: Any) -> Any:
    """What the service answers to a decision."""
    return desk.ask("POST", path, json={"reason": "核对", **body})


def done(desk: Desk, path: str, /, **body: Any) -> int:
    """The event of a decision that is accepted."""
    answer = post(desk, path, **body)
    assert answer.status_code == 200, answer.text
    event: int = answer.json()["event_id"]
    return event


def periods(desk: Desk, **asked: str) -> list[tuple[str, str | None, str | None]]:
    """Whose a code is and when, as the look-up tells it."""
    items = desk.ask("GET", "/identifiers", AccessRole.VIEWER, params=asked).json()["items"]
    return [(item["aid"], item["valid_from"], item["valid_to"]) for item in items]


def now() -> str:
    return datetime.now(UTC).isoformat()


def tomorrow(days: int = 1) -> str:
    return (datetime.now(UTC).date() + timedelta(days=days)).isoformat()


# -- outside codes


def test_a_code_neither_ends_nor_begins_on_a_day_to_come(desk: Desk) -> None:
    room, other = str(desk.resolve(ROOM)), str(desk.resolve(OTHER_ROOM))
    code = {"aid": room, "scheme": "网格", "value": "7"}
    done(desk, "/identifiers", **code, valid_from="2020-01-01")
    refusal = refused(post(desk, "/identifiers/endings", **code, valid_to="2999-01-01"), 409)
    assert (refusal["rule"], "尚未到来" in refusal["detail_zh"]) == ("future", True)
    assert periods(desk, value="7") == [(room, "2020-01-01", None)]
    # One that an older version let end on a day to come is that address's until then.
    with desk.world.engine.begin() as connection:
        connection.execute(text("UPDATE external_identifier SET valid_to = :day"), {"day": tomorrow(700)})
    assert "已属于" in refused(post(desk, "/identifiers", **{**code, "aid": other}), 409)["detail_zh"]


def test_what_is_known_of_a_code_is_not_lost_by_giving_it_again(desk: Desk) -> None:
    room = str(desk.resolve(ROOM))
    code = {"aid": room, "scheme": "网格", "value": "7"}
    done(desk, "/identifiers", **code, valid_from="2020-01-01")
    assert refused(post(desk, "/identifiers", **code), 409)["rule"] == "unchanged"
    assert refused(post(desk, "/identifiers", **code, valid_from="2020-01-01"), 409)["rule"] == "unchanged"
    corrected = done(desk, "/identifiers", **code, valid_from="2019-01-01")
    assert periods(desk, value="7") == [(room, "2019-01-01", None)]
    event = desk.ask("GET", f"/registry/events/{corrected}").json()
    assert (event["request"]["valid_from"], event["request"]["former"]) == ("2019-01-01", {"valid_from": "2020-01-01"})


def test_ending_or_correcting_a_code_does_not_change_what_was_known(desk: Desk) -> None:
    room = str(desk.resolve(ROOM))
    code = {"aid": room, "scheme": "网格", "value": "7"}
    start = now()
    done(desk, "/identifiers", **code, valid_from="2020-01-01")
    given = now()
    done(desk, "/identifiers", **code, valid_from="2021-06-01")
    corrected = now()
    done(desk, "/identifiers/endings", **code, valid_to="2023-01-01")

    def known(day: str, moment: str) -> list[tuple[str, str | None]]:
        view = desk.ask("GET", f"/addresses/{room}/view", params={"valid_at": day, "known_at": moment}).json()
        return [(entry["valid_from"], entry["valid_to"]) for entry in view["identifiers"]]

    assert known("2024-01-01", start) == []
    assert known("2024-01-01", given) == [("2020-01-01", None)]
    assert known("2020-06-01", given) == [("2020-01-01", None)]
    assert (known("2020-06-01", corrected), known("2024-01-01", corrected)) == ([], [("2021-06-01", None)])
    assert (known("2024-01-01", now()), known("2022-01-01", now())) == ([], [("2021-06-01", "2023-01-01")])
    (today,) = desk.ask("GET", f"/addresses/{room}/view").json()["identifiers"]
    assert (today["valid_from"], today["valid_to"]) == ("2021-06-01", "2023-01-01")


def test_a_code_is_found_and_ended_as_it_was_typed(desk: Desk) -> None:
    room = str(desk.resolve(ROOM))
    body = "3301090010000001000101"
    typed = f" {body[:6]}-{body[6:12]} {body[12:]}{check_character(body)}"
    done(desk, "/identifiers", aid=room, scheme="jgj/t246", value=typed)
    done(desk, "/identifiers", aid=room, scheme=ESTATE_UNIT, value="330109001001gb00001f00010001")
    done(desk, "/identifiers", aid=room, scheme="网格", value="AB-1")
    for asked in ({"value": typed}, {"value": typed, "scheme": HOUSE_CODE}, {"value": typed, "scheme": "JGJ/T246"},
                  {"value": "330109001001gb00001-f00010001"}, {"value": " AB-1 "}):  # fmt: skip
        assert len(periods(desk, **asked)) == 1, asked
    assert periods(desk, value="AB1") == [], "nobody knows what a hyphen is in a scheme of somebody's own"
    done(desk, "/identifiers/endings", aid=room, scheme="JGJ/T 246", value=typed)
    done(desk, "/identifiers/endings", aid=room, scheme="网格", value=" AB-1")


def test_a_list_writes_codes_as_a_person_does(desk: Desk) -> None:
    unit = "330109001001GB00001F00010001"
    row = {"source_key": "1", "address": ROOM, "不动产单元号": f" {unit[:12]}-{unit[12:].lower()}"}
    desk.world.load_rows("addresses", [row], "codes")
    assert len(periods(desk, value=unit)) == 1
    before = desk.world.snapshot()["external_identifier"]
    desk.world.load_rows("addresses", [{**row, "不动产单元号": unit}], "codes")
    assert desk.world.snapshot()["external_identifier"] == before


def test_an_event_about_a_code_is_taken_back_to_the_letter(desk: Desk) -> None:
    room = str(desk.resolve(ROOM))
    code = {"aid": room, "scheme": "网格", "value": "7"}
    given = done(desk, "/identifiers", **code, valid_from="2020-01-01")
    corrected = done(desk, "/identifiers", **code, valid_from="2019-01-01")
    ended = done(desk, "/identifiers/endings", **code, valid_to="2023-01-01")
    assert refused(post(desk, f"/registry/events/{corrected}/revert"), 409)["rule"] == "built_on"
    before = now()
    done(desk, f"/registry/events/{ended}/revert")
    assert periods(desk, value="7") == [(room, "2019-01-01", None)]
    view = desk.ask("GET", f"/addresses/{room}/view", params={"valid_at": "2024-01-01", "known_at": before}).json()
    assert view["identifiers"] == [], "that it had been thought to end stays known"
    assert refused(post(desk, f"/registry/events/{ended}/revert"), 409)["rule"] == "reverted"
    again = done(desk, "/identifiers/endings", **code, valid_to="2024-01-01")
    assert refused(post(desk, f"/registry/events/{corrected}/revert"), 409)["rule"] == "built_on"
    for event, left in ((again, ("2019-01-01", None)), (corrected, ("2020-01-01", None)), (given, None)):
        done(desk, f"/registry/events/{event}/revert")
        assert periods(desk, value="7") == ([(room, *left)] if left else [])


def test_a_correction_and_a_gift_are_taken_back(desk: Desk) -> None:
    room = str(desk.resolve(ROOM))
    code = {"aid": room, "scheme": "网格", "value": "7"}
    done(desk, "/identifiers", **code, valid_from="2020-01-01")
    corrected = done(desk, "/identifiers", **code, valid_from="2019-01-01")
    done(desk, f"/registry/events/{corrected}/revert")
    assert periods(desk, value="7") == [(room, "2020-01-01", None)]
    other = done(desk, "/identifiers", **{**code, "value": "8"})
    done(desk, f"/registry/events/{other}/revert")
    assert periods(desk, value="8") == []
    done(desk, "/identifiers", **{**code, "value": "8"})


def test_a_subscriber_is_told_which_code_was_taken_back(desk: Desk) -> None:
    room = str(desk.resolve(ROOM))
    given = done(desk, "/identifiers", aid=room, scheme="网格", value="7")
    event = done(desk, f"/registry/events/{given}/revert")
    everything: dict[str, Any] = {"low": None, "high": None, "area": None}
    with desk.world.engine.connect() as connection:
        (line,) = read(connection, "told_lines", event=event, aid=room, **everything)
    assert (line["event"], line["reverts"], line["said"]["value"], line["said"]["event_id"]) == (
        "revert",
        given,
        "7",
        given,
    )


def test_an_ending_is_not_taken_back_under_whoever_has_the_code_now(desk: Desk) -> None:
    room, other = str(desk.resolve(ROOM)), str(desk.resolve(OTHER_ROOM))
    code = {"aid": room, "scheme": "网格", "value": "7"}
    done(desk, "/identifiers", **code, valid_from="2020-01-01")
    ended = done(desk, "/identifiers/endings", **code, valid_to="2023-01-01")
    later = done(desk, "/identifiers", **{**code, "aid": other})
    refusal = refused(post(desk, f"/registry/events/{ended}/revert"), 409)
    assert (refusal["rule"], "现已属于" in refusal["detail_zh"]) == ("built_on", True)
    assert periods(desk, value="7") == [(other, "2023-01-01", None), (room, "2020-01-01", "2023-01-01")]
    done(desk, f"/registry/events/{later}/revert")
    done(desk, f"/registry/events/{ended}/revert")
    assert periods(desk, value="7") == [(room, "2020-01-01", None)]


def test_codes_of_a_load_that_is_taken_back_go_with_it(desk: Desk) -> None:
    rows = [{"source_key": "9", "address": f"{ESTATE}9幢1单元901室", "不动产单元号": "330109001001GB00001F00010009"}]
    desk.world.load_rows("addresses", rows, "codes")
    event = desk.world.one("SELECT max(event_id) FROM registry_event")
    assert len(periods(desk, value="330109001001GB00001F00010009")) == 1
    done(desk, f"/registry/events/{event}/revert")
    assert periods(desk, value="330109001001GB00001F00010009") == []


def test_what_never_was_an_address_gets_no_code(desk: Desk) -> None:
    aid = str(desk.resolve(f"{ESTATE}13幢1单元501室"))
    body = {"transaction": "void", "aid": aid, "reason": "录入错误"}
    assert desk.ask("POST", "/registry/transactions", json=body).status_code == 200
    refusal = refused(post(desk, "/identifiers", aid=aid, scheme="网格", value="7"), 409)
    assert (refusal["rule"], "已作废" in refusal["detail_zh"]) == ("never_was", True)


def test_doubts_are_taken_back(desk: Desk) -> None:
    room = str(desk.resolve(ROOM))

    def doubted() -> list[str]:
        doubts = desk.ask("GET", f"/addresses/{room}").json()["properties"]["doubts"]
        return [doubt["sentence"] for doubt in doubts]

    opened = done(desk, "/doubts", aid=room, attribute="name", sentence="门牌不符")
    closed = done(desk, "/doubts/closings", aid=room, attribute="name")
    assert refused(post(desk, f"/registry/events/{opened}/revert"), 409)["rule"] == "built_on"
    done(desk, f"/registry/events/{closed}/revert")
    assert doubted() == ["门牌不符"]
    done(desk, f"/registry/events/{opened}/revert")
    assert doubted() == []
    again = done(desk, "/doubts", aid=room, attribute="name", sentence="又有疑问")
    done(desk, f"/registry/events/{again}/revert")
    assert doubted() == []


def test_codes_that_had_ended_before_their_known_time_was_kept_get_it(empty_database_url: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["url"] = empty_database_url
    command.upgrade(config, "0010")
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(OLD_CODES)
    migrate(empty_database_url)
    with engine.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT value, valid_from::text, valid_to::text, event_id, until_event FROM external_identifier"
            " ORDER BY value, identifier_id"
        )
        assert [tuple(row) for row in found] == [
            ("330109", None, None, None, None),
            ("7", "2020-01-01", "2021-01-01", 101, None), ("7", "2022-01-01", "2023-01-01", 103, None),
            ("7", "2020-01-01", None, None, 101), ("7", "2022-01-01", None, None, 103),
        ]  # fmt: skip
    engine.dispose()
    command.downgrade(config, "0010")
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM external_identifier").scalar_one() == 3
    engine.dispose()
    migrate(empty_database_url)


OLD_CODES = """
INSERT INTO address (site_id, aid, kind, name, path, standard_text, division_code, state, source_id, event_id)
VALUES (1, 'CX', 'C', '南岸明珠', '', '南岸明珠', '330109002000', 'current', 1, 1);
INSERT INTO external_identifier (site_id, aid, scheme, value, source_id, valid_from, valid_to) VALUES
    (1, 'CX', '网格', '7', 1, '2020-01-01', '2021-01-01'), (1, 'CX', '网格', '7', 1, '2022-01-01', '2023-01-01'),
    (1, 'CX', 'JGJ/T 246', '330-109', 1, NULL, NULL);
INSERT INTO registry_event (event_id, kind, actor, reason, source_document, request) VALUES
    (101, 'identifier_ended', 'a', 'b', '', '{"aid": "CX", "scheme": "网格", "value": "7"}'),
    (102, 'identifier', 'a', 'b', '', '{"aid": "CX", "scheme": "网格", "value": "7"}'),
    (103, 'identifier_ended', 'a', 'b', '', '{"aid": "CX", "scheme": "网格", "value": "7"}');
"""


# -- days and instants


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"valid_at": "0"}, "YYYY-MM-DD"), ({"valid_at": "2024"}, "YYYY-MM-DD"),
        ({"valid_at": "20240601"}, "YYYY-MM-DD"),
        ({"valid_at": "2024-06-01T00:00:00Z"}, "YYYY-MM-DD"), ({"valid_at": "2024-6-1"}, "YYYY-MM-DD"),
        ({"known_at": "2024"}, "时区"), ({"known_at": "1719792000"}, "时区"), ({"known_at": "2024-07-01"}, "时区"),
        ({"known_at": "2024-07-01T00:00:00"}, "时区"), ({"known_at": "2024-07-01T00:00:00 08:00"}, "加号"),
        ({"known_at": "2024-07-01T00:00:00.5 0800"}, "加号"),
    ],
)  # fmt: skip
def test_a_number_is_neither_a_day_nor_an_instant(desk: Desk, asked: dict[str, str], told: str) -> None:
    refusal = refused(desk.ask("GET", f"/addresses/{desk.resolve(ROOM)}", params=asked), 422)
    assert (refusal["field"], told in refusal["detail_zh"]) == (next(iter(asked)), True), refusal


def test_days_and_instants_are_taken_as_they_are_written(desk: Desk) -> None:
    room = desk.resolve(ROOM)
    for asked in ({"valid_at": "2026-06-01"}, {"known_at": now()}, {"known_at": now().replace("+00:00", "z")}):
        assert desk.ask("GET", f"/addresses/{room}", params=asked).status_code == 200, asked
    code = {"aid": room, "scheme": "网格", "value": "7"}
    for day in (0, 20240601, 1719792000.0, "1719792000", True):
        assert "YYYY-MM-DD" in refused(post(desk, "/identifiers", **code, valid_from=day), 422)["detail_zh"]
    body = {"transaction": "retire", "aid": room, "reason": "核对", "effective": 0}
    assert "YYYY-MM-DD" in refused(desk.ask("POST", "/registry/transactions", json=body), 422)["detail_zh"]
    assert refused(desk.ask("POST", "/identifiers/endings", json={**code, "reason": "核对", "valid_to": "7"}), 422)


# -- divisions


@pytest.mark.parametrize(
    ("method", "path", "asked"),
    [
        ("GET", "/quality", {"params": {"division": "999999"}}),
        ("GET", "/quality/without_point", {"params": {"division": "999999"}}),
        ("GET", "/addresses", {"params": {"division": "999999"}}),
        ("GET", "/addresses", {"params": {"division": "999999", "q": "南岸明珠"}}),
        ("GET", "/resolve", {"params": {"division": "999999", "text": ROOM}}),
        ("POST", "/resolve", {"json": {"division": "999999", "texts": [ROOM]}}),
        ("POST", "/compare", {"json": {"division": "999999", "pairs": [{"a": ROOM, "b": ROOM}]}}),
        ("POST", "/webhooks", {"json": {"division": "999999", "url": "https://example.org/hook"}}),
        ("GET", "/review", {"params": {"area": "999999"}}),
        ("GET", "/review/statistics", {"params": {"area": "999999"}}),
        ("POST", "/review/claims", {"json": {"area": "999999", "limit": 1}}),
    ],
)  # fmt: skip
def test_a_division_that_is_none_is_told_and_not_answered_for(
    desk: Desk, method: str, path: str, asked: dict[str, Any]
) -> None:
    refusal = refused(desk.ask(method, path, **asked), 404)
    assert ("999999" in refusal["detail"], "没有代码为999999的行政区划" in refusal["detail_zh"]) == (True, True)


def test_a_division_that_is_one_is_answered_for_and_a_former_one_names_its_heirs(desk: Desk) -> None:
    for code in ("33", "3301", "330109", "330109002", "330109002000"):
        assert desk.ask("GET", "/quality", params={"division": code}).status_code == 200, code
        assert desk.ask("GET", "/review", params={"area": code}).status_code == 200, code
    assert len(desk.ask("GET", "/addresses", params={"division": "330109"}).json()["features"]) > 1
    assert "330109" in refused(desk.ask("GET", "/addresses", params={"division": "330181"}), 404)["remedy"]


def test_the_command_line_tells_a_division_that_is_none(desk: Desk, tmp_path: Path) -> None:
    terminal = Terminal.open(desk.world.engine.url.render_as_string(hide_password=False), tmp_path / "home")
    for words in (["quality", "--division", "999999"], ["review", "list", "--area", "999999"],
                  ["webhook", "add", "https://example.org/hook", "--division", "999999"]):  # fmt: skip
        told = terminal.run(*words)
        assert (told.code, "没有代码为999999的行政区划" in told.out + told.err) == (4, True), words


# -- mirrors


@dataclass(frozen=True)
class Overtaken(Source):
    """A source whose first answers are on their way while another mirror brings the same file up to date."""

    copy: Path
    late: list[str] = field(default_factory=list)

    def get(self, path: str) -> tuple[bytes, Any]:
        answer = super().get(path)
        if path.startswith("/changes?") and len(self.late) < 2:
            self.late.append(path)
            follow(Source(self.url, self.key), self.copy)
        return answer


def test_two_mirrors_that_write_one_file_make_no_wrong_copy(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room, copy = str(desk.resolve(ROOM)), tmp_path / "copy.sqlite"
    monkeypatch.setattr(mirroring, "PAGE_LINES", 5)
    source = Source(str(desk.client.base_url), desk.keys[AccessRole.VIEWER])
    with closing(Mirror(copy)) as mirror:
        mirroring._next_page(source, mirror)
    body = {"transaction": "renumber", "aid": room, "number": "602", "reason": "核对"}
    assert desk.ask("POST", "/registry/transactions", json=body).status_code == 200
    tx = follow(Overtaken(source.url, source.key, copy), copy)
    same, at, number = compare(source, copy)
    assert (same, at, number) == (True, tx, desk.world.one("SELECT count(*) FROM address"))


def test_a_page_that_is_late_is_not_stored(tmp_path: Path) -> None:
    first, second = Followed("http://a", "/changes?1", 1), Followed("http://a", "/changes?2", 2)
    with closing(Mirror(tmp_path / "copy.sqlite")) as one, closing(Mirror(tmp_path / "copy.sqlite")) as other:
        assert one.store([], first, None)
        assert not other.store([], Followed("http://b", "/changes?1", 1), None)
        assert other.store([], second, first)
        assert not one.store([], Followed("http://a", "/changes?x", 9), first)
        assert (one.followed(), other.followed()) == (second, second)


# -- webhooks


@pytest.fixture(name="mail")
def _mail(estate: World) -> Iterator[Post]:
    with receiving() as receiver:
        yield Post(estate, receiver)


@contextmanager
def at_work(courier: Courier) -> Iterator[None]:
    """A courier that runs until the end of the block."""
    running = threading.Thread(target=courier.run)
    running.start()
    try:
        yield
    finally:
        courier.stopped.set()
        running.join(PATIENCE_S)


def test_who_does_not_answer_keeps_nobody_else_waiting(mail: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "LOOK_AGAIN_S", 0.05)
    monkeypatch.setattr("api.sending.WHOLE_S", PATIENCE_S)
    room = aid_of(mail.world, "3幢1单元502室")
    mail.subscribe(aid=room)
    with receiving() as other:
        second = Post(mail.world, other)
        second.clock = mail.clock
        second.subscribe(aid=room)
        mail.receiver.may_answer.clear()
        try:
            with at_work(mail.courier()):
                first = mail.move(room)
                until(lambda: txs(other) == first and len(mail.receiver.letters) == 1)
                mail.clock.pass_by(seconds=60)
                more = mail.move(room, 2)
                until(lambda: txs(other) == [*first, *more])
                assert txs(mail.receiver) == first, "the one that does not answer is told nothing else"
                mail.receiver.may_answer.set()
                until(lambda: txs(mail.receiver) == [*first, *more])
        finally:
            mail.receiver.may_answer.set()


def test_those_that_are_slow_wait_for_one_another_only(mail: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "LOOK_AGAIN_S", 0.05)
    monkeypatch.setattr(delivering, "AT_ONCE", 1)
    monkeypatch.setattr(delivering, "SLOW_S", 0.2)
    room, rows = aid_of(mail.world, "3幢1单元502室"), mail.world.rows
    slow, _ = mail.subscribe(aid=room)
    mail.receiver.may_answer.clear()
    with receiving() as other:
        try:
            with at_work(mail.courier()):
                first = mail.move(room)
                until(lambda: len(mail.receiver.letters) == 1)
                time.sleep(0.3)
                mail.receiver.may_answer.set()
                until(lambda: rows("SELECT count(*) FROM webhook_delivery WHERE state = 'delivered'") == [(1,)])
                mail.receiver.may_answer.clear()
                second = Post(mail.world, other)
                second.clock = mail.clock
                second.subscribe(aid=room)
                mail.clock.pass_by(seconds=60)
                more = mail.move(room)
                until(lambda: len(mail.receiver.letters) == 2)
                until(lambda: txs(other) == more)
                assert mail.standing(slow)["waiting"] == 1
                mail.receiver.may_answer.set()
        finally:
            mail.receiver.may_answer.set()
    assert txs(mail.receiver) == [*first, *more]


def test_the_service_is_stopped_while_somebody_does_not_answer(mail: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "LOOK_AGAIN_S", 0.05)
    monkeypatch.setattr("api.sending.WHOLE_S", 0.5)
    room = aid_of(mail.world, "3幢1单元502室")
    number, _ = mail.subscribe(aid=room)
    mail.receiver.may_answer.clear()
    events = mail.move(room)
    with at_work(mail.courier()):
        until(lambda: len(mail.receiver.letters) == 1)
    assert mail.standing(number)["waiting"] == 1
    mail.receiver.may_answer.set()
    mail.clock.pass_by(minutes=20)
    assert mail.courier().once() == 1
    assert txs(mail.receiver) == [*events, *events]
    assert len({letter.number for letter in mail.receiver.letters}) == 1
