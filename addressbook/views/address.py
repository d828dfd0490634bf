"""全息视图: one address with everything at it or below it, in one request and two reads."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, NoReturn

from sqlalchemy import Connection

from addressbook import identity
from addressbook.errors import NotFoundError
from addressbook.model import ElementKind
from addressbook.privacy.disclosure import ROLES, Noise, at_address, noise_of
from addressbook.privacy.policy import Reader
from addressbook.store.reading import AsOf, Row, address_asked, address_view_asked
from addressbook.store.steps import Steps, done
from addressbook.views.building import building_table
from addressbook.views.elements import SecretSource, shown_elements
from addressbook.views.flags import flags_view
from addressbook.views.lineage import history_view, lineage_view, since_view
from addressbook.views.links import link_entry, timeline_entry, visible_kinds
from addressbook.views.occupied import house_links, occupied

LIST_LIMIT = 200
"""Most children, plates, links of one kind and role, timeline entries, events, and steps of a lineage in one answer;
totals are always whole."""

RECORD = ("kind", "state", "name", "standard_text", "plate_no", "parent_aid", "road_aid", "division_code",
          "coordinate_level", "valid_from", "valid_to", "created_at")  # fmt: skip


def address_record(connection: Connection, aid: str, then: AsOf | None = None) -> Row:
    """The bare record of an address with its state; `then`: as it was, and was known.

    Raises NotFoundError: a code that was never issued, or not by then.
    """
    return done(connection, _record_then(aid, then))


def _record_then(aid: str, then: AsOf | None) -> Steps[Row]:
    rows = yield address_asked(aid, then)
    return record(rows[0] if rows else (yield from _not_then(aid, then)))


def address_view(
    connection: Connection, aid: str, reader: Reader, then: AsOf | None = None, secret: SecretSource | None = None
) -> Row:
    """The answer of `address_view_steps` in this transaction."""
    return done(connection, address_view_steps(aid, reader, then, secret))


def address_view_steps(
    aid: str, reader: Reader, then: AsOf | None = None, secret: SecretSource | None = None
) -> Steps[Row]:
    """The whole view as `reader` may see it there, in two reads; what it shows of persons is logged by the second,
    which opens them too where the reader may: each is a transaction of its own, or both are in one.

    `then`: address, ancestors, children, names and links as they were on that day, as known at that moment; elements
    show what they say today, so there are no flags, which compare the two.
    """
    everywhere = visible_kinds(reader.at(None)) if reader.areas else ()
    rows = yield address_view_asked(aid, visible_kinds(reader), LIST_LIMIT, then, everywhere)
    row = rows[0] if rows else (yield from _not_then(aid, then))
    for division in (row["division_code"], *(row["lies_in"] or [])):  # what was moved by itself may lie in another
        reader = reader.at(division)
    # Of a past day there is no protected count: days that follow each other would tell who came between.
    noise = None if reader.sees_persons or secret is None or then is not None else noise_of(secret())
    links, timeline = _visible(row["links"], reader), _visible(row["timeline"], reader)
    houses = house_links(row) if ElementKind.HOUSE in reader.listed else []
    elements = yield from shown_elements(reader, [*links, *timeline[:LIST_LIMIT], *houses], aid, secret)
    places = occupied(row, elements)
    return {
        **record(row),
        **since_view(row),
        "lineage": lineage_view(row, LIST_LIMIT),
        "source": row["source"],
        "divisions": row["divisions"] or [],
        "road": row["road"],
        "aliases": row["aliases"] or [],
        "identifiers": row["identifiers"] or [],
        "ancestors": row["ancestors"] or [],
        "children": _capped(_children(row, reader, noise), row["children_total"]),
        "plates": _capped(row["plates"] or [], row["plates_total"] or 0) if row["kind"] == "R" else None,
        "building": building_table(row, places, reader),
        "flags": flags_view(places, reader) if then is None else None,
        "counts": _counts(row, reader, noise),
        "elements": _grouped(links, elements, row, reader),
        "timeline": _timeline(timeline, elements, truncated=len(timeline) > LIST_LIMIT),
        "history": history_view(row, LIST_LIMIT),
    }


def record(row: Row) -> Row:
    """What every answer says of an address: code, state, texts, and the point in WGS-84 (RFC 7946 order)."""
    point = None if row["lon"] is None else {"type": "Point", "coordinates": [row["lon"], row["lat"]]}
    kept = {name: row[name] for name in RECORD if name in row}
    return {"aid": row["aid"], "printed": identity.printed(row["aid"]), **kept, "geometry": point}


def _not_then(aid: str, then: AsOf | None) -> Steps[NoReturn]:
    if then is None or not (yield address_asked(aid)):
        raise never_issued(aid)
    known = min(then.moment, datetime.now(UTC))
    raise NotFoundError(
        f"{identity.printed(aid)} was not in the registry as of {then.day}, as known at {known:%Y-%m-%d %H:%M}.",
        zh=f"按 {known:%Y-%m-%d %H:%M} 时的登记，{then.day} 尚无地址 {identity.printed(aid)}。",
        remedy="Ask for a later day or moment.",
    )


def never_issued(aid: str) -> NotFoundError:
    """The fault for a well-formed code that the registry never issued."""
    return NotFoundError(
        f"no address was ever issued the code {identity.printed(aid)}.",
        zh=f"没有身份编码为 {identity.printed(aid)} 的地址。",
        remedy="Check the code, or search by text: GET /addresses?q=…",
    )


def _capped(items: list[Row], total: int) -> Row:
    return {"total": total, "truncated": total > len(items), "items": items}


def _children(row: Row, reader: Reader, noise: Noise | None) -> list[Row]:
    """Children in brief, each with the number of links at it or below it."""
    counts: dict[str, dict[str, int]] = {}
    for found in row["child_counts"] or []:
        counts.setdefault(found["child_path"], {})[found["element_kind"]] = int(found["links"])
    return [
        {**{name: value for name, value in child.items() if name != "path"},
         "counts": _child_counts(child, counts.get(child["path"], {}), reader, noise)}
        for child in row["children"] or []
    ]  # fmt: skip


def _child_counts(child: Row, found: dict[str, int], reader: Reader, noise: Noise | None) -> dict[str, int | None]:
    """Counts of the five kinds as this reader may see them; persons null where withheld."""
    counts: dict[str, int | None] = {kind.value: found.get(kind.value, 0) for kind in ElementKind}
    if not reader.sees_persons:
        counts["person"] = at_address(noise, child["aid"], child["kind"], found.get("person", 0), is_top=False)
    return counts


def _counts(row: Row, reader: Reader, noise: Noise | None) -> dict[str, Row]:
    """By kind: `total` links, `distinct` elements, links by `roles`; null and `suppressed` where withheld."""
    roles: dict[str, dict[str, int]] = {kind.value: {} for kind in ElementKind}
    for found in row["counts"] or []:
        roles[found["element_kind"]][found["role"]] = int(found["links"])
    distinct = row["elements"] or {}
    counts: dict[str, Row] = {
        kind: {
            "total": sum(parts.values()), "distinct": distinct.get(kind, 0), "roles": parts, "suppressed": False,
        }
        for kind, parts in roles.items()
    }  # fmt: skip
    if not reader.sees_persons:
        total = counts[ElementKind.PERSON]["total"]
        counts[ElementKind.PERSON.value] = {
            "total": at_address(noise, row["aid"], row["kind"], total, is_top=row["parent_aid"] is None),
            "distinct": None, "roles": dict.fromkeys(role.value for role in ROLES), "suppressed": True,
        }  # fmt: skip
    return counts


def _grouped(links: list[Row], elements: dict[str, Row], row: Row, reader: Reader) -> dict[str, dict[str, Row]]:
    """kind → role → {total, truncated, items}; only the kinds this reader may see in single."""
    grouped: dict[str, dict[str, list[Row]]] = {kind: {} for kind in visible_kinds(reader)}
    for link in links:
        entry = link_entry(link, elements)
        grouped[link["element_kind"]].setdefault(link["role"], []).append(entry)
    totals = {(found["element_kind"], found["role"]): int(found["links"]) for found in row["counts"] or []}
    return {
        kind: {role: _capped(items, totals[kind, role]) for role, items in roles.items()}
        for kind, roles in grouped.items()
    }


def _visible(rows: list[Row] | None, reader: Reader) -> list[Row]:
    """Those of the kinds that the reader sees here: the statement asked for those it sees anywhere."""
    listed = reader.listed
    return [row for row in rows or [] if row["element_kind"] in listed]


def _timeline(rows: list[Row], elements: dict[str, Row], *, truncated: bool) -> dict[str, Any]:
    return {
        "truncated": truncated,
        "items": [timeline_entry(row, elements) for row in rows[:LIST_LIMIT]],
    }
