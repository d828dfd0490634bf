-- The registry's exact look-up: for each query the live addresses at its path, one statement a batch.
-- A query with a street starts at its plate: below the compound the plate belongs to, else below the plate itself.
-- An empty path below a plate means the plate. Nested loops over (site_id, path) are what is wanted: each query is one
-- index probe, whatever the number of rooms.
WITH query AS (
    SELECT * FROM unnest(
        %(n)s::int[], %(site_id)s::bigint[], %(path)s::text[], %(road_aid)s::text[], %(plate_no)s::text[], %(loose)s::bool[]
    ) AS q (n, site_id, path, road_aid, plate_no, loose)
),
base AS (
    SELECT n, site_id, path COLLATE "C" AS path, loose FROM query WHERE road_aid IS NULL
    UNION ALL
    SELECT q.n, plate.site_id,
        CASE
            WHEN q.path = '' THEN plate.path
            WHEN plate.parent_aid IS NULL THEN q.path
            ELSE concat_ws('/', substring(plate.path FROM '^(.*)/[^/]*$'), q.path) COLLATE "C"
        END,
        q.loose
    FROM query q
    JOIN address plate ON plate.road_aid = q.road_aid AND plate.plate_no = q.plate_no
        AND plate.kind = 'D' AND plate.state IN ('provisional', 'current')
    WHERE q.road_aid IS NOT NULL
),
hit AS (
    SELECT b.n, a.aid, a.site_id FROM base b
    JOIN address a ON a.site_id = b.site_id AND a.path = b.path AND a.state IN ('provisional', 'current')
    WHERE NOT b.loose
    UNION
    SELECT b.n, l.aid, l.site_id FROM base b
    JOIN address_alias l ON l.site_id = b.site_id AND l.path = b.path AND l.valid_to IS NULL
    WHERE NOT b.loose
    UNION
    SELECT b.n, a.aid, a.site_id FROM base b
    JOIN address a ON a.site_id = b.site_id AND a.loose_path = b.path AND a.state IN ('provisional', 'current')
    WHERE b.loose
)
SELECT h.n, a.aid, a.site_id, a.kind, a.path, a.standard_text, a.division_code, a.state,
    ST_X(a.geom), ST_Y(a.geom), a.coordinate_level, a.parent_aid
FROM hit h
JOIN address a ON a.site_id = h.site_id AND a.aid = h.aid
ORDER BY h.n, a.aid
