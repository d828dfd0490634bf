"""From text to code: one text or a batch, the same matcher and the same answer."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from addressbook.divisions.codes import pad
from addressbook.privacy.policy import AccessRole, Policy, Reader
from addressbook.store.engine import transaction
from addressbook.views.resolution import resolution_entry
from api.deps import Guard, answer, service_of
from api.schemas import PROBLEMS, RESOLUTION, RESOLUTIONS, ResolveRequest

router = APIRouter(tags=["resolve 解析"], responses=PROBLEMS)
Viewer = Annotated[Reader, Depends(Guard(Policy(AccessRole.VIEWER)))]


@router.get("/resolve", summary="The address a text means", responses=RESOLUTION)
def resolve_text(
    request: Request,
    _reader: Viewer,
    text: Annotated[str, Query(min_length=1, max_length=500, examples=["萧山区市心北路260号3幢1单元502"])],
    division: Annotated[str | None, Query(max_length=12, description="where texts are that name no division")] = None,
) -> Response:
    """Category, levels, the code where there is exactly one, else candidates; and the reasons."""
    return answer(_resolved(request, [text], division)[0])


@router.post("/resolve", summary="The addresses a batch of texts means", responses=RESOLUTIONS)
def resolve_texts(request: Request, _reader: Viewer, batch: ResolveRequest) -> Response:
    """The answers in the order of the texts; one text is a batch of one."""
    return answer({"results": _resolved(request, batch.texts, batch.division)})


def _resolved(request: Request, texts: list[str], division: str | None) -> list[dict[str, object]]:
    service = service_of(request)
    with transaction(service.engine) as connection:
        found = service.resolver.resolve(connection, texts, pad(division) if division else None)
    return [resolution_entry(resolution) for resolution in found]
