-- What became of a code: the address as it is, its successors to the end of every chain, and each event about it.
WITH RECURSIVE target AS (
    SELECT a.* FROM address a WHERE a.site_id = (SELECT site_id FROM aid_directory WHERE aid = %(aid)s) AND a.aid = %(aid)s
),
-- UNION keeps what was met already from being followed again, whatever the successions say; an event is never followed
-- by an earlier one, so that events are in the order of the steps.
link AS (
    SELECT s.aid, s.successor_aid, s.relation, s.event_id FROM address_succession s
    WHERE s.aid = %(aid)s AND s.until_event IS NULL
    UNION
    SELECT s.aid, s.successor_aid, s.relation, s.event_id FROM link l
    JOIN address_succession s ON s.aid = l.successor_aid AND s.until_event IS NULL
),
chain AS MATERIALIZED (SELECT * FROM link LIMIT %(most)s),
said AS (
    SELECT t.event_id FROM target t
    UNION
    SELECT v.event_id FROM address_version v JOIN target t ON v.site_id = t.site_id AND v.aid = t.aid
    UNION
    SELECT v.until_event FROM address_version v JOIN target t ON v.site_id = t.site_id AND v.aid = t.aid
)
SELECT t.aid, t.site_id, t.kind, t.state, t.name, t.standard_text, t.path, t.plate_no, t.parent_aid, t.road_aid,
    t.division_code, t.coordinate_level, t.valid_from, t.valid_to, t.created_at,
    round(ST_X(t.geom)::numeric, 7)::float8 AS lon, round(ST_Y(t.geom)::numeric, 7)::float8 AS lat,
    (SELECT json_agg(json_build_object('aid', c.successor_aid, 'of', c.aid, 'relation', c.relation, 'state', a.state,
        'standard_text', a.standard_text, 'event_id', c.event_id) ORDER BY c.event_id, c.successor_aid)
        FROM chain c JOIN aid_directory d ON d.aid = c.successor_aid
        JOIN address a ON a.site_id = d.site_id AND a.aid = d.aid) AS successors,
    (SELECT json_agg(json_build_object('aid', s.aid, 'relation', s.relation, 'event_id', s.event_id) ORDER BY s.aid)
        FROM address_succession s WHERE s.successor_aid = %(aid)s AND s.until_event IS NULL) AS predecessors,
    (SELECT json_agg(json_build_object('event_id', e.event_id, 'kind', e.kind, 'at', e.at, 'effective', e.effective,
        'actor', e.actor, 'reason', e.reason, 'source_document', e.source_document, 'reverts', e.reverts)
        ORDER BY e.event_id) FROM registry_event e WHERE e.event_id IN (SELECT event_id FROM said)) AS events
FROM target t
