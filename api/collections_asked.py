"""What is asked of a collection, from query parameters: each fault is a FieldError that names its parameter."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

import shapely
from fastapi import Query
from sqlalchemy import Connection

from addressbook.collections.asked import ItemsQuery
from addressbook.collections.crs import box_of, crs_of
from addressbook.collections.declared import ADDRESSES, DIVISIONS, GEOMETRY, Collection, Property
from addressbook.collections.filtering import condition_of, day_of
from addressbook.divisions.codes import code_range, pad
from addressbook.errors import CodeError, FieldError
from addressbook.store.gazetteer import need_division
from addressbook.views.collections import address_below, need_answerable
from api import paging

MOST_ITEMS, USUAL_ITEMS = 10_000, 100
LIMIT = f"items in a page, {USUAL_ITEMS} where absent, at most {MOST_ITEMS}: more than that is taken as {MOST_ITEMS}"
LANGUAGES = ("cql2-text", "cql2-json")
COUNTS = ("none", "exact", "estimated")


@dataclass(frozen=True, slots=True)
class Filters:
    """Which items, as it was written."""

    bbox: str | None
    bbox_crs: str | None
    datetime: str | None
    filter: str | None
    filter_lang: str | None
    filter_crs: str | None
    aid: str | None
    area: str | None
    category: str | None
    state: str | None


def filters_asked(
    bbox: Annotated[str | None, Query(max_length=200, description="west,south,east,north in bbox-crs")] = None,
    bbox_crs: Annotated[str | None, Query(alias="bbox-crs", max_length=200)] = None,
    datetime: Annotated[str | None, Query(max_length=80, description="a date, or first/last with .. for open")] = None,
    condition: Annotated[str | None, Query(alias="filter", max_length=20_000, description="CQL2")] = None,
    filter_lang: Annotated[str | None, Query(alias="filter-lang", max_length=20)] = None,
    filter_crs: Annotated[str | None, Query(alias="filter-crs", max_length=200)] = None,
    aid: Annotated[str | None, Query(max_length=40, description="an identity code 身份编码: at it or below it")] = None,
    area: Annotated[str | None, Query(max_length=12, description="a division, 2, 4, 6, 9 or 12 digits")] = None,
    category: Annotated[str | None, Query(max_length=500, description="one of these, with commas between")] = None,
    state: Annotated[str | None, Query(max_length=500, description="one of these, with commas between")] = None,
) -> Filters:
    """The filters in the query parameters."""
    return Filters(bbox, bbox_crs, datetime, condition, filter_lang, filter_crs, aid, area, category, state)


@dataclass(frozen=True, slots=True)
class Page:
    """Which page, and what of it."""

    limit: int
    cursor: str | None
    count: str


def page_asked(
    limit: Annotated[str | None, Query(max_length=100, description=LIMIT)] = None,
    cursor: Annotated[str | None, Query(max_length=500, description="from a link with rel next")] = None,
    count: Annotated[str, Query(max_length=20, description="numberMatched: none, exact or estimated")] = "none",
) -> Page:
    """The page in the query parameters. Raises FieldError."""
    return Page(limit_of(limit), cursor, one_of(count, COUNTS, "count"))


def limit_of(text: str | None) -> int:
    """A number of items; more than a page may hold is no error (OGC 17-069r4, /req/core/fc-limit-definition).

    Raises FieldError for what is no number, or none above 0.
    """
    if text is None:
        return USUAL_ITEMS
    if not (text.isascii() and text.isdigit() and int(text) >= 1):
        raise FieldError("bad_limit", "limit", "limit is not a number from 1 on.", zh="limit 应为不小于 1 的整数。")
    return min(int(text), MOST_ITEMS)


def one_of(text: str, known: tuple[str, ...], field: str) -> str:
    """A word of a short list. Raises FieldError."""
    if text not in known:
        listed = ", ".join(known)
        raise FieldError(
            f"bad_{field.replace('-', '_')}", field, f"{field} is none of {listed}.", zh=f"{field} 应为 {listed} 之一。"
        )
    return text


def chosen(collection: Collection, names: str | None) -> tuple[Property, ...]:
    """The properties that are wanted, all where nobody says; the geometry comes with any. Raises FieldError."""
    if names is None:
        return collection.properties
    wanted = dict.fromkeys(name.strip() for name in names.split(",") if name.strip())
    found = [collection.property_named(name, "properties") for name in wanted]
    return tuple(one for one in found if one.name != GEOMETRY)


def query_of(
    connection: Connection, collection: Collection, filters: Filters, names: str | None = None, crs: str | None = None
) -> ItemsQuery:
    """The checked query. Raises FieldError, CodeError or NotFoundError."""
    query = ItemsQuery(
        collection, chosen(collection, names), divisions=_divisions(connection, collection, filters.area),
        below=address_below(connection, filters.aid) if filters.aid else None, bbox=_box(filters),
        period=period_of(filters.datetime), category=_words(filters.category, collection, "category"),
        states=_words(filters.state, collection, "state"),
        condition=_condition(collection, filters), crs=crs_of(crs, "crs"),
    )  # fmt: skip
    need_answerable(collection, query)
    return query


def mark(collection: Collection, filters: Filters, *more: Any) -> str:
    """The text that a question's cursors are bound to."""
    return repr((collection.name, filters, more))


