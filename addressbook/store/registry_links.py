"""Links when addresses change: closed where they were, opened where they go, counted under their division."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from addressbook.registry.records import Question
from addressbook.store.engine import driver_of
from addressbook.store.loading import RollupKey

_CLOSE_ALL = """
    UPDATE link l SET closed_at = (SELECT at FROM registry_event WHERE event_id = %(event)s), closed_event = %(event)s
    FROM unnest(%(from)s::text[]) AS q (aid) JOIN aid_directory d ON d.aid = q.aid
    WHERE l.site_id = d.site_id AND l.aid = q.aid AND l.closed_at IS NULL
    RETURNING l.division_code, l.element_kind, l.role, l.category, l.month, -1
"""
_CLOSE_SOME = """
    UPDATE link l SET closed_at = (SELECT at FROM registry_event WHERE event_id = %(event)s), closed_event = %(event)s
    WHERE l.link_id = ANY(%(links)s) AND l.closed_at IS NULL
    RETURNING l.division_code, l.element_kind, l.role, l.category, l.month, -1
"""
_OPEN = """
    INSERT INTO link (site_id, aid, division_code, element_kind, element_key, role, category, month, source_id, row_key,
        received_text, match_category, match_level, coordinate_level, score, flags, reasons, valid_from, valid_to,
        opened_batch, opened_event, moved_from, opened_at)
    SELECT d.site_id, d.aid, a.division_code, l.element_kind, l.element_key, l.role, l.category, l.month, l.source_id,
        l.row_key, l.received_text, l.match_category, l.match_level, l.coordinate_level, l.score, l.flags, l.reasons,
        l.valid_from, l.valid_to, l.opened_batch, %(event)s, l.link_id,
        (SELECT at FROM registry_event WHERE event_id = %(event)s)
    FROM link l
    LEFT JOIN unnest(%(from)s::text[], %(to)s::text[]) AS whole (old, new) ON whole.old = l.aid
    LEFT JOIN unnest(%(links)s::bigint[], %(goals)s::text[]) AS one (link_id, new) ON one.link_id = l.link_id
    JOIN aid_directory d ON d.aid = coalesce(one.new, whole.new)
    JOIN address a ON a.site_id = d.site_id AND a.aid = d.aid
    WHERE l.closed_event = %(event)s
    RETURNING division_code, element_kind, role, category, month, 1
"""
# Those that an event opened and that still stand: what they continued stands again, as if it had never been moved.
_TAKE_AWAY = """
    UPDATE link l SET closed_at = (SELECT at FROM registry_event WHERE event_id = %(by)s), closed_event = %(by)s
    WHERE l.opened_event = %(event)s AND l.closed_at IS NULL
    RETURNING l.division_code, l.element_kind, l.role, l.category, l.month, -1
"""
_GIVE_BACK = """
    INSERT INTO link (site_id, aid, division_code, element_kind, element_key, role, category, month, source_id, row_key,
        received_text, match_category, match_level, coordinate_level, score, flags, reasons, valid_from, valid_to,
        opened_batch, opened_event, moved_from, opened_at)
    SELECT d.site_id, d.aid, a.division_code, o.element_kind, o.element_key, o.role, o.category, o.month, o.source_id,
        o.row_key, o.received_text, o.match_category, o.match_level, o.coordinate_level, o.score, o.flags, o.reasons,
        o.valid_from, o.valid_to, o.opened_batch, o.opened_event, o.moved_from,
        (SELECT at FROM registry_event WHERE event_id = %(by)s)
    FROM link l
    JOIN link o ON o.closed_event = %(event)s AND o.link_id = l.moved_from
    JOIN aid_directory d ON d.aid = o.aid
    JOIN address a ON a.site_id = d.site_id AND a.aid = d.aid
    WHERE l.closed_event = %(by)s AND l.opened_event = %(event)s
    RETURNING division_code, element_kind, role, category, month, 1
