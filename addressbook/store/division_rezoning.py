"""Addresses and links when divisions change: another code, the text that follows, and where they are counted.

Set by set: an address is a row of arrays here, never an object with a plan of its own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection

from addressbook.divisions import Gazetteer
from addressbook.registry.tree import division_text
from addressbook.store.counting import RollupKey
from addressbook.store.engine import driver_of
from addressbook.store.registry_links import rezone_links
from addressbook.store.registry_writing import UNDATED, keep_versions
from addressbook.store.statements import statement

CHUNK = 20_000
_AFFECTED = """
    SELECT a.site_id, a.aid, a.kind, a.division_code, a.path = '' FROM address a
    WHERE a.division_code = ANY(%s::text[]) AND a.state IN ('provisional', 'current')
"""
_CLOSE = """
    UPDATE link l SET closed_at = (SELECT at FROM registry_event WHERE event_id = %(event)s), closed_event = %(event)s
    WHERE l.site_id = ANY(%(sites)s::bigint[]) AND l.aid IS NULL AND l.closed_at IS NULL
    RETURNING l.division_code, l.element_kind, l.role, l.category, l.month, -1
"""
_ROWS = """
    UPDATE source_row r SET site_id = q.site_id, division_code = q.code
    FROM unnest(%(keys)s::uuid[], %(sites)s::bigint[], %(codes)s::text[]) AS q (row_key, site_id, code)
    WHERE r.row_key = q.row_key AND r.aid IS NULL
"""


_KEEP_REVIEWS = """
    INSERT INTO review_division (review_id, event_id, division_code, context)
    SELECT review_id, %(event)s, division_code, context FROM review_item
    WHERE state <> 'withdrawn' AND division_code = ANY(%(touched)s::text[])
"""
_MOVE_REVIEWS = """
    UPDATE review_item i SET division_code = q.new, context = CASE WHEN i.context = q.old THEN q.new ELSE i.context END
    FROM unnest(%(olds)s::text[], %(news)s::text[]) AS q (old, new), review_division k
    WHERE k.event_id = %(event)s AND k.division_code = q.old AND i.review_id = k.review_id
"""
# Addresses are looked up by their key first: statistics know nothing of so new an event, and by its index all addresses
# that it changed would be gone through for each item.
_MOVE_ANCHORED = """
    WITH anchored AS MATERIALIZED (
        SELECT k.review_id, i.anchor_aid FROM review_division k JOIN review_item i ON i.review_id = k.review_id
        WHERE k.event_id = %(event)s AND i.anchor_aid IS NOT NULL
    ), standing AS MATERIALIZED (
        SELECT q.review_id, a.division_code, a.event_id FROM anchored q
        JOIN aid_directory d ON d.aid = q.anchor_aid
        JOIN address a ON a.site_id = d.site_id AND a.aid = d.aid
    )
    UPDATE review_item i SET division_code = s.division_code FROM standing s
    WHERE s.review_id = i.review_id AND s.event_id = %(event)s
"""
_RETURN_REVIEWS = """
    UPDATE review_item i SET division_code = k.division_code, context = k.context FROM review_division k
    WHERE k.event_id = %s AND i.review_id = k.review_id
