"""Statements too long for a line live in store/sql/ under a name."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import LiteralString

_FOLDER = Path(__file__).resolve().parent / "sql"


@cache
def statement(name: str) -> LiteralString:
    """The text of store/sql/<name>.sql. The files ship with the code and take bound parameters only."""
    return (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
