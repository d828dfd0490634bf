"""OGC API – Features: Core, CRS, and filtering with CQL2, over all collections: docs/collections.md."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Request
from sqlalchemy import Connection
from starlette.responses import Response

from addressbook.collections.asked import ItemsQuery
from addressbook.collections.crs import crs_of
from addressbook.collections.declared import COLLECTIONS, Collection
from addressbook.privacy.policy import AccessRole, Policy, Reader, check
from addressbook.store.engine import transaction
from addressbook.views.collections import (
    extent_counted,
    extent_of,
    item,
    item_key,
    items_page,
    matched,
    need_visible,
    tells_of_people,
    visible_collections,
)
from addressbook.views.tiles import LAYERS, VIEWER, layer_named
from api import ogc_documents as documents, ogc_html, paging
from api.collections_asked import (
    Filters,
    Page,
    after_of,
    chosen,
    filters_asked,
    mark,
    one_of,
    page_asked,
    query_of,
)
from api.deps import Guard, answer, service_of
from api.ogc_documents import GEOJSON, HTML, JSON, OPENAPI, SCHEMA, base_of, link
from api.ogc_openapi import openapi
from api.schemas import PROBLEMS

router = APIRouter(prefix="/ogc", tags=["ogc 要素服务"], responses=PROBLEMS)
Public = Annotated[Reader, Depends(Guard(Policy(AccessRole.PUBLIC)))]
Viewer = Annotated[Reader, Depends(Guard(VIEWER))]
PersonViewer = Annotated[Reader, Depends(Guard(Policy(AccessRole.VIEWER, persons="full")))]
Form = Annotated[str | None, Query(max_length=20, description="json or html; else as Accept says")]
Name = Annotated[str, Path(max_length=40, description=f"one of {', '.join(COLLECTIONS)}")]
Described = Annotated[str, Path(max_length=40, description=f"one of {', '.join({**COLLECTIONS, **LAYERS})}")]
Uri = Annotated[str | None, Query(max_length=200, description="the CRS of the answer, by URI")]
Names = Annotated[str | None, Query(max_length=1000, description="the properties wanted, with commas between")]
Asked = Annotated[Filters, Depends(filters_asked)]
Paged = Annotated[Page, Depends(page_asked)]


def _as(*types: str) -> dict[int | str, dict[str, Any]]:
    """What a route answers with, beside JSON and problems."""
    return {**PROBLEMS, 200: {"content": {name: {} for name in (*types, HTML)}}}


@router.get("", summary="Landing page 首页", responses=_as())
def get_landing(request: Request, _reader: Viewer, f: Form = None) -> Response:
    """Where everything is."""
    return shown(request, f, "统一地址库要素服务", documents.landing(base_of(request)))


@router.get("/api", summary="OpenAPI 3.0 document 接口定义", responses=_as(OPENAPI))
def get_api(request: Request, _reader: Viewer, f: Form = None) -> Response:
    """What the standard's clients read: parameters, limits, collections."""
    return shown(request, f, "接口定义", openapi(base_of(request)), OPENAPI)


@router.get("/conformance", summary="Conformance 符合的标准", responses=_as())
def get_conformance(request: Request, _reader: Viewer, f: Form = None) -> Response:
    """The conformance classes that hold."""
    return shown(request, f, "符合的标准", documents.conformance(base_of(request)))


@router.get("/collections", summary="Collections 数据集", responses=_as())
def get_collections(request: Request, reader: Viewer, f: Form = None) -> Response:
    """The collections that the key may read."""
    with transaction(service_of(request).engine) as connection:
        found = [_described(request, connection, one) for one in visible_collections(reader)]
    return shown(request, f, "数据集", documents.collections(base_of(request), found))


@router.get("/collections/{collection}", summary="A collection 数据集", responses=_as())
def get_collection(collection: Described, request: Request, reader: Public, f: Form = None) -> Response:
    """One collection; areas, labels and heat have tiles only, and are for all."""
    if collection in LAYERS and collection not in COLLECTIONS:
        layer = layer_named(collection, reader)
        with transaction(service_of(request).engine) as connection:
            extent = extent_counted(connection, collection)
        return shown(request, f, layer.zh, documents.tiled(base_of(request), layer, extent))
    check(reader.role, VIEWER)
    found = need_visible(reader, collection)
    with transaction(service_of(request).engine) as connection:
        document = _described(request, connection, found)
    return shown(request, f, found.zh, document)


