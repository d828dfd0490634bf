"""Sheets of the review desk: open items to fill in on paper, and the filled sheet done line by line."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from addressbook.registry.review import DESK_REASON
from addressbook.store.engine import transaction
from addressbook.store.review_items import newest_decision
from addressbook.views.review import open_items
from api.alias_schemas import Words
from api.deps import answer, service_of
from api.files import files_of, received, sent
from api.registry_schemas import Because, decided
from api.routes.review import Reviewer, Wanted
from api.schemas import PROBLEMS, Json, described

router = APIRouter(tags=["review 审核"], responses=PROBLEMS)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ITEMS = 10_000
_SHEET: dict[int | str, Json] = {200: {"description": "The sheet", "content": {XLSX: {}}}}


class FilledSheet(BaseModel):
    """A filled sheet, and who stands for it."""

    model_config = ConfigDict(extra="forbid")

    sheet: UploadFile = Field(description="the .xlsx that was written here, filled in")
    reason: Words = Field(DESK_REASON, description="of lines that give none of their own")
    actor: Words | None = Field(None, description="who decided; the key's label where absent. The key's number is kept")


class SheetEnds(BaseModel):
    """What became of the lines."""

    counts: dict[str, int] = Field(description="done, unchanged, conflict, refused → number of lines")
    lines: list[Json] = Field(description="line, key, decision, end, rule, zh, en, items; in the order of the sheet")


@router.get("/review/sheet", summary="A sheet to fill in 审核表", responses={**PROBLEMS, **_SHEET})
def get_sheet(
    request: Request, reader: Reviewer, filters: Wanted, limit: Annotated[int, Query(ge=1, le=MOST_ITEMS)] = 1000
) -> Response:
    """Open items by number, one a row, with a column to decide in. What it shows of persons is what an item shows."""
    service, files = service_of(request), files_of(request)
    with transaction(service.engine) as connection:
        items = open_items(connection, reader, filters, limit=limit, parser=service.resolver.parser(connection))
        newest = newest_decision(connection)
    return sent("review.xlsx", XLSX, lambda path: files.write_sheet(path, items, newest, service.secret()))


@router.post("/review/sheet", summary="A filled sheet 审核表导入", responses=described(SheetEnds, "What became of it"))
def post_sheet(request: Request, reader: Reviewer, body: Annotated[FilledSheet, Form(media_type="multipart/form-data")]
) -> Response:  # fmt: skip
    """Each line by itself; a conflict with what was decided meanwhile is told, and nothing is overwritten."""
    service = service_of(request)
    because = decided(Because(reason=body.reason, document=None, actor=body.actor), reader)
    with received(body.sheet) as (path,):
        assert path is not None  # noqa: S101 - it must be there
        ends = list(files_of(request).import_sheet(service.engine, service.secret(), path, because))
    service.resolver.look_again()
    counts = Counter(told.end for told in ends)
    return answer({"counts": counts, "lines": [told._asdict() for told in ends]})
