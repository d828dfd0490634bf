-- Points further than a tolerance from the outline of the deepest division of theirs that has one, by its level.
-- From outlines to points: each outline is unpacked once, and meets only the points that are said to lie in it.
SELECT a.aid AS key, d.level AS part, a.aid, a.standard_text, a.division_code, d.code AS outline, a.lon, a.lat
FROM area d
CROSS JOIN LATERAL (
    SELECT p.aid, p.standard_text, p.division_code, round(ST_X(p.geom)::numeric, 7)::float8 AS lon,
        round(ST_Y(p.geom)::numeric, 7)::float8 AS lat
    FROM address p
    WHERE p.division_code >= d.code AND p.division_code <= rpad(left(d.code, CASE
            WHEN right(d.code, 3) <> '000' THEN 12 WHEN right(d.code, 6) <> '000000' THEN 9
            WHEN right(d.code, 8) <> '00000000' THEN 6 WHEN right(d.code, 10) <> '0000000000' THEN 4 ELSE 2
        END), 12, '9')
        AND p.state IN ('provisional', 'current') AND p.geom IS NOT NULL
        AND (%(low)s::text IS NULL OR (p.division_code >= %(low)s::text AND p.division_code <= %(high)s::text))
        AND d.code = (
            SELECT max(o.code) FROM area o WHERE o.kind = 'division' AND o.code IN (
                p.division_code, left(p.division_code, 9) || '000', left(p.division_code, 6) || '000000'))
        AND NOT ST_DWithin(p.geom, d.geom, %(tolerance)s)
) a
WHERE d.kind = 'division'
