"""The documents of OGC API – Features but items: landing page, conformance, collections, queryables."""

from __future__ import annotations

from typing import Any

from fastapi import Request

from addressbook.collections.crs import CRS84, SERVED
from addressbook.collections.declared import GEOMETRY, Collection, Property, Shape
from addressbook.views.tiles import Layer
from api import tile_documents

Json = dict[str, Any]
GEOJSON, JSON, HTML = "application/geo+json", "application/json", "text/html"
SCHEMA, OPENAPI = "application/schema+json", "application/vnd.oai.openapi+json;version=3.0"
QUERYABLES = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
_FEATURES = "http://www.opengis.net/spec/ogcapi-features"
_CQL2 = "http://www.opengis.net/spec/cql2/1.0/conf"
CONFORMANCE = [
    *(f"{_FEATURES}-1/1.0/conf/{name}" for name in ("core", "geojson", "html", "oas30")),
    f"{_FEATURES}-2/1.0/conf/crs",
    *(f"{_FEATURES}-3/1.0/conf/{name}" for name in ("queryables", "filter", "features-filter")),
    *(
        f"{_CQL2}/{name}"
        for name in (
            "cql2-text", "cql2-json", "basic-cql2", "advanced-comparison-operators", "case-insensitive-comparison",
            "basic-spatial-functions", "basic-spatial-functions-plus", "spatial-functions", "temporal-functions",
        )
    ),
    *tile_documents.CONFORMANCE,
]  # fmt: skip
"""Each of these has its test in tests/test_ogc.py, those of tiles in tests/test_ogc_tiles.py."""
_TYPES = {Shape.TEXT: "string", Shape.DATE: "string", Shape.INTEGER: "integer", Shape.NUMBER: "number"}


def base_of(request: Request) -> str:
    """Where the service is, as the client wrote it."""
    return f"{str(request.base_url).rstrip('/')}/ogc"


def link(href: str, relation: str, media_type: str, title: str) -> Json:
    """A link."""
    return {"href": href, "rel": relation, "type": media_type, "title": title}


def selves(href: str, media_type: str = JSON) -> list[Json]:
    """A document's links to itself, in both forms."""
    return [link(href, "self", media_type, "本文档"), link(f"{href}?f=html", "alternate", HTML, "网页")]


def landing(base: str) -> Json:
    """The landing page."""
    return {
        "title": "统一地址库 addressbook",
        "description": "地址、区划及其上的人、房、企、事、物。Addresses, divisions and what is at them.",
        "links": [
            *selves(base),
            link(f"{base}/api", "service-desc", OPENAPI, "接口定义"),
            link(f"{base}/api?f=html", "service-doc", HTML, "接口说明"),
            link(f"{base}/conformance", "conformance", JSON, "符合的标准"),
            link(f"{base}/collections", "data", JSON, "数据集"),
            *tile_documents.of_landing(base),
        ],
    }


def conformance(base: str) -> Json:
    """What the service promises."""
    return {"conformsTo": CONFORMANCE, "links": selves(f"{base}/conformance")}


def collections(base: str, found: list[Json]) -> Json:
    """All collections that a reader may see."""
    return {
        "links": selves(f"{base}/collections"),
        "crs": [crs.uri for crs in SERVED],
        "collections": found,
    }


def collection(base: str, found: Collection, extent: list[float] | None) -> Json:
    """A collection, with where its items lie where that is known."""
    at = f"{base}/collections/{found.name}"
    return {
        "id": found.name,
        "title": found.zh,
        "description": found.en,
        "itemType": "feature",
        **_spatial(extent),
        "crs": [crs.uri for crs in SERVED],
        "storageCrs": CRS84.uri,
        "links": [
            *selves(at),
            link(f"{at}/items", "items", GEOJSON, f"{found.zh}数据"),
            link(f"{at}/items?f=html", "items", HTML, f"{found.zh}网页"),
            link(f"{at}/queryables", QUERYABLES, SCHEMA, "可查询的属性"),
            *tile_documents.of_collection(base, found.name),
        ],
    }


def tiled(base: str, layer: Layer, extent: list[float] | None) -> Json:
    """A collection that has tiles and no items: what it shows is counted, and made for a map."""
    links = [*selves(f"{base}/collections/{layer.name}"), *tile_documents.of_collection(base, layer.name)]
    return {"id": layer.name, "title": layer.zh, "description": layer.en, **_spatial(extent), "links": links}


def _spatial(extent: list[float] | None) -> Json:
    return {"extent": {"spatial": {"bbox": [extent], "crs": CRS84.uri}}} if extent else {}


def queryables(base: str, found: Collection) -> Json:
    """What may be asked of a collection's items, as a JSON Schema."""
    properties = {one.name: described(one) for one in found.properties if one.queryable}
    shape = "point" if found.geometry_type == "Point" else "multipolygon"
    properties[GEOMETRY] = {"title": "位置", "x-ogc-role": "primary-geometry", "format": f"geometry-{shape}"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{base}/collections/{found.name}/queryables",
        "type": "object",
        "title": found.zh,
        "properties": properties,
        "additionalProperties": False,
    }


def described(found: Property) -> Json:
    """A property as a JSON Schema."""
    format_of = {"format": "date"} if found.shape is Shape.DATE else {}
    words: Json = {"enum": list(found.words)} if found.words else {}
    return {"title": found.zh, "description": found.en, "type": _TYPES[found.shape], **format_of, **words}
