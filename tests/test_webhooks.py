"""Webhooks: what subscribers are told, that nothing is lost, and that nobody learns what he may not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from addressbook.cli import app as command_line
from addressbook.divisions import Gazetteer
from addressbook.errors import NotFoundError
from addressbook.match.learning import Lesson
from addressbook.parse import Parser
from addressbook.privacy.keys import create_key, find_key, revoke_key
from addressbook.privacy.policy import AccessRole, Reader
from addressbook.privacy.signing import is_genuine
from addressbook.registry import requests as asked
from addressbook.store.aliases import remember_alias
from addressbook.store.engine import transaction
from addressbook.store.transactions import Because, revert, transact
from addressbook.store.webhooks import list_deliveries, list_webhooks, pause, replay, resume
from api.delivering import Courier
from api.sending import Rules, checked_url, post
from api.subscribing import subscribe, topic_of
from tests.desk import Desk, refused, served_desk
from tests.receiver import Receiver, dripping, receiving, self_signed
from tests.worlds import ESTATE, PATIENCE_S, ROOM, SECRET, TOWN_CODE, Terminal, World, identity_number, until, uscc

LOCAL = Rules(plain_http=True, networks=(ip_network("127.0.0.0/8"),))
ANALYST = Reader(AccessRole.ANALYST, 0, "test")
WHY = Because("测试员", "核对")
NEWEST = 2**62


class Clock:
    """A time that moves when it is told to."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


class Post:
    """A world with a subscription, and a courier whose time the test keeps."""

    def __init__(self, world: World, receiver: Receiver) -> None:
        self.world, self.receiver, self.clock = world, receiver, Clock()
        self.parser = Parser(Gazetteer.shipped())

    def subscribe(self, reader: Reader = ANALYST, **topic: str) -> tuple[int, str]:
        with transaction(self.world.engine) as connection:
            found = topic_of(connection, reader, **topic)
            made = subscribe(connection, SECRET, LOCAL, reader, self.receiver.url, found, self.clock())
        return made["webhook_id"], made["secret"]

    def courier(self, **changes: Any) -> Courier:
        return Courier(
            self.world.engine, lambda: SECRET, LOCAL, dead_after=timedelta(days=4), clock=self.clock, **changes
        )

    def deliver(self) -> int:
        return self.courier().once()

    def do(self, request: asked.Request) -> int:
        with transaction(self.world.engine) as connection:
            return transact(connection, request, WHY, self.parser).event_id

    def move(self, aid: str, times: int = 1) -> list[int]:
        """So many events about one address."""
        events = self.world.one("SELECT count(*) FROM registry_event")
        return [
            self.do(asked.Move(aid=aid, point=(120.25 + (events + n) / 1000, 30.18))) for n in range(times)
        ]  # fmt: skip

    def deliveries(self, number: int, state: str | None = None) -> list[Any]:
        with transaction(self.world.engine) as connection:
            return list_deliveries(connection, number, state, NEWEST, 1000)

    def standing(self, number: int) -> Any:
        with transaction(self.world.engine) as connection:
            return list_webhooks(connection, webhook_id=number)[0]


@pytest.fixture(name="mail")
def _mail(estate: World) -> Iterator[Post]:
    with receiving() as receiver:
        yield Post(estate, receiver)


def aid_of(world: World, text: str) -> str:
    return next(aid for words, aid in world.addresses().items() if words.endswith(text))


@pytest.fixture(name="room")
def _room(mail: Post) -> str:
    return aid_of(mail.world, "3幢1单元502室")


def txs(receiver: Receiver) -> list[int]:
    return [letter.said["tx"] for letter in receiver.letters]


def test_a_receiver_that_was_down_gets_everything_in_order(mail: Post, room: str) -> None:
    number, _ = mail.subscribe(aid=room)
    mail.receiver.down()
    events = mail.move(room, 3)
    for _ in range(12):
        assert mail.deliver() == 0
        mail.clock.pass_by(minutes=5)
        events += mail.move(room)
    assert mail.standing(number)["failures"] >= 6
    mail.receiver.up()
    mail.clock.pass_by(minutes=10)
    assert mail.deliver() == len(events) == 15
    assert txs(mail.receiver) == events
    numbers = [letter.number for letter in mail.receiver.letters]
    assert numbers == sorted(set(numbers))
    assert (mail.deliver(), mail.standing(number)["failures"]) == (0, 0)


