"""Made-up texts, and costs tuned on them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from addressbook.cli.training import put_in_place
from addressbook.divisions import Gazetteer
from addressbook.errors import InputError
from addressbook.parse.costs import Costs, costs, use_tables
from addressbook.train.compose import Composer, Names
from addressbook.train.lessons import lesson_of, spans_of
from addressbook.train.names import names_of
from addressbook.train.tables import by_hand, write
from addressbook.train.training import Trained, train
from addressbook.train.tuner import Tuner, tune

GAZETTEER = Gazetteer.shipped()
Training = tuple[Trained, list[tuple[int, int | None]]]


@pytest.fixture(scope="module")
def names() -> Names:
    return names_of(GAZETTEER)


def test_the_same_seed_makes_the_same_texts_and_their_parts_stand_in_them(names: Names) -> None:
    texts = list(Composer(names, 5).texts(300))
    assert texts == list(Composer(names, 5).texts(300))
    assert texts != list(Composer(names, 6).texts(300))
    for each in texts:
        assert [each.text[start:end] for start, end, _ in sorted(spans_of(each))] == [part for part, _ in each.parts]


def test_tuning_mends_a_cost_that_was_spoilt_and_keeps_what_is_set_by_hand(names: Names) -> None:
    lesson = lesson_of(GAZETTEER, names, Composer(names, 7).texts(60))
    frozen = by_hand(costs())
    tuner = Tuner(frozen, pull=0.0)
    start, rows, columns = costs().blocks["numbers"]
    spoilt = start + rows.index("单元") * len(columns) + columns.index("unit")
    tuner.weights[spoilt] += 20
    before = tuner.go_over(lesson, rate=0.0, seed=0)
    tuned = tune(tuner, [lesson], passes=6, rate=1.0)
    after = tuner.go_over(lesson, rate=0.0, seed=0)
    assert after > before
    assert np.allclose(tuned[frozen], costs().weights[frozen])


@pytest.fixture
def shipped_again() -> Iterator[None]:
    yield
    use_tables(None)


@pytest.mark.usefixtures("shipped_again")
def test_a_citys_own_tables_are_read_and_those_of_another_version_are_refused(tmp_path: Path) -> None:
    weights = costs().weights.copy()
    start, _, columns = costs().blocks["lengths"]
    weights[start + columns.index("town")] += 1.5
    write(costs(), weights, tmp_path)
    use_tables(tmp_path)
    assert costs().weights[start + columns.index("town")] == pytest.approx(
        weights[start + columns.index("town")], abs=0.006
    )
    table = tmp_path / "parse_lengths.csv"
    good = table.read_text(encoding="utf-8")
    for bad in (good.replace("\n1,", "\n1,x", 1), good.replace("\n15,", "\n16,", 1), "", good.replace("-", "=")):
        table.write_text(bad, encoding="utf-8")
        costs.cache_clear()
        with pytest.raises(InputError, match=r"parse_lengths\.csv") as told:
            costs()
        assert "addressbook train" in told.value.remedy
    table.write_text(good, encoding="utf-8")
    use_tables(tmp_path / "absent")
    assert np.array_equal(costs().weights, Costs().weights)


@pytest.fixture(scope="module")
def training() -> Training:
    """A training, and what it told of its progress."""
    told: list[tuple[int, int | None]] = []
    return train(GAZETTEER, [], texts=200, passes=2, seed=3, progress=lambda *at: told.append(at)), told


def test_training_says_how_well_it_reads_names_it_was_not_tuned_on(
    training: Training,
) -> None:
    trained, told = training
    assert told == [(1, 2), (2, 2)]
    assert trained.before["road"].spans == trained.after["road"].spans > 500
    assert trained.after["identity elements"].f1 > 0.95
    assert trained.better == (trained.after["identity elements"].f1 >= trained.before["identity elements"].f1)


def test_the_command_writes_tables_that_the_next_command_reads(training: Training, tmp_path: Path) -> None:
    trained, _ = training
    put_in_place(trained, tmp_path / "home" / "tables")
    put_in_place(trained, tmp_path / "home" / "tables")
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["tables"]
    assert np.allclose(Costs(tmp_path / "home" / "tables").weights, trained.weights, atol=0.0051)
