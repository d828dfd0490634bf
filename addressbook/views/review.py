"""The review desk as clerks see it: the text received, how it is read, the candidates and what tells them apart.

Of the element whose link waits only its kind is shown; whose text it is stays out, and a person's text is logged. That
of a person who is restricted or erased is withheld, with all that it led to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Connection

from addressbook.identity import printed
from addressbook.parse import Parser
from addressbook.privacy.log import TEXT_FIELDS, log_read
from addressbook.privacy.policy import Reader
from addressbook.registry.review import told_apart
from addressbook.store.reading import Row
from addressbook.store.review_deciding import suggested
from addressbook.store.review_items import (
    Filters,
    read_candidates,
    read_counts,
    read_disagreements,
    read_item,
    read_queue,
    read_statistics,
)
from addressbook.views.links import persons_among, reason_from
from addressbook.views.resolution import reason_entry

SUBJECT = "review"
DISAGREEMENTS_SHOWN = 50
_BRIEF = ("review_id", "received_text", "withheld", "division_code", "element_kind", "role", "category",
          "reason_code", "source", "candidates", "twins", "created_at", "put_off_until", "claimed_by")  # fmt: skip
_WHOLE = ("review_id", "state", "received_text", "withheld", "division_code", "element_kind", "role", "category",
          "reason_code", "source", "anchor_aid", "unresolved_tail", "twins", "created_at", "put_off_until",
          "claimed_by", "claimed_until", "settled_at", "event_id")  # fmt: skip
_DECISION = ("decision_id", "verdict", "rank", "actor", "reason", "decided_at", "alias_aid", "alias_name")
_NUMBERS = ("decisions", "items", "with_candidates", "first_candidate", "other_candidate", "another_address", "none",
            "registered", "not_an_address", "later", "undone")  # fmt: skip
_GROUPS = ("category", "reason", "source", "actor")


def queue_page(connection: Connection, reader: Reader, filters: Filters, *, after: int, limit: int) -> Row:
    """A page of open items by number, and how many there are; `next_after` is None on the last page."""
    rows = read_queue(connection, filters, after=after, limit=limit + 1)
    page = rows[:limit]
    log_read(connection, reader, SUBJECT, persons_among(page), fields=TEXT_FIELDS)
    return {
        "counts": queue_counts(connection, filters),
        "items": [{name: row[name] for name in _BRIEF} for row in page],
        "next_after": page[-1]["review_id"] if len(rows) > limit else None,
    }


def queue_counts(connection: Connection, filters: Filters) -> Row:
    """How many open items there are: in all, claimed, put off, and by each of area, reason, source and kind."""
    rows = read_counts(connection, filters)
    by: dict[str, Counter[str]] = {name: Counter() for name in ("area", "reason", "source", "kind")}
    for row in rows:
        for name, counter in by.items():
            counter[row[name]] += row["items"]
    totals = {name: sum(row[name] for row in rows) for name in ("items", "claimed", "put_off")}
    return {**totals, **{f"by_{name}": dict(counter.most_common()) for name, counter in by.items()}}


def whole_items(connection: Connection, reader: Reader, review_ids: Sequence[int], parser: Parser) -> list[Row]:
    """Items whole, in that order. Raises NotFoundError."""
    rows = [read_item(connection, review_id) for review_id in review_ids]
    log_read(connection, reader, SUBJECT, persons_among(rows), fields=TEXT_FIELDS)
    return [_item(connection, row, parser) for row in rows]


def open_items(connection: Connection, reader: Reader, filters: Filters, *, limit: int, parser: Parser) -> list[Row]:
    """The first open items by number, whole: what a sheet has."""
    page = queue_page(connection, reader, filters, after=0, limit=limit)
    return whole_items(connection, reader, [item["review_id"] for item in page["items"]], parser)


def statistics(connection: Connection, reader: Reader, filters: Filters) -> Row:
    """How far clerks agreed with the matcher and with one another, in all and by category, reason, source and clerk."""
    rows = read_statistics(connection, filters)
    by = {f"by_{name}": _summed(rows, name) for name in _GROUPS}
    differing = read_disagreements(connection, DISAGREEMENTS_SHOWN)
    persons = [key for row in differing for key in row.pop("persons") or []]
    log_read(connection, reader, SUBJECT, persons, fields=TEXT_FIELDS)
    return {"total": _shares(_sums(rows)), **by, "decided_differently": differing}


def _summed(rows: Sequence[Row], name: str) -> Row:
    values = sorted({row[name] for row in rows})
    return {value: _shares(_sums([row for row in rows if row[name] == value])) for value in values}


def _sums(rows: Sequence[Row]) -> Row:
    return {name: sum(row[name] for row in rows) for name in _NUMBERS}


def _shares(sums: Row) -> Row:
    """The same with the share of first candidates, of those decisions that had any, and of those undone."""
    return {
        **sums,
        "first_share": _share(sums["first_candidate"], sums["with_candidates"]),
        "undone_share": _share(sums["undone"], sums["decisions"]),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _item(connection: Connection, row: Row, parser: Parser) -> Row:
    context = row["context"] if row["context"].isdigit() else None
    parsed = parser.parse(row["received_text"], division=context)
    request = None
    if not row["withheld"]:
        request = suggested(connection, row["received_text"], row["context"], row["anchor_aid"], parser)
    return {
        **{name: row[name] for name in _WHOLE},
        "elements": [[found.text, found.name, found.start, found.end] for found in parsed.elements],
        "reasons": [reason_entry(reason_from(reason)) for reason in row["reasons"]],
        "candidates": _candidates(connection, row["candidates"]),
        "suggestion": request and {"kind": request.kind, "name": request.name, "parent_aid": request.parent_aid},
        "decision": _decision(row),
    }


def _candidates(connection: Connection, listed: Sequence[Row]) -> list[Row]:
    """The candidates with what they are today, where they are, and what each has that the others have not."""
    today = read_candidates(connection, [candidate["aid"] for candidate in listed])
    apart = told_apart([today[candidate["aid"]]["standard_text"] for candidate in listed])
    return [
        {
            "rank": rank,
            "aid": candidate["aid"],
            "printed": printed(candidate["aid"]),
            "told_apart_by": different,
            "score": candidate["score"],
            "reasons": [reason_entry(reason_from(reason)) for reason in candidate["reasons"]],
            **{name: today[candidate["aid"]][name] for name in ("standard_text", "kind", "state", "lon", "lat",
                                                                "coordinate_level")},
        }
        for rank, (candidate, different) in enumerate(zip(listed, apart, strict=True), 1)
    ]  # fmt: skip


def _decision(row: Row) -> Row | None:
    if row["decision_id"] is None:
        return None
    more = {"aid": row["decided_aid"], "event_id": row["decided_event"], "items": row["decided_items"]}
    return {**{name: row[name] for name in _DECISION}, **more}
