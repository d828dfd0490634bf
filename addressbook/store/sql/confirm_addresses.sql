-- Known addresses met again by a load: provisional ones become current, points are corrected where they may be. What an
-- address was before is kept as a version, unless this very event made it.
WITH met AS (
    SELECT site_id, aid, state,
        CASE WHEN lon IS NOT NULL THEN ST_SetSRID(ST_MakePoint(lon, lat), 4326) END AS geom,
        CASE left(aid, 1) WHEN 'R' THEN 'road' WHEN 'D' THEN 'door_plate' WHEN 'B' THEN 'building'
            WHEN 'E' THEN 'entrance' WHEN 'F' THEN 'floor' WHEN 'H' THEN 'room' ELSE 'place' END AS level
    FROM unnest(%(site_id)s::bigint[], %(aid)s::text[], %(state)s::text[], %(lon)s::float8[], %(lat)s::float8[])
        AS q (site_id, aid, state, lon, lat)
),
changing AS MATERIALIZED (
    SELECT a.site_id, a.aid, m.state, m.geom, m.level
    FROM met m JOIN address a ON a.site_id = m.site_id AND a.aid = m.aid
    WHERE (a.state = 'provisional' AND m.state = 'current')
        OR (m.geom IS NOT NULL AND (
            a.geom IS NULL OR a.coordinate_level <> m.level
            OR (a.source_id = %(source)s AND NOT ST_DWithin(a.geom, m.geom, 1e-7))))
),
kept AS (
    INSERT INTO address_version (site_id, aid, own_site_id, kind, parent_aid, road_aid, plate_no, name, path,
        loose_path, standard_text, division_code, geom, coordinate_level, state, source_id, event_id, valid_from,
        valid_to, state_event_id, until_event, is_slice)
    SELECT a.site_id, a.aid, a.site_id, a.kind, a.parent_aid, a.road_aid, a.plate_no, a.name, a.path,
        a.loose_path, a.standard_text, a.division_code, a.geom, a.coordinate_level, a.state, a.source_id,
        a.event_id, a.valid_from, a.valid_to, a.state_event_id, %(event)s, false
    FROM address a JOIN changing USING (site_id, aid)
    WHERE a.event_id <> %(event)s
)
UPDATE address a SET
    state = CASE WHEN a.state = 'provisional' THEN c.state ELSE a.state END,
    geom = coalesce(c.geom, a.geom),
    coordinate_level = CASE WHEN c.geom IS NULL THEN a.coordinate_level ELSE c.level END,
    event_id = %(event)s, state_event_id = NULL
FROM changing c
WHERE a.site_id = c.site_id AND a.aid = c.aid