def after_of(collection: Collection, page: Page, question: str) -> tuple[str, ...]:
    """The key that a cursor goes on after. Raises FieldError for one that is damaged or of another question."""
    if page.cursor is None:
        return ()
    key = tuple(paging.decode(page.cursor, question, 2 if collection is ADDRESSES else 1))
    if collection.kind is not None:
        paging.need_key(key[0])
    return key


def period_of(text: str | None) -> tuple[date | None, date | None] | None:
    """First and last day of a date, an instant or an interval, None for open; None for none. Raises FieldError.

    >>> period_of("2024-06-01/..")
    (datetime.date(2024, 6, 1), None)
    >>> period_of("2024-06-01T/2024-06-30T")
    (datetime.date(2024, 6, 1), datetime.date(2024, 6, 30))
    """
    if text is None:
        return None
    parts = text.split("/")
    ends = [None if part in ("", "..") else _end_of(part) for part in parts]
    first, last = ends[0], ends[-1]
    if len(ends) > 2 or (first is None and last is None) or (first and last and first > last):
        raise FieldError(
            "bad_datetime", "datetime", "datetime is neither a date nor an interval.", zh="datetime 不是日期或区间。",
            remedy="Write 2024-06-01, 2024-06-01/2024-06-30 or 2024-06-01/..",
        )  # fmt: skip
    return first, last


def _end_of(part: str) -> date:
    """One end of an interval. GDAL 3.6 writes a day with the T of an instant behind it, and no time."""
    written = part.removesuffix("T") if len(part) == len("2024-06-01T") else part
    return day_of(written.replace(" ", "+"), "datetime")


def _divisions(connection: Connection, collection: Collection, area: str | None) -> tuple[str, str] | None:
    if not area:
        return None
    try:
        code = pad(area)
    except CodeError as fault:
        raise FieldError("bad_area", "area", fault.en, zh=fault.zh, remedy=fault.remedy) from None
    return code_range(code if collection is DIVISIONS else need_division(connection, code))


def _box(filters: Filters) -> bytes | None:
    crs = crs_of(filters.bbox_crs, "bbox-crs")
    return None if filters.bbox is None else shapely.to_wkb(box_of(filters.bbox, crs))


def _condition(collection: Collection, filters: Filters) -> Any:
    crs = crs_of(filters.filter_crs, "filter-crs")
    language = one_of(filters.filter_lang or LANGUAGES[0], LANGUAGES, "filter-lang")
    return None if filters.filter is None else condition_of(filters.filter, language, collection, crs)


def _words(text: str | None, collection: Collection, field: str) -> tuple[str, ...]:
    """The words of the parameter `field`. Raises FieldError for one that the property it asks for never says."""
    words = tuple(word.strip() for word in text.split(",") if word.strip()) if text else ()
    name = collection.state if field == "state" else collection.category
    known = next((found.words for found in collection.properties if found.name == name), ())
    for word in words if known else ():
        if word not in known:
            raise FieldError(
                f"bad_{field}", field, f"{word[:40]!r} is no {name} of {collection.name}.",
                zh=f"{collection.zh}没有“{word[:40]}”这一取值。", remedy=f"There are {', '.join(known)}.",
            )  # fmt: skip
    return words
