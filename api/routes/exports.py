"""Exports: whole collections as files, by the same filters and the same policy as lists and features."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response, StreamingResponse

from addressbook.privacy.policy import AccessRole, Policy, Reader
from addressbook.store.engine import transaction
from addressbook.views.collections import need_visible
from api.collections_asked import Filters, filters_asked, one_of, query_of
from api.deps import Guard, service_of
from api.exporting import FORMS, IN_PIECES, Export, made_while_wanted, pieces_while_wanted
from api.files import Files, Shown, files_of, one_of_few, sent
from api.routes.ogc import Name, Names
from api.schemas import PROBLEMS, Json

router = APIRouter(prefix="/exports", tags=["exports 导出"], responses=PROBLEMS)
PersonViewer = Annotated[Reader, Depends(Guard(Policy(AccessRole.VIEWER, persons="masked")))]
Asked = Annotated[Filters, Depends(filters_asked)]
Form = Annotated[str, Query(alias="format", max_length=20, description=f"one of {', '.join(FORMS)}")]
_FILE: dict[int | str, Json] = {200: {"description": "The file", "content": {kind: {} for kind in FORMS.values()}}}


class Wanted(NamedTuple):
    """An export that was asked for, and what of it goes into a file."""

    export: Export
    shown: Shown

    @property
    def name(self) -> str:
        """The name of the file."""
        return f"{self.shown.collection.name}.{self.shown.form}"


def wanted(
    collection: Name, request: Request, reader: PersonViewer, filters: Asked, properties: Names = None,
    form: Form = "csv",
) -> Wanted:  # fmt: skip
    """The export in the path and the parameters. Raises NotFoundError, RoleForbidden, FieldError."""
    found, engine = need_visible(reader, collection), service_of(request).engine
    one_of(form, tuple(FORMS), "format")
    with transaction(engine) as connection:
        query = query_of(connection, found, filters, properties)
    return Wanted(Export(engine, reader, query), Shown(form, found, query.properties))


Asking = Annotated[Wanted, Depends(wanted)]


@router.get("/{collection}", summary="A collection as a file 导出", responses={**PROBLEMS, **_FILE})
async def get_export(request: Request, _reader: PersonViewer, asked: Asking) -> Response:
    """All items that the filters leave. A few exports run at once, then 409; one that nobody waits for is ended."""
    files, export = files_of(request), asked.export
    if asked.shown.form not in IN_PIECES:
        return await made_while_wanted(request, export.stop, partial(_whole, files, asked))
    pieces = _pieces(files, asked)
    first = await made_while_wanted(request, export.stop, partial(next, pieces, b""))
    named = {"Content-Disposition": f'attachment; filename="{asked.name}"'}
    waited_for = pieces_while_wanted(export, first, pieces)
    return StreamingResponse(waited_for, media_type=FORMS[asked.shown.form], headers=named)


def _pieces(files: Files, asked: Wanted) -> Iterator[bytes]:
    with one_of_few(files.exports):
        yield from files.export_pieces(asked.shown, asked.export.rows())


def _whole(files: Files, asked: Wanted) -> Response:
    def write(path: Path) -> None:
        with one_of_few(files.exports):
            files.write_export(path, asked.shown, asked.export.rows())

    return sent(asked.name, FORMS[asked.shown.form], write)
