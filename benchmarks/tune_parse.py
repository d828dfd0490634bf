"""Tune the readable costs of data/matching on the train split of the labelled addresses, and write the tables back.

An averaged structured perceptron over named costs: where the cheapest reading is not the labelled one, what the wrong
reading paid becomes dearer and what the right one would have paid cheaper. No text of the labelled set enters a table.
"""

# mypy: disable-error-code="no-untyped-def"
from __future__ import annotations

import argparse
import csv
import json
import random
import time
from pathlib import Path
from typing import Any

import numpy as np

from addressbook.normalise import normalise
from addressbook.parse.compiled import compiled
from addressbook.parse.costs import END, IMPOSSIBLE, LABEL, LABEL_COUNT, SEEN, TABLES, Costs, costs, rows as cost_rows
from addressbook.parse.search import read
from addressbook.parse.states import AGAIN, transition
from addressbook.parse.trie import flat
from addressbook.parse.workspace import BRACKETED, LONGEST_TEXT, TRACING, TUNING, set_weights
from addressbook.resources import data_path
from benchmarks.bench_parse import build, gold_of

SEEN_COUNT = len(SEEN)
WANTED, AUGMENTED = 500, -3
"""Tenths of a cost that a character outside the wanted spans pays: to find the wanted reading, to find a rival."""


@compiled
def paid(work, n, slot, found):
    """The costs that the reading of a text pays, as places in the weights; how many."""
    count = 1
    found[0] = transition(work, work.state_last[n, slot], END)
    at = n
    while at > 0:
        edge, before, previous = work.state_edge[at, slot], work.state_from[at, slot], work.state_slot[at, slot]
        for feature in range(work.edge_count[edge]):
            found[count] = work.edge_feature[edge, feature]
            count += 1
        label, kind = work.edge_label[edge], work.edge_kind[edge]
        if kind <= BRACKETED and label < AGAIN:
            found[count] = transition(work, work.state_last[before, previous], label)
            count += 1
            seen = work.state_seen[before, previous]
            for bit in range(SEEN_COUNT):
                if seen >> bit & 1:
                    found[count] = work.at_history + label * SEEN_COUNT + bit
                    count += 1
        at, slot = before, previous
    return count


@compiled
def refresh(work):
    """Sum the costs of what was met before anew."""
    for seen in range(1 << SEEN_COUNT):
        for label in range(LABEL_COUNT):
            cost = 0.0
            for bit in range(SEEN_COUNT):
                if seen >> bit & 1:
                    cost += work.weights[work.at_history + label * SEEN_COUNT + bit]
            work.history[seen, label] = cost


@compiled
def epoch(facts, scratch, buffer, offsets, ends, labels, order, rate, first, pull, frozen, total):
    """One pass over all texts; how many were read as wanted. `total` gathers the weights for their average."""
    work = scratch[0]
    wanted_features, rival_features = np.zeros(6000, np.int64), np.zeros(6000, np.int64)
    right = 0
    size = len(first)
    for text in order:
        start = offsets[text]
        n = min(offsets[text + 1] - start, LONGEST_TEXT)
        for at in range(n):
            work.characters[at] = buffer[start + at]
            work.wanted_end[at], work.wanted_label[at] = ends[start + at], labels[start + at]
        work.characters[n + 1] = 0
        work.counts[TUNING] = WANTED
        slot = read(facts, work, n)
        wanted = paid(work, n, slot, wanted_features)
        work.counts[TUNING] = AUGMENTED
        slot = read(facts, work, n)
        rival = paid(work, n, slot, rival_features)
        same = wanted == rival
        for at in range(min(wanted, rival)):
            same = same and wanted_features[at] == rival_features[at]
        if same:
            right += 1
        else:
            for at in range(wanted):
                work.weights[wanted_features[at]] -= 0.0 if frozen[wanted_features[at]] else rate
            for at in range(rival):
                work.weights[rival_features[at]] += 0.0 if frozen[rival_features[at]] else rate
            refresh(work)
        for at in range(size):
            if first[at] < IMPOSSIBLE:
                work.weights[at] += pull * (first[at] - work.weights[at])
                total[at] += work.weights[at]
    return right


