"""The review desk: the queue, items whole, claims, decisions and their undoing, statistics. For reviewers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from addressbook.privacy.policy import AccessRole, Policy, Reader
from addressbook.store.engine import transaction
from addressbook.store.review_deciding import Decided, decide
from addressbook.store.review_items import Filters, claim, release
from addressbook.store.review_undoing import undo
from addressbook.views.ids import NEWEST
from addressbook.views.review import queue_page, statistics, whole_items
from api import paging
from api.deps import Guard, answer, service_of
from api.registry_schemas import Because, decided
from api.review_schemas import (
    CLAIMED,
    ITEM,
    QUEUE,
    RELEASED,
    REOPENED,
    SETTLED,
    STATISTICS,
    Claim,
    Release,
    ReviewDecision,
    clerk_of,
    filters_of,
)
from api.schemas import PROBLEMS, Json

router = APIRouter(tags=["review 审核"], responses=PROBLEMS)
Reviewer = Annotated[Reader, Depends(Guard(Policy(AccessRole.REVIEWER, persons="masked")))]
Wanted = Annotated[Filters, Depends(filters_of)]
Number = Annotated[int, Path(ge=1, lt=NEWEST)]


@router.get("/review", summary="What waits for a person 审核队列", responses=QUEUE)
def get_queue(
    request: Request,
    reader: Reviewer,
    filters: Wanted,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=500, description="from a link with rel next")] = None,
) -> Response:
    """Open items by number, and how many there are by area, reason, source and kind."""
    asked = f"review {filters!r}"
    after = paging.number(paging.decode(cursor, asked, 1)[0]) if cursor else 0
    with transaction(service_of(request).engine) as connection:
        page = queue_page(connection, reader, filters, after=after, limit=limit)
    last, links = page.pop("next_after"), [paging.link(request, "self")]
    if last is not None:
        links.append(paging.link(request, "next", cursor=paging.encode([str(last)], asked)))
    return answer({**page, "links": links})


@router.get("/review/statistics", summary="How far clerks agree 审核统计", responses=STATISTICS)
def get_statistics(request: Request, reader: Reviewer, filters: Wanted) -> Response:
    """How often the first candidate was chosen, what was undone, and which texts stand decided in two ways."""
    with transaction(service_of(request).engine) as connection:
        return answer(statistics(connection, reader, filters))


@router.post("/review/claims", summary="The next items for a clerk 领取", responses=CLAIMED)
def post_claim(request: Request, reader: Reviewer, body: Claim) -> Response:
    """They are his alone until the lease ends; nobody else gets them, nor their twins."""
    service = service_of(request)
    with transaction(service.engine) as connection:
        parser = service.resolver.parser(connection)
        actor = clerk_of(body.actor, reader)
        given = claim(connection, actor, body.filters(), limit=body.limit, minutes=body.minutes)
        items = whole_items(connection, reader, given, parser)
    return answer({"items": items})


@router.post("/review/releases", summary="Give back what is not decided 退回", responses=RELEASED)
def post_release(request: Request, reader: Reviewer, body: Release) -> Response:
    """Everything that the clerk has claimed and not decided is free for others."""
    with transaction(service_of(request).engine) as connection:
        return answer({"released": release(connection, clerk_of(body.actor, reader))})


@router.get("/review/{review_id}", summary="One item 审核项", responses=ITEM)
def get_item(review_id: Number, request: Request, reader: Reviewer) -> Response:
    """The text received, how it is read, the candidates with a point each and what tells them apart."""
    service = service_of(request)
    with transaction(service.engine) as connection:
        (item,) = whole_items(connection, reader, [review_id], service.resolver.parser(connection))
    return answer(item)


@router.post("/review/{review_id}/decisions", summary="Decide 作出决定", responses=SETTLED)
def post_decision(review_id: Number, request: Request, reader: Reviewer, body: ReviewDecision) -> Response:
    """It settles the item and its twins as one event; 409 names the rule that forbids it."""
    service = service_of(request)
    with transaction(service.engine) as connection:
        tools = service.resolver.tools(connection)
        done = decide(connection, review_id, body.judgement(), body.because(reader), tools)
    service.resolver.look_again()
    return answer(_told(done))


@router.post("/review/decisions/{decision_id}/undo", summary="Undo a decision 撤销决定", responses=REOPENED)
def post_undo(decision_id: Number, request: Request, reader: Reviewer, body: Because) -> Response:
    """Items, rows, links, counts and texts are what they were; refused where something later builds on it."""
    service = service_of(request)
    with transaction(service.engine) as connection:
        done = undo(connection, decision_id, decided(body, reader))
    service.resolver.look_again()
    return answer(done._asdict())


def _told(done: Decided) -> Json:
    alias = done.alias and {"aid": done.alias.aid, "name": done.alias.name}
    return {**done._asdict(), "verdict": done.verdict.value, "alias": alias}
