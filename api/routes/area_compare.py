"""Areas side by side, as one table: JSON, CSV or GeoJSON."""

from __future__ import annotations

import csv
import io
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from addressbook.cells import safe_cell, text_cell
from addressbook.model import ElementKind
from addressbook.privacy.policy import AccessRole, Policy, Reader
from addressbook.store.engine import transaction
from addressbook.views.area_compare import (
    Asked,
    By,
    Comparison,
    Rank,
    as_data,
    as_features,
    as_table,
    codes_from,
    compare_areas,
)
from api.deps import GEOJSON, Guard, answer, service_of
from api.schemas import PROBLEMS, Json, described

router = APIRouter(tags=["areas 区域"], responses=PROBLEMS)
Public = Annotated[Reader, Depends(Guard(Policy(AccessRole.PUBLIC)))]
Format = Literal["json", "csv", "geojson"]


class ComparedAreas(BaseModel):
    """Areas side by side; counts withheld from the reader are null, and so is their rank."""

    columns: list[str] = Field(description="the months, categories or roles that any of them has")
    rows: list[Json] = Field(description="rank, code, name, level, residents, total, per_10000, values, months")


async def asked_comparison(
    codes: Annotated[
        str, Query(max_length=2000, description="codes with commas, at most 50", examples=["330109,330110"])
    ],
    kind: ElementKind = ElementKind.EVENT,
    by: Annotated[By, Query(description="what the columns are")] = "month",
    rank: Annotated[Rank, Query(description="what they are ordered by, the most first")] = "total",
) -> Asked:
    """What the parameters ask. Raises FieldError."""
    return Asked(codes_from(codes), kind, by, rank)


@router.get(
    "/areas/compare", summary="Areas side by side 区域对比", responses=described(ComparedAreas, "One row for each area")
)
def get_area_comparison(
    request: Request,
    reader: Public,
    asked: Annotated[Asked, Depends(asked_comparison)],
    format: Annotated[Format, Query(description="json, csv, geojson")] = "json",  # noqa: A002 - the parameter's name
) -> Response:
    """Ranked, with rates, by month, category or role."""
    service = service_of(request)
    with transaction(service.engine) as connection:
        found = compare_areas(connection, asked, reader, service.secret, geometry=format == "geojson")
    return _answers(found, format)


def _answers(found: Comparison, wanted: Format) -> Response:
    if wanted == "geojson":
        return answer(as_features(found), GEOJSON)
    if wanted == "json":
        return answer(as_data(found))
    out = io.StringIO()
    head, *rows = as_table(found)
    csv.writer(out, lineterminator="\r\n").writerows([map(safe_cell, head), *(map(_cell, row) for row in rows)])
    return Response("\ufeff" + out.getvalue(), media_type="text/csv; charset=utf-8")


def _cell(value: Any) -> Any:
    """A cell that a spreadsheet shows as it is written; empty where a count is withheld."""
    return text_cell(value) if isinstance(value, str) else value