def wanted_spans(rows: list[Any]) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Normal texts, and at every character the end and the label of the labelled span that begins there."""
    texts, ends, labels = [], [], []
    for row in rows:
        normalised = normalise(row["text"])
        offsets = list(normalised.offsets)
        end, label = np.zeros(len(normalised.normal), np.int32), np.full(len(normalised.normal), -1, np.int8)
        for start, stop, name in gold_of(row):
            name = "sub_place" if name == "road" and row["text"][start:stop].endswith(GROUPS) else name
            inside = [at for at in range(len(normalised.normal)) if start <= offsets[at] < stop]
            if inside:
                end[inside[0]], label[inside[0]] = inside[-1] + 1, LABEL[name]
        texts.append(normalised.normal)
        ends.append(end)
        labels.append(label)
    return texts, np.concatenate(ends), np.concatenate(labels)


GROUPS = ("组", "队", "社")
"""The labelled set calls the groups of a village roads; here they are parts of it."""
BY_HAND = {
    "numbers": ("one digit", "two digits", "three digits", "four digits", "five digits or more", "letter before name",
                "long before short", "before plate", "before list", "two parts", "three parts",
                "four parts or more", "#"),
}  # fmt: skip
"""Rows that stay as they were written: the labelled set masks its numbers, so their sizes say nothing there."""


def by_hand(given: Costs) -> np.ndarray:
    """Which costs are not tuned."""
    frozen = np.zeros(len(given.weights), np.bool_)
    for name, kept in BY_HAND.items():
        start, row_names, columns = given.blocks[name]
        for row in kept:
            at = start + row_names.index(row) * len(columns)
            frozen[at : at + len(columns)] = True
    start, row_names, columns = given.blocks["history"]
    frozen[start + columns.index("bracket") : start + len(row_names) * len(columns) : len(columns)] = True
    written = {row["word"] for row in cost_rows("words.csv")}
    frozen[[word.cost_at for word in given.words if word.word not in written]] = True  # delivery noise
    start, row_names, _ = given.blocks["parse_costs"]
    frozen[
        [start + row_names.index(name) for name in ("first_division", "repeated_name", "short_first", "division_far")]
    ] = True
    start, row_names, _ = given.blocks["over"]
    frozen[start + row_names.index("over_numbered")] = True
    start, row_names, columns = given.blocks["lengths"]
    frozen[start + columns.index("bare_redundant") : start + len(row_names) * len(columns) : len(columns)] = True
    return frozen


def write(given: Costs, weights: np.ndarray) -> None:
    """The tables with other costs in them, rounded to hundredths; everything else stays as it is."""
    matrices = {
        name: f"{TABLES.get(name, name)}.csv" for name in ("transitions", "history", "roles", "lengths", "numbers")
    }
    for name, file in matrices.items():
        start, row_names, columns = given.blocks[name]
        cells = weights[start : start + len(row_names) * len(columns)].reshape(len(row_names), len(columns))
        rewrite(file, {(r, c): cells[i, j] for i, r in enumerate(row_names) for j, c in enumerate(columns)})
    lists = {}
    for name in ("parse_costs", "over", "division"):
        start, row_names, _ = given.blocks[name]
        lists.update({(row, "cost"): weights[start + at] for at, row in enumerate(row_names)})
    rewrite("parse_costs.csv", lists)
    start, row_names, _ = given.blocks["suffixes"]
    by_suffix = {name: weights[start + at] for at, name in enumerate(row_names)}
    for file in ("name_suffixes.csv", "place_suffixes.csv"):
        rewrite(file, {}, lambda row: by_suffix[f"{row['suffix']} {row['label']}"])
    by_word = {word.word: weights[word.cost_at] for word in reversed(given.words)}  # words.csv before noise.csv
    rewrite("words.csv", {}, lambda row: by_word[row["word"]])


def rewrite(file: str, cells: dict[tuple[str, str], float], cost_of: Any = None) -> None:
    path = data_path("matching", file)
    with path.open(encoding="utf-8", newline="") as source:
        reader = csv.DictReader(source)
        columns, found = list(reader.fieldnames or ()), list(reader)
    for row in found:
        for column in columns[1:]:
            new = cost_of(row) if cost_of and column == "cost" else cells.get((row[columns[0]], column))
            if new is not None and new < IMPOSSIBLE / 2 and row[column] != "":
                row[column] = f"{round(float(new), 2) + 0.0:g}"
    with path.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--file", type=Path, default=Path("../shared/data/labelled_addresses/train.jsonl"))
    options.add_argument("--epochs", type=int, default=8)
    options.add_argument("--rate", type=float, default=0.04)
    options.add_argument("--pull", type=float, default=1e-5, help="towards the costs that the tables hold now")
    options.add_argument("--write", action="store_true", help="write the tables of data/matching")
    arguments = options.parse_args()
    rows = [json.loads(line) for line in arguments.file.read_text(encoding="utf-8").splitlines()]
    parser = build()
    texts, ends, labels = wanted_spans(rows)
    parser.read(texts)  # reads the villages of all counties named
    buffer, offsets = flat(texts)
    given = costs()
    scratch, facts = parser.scratch, parser.facts()
    total, frozen = np.zeros(len(given.weights)), by_hand(given)
    scratch["counts"][0, TRACING] = 1
    order = np.arange(len(texts))
    for number in range(arguments.epochs):
        random.Random(number).shuffle(order)
        started = time.process_time()
        if number == arguments.epochs // 2:
            total[:] = 0
        rate = arguments.rate * (1 - number / arguments.epochs / 1.2)
        right = epoch(
            facts, scratch, buffer, offsets, ends, labels, order, rate, given.weights, arguments.pull, frozen, total
        )
        print(
            f"pass {number + 1}: {right} of {len(texts)} as labelled, {time.process_time() - started:.1f} s", flush=True
        )
    passes = arguments.epochs - arguments.epochs // 2
    weights = np.where(given.weights < IMPOSSIBLE, total / (passes * len(texts)), given.weights)
    if arguments.write:
        write(given, weights)
    scratch["counts"][0, [TUNING, TRACING]] = 0
    set_weights(scratch, weights)
    report(parser, rows)


def report(parser: Any, rows: list[Any]) -> None:
    from benchmarks.bench_parse import print_table

    parsed = parser.parse_many([row["text"] for row in rows])
    print_table([gold_of(row) for row in rows], [{(e.start, e.end, e.name) for e in p.elements} for p in parsed])


if __name__ == "__main__":
    main()
