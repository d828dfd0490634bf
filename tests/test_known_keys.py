"""Keys and purposes that the service remembers: none is believed after the database has said that it changed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from sqlalchemy import Engine, text

from addressbook.errors import FieldError
from addressbook.privacy import known_keys, known_purposes
from addressbook.privacy.keys import create_key, revoke_key, rotate_key
from addressbook.privacy.known_keys import KnownKeys
from addressbook.privacy.known_purposes import KnownPurposes
from addressbook.privacy.policy import AccessRole
from addressbook.privacy.purposes import add_purpose
from addressbook.store.access import Key, close_purpose
from addressbook.store.asking import Asking
from addressbook.store.engine import transaction
from addressbook.store.hearing import ACCESS, Hearing
from addressbook.store.reading import Row
from tests.worlds import PATIENCE_S

LISTENERS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"


class CountedAsking(Asking):
    """Counts the questions, and does something between an answer and whoever asked."""

    asked = 0
    meanwhile: Callable[[], None] = staticmethod(lambda: None)

    async def read(self, name: str, /, **parameters: Any) -> list[Row]:
        rows = await super().read(name, **parameters)
        self.asked += name in ("key_by_hash", "open_purposes")
        self.meanwhile()
        return rows


class Desk:
    """One process of the service, and an administrator beside it."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.asking = engine, CountedAsking(engine)
        self.hearing = Hearing(engine, ACCESS)
        self.known = KnownKeys(self.hearing, self.asking)
        self.purposes = KnownPurposes(self.hearing, self.asking)

    def new(self, **how: Any) -> str:
        with transaction(self.engine) as connection:
            return create_key(connection, AccessRole.OFFICER, "somebody", **how)

    def do(self, statement: str, **values: Any) -> None:
        with transaction(self.engine) as connection:
            connection.execute(text(statement), values)

    async def find(self, key: str) -> Key | None:
        return await self.known.find(sha256(key.encode()).digest())

    async def serves(self, purpose: str) -> bool:
        """Whether persons may be read for it."""
        try:
            return await self.purposes.need(purpose, field="X-Purpose") == purpose
        except FieldError:
            return False

    async def key_id(self, key: str) -> int:
        found = await self.find(key)
        assert found is not None
        return found.key_id


def at(engine: Engine, story: Callable[[Desk], Awaitable[None]]) -> None:
    async def told() -> None:
        desk = Desk(engine)
        try:
            await asyncio.wait_for(story(desk), PATIENCE_S)
        finally:
            await desk.hearing.close()
            await desk.asking.close()

    asyncio.run(told())


async def becomes(value: Callable[[], Awaitable[object]], wanted: object) -> None:
    """What is said takes the database a moment to bring."""
    while await value() != wanted:
        await asyncio.sleep(0.001)


def test_a_key_is_looked_up_once_while_nothing_changes(engine: Engine) -> None:
    async def story(desk: Desk) -> None:
        one, other = desk.new(), desk.new()
        for _ in range(20):
            assert [(await desk.find(key) is not None) for key in (one, other, "abk_unknown")] == [True, True, False]
        assert desk.asking.asked == 2 + 20, "what is unknown is looked up each time"

    at(engine, story)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE api_key SET revoked_at = now()", "UPDATE api_key SET expires_at = now()", "DELETE FROM api_key",
        "TRUNCATE api_key CASCADE", "UPDATE api_key SET key_hash = sha256('another')",
    ],
)  # fmt: skip
def test_a_key_that_ends_is_believed_no_longer(engine: Engine, change: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_keys, "LONGEST_S", 2 * PATIENCE_S)

    async def story(desk: Desk) -> None:
        key = desk.new()
        assert await desk.find(key) == await desk.find(key)
        desk.do(change)
        await becomes(lambda: desk.find(key), None)

    at(engine, story)


def test_what_a_key_may_changes_with_it(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_keys, "LONGEST_S", 2 * PATIENCE_S)

    async def story(desk: Desk) -> None:
        key = desk.new(areas=["330109001"])

        async def may() -> object:
            found = await desk.find(key)
            return found and (found.role, found.areas)

        assert await may() == ("officer", ["330109001"])
        desk.do("UPDATE api_key SET areas = '{330109002}', role = 'viewer'")
        await becomes(may, ("viewer", ["330109002"]))

    at(engine, story)


def test_revoking_and_rotating_say_so(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_keys, "LONGEST_S", 2 * PATIENCE_S)

    async def story(desk: Desk) -> None:
        revoked, rotated = desk.new(), desk.new()
        with transaction(engine) as connection:
            assert revoke_key(connection, await desk.key_id(revoked))
            rotate_key(connection, await desk.key_id(rotated), timedelta(0))
        await becomes(lambda: desk.find(revoked), None)
        await becomes(lambda: desk.find(rotated), None)

    at(engine, story)


def test_a_key_ends_by_itself(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known_keys, "LONGEST_S", 2 * PATIENCE_S)

    async def story(desk: Desk) -> None:
        expiring = desk.new(expires_at=datetime.now(UTC) + timedelta(seconds=1))
        rotated = desk.new()
        number = await desk.key_id(rotated)
        with transaction(engine) as connection:
            rotate_key(connection, number, timedelta(seconds=1))
        assert await desk.find(expiring) is not None
        assert await desk.find(rotated) is not None
        await becomes(lambda: desk.find(expiring), None)
        await becomes(lambda: desk.find(rotated), None)

    at(engine, story)


