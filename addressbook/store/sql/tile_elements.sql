-- A vector tile of elements of one kind at their addresses: where, in which role, of which category. Those of one kind
-- and role in a cell of the tile are one point with their number; of a single one its key is told.
-- Links are looked up by site, of which a tile has hundreds, not by room, of which it has thousands.
WITH tile AS (SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS box),
site AS MATERIALIZED (
    SELECT DISTINCT a.site_id FROM tile t JOIN address a ON a.geom && ST_Transform(t.box, 4326)
    WHERE a.state IN ('provisional', 'current')
),
linked AS MATERIALIZED (
    SELECT l.site_id, l.aid, l.element_key, l.role, l.category FROM link l
    WHERE l.site_id = ANY (ARRAY(SELECT site_id FROM site)) AND l.closed_at IS NULL
        AND l.element_kind IN ('enterprise', 'thing') AND l.element_kind = %(kind)s::text
),
placed AS MATERIALIZED (
    SELECT a.aid, ST_AsMVTGeom(ST_Transform(a.geom, 3857), t.box, 4096, 64, true) AS geom,
        l.element_key, l.role, l.category
    FROM linked l CROSS JOIN tile t
    JOIN address a ON a.site_id = l.site_id AND a.aid = l.aid AND a.state IN ('provisional', 'current')
),
grouped AS MATERIALIZED (
    SELECT count(*) AS count, min(aid) AS aid, role,
        CASE WHEN count(DISTINCT category) = 1 THEN min(category) END AS category,
        CASE WHEN count(*) = 1 THEN min(element_key::text) END AS element_key,
        ST_SetSRID(ST_MakePoint(round(avg(ST_X(geom))), round(avg(ST_Y(geom)))), 0) AS geom
    FROM placed WHERE geom IS NOT NULL
    GROUP BY role, floor(ST_X(geom) / %(cell)s::float8), floor(ST_Y(geom) / %(cell)s::float8)
    ORDER BY 1 DESC LIMIT %(most)s
)
SELECT ST_AsMVT(grouped, %(layer)s, 4096, 'geom') AS tile FROM grouped
