"""What can be asked: each function is one question, the same for both clients."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any, Literal, Unpack, cast

from addressbook.client.asking import Answer, Asked, Pages, Parameters, Question, below, parameters
from addressbook.client.exporting import filtered
from addressbook.client.problems import Unreadable, document_of, object_of
from addressbook.client.shapes import (
    Collection,
    Comparison,
    ElementKind,
    Feature,
    Features,
    Filters,
    Json,
    Resolution,
    Resolutions,
    Shape,
    Suggestions,
)

MOST_TEXTS, MOST_PAIRS = 1000, 500
MOST_BYTES = 3 << 20
"""Of one batch: the service takes bodies of 4 MiB."""
PAGE_ITEMS, PAGE_LINES = 1000, 5000
Day = str | date
Instant = str | datetime


def address(aid: str, *, valid_at: Day | None = None, known_at: Instant | None = None) -> Question[Feature]:
    """One address, whatever its state; as it was on a day, as known at an instant (with its zone)."""
    answer = yield Asked(below("addresses", aid), _times(valid_at, known_at))
    return cast(Feature, document_of(answer))


def address_view(aid: str, *, valid_at: Day | None = None, known_at: Instant | None = None) -> Question[Json]:
    """全息视图: ancestors, children, everything at or below it with evidence, a timeline."""
    answer = yield Asked(below("addresses", aid, "view"), _times(valid_at, known_at))
    return object_of(answer)


def ids(aid: str) -> Question[Json]:
    """What became of a code, whenever it was issued: its state, what stands there today, successors, events."""
    answer = yield Asked(below("ids", aid))
    return object_of(answer)


def area(code: str) -> Question[Feature]:
    """An area with its outline: a division of 2, 4, 6, 9 or 12 digits, a grid cell or a custom area."""
    answer = yield Asked(below("areas", code))
    return cast(Feature, document_of(answer))


def area_view(
    code: str, *, month: str | None = None, valid_at: Day | None = None, known_at: Instant | None = None
) -> Question[Json]:
    """Its counts by kind, role, category and month, with rates and comparisons; `month` is YYYY-MM."""
    answer = yield Asked(below("areas", code, "view"), parameters(month=month) + _times(valid_at, known_at))
    return object_of(answer)


def area_children(code: str) -> Question[Features]:
    """Its parts with their counts."""
    answer = yield Asked(below("areas", code, "children"))
    return _features(answer)


def area_outline(geometry: Json | Shape, *, buffer_m: float | None = None, month: str | None = None) -> Question[Json]:
    """The same as `area_view` of a polygon, or with `buffer_m` of all within so many metres of a line or a point.

    The geometry is GeoJSON or of shapely, in WGS-84 with longitude first.
    """
    shape = geometry if isinstance(geometry, dict) else geometry.__geo_interface__
    body = {"geometry": shape, "buffer_m": None if buffer_m is None else float(buffer_m), "month": month}
    answer = yield Asked("/areas/view", body=body, method="POST")
    return object_of(answer)


def compare_areas(
    codes: Iterable[str], *, kind: ElementKind = "event", by: Literal["month", "category", "role"] = "month",
    rank: Literal["total", "per_10000"] = "total",
) -> Question[Json]:  # fmt: skip
    """Up to 50 areas side by side, ranked: `columns`, and `rows` with rank, total, rate and values."""
    answer = yield Asked("/areas/compare", parameters(codes=list(codes), kind=kind, by=by, rank=rank))
    return object_of(answer)


def compare_areas_on_map(
    codes: Iterable[str], *, kind: ElementKind = "event", by: Literal["month", "category", "role"] = "month",
    rank: Literal["total", "per_10000"] = "total",
) -> Question[Features]:  # fmt: skip
    """The same as features: the outlines of the areas, with the columns as properties."""
    asked = parameters(codes=list(codes), kind=kind, by=by, rank=rank, format="geojson")
    answer = yield Asked("/areas/compare", asked)
    return _features(answer)


def search(
    q: str, *, near: tuple[float, float] | None = None, kind: str | list[str] | None = None, limit: int = 10
) -> Question[Suggestions]:
    """What may be meant, best first; of `longitude,latitude` what is around it. `near` is (longitude, latitude)."""
    answer = yield Asked("/search", parameters(q=q, near=near, kind=kind, limit=limit))
    found = Suggestions(_member(answer, "suggestions"))
    found.notes = object_of(answer).get("notes", [])
    return found


def resolve(text: str, *, division: str | None = None) -> Question[Resolution]:
    """The address a text means, with reasons; `division` is where texts are that name none."""
    found = yield from resolve_many([text], division=division)
    return found[0]


def explain(text: str, *, division: str | None = None) -> Question[Json]:
    """The same with `stages`: what each stage made of the text, which is at most 500 characters."""
    answer = yield Asked("/resolve", parameters(text=text, division=division, explain=True))
    return object_of(answer)


def resolve_many(texts: Iterable[str], *, division: str | None = None) -> Question[Resolutions]:
    """The answers in the order of the texts, however many: they are sent in batches.

    Texts travel in bodies and never in URLs, which are kept and shared on the way.
    """
    found = Resolutions()
    for batch in batches(texts, MOST_TEXTS):
        answer = yield Asked("/resolve", body={"texts": batch, "division": division}, method="POST")
        found += cast(list[Resolution], _results(answer, len(batch)))
    return found


def compare(pairs: Iterable[tuple[str, str]], *, division: str | None = None) -> Question[list[Comparison]]:
    """Whether the two texts of each pair are one address, in the order of the pairs, however many."""
    found: list[Comparison] = []
    for batch in batches(({"a": a, "b": b} for a, b in pairs), MOST_PAIRS):
        answer = yield Asked("/compare", body={"pairs": batch, "division": division}, method="POST")
        found += cast(list[Comparison], _results(answer, len(batch)))
    return found


def items(collection: Collection, *, page: int = PAGE_ITEMS, **filters: Unpack[Filters]) -> Pages[Feature]:
    """All items that the filters leave, asked for a page at a time."""
    asked = parameters(limit=page) + filtered(filters)
    return Pages(Asked(below("ogc", "collections", collection, "items"), asked), _items_page)


def count(collection: Collection, **filters: Unpack[Filters]) -> Question[int]:
    """How many items the filters leave."""
    asked = parameters(limit=1, count="exact") + filtered(filters)
    answer = yield Asked(below("ogc", "collections", collection, "items"), asked)
    return int(_member(answer, "numberMatched"))


def changes(since: int = 0) -> Pages[Json]:
    """Every change after a transaction, oldest first, up to the newest; `tx` of the last is where to go on."""
    return Pages(Asked("/changes", parameters(since=since, limit=PAGE_LINES)), _changes_page)


def batches(rows: Iterable[Any], most: int, most_bytes: int = MOST_BYTES) -> Iterator[list[Any]]:
    """Rows in lists of at most so many, and of so many bytes as JSON.

    >>> list(batches(["a", "bb", "c"], 2)), list(batches(["aaa", "bbb"], 9, most_bytes=8))
    ([['a', 'bb'], ['c']], [['aaa'], ['bbb']])
    """
    batch: list[Any] = []
    filled = 0
    for row in rows:
        size = len(json.dumps(row)) + 2
        if batch and (len(batch) == most or filled + size > most_bytes):
            yield batch
            batch, filled = [], 0
        batch.append(row)
        filled += size
    if batch:
        yield batch


def _times(valid_at: Day | None, known_at: Instant | None) -> Parameters:
    known = known_at.isoformat() if isinstance(known_at, datetime) else known_at
    return parameters(valid_at=valid_at, known_at=known)


def _member(answer: Answer, name: str) -> Any:
    found = object_of(answer)
    if name not in found:
        raise Unreadable(f"the answer has no {name}.", zh=f"返回内容没有 {name}。")
    return found[name]


def _features(answer: Answer) -> Features:
    return Features(_member(answer, "features"))


def _results(answer: Answer, number: int) -> list[Json]:
    found: list[Json] = _member(answer, "results")
    if len(found) != number:  # one answer short would give every later text its neighbour's
        raise Unreadable(f"{number} were asked, {len(found)} answered.", zh=f"提交 {number} 条，返回 {len(found)} 条。")
    return found


def _items_page(asked: Asked, answer: Answer) -> tuple[list[Feature], Asked | None]:
    links = [link["href"] for link in _member(answer, "links") if link["rel"] == "next"]
    return _features(answer), asked.following(links[0]) if links else None


def _changes_page(asked: Asked, answer: Answer) -> tuple[list[Json], Asked | None]:
    """The feed has a next page always; one without lines says that there is nothing new."""
    lines = [json.loads(line) for line in answer.body.splitlines()]
    link = answer.headers.get("link", "").partition(">")[0].removeprefix("<")
    return lines, asked.following(link) if lines and link else None
