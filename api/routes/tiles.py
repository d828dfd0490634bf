"""OGC API – Tiles: vector tiles of each collection and of all together, with TileJSON: docs/tiles.md."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import WithJsonSchema
from starlette.responses import Response

from addressbook.errors import NotFoundError
from addressbook.privacy.policy import AccessRole, Policy, Reader
from addressbook.views.statistics import MOST_STATISTICS, NAMES
from addressbook.views.tiles import DEEPEST_ZOOM, LAYERS, Layer, layer_named, telling, tile_named
from api import tile_documents as documents
from api.deps import Guard, answer
from api.schemas import PROBLEMS, Json
from api.tiling import MVT, sent

_TILE: dict[int | str, Json] = {
    200: {"description": "A vector tile", "content": {MVT: {}}},
    204: {"description": "Nothing lies there"},
    304: {"description": "It is what If-None-Match names"},
}
router = APIRouter(prefix="/ogc", tags=["tiles 瓦片"], responses=PROBLEMS)
Public = Annotated[Reader, Depends(Guard(Policy(AccessRole.PUBLIC)))]
Collection = Annotated[str, Path(description=", ".join(LAYERS), max_length=40, examples=["areas"])]
MatrixSet = Annotated[str, Path(max_length=40, examples=[documents.QUAD])]
# Texts, for what is no number is no tile: the standard has 404 for it, not 422.
_FROM_0 = {"type": "integer", "minimum": 0}
Zoom = Annotated[str, WithJsonSchema(_FROM_0 | {"maximum": DEEPEST_ZOOM}), Path(description="zoom", examples=[14])]
Row = Annotated[str, WithJsonSchema(_FROM_0), Path(description="row from the north", examples=[6754])]
Column = Annotated[str, WithJsonSchema(_FROM_0), Path(description="column from the west", examples=[13665])]
Form = Annotated[Literal["json", "tilejson"], Query(description="OGC tileset metadata, or TileJSON 3.0")]
Wanted = Annotated[str | None, Query(max_length=200, description="collections, with commas between; all where absent")]
Statistics = Annotated[
    str | None,
    Query(
        max_length=1000, examples=["event.per_10000"],
        description=f"at most {MOST_STATISTICS}, with commas between: what areas tell as well. {', '.join(NAMES)}",
    ),
]  # fmt: skip


@router.get("/tileMatrixSets", summary="Tile matrix sets 瓦片矩阵集")
def get_tile_matrix_sets(request: Request, _reader: Public) -> Response:
    """The one that there is."""
    return answer(documents.matrix_sets(_base(request)))


@router.get("/tileMatrixSets/{matrix_set}", summary="WebMercatorQuad")
def get_tile_matrix_set(matrix_set: MatrixSet, request: Request, _reader: Public) -> Response:
    """Its zooms, scales and extents."""
    _need(matrix_set)
    return answer(documents.matrix_set(_base(request)))


@router.get("/tiles", summary="The tileset of all collections 全部图层")
def get_tilesets(request: Request, _reader: Public) -> Response:
    """The tileset with every layer that the key may see."""
    return answer(documents.tilesets(_base(request), "/ogc/tiles", ALL))


@router.get("/tiles/{matrix_set}", summary="Its layers, or TileJSON")
def get_tileset(
    matrix_set: MatrixSet, request: Request, reader: Public, f: Form = "json", statistics: Statistics = None
) -> Response:
    """What the tiles hold, for a map client."""
    return _described(request, matrix_set, "/ogc/tiles", telling(_layers(reader, None), statistics), ALL, f)


@router.get("/tiles/{matrix_set}/{z}/{y}/{x}", summary="A tile of several layers 瓦片", responses=_TILE)
def get_tile(
    matrix_set: MatrixSet, z: Zoom, y: Row, x: Column, request: Request, reader: Public, collections: Wanted = None,
    statistics: Statistics = None,
) -> Response:  # fmt: skip
    """Every layer that the key may see, or those asked for."""
    _need(matrix_set)
    return sent(request, reader, telling(_layers(reader, collections), statistics), tile_named(z, x, y))


@router.get("/collections/{collection}/tiles", summary="The tilesets of a collection")
def get_collection_tilesets(collection: Collection, request: Request, reader: Public) -> Response:
    """One, in WebMercatorQuad."""
    layer = layer_named(collection, reader)
    return answer(documents.tilesets(_base(request), _path(layer), layer.zh))


@router.get("/collections/{collection}/tiles/{matrix_set}", summary="Its properties, or TileJSON")
def get_collection_tileset(
    collection: Collection, matrix_set: MatrixSet, request: Request, reader: Public, f: Form = "json",
    statistics: Statistics = None,
) -> Response:  # fmt: skip
    """What its tiles hold, for a map client."""
    layer = layer_named(collection, reader)
    return _described(request, matrix_set, _path(layer), telling([layer], statistics), layer.zh, f)


@router.get("/collections/{collection}/tiles/{matrix_set}/{z}/{y}/{x}", summary="A tile 瓦片", responses=_TILE)
def get_collection_tile(
    collection: Collection, matrix_set: MatrixSet, z: Zoom, y: Row, x: Column, request: Request, reader: Public,
    statistics: Statistics = None,
) -> Response:  # fmt: skip
    """One layer."""
    _need(matrix_set)
    return sent(request, reader, telling([layer_named(collection, reader)], statistics), tile_named(z, x, y))


ALL = "统一地址库"


def _described(
    request: Request, matrix_set: str, path: str, layers: list[Layer], title: str, form: str
) -> Response:  # fmt: skip
    _need(matrix_set)
    described = documents.tilejson if form == "tilejson" else documents.tileset
    return answer(described(_base(request), path, layers, title))


def _layers(reader: Reader, wanted: str | None) -> list[Layer]:
    """Those asked for, else all that the reader may see, each once."""
    if wanted is None:
        return [layer for layer in LAYERS.values() if layer.may(reader)]
    return [layer_named(name, reader) for name in dict.fromkeys(part.strip() for part in wanted.split(","))]


def _path(layer: Layer) -> str:
    return f"/ogc/collections/{layer.name}/tiles"


def _base(request: Request) -> str:
    """What stands before every path, as the client sees it: tile clients take no relative addresses."""
    return str(request.base_url).rstrip("/")


def _need(matrix_set: str) -> None:
    if matrix_set != documents.QUAD:
        raise NotFoundError(
            f"there is no tile matrix set {matrix_set!r}.", zh=f"没有瓦片矩阵集“{matrix_set}”。",
            remedy=f"Use {documents.QUAD}.",
        )  # fmt: skip
