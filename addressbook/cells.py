"""Cells of tables that people open in a spreadsheet."""

from __future__ import annotations

import re

_FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"[+-]?\d*(\.\d+)?", re.ASCII)


def safe_cell(text: str) -> str:
    """A cell that no spreadsheet takes for a formula; plain numbers, with their sign, are none and stay as they are.

    >>> safe_cell("=1+1"), safe_cell("-120.25"), safe_cell("-1+1")
    ("'=1+1", '-120.25', "'-1+1")
    """
    return f"'{text}" if text[:1] in _FORMULA_BEGINS and not _NUMBER.fullmatch(text) else text
