-- What the figures are parts of: see views/quality.py.
SELECT a.*, l.*, l.links + r.waiting AS links_and_items, s.*
FROM (
    SELECT count(*) AS addresses, count(*) FILTER (WHERE kind <> 'R') AS addresses_but_streets,
        count(geom) AS addresses_with_a_point
    FROM address
    WHERE state IN ('provisional', 'current')
        AND (%(low)s::text IS NULL OR (division_code >= %(low)s::text AND division_code <= %(high)s::text))
) a
CROSS JOIN (
    SELECT count(*) AS links FROM link
    WHERE closed_at IS NULL
        AND (%(low)s::text IS NULL OR (division_code >= %(low)s::text AND division_code <= %(high)s::text))
) l
CROSS JOIN (
    SELECT count(*) AS waiting FROM review_item
    WHERE state = 'open'
        AND (%(low)s::text IS NULL OR (division_code >= %(low)s::text AND division_code <= %(high)s::text))
) r
CROSS JOIN (
    SELECT count(*) AS sources FROM source
    WHERE name <> 'registry' AND (%(low)s::text IS NULL OR source_id IN (
        SELECT source_id FROM link
            WHERE closed_at IS NULL AND division_code >= %(low)s::text AND division_code <= %(high)s::text
        UNION SELECT source_id FROM address
            WHERE division_code >= %(low)s::text AND division_code <= %(high)s::text))
) s
