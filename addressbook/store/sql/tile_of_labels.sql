-- A vector tile of where the names of areas stand: one point inside each. A name that is set on an outline stands in every
-- tile that the outline touches; a point lies in one.
WITH tile AS (SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS box),
given AS (SELECT * FROM unnest(%(codes)s::text[], %(properties)s::jsonb[]) AS g (code, properties)),
placed AS MATERIALIZED (
    SELECT g.code, g.properties,
        ST_AsMVTGeom(ST_Transform(ST_PointOnSurface(ST_Simplify(v.geom, 360 / 2.0 ^ %(z)s / 512, true)), 3857), t.box, 4096, 0, true)
            AS geom
    FROM tile t CROSS JOIN given g JOIN area v ON v.code = g.code
),
kept AS MATERIALIZED (SELECT * FROM placed WHERE geom IS NOT NULL)
SELECT ST_AsMVT(kept, 'labels', 4096, 'geom') AS tile FROM kept