"""


class _Affected(NamedTuple):
    site_id: int
    aid: str
    kind: str
    code: str
    is_top: bool


@dataclass(frozen=True, slots=True)
class Rezoning:
    """Old code → new code, with the exceptions by address that a split makes; from `day` on."""

    codes: Mapping[str, str]
    exceptions: Mapping[str, str]
    before: Gazetteer
    after: Gazetteer
    event_id: int
    day: date

    def goal(self, aid: str, code: str) -> str:
        """The division in which an address lies now."""
        return self.exceptions.get(aid) or self.codes[code]


def rezone_addresses(connection: Connection, rezoning: Rezoning) -> tuple[Counter[RollupKey], list[str]]:
    """Give every affected address its division and text, keep what it was; returns what that does to the counts."""
    rows = [_Affected(*row) for row in driver_of(connection).execute(_AFFECTED, [list(rezoning.codes)])]
    texts = _Texts(rezoning)
    tops = {row.site_id: texts.number(row.code, rezoning.goal(row.aid, row.code)) for row in rows if row.is_top}
    deltas: Counter[RollupKey] = Counter()
    changed: list[str] = []
    steps = _changing(rows, rezoning, texts, tops)
    while chunk := list(islice(steps, CHUNK)):
        _store(connection, chunk, rezoning, texts)
        changed += [row.aid for row, _, _, _ in chunk]
        deltas.update(_counted(chunk))
        moved = {row.aid: goal for row, goal, _, _ in chunk if goal != row.code}
        deltas.update(rezone_links(connection, moved))
    return deltas, changed


_Step = tuple[_Affected, str, int, int]
"""An address, its new division, and the numbers of the texts to replace: its own division's, and its site's."""


def _changing(
    rows: Sequence[_Affected], rezoning: Rezoning, texts: _Texts, tops: Mapping[int, int]
) -> Iterator[_Step]:  # fmt: skip
    for row in rows:
        goal = rezoning.goal(row.aid, row.code)
        own, top = texts.number(row.code, goal), tops.get(row.site_id, 0)
        if goal != row.code or texts.differs(own) or texts.differs(top):
            yield row, goal, own, top


def _counted(chunk: Sequence[_Step]) -> Counter[RollupKey]:
    deltas: Counter[RollupKey] = Counter()
    for row, goal, _, _ in chunk:
        deltas[RollupKey(row.code, "address", "", row.kind, UNDATED, 1)] -= 1
        deltas[RollupKey(goal, "address", "", row.kind, UNDATED, 1)] += 1
    return deltas


def _store(connection: Connection, chunk: Sequence[_Step], rezoning: Rezoning, texts: _Texts) -> None:
    keep_versions(connection, [row.aid for row, _, _, _ in chunk], rezoning.event_id, rezoning.day)
    values: dict[str, Any] = {
        "sites": [row.site_id for row, _, _, _ in chunk], "aids": [row.aid for row, _, _, _ in chunk],
        "codes": [goal for _, goal, _, _ in chunk], "own": [own for _, _, own, _ in chunk],
        "top": [top for _, _, _, top in chunk], "befores": texts.befores, "afters": texts.afters,
        "event": rezoning.event_id, "day": rezoning.day,
    }  # fmt: skip
    driver_of(connection).execute(statement("division_rezone"), values)


class _Texts:
    """The names of divisions before and after, numbered from 1 as arrays of the database are; 0 for none."""

    def __init__(self, rezoning: Rezoning) -> None:
        self._rezoning = rezoning
        self._numbers: dict[tuple[str, str], int] = {}
        self.befores: list[str] = []
        self.afters: list[str] = []

    def number(self, old: str, new: str) -> int:
        """The number of what a text began with in the old division, and begins with in the new one."""
        if (old, new) not in self._numbers:
            self.befores.append(division_text(self._rezoning.before, old))
            self.afters.append(division_text(self._rezoning.after, new))
            self._numbers[old, new] = len(self.befores)
        return self._numbers[old, new]

    def differs(self, number: int) -> bool:
        """Whether the text changes at all."""
        return number > 0 and self.befores[number - 1] != self.afters[number - 1]


def rezone_division_links(connection: Connection, codes: Mapping[str, str], event_id: int) -> Counter[RollupKey]:
    """Links that reach only a division go on at its successor: closed where they were, opened where they go."""
    pairs = {old: new for old, new in codes.items() if old != new}
    values = {"event": event_id, "sites": [-int(old) for old in pairs]}
    driver = driver_of(connection)
    rows = [*driver.execute(_CLOSE, values)]
    goals = {"olds": list(pairs), "news": list(pairs.values())}
    opened = [*driver.execute(statement("division_links"), {**values, **goals})]
    keep_rows(connection, opened)
    return division_deltas([*rows, *(row[:6] for row in opened)])


def keep_rows(connection: Connection, opened: Sequence[Sequence[Any]]) -> None:
    """A row as received says where its link is now."""
    keys = [row[6] for row in opened]
    values = {"keys": keys, "sites": [row[7] for row in opened], "codes": [row[0] for row in opened]}
    driver_of(connection).execute(_ROWS, values)


def rezone_reviews(connection: Connection, codes: Mapping[str, str], event_id: int) -> None:
    """Items of the desk, decided ones too, are where their text, or the address that is certain of it, lies now."""
    pairs = {old: new for old, new in codes.items() if old != new}
    values = {"event": event_id, "olds": list(pairs), "news": list(pairs.values()), "touched": list(codes)}
    for asked in (_KEEP_REVIEWS, _MOVE_REVIEWS, _MOVE_ANCHORED):
        driver_of(connection).execute(asked, values)


def return_reviews(connection: Connection, event_id: int) -> None:
    """Items are again where they were before that event."""
    driver_of(connection).execute(_RETURN_REVIEWS, [event_id])


def division_deltas(rows: Sequence[Sequence[Any]]) -> Counter[RollupKey]:
    """What links that reach only a division do to the counts: each row a division's and a number."""
    deltas: Counter[RollupKey] = Counter()
    for code, kind, role, category, month, number in rows:
        deltas[RollupKey(code, kind, role, category, month, 0)] += int(number)
    return deltas
