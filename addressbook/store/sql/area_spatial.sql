-- What lies inside an outline, that of an area or one that was drawn: from squares that lie in it whole, coarse ones
-- first, and point by point in the finest squares that its edge cuts, and in divisions whose squares are stale.
-- The boxes find, ST_Intersects counts: a float32 box alone takes in points just outside. A square is drawn a hair
-- larger than it is (1e-7 of a degree), so that no rounding of a point lies outside its square.
WITH outline AS MATERIALIZED (
    SELECT geom, floor((ST_XMin(geom) - 1e-7) * 25)::int AS west, floor((ST_XMax(geom) + 1e-7) * 25)::int AS east,
        floor((ST_YMin(geom) - 1e-7) * 25)::int AS south, floor((ST_YMax(geom) + 1e-7) * 25)::int AS north
    FROM (
        SELECT geom FROM area WHERE code = %(code)s::text
        UNION ALL
        SELECT ST_GeomFromWKB(%(outline)s::bytea, 4326) WHERE %(outline)s::bytea IS NOT NULL
    ) AS given
),
stale AS MATERIALIZED (SELECT division_code FROM area_tiling WHERE stale_since IS NOT NULL),
step0 AS MATERIALIZED (
    SELECT t.division_code, t.x, t.y, t.counts, ST_Covers(o.geom, b.box) AS whole
    FROM outline o
    JOIN area_tile t ON t.step = 0 AND t.x BETWEEN o.west AND o.east AND t.y BETWEEN o.south AND o.north
    CROSS JOIN LATERAL (SELECT ST_MakeEnvelope(t.x / 25.0 - 1e-7, t.y / 25.0 - 1e-7, (t.x + 1) / 25.0 + 1e-7,
        (t.y + 1) / 25.0 + 1e-7, 4326) AS box) AS b
    WHERE ST_Intersects(o.geom, b.box) AND t.division_code NOT IN (SELECT division_code FROM stale)
),
step1 AS MATERIALIZED (
    SELECT t.division_code, t.x, t.y, t.counts, ST_Covers(o.geom, b.box) AS whole
    FROM outline o
    CROSS JOIN step0 p
    JOIN area_tile t ON t.division_code = p.division_code AND t.step = 1
        AND t.x BETWEEN p.x * 4 AND p.x * 4 + 3 AND t.y BETWEEN p.y * 4 AND p.y * 4 + 3
    CROSS JOIN LATERAL (SELECT ST_MakeEnvelope(t.x / 100.0 - 1e-7, t.y / 100.0 - 1e-7, (t.x + 1) / 100.0 + 1e-7,
        (t.y + 1) / 100.0 + 1e-7, 4326) AS box) AS b
    WHERE NOT p.whole AND ST_Intersects(o.geom, b.box)
),
step2 AS MATERIALIZED (
    SELECT t.division_code, t.x, t.y, t.counts, ST_Covers(o.geom, b.box) AS whole
    FROM outline o
    CROSS JOIN step1 p
    JOIN area_tile t ON t.division_code = p.division_code AND t.step = 2
        AND t.x BETWEEN p.x * 4 AND p.x * 4 + 3 AND t.y BETWEEN p.y * 4 AND p.y * 4 + 3
    CROSS JOIN LATERAL (SELECT ST_MakeEnvelope(t.x / 400.0 - 1e-7, t.y / 400.0 - 1e-7, (t.x + 1) / 400.0 + 1e-7,
        (t.y + 1) / 400.0 + 1e-7, 4326) AS box) AS b
    WHERE NOT p.whole AND ST_Intersects(o.geom, b.box)
),
step3 AS MATERIALIZED (
    SELECT t.division_code, t.x, t.y, t.counts, b.box, ST_Covers(o.geom, b.box) AS whole
    FROM outline o
    CROSS JOIN step2 p
    JOIN area_tile t ON t.division_code = p.division_code AND t.step = 3
        AND t.x BETWEEN p.x * 4 AND p.x * 4 + 3 AND t.y BETWEEN p.y * 4 AND p.y * 4 + 3
    CROSS JOIN LATERAL (SELECT ST_MakeEnvelope(t.x / 1600.0 - 1e-7, t.y / 1600.0 - 1e-7, (t.x + 1) / 1600.0 + 1e-7,
        (t.y + 1) / 1600.0 + 1e-7, 4326) AS box) AS b
    WHERE NOT p.whole AND ST_Intersects(o.geom, b.box)
),
cut AS MATERIALIZED (
    SELECT a.site_id, a.aid, a.kind, a.geom FROM step3 t
    JOIN address a ON a.geom && t.box AND a.division_code = t.division_code
        AND floor(ST_X(a.geom) * 1600)::int = t.x AND floor(ST_Y(a.geom) * 1600)::int = t.y
    WHERE NOT t.whole AND a.state IN ('provisional', 'current')
),
one_by_one AS MATERIALIZED (
    SELECT a.site_id, a.aid, a.kind FROM outline o JOIN cut a ON ST_Intersects(a.geom, o.geom)
    UNION ALL
    SELECT a.site_id, a.aid, a.kind FROM outline o
    JOIN address a ON a.geom && o.geom AND ST_Intersects(a.geom, o.geom)
    WHERE EXISTS (SELECT FROM stale) AND a.division_code IN (SELECT division_code FROM stale)
        AND a.state IN ('provisional', 'current')
),
linked AS MATERIALIZED (
    SELECT i.aid, l.element_kind AS kind, l.role, l.category, l.month
    FROM one_by_one i JOIN link l ON l.site_id = i.site_id AND l.aid = i.aid AND l.closed_at IS NULL
)
SELECT counts, NULL AS kind, NULL AS role, NULL AS category, NULL::date AS month, NULL::bigint AS count
FROM (SELECT counts, whole FROM step0 UNION ALL SELECT counts, whole FROM step1 UNION ALL SELECT counts, whole FROM step2
    UNION ALL SELECT counts, whole FROM step3) AS found
WHERE whole
UNION ALL
SELECT NULL, 'address', '', kind, DATE '0001-01-01', count(*) FROM one_by_one GROUP BY kind
UNION ALL
SELECT NULL, kind, role, category, month, count(*) FROM linked GROUP BY kind, role, category, month
UNION ALL
(SELECT NULL, 'top', aid, '', NULL, count(*) FROM linked WHERE kind = 'event' GROUP BY aid ORDER BY count(*) DESC, aid
    LIMIT %(top)s)
