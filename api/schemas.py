"""What the routes take and give, for the OpenAPI document. Answers are written as they are; these describe them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from addressbook.match.compare import Verdict
from addressbook.model import Category, Level

MOST_TEXTS = 1000
MOST_PAIRS = 500
MOST_CHARACTERS = 10_000


def _without_surrogates(text: object) -> object:
    """Half a character ("\\ud800" in JSON) is no text in any encoding: U+FFFD stands for it in the answer."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace") if isinstance(text, str) else text


Text = Annotated[str, Field(max_length=MOST_CHARACTERS, pattern=r"^[^\x00]*$"), BeforeValidator(_without_surrogates)]
Json = dict[str, Any]


class ResolveRequest(BaseModel):
    """A batch of texts."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"texts": ["市心北路260号3幢1单元502"], "division": "330109"}]}
    )

    texts: list[Text] = Field(min_length=1, max_length=MOST_TEXTS)
    division: str | None = Field(None, max_length=12, description="where texts are that name no division")


class TextPair(BaseModel):
    """Two texts that may be one address."""

    model_config = ConfigDict(extra="forbid")

    a: Text
    b: Text


class CompareRequest(BaseModel):
    """A batch of pairs."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"pairs": [{"a": "市心北路260号南岸明珠3幢502", "b": "南岸明珠3幢1单元502室"}]}],
        },
    )

    pairs: list[TextPair] = Field(min_length=1, max_length=MOST_PAIRS)
    division: str | None = Field(None, max_length=12, description="where texts are that name no division")


class Problem(BaseModel):
    """RFC 9457 problem details, with Chinese beside English."""

    type: str = Field(examples=["urn:addressbook:problem:not-found"])
    title: str
    title_zh: str | None = None
    status: int
    detail: str
    detail_zh: str | None = None
    instance: str
    request_id: str | None = None
    field: str | None = Field(None, description="the parameter or field at fault")
    rule: str | None = Field(None, description="the rule of the registry that forbids it: see docs/registry.md")
    remedy: str | None = Field(None, description="what to do about it")


class Health(BaseModel):
    """The service can answer."""

    status: str
    database: str
    version: str


class Session(BaseModel):
    """Who is asking."""

    role: str
    label: str
    areas: list[str]
    csrf: str | None
    expires_at: datetime | None = None


class Live(BaseModel):
    """The process lives."""

    status: str
    version: str


class Point(BaseModel):
    """A GeoJSON point: longitude, latitude in degrees, WGS-84, at most seven decimals."""

    type: str = "Point"
    coordinates: list[float] = Field(min_length=2, max_length=2, examples=[[120.2642857, 30.1853211]])


class AddressRecord(BaseModel):
    """What every answer says of an address."""

    aid: str = Field(examples=["B7K3M9QXW2HF"])
    printed: str = Field(examples=["B7K3-M9QX-W2HF"])
    kind: str = Field(description="R C D B E F H P")
    state: str = Field(description="provisional, current, retired, rejected or void")
    name: str
    standard_text: str
    plate_no: str | None = None
    parent_aid: str | None = None
    road_aid: str | None = None
    division_code: str = Field(examples=["330109001001"])
    coordinate_level: Level
    doubts: list[Json] | None = Field(None, description="of one address: its attributes under review")


class AddressFeature(BaseModel):
    """An address as a GeoJSON Feature."""

    type: str = "Feature"
    id: str
    geometry: Point | None
    properties: AddressRecord


class Link(BaseModel):
    """A link to follow: rel self or next."""

    rel: str
    href: str


class AddressCollection(BaseModel):
    """A page of addresses as a GeoJSON FeatureCollection."""

    type: str = "FeatureCollection"
    numberReturned: int  # noqa: N815 - the name OGC API Features gives it
    links: list[Link]
    features: list[AddressFeature]
    notes: list[Json] | None = Field(None, description="with q, of a retired address: code, element, cost, zh, en")


class AddressView(AddressRecord):
    """全息视图. Lists carry `total`, `truncated`, `items`; counts withheld from the reader are null."""

    geometry: Point | None
    source: str
    divisions: list[Json]
    road: Json | None
    aliases: list[Json]
    identifiers: list[Json]
    ancestors: list[Json] = Field(description="topmost first")
    children: Json
    plates: Json | None = Field(description="of a street: the door plates on it")
    building: Json | None = Field(
        description="楼盘表: units, floors, rooms with persons, houses, firms, tenure and rent; totals of each unit"
    )
    flags: Json | None = Field(description="what does not fit together here, of the records; null of past days")
    counts: dict[str, Json] = Field(description="by kind: total links, distinct elements, links by roles, suppressed")
    elements: dict[str, dict[str, Json]] = Field(description="kind → role → links with element and evidence")
    timeline: Json


