-- How many addresses and open links of each kind lie in each cell of the finest grid: the tiles of WebMercatorQuad at one
-- zoom. Rooms count where their building stands.
WITH placed AS MATERIALIZED (
    SELECT site_id, aid, floor((ST_X(geom) + 180) / 360 * %(cells)s)::int AS x,
        floor((1 - ln(tan(radians(ST_Y(geom))) + 1 / cos(radians(ST_Y(geom)))) / pi()) / 2 * %(cells)s)::int AS y
    FROM address
    WHERE state IN ('provisional', 'current') AND geom IS NOT NULL AND abs(ST_Y(geom)) < 85
)
SELECT 'address' AS kind, x, y, count(*) AS count FROM placed GROUP BY x, y
UNION ALL
SELECT l.element_kind, p.x, p.y, count(*) FROM placed p
JOIN link l ON l.site_id = p.site_id AND l.aid = p.aid AND l.closed_at IS NULL
GROUP BY 1, 2, 3
