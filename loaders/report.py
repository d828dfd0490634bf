"""What a person at a terminal sees of a load: progress while it runs, totals and the first faults when it has ended."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from addressbook.cells import safe_cell
from loaders.outcomes import Outcome, RowOutcome, Totals
from loaders.output import output_errors, written

SHOWN_FAULTS = 20
OUTCOME_COLUMNS = ("sheet", "line", "source_key", "outcome", "reason_code", "field", "message", "message_en", "remedy")
_NAMES = {
    "read": "读取 read", "linked": "已关联 linked", "review": "待审核 review", "rejected": "退回 rejected",
    "unchanged": "其中未变 of these unchanged", "minted": "新编码 codes minted", "closed": "已终止关联 links closed",
}  # fmt: skip

console = Console()
progress_console = Console(stderr=True)


@contextmanager
def progress_bar(label: str) -> Iterator[Callable[[int, int | None], None]]:
    """A bar on standard error, and the function that moves it: (done, total or None)."""
    columns = (
        SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(),
        TimeElapsedColumn(),
    )  # fmt: skip
    with Progress(*columns, console=progress_console) as bar:
        task = bar.add_task(label, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=max(total or done, done))


@dataclass(slots=True)
class FaultKeeper:
    """Takes the outcomes that were not plainly linked: the first few for the screen, all for a file if asked."""

    path: Path | None = None
    first: list[RowOutcome] = field(default_factory=list)
    _open: ExitStack = field(default_factory=ExitStack)
    _writer: Any = None

    def __enter__(self) -> FaultKeeper:
        if self.path is not None:
            self._writer = csv.writer(self._open.enter_context(written(self.path, encoding="utf-8-sig")))
            self._writer.writerow(OUTCOME_COLUMNS)
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        # Also of a load that failed: what was refused until then is what the clerk needs to see.
        self._open.close()

    def __call__(self, outcome: RowOutcome) -> None:
        """Keep one outcome."""
        if outcome.outcome is not Outcome.LINKED and len(self.first) < SHOWN_FAULTS:
            self.first.append(outcome)
        if self._writer is not None and self.path is not None:
            with output_errors(self.path):
                self._writer.writerow(outcome_values(outcome))


def outcome_values(outcome: RowOutcome) -> tuple[Any, ...]:
    """The values of OUTCOME_COLUMNS."""
    return (
        safe_cell(outcome.sheet), outcome.line, safe_cell(outcome.source_key), outcome.outcome.value,
        outcome.reason_code, outcome.field, safe_cell(outcome.zh), safe_cell(outcome.en), outcome.remedy,
    )  # fmt: skip


def print_totals(title: str, totals: Totals, faults: list[RowOutcome], notes: list[str]) -> None:
    """Print the totals, which add up, and the first faults with line, field, reason and remedy."""
    table = Table("", "", title=Text(title), show_header=False, title_justify="left")
    for name, number in totals.counts().items():
        table.add_row(_NAMES[name], f"{number:,}")
    console.print(table)
    for note in notes:
        console.print(f"提示 note: {note}", markup=False)
    if faults:
        console.print(_fault_table(faults, totals))


def _fault_table(faults: list[RowOutcome], totals: Totals) -> Table:
    missing = totals.review + totals.rejected
    table = Table("行 line", "主键 key", "结果", "字段 field", "原因 reason", "处理 remedy")
    table.title = f"前 {len(faults)} 条，共 {missing:,} 条 — first {len(faults)} of {missing:,}"
    for fault in faults:
        reason = fault.zh or fault.reason_code
        table.add_row(
            *map(_plain, (fault.place, fault.source_key, fault.outcome.value, fault.field, reason, fault.remedy))
        )
    return table


def _plain(text: str) -> str:
    return text.replace("[", "\\[")
