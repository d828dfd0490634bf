"""What the service answers, as types: documents as they came, so what a newer service adds is there too."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, NotRequired, Protocol, TypedDict

if TYPE_CHECKING:
    from geopandas import GeoDataFrame

Json = dict[str, Any]
Collection = Literal["addresses", "divisions", "enterprises", "things", "houses", "events", "persons"]
Form = Literal["csv", "geojson", "ndjson", "xlsx", "gpkg", "parquet"]
ElementKind = Literal["person", "house", "enterprise", "event", "thing"]
Box = tuple[float, float, float, float]
"""West, south, east, north in degrees, WGS-84."""
CRS = "OGC:CRS84"


class Shape(Protocol):
    """A geometry of shapely, or of whatever else says what it is in GeoJSON."""

    @property
    def __geo_interface__(self) -> Json: ...


class Feature(TypedDict):
    """A GeoJSON Feature; longitude first, WGS-84."""

    type: Literal["Feature"]
    id: str
    geometry: Json | None
    properties: Json


class Resolution(TypedDict):
    """The answer for one text: A exact, B safe, C unsure, D none; `aid` only with A and B."""

    text: str
    category: Literal["A", "B", "C", "D"]
    match_level: str
    coordinate_level: str
    aid: str | None
    division_code: str | None
    standard_text: str
    lon: float | None
    lat: float | None
    score: float
    reasons: list[Json]
    candidates: list[Json]


class Comparison(TypedDict):
    """The verdict on a pair of texts."""

    verdict: Literal["same", "part", "different"]
    verdict_zh: str
    score: float
    reasons: list[Json]


class Suggestion(TypedDict):
    """One of the things that may be meant; of `matched` see docs/search.md: only `how: exact` is the whole text."""

    kind: Literal["address", "division", "area", "enterprise"]
    part: str | None
    text: str
    code: str | None
    division_code: str | None
    where: str
    point: list[float] | None
    bbox: list[float] | None
    distance_m: int | None
    matched: Json


class ExportJob(TypedDict):
    """An export behind the request: `rows` written, about `expected` in all, `href` of the file once it is there."""

    job_id: int
    collection: Collection
    format: Form
    state: Literal["waiting", "running", "done", "failed", "cancelled", "expired"]
    rows: int
    expected: int | None
    created_at: str
    finished_at: str | None
    expires_at: str | None
    href: NotRequired[str]
    detail: NotRequired[str]
    detail_zh: NotRequired[str]


class Filters(TypedDict, total=False):
    """Which items of a collection, and what of them: see docs/collections.md."""

    area: str
    aid: str
    bbox: Box
    datetime: str | date
    category: str | list[str]
    state: str | list[str]
    properties: list[str]
    cql2: str | Json


class Features(list[Feature]):
    """Features, as a list."""

    def frame(self) -> GeoDataFrame:
        """A row for each feature."""
        return frame(self)


class Suggestions(list[Suggestion]):
    """What may be meant, best first; `notes` are the reasons why a text is not surely one address."""

    notes: list[Json]


class Resolutions(list[Resolution]):
    """The answers in the order of the texts."""

    def frame(self) -> GeoDataFrame:
        """A row for each text; the geometry is the point of what was found, None where nothing was."""
        points = [(one["lon"], one["lat"]) for one in self]
        return _framed([dict(one) for one in self], [_point(lon, lat) for lon, lat in points])


def frame(features: Iterable[Feature]) -> GeoDataFrame:
    """A GeoDataFrame with the properties as columns, `id` first, in WGS-84 with longitude first (CRS84)."""
    kept = list(features)
    return _framed([{"id": one["id"], **one["properties"]} for one in kept], [one["geometry"] for one in kept])


def _framed(rows: list[Json], geometries: list[Json | None]) -> GeoDataFrame:
    # Imported here: it takes a second that whoever wants no table need not pay.
    import geopandas
    from shapely.geometry import shape

    shapes = [shape(geometry) if geometry else None for geometry in geometries]
    return geopandas.GeoDataFrame(rows, geometry=shapes, crs=CRS)


def _point(lon: float | None, lat: float | None) -> Json | None:
    return None if lon is None or lat is None else {"type": "Point", "coordinates": (lon, lat)}