def test_a_failure_holds_back_what_follows_until_its_time_comes(mail: Post, room: str) -> None:
    mail.subscribe(aid=room)
    first, second = mail.move(room, 2)
    mail.receiver.status = 503
    assert (mail.deliver(), txs(mail.receiver)) == (0, [first])
    mail.receiver.status = 200
    assert (mail.deliver(), txs(mail.receiver)) == (0, [first]), "its time has not come"
    mail.clock.pass_by(seconds=3)
    assert (mail.deliver(), txs(mail.receiver)) == (2, [first, first, second])
    again, once = mail.receiver.letters[1], mail.receiver.letters[0]
    assert (again.number, again.body) == (once.number, once.body)
    assert [letter.headers["Addressbook-Attempt"] for letter in mail.receiver.letters] == ["1", "2", "1"]


def test_the_signature_is_that_of_the_secret_and_of_this_body(mail: Post, room: str) -> None:
    _, secret = mail.subscribe(aid=room)
    mail.move(room)
    mail.deliver()
    (letter,) = mail.receiver.letters
    now, signed = int(mail.clock().timestamp()), letter.headers["Addressbook-Signature"]
    assert is_genuine(secret, signed, letter.body, now)
    assert not is_genuine(secret, signed, letter.body + b" ", now)
    assert not is_genuine(secret + "x", signed, letter.body, now)
    assert not is_genuine(secret, signed, letter.body, now + 301)
    assert secret.encode() not in mail.world.one("SELECT secret_sealed FROM webhook")


def test_a_worker_killed_between_sending_and_settling_sends_the_same_again(mail: Post, tmp_path: Path) -> None:
    room = aid_of(mail.world, "3幢1单元502室")
    mail.subscribe(aid=room)
    events = mail.move(room, 2)
    mail.receiver.may_answer.clear()
    terminal = Terminal.open(mail.world.engine.url.render_as_string(hide_password=False), tmp_path / "home")
    open_to_local = {"ADDRESSBOOK_WEBHOOK_HTTP": "true", "ADDRESSBOOK_WEBHOOK_NETWORKS": "127.0.0.0/8"}
    worker = terminal.start("webhook", "deliver", "--once", **open_to_local)
    assert mail.receiver.entered.wait(PATIENCE_S)
    worker.kill()
    worker.communicate()
    mail.receiver.may_answer.set()
    until(lambda: mail.deliver() == 2 or txs(mail.receiver)[-1:] == events[-1:])
    assert txs(mail.receiver) == [events[0], *events]
    first, again, _ = mail.receiver.letters
    assert (first.number, first.body) == (again.number, again.body)


def test_one_that_is_down_holds_nobody_else_back(mail: Post, room: str) -> None:
    mail.subscribe(aid=room)
    with receiving() as other:
        second = Post(mail.world, other)
        second.subscribe(aid=room)
        mail.receiver.down()
        events = mail.move(room, 2)
        assert second.deliver() == 2
        assert txs(other) == events


def test_two_workers_do_not_tell_one_subscriber_at_once(mail: Post, room: str) -> None:
    mail.subscribe(aid=room)
    events = mail.move(room, 2)
    mail.receiver.may_answer.clear()
    told: list[int] = []
    first = threading.Thread(target=lambda: told.append(mail.courier().once()))
    first.start()
    assert mail.receiver.entered.wait(PATIENCE_S)
    assert mail.courier().once() == 0
    assert len(mail.receiver.letters) == 1
    mail.receiver.may_answer.set()
    first.join()
    assert (told, txs(mail.receiver)) == ([2], events)


def test_what_does_not_arrive_for_days_is_a_dead_letter_and_can_be_replayed(mail: Post, room: str) -> None:
    number, _ = mail.subscribe(aid=room)
    lost = mail.move(room)
    mail.receiver.status = 500
    mail.deliver()
    mail.clock.pass_by(days=3, hours=23)
    mail.deliver()
    assert mail.deliveries(number, "dead") == []
    mail.clock.pass_by(hours=2)
    mail.deliver()
    (dead,) = mail.deliveries(number, "dead")
    assert (dead["attempts"], dead["status"], dead["error"]) == (3, 500, "answered 500")
    assert f'"tx":{lost[0]}' in dead["body"]
    mail.receiver.status, mail.receiver.letters = 200, []
    later = mail.move(room)
    mail.clock.pass_by(minutes=10)
    mail.deliver()
    assert txs(mail.receiver) == later, "what follows is no longer held back"
    with transaction(mail.world.engine) as connection:
        assert replay(connection, number, None, mail.clock()) == 1
    mail.deliver()
    assert txs(mail.receiver) == [*later, *lost]
    assert mail.receiver.letters[-1].number == dead["delivery_id"]
    assert mail.deliveries(number, "dead") == []


