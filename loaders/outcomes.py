"""What became of a row: linked, review or rejected, with a reason code, the field, a sentence and the remedy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, Protocol

from addressbook.errors import FieldError
from loaders.fields import precision_lost


class Outcome(StrEnum):
    """Every row ends in exactly one."""

    LINKED = "linked"
    REVIEW = "review"
    REJECTED = "rejected"


class Standing(Protocol):
    """What stands somewhere in a file."""

    @property
    def line(self) -> int:
        """The line, row or feature, from 1."""
        ...

    @property
    def sheet(self) -> str:
        """The sheet, of a workbook with several."""
        ...


class RowOutcome(NamedTuple):
    """One row's end. `zh` and `en` are sentences; `unchanged` says that nothing was written for it."""

    line: int
    source_key: str
    outcome: Outcome
    reason_code: str = ""
    field: str = ""
    zh: str = ""
    en: str = ""
    remedy: str = ""
    unchanged: bool = False
    sheet: str = ""

    def at(self, row: Standing) -> RowOutcome:
        """The same end for the row it is told of, with its line and sheet."""
        return (
            self if (self.line, self.sheet) == (row.line, row.sheet) else self._replace(line=row.line, sheet=row.sheet)
        )

    @property
    def place(self) -> str:
        """Where the row stands, as spreadsheets write it: 12, or Sheet2!12 in a workbook of several sheets."""
        return f"{self.sheet}!{self.line}" if self.sheet else str(self.line)


def rejected(line: int, source_key: str, fault: FieldError, *, unchanged: bool = False) -> RowOutcome:
    """The outcome of a row with a fault in one field."""
    return RowOutcome(
        line, source_key, Outcome.REJECTED, fault.code, fault.field, fault.zh, fault.en, fault.remedy, unchanged
    )


_ROW_FAULTS = {
    "broken_encoding": (
        "the row holds bytes that its encoding cannot decode.",
        "该行含有无法解码的字节。",
        "Export the file again as UTF-8.",
    ),
    "too_many_cells": (
        "the row has more cells than the header has columns.",
        "该行的单元格多于表头列数。",
        "Quote cells that contain the separator.",
    ),
    "quote_not_closed": (
        "a cell begins with a quotation mark that the line does not close.",
        "单元格以引号开头，但该行内没有结束引号。",
        "Remove the quotation mark, or double it.",
    ),
    "formula_without_value": (
        "a formula has no result in the file.",
        "公式没有计算结果。",
        "Open the workbook in Excel or WPS, save it, and load it again.",
    ),
    "cell_too_long": ("a cell is too long.", "单元格内容过长。", "See whether the file is damaged; shorten the cell."),
    "coordinate_wrong": ("the point is not two numbers.", "坐标不是两个数值。", "Give degrees, longitude first."),
    "not_a_feature": ("the entry is not a GeoJSON feature.", "该条目不是 GeoJSON 要素。", "Export the file again."),
}


def row_fault(fault: str) -> FieldError:
    """The error of a row that a reader could not read; `fault` is its code, with `:column` where one is known."""
    code, _, column = fault.partition(":")
    if code == "number_precision_lost":
        return precision_lost(column)
    en, zh, remedy = _ROW_FAULTS[code]
    return FieldError(code, column, en, zh=zh, remedy=remedy)


def duplicate_key(earlier_line: int, *, sheets: bool = False) -> FieldError:
    """The error of a row whose key an earlier row of the same file has; with `sheets` it may be on another sheet."""
    which, which_zh = (" (of this sheet or one before it)", "（本工作表或之前的工作表）") if sheets else ("", "")
    return FieldError(
        "duplicate_key",
        "source_key",
        f"line {earlier_line}{which} has the same key.",
        zh=f"与第{earlier_line}行{which_zh}的主键重复。",
        remedy="Keep one of the rows, or give them different keys.",
    )


class Tally(NamedTuple):
    """A chunk's outcomes counted, and those that must be told: what was not linked, or has a reason."""

    ends: dict[str, int]
    unchanged: int
    told: list[RowOutcome]

    @classmethod
    def of(cls, outcomes: Sequence[RowOutcome], settled: int = 0) -> Tally:
        """Count a chunk, with the number of its rows that are linked as they were received.

        Of the plain rows only the number is wanted, and another process need not send them.
        """
        ends = Counter([outcome.outcome.value for outcome in outcomes])
        if settled:
            ends[Outcome.LINKED.value] += settled
        told = [outcome for outcome in outcomes if outcome.outcome is not Outcome.LINKED or outcome.reason_code]
        return cls(dict(ends), settled + sum([outcome.unchanged for outcome in outcomes]), told)

    @property
    def read(self) -> int:
        """How many rows these are."""
        return sum(self.ends.values())

    @property
    def written(self) -> int:
        """How many of them are new or changed."""
        return self.read - self.unchanged


@dataclass(slots=True)
class Totals:
    """The counts of one load; `read = linked + review + rejected` is checked before they are shown."""

    read: int = 0
    linked: int = 0
    review: int = 0
    rejected: int = 0
    unchanged: int = 0
    minted: int = 0
    closed: int = 0
    reasons: dict[str, int] = field(default_factory=dict)

    def add(self, tally: Tally) -> None:
        """Count a chunk."""
        self.read += tally.read
        self.unchanged += tally.unchanged
        for end, number in tally.ends.items():
            setattr(self, end, getattr(self, end) + number)
        for outcome in tally.told:
            if outcome.reason_code:
                self.reasons[outcome.reason_code] = self.reasons.get(outcome.reason_code, 0) + 1

    def check(self) -> None:
        """Raise AssertionError when a row was lost or counted twice."""
        if self.read != self.linked + self.review + self.rejected:
            raise AssertionError(
                f"{self.read} rows read, {self.linked} + {self.review} + {self.rejected} accounted for"
            )

    def counts(self) -> dict[str, int]:
        """The counts as the batch keeps them."""
        names = ("read", "linked", "review", "rejected", "unchanged", "minted", "closed")
        return {name: getattr(self, name) for name in names}
