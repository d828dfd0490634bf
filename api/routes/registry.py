"""Registry transactions, what became of codes, and the events that tell it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Path, Query, Request
from starlette.responses import Response

from addressbook.errors import NotFoundError
from addressbook.identity import parse
from addressbook.privacy.policy import AccessRole, Policy, Reader
from addressbook.store.engine import transaction
from addressbook.store.transactions import Transacted, revert, transact
from addressbook.views.ids import NEWEST, event_page, id_record
from api import paging
from api.deps import Guard, answer, service_of
from api.registry_schemas import EVENT, EVENTS, ID_RECORD, TRANSACTED, Because, Transaction, decided, request_of
from api.schemas import PROBLEMS

router = APIRouter(tags=["registry 登记"], responses=PROBLEMS)
Reviewer = Annotated[Reader, Depends(Guard(Policy(AccessRole.REVIEWER)))]
Viewer = Annotated[Reader, Depends(Guard(Policy(AccessRole.VIEWER)))]
Aid = Annotated[str, Path(description="身份编码, as printed or typed", examples=["B7K3-M9QX-W2HF"], max_length=40)]
EventId = Annotated[int, Path(ge=1, lt=NEWEST)]


@router.get("/ids/{aid}", summary="What became of a code 编码查询", responses=ID_RECORD)
def get_id(aid: Aid, request: Request, _reader: Viewer) -> Response:
    """Answers for every code ever issued: its state, what stands there today, successors and events."""
    with transaction(service_of(request).engine) as connection:
        return answer(id_record(connection, parse(aid)))


@router.post("/registry/transactions", summary="Change the registry 登记变更", responses=TRANSACTED)
def post_transaction(request: Request, reader: Reviewer, body: Annotated[Transaction, Body()]) -> Response:
    """One transaction, one event; `transaction` names it. A refusal changes nothing and names the rule."""
    service = service_of(request)
    with transaction(service.engine) as connection:
        parser = service.resolver.parser(connection)
        done = transact(connection, request_of(body), decided(body, reader), parser)
    service.resolver.look_again()
    return answer(_told(done))


@router.post("/registry/events/{event_id}/revert", summary="Take an event back 撤销", responses=TRANSACTED)
def post_revert(event_id: EventId, request: Request, reader: Reviewer, body: Because) -> Response:
    """Addresses, texts and links are what they were before it; refused while a later event or load builds on it."""
    service = service_of(request)
    with transaction(service.engine) as connection:
        done = revert(connection, event_id, decided(body, reader))
    service.resolver.look_again()
    return answer(_told(done))


@router.get("/registry/events", summary="Registry events 登记事件", responses=EVENTS)
def get_events(
    request: Request,
    _reader: Reviewer,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=500, description="from a link with rel next")] = None,
) -> Response:
    """Newest first, each with who decided it, why and on what document."""
    before = paging.number(paging.decode(cursor, "events", 1)[0]) if cursor else NEWEST
    with transaction(service_of(request).engine) as connection:
        items = event_page(connection, before=before, limit=limit)
    links = [paging.link(request, "self")]
    if len(items) == limit:
        links.append(paging.link(request, "next", cursor=paging.encode([str(items[-1]["event_id"])], "events")))
    return answer({"items": items, "links": links})


@router.get("/registry/events/{event_id}", summary="One registry event", responses=EVENT)
def get_event(event_id: EventId, request: Request, _reader: Reviewer) -> Response:
    """Who decided it, why, on what document, what was asked, and whether it was taken back."""
    with transaction(service_of(request).engine) as connection:
        found = event_page(connection, event_id=event_id, limit=1)
    if not found:
        raise NotFoundError(f"there is no registry event {event_id}.", zh=f"没有登记事件 {event_id}。")
    return answer(found[0])


def _told(done: Transacted) -> dict[str, object]:
    return {
        "event_id": done.event_id, "created": done.created, "changed": done.changed, "questions": done.questions,
    }  # fmt: skip
