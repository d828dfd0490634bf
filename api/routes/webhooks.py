"""Webhooks: subscribe, pause, resume, remove; what was delivered, what waits, dead letters and their replay."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from addressbook.privacy.policy import AccessRole, Policy, Reader
from addressbook.store.engine import transaction
from addressbook.store.webhooks import list_deliveries, pause, remove, replay, resume
from api import paging
from api.delivering import utc_now
from api.deps import Guard, answer, service_of
from api.schemas import PROBLEMS, Json, Link, described
from api.subscribing import own_webhook, own_webhooks, subscribe, topic_of

router = APIRouter(tags=["webhooks 订阅"], responses=PROBLEMS)
Viewer = Annotated[Reader, Depends(Guard(Policy(AccessRole.VIEWER)))]
WebhookId = Annotated[int, Path(ge=1, lt=2**31)]
NEWEST = 2**62


class Subscription(BaseModel):
    """Where to, and about what: one of aid, division, area and element."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"url": "https://example.org/hook", "division": "330109"}]}
    )

    url: str = Field(max_length=2000, description="https; redirects are not followed")
    aid: str | None = Field(None, max_length=40, description="an address")
    division: str | None = Field(None, max_length=12, description="2, 4, 6, 9 or 12 digits: all that lies in it")
    area: str | None = Field(None, max_length=64, pattern=r"^[^\x00]*$", description="a grid cell or polygon, by code")
    element: str | None = Field(None, max_length=20, description="person, house, enterprise, event or thing")


class Webhook(BaseModel):
    """A subscription and how it stands."""

    webhook_id: int
    url: str
    topic: str = Field(description="aid, division, area or element")
    subject: str
    state: str = Field(description="active or paused")
    role: str
    owner_key_id: int
    created_at: datetime
    failures: int = Field(description="in a row")
    next_attempt_at: datetime
    waiting: int = Field(description="deliveries that wait; what is not looked at yet is not among them")
    dead: int


class NewWebhook(Webhook):
    """With the secret that signs its deliveries, told this once."""

    secret: str


class Webhooks(BaseModel):
    """Subscriptions by number."""

    items: list[Webhook]


class Deliveries(BaseModel):
    """Deliveries, newest first."""

    items: list[Json]
    links: list[Link]


class Replay(BaseModel):
    """Which dead letters; all where absent."""

    model_config = ConfigDict(extra="forbid")

    deliveries: list[int] | None = Field(None, max_length=1000)


class Replayed(BaseModel):
    """How many wait again."""

    replayed: int


class Removed(BaseModel):
    """The subscription that is no more."""

    removed: int


@router.post("/webhooks", summary="Subscribe 订阅", responses=described(NewWebhook, "With its secret"))
def post_webhook(request: Request, reader: Viewer, body: Subscription) -> Response:
    """From now on what happens to the subject is posted to the URL, signed, in order, at least once."""
    service = service_of(request)
    with transaction(service.engine) as connection:
        topic = topic_of(connection, reader, **body.model_dump(exclude={"url"}))
        made = subscribe(connection, service.secret(), service.rules, reader, body.url, topic, utc_now())
    return answer(made)


@router.get("/webhooks", summary="Subscriptions 订阅清单", responses=described(Webhooks, "Your own"))
def get_webhooks(request: Request, reader: Viewer) -> Response:
    """Your own, everybody's for an administrator; with what waits and what is dead."""
    with transaction(service_of(request).engine) as connection:
        return answer({"items": own_webhooks(connection, reader)})


@router.get("/webhooks/{webhook_id}", summary="One subscription", responses=described(Webhook, "How it stands"))
def get_webhook(webhook_id: WebhookId, request: Request, reader: Viewer) -> Response:
    """How it stands; its secret is never told again."""
    with transaction(service_of(request).engine) as connection:
        return answer(own_webhook(connection, reader, webhook_id))


@router.post("/webhooks/{webhook_id}/pause", summary="Pause 暂停", responses=described(Webhook, "How it stands"))
def post_pause(webhook_id: WebhookId, request: Request, reader: Viewer) -> Response:
    """Nothing is sent for now; nothing is lost either, and nothing grows old."""
    return _changed(webhook_id, request, reader, pause)


@router.post("/webhooks/{webhook_id}/resume", summary="Resume 恢复", responses=described(Webhook, "How it stands"))
def post_resume(webhook_id: WebhookId, request: Request, reader: Viewer) -> Response:
    """Goes on at once; also the way to try again now what waits for its next attempt."""
    return _changed(webhook_id, request, reader, resume, utc_now())


@router.delete("/webhooks/{webhook_id}", summary="Unsubscribe 取消订阅", responses=described(Removed, "It is no more"))
def delete_webhook(webhook_id: WebhookId, request: Request, reader: Viewer) -> Response:
    """With all that waits for it and its dead letters."""
    with transaction(service_of(request).engine) as connection:
        own_webhook(connection, reader, webhook_id)
        remove(connection, webhook_id)
    return answer({"removed": webhook_id})


@router.get("/webhooks/{webhook_id}/deliveries", summary="Deliveries 投递", responses=described(Deliveries, "A page"))
def get_deliveries(
    webhook_id: WebhookId,
    request: Request,
    reader: Viewer,
    state: Annotated[Literal["waiting", "delivered", "dead"] | None, Query(description="dead: dead letters")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(max_length=500, description="from a link with rel next")] = None,
) -> Response:
    """Newest first: attempts, the last answer, and of what did not arrive the body."""
    filters = f"deliveries {webhook_id} {state}"
    before = paging.number(paging.decode(cursor, filters, 1)[0]) if cursor else NEWEST
    with transaction(service_of(request).engine) as connection:
        own_webhook(connection, reader, webhook_id)
        items = list_deliveries(connection, webhook_id, state, before, limit)
    last = str(items[-1]["delivery_id"]) if len(items) == limit else None
    return answer({"items": items, "links": paging.links(request, filters, last)})


@router.post("/webhooks/{webhook_id}/replay", summary="Replay dead letters 重投", responses=described(Replayed, "Done"))
def post_replay(webhook_id: WebhookId, request: Request, reader: Viewer, body: Replay) -> Response:
    """They wait again, before whatever is newer, under their old numbers."""
    with transaction(service_of(request).engine) as connection:
        own_webhook(connection, reader, webhook_id)
        return answer({"replayed": replay(connection, webhook_id, body.deliveries, utc_now())})


def _changed(webhook_id: int, request: Request, reader: Reader, change: Any, *more: Any) -> Response:
    """Change a subscription of one's own, and tell how it stands then."""
    with transaction(service_of(request).engine) as connection:
        own_webhook(connection, reader, webhook_id)
        change(connection, webhook_id, *more)
        return answer(own_webhook(connection, reader, webhook_id))
