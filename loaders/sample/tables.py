"""The word lists, the list of faults and the rents in data/sample, read once."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache

from addressbook.resources import data_path


@dataclass(frozen=True, slots=True)
class FaultRow:
    """One way of writing an address wrong: its name, severity (clean, mild, hard, unanswerable) and weight."""

    name: str
    severity: str
    weight: int
    zh: str
    en: str


@cache
def words(name: str) -> tuple[str, ...]:
    """The words of one list of data/sample/names.csv; KeyError when there is no such list."""
    return _lists()[name]


@cache
def fault_rows() -> tuple[FaultRow, ...]:
    """data/sample/faults.csv in file order."""
    with data_path("sample", "faults.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(
            FaultRow(row["name"], row["severity"], int(row["weight"]), row["zh"], row["en"])
            for row in csv.DictReader(lines)
        )


@cache
def rents_per_m2() -> dict[str, tuple[float, float]]:
    """The least and the most yuan a month for a square metre, by the use of a house."""
    with data_path("sample", "rents.csv").open(encoding="utf-8", newline="") as lines:
        return {row["use"]: (float(row["least"]), float(row["most"])) for row in csv.DictReader(lines)}


@cache
def _lists() -> dict[str, tuple[str, ...]]:
    with data_path("sample", "names.csv").open(encoding="utf-8", newline="") as lines:
        return {row["list"]: tuple(row["words"].split()) for row in csv.DictReader(lines)}
