"""Outside codes: which address has one, which ones an address has; given and ended by who decides."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from addressbook.errors import FieldError
from addressbook.identity import parse
from addressbook.privacy.policy import AccessRole, Policy, Reader
from addressbook.store.engine import transaction
from addressbook.store.identifiers import end, find, give
from api.alias_schemas import Aid, Words
from api.deps import Guard, answer, service_of
from api.registry_schemas import Because, decided
from api.schemas import PROBLEMS, Json, described
from api.times import Day

router = APIRouter(tags=["identifiers 外部编码"], responses=PROBLEMS)
Viewer = Annotated[Reader, Depends(Guard(Policy(AccessRole.VIEWER)))]
Reviewer = Annotated[Reader, Depends(Guard(Policy(AccessRole.REVIEWER)))]


class OutsideCode(Because):
    """An address and the code that somebody else has for it."""

    aid: Aid
    scheme: Words = Field(description="JGJ/T 246, 不动产单元代码, 25位编码, or any other name")
    value: Words


class GivenCode(OutsideCode):
    """It has it from that day on, always where absent; another day than the one that is known corrects it."""

    valid_from: Day | None = None


class EndedCode(OutsideCode):
    """It has it until that day, which has come; today where absent."""

    valid_to: Day | None = None


class OutsideCodes(BaseModel):
    """Codes with their addresses, those in force first."""

    items: list[Json]


class Recorded(BaseModel):
    """The event that keeps it."""

    event_id: int


@router.get("/identifiers", summary="Outside codes 外部编码", responses=described(OutsideCodes, "Those that fit"))
def get_identifiers(
    request: Request,
    _reader: Viewer,
    value: Annotated[str | None, Query(max_length=100, description="the outside code")] = None,
    scheme: Annotated[str | None, Query(max_length=100)] = None,
    aid: Annotated[str | None, Query(max_length=40, description="codes of this address")] = None,
) -> Response:
    """Both ways: the address that has a code, and the codes that an address has, with their dates and source."""
    if value is None and aid is None:
        raise FieldError("missing", "value", "give a value or an aid.", zh="请给出外部编码或身份编码。")
    with transaction(service_of(request).engine) as connection:
        return answer({"items": find(connection, scheme=scheme, value=value, aid=parse(aid) if aid else None)})


@router.post("/identifiers", summary="An address has this code 登记外部编码", responses=described(Recorded, "Done"))
def post_identifier(request: Request, reader: Reviewer, body: GivenCode) -> Response:
    """A code of a known scheme is checked; one that another address has must be ended there first."""
    with transaction(service_of(request).engine) as connection:
        event = give(connection, parse(body.aid), body.scheme, body.value, body.valid_from, decided(body, reader))
    return answer({"event_id": event})


@router.post("/identifiers/endings", summary="… and no longer 注销外部编码", responses=described(Recorded, "Done"))
def post_ending(request: Request, reader: Reviewer, body: EndedCode) -> Response:
    """It stays in the bridge, with the day it ended."""
    day = body.valid_to or datetime.now(UTC).date()
    with transaction(service_of(request).engine) as connection:
        event = end(connection, parse(body.aid), body.scheme, body.value, day, decided(body, reader))
    return answer({"event_id": event})