def test_a_pause_loses_nothing_and_makes_nothing_old(mail: Post, room: str) -> None:
    number, _ = mail.subscribe(aid=room)
    with transaction(mail.world.engine) as connection:
        pause(connection, number)
    events = mail.move(room, 2)
    assert mail.deliver() == 0
    mail.clock.pass_by(days=30)
    with transaction(mail.world.engine) as connection:
        resume(connection, number, mail.clock())
    mail.receiver.status = 500
    assert (mail.deliver(), mail.deliveries(number, "dead")) == (0, [])
    mail.receiver.status, mail.receiver.letters = 200, []
    mail.clock.pass_by(minutes=1)
    mail.deliver()
    assert txs(mail.receiver) == events


def test_an_address_tells_of_itself_its_names_and_its_links_and_of_nothing_else(mail: Post, room: str) -> None:
    mail.subscribe(aid=room)
    other = aid_of(mail.world, "3幢1单元501室")
    mail.move(other)
    mail.do(asked.Renumber(aid=room, number="602"))
    mail.world.load_rows("people", [person(1, ROOM.replace("502", "602"))])
    mail.deliver()
    renumbered, loaded = mail.receiver.letters
    address, alias = renumbered.lines
    assert (address["aid"], address["event"], address["address"]["path"]) == (room, "renumber", "B3/E1/H602")
    assert (alias["aid"], alias["alias"]["path"]) == (room, "B3/E1/H502")
    assert loaded.lines == [
        {"link": {"change": "opened", "element_kind": "person", "role": "residence", "aid": room,
                  "division_code": TOWN_CODE, "count": 1}}
    ]  # fmt: skip
    assert loaded.said["batch"] == mail.world.one("SELECT max(batch_id) FROM batch")


def person(number: int, address: str) -> dict[str, str]:
    return {"姓名": f"虚构{number}", "身份证号": identity_number(number), "地址": address}


def firm(number: int, address: str) -> dict[str, str]:
    return {"企业名称": f"虚构{number}有限公司", "统一社会信用代码": uscc(number), "注册地址": address}


def test_an_area_tells_of_what_lies_in_it_and_of_what_has_left_it(mail: Post, room: str) -> None:
    mail.subscribe(division="330109002")
    estate = aid_of(mail.world, "南岸明珠")
    away = mail.do(asked.Rezone(aid=estate, division_code="330109001000"))
    mail.do(asked.Move(aid=room, point=(120.2, 30.1)))
    mail.deliver()
    assert set(txs(mail.receiver)) == {away}, "once it has left it is another area's"
    inside = [line for line in mail.receiver.lines if "address" in line]
    assert len(inside) == mail.world.one("SELECT count(*) FROM address WHERE event_id = :tx OR event_id > :tx", tx=away)
    assert {line["address"]["division_code"] for line in inside} == {"330109001000"}
    mail.receiver.letters.clear()
    back = mail.do(asked.Rezone(aid=estate, division_code=TOWN_CODE))
    mail.deliver()
    assert set(txs(mail.receiver)) == {back}


def test_a_name_that_was_learnt_before_an_address_left_is_told_to_where_it_was(mail: Post) -> None:
    estate = aid_of(mail.world, "南岸明珠")
    mail.subscribe(division="330109002")
    with transaction(mail.world.engine) as connection:
        site = mail.world.one("SELECT site_id FROM address WHERE aid = :aid", aid=estate)
        learnt = remember_alias(connection, Lesson(estate, site, "望江新居"), actor="甲", reason="核对")
    away = mail.do(asked.Rezone(aid=estate, division_code="330109001000"))
    mail.deliver()
    assert txs(mail.receiver) == [learnt, away]
    assert mail.receiver.letters[0].lines[0]["alias"]["name"] == "望江新居"


