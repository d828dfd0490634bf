-- A vector tile of elements of one kind at their addresses: where, in which role, of which category. Those of one kind
-- and role in a cell of the tile are one point with their number; of a single one its key is told.
-- Links are looked up by site, of which a tile has hundreds, not by room, of which it has thousands. They are put together
-- by address before that is looked up, and by point before that is projected: many firms have one room, many rooms a point.
-- The box of the sites is written out, so that the planner sees how many addresses it holds, and reads them page by page.
WITH tile AS (SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS box),
site AS MATERIALIZED (
    SELECT DISTINCT a.site_id
    FROM address a WHERE a.geom && ST_Transform(ST_TileEnvelope(%(z)s, %(x)s, %(y)s), 4326)
),
linked AS MATERIALIZED (
    SELECT l.site_id, l.aid, l.role, count(*) AS count, min(l.category) AS category, max(l.category) AS last_category,
        min(l.element_key::text) AS element_key
    FROM link l
    WHERE l.site_id = ANY (ARRAY(SELECT site_id FROM site)) AND l.closed_at IS NULL
        AND l.element_kind IN ('enterprise', 'thing') AND l.element_kind = %(kind)s::text
    GROUP BY l.site_id, l.aid, l.role
),
at_point AS MATERIALIZED (
    SELECT a.geom AS point, l.role, sum(l.count) AS count, min(l.aid) AS aid, min(l.category) AS category,
        max(l.last_category) AS last_category, min(l.element_key) AS element_key
    FROM linked l JOIN address a ON a.site_id = l.site_id AND a.aid = l.aid AND a.state IN ('provisional', 'current')
    GROUP BY a.geom, l.role
),
placed AS MATERIALIZED (
    SELECT p.*, ST_AsMVTGeom(ST_Transform(p.point, 3857), t.box, 4096, 64, true) AS geom FROM at_point p CROSS JOIN tile t
),
grouped AS MATERIALIZED (
    SELECT sum(count)::bigint AS count, min(aid) AS aid, role,
        CASE WHEN min(category) = max(last_category) THEN min(category) END AS category,
        CASE WHEN sum(count) = 1 THEN min(element_key) END AS element_key,
        ST_SetSRID(ST_MakePoint(
            round(sum(ST_X(geom) * count) / sum(count)::float8), round(sum(ST_Y(geom) * count) / sum(count)::float8)), 0) AS geom
    FROM placed WHERE geom IS NOT NULL
    GROUP BY role, floor(ST_X(geom) / %(cell)s::float8), floor(ST_Y(geom) / %(cell)s::float8)
    ORDER BY 1 DESC, 2, 3 LIMIT %(most)s
)
SELECT ST_AsMVT(grouped, %(layer)s, 4096, 'geom') AS tile FROM grouped
