"""Two columns of addresses, compared row by row: verdict, score and reasons beside what was received."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

from addressbook.cells import safe_cell
from addressbook.divisions import Gazetteer
from addressbook.errors import FieldError
from addressbook.match.compare import Comparison, Verdict, compare
from addressbook.parse import Parser
from loaders.columns import added_columns, chunks, copied_cells, copied_titles, open_columns
from loaders.outcomes import row_fault
from loaders.output import written
from loaders.reading import RawRow

COMPARE_COLUMNS = ("verdict", "score", "reasons", "reasons_en")


def compare_file(
    path: Path, columns: str, out: Path, *, division: str | None, progress: Callable[[int, int | None], None]
) -> dict[Verdict, int]:
    """Write the input's columns and COMPARE_COLUMNS; `columns` are two names with a comma between them.

    Returns how many rows had which verdict. Raises FieldError where `columns` are not two.
    """
    table, (first, second) = open_columns(path, _two(columns), out)
    parser = Parser(Gazetteer.shipped(), None)
    counts = dict.fromkeys(Verdict, 0)
    done = 0
    with written(out) as file:
        writer = csv.writer(file)
        titles = copied_titles(table)
        writer.writerow([*titles, *added_columns(titles, COMPARE_COLUMNS, "compared_")])
        for rows in chunks(table):
            for row in rows:
                answer = _compared(parser, row, (first, second), division)
                counts[answer.verdict] += 1
                writer.writerow([*copied_cells(table, row), *_values(row, answer)])
            done += len(rows)
            progress(done, table.total)
    return counts


def _two(columns: str) -> list[str]:
    names = [name.strip() for name in columns.replace("，", ",").split(",")]
    if len(names) != len(("a", "b")) or not all(names):
        raise FieldError(
            "columns_wrong",
            "columns",
            f"--columns names two columns, not {columns!r}.",
            zh=f"--columns 应为两个列名，用逗号分开：{columns}",
            remedy="E.g. --columns 甲方地址,乙方地址",
        )
    return names


def _compared(parser: Parser, row: RawRow, names: tuple[str, str], division: str | None) -> Comparison:
    """Of a row that is damaged as a whole no text can be trusted to be the address, or all of it."""
    texts = ("", "") if row.fault else (row.values.get(names[0], ""), row.values.get(names[1], ""))
    one, other = (parser.parse(text, division=division) for text in texts)
    return compare(one, other)


def _values(row: RawRow, answer: Comparison) -> list[str]:
    if row.fault:
        fault = row_fault(row.fault)
        return [answer.verdict, f"{answer.score:.3f}", fault.zh, fault.en]
    told = (answer.sentences("zh"), "；"), (answer.sentences("en"), "; ")
    return [answer.verdict, f"{answer.score:.3f}", *(safe_cell(join.join(words)) for words, join in told)]


__all__ = ["COMPARE_COLUMNS", "compare_file"]