def test_a_key_that_is_revoked_while_it_is_looked_up_is_not_remembered(engine: Engine) -> None:
    async def story(desk: Desk) -> None:
        key = desk.new()
        await desk.find(desk.new())  # now it listens
        desk.asking.meanwhile = lambda: desk.do("UPDATE api_key SET revoked_at = now()")
        assert await desk.find(key) is not None, "it was in force when it was read"
        await becomes(lambda: desk.find(key), None)

    at(engine, story)


def test_without_anybody_listening_every_key_is_looked_up(engine: Engine) -> None:
    async def story(desk: Desk) -> None:
        key = desk.new()
        await desk.find(key)
        asked = desk.asking.asked
        await desk.find(key)
        assert desk.asking.asked == asked
        desk.do(f"SELECT pg_terminate_backend(pid) FROM ({LISTENERS}) AS listening")
        desk.do("UPDATE api_key SET revoked_at = now()")  # nobody hears it
        await becomes(lambda: desk.find(key), None)
        fresh = desk.new()
        await desk.find(fresh)
        asked = desk.asking.asked
        await desk.find(fresh)
        assert desk.asking.asked == asked, "it listens again"

    at(engine, story)


def test_a_use_is_noted_once_in_a_while(engine: Engine) -> None:
    async def story(desk: Desk) -> None:
        key = desk.new()
        for _ in range(3):
            await desk.find(key)
        desk.do("UPDATE api_key SET last_used_at = now() - interval '10 s', label = label")
        await asyncio.sleep(0.2)
        await desk.find(key)
        with transaction(engine) as connection:
            ago = connection.execute(text("SELECT now() - last_used_at FROM api_key")).scalar_one()
        assert timedelta(seconds=10) <= ago < timedelta(minutes=1)

    at(engine, story)


FLOOD = "flood"


@pytest.fixture(name="flood")
def _flood(engine: Engine) -> str:
    """A purpose that is in use."""
    with transaction(engine) as connection:
        connection.execute(text("DELETE FROM purpose WHERE code = :code"), {"code": FLOOD})
        add_purpose(connection, FLOOD, "防汛", "flood", "《防洪法》")
    return FLOOD


def test_a_purpose_is_looked_up_once_while_nothing_changes(engine: Engine, flood: str) -> None:
    async def story(desk: Desk) -> None:
        for _ in range(20):
            assert [await desk.serves(code) for code in (flood, "emergency", "curiosity")] == [True, True, False]
        assert desk.asking.asked == 1 + 20, "what is unknown is looked up each time"
        desk.do("INSERT INTO purpose (code, name_zh, name_en, legal_basis) VALUES ('storm', '防台', 'storm', '法')")
        assert await desk.serves("storm"), "a new one is good at once"
        desk.do("DELETE FROM purpose WHERE code = 'storm'")

    at(engine, story)


@pytest.mark.parametrize("how", ["close", "DELETE FROM purpose WHERE code = 'flood'"])
def test_a_purpose_that_is_closed_serves_no_longer(
    engine: Engine, flood: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_purposes, "LONGEST_S", 2 * PATIENCE_S)

    async def story(desk: Desk) -> None:
        assert await desk.serves(flood)
        assert await desk.serves(flood)
        if how == "close":
            with transaction(engine) as connection:
                assert close_purpose(connection, flood)
        else:
            desk.do(how)
        await becomes(lambda: desk.serves(flood), False)
        assert await desk.serves("emergency")

    at(engine, story)


def test_a_purpose_that_is_closed_while_they_are_looked_up_is_not_remembered(engine: Engine, flood: str) -> None:
    async def story(desk: Desk) -> None:
        await desk.serves("emergency")  # now it listens
        desk.asking.meanwhile = lambda: desk.do("UPDATE purpose SET closed_at = now() WHERE code = 'flood'")
        await desk.serves("curiosity")
        await becomes(lambda: desk.serves(flood), False)

    at(engine, story)


def test_where_nothing_is_heard_a_purpose_is_believed_for_a_while_only(
    engine: Engine, flood: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A session behind a pooler listens in vain."""
    monkeypatch.setattr(known_purposes, "LONGEST_S", 0.2)

    async def story(desk: Desk) -> None:
        assert await desk.serves(flood)
        desk.do("ALTER TABLE purpose DISABLE TRIGGER purpose_changed")
        desk.do("UPDATE purpose SET closed_at = now() WHERE code = 'flood'")
        desk.do("ALTER TABLE purpose ENABLE TRIGGER purpose_changed")
        await becomes(lambda: desk.serves(flood), False)

    at(engine, story)


def test_without_anybody_listening_purposes_are_looked_up_each_time(
    engine: Engine, flood: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_purposes, "LONGEST_S", 2 * PATIENCE_S)

    async def story(desk: Desk) -> None:
        desk.hearing = Hearing(engine, "LISTEN nowhere_at_all; SELECT 1 / 0")  # as on a standby: it cannot listen
        desk.purposes = KnownPurposes(desk.hearing, desk.asking)
        assert await desk.serves(flood)
        desk.do("UPDATE purpose SET closed_at = now() WHERE code = 'flood'")
        assert not await desk.serves(flood), "at once"

    at(engine, story)
