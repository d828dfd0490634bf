-- The same sums counted afresh inside a boundary. The boxes find, ST_Intersects counts: a float32 box alone takes in
-- points just outside. Links that reach only a division have no point and are in no polygon.
WITH inside AS MATERIALIZED (
    SELECT a.site_id, a.aid, a.kind FROM area v
    JOIN address a ON a.geom && v.geom AND ST_Intersects(a.geom, v.geom)
    WHERE v.code = %(code)s AND a.state IN ('provisional', 'current')
),
counted AS (
    SELECT 'address' AS kind, '' AS role, kind AS category, date '0001-01-01' AS month, 1 AS located FROM inside
    UNION ALL
    SELECT l.element_kind, l.role, l.category, l.month, 1
    FROM inside i
    JOIN link l ON l.site_id = i.site_id AND l.aid = i.aid AND l.closed_at IS NULL
)
SELECT kind, located, role, category, month, count(*) AS count
FROM counted
GROUP BY GROUPING SETS ((kind, located), (kind, role), (kind, category), (kind, month))
