-- Points far from the middle of those that lie in the same address, and from the neighbours of their number on a street.
-- A middle is a median, which one wrong point does not pull along; distances in metres, on the sphere.
WITH here AS MATERIALIZED (
    SELECT aid, site_id, parent_aid, road_aid, plate_no, standard_text, division_code, geom
    FROM address
    WHERE state IN ('provisional', 'current') AND geom IS NOT NULL
        AND (%(low)s::text IS NULL OR (division_code >= %(low)s::text AND division_code <= %(high)s::text))
),
middle AS (
    SELECT site_id, parent_aid, count(*) AS siblings, ST_SetSRID(ST_MakePoint(
        percentile_disc(0.5) WITHIN GROUP (ORDER BY ST_X(geom)), percentile_disc(0.5) WITHIN GROUP (ORDER BY ST_Y(geom))
    ), 4326) AS geom
    FROM here WHERE parent_aid IS NOT NULL GROUP BY 1, 2 HAVING count(*) >= 3
),
street AS (
    SELECT aid, standard_text, division_code, geom, lag(geom) OVER along AS before, lead(geom) OVER along AS behind
    FROM here WHERE road_aid IS NOT NULL
    WINDOW along AS (PARTITION BY road_aid, left(division_code, 9), right(substring(plate_no FROM '\d+'), 1) IN ('1', '3', '5', '7', '9')
        ORDER BY left(substring(plate_no FROM '\d+'), 9)::int, plate_no, aid)
)
SELECT h.aid AS key, 'parent' AS part, h.aid, h.standard_text, h.division_code,
    round(ST_DistanceSphere(h.geom, m.geom))::int AS metres
FROM here h JOIN middle m ON m.site_id = h.site_id AND m.parent_aid = h.parent_aid
WHERE NOT (h.geom && ST_Expand(m.geom, 0.001)) AND ST_DistanceSphere(h.geom, m.geom) > %(far_m)s
UNION ALL
SELECT s.aid || ' ', 'street', s.aid, s.standard_text, s.division_code,
    round(least(ST_DistanceSphere(s.geom, s.before), ST_DistanceSphere(s.geom, s.behind)))::int
FROM street s
WHERE NOT (s.geom && ST_Expand(s.before, 0.001)) AND NOT (s.geom && ST_Expand(s.behind, 0.001))
    AND ST_DistanceSphere(s.geom, s.before) > %(far_m)s AND ST_DistanceSphere(s.geom, s.behind) > %(far_m)s
    AND ST_DistanceSphere(s.before, s.behind) <= %(far_m)s