def test_a_grid_cell_tells_of_what_has_its_point_there_or_had_it(mail: Post, room: str) -> None:
    ring = "120.2 30.1,120.3 30.1,120.3 30.2,120.2 30.2,120.2 30.1"
    with mail.world.engine.begin() as connection:
        source = connection.exec_driver_sql("SELECT min(source_id) FROM source").scalar_one()
        connection.exec_driver_sql(
            "INSERT INTO area (code, kind, name, geom, source_id) VALUES ('G1', 'grid', '网格一',"
            f" 'SRID=4326;MULTIPOLYGON((({ring})))', {source})"
        )
    mail.subscribe(area="G1")
    into, within, out, beyond = (
        mail.do(asked.Move(aid=room, point=(lon, 30.15))) for lon in (120.21, 120.22, 120.41, 120.42)
    )  # fmt: skip
    back = mail.do(asked.Move(aid=room, point=(120.25, 30.15)))
    mail.world.load_rows("enterprises", [firm(1, ROOM), firm(2, ROOM.replace("502", "501"))])
    away = mail.do(asked.Move(aid=room, point=(120.4, 30.15)))
    mail.deliver()
    assert txs(mail.receiver) == [into, within, out, back, None, away], f"{beyond} is none of its business"
    (link,) = mail.receiver.letters[-2].lines
    assert link["link"]["aid"] == room, "though it had left before it was told"
    with pytest.raises(NotFoundError):
        mail.subscribe(area="G2")


def test_a_kind_tells_of_links_opened_moved_and_closed_by_loads_and_by_the_registry(mail: Post) -> None:
    mail.subscribe(element="enterprise")
    rooms = [ROOM, ROOM.replace("502", "501")]
    mail.world.load_rows("enterprises", [firm(1, rooms[0]), firm(2, rooms[0])])
    mail.world.load_rows("people", [person(1, rooms[0])])
    mail.world.load_rows("enterprises", [firm(1, rooms[1])], full_snapshot=True)
    here, there = (aid_of(mail.world, f"3幢1单元{number}室") for number in (502, 501))
    mail.world.load_rows("enterprises", [{**firm(1, rooms[1]), "企业名称": "更名有限公司"}], full_snapshot=True)
    merge = mail.do(asked.Merge(aids=(here, there), name="501-502"))
    with transaction(mail.world.engine) as connection:
        taken_back = revert(connection, merge, WHY).event_id
    mail.deliver()
    new = mail.world.one("SELECT successor_aid FROM address_succession WHERE aid = :aid", aid=there)
    told = [(line["link"]["change"], line["link"].get("from_aid"), line["link"]["aid"]) for line in mail.receiver.lines]
    assert told == [
        ("opened", None, here), ("opened", None, here), ("moved", here, there), ("closed", None, here),
        ("updated", None, there),
        ("moved", there, new), ("moved", new, there),
    ]  # fmt: skip
    assert txs(mail.receiver)[-2:] == [merge, taken_back]
    keys = {line["link"]["element_key"] for line in mail.receiver.lines}
    assert keys == {str(key) for (key,) in mail.world.rows("SELECT element_key FROM enterprise")}


def test_nothing_personal_is_told_or_kept_for_telling(mail: Post, room: str) -> None:
    mail.subscribe(element="person")
    mail.subscribe(Reader(AccessRole.VIEWER, 0, "viewer"), division="330109")
    mail.world.load_rows("people", [person(number, ROOM) for number in range(1, 4)])
    mail.deliver()
    (letter,) = mail.receiver.letters
    (line,) = letter.lines
    assert (letter.said["webhook"], line["link"]["count"], line["link"]["aid"]) == (1, 3, room)
    kept = str(mail.world.rows("SELECT links::text FROM outbox") + mail.world.rows("SELECT body FROM webhook_delivery"))
    kept += letter.body.decode()
    keys = [str(key) for (key,) in mail.world.rows("SELECT element_key FROM person")]
    assert not [word for word in (*keys, "虚构", identity_number(1)[:10]) if word in kept]


