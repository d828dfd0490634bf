"""Files that come and go: what reads and writes them is handed to `create_app`, for api and loaders never meet."""

from __future__ import annotations

import re
import shutil
import tempfile
import threading
import zipfile
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol

from fastapi import Request, UploadFile
from sqlalchemy import Connection, Engine
from starlette.responses import StreamingResponse

from addressbook.collections.declared import Collection, Property
from addressbook.errors import BusyError, FileError
from addressbook.privacy.sealing import Secret
from addressbook.store.division_planning import DivisionList
from addressbook.store.reading import Row
from addressbook.store.transactions import Because
from api.compressing import PLAIN, compressed, headers_of

MOST_UNPACKED_BYTES = 256 * 1024 * 1024
PIECE_BYTES = 256 * 1024
SNAPSHOTS_AT_ONCE, EXPORTS_AT_ONCE = 2, 4
PREFIX = "addressbook-"
_UNPRINTABLE = re.compile(r"[^\w.() -]")
_LONGEST_NAME = 100


class ReadDivisions(Protocol):
    """Reads what a change of divisions is made of. Raises FileError, or FieldError that names the line."""

    def __call__(
        self, path: Path, below: str, effective: date, *, successions: Path | None, boundaries: Path | None,
        coordinates: str | None,
    ) -> DivisionList:  # fmt: skip
        """The list, what settles it, and the outlines that come with it."""


class Shown(NamedTuple):
    """What of a collection goes into a file."""

    form: str
    collection: Collection
    properties: Sequence[Property]


Chunks = Iterable[Sequence[Row]]


class SheetLine(NamedTuple):
    """A line of a filled review sheet, with what became of it."""

    line: str
    key: str
    decision: str
    end: str
    rule: str
    zh: str
    en: str
    items: int


@dataclass(frozen=True, slots=True)
class Files:
    """How each kind of file is read or written."""

    read_divisions: ReadDivisions
    write_sheet: Callable[[Path, Sequence[Row], int, Secret], None]
    import_sheet: Callable[[Engine, Secret, Path, Because], Iterator[SheetLine]]
    write_snapshot: Callable[[Connection, Path, int], None]
    export_pieces: Callable[[Shown, Chunks], Iterator[bytes]]
    write_export: Callable[[Path, Shown, Chunks], None]
    snapshots: threading.Semaphore = field(default_factory=lambda: threading.BoundedSemaphore(SNAPSHOTS_AT_ONCE))
    exports: threading.Semaphore = field(default_factory=lambda: threading.BoundedSemaphore(EXPORTS_AT_ONCE))


def files_of(request: Request) -> Files:
    """The files of the service this request came to; only asked by routes that it has for them."""
    found: Files = request.app.state.files
    return found


@contextmanager
def received(*uploads: UploadFile | None) -> Iterator[list[Path | None]]:
    """What was uploaded, as files of their names, each in a folder of its own, for as long as they are read."""
    with ExitStack() as stack:
        yield [stack.enter_context(_kept(upload)) if upload is not None else None for upload in uploads]


@contextmanager
def _kept(upload: UploadFile) -> Iterator[Path]:
    # Only the name's last part, and of that only what is harmless: messages repeat it.
    name = _UNPRINTABLE.sub("_", Path(upload.filename or "").name)[-_LONGEST_NAME:].lstrip(".") or "upload"
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder:
        path = Path(folder, name)
        with path.open("wb") as file:
            shutil.copyfileobj(upload.file, file)
        _need_bounded(path)
        yield path


def _need_bounded(path: Path) -> None:
    """Raise FileError for a workbook that is small only as long as it is packed."""
    if not zipfile.is_zipfile(path):
        return
    with suppress(zipfile.BadZipFile), zipfile.ZipFile(path) as packed:  # whoever reads it says what is wrong with it
        if sum(entry.file_size for entry in packed.infolist()) > MOST_UNPACKED_BYTES:
            raise FileError(
                f"{path.name} is too large when unpacked.", zh=f"{path.name} 解压后过大。",
                remedy="Split it, or use the command line.",
            )  # fmt: skip


def sent(
    name: str, media_type: str, write: Callable[[Path], dict[str, str] | None], coding: str = PLAIN
) -> StreamingResponse:
    """A file as the answer, read piece by piece, and in a coding: `write` makes it, and may return headers.

    It has lost its name before it is sent: whatever becomes of the client or the service, nothing is left behind.
    """
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder:
        path = Path(folder, name)
        headers = write(path) or {}
        headers |= {"Content-Disposition": f'attachment; filename="{name}"', **headers_of(coding)}
        if not coding:
            headers["Content-Length"] = str(path.stat().st_size)
        pieces = compressed(_pieces(path.open("rb")), coding)
        return StreamingResponse(pieces, media_type=media_type, headers=headers)


def _pieces(file: BinaryIO) -> Generator[bytes]:
    with file:
        while piece := file.read(PIECE_BYTES):
            yield piece


@contextmanager
def one_of_few(places: threading.Semaphore) -> Iterator[None]:
    """One of the places for what takes long. Raises BusyError where all are taken."""
    if not places.acquire(blocking=False):
        raise BusyError(
            "others are being answered the same.", zh="正在为他人生成同样的文件。", remedy="Ask again in a minute."
        )
    try:
        yield
    finally:
        places.release()
