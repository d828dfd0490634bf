-- Live addresses drawn at the point of what they lie in, for want of their own, by kind.
SELECT a.aid AS key, a.kind AS part, a.aid, a.standard_text, a.division_code, a.coordinate_level
FROM address a
WHERE a.state IN ('provisional', 'current') AND a.geom IS NOT NULL
    AND a.coordinate_level IS DISTINCT FROM (%(own_levels)s::jsonb ->> a.kind)
    AND (%(low)s::text IS NULL OR (a.division_code >= %(low)s::text AND a.division_code <= %(high)s::text))
