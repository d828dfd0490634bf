"""The paths of OGC API – Tiles in the OpenAPI document: operations named as the standard names them."""

from __future__ import annotations

from typing import Any

from addressbook.views.statistics import MOST_STATISTICS, NAMES
from addressbook.views.tiles import AREAS, DEEPEST_ZOOM, LAYERS
from api.tile_documents import QUAD
from api.tiling import MVT

Json = dict[str, Any]
JSON = "application/json"


def tile_paths() -> dict[str, Json]:
    """Every path of tilesets, tiles and tile matrix sets."""
    paths = {
        "/tileMatrixSets": _get("getTileMatrixSetsList", "tile matrix sets"),
        "/tileMatrixSets/{tileMatrixSetId}": _get("getTileMatrixSet", "a tile matrix set", [_SET]),
        **_tilesets("/tiles", ".dataset.vector", "all layers", [_COLLECTIONS], [_STATISTICS]),
    }
    for name, layer in LAYERS.items():
        asked = [_STATISTICS] if name == AREAS else []
        paths |= _tilesets(f"/collections/{name}/tiles", f"{name}.collection.vector", layer.en, [], asked)
    return paths


def _tilesets(at: str, operation: str, title: str, chosen: list[Json], asked: list[Json]) -> dict[str, Json]:
    """The list of tilesets at a path, the tileset and its tiles; of tiles layers are chosen."""
    one, tile = f"{at}/{{tileMatrixSetId}}", "{tileMatrix}/{tileRow}/{tileCol}"
    return {
        at: _get(f"{operation}.getTileSetsList", f"{title}: tilesets"),
        one: _get(f"{operation}.getTileSet", f"{title}: tileset", [_SET, _FORM, *asked]),
        f"{one}/{tile}": _tile(f"{operation}.getTile", f"{title}: tile", [_SET, *_PLACE, *chosen, *asked]),
    }


def _parameter(name: str, schema: Json, place: str = "query", **more: Any) -> Json:
    return {"name": name, "in": place, "required": place == "path", "schema": schema, **more}


_WORDS: Json = {"type": "array", "items": {"type": "string"}}
_FROM_0: Json = {"type": "integer", "minimum": 0}
_LIST: Json = {"style": "form", "explode": False}
_SET = _parameter("tileMatrixSetId", {"type": "string", "enum": [QUAD]}, "path")
_PLACE = [
    _parameter("tileMatrix", {"type": "string", "enum": [str(zoom) for zoom in range(DEEPEST_ZOOM + 1)]}, "path"),
    _parameter("tileRow", _FROM_0, "path"),
    _parameter("tileCol", _FROM_0, "path"),
]
_COLLECTIONS = _parameter("collections", {**_WORDS, "items": {"type": "string", "enum": list(LAYERS)}}, **_LIST)
_STATISTICS = _parameter(
    "statistics", {**_WORDS, "maxItems": MOST_STATISTICS, "example": list(NAMES)[:1]}, **_LIST,
    description=f"what areas tell as well: {', '.join(NAMES)}",
)  # fmt: skip
_FORM = _parameter("f", {"type": "string", "enum": ["json", "tilejson"], "default": "json"})
_PROBLEM: Json = {"default": {"description": "RFC 9457 problem"}}


def _get(operation: str, summary: str, parameters: list[Json] | None = None) -> Json:
    answers = {"200": {"description": summary, "content": {JSON: {}}}, **_PROBLEM}
    return _operation(operation, summary, parameters or [], answers)


def _tile(operation: str, summary: str, parameters: list[Json]) -> Json:
    found = {"description": summary, "content": {MVT: {"schema": {"type": "string", "format": "binary"}}}}
    answers = {
        "200": found, "204": {"description": "nothing lies there"}, "404": {"description": "there is no such tile"},
        **_PROBLEM,
    }  # fmt: skip
    return _operation(operation, summary, parameters, answers)


def _operation(operation: str, summary: str, parameters: list[Json], answers: Json) -> Json:
    return {"get": {"operationId": operation, "summary": summary, "parameters": parameters, "responses": answers}}
