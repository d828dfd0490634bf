"""A filled review sheet, line by line: done, unchanged, in conflict with what was decided meanwhile, or refused.

Each line is a transaction of its own. Nothing that anybody has decided is overwritten.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, Engine

from addressbook.cells import safe_cell
from addressbook.errors import InputError, NotFoundError, RuleError
from addressbook.privacy.sealing import Secret
from addressbook.registry.review import VERDICTS_ZH, Judgement, Verdict
from addressbook.registry.review_words import judgement_of
from addressbook.store.engine import transaction
from addressbook.store.reading import Row
from addressbook.store.review_deciding import decide
from addressbook.store.review_items import read_item, was_undone_since
from addressbook.store.review_tools import KeptTools
from addressbook.store.transactions import Because
from loaders.outcomes import row_fault
from loaders.output import written
from loaders.review_sheet import Line, check_key, edited_key, read_key, read_sheet

REPORT_COLUMNS = ("line", "key", "decision", "end", "rule", "message", "message_en")
MEANWHILE = frozenset({"closed", "claimed"})
"""Rules that refuse a line only because somebody was faster."""


class End(StrEnum):
    """What became of a line."""

    DONE = "done"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    REFUSED = "refused"


ENDS_ZH = {End.DONE: "已办理", End.UNCHANGED: "未变", End.CONFLICT: "冲突", End.REFUSED: "退回"}


class LineEnd(NamedTuple):
    """A line with what became of it; `items` were settled by it, itself and its twins."""

    line: Line
    end: End
    rule: str = ""
    zh: str = ""
    en: str = ""
    items: int = 0


class _Conflict(Exception):
    """Somebody has decided otherwise meanwhile."""

    def __init__(self, en: str, zh: str) -> None:
        super().__init__(en)
        self.en, self.zh = en, zh


def import_sheet(engine: Engine, secret: Secret, path: Path, because: Because) -> Iterator[LineEnd]:
    """Do what a filled sheet says; yields what became of each line, in order. Raises FileError before anything is done
    where the file cannot be read. A line's own reason is kept with its decision, else that of `because`.
    """
    lines = list(read_sheet(path))
    with transaction(engine) as connection:
        tools = KeptTools(connection)
    for line in lines:
        yield _done(engine, secret, line, because, tools)


def write_report(out: Path, ends: list[LineEnd]) -> None:
    """Every line with what became of it, as CSV. Raises FileError, DiskFull."""
    with written(out, encoding="utf-8-sig") as file:
        writer = csv.writer(file)
        writer.writerow(REPORT_COLUMNS)
        for told in ends:
            texts = (told.line.key, told.line.decision, told.end.value, told.rule, told.zh, told.en)
            writer.writerow([told.line.place, *map(safe_cell, texts)])


def _done(engine: Engine, secret: Secret, line: Line, because: Because, tools: KeptTools) -> LineEnd:
    if not line.decision and not line.fault:
        return LineEnd(line, End.UNCHANGED)
    try:
        with transaction(engine) as connection:
            return _decided(connection, secret, line, because, tools)
    except _Conflict as found:
        return LineEnd(line, End.CONFLICT, "decided", found.zh, found.en)
    except RuleError as fault:
        end = End.CONFLICT if fault.rule in MEANWHILE else End.REFUSED
        return LineEnd(line, end, fault.rule, fault.zh, str(fault))
    except (InputError, NotFoundError) as fault:
        return LineEnd(line, End.REFUSED, getattr(fault, "code", "input"), fault.zh, str(fault))


def _decided(connection: Connection, secret: Secret, line: Line, because: Because, tools: KeptTools) -> LineEnd:
    if line.fault:
        raise row_fault(line.fault)
    read = read_key(line.key)
    try:
        item = read_item(connection, read.review_id)
    except NotFoundError:
        raise edited_key(line.key) from None
    candidates = [candidate["aid"] for candidate in item["candidates"]]
    check_key(line, item["received_text"], candidates, secret)
    judgement = judgement_of(line.decision, candidates)
    if _says_the_same(item, judgement):
        return LineEnd(line, End.UNCHANGED, zh="已作出同样的决定。", en="It is decided so already.")
    if item["state"] == "settled":
        raise _otherwise(item)
    if was_undone_since(connection, read.review_id, read.since):
        raise _Conflict("decided and undone since the sheet was written.", "导出之后已作出决定又被撤销。")
    why = Because(because.actor, line.reason or because.reason, because.document)
    done = decide(connection, read.review_id, judgement, why, tools.now(connection))
    return LineEnd(line, End.DONE, items=done.items)


def _says_the_same(item: Row, judgement: Judgement) -> bool:
    if judgement.verdict is Verdict.LATER:
        return item["state"] == "open" and item["put_off_by"] is not None
    same = item["verdict"] == judgement.verdict.value
    return same and (judgement.verdict is not Verdict.CHOSEN or item["decided_aid"] == judgement.aid)


def _otherwise(item: Row) -> _Conflict:
    verdict = Verdict(item["verdict"])
    what = f" {item['decided_aid']}" if item["decided_aid"] else ""
    return _Conflict(
        f"{item['actor']} decided meanwhile: {verdict.value}{what}.",
        f"{item['actor']} 已作出不同的决定：{VERDICTS_ZH[verdict]}{what}。",
    )
