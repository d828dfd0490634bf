"""What the routes of areas take."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from addressbook.views.outline import MOST_BUFFER_M, MOST_VERTICES
from api.schemas import Json

MONTH = r"^(19|20)\d{2}-\d{2}$"
_EXAMPLE: Any = {
    "geometry": {
        "type": "Polygon",
        "coordinates": [[[120.26, 30.18], [120.27, 30.18], [120.27, 30.19], [120.26, 30.18]]],
    }
}


class OutlineRequest(BaseModel):
    """An area somebody draws."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})

    geometry: Json = Field(
        description=f"GeoJSON in WGS-84, at most {MOST_VERTICES} positions: a Polygon or MultiPolygon; with buffer_m a"
        " Point, LineString or MultiLineString"
    )
    buffer_m: float | None = Field(
        None, description=f"all within so many metres of the line, at most {MOST_BUFFER_M:.0f}", strict=True
    )
    month: str | None = Field(None, pattern=MONTH, description="YYYY-MM, the month compared")
