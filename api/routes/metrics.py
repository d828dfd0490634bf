"""Figures for Prometheus, which sends a key as its `authorization` credentials."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from addressbook.privacy.policy import AccessRole, Policy
from api.deps import Guard, service_of
from api.observing import METRICS_TYPE
from api.schemas import METRICS, PROBLEMS

router = APIRouter(tags=["health 状态"], responses=PROBLEMS)


@router.get("/metrics", summary="Figures of this process 运行指标", responses=METRICS)
def get_metrics(request: Request, _admin: Annotated[object, Depends(Guard(Policy(AccessRole.ADMIN)))]) -> Response:
    """Requests by route and status, how long they took, connections, memory: Prometheus's text format."""
    return Response(service_of(request).metrics.text(), media_type=METRICS_TYPE)
