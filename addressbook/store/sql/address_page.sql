-- One page of addresses after (division_code, aid), which is an index's order: live ones, or those of the codes given
-- whatever their state. Absent filters are null.
-- The boxes are compared first, as the index can; ST_Intersects then settles what float32 boxes get wrong.
SELECT a.aid, a.kind, a.state, a.name, a.standard_text, a.plate_no, a.parent_aid, a.road_aid, a.division_code,
    a.coordinate_level, round(ST_X(a.geom)::numeric, 7)::float8 AS lon, round(ST_Y(a.geom)::numeric, 7)::float8 AS lat
FROM address a
WHERE (a.state IN ('provisional', 'current') OR %(aids)s::text[] IS NOT NULL)
    AND (%(low)s::text IS NULL OR (a.division_code >= %(low)s::text AND a.division_code <= %(high)s::text))
    AND (%(kinds)s::text[] IS NULL OR a.kind = ANY (%(kinds)s::text[]))
    AND (%(aids)s::text[] IS NULL OR a.aid = ANY (%(aids)s::text[]))
    AND (%(name)s::text IS NULL OR (a.kind IN ('R', 'C', 'P') AND a.name LIKE %(name)s::text))
    AND (%(west)s::float8 IS NULL OR (
        a.geom && ST_MakeEnvelope(%(west)s::float8, %(south)s::float8, %(east)s::float8, %(north)s::float8, 4326)
        AND ST_Intersects(
            a.geom, ST_MakeEnvelope(%(west)s::float8, %(south)s::float8, %(east)s::float8, %(north)s::float8, 4326))))
    AND (%(after_division)s::text IS NULL
        OR (a.division_code, a.aid) > (%(after_division)s::text COLLATE "C", %(after_aid)s::text COLLATE "C"))
ORDER BY a.division_code, a.aid
LIMIT %(limit)s
