"""Costs under way ↔ the readable tables of data/matching: which are tuned, and writing them back."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from addressbook.parse.costs import IMPOSSIBLE, TABLES, Costs, rows
from addressbook.parse.workspace import Floats
from addressbook.resources import data_path

Row = dict[str, str]
BY_HAND = {
    "numbers": ("three digits", "four digits", "five digits or more", "letter before name", "long before short",
                "before plate", "before list"),
    "parse_costs": ("first_division", "repeated_name", "short_first", "division_far", "former_town_seat",
                    "number_at_end", "inside_division", "registry_name", "registry_character"),
    "over": ("over_numbered",),
}  # fmt: skip
"""Rows that stay as they were written: labelled texts have no example of them, or mask their numbers."""
COLUMNS_BY_HAND = {"history": "bracket", "lengths": "bare_redundant"}


def by_hand(given: Costs) -> npt.NDArray[np.bool_]:
    """Which costs are not tuned."""
    frozen = np.zeros(len(given.weights), np.bool_)
    for name, kept in BY_HAND.items():
        start, row_names, columns = given.blocks[name]
        for row in kept:
            at = start + row_names.index(row) * len(columns)
            frozen[at : at + len(columns)] = True
    for name, column in COLUMNS_BY_HAND.items():
        start, row_names, columns = given.blocks[name]
        frozen[start + columns.index(column) : start + len(row_names) * len(columns) : len(columns)] = True
    written = {row["word"] for row in rows("words.csv")}
    frozen[[word.cost_at for word in given.words if word.word not in written]] = True  # delivery noise
    return frozen


def write(given: Costs, weights: Floats, folder: Path) -> None:
    """The tables with other costs in them, rounded to hundredths, into `folder`; everything else stays as it is."""
    for name, file in {**TABLES, "numbers": "numbers"}.items():
        start, row_names, columns = given.blocks[name]
        cells = weights[start : start + len(row_names) * len(columns)].reshape(len(row_names), len(columns))
        _rewrite(folder, f"{file}.csv", _cells(row_names, columns, cells))
    single: dict[tuple[str, str], float] = {}
    for name in ("parse_costs", "over", "division"):
        start, row_names, _ = given.blocks[name]
        single |= {(row, "cost"): weights[start + at] for at, row in enumerate(row_names)}
    _rewrite(folder, "parse_costs.csv", single)
    start, row_names, _ = given.blocks["suffixes"]
    by_suffix = {name: weights[start + at] for at, name in enumerate(row_names)}
    for file in ("name_suffixes.csv", "place_suffixes.csv"):
        _rewrite(folder, file, {}, lambda row: by_suffix[f"{row['suffix']} {row['label']}"])
    by_word = {word.word: weights[word.cost_at] for word in reversed(given.words)}  # words.csv before noise.csv
    _rewrite(folder, "words.csv", {}, lambda row: by_word[row["word"]])


def _cells(row_names: tuple[str, ...], columns: tuple[str, ...], cells: Floats) -> dict[tuple[str, str], float]:
    return {(r, c): cells[i, j] for i, r in enumerate(row_names) for j, c in enumerate(columns)}


def _rewrite(
    folder: Path, file: str, cells: Mapping[tuple[str, str], float], cost_of: Callable[[Row], float] | None = None
) -> None:
    with data_path("matching", file).open(encoding="utf-8", newline="") as source:
        reader = csv.DictReader(source)
        columns, found = list(reader.fieldnames or ()), list(reader)
    for row in found:
        for column in columns[1:]:
            new = cost_of(row) if cost_of and column == "cost" else cells.get((row[columns[0]], column))
            if new is not None and new < IMPOSSIBLE / 2 and row[column] != "":
                row[column] = f"{round(float(new), 2) + 0.0:g}"
    with (folder / file).open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)
