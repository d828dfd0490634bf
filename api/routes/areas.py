"""Areas: a division, a grid cell or a polygon; its counts, its parts, and what in it is not yet at an address."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from addressbook.errors import FieldError
from addressbook.model import ElementKind
from addressbook.privacy.policy import AccessRole, Policy, Reader
from addressbook.store.engine import transaction
from addressbook.views.area import area_feature, area_view, children_features, drawn_view
from addressbook.views.outline import read_outline
from addressbook.views.unplaced import unplaced
from api import paging
from api.area_schemas import MONTH, OutlineRequest
from api.deps import GEOJSON, Guard, answer, service_of
from api.schemas import AREA_CHILDREN, AREA_FEATURE, AREA_VIEW, PROBLEMS, UNPLACED
from api.times import KnownAt, ValidAt, time_asked

router = APIRouter(tags=["areas 区域"], responses=PROBLEMS)
Public = Annotated[Reader, Depends(Guard(Policy(AccessRole.PUBLIC)))]
PersonViewer = Annotated[Reader, Depends(Guard(Policy(AccessRole.VIEWER, persons="full")))]
Code = Annotated[
    str, Path(description="2, 4, 6, 9 or 12 digits, or an area's code", examples=["330109"], max_length=64)
]


@router.get("/areas/{code}", summary="One area 区域", responses=AREA_FEATURE)
def get_area(code: Code, request: Request, _reader: Public) -> Response:
    """The area with its ancestors as a GeoJSON Feature; `geometry` is null where no boundary is loaded."""
    with transaction(service_of(request).engine) as connection:
        return answer(area_feature(connection, code), GEOJSON)


@router.get("/areas/{code}/view", summary="The counts of one area 区域视图", responses=AREA_VIEW)
def get_area_view(
    code: Code,
    request: Request,
    reader: Public,
    month: Annotated[str | None, Query(pattern=MONTH, description="YYYY-MM, the month compared")] = None,
    valid_at: ValidAt = None,
    known_at: KnownAt = None,
) -> Response:
    """Counts by kind, role, category and month; the same numbers as the sum over its parts. A division's of any day."""
    service = service_of(request)
    with transaction(service.engine) as connection:
        then = time_asked(connection, valid_at, known_at)
        return answer(area_view(connection, code, reader, month_from(month), then, service.secret))


@router.post("/areas/view", summary="The counts inside any outline 任意范围视图", responses=AREA_VIEW)
def post_area_view(body: OutlineRequest, request: Request, reader: Public) -> Response:
    """The same as of an area, of a polygon that is drawn, or of all within so many metres of a line."""
    service, month = service_of(request), month_from(body.month)
    outline = read_outline(body.geometry, body.buffer_m)
    with transaction(service.engine) as connection:
        return answer(drawn_view(connection, outline, reader, month, service.secret))


@router.get("/areas/{code}/children", summary="The parts of one area with their counts", responses=AREA_CHILDREN)
def get_area_children(code: Code, request: Request, reader: Public) -> Response:
    """The areas right below, as a GeoJSON FeatureCollection with counts as properties."""
    service = service_of(request)
    with transaction(service.engine) as connection:
        return answer(children_features(connection, code, reader, service.secret), GEOJSON)


@router.get("/areas/{code}/unplaced", summary="Not yet at an address 未落址清单", responses=UNPLACED)
def get_unplaced(
    code: Code,
    request: Request,
    reader: PersonViewer,
    kind: Annotated[ElementKind | None, Query(description="one element kind")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, Query(max_length=500, description="from a link with rel next")] = None,
) -> Response:
    """Links whose text reaches only a division: counted here, waiting for an address."""
    question = f"unplaced {code} {kind}"
    after = link_id_from(paging.decode(cursor, question, 1)[0]) if cursor else 0
    service = service_of(request)
    with transaction(service.engine) as connection:
        page = unplaced(connection, code, reader, kind=kind, after=after, limit=limit, secret=service.secret)
    last, links = page.pop("next_after"), [paging.link(request, "self")]
    if last is not None:
        links.append(paging.link(request, "next", cursor=paging.encode([str(last)], question)))
    return answer({**page, "links": links})


def month_from(text: str | None) -> date | None:
    """The first day of a month YYYY-MM. Raises FieldError when there is no such month."""
    if text is None:
        return None
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise FieldError("bad_month", "month", f"{text} is not a month.", zh=f"{text} 不是月份。") from None


def link_id_from(text: str) -> int:
    """The link id of a cursor. Raises FieldError."""
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise FieldError("bad_cursor", "cursor", "the cursor is damaged.", zh="翻页标记已损坏。")
    return int(text)
