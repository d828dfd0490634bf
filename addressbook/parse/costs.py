"""The readable cost tables of data/matching as one array, and where each table's cells lie in it."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from addressbook.errors import InputError
from addressbook.model import ELEMENT_NAMES
from addressbook.resources import data_path

LABELS = ELEMENT_NAMES
LABEL = {name: at for at, name in enumerate(LABELS)}
START, END = len(LABELS), len(LABELS) + 1
"""What stands before the first element and after the last, in the table of transitions."""
BORDERED = (*LABELS, "start", "end")
LABEL_COUNT, BORDERED_COUNT = len(LABELS), len(BORDERED)
IMPOSSIBLE = 1e6
"""The cost of an empty cell."""
LENGTHS = 16
"""Rows of the table of lengths; longer names cost what the last row says."""

SEEN = ("road", "road_no", "place", "building", "unit", "room", "bracket", "community")
"""What a reading remembers to have met: floor counts as room, sub_road_no as road_no, sub_place as place."""
LENGTH_OF = (
    "town", "community", "road", "devzone", "sub_road", "sub_place", "place", "bare_place", "bare_sub_place",
    "bare_party", "bare_community", "bare_redundant", "bare_relation", "bare_road", "bare_town", "noise",
    "digits_road", "digits_place",
)  # fmt: skip
"""Columns of the table of lengths: the stem before a suffix, or a name without one."""
OVER = (
    "road", "town", "community", "devzone", "place", "sub_place", "sub_road", "word", "division", "short_division",
    "numbered", "number",
)  # fmt: skip
"""What a name can reach over: the end of a likely name of a kind, a word of position, a number with or without unit."""
SHAPES = (
    "one digit", "two digits", "three digits", "four digits", "five digits or more", "letter alone", "letter in it",
    "two parts", "three parts", "four parts or more", "list", "after dash", "before dash", "before name",
    "before number",
    "before end", "order word", "sub number", "below ground", "letter before name",
    "long before short", "before plate", "before list",
)  # fmt: skip
QUALITIES = ("full", "former", "short", "suffix")
SCALARS = (
    "separator", "bracket", "unread", "telephone", "repeated_name", "registry_name", "registry_character",
    "first_division", "short_first", "division_far", "division_within", "division_ambiguous", "division_conflict",
    "town_conflict", "town_moved", "division_repeated", "division_late", "short_goes_on", "name_goes_on",
    "short_within", "village_full", "village_former", "village_short", "village_elsewhere", "number_at_end",
    "letters_in_name", "unit_left", "company_division",
    "inside_division", "former_town_seat", "short_first_city", "short_first_telling", "short_first_telling_town",
    "begins_anew", "short_around",
)  # fmt: skip


class Suffix(NamedTuple):
    """A row of the suffix tables."""

    suffix: str
    label: str
    company: bool


class Word(NamedTuple):
    """A fixed word or a piece of delivery noise: where it may stand, and how many free characters go with it."""

    word: str
    label: str
    place: str
    before: int
    after: int
    cost_at: int


class Block(NamedTuple):
    """A table in the array: its first cell, its rows and its columns."""

    start: int
    rows: tuple[str, ...]
    columns: tuple[str, ...]


class Costs:
    """`weights[block.start + row * len(block.columns) + column]`; the blocks by table name."""

    def __init__(self, folder: Path | None = None) -> None:
        """The shipped tables, and those of them that `folder` holds in its place.

        Raises InputError that names file, row, column and remedy where a cell is no number or was not expected.
        """
        self._folder = folder
        self.blocks: dict[str, Block] = {}
        self._cells: list[float] = []
        self._matrix("transitions", BORDERED, BORDERED)
        self._matrix("history", LABELS, SEEN)
        self._matrix("roles", LABELS, LABELS)
        self._matrix("lengths", tuple(map(str, range(LENGTHS))), LENGTH_OF)
        self.units = [row["number"] for row in self._rows("numbers.csv") if row["number"] not in SHAPES]
        self.guards = {row["number"]: row["not_before"] for row in self._rows("numbers.csv")}
        self._matrix("numbers", (*self.units, *SHAPES), LABELS)
        scalars = {row["code"]: row["cost"] for row in self._rows("parse_costs.csv")}
        self._add("parse_costs", SCALARS, ("cost",), (scalars[code] for code in SCALARS))
        over = [f"over_{kind}" for kind in OVER]
        self._add("over", tuple(over), ("cost",), (scalars[code] for code in over))
        division = [f"{quality}_{label}" for quality in QUALITIES for label in DIVISION_LABELS]
        self._add("division", tuple(division), ("cost",), (scalars[code] for code in division))
        self.suffixes = self._suffixes()
        self.words = self._words()
        self.weights: npt.NDArray[np.float64] = np.array(self._cells)

    def _matrix(self, name: str, row_names: tuple[str, ...], columns: tuple[str, ...]) -> None:
        table = {row[next(iter(row))]: row for row in self._rows(f"{TABLES.get(name, name)}.csv")}
        cells = (table.get(row, {}).get(column, "") for row in row_names for column in columns)
        self._add(name, row_names, columns, cells)

    def _add(self, name: str, row_names: tuple[str, ...], columns: tuple[str, ...], cells: Iterable[str]) -> None:
        self.blocks[name] = Block(len(self._cells), row_names, columns)
        self._cells += [float(cell) if cell else IMPOSSIBLE for cell in cells]

    def _rows(self, name: str) -> list[dict[str, str]]:
        own = self._folder / name if self._folder is not None else None
        return own_rows(own, rows(name)) if own is not None and own.exists() else rows(name)

    def _suffixes(self) -> list[Suffix]:
        table = [*self._rows("name_suffixes.csv"), *self._rows("place_suffixes.csv")]
        self._add(
            "suffixes", tuple(f"{r['suffix']} {r['label']}" for r in table), ("cost",), (r["cost"] for r in table)
        )
        return [Suffix(r["suffix"], r["label"], r.get("note") == "company") for r in table]

    def _words(self) -> list[Word]:
        found: list[Word] = []
        for row in (*self._rows("words.csv"), *self._rows("noise.csv")):
            at = len(self._cells)
            self._cells.append(float(row["cost"]))
            before, after = int(row.get("before") or 0), int(row.get("after") or 0)
            place, label = row.get("place") or "any", row.get("label") or "redundant"
            found += [Word(word, label, place, before, after, at) for word in spellings(row)]
        first = found[0].cost_at
        self.blocks["words"] = Block(first, tuple(dict.fromkeys(w.word for w in found)), ("cost",))
        return found


DIVISION_LABELS = ("province", "city", "county", "town", "devzone")
TABLES = {name: f"parse_{name}" for name in ("transitions", "history", "roles", "lengths")}


def spellings(row: Mapping[str, str]) -> list[str]:
    """All words a row stands for: `收货|收件|-,地址|住址,:|-` is every choice one after another, - being nothing.

    >>> spellings({"word": "联系|- 电话"}), spellings({"word": "对面"})
    (['联系电话', '电话'], ['对面'])
    """
    found = [""]
    for part in row["word"].split(" "):
        found = [head + ("" if choice == "-" else choice) for head in found for choice in part.split("|")]
    return found


def rows(name: str) -> list[dict[str, str]]:
    """The rows of a table of data/matching."""
    with data_path("matching", name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def own_rows(path: Path, shipped: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows of a table that a city tuned for itself: the shipped one with other numbers in its cells."""
    with path.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    key = next(iter(shipped[0]))
    if [row.get(key) for row in found] != [row[key] for row in shipped]:
        raise _other_table(path, "its rows are not those of the table that ships with this version")
    for row, known in zip(found, shipped, strict=True):
        for column, cell in known.items():
            if column not in TEXTS and not _replaces(row.get(column), cell):
                raise _other_table(path, f"row {row[key]}, column {column}: {row.get(column)!r} stands for {cell!r}")
    return found


TEXTS = frozenset({"note", "kind", "label", "not_before", "place"})


def _replaces(own: str | None, shipped: str) -> bool:
    try:
        float(shipped)
    except ValueError:
        return own == shipped
    try:
        return math.isfinite(float(own or "nan"))
    except ValueError:
        return False


def _other_table(path: Path, what: str) -> InputError:
    return InputError(
        f"{path} cannot be used: {what}.",
        zh=f"代价表 {path} 与本版本不符，无法使用。",
        remedy="Run addressbook train again, or remove the folder that ADDRESSBOOK_TABLES names.",
    )


_used: list[Path | None] = [None]


def use_tables(folder: Path | None) -> None:
    """From now on parsers read with the tables of `folder`, where it has them: called once, by who starts a program.

    Raises InputError when the folder holds tables of another version.
    """
    used = folder if folder is not None and folder.is_dir() else None
    if used != _used[0]:
        _used[0] = used
        costs.cache_clear()
        costs()


@cache
def costs() -> Costs:
    """The tables in use, read once; raises NotFoundError when the installation lacks one."""
    return Costs(_used[0])
