"""The review desk's items: the queue by area and reason, one item whole, and whose it is while he works on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from addressbook.divisions.codes import significant
from addressbook.errors import NotFoundError
from addressbook.store.engine import driver_of, write_through
from addressbook.store.gazetteer import need_division
from addressbook.store.reading import Row, read, read_one

CLAIM_LOCK = 7_301_003
# What a load is just withdrawing is passed over: waiting for it, with others in hand, could be for ever.
_RELEASE = """
    WITH held AS (
        SELECT review_id FROM review_item
        WHERE state = 'open' AND claimed_by <> '' AND claimed_by = %s FOR UPDATE SKIP LOCKED)
    UPDATE review_item i SET claimed_by = '', claimed_until = NULL FROM held WHERE i.review_id = held.review_id
"""


class Filters(NamedTuple):
    """Which items: of a division and all below it, for a reason, of a source, of an element kind; None is any."""

    area: str | None = None
    reason: str | None = None
    source: str | None = None
    kind: str | None = None

    def values(self, connection: Connection) -> dict[str, str | None]:
        """As the statements take them. Raises CodeError or NotFoundError for what is no division."""
        area = significant(need_division(connection, self.area)) if self.area else None
        return {**self._asdict(), "area": area}


def read_queue(connection: Connection, filters: Filters, *, after: int, limit: int) -> list[Row]:
    """A page of open items by number, each with its source, and with how many twins it has."""
    return read(connection, "review_queue", **filters.values(connection), after=after, limit=limit)


def read_counts(connection: Connection, filters: Filters) -> list[Row]:
    """How many open items there are, by the town they lie in, reason, source and kind."""
    return read(connection, "review_counts", **filters.values(connection))


def read_item(connection: Connection, review_id: int) -> Row:
    """One item whole, with the decision that settled it. Raises NotFoundError."""
    found = read_one(connection, "review_item", review=review_id)
    if found is None:
        raise NotFoundError(f"there is no review item {review_id}.", zh=f"没有审核项 {review_id}。")
    return found


def read_candidates(connection: Connection, aids: Sequence[str]) -> dict[str, Row]:
    """What addresses are today, by code: each with its own point, or that of the nearest address it lies in."""
    return {row["aid"]: row for row in read(connection, "review_candidates", aids=list(aids))}


def read_statistics(connection: Connection, filters: Filters) -> list[Row]:
    """Decisions counted by match category, reason, source and clerk; see store/sql/review_statistics.sql."""
    return read(connection, "review_statistics", **filters.values(connection))


def read_disagreements(connection: Connection, limit: int) -> list[Row]:
    """Texts that clerks have decided differently, newest first, each with the decisions."""
    return read(connection, "review_disagreements", limit=limit)


def claim(connection: Connection, actor: str, filters: Filters, *, limit: int, minutes: int) -> list[int]:
    """Items that are this clerk's alone for so many minutes: those he has already, then the next of the queue.

    Nobody is given what another clerk has, nor a twin of it. Clerks wait for one another, for a moment.
    """
    write_through(connection)
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": CLAIM_LOCK})
    values: dict[str, Any] = {**filters.values(connection), "actor": actor, "limit": limit, "minutes": minutes}
    return [row["review_id"] for row in read(connection, "review_claim", **values)]


def release(connection: Connection, actor: str) -> int:
    """Give back what a clerk has and has not decided; returns how many items."""
    return driver_of(connection).execute(_RELEASE, [actor]).rowcount


def newest_decision(connection: Connection) -> int:
    """The number of the newest decision; 0 where there is none."""
    return int(connection.execute(text("SELECT coalesce(max(decision_id), 0) FROM review_decision")).scalar_one())


def was_undone_since(connection: Connection, review_id: int, decision_id: int) -> bool:
    """Whether a decision on the item or a twin of it, made after that one, was undone."""
    found = read_one(connection, "review_undone_since", review=review_id, since=decision_id)
    return bool(found and found["undone"])
