"""Decisions on aliases over HTTP: whose they are, what they teach, what they linked, how they end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import event

from addressbook.privacy.policy import AccessRole
from tests.desk import Desk, refused, served_desk
from tests.worlds import ESTATE, ROOM, TOWN, World, identity_number

DECIDERS = {AccessRole.REVIEWER, AccessRole.ADMIN}
OTHER_NAME, OTHER_TEXT = "望江新居", f"{TOWN}望江新居3幢1单元502室"


class AliasDesk(Desk):
    """The desk with short ways to decide on aliases."""

    def add(self, aid: str | None, words: str, **more: Any) -> httpx.Response:
        return self.ask("POST", "/aliases", json={"aid": aid, "text": words, "reason": "seen on site", **more})

    def withdraw(self, aid: str, name: str) -> httpx.Response:
        return self.ask("POST", "/aliases/withdrawals", json={"aid": aid, "name": name, "reason": "another estate"})

    def listed(self, **params: Any) -> list[dict[str, Any]]:
        answer = self.ask("GET", "/aliases", params=params)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items


@pytest.fixture(name="desk")
def _desk(estate: World, tmp_path: Path) -> Iterator[AliasDesk]:
    with served_desk(estate, tmp_path) as desk:
        yield AliasDesk(desk.world, desk.client, desk.engine)


def test_a_decision_is_taught_listed_and_withdrawn_with_what_it_linked(desk: AliasDesk) -> None:
    room, estate = desk.resolve(ROOM), desk.resolve(ESTATE)
    assert desk.resolve(OTHER_TEXT) is None
    learnt = desk.add(room, OTHER_TEXT, actor="审核员甲").json()
    assert (learnt["aid"], learnt["name"]) == (estate, OTHER_NAME)
    assert desk.resolve(OTHER_TEXT) == room, "used from the next question on"
    person = {"姓名": "虚构甲", "身份证号": identity_number(1), "现住地址": OTHER_TEXT}
    desk.world.load_rows("people", [person])

    (entry,) = desk.listed(aid=estate)
    assert (entry["name"], entry["origin"], entry["valid_to"]) == (OTHER_NAME, "review", None)
    assert (entry["decided"]["event"], entry["decided"]["reason"]) == ("alias", "seen on site")
    assert entry["decided"]["actor"].startswith("审核员甲 (key ")
    assert (entry["linked"]["total"], entry["linked"]["truncated"]) == (1, False)
    assert entry["linked"]["items"][0]["aid"] == room

    ended = desk.withdraw(learnt["printed"].lower(), OTHER_NAME).json()
    (link,) = ended["linked"]["items"]
    assert (link["element_kind"], link["role"], link["received_text"]) == ("person", "residence", OTHER_TEXT)
    assert desk.resolve(OTHER_TEXT) is None
    (entry,) = desk.listed(aid=estate)
    assert entry["valid_to"]
    assert entry["decided"]["event"] == "alias_withdrawn"
    refused(desk.withdraw(learnt["aid"], OTHER_NAME), 404)


def test_an_alias_of_a_street_tells_what_it_linked_on_the_street(desk: AliasDesk) -> None:
    """A plate without a compound is a site of its own, so its links are not stored with the street's."""
    street = desk.add(desk.resolve(f"{TOWN}金城路12号"), f"{TOWN}经一路12号").json()
    desk.world.load_rows("enterprises", [{"企业名称": "虚构商行", "source_key": "1", "注册地址": f"{TOWN}经一路12号"}])
    (entry,) = desk.listed(aid=street["aid"])
    assert [item["received_text"] for item in entry["linked"]["items"]] == [f"{TOWN}经一路12号"]


def test_without_an_address_all_decisions_are_listed_page_by_page(desk: AliasDesk) -> None:
    names = {desk.add(desk.resolve(ROOM), OTHER_TEXT).json()["name"]}
    names.add(desk.add(desk.resolve(ROOM), f"{ESTATE}3幢1单元902室").json()["name"])
    names.add(desk.add(desk.resolve(f"{TOWN}金城路12号"), f"{TOWN}经一路12号").json()["name"])
    path, seen = "/aliases?limit=1", []
    while path:
        page = desk.ask("GET", path).json()
        seen += [item["name"] for item in page["items"]]
        path = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    assert len(seen) == len(names) == 3
    assert set(seen) == names
    cursor = desk.ask("GET", "/aliases?limit=1").json()["links"][1]["href"].partition("cursor=")[2]
    refused(desk.ask("GET", f"/aliases?aid={desk.resolve(ESTATE)}&cursor={cursor}"), 400)


@pytest.mark.parametrize("role", list(AccessRole))
def test_only_reviewers_and_administrators_decide(desk: AliasDesk, role: AccessRole) -> None:
    body = {"aid": "C", "text": "x", "reason": "x"}
    answers = [
        desk.ask("GET", "/aliases", role),
        desk.ask("POST", "/aliases", role, json=body),
        desk.ask("POST", "/aliases/withdrawals", role, json={**body, "name": "x"}),
    ]
    if role in DECIDERS:
        assert [answer.status_code for answer in answers] == [200, 400, 422]
    else:
        for answer in answers:
            assert "reviewer" in refused(answer, 403)["detail"]


def test_what_teaches_nothing_or_is_no_address_is_refused_and_nothing_is_stored(desk: AliasDesk) -> None:
    room = desk.resolve(ROOM)
    before = desk.world.one("SELECT count(*) FROM registry_event")
    refused(desk.add(room, ROOM), 400)
    refused(desk.add(desk.resolve(ESTATE), "南岸明珠"), 400)
    refused(desk.add(room, "甲"), 400)
    refused(desk.add("B7K3-M9QX-W2HF", OTHER_TEXT), 404)
    refused(desk.add("C222-2222-222", OTHER_TEXT), 400)
    for text in ("", " ", "a\0", "甲\n乙", "甲" * 501):
        refused(desk.add(room, text), 422)
        refused(desk.add(room, OTHER_TEXT, actor=text), 422)
    refused(desk.add(room, OTHER_TEXT, extra="1"), 422)
    refused(desk.ask("GET", "/aliases?aid=x"), 400)
    assert desk.world.one("SELECT count(*) FROM registry_event") == before
    assert desk.listed() == []


def test_the_texts_of_persons_that_a_list_shows_are_in_the_access_log(desk: AliasDesk) -> None:
    desk.add(desk.resolve(ROOM), OTHER_TEXT)
    person = {"姓名": "虚构甲", "身份证号": identity_number(1), "现住地址": OTHER_TEXT}
    desk.world.load_rows("people", [person])
    desk.listed()
    assert desk.world.rows("SELECT route, persons FROM access_log") == [("/aliases", 1)]


def test_a_decision_is_on_disk_before_it_is_answered(desk: AliasDesk) -> None:
    """The service's sessions do not wait for the disk; the transaction of a decision does."""
    waits: list[str] = []
    asked = "SHOW synchronous_commit"
    event.listen(desk.engine, "commit", lambda made: waits.append(made.exec_driver_sql(asked).scalar_one()))
    room, estate = desk.resolve(ROOM), desk.resolve(ESTATE)
    assert set(waits) == {"off"}
    for decide in (lambda: desk.add(room, OTHER_TEXT), lambda: desk.withdraw(str(estate), OTHER_NAME)):
        waits.clear()
        assert decide().status_code == 200
        assert "on" in waits, "what the service does behind its requests is committed among them"
