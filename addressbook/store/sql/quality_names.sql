-- Live addresses with a name, and among which their names must tell them apart.
SELECT aid, kind, name, parent_aid, division_code
FROM address
WHERE state IN ('provisional', 'current') AND kind IN ('R', 'C', 'P')
    AND (%(low)s::text IS NULL OR (division_code >= %(low)s::text AND division_code <= %(high)s::text))
