"""One area: what is in it by kind, role, category and month, and how much of it is not yet at an address.

`total` counts links (for addresses: live addresses), so that a division is the sum of its parts; a person who lives
and is registered in it counts once per role. A division's numbers come from the roll-ups, any other area's from its
boundary.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection

from addressbook.divisions.codes import code_range, pad, significant
from addressbook.errors import CodeError, FieldError, NotFoundError
from addressbook.model import ElementKind
from addressbook.privacy.disclosure import noise_of, shown
from addressbook.privacy.policy import Reader
from addressbook.store.gazetteer import what_became
from addressbook.store.quality import in_brief
from addressbook.store.reading import (
    AsOf,
    Row,
    read_area,
    read_area_children,
    read_counts_then,
    read_division_counts,
    read_spatial_counts,
    read_top_addresses,
)
from addressbook.views.area_counts import (
    AllSums,
    Found,
    event_comparison,
    inside,
    kind_counts,
    per_10000,
    residents_in,
    summed,
    top_categories,
)
from addressbook.views.elements import SecretSource
from addressbook.views.outline import Outline
from addressbook.views.protected import NOBODY_KNOWS, People, Protected, child_people, people_view

PROPERTIES = ("code", "kind", "name", "level", "parent_code", "valid_from", "valid_to", "ancestors", "successors")


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
    lists = {name: area[name] or [] for name in PROPERTIES[-2:]}
    return {**{name: area[name] for name in PROPERTIES[:-2]}, **lists}


def reader_in(reader: Reader, area: Row) -> Reader:
    """Who a reader is in an area: what a boundary draws lies in no one division."""
    return reader.at(area["code"] if area["kind"] == "division" else None)


def area_view(
    connection: Connection, code: str, reader: Reader, month: date | None = None, then: AsOf | None = None,
    secret: SecretSource | None = None,
) -> Row:  # fmt: skip
    """The counts of an area as `reader` may see them; `month` is compared, by default the newest with events.

    Of a division that ended nothing is counted today: `area.successors` say what became of it.

    `then`: of that day, as known at that moment. Raises FieldError for an area that is no division: what lay inside a
    boundary is kept for no other time.
    """
    area = find_area(connection, code, geometry=False, then=then)
    reader = reader_in(reader, area)
    children = read_area_children(connection, area["code"], geometry=False, then=then)
    found, children = found_in(connection, area, children, then)
    people = people_in(connection, area, children, reader, None if then else secret)
    return {
        "area": {**properties(area), "bbox": area["bbox"]},
        "counted_by": "division" if area["kind"] == "division" else "boundary",
        **counted(connection, found, reader, month, people.get(area["code"], NOBODY_KNOWS)),
        "children": [child_entry(child, reader, people) for child in children],
        "in_no_child": _rest(area, found.sums, children, reader, people) if area["kind"] == "division" else None,
    }


def drawn_view(
    connection: Connection, outline: Outline, reader: Reader, month: date | None = None,
    secret: SecretSource | None = None,
) -> Row:  # fmt: skip
    """The same of an outline somebody draws: it lies in no one division, and has no parts."""
    area, reader = dict.fromkeys(PROPERTIES) | {"kind": "drawn", "name": "", "level": "none"}, reader.at(None)
    found, people = inside(read_spatial_counts(connection, None, outline.wkb)), NOBODY_KNOWS
    if secret is not None and not reader.sees_persons:
        people = Protected(connection, noise_of(secret())).of_outlines([], outline.wkb)[""]
    return {
        "area": {
            **properties(area),
            "bbox": outline.bbox,
            "area_m2": outline.area_m2,
            "outline": outline.widened,
        },
        "counted_by": "boundary",
        **counted(connection, found, reader, month, people),
        "children": [],
        "in_no_child": None,
    }


def people_in(
    connection: Connection, area: Row, children: list[Row], reader: Reader, secret: SecretSource | None
) -> dict[str, People]:
    """The people of an area and of its parts for whom sees no persons; none without the secret, or of a past day."""
    if reader.sees_persons or secret is None:
        return {}
    protected = Protected(connection, noise_of(secret()))
    parts = [child["code"] for child in children if child["kind"] == "division"]
    drawn = [each["code"] for each in (area, *children) if each["kind"] != "division"]
    found = protected.of_outlines(drawn) if drawn else {}
    return found | (protected.of_divisions([area["code"], *parts]) if area["kind"] == "division" else {})


def found_in(
    connection: Connection, area: Row, children: list[Row], then: AsOf | None
) -> tuple[Found, list[Row]]:  # fmt: skip
    """What is counted in an area, and its parts with what was counted in them at that time."""
    if then is not None:
        rows = _counts_then(connection, area, then)
        sums = summed(row for row in rows if row["division_code"] is None)
        return Found(sums, None), [_child_then(child, rows) for child in children if child["kind"] == "division"]
    if area["kind"] == "division":
        events = read_top_addresses(connection, *code_range(area["code"]))
        return Found(summed(read_division_counts(connection, area["code"])), events), children
    return inside(read_spatial_counts(connection, area["code"])), children


def counted(connection: Connection, found: Found, reader: Reader, month: date | None, people: People) -> Row:
    """What every view of an area says of its counts, as `reader` may see them; `people` for whom sees no persons."""
    sums, addresses = found.sums, found.sums["address"]["category"]
    residents, elements = elements_of(sums, reader, people)
    return {
        "addresses": {"total": sum(addresses.values()), "kinds": dict(sorted(addresses.items()))},
        "residents": residents,
        "elements": elements,
        "event_comparison": event_comparison(sums[ElementKind.EVENT]["month"], month),
        "top": {
            "categories": top_categories(sums, (ElementKind.EVENT, ElementKind.ENTERPRISE, ElementKind.THING)),
            "addresses": _named(connection, found.top_events, reader),
        },
    }


def elements_of(sums: AllSums, reader: Reader, people: People) -> tuple[int | None, dict[str, Row]]:
    """The residents that rates are of, and the counts of each kind; `people` for whom sees no persons."""
    residents = residents_in(sums) if reader.sees_persons else shown(people.residents)
    elements = {kind.value: kind_counts(sums[kind], residents) for kind in ElementKind}
    if not reader.sees_persons:
        elements[ElementKind.PERSON.value] = people_view(people)
    return residents, elements


def _named(connection: Connection, events: Mapping[str, int] | None, reader: Reader) -> list[Row] | None:
    """The addresses with the most events; null to whom no address is shown, and of a past day."""
    if events is None or not reader.listed:
        return None
    brief = in_brief(connection, list(events))
    return [
        {"aid": aid, "standard_text": brief[aid]["standard_text"], "events": count} for aid, count in events.items()
    ]


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


def child_entry(child: Row, reader: Reader, people: Mapping[str, People]) -> Row:
    """A child area with its counts by kind: total, how many of them are at an address, and rates."""
    found = child["counts"] or {}
    counts: dict[str, Row] = {}
    for kind in ("address", *(kind.value for kind in ElementKind)):
        total, located = (int(number) for number in found.get(kind, (0, 0)))
        counts[kind] = {"total": total, "located": located, "unplaced": total - located}
    residents: int | None = int(found.get("residents", (0,))[0])
    if not reader.sees_persons:
        counts[ElementKind.PERSON.value] = child_people(people.get(child["code"], NOBODY_KNOWS))
        residents = shown(people.get(child["code"], NOBODY_KNOWS).residents)
    rates = {kind: per_10000(counts[kind]["total"] or 0, residents) for kind in counts if kind != "person"}
    named = {name: child[name] for name in ("code", "kind", "name", "level")}
    return {**named, "residents": residents, "counts": counts, "per_10000": rates}


def _rest(area: Row, sums: AllSums, children: list[Row], reader: Reader, people: Mapping[str, People]) -> Row:
    """What a division counts itself and none of the divisions in it does: with this the parts add up to the whole.

    A grid cell or a custom area among the children is no part: it lies across them.
    """
    parts = [child for child in children if child["kind"] == "division"]
    totals = {"address": sum(sums["address"]["category"].values())}
    totals |= {kind.value: sum(sums[kind]["located"].values()) for kind in ElementKind}
    found: dict[str, int | None] = {
        kind: total - sum(int((part["counts"] or {}).get(kind, (0,))[0]) for part in parts)
        for kind, total in totals.items()
    }
    if not reader.sees_persons:
        whole, *noisy = (people.get(each["code"], NOBODY_KNOWS).total for each in (area, *parts))
        found[ElementKind.PERSON.value] = shown(whole - sum(noisy))
    return found


def children_features(connection: Connection, code: str, reader: Reader, secret: SecretSource | None = None) -> Row:
    """The areas right below as a GeoJSON FeatureCollection, each with its counts as properties."""
    area = find_area(connection, code, geometry=False)
    reader = reader_in(reader, area)
    rows = read_area_children(connection, area["code"], geometry=True)
    people = people_in(connection, area, rows, reader, secret)
    features = [
        {
            "type": "Feature", "id": row["code"], "geometry": row["geometry"],
            "properties": child_entry(row, reader, people),
        }
        for row in rows
    ]  # fmt: skip
    return {
        "type": "FeatureCollection",
        "parent": properties(area),
        "numberReturned": len(features),
        "features": features,
    }
