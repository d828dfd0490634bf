"""The one box: suggestions for what is being typed, and what is around a point."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from addressbook.errors import FieldError
from addressbook.model import AddressKind
from addressbook.privacy.policy import AccessRole, Policy, Reader
from addressbook.search import ask
from addressbook.search.asking import place_of
from addressbook.store.engine import transaction
from addressbook.views.search import KINDS, MOST_SUGGESTIONS, Search, SearchQuery
from api.deps import Guard, answer, service_of
from api.schemas import PROBLEMS, Json, described

router = APIRouter(tags=["search 搜索"], responses=PROBLEMS)
Public = Annotated[Reader, Depends(Guard(Policy(AccessRole.PUBLIC)))]
KNOWN_KINDS = frozenset({*KINDS, *(kind.value for kind in AddressKind)})

MATCHED = (
    "how: code, exact, candidate, retired, partial, number, below, prefix, pinyin … ; text: the name that was met;"
    " missing: of partial, what of the text is not found there"
)


class Suggestion(BaseModel):
    """One of the things that may be meant."""

    kind: str = Field(description="address, division, area or enterprise")
    part: str | None = Field(description="the letter of an address, the level of a division")
    text: str = Field(examples=["浙江省杭州市萧山区北干街道市心北路260号"])
    code: str | None = Field(description="身份编码, of an enterprise that of where it is; of a division its code")
    division_code: str | None
    where: str = Field(description="the divisions it lies in, widest first", examples=["浙江省 杭州市 萧山区 北干街道"])
    point: list[float] | None = Field(description="longitude, latitude")
    bbox: list[float] | None = Field(description="west, south, east, north, of what has a boundary")
    distance_m: int | None = Field(description="from `near`, or from the point asked for")
    matched: Json = Field(description=MATCHED)


class Suggestions(BaseModel):
    """The best few, best first."""

    suggestions: list[Suggestion]
    notes: list[Json] | None = Field(
        None, description="of a text that is not surely one address: code, element, cost, zh, en"
    )


async def search_query(
    q: Annotated[
        str,
        Query(min_length=1, max_length=200, description="a code, an address, a name, pinyin, or longitude,latitude",
              examples=["市心北路26"]),
    ],
    near: Annotated[
        str | None, Query(max_length=60, description="longitude,latitude: nearer ones first", examples=["120.26,30.18"])
    ] = None,
    kind: Annotated[
        str | None, Query(max_length=60, description="address, division, area, enterprise or letters of addresses: C,P")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_SUGGESTIONS)] = 10,
) -> SearchQuery:  # fmt: skip
    """The question in the query parameters. Raises FieldError naming the one at fault."""
    return SearchQuery(ask(q), _kinds_of(kind), place_of(near, "near") if near else None, limit)


def _kinds_of(text: str | None) -> frozenset[str]:
    kinds = frozenset(part.strip() for part in text.split(",")) if text else frozenset[str]()
    for kind in sorted(kinds - KNOWN_KINDS):
        remedy = f"Use {','.join(KINDS)} or {','.join(AddressKind)}."
        raise FieldError("bad_kind", "kind", f"{kind!r} is not a kind.", zh=f"没有种类“{kind}”。", remedy=remedy)
    return kinds


@router.get("/search", summary="What may be meant 搜索", responses=described(Suggestions, "The best few"))
def get_search(request: Request, reader: Public, query: Annotated[SearchQuery, Depends(search_query)]) -> Response:
    """Suggestions while one types; `lon,lat` as text answers what is around it. Nobody is found here, only places."""
    resolver = service_of(request).resolver
    with transaction(service_of(request).engine) as connection:
        names = resolver.search_names(connection)
        resolve = lambda text: resolver.resolve(connection, [text])[0]  # noqa: E731 - one use
        found = Search(connection, names, resolve, reader, query).answer()
    return answer(found)
