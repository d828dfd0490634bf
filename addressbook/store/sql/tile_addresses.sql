-- A vector tile of addresses: compounds and places from afar, plates, buildings and streets from near, as many as there is
-- room for: the largest kind of each cell of the tile. Rooms are not drawn: they stand at their building's point.
-- Streets are few and have no index of points to themselves: they are looked for only where a tile is small.
WITH tile AS (SELECT ST_TileEnvelope(%(z)s, %(x)s, %(y)s) AS box),
found AS (
    SELECT a.aid, a.kind, a.name, a.standard_text, a.division_code, a.state, a.geom
    FROM tile t JOIN address a ON a.geom && ST_Transform(t.box, 4326)
    WHERE a.kind IN ('C', 'D', 'B', 'P') AND a.state IN ('provisional', 'current') AND a.kind = ANY (%(kinds)s::text[])
    UNION ALL
    SELECT a.aid, a.kind, a.name, a.standard_text, a.division_code, a.state, a.geom
    FROM tile t JOIN address a ON a.geom && ST_Transform(t.box, 4326)
    WHERE 'R' = ANY (%(kinds)s::text[]) AND a.kind = 'R' AND a.state IN ('provisional', 'current')
),
here AS MATERIALIZED (
    SELECT f.aid, f.kind, f.name, f.standard_text, f.division_code, f.state,
        ST_AsMVTGeom(ST_Transform(f.geom, 3857), t.box, 4096, 64, true) AS geom
    FROM tile t CROSS JOIN found f
),
thinned AS MATERIALIZED (
    SELECT DISTINCT ON (floor(ST_X(geom) / %(cell)s::float8), floor(ST_Y(geom) / %(cell)s::float8))
        aid, kind, name, standard_text AS text, division_code, state, geom
    FROM here WHERE geom IS NOT NULL
    ORDER BY floor(ST_X(geom) / %(cell)s::float8), floor(ST_Y(geom) / %(cell)s::float8), strpos('CPBDR', kind), aid
    LIMIT %(most)s
)
SELECT ST_AsMVT(thinned, 'addresses', 4096, 'geom') AS tile FROM thinned
