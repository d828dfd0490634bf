"""Decisions on aliases: what each has linked, teach one, withdraw one. For reviewers."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from addressbook.identity import parse, printed
from addressbook.privacy.policy import AccessRole, Policy, Reader
from addressbook.store.aliases import ORIGIN, remember_alias
from addressbook.store.engine import transaction
from addressbook.views.aliases import BEFORE_ALL, alias_page, withdrawn
from api import paging
from api.alias_schemas import ALIASES, LEARNT, WITHDRAWN, AliasDecision, AliasWithdrawal, Decision
from api.deps import Guard, answer, service_of
from api.schemas import PROBLEMS

router = APIRouter(tags=["aliases 别名"], responses=PROBLEMS)
Reviewer = Annotated[Reader, Depends(Guard(Policy(AccessRole.REVIEWER, persons="masked")))]


@router.get("/aliases", summary="Aliases with what each has linked 别名清单", responses=ALIASES)
def get_aliases(
    request: Request,
    reader: Reviewer,
    aid: Annotated[str | None, Query(max_length=40, description="of this address only, whatever their origin")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=500, description="from a link with rel next")] = None,
) -> Response:
    """Every alias an address has had, or all that reviewers gave; withdrawn ones too, each with its open links."""
    code = parse(aid) if aid else None
    filters = f"aliases {code}"
    after = _numbers(paging.decode_pair(cursor, filters)) if cursor else BEFORE_ALL
    with transaction(service_of(request).engine) as connection:
        page = alias_page(connection, reader, aid=code, origin=None if code else ORIGIN, after=after, limit=limit)
    last, links = page.pop("next_after"), [paging.link(request, "self")]
    if last is not None:
        links.append(paging.link(request, "next", cursor=paging.encode([str(part) for part in last], filters)))
    return answer({**page, "links": links})


@router.post("/aliases", summary="This text means this address 记住别名", responses=LEARNT)
def add_alias(request: Request, reader: Reviewer, decision: AliasDecision) -> Response:
    """The alias is the text's other name or number; it is used from the next question on, and can be withdrawn."""
    service = service_of(request)
    with transaction(service.engine) as connection:
        lesson = service.resolver.lesson(connection, parse(decision.aid), decision.text)
        event = remember_alias(connection, lesson, actor=_actor(decision, reader), reason=decision.reason)
    service.resolver.look_again()
    learnt = {"aid": lesson.aid, "printed": printed(lesson.aid), "name": lesson.name, "event_id": event}
    return answer(learnt)


@router.post("/aliases/withdrawals", summary="An alias that proved wrong 撤销别名", responses=WITHDRAWN)
def withdraw(request: Request, reader: Reviewer, decision: AliasWithdrawal) -> Response:
    """It ends today. The links it made stay until somebody looks at them; they are all in the answer."""
    service, aid = service_of(request), parse(decision.aid)
    actor = _actor(decision, reader)
    with transaction(service.engine) as connection:
        ended = withdrawn(connection, reader, aid, decision.name, actor=actor, reason=decision.reason)
    service.resolver.look_again()
    return answer(ended)


def _actor(decision: Decision, reader: Reader) -> str:
    """Who decided, with the key that said so: a name in a request is a claim, the key's number is not."""
    return f"{decision.actor or reader.label} (key {reader.key_id})"


def _numbers(position: tuple[str, str]) -> tuple[int, int]:
    """A site and an alias number from a cursor. Raises FieldError."""
    return paging.number(position[0]), paging.number(position[1])
