-- A vector tile of areas by code with the properties given, simplified to what can be seen.
WITH tile AS (SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS box),
given AS (SELECT * FROM unnest(%(codes)s::text[], %(properties)s::jsonb[]) AS g (code, properties)),
drawn AS MATERIALIZED (
    SELECT g.code, g.properties,
        ST_AsMVTGeom(ST_Transform(ST_Simplify(v.geom, 360 / 2.0 ^ %(z)s / 2048, true), 3857), t.box, 4096, 64, true) AS geom
    FROM tile t CROSS JOIN given g JOIN area v ON v.code = g.code
),
kept AS MATERIALIZED (SELECT * FROM drawn WHERE geom IS NOT NULL)
SELECT ST_AsMVT(kept, 'areas', 4096, 'geom') AS tile FROM kept
