"""Areas side by side: one row each, ranked, with what is asked of them by role, by category or over the months."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection

from addressbook.errors import FieldError
from addressbook.model import ElementKind
from addressbook.privacy.policy import Reader
from addressbook.store.reading import Row
from addressbook.views.area import elements_of, find_area, found_in, people_in, properties, reader_in
from addressbook.views.area_counts import months, newest_months
from addressbook.views.elements import SecretSource
from addressbook.views.protected import NOBODY_KNOWS

MOST_AREAS = 50
By = Literal["month", "category", "role"]
Rank = Literal["total", "per_10000"]
TOLD = ("rank", "code", "name", "level", "residents", "total", "per_10000")
"""What a row says before its columns."""


class Comparison(NamedTuple):
    """Rows in the order of their rank, with `values` for the columns; null where withheld."""

    columns: list[str]
    rows: list[Row]


class Asked(NamedTuple):
    """Of which areas what is compared."""

    codes: list[str]
    kind: ElementKind = ElementKind.EVENT
    by: By = "month"
    rank: Rank = "total"


def codes_from(words: str) -> list[str]:
    """The codes of a list with commas, each once. Raises FieldError for none, and for too many."""
    codes = list(dict.fromkeys(filter(None, (word.strip() for word in words.split(",")))))
    if not 1 <= len(codes) <= MOST_AREAS:
        raise FieldError(
            "bad_codes", "codes", f"name 1 to {MOST_AREAS} areas, with commas between them.",
            zh=f"请给出 1 至 {MOST_AREAS} 个区域代码，以逗号分隔。",
        )  # fmt: skip
    return codes


def compare_areas(
    connection: Connection, asked: Asked, reader: Reader, secret: SecretSource, *, geometry: bool = False
) -> Comparison:
    """The areas of these codes as `reader` may see each; the columns are the values that any of them has, in order;
    of months the newest up to the newest of any, one like another whoever has nothing in it.

    An area that is named twice, by a short code and a long one, is there once. Raises NotFoundError.
    """
    areas = {area["code"]: area for area in (find_area(connection, code, geometry=geometry) for code in asked.codes)}
    rows = [_row(connection, area, asked, reader, secret) for area in areas.values()]
    rows.sort(key=lambda row: (row[asked.rank] is None, -(row[asked.rank] or 0), row["code"]))
    told = newest_months(*(row["by_month"] for row in rows)) if asked.by == "month" else []
    for row in rows:
        by_month = row.pop("by_month")
        if told and not row["withheld"]:
            row["months"] = months(by_month, row["residents"], told)
            row["values"] = {month["month"]: month["count"] for month in row["months"]}
    columns = sorted({column for row in rows for column in row["values"]})
    for row in rows:
        # Equal ones share a rank; of one that is withheld nobody knows it.
        above = [other for other in rows if (other[asked.rank] or 0) > (row[asked.rank] or 0)]
        row["rank"] = None if row[asked.rank] is None else len(above) + 1
        nothing = None if asked.by == "month" and row["withheld"] else 0
        row["values"] = {column: row["values"].get(column, nothing) for column in columns}
    return Comparison(columns, rows)


def _row(connection: Connection, area: Row, asked: Asked, reader: Reader, secret: SecretSource) -> Row:
    reader = reader_in(reader, area)
    found, _ = found_in(connection, area, [], None)
    people = people_in(connection, area, [], reader, secret).get(area["code"], NOBODY_KNOWS)
    residents, elements = elements_of(found.sums, reader, people)
    counts = elements[asked.kind]
    return {
        **{name: properties(area)[name] for name in ("code", "name", "level", "kind")},
        "geometry": area["geometry"], "bbox": area["bbox"],
        "residents": residents, "total": counts["total"], "per_10000": counts["per_10000"],
        "values": {} if asked.by == "month" else dict(counts["roles" if asked.by == "role" else "categories"]),
        "months": [], "by_month": {} if counts["suppressed"] else found.sums[asked.kind]["month"],
        "withheld": counts["suppressed"],
        "counts": {asked.kind.value: {"total": counts["total"], "suppressed": counts["suppressed"]}},
    }  # fmt: skip


def as_table(found: Comparison) -> list[list[Any]]:
    """A header and a row for each area, for a file with columns."""
    return [
        [*TOLD, *found.columns],
        *([row[name] for name in TOLD] + [row["values"][column] for column in found.columns] for row in found.rows),
    ]


def as_features(found: Comparison) -> Row:
    """The areas as a GeoJSON FeatureCollection, what is compared as properties; without a boundary, null geometry."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature", "id": row["code"], "geometry": row["geometry"], "bbox": row["bbox"],
                "properties": {**{name: row[name] for name in TOLD}, **row["values"]},
            }
            for row in found.rows
        ],
    }  # fmt: skip


def as_data(found: Comparison) -> Row:
    """The same as data, the months of each beside the months before."""
    names = (*TOLD, "kind", "counts", "values", "months")
    return {"columns": found.columns, "rows": [{name: row[name] for name in names} for row in found.rows]}
