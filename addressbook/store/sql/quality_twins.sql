-- Pairs of live addresses that may be one, as far as equal values tell. Of several that are alike each is a pair with the
-- first, never with all others: so many pairs are there as addresses too many.
WITH here AS MATERIALIZED (
    SELECT aid, site_id, kind, parent_aid, road_aid, plate_no, name, path, loose_path, division_code,
        left(division_code, 9) AS town, substr(division_code, 7, 3) = '000' AS is_without_town,
        CASE WHEN coordinate_level = (%(own_levels)s::jsonb ->> kind) THEN round(ST_X(geom)::numeric, 5) END AS lon,
        CASE WHEN coordinate_level = (%(own_levels)s::jsonb ->> kind) THEN round(ST_Y(geom)::numeric, 5) END AS lat
    FROM address
    WHERE state IN ('provisional', 'current') AND kind IN ('R', 'C', 'P', 'D', 'B')
        AND (%(low)s::text IS NULL OR (division_code >= %(low)s::text AND division_code <= %(high)s::text))
),
pair AS (
    SELECT 'same_point' AS part, aid,
        first_value(aid) OVER (PARTITION BY kind, name, road_aid, lon, lat ORDER BY aid) AS other
    FROM here WHERE lon IS NOT NULL AND kind <> 'R'
    UNION
    SELECT 'same_plate', aid, first_value(aid) OVER (PARTITION BY road_aid, plate_no, town ORDER BY aid)
    FROM here WHERE road_aid IS NOT NULL
    UNION
    SELECT 'same_plate', d.aid, d.first FROM (
        SELECT aid, is_without_town,
            first_value(aid) OVER (PARTITION BY road_aid, plate_no ORDER BY is_without_town, aid) AS first
        FROM here WHERE road_aid IS NOT NULL
    ) d WHERE d.is_without_town
    UNION
    SELECT 'room_without_entrance', a.aid, b.aid
    FROM address a JOIN address b ON b.site_id = a.site_id AND b.loose_path = a.loose_path
    WHERE a.path = a.loose_path AND b.path <> b.loose_path AND a.kind = 'H' AND b.kind = 'H'
        AND a.state IN ('provisional', 'current') AND b.state IN ('provisional', 'current')
        AND (%(low)s::text IS NULL OR (a.division_code >= %(low)s::text AND a.division_code <= %(high)s::text
            AND b.division_code >= %(low)s::text AND b.division_code <= %(high)s::text))
    UNION
    SELECT 'former_name', a.aid, b.aid
    FROM address_alias l
    JOIN here b ON b.site_id = l.site_id AND b.aid = l.aid
    JOIN here a ON a.name = l.name AND a.kind = b.kind AND a.aid <> b.aid
    WHERE l.valid_to IS NULL AND l.path IS NULL AND l.road_aid IS NULL AND a.kind IN ('R', 'C', 'P')
        AND left(a.division_code, 6) = left(b.division_code, 6) AND a.parent_aid IS NOT DISTINCT FROM b.parent_aid
)
SELECT part, least(aid, other) AS aid, greatest(aid, other) AS other_aid FROM pair WHERE aid <> other
