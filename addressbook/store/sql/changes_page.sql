-- A page of the feed: addresses as an event left them and aliases as it put or ended them, in the order of events.
-- Whoever begins anew is not told what had ended by the transaction `begun`.
-- Each branch is cut before it is joined, and an event is at most a chunk of a load: a page costs the same wherever it is.
WITH line AS (
    (SELECT a.event_id, a.aid AS key, a.aid, NULL AS alias, NULL AS alias_path, NULL AS path_site, true AS stands, a.kind, a.state, a.name,
        a.standard_text, a.path, a.parent_aid, a.road_aid, a.plate_no, a.division_code, a.coordinate_level, a.valid_from,
        a.geom
    FROM address a WHERE (a.event_id, a.aid) > (%(event)s, %(key)s) AND a.event_id <= %(until)s
    ORDER BY a.event_id, a.aid LIMIT %(limit)s)
    UNION ALL
    (SELECT v.event_id, v.aid, v.aid, NULL, NULL, NULL, true, v.kind, v.state, v.name, v.standard_text, v.path, v.parent_aid,
        v.road_aid, v.plate_no, v.division_code, v.coordinate_level, v.valid_from, v.geom
    FROM address_version v
    WHERE (v.event_id, v.aid) > (%(event)s, %(key)s) AND v.event_id <= %(until)s AND NOT v.is_slice
        AND v.until_event > %(begun)s
    ORDER BY v.event_id, v.aid LIMIT %(limit)s)
    UNION ALL
    (SELECT l.event_id, l.aid || ' ' || l.name COLLATE "C", l.aid, l.name, l.path, l.path_site_id::text, l.valid_to IS NULL, NULL, NULL, NULL,
        NULL, NULL, NULL, l.road_aid, l.plate_no, NULL, NULL, l.valid_from, NULL
    FROM address_alias l
    WHERE (l.event_id, l.aid || ' ' || l.name COLLATE "C") > (%(event)s, %(key)s) AND l.event_id <= %(until)s
        AND (l.valid_to IS NULL OR l.event_id > %(begun)s)
    ORDER BY l.event_id, 2 LIMIT %(limit)s)
)
SELECT line.*, e.kind AS event, e.at, e.effective, e.reverts,
    round(ST_X(line.geom)::numeric, 7)::text AS lon, round(ST_Y(line.geom)::numeric, 7)::text AS lat
FROM line JOIN registry_event e USING (event_id)
ORDER BY event_id, key
LIMIT %(limit)s
