-- A vector tile of addresses: compounds and places from afar, plates and buildings from near, as many as there is room
-- for: the largest kind of each cell of the tile. Rooms are not drawn: they stand at their building's point.
WITH tile AS (SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS box),
here AS MATERIALIZED (
    SELECT a.aid, a.kind, a.name, a.standard_text, a.division_code, a.state,
        ST_AsMVTGeom(ST_Transform(a.geom, 3857), t.box, 4096, 64, true) AS geom
    FROM tile t JOIN address a ON a.geom && ST_Transform(t.box, 4326)
    WHERE a.kind IN ('C', 'D', 'B', 'P') AND a.state IN ('provisional', 'current') AND a.kind = ANY (%(kinds)s::text[])
),
thinned AS MATERIALIZED (
    SELECT DISTINCT ON (floor(ST_X(geom) / %(cell)s::float8), floor(ST_Y(geom) / %(cell)s::float8))
        aid, kind, name, standard_text AS text, division_code, state, geom
    FROM here WHERE geom IS NOT NULL
    ORDER BY floor(ST_X(geom) / %(cell)s::float8), floor(ST_Y(geom) / %(cell)s::float8), strpos('CPBD', kind), aid
    LIMIT %(most)s
)
SELECT ST_AsMVT(thinned, 'addresses', 4096, 'geom') AS tile FROM thinned
