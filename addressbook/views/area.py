"""One area: what is in it by kind, role, category and month, and how much of it is not yet at an address.

`total` counts links (for addresses: live addresses), so that a division is the sum of its parts; a person who lives
and is registered in it counts once per role. A division's numbers come from the roll-ups, any other area's from its
boundary.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Connection

from addressbook.divisions.codes import code_range, pad, significant
from addressbook.errors import CodeError, FieldError, NotFoundError
from addressbook.model import ElementKind
from addressbook.privacy.disclosure import shown, shown_parts
from addressbook.privacy.policy import Reader
from addressbook.store.gazetteer import what_became
from addressbook.store.reading import (
    AsOf,
    Row,
    read_area,
    read_area_children,
    read_counts_then,
    read_division_counts,
    read_spatial_counts,
)

MONTHS_SHOWN = 24
DIMENSIONS = ("located", "role", "category", "month")
Sums = dict[str, dict[Any, int]]
"""Dimension → value → count, of one kind."""


def find_area(connection: Connection, code: str, *, geometry: bool, then: AsOf | None = None) -> Row:
    """The area of a division code (2, 4, 6, 9 or 12 digits) or of an area's own code. Raises NotFoundError."""
    given = read_area(connection, code, geometry=geometry, then=then)
    found = given or read_area(connection, _padded(code), geometry=geometry, then=then)
    if found is None:
        remedy = what_became(connection, _padded(code)) or "Give a division or area code."
        raise NotFoundError(f"there is no area {code!r}.", zh=f"没有代码为“{code}”的区域。", remedy=remedy)
    return found


def _padded(code: str) -> str:
    try:
        return pad(code)
    except CodeError:
        return code


def area_feature(connection: Connection, code: str) -> Row:
    """The area as a GeoJSON Feature; `geometry` is null for a division without boundary."""
    area = find_area(connection, code, geometry=True)
    return {
        "type": "Feature",
        "id": area["code"],
        "bbox": area["bbox"],
        "geometry": area["geometry"],
        "properties": properties(area),
    }


def properties(area: Row) -> Row:
    """What every answer says of an area."""
    wanted = ("code", "kind", "name", "level", "parent_code", "valid_from", "valid_to")
    lists = {name: area[name] or [] for name in ("ancestors", "successors")}
    return {**{name: area[name] for name in wanted}, **lists}


def reader_in(reader: Reader, area: Row) -> Reader:
    """Who a reader is in an area: what a boundary draws lies in no one division."""
    return reader.at(area["code"] if area["kind"] == "division" else None)


def area_view(
    connection: Connection, code: str, reader: Reader, month: date | None = None, then: AsOf | None = None
) -> Row:
    """The counts of an area as `reader` may see them; `month` is compared, by default the newest with events.

    Of a division that ended nothing is counted today: `area.successors` say what became of it.

    `then`: of that day, as known at that moment. Raises FieldError for an area that is no division: what lay inside a
    boundary is kept for no other time.
    """
    area = find_area(connection, code, geometry=False, then=then)
    reader = reader_in(reader, area)
    children = read_area_children(connection, area["code"], geometry=False, then=then)
    if then is None:
        division = area["kind"] == "division"
        sums = _summed((read_division_counts if division else read_spatial_counts)(connection, area["code"]))
    else:
        rows = _counts_then(connection, area, then)
        sums = _summed(row for row in rows if row["division_code"] is None)
        children = [_child_then(child, rows) for child in children if child["kind"] == "division"]
    addresses = sums["address"]["category"]
    return {
        "area": {**properties(area), "bbox": area["bbox"]},
        "counted_by": "division" if area["kind"] == "division" else "boundary",
        "addresses": {"total": sum(addresses.values()), "kinds": dict(sorted(addresses.items()))},
        "elements": {kind.value: kind_counts(kind, sums[kind], reader) for kind in ElementKind},
        "event_comparison": comparison(sums[ElementKind.EVENT]["month"], month),
        "children": [child_entry(child, reader) for child in children],
    }


