-- Live addresses that nothing is known of where they are, by kind.
SELECT a.aid AS key, a.kind AS part, a.aid, a.standard_text, a.division_code, a.state
FROM address a
WHERE a.state IN ('provisional', 'current') AND a.geom IS NULL
    AND (%(low)s::text IS NULL OR (a.division_code >= %(low)s::text AND a.division_code <= %(high)s::text))