class AreaFeature(BaseModel):
    """An area as a GeoJSON Feature."""

    type: str = "Feature"
    id: str
    bbox: list[float] | None = None
    geometry: Json | None
    properties: Json


class AreaCollection(BaseModel):
    """The parts of an area as a GeoJSON FeatureCollection."""

    type: str = "FeatureCollection"
    parent: Json
    numberReturned: int  # noqa: N815 - the name OGC API Features gives it
    features: list[AreaFeature]


class AreaView(BaseModel):
    """The counts of an area; counts withheld from the reader are null."""

    area: Json
    counted_by: str = Field(description="division: sums of roll-ups; boundary: what lies inside")
    addresses: Json
    residents: int | None = Field(description="links of persons who live there: what rates are for every 10,000 of")
    elements: dict[str, Json] = Field(
        description="total, located, unplaced, per_10000, roles, categories, categories_per_10000, months each with"
        " the months before"
    )
    event_comparison: Json | None
    top: Json = Field(description="categories by kind, and the addresses with the most events, null to the public")
    children: list[Json]
    in_no_child: dict[str, int | None] | None = Field(
        description="by kind: what a division counts itself and no division in it does; null of other areas"
    )


class UnplacedPage(BaseModel):
    """Links that reach only a division."""

    area: Json
    items: list[Json]
    links: list[Link]


class ResolvedText(BaseModel):
    """The answer for one text."""

    text: str
    category: Category
    match_level: Level
    coordinate_level: Level
    aid: str | None
    division_code: str | None
    standard_text: str
    lon: float | None
    lat: float | None
    score: float
    anchor: str | None
    unresolved_tail: str
    elements: list[tuple[str, str, int, int]]
    reasons: list[Json]
    candidates: list[Json]
    stages: list[Json] | None = Field(None, description="with explain=true: name, zh, en, lines of each stage")


class ComparedPair(BaseModel):
    """The verdict on a pair; `score` is how much speaks for the two being the same address, 0 to 1."""

    verdict: Verdict
    verdict_zh: str = Field(examples=["完全匹配"])
    score: float
    reasons: list[Json] = Field(description="code, element, expected, found, cost (negative: for the two), zh, en")


class ComparedBatch(BaseModel):
    """The verdicts in the order of the pairs."""

    results: list[ComparedPair]


class ResolvedBatch(BaseModel):
    """The answers in the order of the texts."""

    results: list[ResolvedText]


def described(model: type[BaseModel], description: str, media_type: str = "application/json") -> dict[int | str, Json]:
    """The 200 of a route: `model` in the media type it is really sent as."""
    reference = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {200: {"description": description, "model": model, "content": {media_type: {"schema": reference}}}}


_GEOJSON = "application/geo+json"
ADDRESS_FEATURE = described(AddressFeature, "The address", _GEOJSON)
ADDRESS_VIEW = described(AddressView, "Everything at it or below it")
ADDRESSES = described(AddressCollection, "One page", _GEOJSON)
AREA_FEATURE = described(AreaFeature, "The area", _GEOJSON)
AREA_VIEW = described(AreaView, "Its counts")
AREA_CHILDREN = described(AreaCollection, "Its parts", _GEOJSON)
UNPLACED = described(UnplacedPage, "One page")
RESOLUTION = described(ResolvedText, "The answer")
RESOLUTIONS = described(ResolvedBatch, "The answers")

COMPARISONS = described(ComparedBatch, "The verdicts")


def _problem(description: str) -> Json:
    reference = {"schema": {"$ref": "#/components/schemas/Problem"}}
    return {"description": description, "model": Problem, "content": {"application/problem+json": reference}}


PROBLEMS: dict[int | str, Json] = {
    400: _problem("A parameter is wrong, unknown, or given twice"),
    401: _problem("No key, or one that is unknown, revoked or expired"),
    403: _problem("The key's role may not"),
    404: _problem("There is no such address or area"),
    409: _problem("A rule of the registry forbids it, or somebody else is at it"),
    422: _problem("A parameter does not fit its description"),
    503: _problem("The database cannot be reached, or took too long"),
}
SESSION: dict[int | str, Json] = described(Session, "Who is asking")
LIVE: dict[int | str, Json] = described(Live, "It does")
METRICS: dict[int | str, Json] = {200: {"description": "The figures", "content": {"text/plain": {}}}}
HEALTH: dict[int | str, Json] = {**described(Health, "It can"), 503: PROBLEMS[503]}
