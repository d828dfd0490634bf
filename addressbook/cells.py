"""Cells of tables that people open in a spreadsheet."""

from __future__ import annotations

import re

_FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?\d*(\.\d+)?", re.ASCII)

_DIGITS = frozenset("0123456789")
_LIKE_A_NUMBER = re.compile(r"[0-9][0-9.,:/eE %+-]*")
_SHOWN_AS_WRITTEN = re.compile(r"0|[1-9][0-9]{0,10}|[0-9]{4}-[0-9]{2}-[0-9]{2}")


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula; plain numbers, with their sign, are none and stay as they are.

    >>> safe_cell("=1+1"), safe_cell("-120.25"), safe_cell("-1+1")
    ("'=1+1", '-120.25', "'-1+1")
    """
    return f"'{text}" if text[:1] in _FORMULA_BEGINS and not _NUMBER.fullmatch(text) else text


def text_cell(text: str) -> str:
    """The same of a CSV, where nothing says what is text: what would be shown otherwise than it is written gets a tab.

    Codes and identity numbers lose digits or leading zeros where they are taken for numbers, and plates become dates. A
    tab before them is what such files usually have; plain numbers of up to 11 digits and days of ISO 8601 have none.

    >>> text_cell("330109001001"), text_cell("0571"), text_cell("3-2"), text_cell("=1+1")
    ('\\t330109001001', '\\t0571', '\\t3-2', "'=1+1")
    >>> text_cell("260"), text_cell("2024-05-01"), text_cell("3幢")
    ('260', '2024-05-01', '3幢')
    """
    if text[:1] in _DIGITS and _LIKE_A_NUMBER.fullmatch(text) and not _SHOWN_AS_WRITTEN.fullmatch(text):
        return f"\t{text}"
    return safe_cell(text)
