-- Persons by square of 1/400 of a degree, of every square with an address in it whose middle lies in an area or in an
-- outline: from squares that are counted already, and from the links where they are stale.
WITH shape AS MATERIALIZED (
    SELECT code, geom FROM area WHERE code = ANY (%(codes)s::text[])
    UNION ALL
    SELECT '', ST_GeomFromWKB(%(outline)s::bytea, 4326) WHERE %(outline)s::bytea IS NOT NULL
),
stale AS MATERIALIZED (SELECT division_code FROM area_tiling WHERE stale_since IS NOT NULL),
placed AS MATERIALIZED (
    SELECT a.site_id, a.aid, floor(ST_X(a.geom) * 1600)::int >> 2 AS x, floor(ST_Y(a.geom) * 1600)::int >> 2 AS y
    FROM address a
    WHERE EXISTS (SELECT FROM stale) AND a.division_code = ANY (ARRAY(SELECT division_code FROM stale))
        AND a.state IN ('provisional', 'current') AND a.geom IS NOT NULL
        AND a.geom && (SELECT ST_Expand(ST_SetSRID(ST_Extent(geom)::geometry, 4326), 0.01) FROM shape)
),
counted AS (
    SELECT x, y, jsonb_build_object('role', jsonb_build_object(role, count(*)),
        'category', jsonb_build_object(category, count(*))) AS counts
    FROM placed p JOIN link l ON l.site_id = p.site_id AND l.aid = p.aid AND l.closed_at IS NULL
    WHERE l.element_kind = 'person'
    GROUP BY x, y, role, category
    UNION ALL
    SELECT DISTINCT x, y, NULL::jsonb FROM placed
)
SELECT s.code, t.x, t.y, t.counts #- '{person,month}' -> 'person' AS counts
FROM shape s
JOIN area_tile t ON t.step = 2
    AND t.x BETWEEN floor(ST_XMin(s.geom) * 400)::int AND floor(ST_XMax(s.geom) * 400)::int
    AND t.y BETWEEN floor(ST_YMin(s.geom) * 400)::int AND floor(ST_YMax(s.geom) * 400)::int
WHERE t.division_code NOT IN (SELECT division_code FROM stale)
    AND ST_Intersects(s.geom, ST_SetSRID(ST_MakePoint((t.x + 0.5) / 400, (t.y + 0.5) / 400), 4326))
UNION ALL
SELECT s.code, c.x, c.y, c.counts
FROM shape s
JOIN counted c ON ST_Intersects(s.geom, ST_SetSRID(ST_MakePoint((c.x + 0.5) / 400, (c.y + 0.5) / 400), 4326))
