"""What tiles say of themselves: OGC API – Tiles (17-083r4, 20-057) and TileJSON 3.0."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from addressbook.views.statistics import words_of
from addressbook.views.tiles import DEEPEST_ZOOM, LAYERS, Layer
from api.tiling import MVT

QUAD = "WebMercatorQuad"
QUAD_URI = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
CRS = "http://www.opengis.net/def/crs/EPSG/0/3857"
RELATION = "http://www.opengis.net/def/rel/ogc/1.0/"
TILESETS, SCHEMES = RELATION + "tilesets-vector", RELATION + "tiling-schemes"
_TILES, _TMS = "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf", "http://www.opengis.net/spec/tms/2.0/conf"
CONFORMANCE = [
    *(
        f"{_TILES}/{name}"
        for name in ("core", "tileset", "tilesets-list", "dataset-tilesets", "geodata-tilesets", "mvt", "oas30")
    ),
    *(f"{_TMS}/{name}" for name in ("tilematrixset", "json-tilematrixset", "tilesetmetadata", "json-tilesetmetadata")),
]
"""Each of these has its test in tests/test_ogc_tiles.py."""
HALF_M = 20037508.342789244
SCALE_0, CELL_0_M, TILE_PIXELS = 559082264.028717, 156543.03392804097, 256
Document = dict[str, Any]


def matrix_sets(base: str) -> Document:
    """The tile matrix sets: one, which every map client knows."""
    links = [_link(f"{base}/ogc/tileMatrixSets/{QUAD}", RELATION + "tiling-scheme")]
    return {"tileMatrixSets": [{"id": QUAD, "title": "Google Maps Compatible", "uri": QUAD_URI, "links": links}]}


def matrix_set(base: str) -> Document:
    """Its definition (OGC 17-083r4, annex D)."""
    return {
        "id": QUAD, "title": "Google Maps Compatible", "uri": QUAD_URI, "crs": CRS, "orderedAxes": ["X", "Y"],
        "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
        "tileMatrices": [_matrix(zoom) for zoom in range(DEEPEST_ZOOM + 1)],
        "links": [_link(f"{base}/ogc/tileMatrixSets/{QUAD}", "self")],
    }  # fmt: skip


def _matrix(zoom: int) -> Document:
    return {
        "id": str(zoom), "scaleDenominator": SCALE_0 / 2**zoom, "cellSize": CELL_0_M / 2**zoom,
        "cornerOfOrigin": "topLeft", "pointOfOrigin": [-HALF_M, HALF_M],
        "tileWidth": TILE_PIXELS, "tileHeight": TILE_PIXELS, "matrixWidth": 2**zoom, "matrixHeight": 2**zoom,
    }  # fmt: skip


def of_landing(base: str) -> list[Document]:
    """What the landing page, at /ogc, says of tiles."""
    return [
        _link(f"{base}/tiles", TILESETS) | {"title": "矢量瓦片"},
        _link(f"{base}/tileMatrixSets", SCHEMES) | {"title": "瓦片矩阵集"},
    ]


def of_collection(base: str, name: str) -> list[Document]:
    """What a collection says of its tiles, where it has any."""
    return [_link(f"{base}/collections/{name}/tiles", TILESETS) | {"title": "矢量瓦片"}] if name in LAYERS else []


def tilesets(base: str, path: str, title: str) -> Document:
    """The tilesets at a path: one, as there is one tile matrix set."""
    return {"tilesets": [_tileset(base, path, title)], "links": [_link(base + path, "self")]}


def tileset(base: str, path: str, layers: Sequence[Layer], title: str) -> Document:
    """A tileset with its layers and their properties."""
    return {**_tileset(base, path, title, _asked(layers)), "layers": [_layer(base, layer) for layer in layers]}


def _tileset(base: str, path: str, title: str, asked: dict[str, str] | None = None) -> Document:
    at, told = f"{base}{path}/{QUAD}", asked or {}
    tiles = {"templated": True, **_link(f"{at}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}{_query(told)}", "item", MVT)}
    links = [
        _link(at + _query(told), "self"), _link(f"{base}/ogc/tileMatrixSets/{QUAD}", RELATION + "tiling-scheme"), tiles,
        _link(at + _query({"f": "tilejson", **told}), "describedby"),
    ]  # fmt: skip
    return {"title": title, "dataType": "vector", "crs": CRS, "tileMatrixSetURI": QUAD_URI, "links": links}


def _asked(layers: Sequence[Layer]) -> dict[str, str]:
    """The parameter that these tiles are asked for with."""
    names = [one.name for layer in layers for one in layer.statistics]
    return {"statistics": words_of(names)} if names else {}


def _query(parameters: dict[str, str]) -> str:
    return f"?{urlencode(parameters)}" if parameters else ""


def _layer(base: str, layer: Layer) -> Document:
    properties = {name: {"type": kind.lower()} for name, kind in layer.fields.items()}
    return {
        "id": layer.name, "title": f"{layer.zh} {layer.en}", "dataType": "vector", "geometryDimension": layer.geometry,
        "minTileMatrix": str(layer.first_zoom), "maxTileMatrix": str(layer.last_zoom),
        "propertiesSchema": {"type": "object", "properties": properties},
        "links": [_link(f"{base}/ogc/collections/{layer.name}", RELATION + "geodata")],
    }  # fmt: skip


def tilejson(base: str, path: str, layers: Sequence[Layer], title: str) -> Document:
    """The same as TileJSON 3.0: what MapLibre, OpenLayers and QGIS take as a source."""
    return {
        "tilejson": "3.0.0", "name": title, "scheme": "xyz", "version": "1.0.0",
        "tiles": [f"{base}{path}/{QUAD}/{{z}}/{{y}}/{{x}}{_query(_asked(layers))}"],
        "minzoom": min(layer.first_zoom for layer in layers), "maxzoom": max(layer.last_zoom for layer in layers),
        "vector_layers": [
            {"id": one.name, "description": f"{one.zh} {one.en}", "fields": one.fields, "minzoom": one.first_zoom,
             "maxzoom": one.last_zoom}
            for one in layers
        ],
    }  # fmt: skip


def _link(href: str, relation: str, media_type: str = "application/json") -> Document:
    return {"href": href, "rel": relation, "type": media_type}
