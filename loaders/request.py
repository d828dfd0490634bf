"""What a load is asked to do, and what it works with once it has begun."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from addressbook.links import Unresolved
from loaders.mapping import ColumnMapping

CHUNK_ROWS = 5000
"""Rows a transaction: its fixed cost vanishes, and little is lost when it is stopped."""


class LoadKind(StrEnum):
    """What `addressbook load` loads."""

    ADDRESSES = "addresses"
    PEOPLE = "people"
    HOUSES = "houses"
    ENTERPRISES = "enterprises"
    EVENTS = "events"
    THINGS = "things"
    AREAS = "areas"


def shown_name(path: Path) -> str:
    """A file's name as text. On a file system names are bytes: archives from Windows bring Chinese ones in GB18030.

    >>> import os
    >>> shown_name(Path(os.fsdecode("来/工单.csv".encode("gb18030"))))
    '工单.csv'
    """
    try:
        path.name.encode()
    except UnicodeEncodeError:
        return os.fsencode(path.name).decode("gb18030", "replace")
    return path.name


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """One command: which file of which kind, from which source, and how to read it.

    `division` is the code that texts naming none are taken to lie in; `full_snapshot` says that rows absent from the
    file have ended; `column` names the address column of `propose`.
    """

    kind: str
    path: Path
    source: str
    mapping: Path | None = None
    coordinate_system: str | None = None
    division: str | None = None
    unresolved: Unresolved = Unresolved.REVIEW
    full_snapshot: bool = False
    column: str | None = None
    chunk_rows: int = CHUNK_ROWS


@dataclass(frozen=True, slots=True)
class Job:
    """A request begun: its source and batch are registered, its mapping read.

    `reading` names how rows are read and judged: with a corrected mapping or option every row is a new one. `is_new`:
    nothing of the source was stored when it began.
    """

    source: str
    source_id: int
    batch_id: int
    mapping: ColumnMapping
    coordinate_system: str
    division: str | None
    unresolved: Unresolved
    reading: str
    is_new: bool
