-- Pairs of live addresses that may be one, as far as equal values tell: each rule joins on equality, none compares all.
WITH here AS MATERIALIZED (
    SELECT aid, site_id, kind, parent_aid, road_aid, plate_no, name, path, loose_path, standard_text, division_code,
        round(ST_X(geom)::numeric, 5) AS lon, round(ST_Y(geom)::numeric, 5) AS lat,
        coordinate_level = (%(own_levels)s::jsonb ->> kind) AS has_own_point
    FROM address
    WHERE state IN ('provisional', 'current')
        AND (%(low)s::text IS NULL OR (division_code >= %(low)s::text AND division_code <= %(high)s::text))
)
SELECT 'same_point' AS part, least(a.aid, b.aid) AS aid, greatest(a.aid, b.aid) AS other_aid
FROM here a JOIN here b ON b.kind = a.kind AND b.name = a.name AND b.lon = a.lon AND b.lat = a.lat AND b.aid > a.aid
WHERE a.has_own_point AND b.has_own_point AND a.kind IN ('C', 'D', 'B', 'P')
    AND coalesce(a.road_aid, '') = coalesce(b.road_aid, '')
UNION
SELECT 'room_without_entrance', least(a.aid, b.aid), greatest(a.aid, b.aid)
FROM here a JOIN here b ON b.site_id = a.site_id AND b.loose_path = a.loose_path
WHERE a.kind = 'H' AND b.kind = 'H' AND a.path = a.loose_path AND b.path <> b.loose_path
UNION
SELECT 'same_plate', least(a.aid, b.aid), greatest(a.aid, b.aid)
FROM here a JOIN here b ON b.road_aid = a.road_aid AND b.plate_no = a.plate_no AND b.aid > a.aid
WHERE left(a.division_code, 9) = left(b.division_code, 9)
    OR '000' IN (substr(a.division_code, 7, 3), substr(b.division_code, 7, 3))
UNION
SELECT 'former_name', least(a.aid, b.aid), greatest(a.aid, b.aid)
FROM here a
JOIN address_alias l ON l.name = a.name AND l.valid_to IS NULL AND l.path IS NULL AND l.road_aid IS NULL
JOIN here b ON b.site_id = l.site_id AND b.aid = l.aid AND b.kind = a.kind AND b.aid <> a.aid
WHERE a.kind IN ('R', 'C', 'P') AND left(a.division_code, 6) = left(b.division_code, 6)
    AND coalesce(a.parent_aid, '') = coalesce(b.parent_aid, '')
