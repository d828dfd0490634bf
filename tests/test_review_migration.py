"""What waited before there was a desk: readable, and asked anew by the next load of its source."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

from addressbook.divisions import Gazetteer
from addressbook.errors import RuleError
from addressbook.parse import Parser
from addressbook.privacy.policy import AccessRole, Reader
from addressbook.registry import requests as asked
from addressbook.registry.review import Verdict
from addressbook.store.engine import transaction
from addressbook.store.migrations import HERE, migrate
from addressbook.store.transactions import transact
from addressbook.views.review import whole_items
from tests.review_world import CLERK, MISSPELT, UNKNOWN_ROOM, ReviewDesk, people
from tests.worlds import ESTATE_ROWS, ROOM, World

BEFORE_THE_DESK = "0006"


def there_and_back(url: str) -> None:
    """The schema of before, and today's again: of what waited only what was known before is left."""
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["url"] = url
    command.downgrade(config, BEFORE_THE_DESK)
    migrate(url)


def test_what_had_been_asked_is_shown_put_off_and_asked_anew(engine: Engine, database_url: str, tmp_path: Path) -> None:
    desk = ReviewDesk(World(engine, tmp_path))
    desk.world.texts(ESTATE_ROWS)
    rows = people(UNKNOWN_ROOM, MISSPELT, ROOM)
    first, second = desk.wait("people", rows)
    with transaction(engine) as connection:
        parts = (asked.Part(name="502A"), asked.Part(name="502B"))
        transact(
            connection, asked.Split(aid=desk.aid("3幢1单元502室"), parts=parts), CLERK, Parser(Gazetteer.shipped())
        )
    of_split = desk.open()[-1]
    engine.dispose()
    there_and_back(database_url)
    desk.world.check_stored()
    with transaction(engine) as connection:
        (shown,) = whole_items(connection, Reader(AccessRole.REVIEWER), [first], Parser(Gazetteer.shipped()))
    assert (shown["received_text"], shown["twins"]) == (UNKNOWN_ROOM, 0)
    desk.say(first, Verdict.LATER)
    for verdict in (Verdict.NONE, Verdict.NOT_AN_ADDRESS):
        with pytest.raises(RuleError) as told:
            desk.say(second, verdict)
        assert told.value.rule == "reload"
    desk.choose(of_split, "502B室")
    assert {aid for _, aid in desk.links()} == {desk.aid("502B室")}
    again = desk.wait("people", rows)
    assert len(again) == len((first, second))
    assert set(again).isdisjoint((first, second))
    desk.say(again[0], Verdict.NONE)
    assert desk.row_ends() == {"linked": 2, "review": 1}
