-- What a mirror compares: every address ever issued and every alias in force as of an event, each with all that the feed
-- says of it as one text, hashed in the order of the codes.
WITH stood AS (
    SELECT aid, kind, state, name, standard_text, path, parent_aid, road_aid, plate_no, division_code, coordinate_level,
        geom, valid_from
    FROM address WHERE event_id <= %(event)s
    UNION ALL
    SELECT aid, kind, state, name, standard_text, path, parent_aid, road_aid, plate_no, division_code, coordinate_level,
        geom, valid_from
    FROM address_version WHERE event_id <= %(event)s AND until_event > %(event)s AND NOT is_slice
),
named AS (
    SELECT aid, name, path, path_site_id, road_aid, plate_no, valid_from FROM address_alias
    WHERE known_from <= %(event)s AND (valid_to IS NULL OR event_id > %(event)s)
),
addresses AS (
    SELECT count(*) AS number, md5(coalesce(string_agg(md5(concat_ws('|', aid, kind, state, name, standard_text, path,
        coalesce(parent_aid, ''), coalesce(road_aid, ''), coalesce(plate_no, ''), division_code, coordinate_level,
        coalesce(round(ST_X(geom)::numeric, 7)::text, ''), coalesce(round(ST_Y(geom)::numeric, 7)::text, ''),
        coalesce(valid_from::text, ''))), '' ORDER BY aid COLLATE "C"), '')) AS checksum
    FROM stood
),
aliases AS (
    SELECT count(*) AS number, md5(coalesce(string_agg(md5(concat_ws('|', aid, name, coalesce(path, ''),
        coalesce(path_site_id::text, ''), coalesce(road_aid, ''), coalesce(plate_no, ''),
        coalesce(valid_from::text, ''))), '' ORDER BY aid COLLATE "C", name COLLATE "C"), '')) AS checksum
    FROM named
)
SELECT a.number AS addresses, l.number AS aliases, md5(a.checksum || l.checksum) AS checksum FROM addresses a, aliases l
