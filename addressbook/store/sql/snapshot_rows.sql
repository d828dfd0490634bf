-- Every address ever issued as an event left it, in the order of the codes.
SELECT aid, kind, state, name, standard_text, path, parent_aid, road_aid, plate_no, division_code, coordinate_level,
    valid_from::text, event_id, lon, lat, point
FROM (
    SELECT aid, kind, state, name, standard_text, path, parent_aid, road_aid, plate_no, division_code, coordinate_level,
        valid_from, event_id, ST_X(geom) AS lon, ST_Y(geom) AS lat, ST_AsBinary(geom) AS point
    FROM address WHERE event_id <= %(event)s
    UNION ALL
    SELECT aid, kind, state, name, standard_text, path, parent_aid, road_aid, plate_no, division_code, coordinate_level,
        valid_from, event_id, ST_X(geom), ST_Y(geom), ST_AsBinary(geom)
    FROM address_version WHERE event_id <= %(event)s AND until_event > %(event)s AND NOT is_slice
) stood
ORDER BY aid COLLATE "C"
