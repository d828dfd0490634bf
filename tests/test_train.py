"""Made-up texts, and costs tuned on them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from addressbook.divisions import Gazetteer
from addressbook.parse.costs import Costs, costs
from addressbook.train.compose import Composer
from addressbook.train.lessons import lesson_of, spans_of
from addressbook.train.names import names_of
from addressbook.train.tables import by_hand, write
from addressbook.train.tuner import Tuner, tune

GAZETTEER = Gazetteer.shipped()
NAMES = names_of(GAZETTEER)


def test_the_same_seed_makes_the_same_texts_and_their_parts_stand_in_them() -> None:
    texts = list(Composer(NAMES, 5).texts(300))
    assert texts == list(Composer(NAMES, 5).texts(300))
    assert texts != list(Composer(NAMES, 6).texts(300))
    for each in texts:
        assert [each.text[start:end] for start, end, _ in sorted(spans_of(each))] == [part for part, _ in each.parts]


def test_tuning_mends_a_cost_that_was_spoilt_and_keeps_what_is_set_by_hand() -> None:
    lesson = lesson_of(GAZETTEER, NAMES, Composer(NAMES, 7).texts(150))
    frozen = by_hand(costs())
    tuner = Tuner(frozen, pull=0.0)
    start, rows, columns = costs().blocks["numbers"]
    spoilt = start + rows.index("单元") * len(columns) + columns.index("unit")
    tuner.weights[spoilt] += 20
    before = tuner.go_over(lesson, rate=0.0, seed=0)
    tuned = tune(tuner, [lesson], passes=6, rate=1.0)
    after = tuner.go_over(lesson, rate=0.0, seed=0)
    assert after > before
    assert np.array_equal(tuned[frozen], costs().weights[frozen])


def test_tables_are_written_as_they_are_read(tmp_path: Path) -> None:
    weights = costs().weights.copy()
    start, _, columns = costs().blocks["lengths"]
    weights[start + columns.index("town")] += 1.5
    write(costs(), weights, tmp_path)
    again = Costs(tmp_path)
    assert np.allclose(again.weights, weights, atol=0.0051)
