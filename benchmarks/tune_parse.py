"""Tune the readable costs of data/matching, on the labelled addresses and on text the project makes up, and write them.

No text of the labelled set enters a table.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

from addressbook.divisions import Gazetteer
from addressbook.parse import Parser
from addressbook.parse.costs import costs
from addressbook.parse.workspace import set_weights
from addressbook.resources import data_path
from addressbook.train.compose import Composer
from addressbook.train.lessons import lesson_of, spans_of
from addressbook.train.names import names_of
from addressbook.train.tables import by_hand, write
from addressbook.train.tuner import Lesson, Tuner, tune
from benchmarks.bench_parse import Span, gold_of, print_table

GROUPS = ("组", "队", "社")
"""The labelled set calls the groups of a village roads; here they are parts of it."""


def wanted_of(row: dict[str, Any]) -> set[Span]:
    """The labelled spans as this project calls them."""
    return {
        (start, stop, "sub_place" if name == "road" and row["text"][start:stop].endswith(GROUPS) else name)
        for start, stop, name in gold_of(row)
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--folder", type=Path, default=Path("../shared/data/labelled_addresses"))
    options.add_argument("--passes", type=int, default=8)
    options.add_argument("--rate", type=float, default=0.04)
    options.add_argument("--pull", type=float, default=1e-5, help="towards the costs that the tables hold now")
    options.add_argument("--made-up", type=int, default=4000, help="texts of our own a pass")
    options.add_argument("--write", action="store_true", help="write the tables of data/matching")
    given = options.parse_args()
    gazetteer = Gazetteer.shipped()
    rows = {split: read_split(given.folder / f"{split}.jsonl") for split in ("train", "dev")}
    names = names_of(gazetteer)
    ours = list(Composer(names, seed=11).texts(given.made_up))
    others = list(Composer(names, seed=12).texts(2000))
    lessons = [
        Lesson.of(Parser(gazetteer, None), [r["text"] for r in rows["train"]], [wanted_of(r) for r in rows["train"]])
    ]
    if ours:
        lessons.append(lesson_of(gazetteer, names, ours))
    started = time.process_time()
    weights = tune(
        Tuner(by_hand(costs()), given.pull), lessons, given.passes, given.rate,
        lambda number, right: print(f"pass {number}: {right}, {time.process_time() - started:.0f} s", flush=True),
    )  # fmt: skip
    if given.write:
        write(costs(), weights, data_path("matching", "numbers.csv").parent)
    for what, parser, texts, gold in (
        ("dev", lessons[0].parser, [r["text"] for r in rows["dev"]], [gold_of(r) for r in rows["dev"]]),
        ("made up", lessons[-1].parser, [each.text for each in others], [spans_of(each) for each in others]),
    ):
        print(what)
        set_weights(parser.scratch, weights)
        parsed = parser.parse_many(texts)
        print_table(gold, [{(e.start, e.end, e.name) for e in p.elements} for p in parsed])


def read_split(path: Path) -> list[dict[str, Any]]:
    """The labelled addresses of a split."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


if __name__ == "__main__":
    main()
