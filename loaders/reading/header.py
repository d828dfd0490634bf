"""Where the header is and what its columns are called, under title rows and merged groups."""

from __future__ import annotations

from dataclasses import dataclass

from addressbook.errors import FileError


@dataclass(frozen=True, slots=True)
class Header:
    """The column names, and how many rows stand above the first row of data."""

    columns: list[str]
    rows: int


def find_header(head: list[list[str]], known: frozenset[str], file_name: str) -> Header:
    """The header among the first rows: the row with the most known names, gaps filled from the row above.

    Raises FileError when no row holds a known name, naming what was found in the first row.
    """
    scores = [sum(column_name(cell) in known for cell in row) for row in head]
    best = max(range(len(head)), key=lambda number: scores[number], default=None)
    if best is None or not scores[best]:
        found = "、".join(cell for cell in (head[0] if head else []) if cell.strip())[:120]
        raise FileError(
            f"{file_name} has no column with a known name; its first row is: {found}.",
            zh=f"{file_name} 中没有可识别的列名，首行为：{found}。",
            remedy="Name the columns as in docs/loading.md, e.g. 地址 or address.",
        )
    return Header(_merged(head, best), best + 1)


def column_name(cell: str) -> str:
    """A header cell as compared: lower case, without spaces, line breaks, stars and remarks in brackets.

    >>> column_name(" 姓 名*（必填）")
    '姓名'
    """
    bare = cell.replace("\ufeff", "").translate(_BRACKETS).split("(")[0]
    return "".join(bare.replace("*", "").replace(":", "").replace("：", "").split()).lower()


_BRACKETS = str.maketrans("（【[［", "((((")


def _merged(head: list[list[str]], best: int) -> list[str]:
    above = head[best - 1] if best else []
    names = []
    for column, cell in enumerate(head[best]):
        name = cell
        if not column_name(name) and column < len(above):
            name = above[column]
        names.append(column_name(name))
    return _distinct(names)


def _distinct(names: list[str]) -> list[str]:
    """A repeated name keeps its first column; later ones get a number, so that none is lost."""
    seen: dict[str, int] = {}
    result = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 or not name else f"{name}_{seen[name]}")
    return result
