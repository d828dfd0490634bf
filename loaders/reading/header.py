"""Where the header is and what its columns are called, under title rows and merged groups."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from functools import lru_cache

from addressbook.errors import FileError


@dataclass(frozen=True, slots=True)
class Header:
    """The column names, how many rows stand above the first row of data, and the names as the file writes them."""

    columns: list[str]
    rows: int
    titles: list[str] = field(default_factory=list)


def find_header(head: list[list[str]], known: frozenset[str], file_name: str) -> Header:
    """The header among the first rows: the row with the most known names once gaps are filled from the row above.

    Raises FileError when no row holds a known name, naming what was found in the first row.
    """
    scores = [sum(column_name(cell) in known for cell in _merged(head, number)) for number in range(len(head))]
    best = max(range(len(head)), key=lambda number: scores[number], default=None)
    if best is None or not scores[best]:
        found = printable("、".join(cell for cell in (head[0] if head else []) if cell.strip())[:120])
        raise FileError(
            f"{file_name} has no column with a known name; its first row is: {found}.",
            zh=f"{file_name} 中没有可识别的列名，首行为：{found}。",
            remedy="Name the columns as in docs/loading.md, e.g. 地址 or address.",
        )
    titles = [printable(title) for title in _merged(head, best)]
    return Header(_distinct([column_name(title) for title in titles]), best + 1, titles)


def printable(text: str) -> str:
    """A text of unknown origin as it can be shown on any terminal."""
    return "".join(char if char.isprintable() or char.isspace() else "\ufffd" for char in text)


@lru_cache(maxsize=4096)
def column_name(cell: str) -> str:
    """A header cell as compared: lower case, without spaces, invisible marks, stars and remarks in brackets.

    >>> column_name(" 姓 名*（必填）")
    '姓名'
    """
    seen = "".join(char for char in cell if unicodedata.category(char) != "Cf")
    bare = printable(seen).translate(_BRACKETS).split("(")[0]
    return "".join(bare.replace("*", "").replace(":", "").replace("：", "").split()).lower()


_BRACKETS = str.maketrans("（【[［", "((((")


def _merged(head: list[list[str]], best: int) -> list[str]:
    """The header cells as written; under a merged group a gap is filled from the row above."""
    above = head[best - 1] if best else []
    return [
        above[column] if not column_name(cell) and column < len(above) else cell
        for column, cell in enumerate(head[best])
    ]


def _distinct(names: list[str]) -> list[str]:
    """A repeated name keeps its first column; later ones and nameless ones get a number, so that no cell is lost."""
    result: list[str] = []
    taken = set(names)
    for number, name in enumerate(names, 1):
        distinct, again = name or f"column_{number}", 2
        while distinct in result or (distinct != name and distinct in taken):
            distinct, again = f"{name or 'column'}_{again}", again + 1
        result.append(distinct)
    return result
