-- For the addresses with a point in a division that was split: the successor in whose outline it lies, null where it
-- lies in none of those that are given. The boxes find, ST_Intersects decides.
WITH given AS MATERIALIZED (
    SELECT old, new, ST_MakeValid(ST_GeomFromText(outline, 4326)) AS geom
    FROM unnest(%(olds)s::text[], %(news)s::text[], %(outlines)s::text[]) AS q (old, new, outline)
)
SELECT a.aid, a.division_code, min(g.new) FILTER (WHERE ST_Intersects(a.geom, g.geom)) AS code
FROM address a
JOIN given g ON g.old = a.division_code
WHERE a.division_code = ANY(%(olds)s::text[]) AND a.state IN ('provisional', 'current') AND a.geom IS NOT NULL
GROUP BY a.aid, a.division_code
