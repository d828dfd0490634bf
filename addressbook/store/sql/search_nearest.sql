-- The addresses nearest to a point, by metres on a sphere. The index orders by degrees, of which those of longitude
-- are shorter: the nearest few by degrees say how far to look, and all within that are compared. Nothing beyond
-- `farthest` is looked at, however few there are of the kinds of `letters`.
WITH point AS (SELECT ST_SetSRID(ST_MakePoint(%(lon)s::float8, %(lat)s::float8), 4326) AS geom),
around AS MATERIALIZED (
    SELECT geom, ST_Expand(geom, 1.01 * %(farthest)s::float8 / (111320 * greatest(cos(radians(%(lat)s::float8)), 0.01)),
        1.01 * %(farthest)s::float8 / 110500) AS box FROM point
),
few AS MATERIALIZED (
    SELECT ST_DistanceSphere(a.geom, p.geom) AS metres FROM around p CROSS JOIN LATERAL (
        SELECT geom FROM address
        WHERE geom && p.box AND kind = ANY (%(letters)s::text[])
            AND kind IN ('C', 'D', 'B', 'P') AND state IN ('provisional', 'current')
        ORDER BY geom <-> p.geom LIMIT %(limit)s
    ) a
),
reach AS MATERIALIZED (
    SELECT ST_Expand(p.geom, f.metres / (111320 * greatest(cos(radians(%(lat)s::float8)), 0.01)), f.metres / 110500) AS box
    FROM point p CROSS JOIN (SELECT least(max(metres), %(farthest)s::float8) * 1.01 + 1 AS metres FROM few) f
)
SELECT a.aid, a.kind, a.state, a.name, a.standard_text, a.division_code, ST_X(a.geom) AS lon, ST_Y(a.geom) AS lat,
    ST_DistanceSphere(a.geom, p.geom) AS metres
FROM point p CROSS JOIN reach r
JOIN address a ON a.geom && r.box AND a.kind IN ('C', 'D', 'B', 'P') AND a.state IN ('provisional', 'current')
    AND a.kind = ANY (%(letters)s::text[])
WHERE ST_DistanceSphere(a.geom, p.geom) <= %(farthest)s::float8
ORDER BY metres, a.aid
LIMIT %(limit)s
