"""Whether the service can answer, and whether it lives. The routes without a key: they say nothing but that."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from addressbook import __version__
from addressbook.privacy.policy import OPEN
from addressbook.store.engine import transaction
from addressbook.store.liveness import ask_for_life
from api.deps import Guard, answer, service_of
from api.schemas import HEALTH, LIVE

router = APIRouter(tags=["health 状态"])


@router.get("/health", summary="Whether the service can answer", responses=HEALTH)
def get_health(request: Request, _open: Annotated[None, Depends(Guard(OPEN))]) -> Response:
    """200 when the database answers, else 503 as a problem."""
    with transaction(service_of(request).engine) as connection:
        ask_for_life(connection)
    return answer({"status": "ok", "database": "ok", "version": __version__})


@router.get("/health/live", summary="Whether the process lives", responses=LIVE)
async def get_liveness(_open: Annotated[None, Depends(Guard(OPEN))]) -> Response:
    """200 as long as the process answers at all, database or not: what is dead has to be started anew."""
    return answer({"status": "ok", "version": __version__})
