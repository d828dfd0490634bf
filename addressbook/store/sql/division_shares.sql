-- Which part of each known outline of a division every new outline of the same level covers.
WITH given AS MATERIALIZED (
    SELECT code, level, ST_MakeValid(ST_GeomFromText(outline, 4326)) AS geom
    FROM unnest(%(codes)s::text[], %(levels)s::text[], %(outlines)s::text[]) AS q (code, level, outline)
)
SELECT v.code, g.code, ST_Area(ST_Intersection(v.geom, g.geom)) / ST_Area(v.geom)
FROM given g
JOIN area v ON v.kind = 'division' AND v.level = g.level AND v.geom && g.geom
WHERE ST_Area(v.geom) > 0 AND ST_Intersects(v.geom, g.geom)
