"""Addresses: one by code, its view, and lists as GeoJSON."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from addressbook import identity
from addressbook.divisions.codes import pad
from addressbook.errors import FieldError
from addressbook.model import AddressKind
from addressbook.privacy.policy import AccessRole, Policy, Reader
from addressbook.store.engine import transaction
from addressbook.views.address import address_view
from addressbook.views.addresses import AddressQuery, address_feature, address_page
from api import paging
from api.deps import GEOJSON, Guard, answer, service_of
from api.schemas import ADDRESS_FEATURE, ADDRESS_VIEW, ADDRESSES, PROBLEMS
from api.searching import found_by_text

router = APIRouter(tags=["addresses 地址"], responses=PROBLEMS)
Viewer = Annotated[Reader, Depends(Guard(Policy(AccessRole.VIEWER)))]
PersonViewer = Annotated[Reader, Depends(Guard(Policy(AccessRole.VIEWER, persons="masked")))]
Aid = Annotated[str, Path(description="身份编码, as printed or typed", examples=["B7K3-M9QX-W2HF"], max_length=40)]
MOST_ADDRESSES = 1000


@router.get("/addresses/{aid}", summary="One address 地址", responses=ADDRESS_FEATURE)
def get_address(aid: Aid, request: Request, _reader: Viewer) -> Response:
    """The record of any code ever issued, whatever its state, as a GeoJSON Feature."""
    with transaction(service_of(request).engine) as connection:
        return answer(address_feature(connection, identity.parse(aid)), GEOJSON)


@router.get("/addresses/{aid}/view", summary="Everything at one address 全息视图", responses=ADDRESS_VIEW)
def get_address_view(aid: Aid, request: Request, reader: PersonViewer) -> Response:
    """The address, its ancestors and children, and the elements at it or below it with their evidence."""
    with transaction(service_of(request).engine) as connection:
        view = address_view(connection, identity.parse(aid), reader)
    return answer(view)


@router.get("/addresses", summary="Addresses, filtered, page by page", responses=ADDRESSES)
def get_addresses(
    request: Request,
    _reader: Viewer,
    q: Annotated[
        str | None, Query(min_length=1, max_length=200, description="a code, an address or part of a name")
    ] = None,
    bbox: Annotated[
        str | None, Query(max_length=120, description="west,south,east,north", examples=["120.2,30.1,120.3,30.2"])
    ] = None,
    division: Annotated[
        str | None, Query(max_length=12, description="2, 4, 6, 9 or 12 digits", examples=["330109"])
    ] = None,
    kind: Annotated[str | None, Query(max_length=20, description="kind letters, e.g. B or C,P", examples=["B"])] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ADDRESSES)] = 100,
    cursor: Annotated[str | None, Query(max_length=500, description="from a link with rel next")] = None,
) -> Response:
    """A GeoJSON FeatureCollection of live addresses. With `q` the best matches of the text come first, on page one."""
    question = repr((q, bbox, division, kind))
    after = paging.decode_pair(cursor, question) if cursor else None
    query = AddressQuery(
        pad(division) if division else None, kinds_of(kind), box_of(bbox), q, None, after, limit
    )  # fmt: skip
    service = service_of(request)
    with transaction(service.engine) as connection:
        best = found_by_text(connection, service.resolver, query) if q and not after else []
        features, last = address_page(connection, query)
    return answer(
        collection(request, [*best, *features], paging.encode(list(last), question) if last else None), GEOJSON
    )


def collection(request: Request, features: list[dict[str, Any]], cursor: str | None) -> dict[str, Any]:
    """A FeatureCollection with its links; a feature found twice is given once, where it came first."""
    distinct = {feature["id"]: feature for feature in reversed(features)}
    ordered = [distinct.pop(feature["id"]) for feature in features if feature["id"] in distinct]
    links = [paging.link(request, "self")]
    if cursor:
        links.append(paging.link(request, "next", cursor=cursor))
    return {"type": "FeatureCollection", "numberReturned": len(ordered), "links": links, "features": ordered}


def kinds_of(text: str | None) -> tuple[str, ...]:
    """Kind letters separated by commas. Raises FieldError for a letter that is no kind."""
    letters = tuple(letter.strip().upper() for letter in text.split(",")) if text else ()
    for letter in letters:
        if letter not in set(AddressKind):
            known = ",".join(AddressKind)
            raise FieldError(
                "bad_kind", "kind", f"{letter!r} is not a kind.", zh=f"没有种类“{letter}”。", remedy=f"Use {known}."
            )
    return letters


def box_of(text: str | None) -> tuple[float, float, float, float] | None:
    """A box in degrees, EPSG:4326. Raises FieldError when it is not four numbers in range and in order."""
    if text is None:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise _bad_box("is not four numbers west,south,east,north", "应为四个数字：西,南,东,北") from None
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise _bad_box("is out of range or out of order", "超出范围或顺序颠倒")
    return west, south, east, north


def _bad_box(en: str, zh: str) -> FieldError:
    return FieldError("bad_bbox", "bbox", f"bbox {en}.", zh=f"范围框{zh}。", remedy="Give degrees, WGS-84.")
