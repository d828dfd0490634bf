"""From text to code: one text or a batch, the same matcher and the same answer."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from addressbook.model import Resolution
from addressbook.privacy.policy import AccessRole, Policy, Reader
from addressbook.store.engine import transaction
from addressbook.store.gazetteer import gazetteer_of, need_division
from addressbook.views.resolution import explained, resolution_entry
from api.deps import Guard, answer, service_of
from api.schemas import PROBLEMS, RESOLUTION, RESOLUTIONS, ResolveRequest

router = APIRouter(tags=["resolve 解析"], responses=PROBLEMS)
Viewer = Annotated[Reader, Depends(Guard(Policy(AccessRole.VIEWER)))]


@router.get("/resolve", summary="The address a text means", responses=RESOLUTION)
def resolve_text(
    request: Request,
    _reader: Viewer,
    text: Annotated[str, Query(max_length=500, examples=["萧山区市心北路260号3幢1单元502"])],
    division: Annotated[str | None, Query(max_length=12, description="where texts are that name no division")] = None,
    explain: Annotated[bool, Query(description="add what each stage made of the text")] = False,
) -> Response:
    """Category, levels, the code where there is exactly one, else candidates; and the reasons."""
    found = _resolved(request, [text], division)[0]
    return answer(resolution_entry(found) | (_stages(request, found) if explain else {}))


@router.post("/resolve", summary="The addresses a batch of texts means", responses=RESOLUTIONS)
def resolve_texts(request: Request, _reader: Viewer, batch: ResolveRequest) -> Response:
    """The answers in the order of the texts; one text is a batch of one."""
    found = _resolved(request, batch.texts, batch.division)
    return answer({"results": [resolution_entry(resolution) for resolution in found]})


def _stages(request: Request, found: Resolution) -> dict[str, object]:
    with transaction(service_of(request).engine) as connection:
        return {"stages": explained(found, gazetteer_of(connection))}


def _resolved(request: Request, texts: list[str], division: str | None) -> list[Resolution]:
    service = service_of(request)
    with transaction(service.engine) as connection:
        where = need_division(connection, division) if division else None
        return service.resolver.resolve(connection, texts, where)
