"""Statements too long for a line live in store/sql/ under a name."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import LiteralString

_FOLDER = Path(__file__).resolve().parent / "sql"
_PARAMETER = re.compile(r"%\((\w+)\)s|%%")


@cache
def statement(name: str) -> LiteralString:
    """The text of store/sql/<name>.sql. The files ship with the code and take bound parameters only."""
    return (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")


@cache
def numbered(names: tuple[str, ...]) -> tuple[bytes, tuple[str, ...]]:
    """These statements put together, with $1, $2 … in place of named parameters, and the names in that order.

    In bytes, always the same ones: the driver looks a prepared statement up by all of its text.
    """
    order: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        return f"${order.setdefault(found[1], len(order) + 1)}" if found[1] else "%"

    told = _PARAMETER.sub(number, "".join(map(statement, names)))
    return told.encode(), tuple(order)
