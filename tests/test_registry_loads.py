"""Loads and registry transactions at once: names as they are now, and no link lost between the two."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, timedelta
from threading import Thread

import pytest

from addressbook.divisions import Gazetteer
from addressbook.parse import Parser
from addressbook.registry import requests as asked
from addressbook.store.engine import transaction
from addressbook.store.transactions import transact
from loaders.request import LoadRequest
from loaders.running import LoadReport, run_load
from tests.test_registry_transactions import WHY, Registry, _registry  # noqa: F401 the fixture
from tests.worlds import ESTATE, ROOM, SECRET, TOWN, identity_number, is_held_up, until, write_csv

SHOP = f"{TOWN}金城路12号"


def load(
    registry: Registry, texts: list[str], source: str, *, chunk_rows: int = 5000, full_snapshot: bool = False,
    meanwhile: Callable[[], object],
) -> LoadReport:  # fmt: skip
    """People at these texts; `meanwhile` is called once, after the first chunk."""
    rows = [{"姓名": f"测试{n}", "证件号码": identity_number(n), "居住地址": words} for n, words in enumerate(texts, 1)]
    path = write_csv(registry.world.folder / f"{source}.csv", rows)
    request = LoadRequest("people", path, source, chunk_rows=chunk_rows, full_snapshot=full_snapshot)
    waiting = [meanwhile]
    report = run_load(
        registry.world.engine, SECRET, request, gazetteer=Gazetteer.shipped(),
        progress=lambda _done, _total: waiting and waiting.pop()(),
    )  # fmt: skip
    registry.world.check(report)
    registry.check()
    return report


def test_a_long_load_sees_what_another_process_renames_meanwhile(registry: Registry) -> None:
    estate, room = registry.aid("北干街道南岸明珠"), registry.aid("南岸明珠3幢1单元502室")
    texts = [ROOM, ROOM, *[f"{TOWN}江南大苑3幢1单元502室"] * 6]
    report = load(
        registry, texts, "long", chunk_rows=2,
        meanwhile=lambda: registry.do(asked.Rename(aid=estate, name="江南大苑")),
    )  # fmt: skip
    assert (report.totals.linked, report.totals.review) == (8, 0)
    assert set(registry.world.linked_to("long").values()) == {room}


def test_a_long_load_does_not_link_to_what_another_process_retires_meanwhile(registry: Registry) -> None:
    room = registry.aid("南岸明珠3幢1单元502室")
    report = load(
        registry, [ROOM] * 8, "long", chunk_rows=2, meanwhile=lambda: registry.do(asked.Retire(aid=room))
    )  # fmt: skip
    assert (report.totals.linked, report.totals.review, report.totals.reasons) == (2, 6, {"retired": 6})


def commit_once_waited_for(registry: Registry, stack: ExitStack) -> None:
    with stack:
        until(lambda: is_held_up(registry.world))


@pytest.mark.parametrize("what", ["merge", "void_duplicate", "reparent"])
def test_rows_that_are_gone_are_closed_where_a_transaction_has_just_moved_them(registry: Registry, what: str) -> None:
    rooms = tuple(registry.aid(f"南岸明珠3幢1单元{room}室") for room in (501, 502))
    requests: dict[str, asked.Request] = {
        "merge": asked.Merge(aids=rooms, name="501-502"),
        "void_duplicate": asked.VoidDuplicate(junior=rooms[1], senior=rooms[0]),
        "reparent": asked.Reparent(aid=registry.aid("南岸明珠3幢"), parent_aid=registry.aid("金城路12号")),
    }
    stack = ExitStack()

    def begin() -> None:
        """A transaction that has moved the links, and is committed while the load waits for it."""
        connection = stack.enter_context(transaction(registry.world.engine))
        transact(connection, requests[what], WHY, Parser(Gazetteer.shipped()))
        Thread(target=commit_once_waited_for, args=(registry, stack)).start()

    load(registry, [SHOP, ROOM, ROOM], "snap", meanwhile=lambda: None)
    report = load(registry, [SHOP], "snap", full_snapshot=True, meanwhile=begin)
    assert (report.totals.linked, report.totals.closed) == (1, 2)
    open_ones = registry.world.rows(
        "SELECT link_id FROM link JOIN source_row r USING (row_key) WHERE closed_at IS NULL AND r.gone_at IS NOT NULL"
    )
    assert open_ones == []


def test_a_link_that_moves_is_dated_by_the_event_that_moved_it(registry: Registry) -> None:
    rooms = tuple(registry.aid(f"南岸明珠3幢1单元{room}室") for room in (501, 502))
    day = date.today() - timedelta(days=3)  # noqa: DTZ011
    done = registry.do(asked.Merge(aids=rooms, name="501-502", effective=day))
    moved = registry.world.rows(
        "SELECT old.closed_at = e.at, new.opened_at = e.at, old.closed_event, new.opened_event FROM link new"
        " JOIN link old ON old.link_id = new.moved_from JOIN registry_event e ON e.event_id = new.opened_event"
    )
    assert moved == [(True, True, done.event_id, done.event_id)] * 3
    back = registry.undo(done.event_id)
    returned = registry.world.rows(
        "SELECT l.opened_at = e.at FROM link l, registry_event e WHERE l.closed_at IS NULL AND e.event_id = :event"
        " AND l.opened_at = e.at", event=back.event_id,
    )  # fmt: skip
    assert len(returned) == 3
    assert ESTATE in ROOM
