"""Other texts that a registry transaction leaves behind, and what became of codes that ended."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from addressbook.registry.records import Changes, Succession
from addressbook.store.engine import driver_of

FORMER = "former"
# One in force stays as it is; one that ended begins anew, beside what it was. A number that it had in another site too
# is told from that one by the name of the site's top.
_ADD_ALIASES = """
    INSERT INTO address_alias (site_id, aid, name, path, path_site_id, road_aid, plate_no, origin, source_id, event_id,
        known_from, valid_from)
    SELECT DISTINCT ON (q.aid, q.name) d.site_id, q.aid, concat(top.name, q.name), q.path, q.path_site_id, q.road_aid,
        q.plate_no, %(origin)s, %(source)s, %(event)s, %(event)s, coalesce(%(day)s::date, CURRENT_DATE)
    FROM unnest(%(aid)s::text[], %(name)s::text[], %(path)s::text[], %(path_site_id)s::bigint[], %(road_aid)s::text[],
        %(plate_no)s::text[]) WITH ORDINALITY AS q (aid, name, path, path_site_id, road_aid, plate_no, n)
    JOIN aid_directory d ON d.aid = q.aid
    LEFT JOIN address_alias k ON k.site_id = d.site_id AND k.aid = q.aid AND k.name = q.name AND k.valid_to IS NULL
        AND k.path_site_id <> q.path_site_id
    LEFT JOIN address top ON k.aid IS NOT NULL AND top.site_id = q.path_site_id AND top.path = ''
        AND top.state IN ('provisional', 'current')
    ORDER BY q.aid, q.name, q.n
    ON CONFLICT (site_id, aid, name) WHERE valid_to IS NULL DO NOTHING
"""
# A path leads on in the site it is of.
_INHERIT = """
    INSERT INTO address_alias (site_id, aid, name, path, path_site_id, road_aid, plate_no, origin, source_id, event_id,
        known_from, valid_from)
    SELECT DISTINCT ON (s.successor_aid, l.name) d.site_id, s.successor_aid, l.name, l.path, l.path_site_id,
        l.road_aid, l.plate_no, l.origin, l.source_id, %(event)s, %(event)s, coalesce(%(day)s::date, CURRENT_DATE)
    FROM address_succession s
    JOIN aid_directory o ON o.aid = s.aid
    JOIN aid_directory d ON d.aid = s.successor_aid
    JOIN address_alias l ON l.site_id = o.site_id AND l.aid = s.aid AND l.valid_to IS NULL
    WHERE s.event_id = %(event)s AND NOT EXISTS (
        SELECT FROM address taken
        WHERE taken.site_id = l.path_site_id AND taken.path = l.path AND taken.state IN ('provisional', 'current'))
    ORDER BY s.successor_aid, l.name, l.alias_id
    ON CONFLICT (site_id, aid, name) WHERE valid_to IS NULL DO NOTHING
"""
# Whoever asks by the name or the plate of a top that ended is led to its successor: what was found by a path in the old
# site is found by it there too, unless another address has that path. Below a plate means below its compound.
_FOLLOW = """
    INSERT INTO address_alias (site_id, aid, name, path, path_site_id, origin, source_id, event_id, known_from,
        valid_from)
    SELECT DISTINCT ON (l.aid, o.name || l.name) l.site_id, l.aid, o.name || l.name, q.path, n.site_id, l.origin,
        l.source_id, %(event)s, %(event)s, coalesce(%(day)s::date, CURRENT_DATE)
    FROM address_succession s
    JOIN aid_directory od ON od.aid = s.aid
    JOIN address o ON o.site_id = od.site_id AND o.aid = s.aid AND o.path = '' AND o.kind <> 'R'
    JOIN aid_directory nd ON nd.aid = s.successor_aid AND nd.site_id <> od.site_id
    JOIN address n ON n.site_id = nd.site_id AND n.aid = s.successor_aid
    JOIN address_alias l ON l.path_site_id = o.site_id AND l.site_id = n.site_id AND l.valid_to IS NULL
    JOIN address a ON a.site_id = l.site_id AND a.aid = l.aid AND a.state IN ('provisional', 'current')
    CROSS JOIN LATERAL (SELECT CASE WHEN n.kind = 'D' THEN substring(n.path FROM '^(.*)/[^/]*$')
        ELSE nullif(n.path, '') END AS path) home
    CROSS JOIN LATERAL (SELECT concat_ws('/', home.path, l.path) COLLATE "C" AS path) q
    WHERE s.event_id = %(event)s AND NOT EXISTS (
        SELECT FROM address taken
        WHERE taken.site_id = n.site_id AND taken.path = q.path AND taken.state IN ('provisional', 'current'))
    ORDER BY l.aid, o.name || l.name, l.alias_id
    ON CONFLICT (site_id, aid, name) WHERE valid_to IS NULL DO NOTHING
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
        driver.execute(_FOLLOW, when)


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
