"""Exports: whole collections as files, by the same filters and the same policy as lists and features."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, NamedTuple

from anyio import to_thread
from fastapi import APIRouter, Depends, Path as FromPath, Query, Request
from starlette.responses import FileResponse, Response

from addressbook.collections.declared import PERSONS
from addressbook.errors import NotFoundError
from addressbook.privacy.log import log_file
from addressbook.privacy.policy import OPEN, AccessRole, Policy, Reader
from addressbook.store.engine import transaction
from addressbook.store.export_jobs import Asked as JobAsked, add_job, finish, need_job
from addressbook.store.reading import Row
from addressbook.views.collections import matched, need_visible
from api.collections_asked import Filters, filters_asked, one_of, query_of
from api.compressing import coding_of, compressed, headers_of
from api.deps import Guard, answer, service_of
from api.export_jobs import Exporter, check_link, has_file, job_shown, need_own, reader_of
from api.exporting import FORMS, IN_PIECES, Export, Pieces, pieces_while_wanted
from api.files import Files, Shown, files_of, one_of_few, sent
from api.readers import asker_if_any
from api.routes.ogc import Name, Names
from api.schemas import PROBLEMS, Json

router = APIRouter(prefix="/exports", tags=["exports 导出"], responses=PROBLEMS)
PersonViewer = Annotated[Reader, Depends(Guard(Policy(AccessRole.VIEWER, persons="full")))]
Owner = Annotated[Reader, Depends(Guard(Policy(AccessRole.VIEWER, persons="masked")))]
Asked = Annotated[Filters, Depends(filters_asked)]
Form = Annotated[str, Query(alias="format", max_length=20, description=f"one of {', '.join(FORMS)}")]
_FILE: dict[int | str, Json] = {200: {"description": "The file", "content": {kind: {} for kind in FORMS.values()}}}


JobNumber = Annotated[int, FromPath(ge=1, lt=2**62)]
Signed = Annotated[str, Query(max_length=64, description="from the link")]
Open = Annotated[None, Depends(Guard(OPEN))]


async def asker_of(request: Request) -> Reader | None:
    """Who comes with a key, on the one route that needs none for most of what it has."""
    return await asker_if_any(request, service_of(request))


Asker = Annotated[Reader | None, Depends(asker_of)]


def exporter_of(request: Request) -> Exporter:
    """What runs exports behind requests."""
    found: Exporter = request.app.state.exporter
    return found


def base_of(request: Request) -> str:
    """Where the service is, as the client wrote it."""
    return str(request.base_url).rstrip("/")


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
    return Wanted(Export(engine, reader, query, service_of(request).secret), Shown(form, found, query.properties))


Asking = Annotated[Wanted, Depends(wanted)]


@router.get("/{collection}", summary="A collection as a file 导出", responses={**PROBLEMS, **_FILE})
async def get_export(request: Request, _reader: PersonViewer, asked: Asking) -> Response:
    """All items that the filters leave. A few exports run at once, then 409; one that nobody waits for is ended."""
    files, export = files_of(request), asked.export
    if asked.shown.form not in IN_PIECES:
        return await to_thread.run_sync(_whole, files, asked)
    coding = coding_of(request.headers.get("accept-encoding", ""))
    pieces = compressed(_pieces(files, asked), coding)
    first = await to_thread.run_sync(next, pieces, b"")
    named = {"Content-Disposition": f'attachment; filename="{asked.name}"', **headers_of(coding)}
    waited_for = pieces_while_wanted(export, first, pieces)
    return Pieces(waited_for, media_type=FORMS[asked.shown.form], headers=named)


@router.post("/{collection}", status_code=202, summary="An export in the background 后台导出")
def post_export(collection: Name, request: Request, reader: PersonViewer, asked: Asking, filters: Asked) -> Response:
    """Queue it: for what takes longer than anybody waits. Its link tells how far it is, and then where the file is."""
    query, service = asked.export.query, service_of(request)
    question = {**asdict(filters), "properties": ",".join(one.name for one in query.properties)}
    with transaction(service.engine) as connection:
        expected = matched(connection, reader, query, "estimated") or 0
        wanted_job = JobAsked(collection, asked.shown.form, question)
        job_id = add_job(connection, reader.key_id, reader.purpose, wanted_job, expected)
        job = need_job(connection, job_id)
    exporter_of(request).wanted.set()
    return answer(job_shown(job, service.secret, base_of(request)), Location=f"/exports/jobs/{job_id}", status=202)


@router.get("/jobs/{job_id}", summary="How far an export is 导出进度")
def get_job(job_id: JobNumber, request: Request, reader: Owner) -> Response:
    """State, rows written, rows expected; when it is done a link to the file that needs no key and expires."""
    service = service_of(request)
    with transaction(service.engine) as connection:
        job = need_job(connection, job_id, reader.key_id)
    return answer(job_shown(job, service.secret, base_of(request)))


@router.delete("/jobs/{job_id}", summary="Cancel an export 取消导出")
def delete_job(job_id: JobNumber, request: Request, reader: Owner) -> Response:
    """End it where it waits or runs; what has ended stays as it is."""
    service = service_of(request)
    with transaction(service.engine) as connection:
        need_job(connection, job_id, reader.key_id)
        finish(connection, job_id, "cancelled")
        job = need_job(connection, job_id, reader.key_id)
    exporter_of(request).cancel(job_id)
    return answer(job_shown(job, service.secret, base_of(request)))


@router.get("/files/{job_id}", summary="The file of a finished export 下载", responses={**PROBLEMS, **_FILE})
def get_file(
    job_id: JobNumber, request: Request, _open: Open, asker: Asker, expires: Signed = "", signature: Signed = ""
) -> Response:
    """By the signed link until it expires or the key that asked is revoked; for persons in full with that key."""
    service = service_of(request)
    check_link(service.secret, job_id, expires, signature)
    with transaction(service.engine) as connection:
        job = need_job(connection, job_id)
        need_own(job, asker)
        owner = reader_of(connection, job)
        path = _need_file(exporter_of(request), job)
        if job["collection"] == PERSONS.name:
            log_file(connection, fetcher_of(request, owner, asker), f"export-{job_id}", job["rows"])
    named = f"{job['collection']}.{job['format']}"
    return FileResponse(path, headers={"Cache-Control": "no-store"}, media_type=FORMS[job["format"]], filename=named)


def _need_file(exporter: Exporter, job: Row) -> Path:
    path = exporter.path_of(job)
    if not has_file(job) or not path.is_file():
        why, why_zh = job["fault_en"], job["fault_zh"]
        raise NotFoundError(
            why or "the file is no longer there.", zh=why_zh or "文件已不存在。", remedy="Export it again."
        )
    return path


def fetcher_of(request: Request, owner: Reader, asker: Reader | None) -> Reader:
    """Who is on record as having fetched a file: the key that came along, or whoever has the link of its owner."""
    by = asker or replace(owner, label=f"{owner.label} (link)")
    route, request_id = request.scope["route"].path, request.scope.get("request_id", "")
    return replace(by, purpose=owner.purpose, route=route, request_id=request_id)


def _pieces(files: Files, asked: Wanted) -> Generator[bytes]:
    with one_of_few(files.exports):
        yield from files.export_pieces(asked.shown, asked.export.rows())


def _whole(files: Files, asked: Wanted) -> Response:
    def write(path: Path) -> None:
        with one_of_few(files.exports):
            files.write_export(path, asked.shown, asked.export.rows())

    return sent(asked.name, FORMS[asked.shown.form], write)