@router.get("/collections/{collection}/queryables", summary="Queryables 可查询的属性", responses=_as(SCHEMA))
def get_queryables(collection: Name, request: Request, reader: Viewer, f: Form = None) -> Response:
    """What filters may name, as a JSON Schema."""
    found = need_visible(reader, collection)
    return shown(request, f, f"{found.zh}可查询的属性", documents.queryables(base_of(request), found), SCHEMA)


@router.get("/collections/{collection}/items", summary="Items 要素列表", responses=_as(GEOJSON))
def get_items(
    collection: Name, request: Request, reader: PersonViewer, filters: Asked, page: Paged, properties: Names = None,
    crs: Uri = None, f: Form = None,
) -> Response:  # fmt: skip
    """A page of features; the link `next` leads on, whatever comes and goes."""
    found = _served(request, reader, collection)
    question = mark(found, filters, properties, crs)
    after = after_of(found, page, question)
    with transaction(service_of(request).engine) as connection:
        query = replace(query_of(connection, found, filters, properties, crs), after=after, limit=page.limit)
        document = _page(request, connection, reader, query, page, question)
    return shown(request, f, found.zh, document, GEOJSON, query)


@router.get("/collections/{collection}/items/{item_id}", summary="An item 要素", responses=_as(GEOJSON))
def get_item(
    collection: Name, item_id: Annotated[str, Path(max_length=60)], request: Request, reader: PersonViewer,
    crs: Uri = None, f: Form = None,
) -> Response:  # fmt: skip
    """One feature by its id: an identity code, a division code, or an element key."""
    found, system = _served(request, reader, collection), crs_of(crs, "crs")
    query = ItemsQuery(found, chosen(found, None), one=item_key(found, item_id), crs=system)
    with transaction(service_of(request).engine) as connection:
        feature = item(connection, reader, query, service_of(request).secret)
    at = f"{base_of(request)}/collections/{found.name}"
    links = [*documents.selves(f"{at}/items/{feature['id']}", GEOJSON), link(at, "collection", JSON, found.zh)]
    return shown(request, f, f"{found.zh} {feature['id']}", feature | {"links": links}, GEOJSON, query)


def _served(request: Request, reader: Reader, name: str) -> Collection:
    """The collection; an answer of one in which nobody can be met has an ETag (api/conditional.py)."""
    found = need_visible(reader, name)
    if not tells_of_people(found):
        request.scope["persons"] = "none"
    return found


def _described(request: Request, connection: Connection, found: Collection) -> dict[str, Any]:
    return documents.collection(base_of(request), found, extent_of(connection, found))


def _page(
    request: Request, connection: Connection, reader: Reader, query: ItemsQuery, page: Page, question: str
) -> dict[str, Any]:
    features, last = items_page(connection, reader, query, service_of(request).secret)
    number = matched(connection, reader, query, page.count)
    links = [_again(request, "self"), _again(request, "alternate", f="html")]
    if last:
        links.append(_again(request, "next", cursor=paging.encode(list(last), question)))
    links.append(
        link(f"{base_of(request)}/collections/{query.collection.name}", "collection", JSON, query.collection.zh)
    )
    counted = {} if number is None else {"numberMatched": number, "numberMatchedIs": page.count}
    return {"type": "FeatureCollection", **counted, "numberReturned": len(features), "links": links,
            "features": features}  # fmt: skip


def _again(request: Request, relation: str, **changes: str) -> dict[str, Any]:
    """A link to this question with some parameters changed."""
    asked = urlencode({**request.query_params, **changes})
    at = f"{str(request.base_url).rstrip('/')}{request.url.path}"
    media_type = HTML if changes.get("f", request.query_params.get("f")) == "html" else GEOJSON
    titles = {"self": "本页", "alternate": "网页", "next": "下一页"}
    return link(f"{at}?{asked}" if asked else at, relation, media_type, titles[relation])


def shown(
    request: Request, form: str | None, title: str, document: dict[str, Any], media_type: str = JSON,
    query: ItemsQuery | None = None,
) -> Response:  # fmt: skip
    """A document as JSON, or as a page where that is asked for. Raises FieldError for a form that is neither."""
    if form is not None:
        one_of(form, ("json", "html"), "f")
    accepted = request.headers.get("accept", "")
    as_page = form == "html" or (form is None and HTML in accepted and "json" not in accepted)
    headings = {one.name: one.zh for one in query.collection.properties} if query else {}
    found = ogc_html.page(base_of(request), title, document, headings) if as_page else answer(document, media_type)
    if query:
        found.headers["Content-Crs"] = f"<{query.crs.uri}>"
    found.headers["Vary"] = "Accept"
    return found
