-- Live addresses of which only the town, or less, is known, by kind. A street belongs to its county and is none of them.
SELECT a.aid AS key, a.kind AS part, a.aid, a.standard_text, a.division_code
FROM address a
WHERE a.state IN ('provisional', 'current') AND a.kind <> 'R' AND right(a.division_code, 3) = '000'
    AND (%(low)s::text IS NULL OR (a.division_code >= %(low)s::text AND a.division_code <= %(high)s::text))
