"""Addresses: one by code, its view, and lists as GeoJSON."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from addressbook import identity
from addressbook.privacy.policy import AccessRole, Policy, Reader
from addressbook.store.engine import transaction
from addressbook.store.steps import Steps
from addressbook.views.address import address_view_steps
from addressbook.views.addresses import address_feature, address_page
from api import paging
from api.deps import GEOJSON, Guard, answer, service_of
from api.filters import Question, address_question
from api.schemas import ADDRESS_FEATURE, ADDRESS_VIEW, ADDRESSES, PROBLEMS
from api.searching import found_by_text
from api.times import KnownAt, ValidAt, time_asked, time_steps

router = APIRouter(tags=["addresses 地址"], responses=PROBLEMS)
Viewer = Annotated[Reader, Depends(Guard(Policy(AccessRole.VIEWER)))]
PersonViewer = Annotated[Reader, Depends(Guard(Policy(AccessRole.VIEWER, persons="full")))]
Aid = Annotated[str, Path(description="身份编码, as printed or typed", examples=["B7K3-M9QX-W2HF"], max_length=40)]


@router.get("/addresses/{aid}", summary="One address 地址", responses=ADDRESS_FEATURE)
def get_address(
    aid: Aid, request: Request, _reader: Viewer, valid_at: ValidAt = None, known_at: KnownAt = None
) -> Response:
    """The record of any code ever issued, whatever its state, as a GeoJSON Feature; as it was on any day."""
    with transaction(service_of(request).engine) as connection:
        then = time_asked(connection, valid_at, known_at)
        return answer(address_feature(connection, identity.parse(aid), then), GEOJSON)


@router.get("/addresses/{aid}/view", summary="Everything at one address 全息视图", responses=ADDRESS_VIEW)
async def get_address_view(
    aid: Aid, request: Request, reader: PersonViewer, valid_at: ValidAt = None, known_at: KnownAt = None
) -> Response:
    """The address, its ancestors and children, and the elements at it or below it with their evidence.

    Who was at this address on a day, as it was known at a moment, is one request; elements show what they say today.
    """
    service, code = service_of(request), identity.parse(aid)

    def steps() -> Steps[dict[str, Any]]:
        then = yield from time_steps(valid_at, known_at)
        return (yield from address_view_steps(code, reader, then, service.secret))

    # Two short reads: to hand them to a thread and back takes longer than the rest of the service does.
    return answer(await service.viewing.done(steps()))


@router.get("/addresses", summary="Addresses, filtered, page by page", responses=ADDRESSES)
def get_addresses(request: Request, _reader: Viewer, asked: Annotated[Question, Depends(address_question)]) -> Response:
    """A GeoJSON FeatureCollection of live addresses. With `q` the best matches of the text come first, on page one.

    By the text of a retired address what is there today comes first, then the retired one; `notes` says so.
    """
    service, query = service_of(request), asked.query
    with transaction(service.engine) as connection:
        features, last = address_page(connection, query)
        best, notes = found_by_text(connection, service.resolver, query) if query.name and not query.after else ([], [])
    cursor = paging.encode(list(last), asked.filters) if last else None
    return answer(collection(request, [*best, *features], cursor) | ({"notes": notes} if notes else {}), GEOJSON)


def collection(request: Request, features: list[dict[str, Any]], cursor: str | None) -> dict[str, Any]:
    """A FeatureCollection with its links; a feature found twice is given once, where it came first."""
    distinct = {feature["id"]: feature for feature in reversed(features)}
    ordered = [distinct.pop(feature["id"]) for feature in features if feature["id"] in distinct]
    links = [paging.link(request, "self")]
    if cursor:
        links.append(paging.link(request, "next", cursor=cursor))
    return {"type": "FeatureCollection", "numberReturned": len(ordered), "links": links, "features": ordered}
