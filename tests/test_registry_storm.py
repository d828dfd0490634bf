"""Many at once, and killed at any moment: no deadlock, nothing lost, all of a transaction or none of it."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from sqlalchemy import text

from addressbook.divisions import Gazetteer
from addressbook.errors import DatabaseError, NotFoundError, RuleError
from addressbook.parse import Parser
from addressbook.registry import requests as asked
from addressbook.store.engine import make_engine, transaction
from addressbook.store.transactions import Because, transact
from tests.registry_storm import Storm
from tests.test_registry_transactions import Registry, _registry  # noqa: F401 the fixture

AT_ONCE, EACH = 8, 25
WHY = Because("测试员", "同时变更")


def _storm(url: str, parser: Parser, seed: int) -> Counter[str]:
    """Transactions on a connection of its own; what became of each."""
    storm, ends = Storm(seed), Counter[str]()
    engine = make_engine(url, pool_size=1)
    for _ in range(EACH):
        try:
            with transaction(engine) as connection:
                request = storm.draw(connection)
            with transaction(engine) as connection:
                transact(connection, request, WHY, parser)
            ends["done"] += 1
        except (RuleError, NotFoundError):
            ends["refused"] += 1
    engine.dispose()
    return ends


def test_random_transactions_at_once_neither_wait_for_ever_nor_lose_anything(registry: Registry) -> None:
    url = registry.world.engine.url.render_as_string(hide_password=False)
    before, parser = len(registry.links()), Parser(Gazetteer.shipped())
    events = registry.world.one("SELECT count(*) FROM registry_event")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        ends = sum(pool.map(partial(_storm, url, parser), range(AT_ONCE)), Counter[str]())
    assert ends.total() == AT_ONCE * EACH
    assert ends["done"] > AT_ONCE
    assert registry.world.one("SELECT count(*) FROM registry_event") == events + ends["done"]
    assert len(registry.links()) == before
    registry.check()


def test_a_transaction_whose_connection_dies_leaves_nothing(registry: Registry) -> None:
    room = registry.aid("3幢1单元502室")
    before = registry.world.snapshot()
    with pytest.raises(DatabaseError):
        _renumber_and_die(registry, room)
    assert registry.world.snapshot() == before


def _renumber_and_die(registry: Registry, room: str) -> None:
    """A transaction that has done all it does, but for its commit."""
    with transaction(registry.world.engine) as connection:
        transact(connection, asked.Renumber(aid=room, number="7"), WHY, Parser(Gazetteer.shipped()))
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with transaction(make_engine(registry.world.engine.url.render_as_string(hide_password=False))) as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
