"""What a new list of divisions comes to."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from addressbook.divisions.listing import Listed
from addressbook.privacy.policy import AccessRole, Policy, Reader
from addressbook.store.division_planning import DivisionList, plan_divisions
from addressbook.store.engine import transaction
from api.deps import Guard, answer, service_of
from api.schemas import PROBLEMS, Json, described
from api.times import Day

router = APIRouter(tags=["registry 登记"], responses=PROBLEMS)
Reviewer = Annotated[Reader, Depends(Guard(Policy(AccessRole.REVIEWER)))]
Code = Annotated[str, Field(max_length=20, examples=["330109001"])]
MOST_DIVISIONS = 50_000


class GivenDivision(BaseModel):
    """One division of the new list."""

    model_config = ConfigDict(extra="forbid")

    code: Code
    name: str = Field(max_length=100)


class GivenSuccession(BaseModel):
    """What became of a division, where the lists cannot tell."""

    model_config = ConfigDict(extra="forbid")

    old_code: Code
    new_code: Code


class GivenList(BaseModel):
    """The divisions at and below one from a day on; a fault names the place in the list, from 1, as a line."""

    model_config = ConfigDict(extra="forbid")

    below: Code
    effective: Day
    divisions: Annotated[list[GivenDivision], Field(max_length=MOST_DIVISIONS)]
    successions: Annotated[list[GivenSuccession], Field(max_length=MOST_DIVISIONS)] = []


class DivisionPlan(BaseModel):
    """What the list comes to."""

    below: str
    effective: str
    addresses: int = Field(description="addresses that get another division or text, or have to be told apart")
    links: int
    changes: dict[str, dict[str, int]] = Field(description="change → level → number of divisions")
    by_outline: int
    by_plates: int
    by_default: int
    divisions: list[Json] = Field(description="change, old, new, addresses, links of every division that changes")


PLANNED = described(DivisionPlan, "The plan; nothing is changed")


@router.post("/registry/divisions/plan", summary="Plan division changes 区划变更方案", responses=PLANNED)
def post_plan(request: Request, _reader: Reviewer, body: Annotated[GivenList, Body()]) -> Response:
    """Created, renamed, merged, split, moved, abolished and undecided divisions, with the addresses each touches."""
    rows = [Listed(given.code, given.name, line=line) for line, given in enumerate(body.divisions, 1)]
    pairs = [(line, given.old_code, given.new_code) for line, given in enumerate(body.successions, 1)]
    with transaction(service_of(request).engine) as connection:
        plan = plan_divisions(connection, DivisionList(body.below, body.effective, rows, pairs))
    return answer(plan.as_data())
