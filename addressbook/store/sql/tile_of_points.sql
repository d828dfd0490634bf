-- A vector tile of points given in the tile's own coordinates, with the properties given.
WITH given AS MATERIALIZED (
    SELECT ST_MakePoint(g.x, g.y) AS geom, g.properties
    FROM unnest(%(xs)s::int[], %(ys)s::int[], %(properties)s::jsonb[]) AS g (x, y, properties)
)
SELECT ST_AsMVT(given, %(layer)s, 4096, 'geom') AS tile FROM given
