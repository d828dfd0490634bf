"""Addresses as a GeoJSON FeatureCollection: filtered, in a fixed order, page by page."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from addressbook.divisions.codes import code_range
from addressbook.store.doubts import doubts_of
from addressbook.store.gazetteer import need_division
from addressbook.store.reading import AsOf, Row, read_addresses
from addressbook.views.address import address_record, record

Position = tuple[str, str]
"""Division code and AID of the last address seen: the order of every page."""


@dataclass(frozen=True, slots=True)
class AddressQuery:
    """Which addresses: all filters given must hold. `bbox` is west, south, east, north in degrees, EPSG:4326."""

    division: str | None = None
    kinds: tuple[str, ...] = ()
    bbox: tuple[float, float, float, float] | None = None
    name: str | None = None
    aids: tuple[str, ...] | None = None
    after: Position | None = None
    limit: int = 100


def address_page(connection: Connection, query: AddressQuery) -> tuple[list[Row], Position | None]:
    """Features of one page, and the position to go on from; None on the last page.

    Raises NotFoundError for a division that there is not.
    """
    low, high = code_range(need_division(connection, query.division)) if query.division else (None, None)
    west, south, east, north = query.bbox or (None, None, None, None)
    division, aid = query.after or (None, None)
    rows = read_addresses(
        connection, low=low, high=high, kinds=list(query.kinds) or None, west=west, south=south, east=east, north=north,
        aids=None if query.aids is None else list(query.aids), name=_pattern(query.name),
        after_division=division, after_aid=aid, limit=query.limit + 1,
    )  # fmt: skip
    page = rows[: query.limit]
    last = page[-1] if len(rows) > query.limit else None
    return [_feature(record(row)) for row in page], (last["division_code"], last["aid"]) if last else None


def address_feature(connection: Connection, aid: str, then: AsOf | None = None) -> Row:
    """The record of any code ever issued as a Feature, with what is under review; `then`: as it was.

    Raises NotFoundError.
    """
    found = address_record(connection, aid, then)
    return _feature({**found, "doubts": doubts_of(connection, aid, then.moment if then else None)})


def _feature(properties: Row) -> Row:
    """An address as a GeoJSON Feature (RFC 7946)."""
    geometry = properties.pop("geometry")
    return {"type": "Feature", "id": properties["aid"], "geometry": geometry, "properties": properties}


def _pattern(name: str | None) -> str | None:
    """A LIKE pattern for names containing `name`, whatever % and _ it has."""
    if name is None:
        return None
    escaped = name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"