def test_every_event_is_told_and_nothing_is_written_while_nobody_subscribes(mail: Post, room: str) -> None:
    mail.move(room)
    assert mail.world.one("SELECT count(*) FROM outbox") == 0
    before = mail.world.one("SELECT max(event_id) FROM registry_event")
    mail.subscribe(division="33")
    mail.move(room)
    mail.world.texts([f"{ESTATE}15幢", f"{ESTATE}16幢"], "more")
    mail.world.texts([f"{ESTATE}15幢"], "other")  # changes nothing, so it is no event
    events = mail.world.rows("SELECT event_id FROM registry_event WHERE event_id > :before ORDER BY 1", before=before)
    assert len(events) == 2
    assert mail.world.rows("SELECT event_id FROM outbox ORDER BY notice_id") == events
    mail.deliver()
    assert [(tx,) for tx in txs(mail.receiver)] == events
    assert mail.world.one("SELECT count(*) FROM outbox") == 0, "what everybody was told is dropped"


def test_a_large_event_comes_in_parts(mail: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("addressbook.views.notices.MOST_LINES", 4)
    mail.subscribe(division="330109")
    mail.world.texts([f"{ESTATE}{number}幢" for number in range(20, 29)], "more")
    mail.deliver()
    assert [(letter.said["part"], letter.said["parts"]) for letter in mail.receiver.letters] == [(1, 3), (2, 3), (3, 3)]
    assert len({line["aid"] for line in mail.receiver.lines}) == 9


@pytest.mark.parametrize(
    ("url", "rules"),
    [
        ("https://[64:ff9b::a00:1]/", Rules()),
        ("https://[2002:a00:1::]/", Rules()),
        ("https://[fec0::1]/", Rules()),
        ("https://100.64.0.1/", Rules()),
        ("https://224.0.0.1/", Rules()),
        ("http://example.org/", Rules()),
        ("https://10.1.2.3/", Rules()),
        ("https://127.0.0.1/", Rules()),
        ("https://[::1]/", Rules()),
        ("https://[::ffff:127.0.0.1]/", Rules()),
        ("https://169.254.169.254/latest", Rules()),
        ("https://10.1.2.3/", Rules(networks=(ip_network("10.2.0.0/16"),))),
        ("https://user:word@example.org/", Rules()),
        ("ftp://example.org/", Rules(plain_http=True)),
        ("https:///none", Rules()),
        ("https://example.org:99999/", Rules()),
        ("https://例子.org/", Rules()),
        ("https://example.org/a b", Rules()),
    ],
)
def test_where_nothing_is_ever_sent(url: str, rules: Rules) -> None:
    with pytest.raises(Exception, match="url"):
        checked_url(url, rules)


def test_a_name_that_leads_inside_is_refused_when_it_is_sent_to(mail: Post) -> None:
    url = f"http://localhost:{mail.receiver.port}/"
    answered = post(url, b"{}", {}, Rules(plain_http=True))
    assert (answered.status, "not public" in answered.error) == (None, True)
    assert mail.receiver.letters == []


def test_a_redirect_is_not_followed(mail: Post, room: str) -> None:
    number, _ = mail.subscribe(aid=room)
    mail.move(room)
    mail.receiver.status = 302
    assert mail.deliver() == 0
    (waiting,) = mail.deliveries(number, "waiting")
    assert (waiting["status"], waiting["error"]) == (302, "answered 302")


def test_a_receiver_that_talks_without_end_is_cut_off(mail: Post, room: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.sending.WHOLE_S", 0.3)
    number, _ = mail.subscribe(aid=room)
    mail.move(room)
    mail.receiver.may_answer.clear()
    assert mail.deliver() == 0
    assert mail.deliveries(number)[0]["error"].startswith("no answer")


def test_one_who_drips_an_answer_is_cut_off_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.sending.WHOLE_S", 0.3)
    with dripping() as port:
        answered = post(f"http://127.0.0.1:{port}/", b"{}", {}, LOCAL)
    assert (answered.status, answered.error[:9]) == (None, "no answer")


def test_a_certificate_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    strict = Rules(networks=LOCAL.networks)
    headers = {"Addressbook-Delivery": "1"}
    with receiving(self_signed(tmp_path / "receiver.pem")) as receiver:
        assert "SSLCertVerificationError" in post(receiver.url, b"{}", headers, strict).error
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "receiver.pem"))
        assert post(receiver.url, b"{}", headers, strict).arrived
        assert receiver.letters[0].headers["Host"] == f"localhost:{receiver.port}"
        monkeypatch.setattr("api.sending.WHOLE_S", 0.3)
        receiver.may_answer.clear()
        assert "no answer" in post(receiver.url, b"{}", headers, strict).error
    with receiving(self_signed(tmp_path / "other.pem", host="other.example")) as receiver:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "other.pem"))
        assert "SSLCertVerificationError" in post(receiver.url, b"{}", headers, strict).error


