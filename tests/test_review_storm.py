"""Many clerks at once, and loads among them: nothing lost, nothing doubled, and all of it can be undone."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from random import Random

import pytest
from sqlalchemy import Connection, text

from addressbook.errors import DatabaseError, RuleError
from addressbook.registry.review import Judgement, Verdict
from addressbook.store.engine import make_engine, transaction
from addressbook.store.review_deciding import decide
from addressbook.store.review_items import Filters, claim
from addressbook.store.review_tools import KeptTools
from addressbook.store.review_undoing import undo
from addressbook.store.transactions import Because
from tests.review_world import ANY_UNIT, CLERK, MISSPELT, UNKNOWN_ROOM, ReviewDesk, people
from tests.worlds import ESTATE, TOWN, World

AT_ONCE, EACH = 4, 12
TEXTS = [
    UNKNOWN_ROOM, MISSPELT, ANY_UNIT, f"{TOWN}无名里3弄2号", "查无此处",
    *(f"{ESTATE}3幢1单元{n}室" for n in range(601, 606)),
]  # fmt: skip
DECISIONS = "SELECT decision_id FROM review_decision WHERE undone_at IS NULL ORDER BY decision_id DESC"


@pytest.fixture(name="desk")
def _desk(estate: World) -> ReviewDesk:
    estate.texts([f"{ESTATE}3幢2单元502室"], source="second")
    return ReviewDesk(estate)


def _clerk(url: str, seed: int) -> Counter[str]:
    """A clerk on a connection of his own, who takes, decides, thinks again; what became of it."""
    random, ends = Random(seed), Counter[str]()  # noqa: S311 a case to repeat, not a secret
    because, engine = Because(f"审核员{seed}", "同时审核"), make_engine(url, pool_size=1)
    with transaction(engine) as connection:
        tools = KeptTools(connection)
    for _ in range(EACH):
        try:
            with transaction(engine) as connection:
                standing = connection.execute(text(DECISIONS)).scalars().all()
                given = claim(connection, because.actor, Filters(), limit=1, minutes=30)
            with transaction(engine) as connection:
                if standing and (not given or random.random() < 0.3):
                    undo(connection, random.choice(standing), because)
                elif given:
                    decide(connection, given[0], _drawn(connection, random), because, tools.now(connection))
            ends["done"] += 1
        except RuleError as fault:
            ends[fault.rule] += 1
    engine.dispose()
    return ends


def _drawn(connection: Connection, random: Random) -> Judgement:
    verdict = random.choice(list(Verdict))
    rooms = connection.execute(text("SELECT aid FROM address WHERE kind = 'H' AND state = 'current'")).scalars().all()
    return Judgement(verdict=verdict, aid=random.choice(rooms) if verdict is Verdict.CHOSEN else None)


def test_clerks_at_once_leave_a_desk_that_can_be_undone_to_its_beginning(desk: ReviewDesk) -> None:
    desk.wait("people", people(*TEXTS, *TEXTS))
    start, url = desk.state(), desk.world.engine.url.render_as_string(hide_password=False)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        ends = sum(pool.map(partial(_clerk, url), range(AT_ONCE)), Counter[str]())
    desk.world.check_stored()
    assert ends.total() == AT_ONCE * EACH
    assert ends["done"] > AT_ONCE
    for (decision,) in desk.world.rows(DECISIONS):
        desk.undo(decision)
    with desk.world.engine.begin() as connection:
        connection.execute(text("UPDATE review_item SET claimed_by = '', claimed_until = NULL"))
    assert desk.state() == start


def test_loads_among_the_clerks_lose_and_double_nothing(desk: ReviewDesk) -> None:
    rows = people(*TEXTS, *TEXTS)
    desk.wait("people", rows)
    url = desk.world.engine.url.render_as_string(hide_password=False)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        clerks = [pool.submit(_clerk, url, seed) for seed in range(AT_ONCE - 1)]
        for number in range(3):
            desk.world.load_rows("people", [row | {"电话": f"1381234567{number}"} for row in rows])
        for clerk in clerks:
            clerk.result()
    desk.world.check_stored()
    assert sum(desk.row_ends().values()) == len(rows)


def test_a_decision_whose_connection_dies_leaves_nothing(desk: ReviewDesk) -> None:
    (item,) = desk.wait("people", people(UNKNOWN_ROOM))
    before, room = desk.world.snapshot(), desk.aid("3幢1单元502室")
    with pytest.raises(DatabaseError):
        _decide_and_die(desk, item, room)
    assert desk.world.snapshot() == before
    assert desk.choose(item, "3幢1单元502室").items == 1


def _decide_and_die(desk: ReviewDesk, item: int, room: str) -> None:
    """A decision that has done all it does, but for its commit."""
    with transaction(desk.world.engine) as connection:
        judgement = Judgement(verdict=Verdict.CHOSEN, aid=room)
        decide(connection, item, judgement, CLERK, KeptTools(connection).now(connection))
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        with transaction(make_engine(desk.world.engine.url.render_as_string(hide_password=False))) as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