def _counts_then(connection: Connection, area: Row, then: AsOf) -> list[Row]:
    if area["kind"] != "division":
        raise FieldError(
            "not_answerable", "valid_at", "the past can be asked for divisions only.", zh="仅行政区划支持历史查询。",
            remedy="Leave out valid_at and known_at.",
        )  # fmt: skip
    return read_counts_then(connection, *code_range(area["code"]), then)


def _child_then(child: Row, rows: list[Row]) -> Row:
    """A part of a division with its counts of that time, in place of those of today."""
    inside, counts = significant(child["code"]), dict[str, list[int]]()
    for row in rows:
        if row["division_code"] is not None and row["division_code"].startswith(inside):
            total, located = counts.get(row["kind"], (0, 0))
            counts[row["kind"]] = [total + row["count"], located + row["at_addresses"]]
    return {**child, "counts": counts}


def _summed(rows: Iterable[Row]) -> dict[str, Sums]:
    """kind → dimension → value → count; every kind and dimension is there."""
    sums: dict[str, Sums] = {kind: {name: {} for name in DIMENSIONS} for kind in ("address", *ElementKind)}
    for row in rows:
        name = next(name for name in DIMENSIONS if row[name] is not None)
        sums[row["kind"]][name][row[name]] = row["count"]
    return sums


def kind_counts(kind: str, sums: Sums, reader: Reader) -> Row:
    """One kind's total, located and not, by role, category and month; persons withheld where they must be."""
    newest = sorted(month for month in sums["month"] if month.year > 1)[-MONTHS_SHOWN:]
    months = {f"{month:%Y-%m}": sums["month"][month] for month in newest}
    parts = {"roles": sums["role"], "categories": sums["category"], "months": months}
    located = {"located": sums["located"].get(1, 0), "unplaced": sums["located"].get(0, 0)}
    total = sum(located.values())
    if kind != ElementKind.PERSON:
        return {"total": total, **located, **_plain(parts), "suppressed": False}
    answer = {"total": shown(total, reader), **shown_parts(located, reader)}
    protected = {name: shown_parts(counts, reader) for name, counts in parts.items()}
    withheld = [*answer.values(), *(count for counts in protected.values() for count in counts.values())]
    return {**answer, **_plain(protected), "suppressed": None in withheld}


def _plain(parts: dict[str, Any]) -> Row:
    months = [{"month": month, "count": count} for month, count in parts["months"].items()]
    return {"roles": parts["roles"], "categories": parts["categories"], "months": months}


def comparison(months: dict[date, int], month: date | None) -> Row | None:
    """Events of one month beside the month before and the same month a year before; None where there are none."""
    dated = [found for found in months if found.year > 1]
    if month is None and not dated:
        return None
    current = month or max(dated)
    before = date(current.year - (current.month == 1), (current.month - 2) % 12 + 1, 1)
    return {
        "month": f"{current:%Y-%m}",
        "count": months.get(current, 0),
        "previous_month": months.get(before, 0),
        "same_month_last_year": months.get(current.replace(year=current.year - 1), 0),
    }


def child_entry(child: Row, reader: Reader) -> Row:
    """A child area with its counts by kind: total and how many of them are at an address."""
    found = child["counts"] or {}
    counts: dict[str, Row] = {}
    for kind in ("address", *(kind.value for kind in ElementKind)):
        total, located = (int(number) for number in found.get(kind, (0, 0)))
        if kind == ElementKind.PERSON:
            parts = shown_parts({"located": located, "unplaced": total - located}, reader)
            counts[kind] = {"total": shown(total, reader), **parts}
        else:
            counts[kind] = {"total": total, "located": located, "unplaced": total - located}
    return {**{name: child[name] for name in ("code", "kind", "name", "level")}, "counts": counts}


def children_features(connection: Connection, code: str, reader: Reader) -> Row:
    """The areas right below as a GeoJSON FeatureCollection, each with its counts as properties."""
    area = find_area(connection, code, geometry=False)
    reader = reader_in(reader, area)
    rows = read_area_children(connection, area["code"], geometry=True)
    features = [
        {"type": "Feature", "id": row["code"], "geometry": row["geometry"], "properties": child_entry(row, reader)}
        for row in rows
    ]
    return {
        "type": "FeatureCollection",
        "parent": properties(area),
        "numberReturned": len(features),
        "features": features,
    }
