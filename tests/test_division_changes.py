"""Division changes: a new year's list planned, applied as one event, undone; codes stay, old names still resolve."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from addressbook.divisions.plan import Change
from addressbook.model import Category
from tests.division_worlds import CITY, DAY, EAST, OLD, WEST, DivisionWorld
from tests.worlds import identity_number

SHIDU = "浙江省杭州市云溪区石渡镇"
QINGWU = "浙江省杭州市云溪区青坞街道"
TEXTS = [
    f"{SHIDU}渡口村柳岸小区1幢101室",
    f"{SHIDU}柳岸小区2幢",
    f"{SHIDU}长堤路12号",
    f"{QINGWU}上坞村桃源苑3幢502室",
    f"{QINGWU}长堤路88号",
    "浙江省杭州市月塘区竹浦街道竹浦社区荷花苑5幢",
]
MOVED = {code: name for code, name in OLD.items() if not code.startswith("330197002")} | {
    "330198005000": "石渡镇", "330198005001": "渡口村委会", "330198005002": "塘湾村委会",
}  # fmt: skip


@pytest.fixture(name="world")
def _world(database: Engine, tmp_path: Path) -> DivisionWorld:
    world = DivisionWorld(database, tmp_path)
    world.clear()
    world.begin(OLD)
    world.texts(TEXTS)
    world.load_rows(
        "people",
        [
            {"姓名": "虚构甲", "身份证号": identity_number(1), "现住地址": TEXTS[0]},
            {"姓名": "虚构乙", "身份证号": identity_number(2), "现住地址": f"{SHIDU}塘湾村"},
        ],
    )
    return world


def test_a_town_that_goes_to_another_district_takes_its_addresses_along(world: DivisionWorld) -> None:
    before = world.standing()
    aids = {words: answer.aid for words, answer in zip(TEXTS, world.resolve(*TEXTS), strict=True)}
    assert None not in aids.values()
    done = world.apply(MOVED)
    changes = {entry.old.name: entry.change for entry in done.plan.entries if entry.old}
    assert changes["石渡镇"] is Change.MOVED
    for words, answer in zip(TEXTS, world.resolve(*TEXTS), strict=True):
        assert (answer.aid, answer.category) == (aids[words], Category.A), (words, answer.reasons)
    new = [words.replace("云溪区石渡镇", "月塘区石渡镇") for words in TEXTS]
    assert [answer.aid for answer in world.resolve(*new)] == list(aids.values())
    assert all("月塘区石渡镇" in words for words in world.addresses() if "柳岸" in words)
    world.revert(done.event_id)
    assert world.standing() == before


__all__ = ["CITY", "DAY", "EAST", "WEST"]
