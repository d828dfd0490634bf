-- Points further than a tolerance from the outline of the deepest division of theirs that has one, by its level.
-- Outline by outline (OFFSET 0 keeps it so): each is unpacked once, and nearly all points are inside, which is quick to
-- tell of an outline that stays the same; the distance is asked only of the others.
WITH outline AS MATERIALIZED (
    SELECT p.division_code, d.code, d.level, d.geom
    FROM (
        SELECT DISTINCT division_code FROM address
        WHERE state IN ('provisional', 'current') AND geom IS NOT NULL
            AND (%(low)s::text IS NULL OR (division_code >= %(low)s::text AND division_code <= %(high)s::text))
    ) p
    CROSS JOIN LATERAL (
        SELECT o.code, o.level, o.geom FROM area o
        WHERE o.kind = 'division' AND o.code IN (
            p.division_code, left(p.division_code, 9) || '000', left(p.division_code, 6) || '000000')
        ORDER BY o.code DESC LIMIT 1
    ) d
)
SELECT a.aid AS key, o.level AS part, a.aid, a.standard_text, a.division_code, o.code AS outline, a.lon, a.lat
FROM outline o
CROSS JOIN LATERAL (
    SELECT p.aid, p.standard_text, p.division_code, round(ST_X(p.geom)::numeric, 7)::float8 AS lon,
        round(ST_Y(p.geom)::numeric, 7)::float8 AS lat
    FROM address p
    WHERE p.division_code = o.division_code AND p.state IN ('provisional', 'current') AND p.geom IS NOT NULL
        AND CASE WHEN ST_Intersects(o.geom, p.geom) THEN false ELSE NOT ST_DWithin(o.geom, p.geom, %(tolerance)s) END
    OFFSET 0
) a