"""
_REZONE = """
    WITH old AS MATERIALIZED (
        SELECT l.site_id, l.link_id, l.division_code, q.code, l.element_kind, l.role, l.category, l.month
        FROM unnest(%(aid)s::text[], %(code)s::text[]) AS q (aid, code)
        JOIN aid_directory d ON d.aid = q.aid
        JOIN link l ON l.site_id = d.site_id AND l.aid = q.aid
        WHERE l.closed_at IS NULL AND l.division_code <> q.code
    ), done AS (
        UPDATE link l SET division_code = old.code FROM old WHERE l.site_id = old.site_id AND l.link_id = old.link_id
    )
    SELECT division_code, element_kind, role, category, month, -count(*) FROM old GROUP BY 1, 2, 3, 4, 5
    UNION ALL
    SELECT code, element_kind, role, category, month, count(*) FROM old GROUP BY 1, 2, 3, 4, 5
"""
_ASK = """
    INSERT INTO review_item (row_key, source_id, element_kind, category, reason_code, received_text, division_code,
        anchor_aid, unresolved_tail, candidates, reasons, state, batch_id, event_id)
    SELECT DISTINCT ON (l.row_key) l.row_key, l.source_id, l.element_kind, 'C', 'address_split', l.received_text,
        l.division_code, l.aid, '', (
            SELECT jsonb_agg(jsonb_build_object('aid', a.aid, 'text', a.standard_text, 'score', 0.5,
                'reasons', '[]'::jsonb) ORDER BY a.aid)
            FROM aid_directory d JOIN address a ON a.site_id = d.site_id AND a.aid = d.aid
            WHERE d.aid = ANY(string_to_array(q.candidates, ','))
        ), '[]', 'open', l.opened_batch, %(event)s
    FROM unnest(%(links)s::bigint[], %(candidates)s::text[]) AS q (link_id, candidates)
    JOIN link l ON l.link_id = q.link_id AND l.closed_at IS NULL
    ORDER BY l.row_key, l.link_id
    ON CONFLICT (row_key) WHERE state = 'open' DO NOTHING
"""


def move_links(
    connection: Connection, moved: Mapping[str, str], chosen: Mapping[int, str], event_id: int
) -> Counter[RollupKey]:
    """Move all open links of some addresses, and single links, to others; returns what it does to the counts.

    A link that moves is closed and continued by a new one, so that it is known what was recorded when.
    """
    if not moved and not chosen:
        return Counter()
    driver = driver_of(connection)
    values = {
        "event": event_id, "from": list(moved), "to": list(moved.values()),
        "links": list(chosen), "goals": list(chosen.values()),
    }  # fmt: skip
    return _deltas([row for asked in (_CLOSE_ALL, _CLOSE_SOME, _OPEN) for row in driver.execute(asked, values)])


def return_links(connection: Connection, event_id: int, by_event: int) -> Counter[RollupKey]:
    """Let the links that an event moved stand where they stood; returns what it does to the counts."""
    driver, values = driver_of(connection), {"event": event_id, "by": by_event}
    return _deltas([row for asked in (_TAKE_AWAY, _GIVE_BACK) for row in driver.execute(asked, values)])


def rezone_links(connection: Connection, codes: Mapping[str, str]) -> Counter[RollupKey]:
    """Count the open links of addresses under the division these lie in now; returns what it does to the counts."""
    if not codes:
        return Counter()
    values = {"aid": list(codes), "code": list(codes.values())}
    return _deltas(driver_of(connection).execute(_REZONE, values).fetchall())


def _deltas(rows: Sequence[tuple[Any, ...]]) -> Counter[RollupKey]:
    deltas: Counter[RollupKey] = Counter()
    for code, kind, role, category, month, number in rows:
        deltas[RollupKey(code, kind, role, category, month, 1)] += int(number)
    return deltas


def ask(connection: Connection, questions: Sequence[Question], event_id: int) -> None:
    """Put links that nobody but a person can move on the review desk; they stay where they were recorded."""
    if questions:
        links = [question.link_id for question in questions]
        candidates = [",".join(question.candidates) for question in questions]
        driver_of(connection).execute(_ASK, {"links": links, "candidates": candidates, "event": event_id})


def withdraw_questions(connection: Connection, event_id: int) -> None:
    """Take back what an event asked and nobody has answered yet."""
    driver_of(connection).execute(
        "UPDATE review_item SET state = 'withdrawn', settled_at = statement_timestamp()"
        " WHERE event_id = %s AND state = 'open'",
        [event_id],
    )
