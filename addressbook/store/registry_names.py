"""Other texts that a registry transaction leaves behind, and what became of codes that ended."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from addressbook.registry.records import Changes, Succession
from addressbook.store.engine import driver_of

FORMER = "former"
# One in force stays as it is; one that was withdrawn begins anew.
_ADD_ALIASES = """
    INSERT INTO address_alias AS old (site_id, aid, name, path, road_aid, plate_no, origin, source_id, event_id,
        known_from, valid_from)
    SELECT DISTINCT ON (q.aid, q.name) d.site_id, q.aid, q.name, q.path, q.road_aid, q.plate_no, %(origin)s, %(source)s,
        %(event)s, %(event)s, coalesce(%(day)s::date, CURRENT_DATE)
    FROM unnest(%(aid)s::text[], %(name)s::text[], %(path)s::text[], %(road_aid)s::text[], %(plate_no)s::text[])
        WITH ORDINALITY AS q (aid, name, path, road_aid, plate_no, n)
    JOIN aid_directory d ON d.aid = q.aid
    ORDER BY q.aid, q.name, q.n
    ON CONFLICT (site_id, aid, name) DO UPDATE SET path = excluded.path, road_aid = excluded.road_aid,
        plate_no = excluded.plate_no, origin = excluded.origin, source_id = excluded.source_id,
        event_id = excluded.event_id,
        known_from = excluded.known_from, valid_from = excluded.valid_from, valid_to = NULL
    WHERE old.valid_to IS NOT NULL
"""
# A path means something only within its own site.
_INHERIT = """
    INSERT INTO address_alias (site_id, aid, name, path, road_aid, plate_no, origin, source_id, event_id,
        known_from, valid_from)
    SELECT DISTINCT ON (s.successor_aid, l.name) d.site_id, s.successor_aid, l.name,
        CASE WHEN l.site_id = d.site_id THEN l.path END, l.road_aid, l.plate_no, l.origin, l.source_id, %(event)s,
        %(event)s, coalesce(%(day)s::date, CURRENT_DATE)
    FROM address_succession s
    JOIN aid_directory o ON o.aid = s.aid
    JOIN aid_directory d ON d.aid = s.successor_aid
    JOIN address_alias l ON l.site_id = o.site_id AND l.aid = s.aid AND l.valid_to IS NULL
    WHERE s.event_id = %(event)s AND NOT EXISTS (
        SELECT FROM address taken
        WHERE taken.site_id = l.site_id AND taken.path = l.path AND taken.state IN ('provisional', 'current'))
    ORDER BY s.successor_aid, l.name, l.alias_id
    ON CONFLICT (site_id, aid, name) DO NOTHING
"""


def write_aliases(connection: Connection, changes: Changes, event_id: int, source_id: int) -> None:
    """Add the new aliases, and give the successors those of the codes that ended."""
    driver, when = driver_of(connection), {"event": event_id, "day": changes.effective}
    if changes.aliases:
        columns = {
            name: [getattr(alias, name) for alias in changes.aliases] for name in changes.aliases[0]._fields
        }  # fmt: skip
        driver.execute(_ADD_ALIASES, {**when, "origin": FORMER, "source": source_id, **columns})
    if changes.successions:
        driver.execute(_INHERIT, when)


def end_aliases(connection: Connection, event_id: int, by_event: int) -> None:
    """End the aliases that came with an event which is taken back."""
    driver_of(connection).execute(
        "UPDATE address_alias SET valid_to = CURRENT_DATE, event_id = %s WHERE event_id = %s AND valid_to IS NULL",
        [by_event, event_id],
    )


def write_successions(connection: Connection, successions: Sequence[Succession], event_id: int) -> None:
    """Note what became of codes."""
    if successions:
        aids, successors, relations = zip(*successions, strict=True)
        driver_of(connection).execute(
            "INSERT INTO address_succession (aid, successor_aid, relation, event_id)"
            " SELECT aid, successor, relation, %s FROM unnest(%s::text[], %s::text[], %s::text[])"
            " AS q (aid, successor, relation)",
            [event_id, list(aids), list(successors), list(relations)],
        )


def end_successions(connection: Connection, event_id: int, by_event: int) -> None:
    """Take back what an event said of codes that ended."""
    driver_of(connection).execute(
        "UPDATE address_succession SET until_event = %s WHERE event_id = %s AND until_event IS NULL",
        [by_event, event_id],
    )
