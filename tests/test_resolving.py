"""Claims about resolving whole tables: the same answers in the same order, however many processes give them."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pytest

from addressbook.divisions import Gazetteer
from addressbook.match import NameIndex, Resolver
from addressbook.match.arrow import SCHEMA, answers_as_batch
from addressbook.match.learning import Lesson
from addressbook.store.aliases import chosen_address, remember_alias
from addressbook.store.lookup import SqlPathLookup
from addressbook.store.names import read_names
from loaders.resolving import resolve_batches
from tests.worlds import ESTATE, ESTATE_ROWS, ROOM, TOWN, World

TEXTS = [ROOM, None, "", f"{ESTATE}9幢", f"{TOWN}南岸明株13幢2单元504室", "乱码", f"{TOWN}金城路12号", TOWN]


@pytest.fixture(name="url")
def _url(world: World) -> str:
    world.begin_as("estate", lambda: world.texts(ESTATE_ROWS))
    return world.engine.url.render_as_string(hide_password=False)


def batches(number: int, rows: int = 50) -> Iterator[pa.RecordBatch]:
    for start in range(number):
        texts = [TEXTS[(start + n) % len(TEXTS)] for n in range(rows)]
        yield pa.RecordBatch.from_pydict({"地址": texts, "other": list(range(rows))})


def test_a_batch_answers_as_a_list_of_texts_does(world: World, url: str) -> None:
    (answers,) = resolve_batches(url, batches(1), "地址", workers=1)
    assert answers.schema == SCHEMA
    with world.engine.connect() as connection:
        gazetteer = Gazetteer.shipped()
        resolver = Resolver(gazetteer, NameIndex(read_names(connection)[0], gazetteer))
        texts = [TEXTS[n % len(TEXTS)] or "" for n in range(50)]
        assert answers == answers_as_batch(resolver.resolve_batch(texts, SqlPathLookup(connection)))
    assert answers.column("category").to_pylist()[:8] == ["A", "D", "D", "C", "B", "D", "A", "A"]


def test_a_pool_keeps_the_order_and_gives_the_same_answers(url: str) -> None:
    alone = list(resolve_batches(url, batches(12), "地址", workers=1))
    assert list(resolve_batches(url, batches(12), "地址", workers=2)) == alone


def test_a_pool_does_not_read_far_ahead(url: str) -> None:
    read = 0

    def counted() -> Iterator[pa.RecordBatch]:
        nonlocal read
        for batch in batches(30, rows=2):
            read += 1
            yield batch

    for number, _ in enumerate(resolve_batches(url, counted(), "地址", workers=2)):
        assert read <= number + 6


def test_a_batch_sees_what_another_process_taught_before_it(world: World, url: str) -> None:
    texts = pa.RecordBatch.from_pydict({"地址": [f"{TOWN}望江新居3幢1单元502室"]})

    def taught_between() -> Iterator[pa.RecordBatch]:
        yield texts
        with world.engine.begin() as connection:
            chosen = chosen_address(connection, aid)
            lesson = Lesson(chosen.top.aid, chosen.top.site_id, "望江新居")
            remember_alias(connection, lesson, actor="reviewer", reason="x")
        yield texts

    (known,) = resolve_batches(url, [pa.RecordBatch.from_pydict({"地址": [ROOM]})], "地址", workers=1)
    aid = known.column("aid")[0].as_py()
    before, after = resolve_batches(url, taught_between(), "地址", workers=1)
    assert before.column("aid").to_pylist() == [None]
    assert after.column("aid").to_pylist() == [aid]
