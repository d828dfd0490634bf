"""Enterprises are found as their names are typed in Latin letters: whole, from the firm's own name on, by initials."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text

from addressbook.divisions import Gazetteer
from addressbook.search.firms import FirmSounds, firm_sounds, typed_letters
from addressbook.store.migrations import HERE, migrate
from addressbook.store.search import read_enterprises
from tests.access_world import ASKERS, OTHER_PLATE, Registry, served_registry
from tests.worlds import PLATE, World, uscc

VIEWER = next(asker for asker in ASKERS if asker.name == "viewer")
FOOD, PEARL, NOODLES, HOTEL = FIRMS = (
    "杭州萧山某某食品有限公司", "明珠（杭州）食品有限公司", "浙江省杭州市重庆小面餐饮有限公司", "萧山宾馆有限公司",
)  # fmt: skip


@pytest.fixture(scope="module", name="registry")
def _registry(database: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    home = tmp_path_factory.mktemp("firms")
    with served_registry(World(database, home), home) as registry:
        rows = [
            {"企业名称": name, "统一社会信用代码": uscc(n), "注册地址": PLATE if n % 2 else OTHER_PLATE}
            for n, name in enumerate(FIRMS, 11)
        ]
        registry.world.load_rows("enterprises", rows, "firms by sound")
        yield registry


def found(registry: Registry, typed: str, **more: Any) -> list[dict[str, Any]]:
    """The enterprises that are suggested."""
    headers = {"X-API-Key": registry.keys[VIEWER.name]}
    answer = registry.client.get("/search", params={"q": typed, "kind": "enterprise", **more}, headers=headers)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["suggestions"])


@pytest.mark.parametrize(
    ("typed", "name", "how"),
    [
        ("hangzhouxiaoshanmoumou", FOOD, "pinyin"), ("moumoushipin", FOOD, "pinyin"), ("Moumou ShiPin", FOOD, "pinyin"),
        ("mm", FOOD, "initials"), ("mmsp", FOOD, "initials"), ("HZXSMM", FOOD, "initials"),
        ("mingzhushipin", PEARL, "pinyin"), ("mzsp", PEARL, "initials"), ("mingzhuhangzhou", PEARL, "pinyin"),
        ("chongqingxiaomian", NOODLES, "pinyin"), ("cqxmcy", NOODLES, "initials"), ("zhejiangsheng", NOODLES, "pinyin"),
        ("xiaoshanbinguan", HOTEL, "pinyin"), ("binguan", HOTEL, "pinyin"), ("xsbg", HOTEL, "initials"),
        ("萧山宾馆", HOTEL, "prefix"), ("某某食品", FOOD, "part"),
    ],
)  # fmt: skip
def test_a_firm_is_found_however_its_name_is_typed(registry: Registry, typed: str, name: str, how: str) -> None:
    answer = found(registry, typed)
    assert answer[0]["text"] == name
    assert answer[0]["matched"] == {"how": how, "text": name}
    assert len([one for one in answer if one["text"] == name]) == 1
    assert answer[0]["code"], "and where it is"


def test_digits_in_a_name_are_typed_as_they_are(registry: Registry) -> None:
    assert [one["text"] for one in found(registry, "mougongsi2")] == ["某公司2"]
    assert [one["text"] for one in found(registry, "mgs")] == ["某公司1", "某公司2"]


@pytest.mark.parametrize("typed", ["m", "_", "%%", "mm%", "shipinyouxian", "gongsi"])
def test_what_begins_no_name_is_not_guessed(registry: Registry, typed: str) -> None:
    assert found(registry, typed) == []


def test_a_name_that_changes_is_found_by_the_new_one(registry: Registry) -> None:
    row = {"企业名称": "萧山江南茶楼", "统一社会信用代码": uscc(14), "注册地址": OTHER_PLATE}
    registry.world.load_rows("enterprises", [row], "firms by sound")
    assert [one["text"] for one in found(registry, "jiangnanchalou")] == ["萧山江南茶楼"]
    assert found(registry, "xiaoshanbinguan") == []
    registry.world.load_rows("enterprises", [{**row, "企业名称": HOTEL}], "firms by sound")
    assert [one["text"] for one in found(registry, "xsbg")] == [HOTEL]


def test_each_way_is_a_range_of_an_index_however_many_there_are(registry: Registry) -> None:
    with registry.world.engine.connect() as connection, connection.begin() as attempt:
        connection.execute(text(MANY))
        connection.execute(text("ANALYZE enterprise"))
        before = scans(connection)
        for letters in ("mm", "moumou", "s", "nowhere"):
            for _ in range(7):  # beyond the five for which PostgreSQL plans with the values at hand
                assert len(read_enterprises(connection, letters, letters, "", 10)) <= 10
        assert scans(connection) == before
        attempt.rollback()


def scans(connection: Connection) -> int:
    """How often the enterprises were read from end to end."""
    asked = "SELECT seq_scan FROM pg_stat_xact_user_tables WHERE relname = 'enterprise'"
    return int(connection.execute(text(asked)).scalar_one())


MANY = """
    INSERT INTO enterprise (element_key, source_id, source_key, category, name, status, spelt, initials, own_spelt,
        own_initials, attributes, batch_id)
    SELECT gen_random_uuid(), 1, n::text, '', 'X' || n, '', 's' || md5(n::text), 's' || n, 'm' || md5(n::text),
        'mm' || n, '{}', 1 FROM generate_series(1, 20000) n
"""


def test_firms_that_were_there_before_are_spelt_by_the_migration(
    engine: Engine, database_url: str, tmp_path: Any
) -> None:
    world = World(engine, tmp_path)
    world.texts([PLATE])
    world.load_rows("enterprises", [{"企业名称": FOOD, "统一社会信用代码": uscc(1), "注册地址": PLATE}])
    columns = f"SELECT {', '.join(FirmSounds._fields)} FROM enterprise"
    written = world.rows(columns)
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["url"] = database_url
    engine.dispose()
    command.downgrade(config, "0018")
    migrate(database_url)
    assert world.rows(columns) == written == [tuple(firm_sounds(FOOD, Gazetteer.shipped()))]


@pytest.mark.parametrize(
    ("typed", "letters"), [("mm", "mm"), ("MM1", "mm1"), ("m", ""), ("12", ""), ("某某", ""), ("mm%", ""), ("", "")]
)
def test_letters_are_what_may_be_a_spelling(typed: str, letters: str) -> None:
    assert typed_letters(typed) == letters


def test_the_longest_name_is_spelt_as_far_as_an_index_holds_it() -> None:
    sounds = firm_sounds("窗" * 500, Gazetteer.shipped())
    assert [len(part) for part in sounds if part] == [200, 200]
