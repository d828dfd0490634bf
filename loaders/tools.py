"""Files in, files out, nothing stored: parse and clean a column of addresses, export the bridge from keys to codes."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection

from addressbook.cells import safe_cell
from addressbook.divisions import Gazetteer
from addressbook.links.record import reasons_as_data
from addressbook.match import NameIndex, Resolver, sentence
from addressbook.model import ParsedAddress, Resolution
from addressbook.parse import Parser
from addressbook.store.bridging import bridge_rows, outside_code_rows
from addressbook.store.gazetteer import gazetteer_of
from addressbook.store.lookup import SqlPathLookup
from addressbook.store.names import read_names
from loaders.columns import added_columns, chunks, copied_cells, copied_titles, open_columns
from loaders.outcomes import row_fault
from loaders.output import written
from loaders.reading import RawRow

CLEAN_COLUMNS = (
    "aid", "category", "match_level", "coordinate_level", "score", "standard_text", "lon", "lat", "reasons",
    "candidates",
)  # fmt: skip
Progress = Callable[[int, int | None], None]


def parse_file(path: Path, column: str, out: Path, *, division: str | None, progress: Progress) -> int:
    """Write one JSON object a row: text, elements as [text, element name, start, end]; returns the number of rows."""
    table, (name,) = open_columns(path, [column], out)
    done = 0
    with written(out) as file:
        parser = Parser(Gazetteer.shipped(), NameIndex())
        for rows in chunks(table):
            lines = (_parsed_line(parser.parse(row.values.get(name, ""), division=division)) for row in rows)
            file.write("".join(lines))
            done += len(rows)
            progress(done, table.total)
    return done


def _parsed_line(parsed: ParsedAddress) -> str:
    elements = [[element.text, element.name, element.start, element.end] for element in parsed.elements]
    return orjson.dumps({"text": parsed.text, "elements": elements}).decode() + "\n"


def clean_file(
    connection: Connection, path: Path, column: str, out: Path, *, division: str | None, progress: Progress
) -> dict[str, int]:
    """Write the input's columns and the answer for each row's address; returns how many rows fell in each category."""
    table, (name,) = open_columns(path, [column], out)
    counts = dict.fromkeys("ABCD", 0)
    done = 0
    with written(out) as file:
        resolver = _resolver(connection)
        writer = csv.writer(file)
        titles = copied_titles(table)
        writer.writerow([*titles, *added_columns(titles, CLEAN_COLUMNS, "matched_")])
        for rows in chunks(table):
            # Of a row that is damaged as a whole no text can be trusted to be the address, or all of it.
            texts = ["" if row.fault else row.values.get(name, "") for row in rows]
            answers = resolver.resolve_batch(texts, SqlPathLookup(connection), division=division)
            for row, answer in zip(rows, answers, strict=True):
                counts[answer.category.value] += 1
                writer.writerow([*copied_cells(table, row), *_cleaned(row, answer)])
            done += len(rows)
            progress(done, table.total)
    return counts


def _resolver(connection: Connection) -> Resolver:
    gazetteer = gazetteer_of(connection)
    return Resolver(gazetteer, NameIndex(read_names(connection)[0], gazetteer))


def _cleaned(row: RawRow, answer: Resolution) -> list[str]:
    values = clean_values(answer)
    if row.fault:
        values[CLEAN_COLUMNS.index("reasons")] = row_fault(row.fault).zh
    return values


def clean_values(answer: Resolution) -> list[str]:
    """The values of CLEAN_COLUMNS: reasons as sentences in Chinese, candidates as JSON."""
    candidates = [
        {"aid": c.aid, "text": c.standard_text, "score": round(c.score, 4), "reasons": reasons_as_data(c.reasons)}
        for c in answer.candidates
    ]
    return [
        answer.aid or "", answer.category.value, answer.match_level.value, answer.coordinate_level.value,
        f"{answer.score:.4f}", safe_cell(answer.standard_text), _degrees(answer.lon), _degrees(answer.lat),
        safe_cell("；".join(sentence(reason, "zh") for reason in answer.reasons)), orjson.dumps(candidates).decode(),
    ]  # fmt: skip


def export_bridge(connection: Connection, source: str, out: Path, progress: Progress) -> int:
    """Write source_key, aid, state of every row of a source that has an address; returns the number of rows."""
    return _export(("source_key", "aid", "state"), bridge_rows(connection, source), out, progress)


def export_outside_codes(connection: Connection, scheme: str, out: Path, progress: Progress) -> int:
    """Write value, aid, state, valid_from, valid_to, source of every outside code of a scheme; how many they are."""
    columns = ("value", "aid", "state", "valid_from", "valid_to", "source")
    return _export(columns, outside_code_rows(connection, scheme), out, progress)


def _export(columns: Sequence[str], chunks: Iterator[list[tuple[Any, ...]]], out: Path, progress: Progress) -> int:
    done = 0
    with written(out) as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        for rows in chunks:
            writer.writerows(rows)  # keys exactly as received: other tables are joined on them
            done += len(rows)
            progress(done, None)
    return done


def _degrees(value: float | None) -> str:
    return "" if value is None else f"{value:.7f}"


__all__ = ["clean_file", "clean_values", "export_bridge", "export_outside_codes", "parse_file"]
