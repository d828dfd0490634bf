"""Whether the service can answer. The one route without a key: it says nothing but that."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from addressbook import __version__
from addressbook.privacy.policy import OPEN
from addressbook.store.engine import transaction
from addressbook.store.liveness import ask_for_life
from api.deps import Guard, answer, service_of
from api.schemas import HEALTH

router = APIRouter(tags=["health 状态"])


@router.get("/health", summary="Whether the service can answer", responses=HEALTH)
def get_health(request: Request, _open: Annotated[None, Depends(Guard(OPEN))]) -> Response:
    """200 when the database answers, else 503 as a problem."""
    with transaction(service_of(request).engine) as connection:
        ask_for_life(connection)
    return answer({"status": "ok", "database": "ok", "version": __version__})
