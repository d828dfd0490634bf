"""The OpenAPI 3.0 document of OGC API – Features and Tiles: what clients of the standards read to learn parameters."""

from __future__ import annotations

from typing import Any

from addressbook import __version__
from addressbook.collections.crs import BY_URI, CRS84
from addressbook.collections.declared import COLLECTIONS, Collection
from addressbook.views.tiles import LAYERS
from api.collections_asked import COUNTS, LANGUAGES, LIMIT, MOST_ITEMS, USUAL_ITEMS
from api.document import PURPOSE, SCHEMES
from api.ogc_documents import GEOJSON, HTML, JSON, SCHEMA, described
from api.tile_openapi import tile_paths

Json = dict[str, Any]


def openapi(base: str) -> Json:
    """The document."""
    paths: dict[str, Json] = {
        "/": _get("getLandingPage", "landing page", JSON),
        "/api": _get("getAPI", "this document", JSON),
        "/conformance": _get("getConformance", "conformance classes", JSON),
        "/collections": _get("getCollectionsList", "collections", JSON),
    }
    for found in COLLECTIONS.values():
        paths |= _paths_of(found)
    for name, layer in LAYERS.items():
        if name not in COLLECTIONS:
            paths[f"/collections/{name}"] = _get(f"{name}.getCollection", layer.zh, JSON)
    paths |= tile_paths()
    return {
        "openapi": "3.0.3",
        "info": {"title": "统一地址库 addressbook", "version": __version__},
        "servers": [{"url": base}],
        "security": [{name: []} for name in SCHEMES],
        "paths": paths,
        "components": {"securitySchemes": SCHEMES, "schemas": {c.name: _schema(c) for c in COLLECTIONS.values()}},
    }


def _paths_of(found: Collection) -> dict[str, Json]:
    at = f"/collections/{found.name}"
    crs = _parameter("crs", {"type": "string", "enum": list(BY_URI), "default": CRS84.uri})
    item = {"name": "item", "in": "path", "required": True, "schema": {"type": "string"}}
    asked = [*_filters(found), crs, PURPOSE]
    return {
        at: _get(f"{found.name}.getCollection", found.zh, JSON),
        f"{at}/queryables": _get(f"{found.name}.getQueryables", f"{found.zh} queryables", SCHEMA),
        f"{at}/items": _get(f"{found.name}.getItems", f"{found.zh} items", GEOJSON, asked, found.name),
        f"{at}/items/{{item}}": _get(
            f"{found.name}.getItem", f"{found.zh} item", GEOJSON, [item, crs, PURPOSE], found.name
        ),
    }


def _filters(found: Collection) -> list[Json]:
    uri = {"type": "string", "enum": list(BY_URI), "default": CRS84.uri}
    text = {"type": "string"}
    words = {"type": "array", "items": text}
    closed = {one.name: {**words, "items": {**text, "enum": list(one.words)}} for one in found.properties if one.words}
    limit = {"type": "integer", "minimum": 1, "maximum": MOST_ITEMS, "default": USUAL_ITEMS}
    box = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
    names = {**words, "items": {"type": "string", "enum": [one.name for one in found.properties]}}
    known: dict[str, Json] = {
        "limit": limit, "cursor": text, "bbox": box, "bbox-crs": uri, "datetime": text, "properties": names,
        "count": {"type": "string", "enum": list(COUNTS), "default": "none"}, "filter": text,
        "filter-lang": {"type": "string", "enum": list(LANGUAGES), "default": LANGUAGES[0]}, "filter-crs": uri,
        "area": text, "aid": text, "category": closed.get(found.category, words),
        "state": closed.get(found.state, words),
    }  # fmt: skip
    told = {"limit": {"description": LIMIT}}
    return [{**_parameter(name, schema), **told.get(name, {})} for name, schema in known.items()]


def _parameter(name: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "required": False, "style": "form", "explode": False, "schema": schema}


def _schema(found: Collection) -> Json:
    shown = {one.name: {**described(one), "nullable": True} for one in found.properties}
    return {
        "type": "object",
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "id": {"type": "string"},
            "geometry": {"type": "object", "nullable": True},
            "properties": {"type": "object", "properties": shown},
        },
    }


def _get(
    operation: str, summary: str, media_type: str, parameters: list[Json] | None = None, schema: str = ""
) -> Json:  # fmt: skip
    form = _parameter("f", {"type": "string", "enum": ["json", "html"]})
    content: Json = {HTML: {"schema": {"type": "string"}}}
    content[media_type] = {"schema": {"$ref": f"#/components/schemas/{schema}"}} if schema else {}
    answers = {"200": {"description": summary, "content": content}, "default": {"description": "RFC 9457 problem"}}
    asked = [*(parameters or []), form]
    return {"get": {"operationId": operation, "summary": summary, "parameters": asked, "responses": answers}}
