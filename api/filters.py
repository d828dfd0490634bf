"""The filters of address lists: query parameters in, one checked question out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query

from addressbook.divisions.codes import pad
from addressbook.errors import FieldError
from addressbook.model import AddressKind
from addressbook.views.addresses import AddressQuery
from api import paging

MOST_ADDRESSES = 1000
Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked: the query, and the text its cursors are bound to."""

    query: AddressQuery
    filters: str


async def address_question(
    q: Annotated[
        str | None, Query(min_length=1, max_length=200, description="a code, an address or part of a name")
    ] = None,
    bbox: Annotated[
        str | None, Query(max_length=120, description="west,south,east,north", examples=["120.2,30.1,120.3,30.2"])
    ] = None,
    division: Annotated[
        str | None, Query(max_length=12, description="2, 4, 6, 9 or 12 digits", examples=["330109"])
    ] = None,
    kind: Annotated[str | None, Query(max_length=20, description="kind letters, e.g. B or C,P", examples=["B"])] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_ADDRESSES)] = 100,
    cursor: Annotated[str | None, Query(max_length=500, description="from a link with rel next")] = None,
) -> Question:
    """The question in the query parameters. Raises FieldError or CodeError naming the one at fault."""
    filters = repr((q, bbox, division, kind))
    after = paging.decode_pair(cursor, filters) if cursor else None
    within = pad(division) if division else None
    return Question(AddressQuery(within, kinds_of(kind), box_of(bbox), q, None, after, limit), filters)


def kinds_of(text: str | None) -> tuple[str, ...]:
    """Kind letters separated by commas. Raises FieldError for a letter that is no kind."""
    letters = tuple(letter.strip().upper() for letter in text.split(",")) if text else ()
    for letter in letters:
        if letter not in set(AddressKind):
            known = ",".join(AddressKind)
            raise FieldError(
                "bad_kind", "kind", f"{letter!r} is not a kind.", zh=f"没有种类“{letter}”。", remedy=f"Use {known}."
            )
    return letters


def box_of(text: str | None) -> tuple[float, float, float, float] | None:
    """A box in degrees, EPSG:4326. Raises FieldError when it is not four numbers in range and in order."""
    if text is None:
        return None
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        raise _bad_box("is not four numbers west,south,east,north", "应为四个数字：西,南,东,北") from None
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise _bad_box("is out of range or out of order", "超出范围或顺序颠倒")
    return west, south, east, north


def _bad_box(en: str, zh: str) -> FieldError:
    return FieldError("bad_bbox", "bbox", f"bbox {en}.", zh=f"范围框{zh}。", remedy="Give degrees, WGS-84.")
