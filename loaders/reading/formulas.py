"""Formulas of a workbook whose results are not in the file: to a reader of values such cells look empty.

A program that writes .xlsx without computing leaves every formula so; Excel and WPS fill the results in when they save.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from html import unescape
from pathlib import Path

BLOCK_BYTES = 1 << 20
Unfinished = dict[int, list[int]]
"""Row number from 1 → columns from 0 that hold a formula without result."""

_SHEET = re.compile(r"<(?:\w+:)?sheet\s[^>]*>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\s[^>]*>")
_ATTRIBUTE = re.compile(r'([\w:]+)="([^"]*)"')
_CELL = re.compile(
    rb"<(?:\w+:)?c\s([^>]*)>\s*<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_CELL_END = re.compile(rb".*</(?:\w+:)?c>", re.DOTALL)


def formulas_without_value(path: Path) -> dict[str, Unfinished]:
    """By sheet name; empty where there is none, and where the workbook is put together in a way that is not known."""
    try:
        with zipfile.ZipFile(path) as book:
            return {name: found for name, part in sheet_parts(book) if (found := _unfinished(book, part))}
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return {}


def sheet_parts(book: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """The sheets by name, with the part of the archive that holds each."""
    relations = book.read("xl/_rels/workbook.xml.rels").decode()
    targets = {given.get("Id"): given.get("Target", "") for given in map(_attributes, _RELATION.findall(relations))}
    for given in map(_attributes, _SHEET.findall(book.read("xl/workbook.xml").decode())):
        target = targets.get(given.get("r:id"), "")
        part = target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")
        if part in book.namelist():
            yield given.get("name", ""), part


def _attributes(tag: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in _ATTRIBUTE.findall(tag)}


def _unfinished(book: zipfile.ZipFile, part: str) -> Unfinished:
    found: defaultdict[int, list[int]] = defaultdict(list)
    for cells in _whole_cells(book, part):
        for given in _CELL.findall(cells) if b"<f" in cells or b":f" in cells else ():
            place = _PLACE.search(given)
            # Of the type str the result is in the file, and is an empty text.
            if place and b't="str"' not in given:
                found[int(place[2])].append(_number_of(place[1]))
    return dict(found)


def _whole_cells(book: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """The part block by block, each block ending with a cell."""
    rest = b""
    with book.open(part) as file:
        while block := file.read(BLOCK_BYTES):
            block = rest + block
            whole = _CELL_END.match(block)
            end = whole.end() if whole else 0
            yield block[:end]
            rest = block[end:] if len(block) - end < BLOCK_BYTES else b""


def _number_of(letters: bytes) -> int:
    """A column's letters as its number from 0: A 0, Z 25, AA 26."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number - 1
