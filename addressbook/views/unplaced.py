"""What reaches only a division: linked, counted in every area view, and listed here as not yet at an address."""

from __future__ import annotations

from sqlalchemy import Connection

from addressbook.divisions.codes import code_range
from addressbook.privacy.policy import Reader
from addressbook.store.reading import Row, read_unplaced
from addressbook.store.steps import done
from addressbook.views.area import find_area, properties, reader_in
from addressbook.views.elements import SecretSource, shown_elements
from addressbook.views.links import link_entry, visible_kinds


def unplaced(
    connection: Connection,
    code: str,
    reader: Reader,
    *,
    kind: str | None,
    after: int,
    limit: int,
    secret: SecretSource | None = None,
) -> Row:
    """A page of links without an address, after link id `after`; `next_after` is None on the last page.

    Only divisions have such links: any other area is drawn by a boundary, and these have no point.
    """
    area = find_area(connection, code, geometry=False)
    reader = reader_in(reader, area)
    kinds = [found for found in visible_kinds(reader) if kind in (None, found)]
    rows: list[Row] = []
    if area["kind"] == "division":
        rows = read_unplaced(connection, *code_range(area["code"]), kinds=kinds, after=after, limit=limit + 1)
    page = rows[:limit]
    elements = done(connection, shown_elements(reader, page, area["code"], secret))
    return {
        "area": properties(area),
        "items": [_entry(row, elements) for row in page],
        "next_after": page[-1]["link_id"] if len(rows) > limit else None,
    }


def _entry(row: Row, elements: dict[str, Row]) -> Row:
    entry = link_entry(row, elements)
    return {"kind": row["element_kind"], "division_code": row["division_code"], **entry}
