"""Division changes as the files that they come in: planned, applied as one event, listed."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Query, Request, UploadFile
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from addressbook.privacy.policy import AccessRole, Policy, Reader
from addressbook.registry.events import EventKind
from addressbook.store.division_changes import apply_divisions
from addressbook.store.division_planning import DivisionList, plan_divisions
from addressbook.store.engine import transaction
from addressbook.views.ids import NEWEST, event_page
from api import paging
from api.alias_schemas import Words
from api.deps import Guard, answer, service_of
from api.files import files_of, received
from api.registry_schemas import EVENTS, Because, decided
from api.routes.divisions import PLANNED, Code, DivisionPlan
from api.schemas import PROBLEMS, described

router = APIRouter(tags=["registry 登记"], responses=PROBLEMS)
Reviewer = Annotated[Reader, Depends(Guard(Policy(AccessRole.REVIEWER)))]
Admin = Annotated[Reader, Depends(Guard(Policy(AccessRole.ADMIN)))]
FORM = Form(media_type="multipart/form-data")
CHANGES = [EventKind.DIVISIONS, EventKind.DIVISIONS_BEGIN]


class DivisionFiles(BaseModel):
    """The divisions at and below one from a day on, as files; what goes with them where the list alone cannot tell."""

    model_config = ConfigDict(extra="forbid")

    below: Code
    effective: date
    divisions: UploadFile = Field(description="code, name; CSV or .xlsx")
    successions: UploadFile | None = Field(None, description="old_code, new_code; CSV or .xlsx")
    boundaries: UploadFile | None = Field(None, description="GeoJSON of new outlines, with code")
    coordinates: str | None = Field(None, pattern="^(wgs84|cgcs2000|gcj02|bd09)$", description="of the outlines")


class DivisionChange(DivisionFiles):
    """The same, with why it is done."""

    reason: Words = Field(description="why; kept with the registry event")
    document: Words | None = Field(None, description="文号, the document it rests on")
    actor: Words | None = Field(None, description="who decided; the key's label where absent. The key's number is kept")


class AppliedPlan(DivisionPlan):
    """What was done."""

    event_id: int
    changed: int = Field(description="addresses of which anything changed")


APPLIED = described(AppliedPlan, "It is done, as one event")


@router.post("/registry/divisions/plan/files", summary="Plan from files 区划变更方案", responses=PLANNED)
def post_plan(request: Request, _reader: Reviewer, body: Annotated[DivisionFiles, FORM]) -> Response:
    """The same as the plan of a list in JSON; nothing is changed."""
    given = _read(request, body)
    with transaction(service_of(request).engine) as connection:
        return answer(plan_divisions(connection, given).as_data())


@router.post("/registry/divisions/changes", summary="Apply division changes 执行区划变更", responses=APPLIED)
def post_change(request: Request, reader: Admin, body: Annotated[DivisionChange, FORM]) -> Response:
    """What the plan says, as one event. It is done to its end although the client goes away; 409 while one is at it."""
    given, service = _read(request, body), service_of(request)
    why = Because(reason=body.reason, document=body.document, actor=body.actor)
    with transaction(service.engine) as connection:
        done = apply_divisions(connection, given, decided(why, reader))
    service.resolver.look_again()
    return answer({**done.plan.as_data(), "event_id": done.event_id, "changed": done.addresses})


@router.get("/registry/divisions/changes", summary="Division changes 区划变更记录", responses=EVENTS)
def get_changes(
    request: Request,
    _reader: Reviewer,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=500, description="from a link with rel next")] = None,
) -> Response:
    """The events that changed divisions, newest first, each with its plan and whether it was taken back."""
    before = paging.number(paging.decode(cursor, "division changes", 1)[0]) if cursor else NEWEST
    with transaction(service_of(request).engine) as connection:
        items = event_page(connection, before=before, limit=limit, kinds=CHANGES)
    last = str(items[-1]["event_id"]) if len(items) == limit else None
    return answer({"items": items, "links": paging.links(request, "division changes", last)})


def _read(request: Request, body: DivisionFiles) -> DivisionList:
    """The list that the files hold. Raises FileError, or FieldError that names the line."""
    with received(body.divisions, body.successions, body.boundaries) as (divisions, successions, boundaries):
        assert divisions is not None  # noqa: S101 - the only one that must be there
        return files_of(request).read_divisions(
            divisions, body.below, body.effective, successions=successions, boundaries=boundaries,
            coordinates=body.coordinates,
        )  # fmt: skip
