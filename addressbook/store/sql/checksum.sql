-- What a mirror compares: every address ever issued as of an event, as one text each, hashed in the order of the codes.
WITH stood AS (
    SELECT aid, kind, state, standard_text, path, parent_aid, road_aid, plate_no, division_code, coordinate_level, geom
    FROM address WHERE event_id <= %(event)s
    UNION ALL
    SELECT aid, kind, state, standard_text, path, parent_aid, road_aid, plate_no, division_code, coordinate_level, geom
    FROM address_version WHERE event_id <= %(event)s AND until_event > %(event)s AND NOT is_slice
)
SELECT count(*) AS addresses, md5(coalesce(string_agg(md5(concat_ws('|', aid, kind, state, standard_text, path,
    coalesce(parent_aid, ''), coalesce(road_aid, ''), coalesce(plate_no, ''), division_code, coordinate_level,
    coalesce(round(ST_X(geom)::numeric, 7)::text, ''), coalesce(round(ST_Y(geom)::numeric, 7)::text, ''))),
    '' ORDER BY aid COLLATE "C"), '')) AS checksum
FROM stood