def test_nothing_is_lost_or_out_of_order_while_loads_and_decisions_commit_at_once(mail: Post, room: str) -> None:
    mail.subscribe(division="330109")
    kinds = {"people": person, "enterprises": firm}
    loads = [
        threading.Thread(
            target=mail.world.load_rows, args=[kind, [row(n, ROOM) for n in range(30)]], kwargs={"chunk_rows": 5}
        )
        for kind, row in kinds.items()
    ]
    decisions = threading.Thread(target=mail.move, args=[room, 12])
    for thread in (*loads, decisions):
        thread.start()
    while any(thread.is_alive() for thread in (*loads, decisions)):
        mail.deliver()
    while mail.deliver():
        pass
    events = mail.world.rows("SELECT event_id FROM registry_event WHERE kind = 'move' ORDER BY event_id")
    assert [(tx,) for tx in txs(mail.receiver) if tx is not None] == events
    links = [line["link"] for line in mail.receiver.lines if "link" in line]
    for kind in ("person", "enterprise"):
        assert sum(link["count"] for link in links if link["element_kind"] == kind) == 30
    numbers = [letter.number for letter in mail.receiver.letters]
    assert numbers == sorted(set(numbers))


@pytest.fixture(name="desk")
def _desk(estate: World, tmp_path: Path) -> Iterator[Desk]:
    Terminal.open("", tmp_path)  # the service's secret is that of the worlds
    with served_desk(estate, tmp_path, webhook_http=True, webhook_networks="127.0.0.0/8") as desk:
        yield desk


def states(desk: Desk, where: str) -> list[str]:
    return [item["state"] for item in desk.ask("GET", f"{where}/deliveries", AccessRole.VIEWER).json()["items"]]


def test_the_service_delivers_by_itself_and_shows_how_it_stands(
    desk: Desk, capfd: pytest.CaptureFixture[str]
) -> None:  # fmt: skip
    room = str(desk.resolve(ROOM))
    with receiving() as receiver:
        answer = desk.ask("POST", "/webhooks", AccessRole.VIEWER, json={"url": receiver.url, "aid": room})
        assert answer.status_code == 200, answer.text
        made = answer.json()
        where = f"/webhooks/{made['webhook_id']}"
        body = {"transaction": "renumber", "aid": room, "number": "602", "reason": "核对"}
        event = desk.ask("POST", "/registry/transactions", json=body).json()["event_id"]
        code = {"aid": room, "scheme": "网格", "value": "7", "reason": "核对"}
        given = desk.ask("POST", "/identifiers", json=code).json()["event_id"]
        until(lambda: len(receiver.letters) == 2)
        assert txs(receiver) == [event, given]
        assert receiver.letters[1].lines[0]["said"] == {"aid": room, "scheme": "网格", "value": "7"}
        until(
            lambda: desk.ask("GET", f"{where}/deliveries", AccessRole.VIEWER).json()["items"][0]["state"] != "waiting"
        )
        assert is_genuine(
            made["secret"], receiver.letters[0].headers["Addressbook-Signature"], receiver.letters[0].body,
            int(datetime.now(UTC).timestamp()),
        )  # fmt: skip
    _, second = desk.ask("GET", f"{where}/deliveries", AccessRole.VIEWER).json()["items"]
    assert (second["status"], second["attempts"], second["body"]) == (200, 1, "")
    page = desk.ask("GET", f"{where}/deliveries", AccessRole.VIEWER, params={"limit": 1, "state": "delivered"}).json()
    (following,) = [link for link in page["links"] if link["rel"] == "next"]
    assert desk.ask("GET", following["href"], AccessRole.VIEWER).json()["items"] == [second]
    assert desk.ask("POST", f"{where}/pause", AccessRole.VIEWER).json()["state"] == "paused"
    assert desk.ask("POST", f"{where}/resume", AccessRole.VIEWER).json()["state"] == "active"
    assert desk.ask("POST", f"{where}/replay", AccessRole.VIEWER, json={}).json() == {"replayed": 0}
    shown = desk.ask("GET", where, AccessRole.VIEWER)
    assert (shown.json()["subject"], made["secret"] in shown.text) == (room, False)
    assert desk.ask("DELETE", where, AccessRole.VIEWER).json() == {"removed": made["webhook_id"]}
    refused(desk.ask("GET", where, AccessRole.VIEWER), 404)
    out, err = capfd.readouterr()
    assert made["secret"] not in out + err


