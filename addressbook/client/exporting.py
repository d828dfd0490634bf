"""Collections as files: at once while one waits, or behind the request, told of as they go and fetched at the end."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Unpack, cast

from addressbook.client.asking import Asked, Parameters, Question, below, parameters
from addressbook.client.problems import ExportFailed, object_of
from addressbook.client.shapes import Collection, ExportJob, Filters, Form

EXPORT_TIMEOUT_S = 900.0
UNDER_WAY = frozenset({"waiting", "running"})


def export(
    collection: Collection, path: str | Path, *, format: Form | None = None, **filters: Unpack[Filters]  # noqa: A002
) -> Question[Path]:  # fmt: skip
    """All items as a file, written as it comes; a file that did not come whole is not left behind.

    The format is that of the file's name where none is given: csv, geojson, ndjson, xlsx, gpkg or parquet.
    """
    into = Path(path)
    asked = parameters(format=format or _form_of(into)) + filtered(filters)
    yield Asked(below("exports", collection), asked, into=into, timeout_s=EXPORT_TIMEOUT_S)
    return into


def export_begin(
    collection: Collection, *, format: Form = "csv", **filters: Unpack[Filters]  # noqa: A002
) -> Question[ExportJob]:  # fmt: skip
    """Begin an export behind the request, for what outlasts a connection; its `job_id` finds it again."""
    asked = parameters(format=format) + filtered(filters)
    answer = yield Asked(below("exports", collection), asked, method="POST")
    return cast(ExportJob, object_of(answer))


def export_job(job_id: int) -> Question[ExportJob]:
    """How far an export is. Only the key that began it is told."""
    answer = yield Asked(below("exports", "jobs", str(job_id)))
    return cast(ExportJob, object_of(answer))


def export_cancel(job_id: int) -> Question[ExportJob]:
    """End an export where it waits or runs; one that has ended stays as it is."""
    answer = yield Asked(below("exports", "jobs", str(job_id)), method="DELETE")
    return cast(ExportJob, object_of(answer))


def export_fetch(
    job_id: int, path: str | Path, *, told: Callable[[ExportJob], None] | None = None, every_s: float = 1.0
) -> Question[Path]:
    """Wait until an export has ended and write its file. Raises ExportFailed where it came to none.

    `told` is called with the job each time it is asked for, every so many seconds.
    """
    job = yield from export_job(job_id)
    while True:
        if told:
            told(job)
        if job["state"] not in UNDER_WAY:
            break
        answer = yield Asked(below("exports", "jobs", str(job_id)), after_s=every_s)
        job = cast(ExportJob, object_of(answer))
    if "href" not in job:
        raise _failed(job)
    into = Path(path)
    # Of the link only the signature is taken: the key goes nowhere but to the service that was named.
    wanted = Asked(below("exports", "files", str(job_id)), into=into, timeout_s=EXPORT_TIMEOUT_S)
    yield wanted.following(job["href"])
    return into


def export_behind(
    collection: Collection, path: str | Path, *, format: Form | None = None,  # noqa: A002
    told: Callable[[ExportJob], None] | None = None, every_s: float = 1.0, **filters: Unpack[Filters],
) -> Question[Path]:  # fmt: skip
    """`export` behind the request: begun, waited for and fetched; what breaks meanwhile breaks none of it."""
    into = Path(path)
    job = yield from export_begin(collection, format=format or _form_of(into), **filters)
    return (yield from export_fetch(job["job_id"], into, told=told, every_s=every_s))


def filtered(filters: Filters) -> Parameters:
    """Filters as query parameters."""
    condition = filters.get("cql2")
    as_json = isinstance(condition, dict)
    plain = {name: value for name, value in filters.items() if name != "cql2"}
    language = None if condition is None else "cql2-json" if as_json else "cql2-text"
    return parameters(**plain, filter=json.dumps(condition) if as_json else condition, **{"filter-lang": language})


def _form_of(path: Path) -> Form:
    return cast(Form, path.suffix.removeprefix(".").lower() or "csv")


def _failed(job: ExportJob) -> ExportFailed:
    return ExportFailed(
        f"export {job['job_id']} came to no file: {job.get('detail') or job['state']}.",
        zh=f"导出任务 {job['job_id']} 没有文件：{job.get('detail_zh') or job['state']}",
        remedy="Begin it again.",
    )
