-- Counted afresh inside an outline: that of an area, or one that was drawn. The boxes find, ST_Intersects counts: a
-- float32 box alone takes in points just outside. Links that reach only a division have no point and are in no polygon.
WITH outline AS MATERIALIZED (
    SELECT geom FROM area WHERE code = %(code)s::text
    UNION ALL
    SELECT ST_GeomFromWKB(%(outline)s::bytea, 4326) WHERE %(outline)s::bytea IS NOT NULL
),
inside AS MATERIALIZED (
    SELECT a.site_id, a.aid, a.kind FROM outline o
    JOIN address a ON a.geom && o.geom AND ST_Intersects(a.geom, o.geom)
    WHERE a.state IN ('provisional', 'current')
)
SELECT 'address' AS kind, '' AS role, kind AS category, DATE '0001-01-01' AS month, count(*) AS count
FROM inside GROUP BY 3
UNION ALL
SELECT l.element_kind, l.role, l.category, l.month, count(*)
FROM inside i
JOIN link l ON l.site_id = i.site_id AND l.aid = i.aid AND l.closed_at IS NULL
GROUP BY 1, 2, 3, 4
