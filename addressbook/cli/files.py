"""What the service reads and writes files with: here, because this is where api and loaders may meet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine

from addressbook.privacy.sealing import Secret
from addressbook.store.transactions import Because
from loaders.divisions import read_division_list
from loaders.review_import import import_sheet
from loaders.review_sheet import write_sheet
from loaders.snapshot import export_snapshot

if TYPE_CHECKING:
    from api.files import Chunks, Files, SheetLine, Shown


def files() -> Files:
    """Everything that `create_app` is handed."""
    from api.files import Files

    return Files(read_division_list, write_sheet, _import_sheet, _write_snapshot, _export_pieces, _write_export)


def _import_sheet(engine: Engine, secret: Secret, path: Path, because: Because) -> Iterator[SheetLine]:
    from api.files import SheetLine

    for told in import_sheet(engine, secret, path, because):
        line = told.line
        yield SheetLine(line.place, line.key, line.decision, told.end.value, told.rule, told.zh, told.en, told.items)


def _export_pieces(shown: Shown, chunks: Chunks) -> Iterator[bytes]:
    from loaders.collection_files import pieces

    return pieces(shown.form, shown.collection, shown.properties, chunks)


def _write_export(out: Path, shown: Shown, chunks: Chunks) -> None:
    from loaders.collection_files import write_collection

    write_collection(out, shown.form, shown.collection, shown.properties, chunks)


def _write_snapshot(connection: Connection, out: Path, event: int) -> None:
    export_snapshot(connection, out, event, lambda _done, _all: None)
