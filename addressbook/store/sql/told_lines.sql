-- What one event did, as the change feed words it, as far as a subscriber is told: about one address, or about what
-- lies in a range of divisions or in an area, or lay there before the event. `said` is what was asked where that is all there is.
WITH line AS (
    SELECT a.event_id, a.aid AS key, a.aid, NULL AS alias, NULL AS alias_path, true AS stands, a.kind, a.state, a.name,
        a.standard_text, a.path, a.parent_aid, a.road_aid, a.plate_no, a.division_code, a.coordinate_level, a.valid_from,
        a.geom, NULL::text AS path_site, NULL::jsonb AS said
    FROM address a WHERE a.event_id = %(event)s
    UNION ALL
    SELECT v.event_id, v.aid, v.aid, NULL, NULL, true, v.kind, v.state, v.name, v.standard_text, v.path, v.parent_aid,
        v.road_aid, v.plate_no, v.division_code, v.coordinate_level, v.valid_from, v.geom, NULL, NULL
    FROM address_version v WHERE v.event_id = %(event)s AND NOT v.is_slice
    UNION ALL
    SELECT l.event_id, l.aid || ' ' || l.name COLLATE "C", l.aid, l.name, l.path, l.valid_to IS NULL, NULL, NULL, NULL,
        NULL, NULL, NULL, l.road_aid, l.plate_no, NULL, NULL, l.valid_from, NULL, l.path_site_id::text, NULL
    FROM address_alias l WHERE l.event_id = %(event)s
    UNION ALL
    SELECT e.event_id, e.request ->> 'aid', e.request ->> 'aid', NULL, NULL, true, NULL, NULL, NULL, NULL, NULL, NULL,
        NULL, NULL, NULL, NULL, NULL, NULL, NULL, e.request
    FROM registry_event e
    WHERE e.event_id = %(event)s AND e.kind IN ('identifier', 'identifier_ended', 'doubt', 'doubt_closed', 'revert')
        AND e.request ? 'aid'
    UNION ALL
    SELECT x.event_id, concat_ws(' ', x.aid, x.scheme, x.value) COLLATE "C", x.aid, NULL, NULL, true, NULL, NULL, NULL, NULL,
        NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
        jsonb_build_object('aid', x.aid, 'scheme', x.scheme, 'value', x.value)
    FROM external_identifier x JOIN registry_event e ON e.event_id = x.event_id AND e.batch_id IS NOT NULL
    WHERE x.event_id = %(event)s
),
-- Of these the event says only a name or a code: they lay where they lie, or once lay where they had been.
unmoved AS (SELECT aid FROM line GROUP BY aid HAVING bool_and(division_code IS NULL)),
place AS (
    SELECT aid, division_code, geom FROM line WHERE division_code IS NOT NULL
    UNION ALL
    SELECT v.aid, v.division_code, v.geom FROM address_version v WHERE v.until_event = %(event)s AND NOT v.is_slice
    UNION ALL
    SELECT a.aid, a.division_code, a.geom FROM address a JOIN aid_directory d ON d.site_id = a.site_id AND d.aid = a.aid
    WHERE d.aid IN (SELECT aid FROM unmoved)
    UNION ALL
    SELECT v.aid, v.division_code, v.geom
    FROM address_version v JOIN aid_directory d ON d.site_id = v.site_id AND d.aid = v.aid AND NOT v.is_slice
    WHERE d.aid IN (SELECT aid FROM unmoved)
)
SELECT line.*, e.kind AS event, e.at, e.effective, e.reverts,
    round(ST_X(line.geom)::numeric, 7)::text AS lon, round(ST_Y(line.geom)::numeric, 7)::text AS lat
FROM line JOIN registry_event e USING (event_id)
WHERE (%(aid)s::text IS NULL OR line.aid = %(aid)s::text)
    AND (%(low)s::text IS NULL OR line.aid IN (
        SELECT place.aid FROM place
        WHERE place.division_code >= %(low)s::text COLLATE "C" AND place.division_code <= %(high)s::text COLLATE "C"))
    AND (%(area)s::text IS NULL OR line.aid IN (
        SELECT place.aid FROM place JOIN area b ON b.code = %(area)s::text AND ST_Intersects(b.geom, place.geom)))
ORDER BY line.key
