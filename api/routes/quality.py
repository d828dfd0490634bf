"""Quality: figures with the rows behind each; doubts about single attributes, opened and closed by who decides."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from addressbook.divisions.codes import pad
from addressbook.identity import parse
from addressbook.privacy.policy import AccessRole, Policy, Reader, check
from addressbook.store.doubts import MOST_CHARACTERS, close_doubt, open_doubt
from addressbook.store.engine import transaction
from addressbook.views.quality import Scope, figure_page, figures
from api import paging
from api.alias_schemas import Aid, Words
from api.deps import Guard, answer, service_of
from api.registry_schemas import Because, decided
from api.schemas import PROBLEMS, Json, Link, described

router = APIRouter(tags=["quality 质量"], responses=PROBLEMS)
ANALYST = Policy(AccessRole.ANALYST)
"""Asked of the key, and again of who it is in the division: single links tell where people are."""
Analyst = Annotated[Reader, Depends(Guard(ANALYST))]
Reviewer = Annotated[Reader, Depends(Guard(Policy(AccessRole.REVIEWER)))]
LARGEST = 2**62
Division = Annotated[
    str | None, Query(max_length=12, description="2, 4, 6, 9 or 12 digits: all that lies in it", examples=["330109"])
]
Transaction = Annotated[int | None, Query(ge=0, lt=LARGEST, description="of churn: a transaction")]


class QualityFigure(BaseModel):
    """A figure; `value` is the number of rows behind `href`, and of each part behind its own."""

    figure: str
    en: str
    zh: str
    value: int
    of: int = Field(description="what it is a part of")
    total: str = Field(description="what `of` counts")
    share: float | None
    href: str
    parts: list[Json] = Field(description="part, value, href")


class Quality(BaseModel):
    """The figures of the whole registry, or of a division."""

    division: str | None
    figures: list[QualityFigure]


class FigureRows(BaseModel):
    """Rows behind a figure."""

    figure: str
    items: list[Json]
    links: list[Link]


class Doubt(Because):
    """An attribute of an address, put under review with a sentence."""

    aid: Aid
    attribute: Words = Field(description="name, number, point, division, parent, road, kind, state or standard_text")
    sentence: str = Field(min_length=1, max_length=MOST_CHARACTERS, description="what is doubtful")


class DoubtClosed(Because):
    """An attribute that is no longer under review; the reason says what was found."""

    aid: Aid
    attribute: Words


class Recorded(BaseModel):
    """The event that keeps it."""

    event_id: int


async def asked_scope(division: Division = None, since: Transaction = None, until: Transaction = None) -> Scope:
    """The scope that the parameters name. Raises CodeError."""
    return Scope(datetime.now(UTC), pad(division) if division else None, since or 0, until)


Asked = Annotated[Scope, Depends(asked_scope)]


@router.get("/quality", summary="How good the registry is 质量", responses=described(Quality, "The figures"))
def get_quality(request: Request, reader: Analyst, scope: Asked) -> Response:
    """Coverage, doubts, suspected duplicates, misplaced points, links, stale sources, churn; each leads to its rows."""
    check(reader.at(scope.division).role, ANALYST)
    with transaction(service_of(request).engine) as connection:
        found = figures(connection, scope)
    return answer({"division": scope.division, "figures": [_with_links(figure, scope) for figure in found]})


@router.get("/quality/{figure}", summary="The rows behind a figure", responses=described(FigureRows, "One page"))
def get_figure(
    request: Request,
    reader: Analyst,
    scope: Asked,
    figure: Annotated[str, Path(max_length=40, examples=["without_point"])],
    part: Annotated[str | None, Query(max_length=100, description="one part of the figure")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    cursor: Annotated[str | None, Query(max_length=500, description="from a link with rel next")] = None,
) -> Response:
    """As many rows as the figure says, in a fixed order."""
    check(reader.at(scope.division).role, ANALYST)
    filters = f"quality {figure} {part} {scope.division} {scope.since} {scope.until}"
    after = paging.decode(cursor, filters, 1)[0] if cursor else None
    with transaction(service_of(request).engine) as connection:
        items, last = figure_page(connection, figure, scope, part=part, after=after, limit=limit)
    return answer({"figure": figure, "items": items, "links": paging.links(request, filters, last)})


@router.post("/doubts", summary="Put an attribute under review 存疑", responses=described(Recorded, "Done"))
def post_doubt(request: Request, reader: Reviewer, body: Doubt) -> Response:
    """The record stays usable; it is shown with the sentence until the doubt is closed."""
    with transaction(service_of(request).engine) as connection:
        event = open_doubt(connection, parse(body.aid), body.attribute, body.sentence, decided(body, reader))
    return answer({"event_id": event})


@router.post("/doubts/closings", summary="… and no longer 核实完毕", responses=described(Recorded, "Done"))
def post_closing(request: Request, reader: Reviewer, body: DoubtClosed) -> Response:
    """Whoever looked says what was found; a correction is a transaction of its own."""
    with transaction(service_of(request).engine) as connection:
        event = close_doubt(connection, parse(body.aid), body.attribute, decided(body, reader))
    return answer({"event_id": event})


def _with_links(figure: dict[str, Any], scope: Scope) -> dict[str, Any]:
    parts = [
        {"part": part, "value": value, "href": _href(figure["figure"], scope, part=part)}
        for part, value in figure["parts"].items()
    ]
    return {**figure, "href": _href(figure["figure"], scope), "parts": parts}


def _href(figure: str, scope: Scope, **more: str) -> str:
    """The rows behind a figure, of the same division and transactions."""
    asked = {"division": scope.division, "since": scope.since or None, "until": scope.until, **more}
    query = urlencode({name: value for name, value in asked.items() if value is not None})
    return f"/quality/{figure}?{query}" if query else f"/quality/{figure}"
