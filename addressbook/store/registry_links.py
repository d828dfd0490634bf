"""Links when addresses change: closed where they were, opened where they go, counted under their division."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import sql
from sqlalchemy import Connection

from addressbook.registry.records import Choice, Question
from addressbook.registry.review import text_key
from addressbook.store.counting import RollupKey
from addressbook.store.engine import driver_of

_CLOSE_ALL = """
    UPDATE link l SET closed_at = (SELECT at FROM registry_event WHERE event_id = %(event)s), closed_event = %(event)s
    FROM unnest(%(from)s::text[]) AS q (aid) JOIN aid_directory d ON d.aid = q.aid
    WHERE l.site_id = d.site_id AND l.aid = q.aid AND l.closed_at IS NULL
    RETURNING l.division_code, l.element_kind, l.role, l.category, l.month, -1
"""
_CLOSE_SOME = """
    UPDATE link l SET closed_at = (SELECT at FROM registry_event WHERE event_id = %(event)s), closed_event = %(event)s
    FROM unnest(%(links)s::bigint[], %(aids)s::text[]) AS q (link_id, aid) JOIN aid_directory d ON d.aid = q.aid
    WHERE l.site_id = d.site_id AND l.link_id = q.link_id AND l.closed_at IS NULL
    RETURNING l.division_code, l.element_kind, l.role, l.category, l.month, -1
"""
# Those that an event opened and that still stand: what they continued stands again, as if it had never been moved.
_TAKE_AWAY = """
    UPDATE link l SET closed_at = (SELECT at FROM registry_event WHERE event_id = %(by)s), closed_event = %(by)s
    WHERE l.opened_event = %(event)s AND l.closed_at IS NULL
    RETURNING l.division_code, l.element_kind, l.role, l.category, l.month, -1
"""
# Each link that goes on, with where to, and what it says of the event that brought it.
_OPEN = sql.SQL("""
    INSERT INTO link (site_id, aid, division_code, element_kind, element_key, role, category, month, source_id, row_key,
        received_text, match_category, match_level, coordinate_level, score, flags, reasons, valid_from, valid_to,
        opened_batch, opened_event, moved_from, opened_at)
    SELECT d.site_id, d.aid, a.division_code, l.element_kind, l.element_key, l.role, l.category, l.month, l.source_id,
        l.row_key, l.received_text, l.match_category, l.match_level, l.coordinate_level, l.score, l.flags, l.reasons,
        l.valid_from, l.valid_to, l.opened_batch, g.opened_event, g.moved_from, e.at
    FROM ({}) g
    JOIN link l ON l.site_id = g.site_id AND l.link_id = g.link_id
    JOIN registry_event e ON e.event_id = g.now
    JOIN aid_directory d ON d.aid = g.goal
    JOIN address a ON a.site_id = d.site_id AND a.aid = d.aid
    RETURNING division_code, element_kind, role, category, month, 1
""")
_MOVE_ON = _OPEN.format(
    sql.SQL("""
    SELECT l.site_id, l.link_id, coalesce(one.goal, whole.goal) AS goal, l.closed_event AS now,
        l.closed_event AS opened_event, l.link_id AS moved_from
    FROM link l
    LEFT JOIN unnest(%(from)s::text[], %(to)s::text[]) AS whole (aid, goal) ON whole.aid = l.aid
    LEFT JOIN unnest(%(links)s::bigint[], %(goals)s::text[]) AS one (link_id, goal) ON one.link_id = l.link_id
    WHERE l.closed_event = %(event)s
""")
)
_GIVE_BACK = _OPEN.format(
    sql.SQL("""
    SELECT o.site_id, o.link_id, o.aid AS goal, l.closed_event AS now, o.opened_event, o.moved_from
    FROM link l JOIN link o ON o.closed_event = %(event)s AND o.link_id = l.moved_from
    WHERE l.closed_event = %(by)s AND l.opened_event = %(event)s
""")
)
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
        anchor_aid, unresolved_tail, candidates, reasons, state, batch_id, event_id, role, score, context)
    SELECT DISTINCT ON (l.row_key, l.role) l.row_key, l.source_id, l.element_kind, 'C', 'address_split',
        l.received_text, l.division_code, l.aid, '', (
            SELECT jsonb_agg(jsonb_build_object('aid', a.aid, 'text', a.standard_text, 'score', 0.5,
                'reasons', '[]'::jsonb) ORDER BY a.aid)
            FROM aid_directory d JOIN address a ON a.site_id = d.site_id AND a.aid = d.aid
            WHERE d.aid = ANY(string_to_array(q.candidates, ','))
        ), '[]', 'open', l.opened_batch, %(event)s, l.role, l.score, 'event ' || %(event)s || ' ' || l.aid
    FROM unnest(%(links)s::bigint[], %(aids)s::text[], %(candidates)s::text[]) AS q (link_id, aid, candidates)
    JOIN aid_directory old ON old.aid = q.aid
    JOIN link l ON l.site_id = old.site_id AND l.link_id = q.link_id AND l.closed_at IS NULL
    ORDER BY l.row_key, l.role, l.link_id
    RETURNING review_id, received_text
"""


def move_links(
    connection: Connection, moved: Mapping[str, str], chosen: Sequence[Choice], event_id: int
) -> Counter[RollupKey]:
    """Move all open links of some addresses, and single links, to others; returns what it does to the counts.

    A link that moves is closed and continued by a new one, so that it is known what was recorded when.
    """
    if not moved and not chosen:
        return Counter()
    driver = driver_of(connection)
    values = {
        "event": event_id, "from": list(moved), "to": list(moved.values()),
        "links": [choice.link_id for choice in chosen], "aids": [choice.aid for choice in chosen],
        "goals": [choice.goal for choice in chosen],
    }  # fmt: skip
    return _deltas([row for asked in (_CLOSE_ALL, _CLOSE_SOME, _MOVE_ON) for row in driver.execute(asked, values)])


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
        aids = [question.aid for question in questions]
        asked = {"links": links, "aids": aids, "candidates": candidates, "event": event_id}
        found = driver_of(connection).execute(_ASK, asked).fetchall()
        # SQL has no normaliser, and twins are known by their normal text.
        keys = [text_key(words) for _, words in found]
        driver_of(connection).execute(
            "UPDATE review_item i SET text_key = q.key FROM unnest(%s::bigint[], %s::uuid[]) AS q (id, key)"
            " WHERE i.review_id = q.id", [[row[0] for row in found], keys],
        )  # fmt: skip


def withdraw_questions(connection: Connection, event_id: int) -> None:
    """Take back what an event asked and nobody has answered yet."""
    driver_of(connection).execute(
        "UPDATE review_item SET state = 'withdrawn', settled_at = statement_timestamp()"
        " WHERE event_id = %s AND state = 'open'",
        [event_id],
    )