def test_a_subscription_is_its_owners_and_the_administrators(desk: Desk) -> None:
    body = {"url": "http://127.0.0.1:9/", "division": "330109"}
    number = desk.ask("POST", "/webhooks", AccessRole.VIEWER, json=body).json()["webhook_id"]
    assert desk.ask("GET", "/webhooks", AccessRole.ANALYST).json()["items"] == []
    refused(desk.ask("DELETE", f"/webhooks/{number}", AccessRole.ANALYST), 404)
    refused(desk.ask("POST", f"/webhooks/{number}/pause", AccessRole.REVIEWER), 404)
    (seen,) = desk.ask("GET", "/webhooks", AccessRole.ADMIN).json()["items"]
    assert (seen["webhook_id"], seen["subject"], seen["role"]) == (number, "330109000000", "viewer")
    refused(desk.ask("GET", "/webhooks", AccessRole.PUBLIC), 403)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"url": "https://example.org/"}, 400),
        ({"url": "https://example.org/", "division": "330109", "element": "thing"}, 400),
        ({"url": "https://example.org/", "element": "dog"}, 400),
        ({"url": "https://example.org/", "element": "person"}, 403),
        ({"url": "https://example.org/", "division": "3301x"}, 400),
        ({"url": "https://example.org/", "aid": "B7K3M9QXW2HF"}, 404),
        ({"url": "https://10.0.0.1/", "division": "330109"}, 400),
        ({"url": "https://example.org/", "division": "330109", "secret": "mine"}, 422),
    ],
)
def test_what_cannot_be_subscribed_to(desk: Desk, body: dict[str, str], status: int) -> None:
    refused(desk.ask("POST", "/webhooks", AccessRole.VIEWER, json=body), status)


def test_nobody_is_told_on_behalf_of_a_key_that_was_revoked(mail: Post, room: str) -> None:
    with transaction(mail.world.engine) as connection:
        owner = find_key(connection, create_key(connection, AccessRole.VIEWER, "owner"))
    mail.subscribe(owner, aid=room)
    mail.move(room)
    assert mail.deliver() == 1
    mail.move(room)
    with transaction(mail.world.engine) as connection:
        assert revoke_key(connection, owner.key_id)
    assert (mail.deliver(), len(mail.receiver.letters)) == (0, 1)


def test_the_command_line_subscribes_delivers_and_replays(
    mail: Post, room: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal.open(mail.world.engine.url.render_as_string(hide_password=False), tmp_path / "home")
    assert terminal.run("webhook", "add", mail.receiver.url, "--aid", room).code == 3, "http is not allowed"
    local = {"WEBHOOK_HTTP": "true", "WEBHOOK_NETWORKS": "127.0.0.0/8", "DATABASE_URL": terminal.url}
    for name, value in {**local, "HOME": str(terminal.home)}.items():
        monkeypatch.setenv(f"ADDRESSBOOK_{name}", value)
    added = typed("add", mail.receiver.url, "--aid", room)
    secret = added.split()[-1]
    assert secret.startswith("abw_")
    events = mail.move(room)
    mail.receiver.status = 500
    monkeypatch.setenv("ADDRESSBOOK_WEBHOOK_DEAD_AFTER_HOURS", "0.000001")
    assert "0 条已送达" in typed("deliver", "--once")
    dead = typed("deliveries", "1", "--dead")
    assert ("answered 500" in dead, secret in dead + typed("list")) == (True, False)
    mail.receiver.status, mail.receiver.letters = 200, []
    assert "1 条死信" in typed("replay", "1")
    assert "1 条已送达" in typed("deliver", "--once")
    assert txs(mail.receiver) == events
    assert "已暂停" in typed("pause", "1")
    assert "paused" in typed("list")
    assert "已恢复" in typed("resume", "1")
    assert "已取消" in typed("remove", "1")
    with pytest.raises(NotFoundError):
        typed("deliveries", "1")


def typed(*words: str) -> str:
    """What the command says, run in this process: a process of its own takes seconds to start."""
    done = CliRunner().invoke(command_line, ["webhook", *words])
    if done.exception:
        raise done.exception
    return done.stdout
