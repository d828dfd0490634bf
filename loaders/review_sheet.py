"""The review desk on paper: items as an .xlsx sheet for a street office to fill in, and the filled sheet read again.

A line's key carries a check over its number, text and candidates, so that a key that was edited, or copied to another
line, is told apart from one that was not.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from addressbook.cells import safe_cell
from addressbook.errors import FileError, RuleError
from addressbook.privacy.sealing import Secret
from addressbook.registry.review import text_key
from addressbook.registry.review_words import CHOICES
from addressbook.store.reading import Row
from loaders.output import output_errors
from loaders.reading import OF_A_FORM, open_table

KEY, TEXT, DECISION, REASON = "键", "所收文字", "决定", "理由"
_BEFORE = (KEY, TEXT, "要素", "来源", "区划", "疑点")
_AFTER = ("可新建", DECISION, REASON)
_KINDS_ZH = {"person": "人", "house": "房", "enterprise": "企", "event": "事", "thing": "物", "address": "地址"}
_WIDTHS = {KEY: 22, TEXT: 48, "疑点": 36, "可新建": 20, DECISION: 14, REASON: 24}
_CANDIDATE_WIDTH, _PLAIN_WIDTH = 44, 12
_MOST_DIGITS, _CHECK_CHARACTERS = 15, 12
_KEY = re.compile(rf"R([0-9]{{1,{_MOST_DIGITS}}})-([0-9]{{1,{_MOST_DIGITS}}})-([0-9A-F]{{{_CHECK_CHARACTERS}}})")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
_FILL_IN = PatternFill("solid", fgColor="FFF2CC")


class Line(NamedTuple):
    """A line of a filled sheet: where it stands, its key, its text, what was decided and why.

    `fault` names what makes it unreadable ("" when it is well).
    """

    place: str
    key: str
    text: str
    decision: str
    reason: str
    fault: str = ""


class ReadKey(NamedTuple):
    """What a key says: the item, and the newest decision that there was when the sheet was written."""

    review_id: int
    since: int
    check: str


def write_sheet(out: Path, items: Sequence[Row], newest: int, secret: Secret) -> None:
    """Write items as views/review.py shows them, one a row, with a column to decide in. Raises FileError, DiskFull."""
    if out.suffix.lower() != ".xlsx":
        raise FileError(f"{out.name} is no .xlsx.", zh=f"{out.name} 不是 .xlsx。", remedy="Name it so.")
    most = max((len(item["candidates"]) for item in items), default=0)
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "审核"
    sheet.append([*_BEFORE, *(f"选{rank}" for rank in range(1, most + 1)), *_AFTER])
    for item in items:
        sheet.append([_cell(value) for value in _values(item, most, newest, secret)])
    _dress(sheet, most, len(items))
    beside = out.with_name(f".{out.name}.{os.getpid()}")
    with output_errors(out):
        try:
            book.save(beside)
            beside.replace(out)
        finally:
            beside.unlink(missing_ok=True)


def read_sheet(path: Path) -> Iterator[Line]:
    """The lines of a filled sheet. Raises FileError where the file, or its column of keys, is not there."""
    table = open_table(path, frozenset({KEY, TEXT, DECISION, REASON}), most=OF_A_FORM)
    lacking = [name for name in (KEY, TEXT, DECISION) if name not in table.columns]
    if lacking:
        raise FileError(
            f"{path.name} has no column {', '.join(lacking)}.", zh=f"{path.name} 缺少列：{'、'.join(lacking)}。",
            remedy="Fill in the sheet that `addressbook review export` wrote.",
        )  # fmt: skip
    for row in table.rows:
        place = f"{row.sheet}!{row.line}" if row.sheet else str(row.line)
        key, text, decision, reason = (row.values.get(name, "") for name in (KEY, TEXT, DECISION, REASON))
        yield Line(place, key, text, decision, reason, row.fault)


def key_for(review_id: int, text: str, candidates: Sequence[str], since: int, secret: Secret) -> str:
    """The key of a line: R12-7-4F0A….: item, newest decision, check."""
    content = "\x1f".join(("review", str(review_id), str(since), text, *candidates))
    return f"R{review_id}-{since}-{secret.digest(content.encode()).hex[:_CHECK_CHARACTERS].upper()}"


def read_key(key: str) -> ReadKey:
    """What a key says, before its check is looked at. Raises RuleError for what is no key."""
    found = _KEY.fullmatch(key.strip().upper())
    if found is None:
        raise edited_key(key)
    return ReadKey(int(found[1]), int(found[2]), found[3])


def check_key(line: Line, text: str, candidates: Sequence[str], secret: Secret) -> None:
    """Raise RuleError unless the line's key is the one it was written with, and stands beside its own text."""
    read = read_key(line.key)
    true = key_for(read.review_id, text, candidates, read.since, secret)
    if true != line.key.strip().upper() or text_key(line.text) != text_key(_cell(text).strip()):
        raise edited_key(line.key)


def edited_key(key: str) -> RuleError:
    """The error of a key that is not as it was written, or not beside its own text."""
    return RuleError(
        "key", f"the key {key!r} was edited, or is that of another line.", zh=f"键“{key}”被改动，或不属于这一行。",
        remedy="Export the sheet again; change only the columns 决定 and 理由.",
    )  # fmt: skip


def _values(item: Row, most: int, newest: int, secret: Secret) -> list[str]:
    codes = [candidate["aid"] for candidate in item["candidates"]]
    shown = [_candidate(found) for found in item["candidates"]]
    doubts = "；".join(reason["zh"] for reason in item["reasons"] if reason["cost"])
    return [
        key_for(item["review_id"], item["received_text"], codes, newest, secret), item["received_text"],
        _KINDS_ZH[item["element_kind"]], item["source"], item["division_code"] or "", doubts or item["reason_code"],
        *shown, *[""] * (most - len(shown)), item["suggestion"]["name"] if item["suggestion"] else "", "", "",
    ]  # fmt: skip


def _candidate(found: Row) -> str:
    apart = f" 〔{found['told_apart_by']}〕" if found["told_apart_by"] else ""
    return f"{found['standard_text']}{apart}"


def _cell(text: str) -> str:
    """A text that a spreadsheet can hold, and takes for no formula."""
    return safe_cell(_FORBIDDEN.sub("", text))


def _dress(sheet: Worksheet, most: int, rows: int) -> None:
    """Widths, a header that stays, and the choices in the column to decide in."""
    titles = [cell.value for cell in sheet[1]]
    for number, title in enumerate(titles, 1):
        letter = get_column_letter(number)
        is_candidate = len(_BEFORE) < number <= len(_BEFORE) + most
        plain = _CANDIDATE_WIDTH if is_candidate else _PLAIN_WIDTH
        sheet.column_dimensions[letter].width = _WIDTHS.get(str(title), plain)
        sheet[f"{letter}1"].font = Font(bold=True)
    sheet.freeze_panes = "C2"
    if not rows:
        return
    column = get_column_letter(titles.index(DECISION) + 1)
    ranks = [f"选{rank}" for rank in range(1, most + 1)]
    choices = DataValidation(type="list", formula1=f'"{",".join([*ranks, *CHOICES])}"', allow_blank=True)
    choices.showErrorMessage = False  # a code may be written as well
    sheet.add_data_validation(choices)
    choices.add(f"{column}2:{column}{rows + 1}")
    for (cell,) in sheet[f"{column}2:{column}{rows + 1}"]:
        cell.fill, cell.alignment = _FILL_IN, Alignment(horizontal="center")
